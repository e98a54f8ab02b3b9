"""Choosing to get mail about changes or not: with the link in the mail, or signed in."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for

from portal import db, web
from portal.access import guard
from portal.access.permissions import Permission, public, requires
from portal.bulletins.keys import person_of
from portal.bulletins.operations import choose

blueprint = Blueprint("bulletins", __name__)


def init_app(app: Flask) -> None:
    """Add the pages. One form needs no token: a mail program sends it, and the key in its address is the proof."""
    app.register_blueprint(blueprint)
    app.extensions["csrf"].exempt(stop)


@blueprint.get("/toegang/berichten/<key>")
@public
def ask_stop(key: str) -> str:
    """Ask before the mail stops. It does nothing at all, not even look at the key: filters follow links."""
    return render_template("bulletins/berichten.html", found="")


@blueprint.post("/toegang/berichten/<key>")
@public
def stop(key: str) -> tuple[str, int]:
    """Stop the mail of the person whose key this is, or start it again; once more is fine.

    No redirect follows: a mail program may not go after one (RFC 8058, section 3.1).
    """
    person, wanted = person_of(db.session(), web.config(), key), _is_wanted()
    if person is None:
        return render_template("bulletins/berichten.html", found="onbekend"), 404
    by = replace(guard.actor(), person_id=person.id)
    choose(db.session(), person, wanted, by=by, at=web.request_time(), by_key=True)
    return render_template("bulletins/berichten.html", found="aan" if wanted else "uit"), 200


@blueprint.post("/wijzigingen/berichten")
@requires(Permission.BULLETIN_CHOOSE_OWN)
def choose_own() -> Any:
    """Choose for oneself, at the page of changes."""
    choose(db.session(), guard.person(), _is_wanted(), by=guard.actor(), at=web.request_time())
    return redirect(url_for("handbook.change_list", _anchor="berichten"), code=303)


def _is_wanted() -> bool:
    return request.form.get("berichten") == "ja"
