"""Asking for the second factor again before a risky action, and losing nothing of what was typed.

The page that asks holds the fields of the form that was sent. When the factor is right, the browser sends them on to
where they were going (RFC 9110, 307), so a view that asks (``permissions.asks_factor``) knows nothing of it. A file is
not kept: a page that takes one asks when it is opened, and what is sent ten minutes later is chosen again.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, redirect, render_template, request, url_for

from portal import db, web
from portal.access import guard
from portal.access.doors import Door, ask_again, doors
from portal.access.permissions import does_ask_factor, is_before_factor
from portal.access.sign_in import remember
from portal.factors.forms import CodeForm
from portal.factors.operations import Vault, is_fresh
from portal.factors.passkeys import RelyingParty, localhost_of, relying_party
from portal.factors.queries import held
from portal.lib.errors import NotSignedIn

OURS = "factor_"
READING = ("GET", "HEAD")
FILE = ".csv"


@dataclass(frozen=True)
class Kept:
    """What a person was doing when they were asked: the address, whether a form was sent to it, and its fields."""

    target: str
    sends: bool
    fields: tuple[tuple[str, str], ...]

    @classmethod
    def of_request(cls) -> "Kept":
        """Return what this request wanted."""
        target = request.full_path.rstrip("?")
        if request.path.endswith(FILE):  # a file opens no page, and the one that asked would stay where it is
            came = urlsplit(request.referrer or "")
            target = url_for("factors.ready", bestand=target, terug=came._replace(scheme="", netloc="").geturl())
        return cls(target, request.method not in READING, _fields())

    @classmethod
    def of_form(cls) -> "Kept | None":
        """Return what the page that asked kept; None when it kept nothing, or not an address of ours."""
        target = own_address(request.form.get("factor_target", ""))
        if not target:
            return None
        return cls(target, request.form.get("factor_sends") == "ja", _fields())

    @property
    def typed(self) -> bool:
        """Whether somebody filled this in: a form of a page of its own. Any other is a button with hidden fields."""
        addresses = current_app.create_url_adapter(request)
        has_page = addresses is not None and addresses.test(urlsplit(self.target).path, method="GET")
        return has_page and bool(self.fields)

    def go_on(self) -> Any:
        """Send the browser on with what was kept."""
        return redirect(self.target, code=307 if self.sends else 303)


def own_address(typed: str) -> str:
    """Return an address that leads within the portal; nothing for any other."""
    parts = urlsplit(typed)
    leads_away = not typed.startswith("/") or typed.startswith("//") or "\\" in typed or parts.scheme or parts.netloc
    return "" if leads_away else typed


def _fields() -> tuple[tuple[str, str], ...]:
    told = request.form.items(multi=True)
    return tuple((name, text) for name, text in told if name != "csrf_token" and not name.startswith(OURS))


def init_app(app: Flask) -> None:
    """Ask behind the door: the guard has let the person in, and the form token was right."""
    app.before_request(_ask_again)
    app.jinja_env.globals.update(passkeypartij=party, localhost=lambda: localhost_of(web.config()))


def vault() -> Vault:
    """Return what this installation brings to keeping factors."""
    return Vault(web.config(), current_app.extensions["portal_seal"])


def party() -> RelyingParty | None:
    """Return who asks for passkeys on this page; None where they cannot work."""
    return relying_party(web.config(), request.host)


def _ask_again() -> Any:
    view, visitor = current_app.view_functions.get(request.endpoint or ""), guard.visitor()
    if view is None or visitor is None or not does_ask_factor(view) or not web.config().second_factor:
        return None
    if is_fresh(visitor.row, web.request_time()):
        return None
    if is_before_factor(view) and visitor.row.factor_at is None and not held(db.session(), visitor.person.id).any:
        return None  # the first one is being set up
    if not visitor.waiting:
        return ask_page(Kept.of_request()), 403
    if request.method not in READING:
        raise NotSignedIn
    return redirect(url_for("factors.ask"), code=303)


def ask_page(kept: Kept | None, form: CodeForm | None = None, problem: str = "") -> str:
    """Return the page that asks for the factor; with what was kept, it is asked again."""
    visitor = guard.visitor()
    if visitor is None:
        raise NotSignedIn
    form, mine = form or CodeForm(formdata=None), held(db.session(), visitor.person.id)
    if not mine.app:
        form.factor_code.label.text = "Herstelcode"
    return render_template(
        "factors/bevestigen.html",
        kept=kept,
        held=mine,
        door=None if mine.any or visitor.waiting else _door_again(visitor),
        form=form,
        problem=problem,
    )


def _door_again(visitor: guard.SignedIn) -> Door | None:
    """Return where somebody shows the factor anew who shows it to their own organisation only.

    It asks for a password there. A page that was asked for is where they come back; a form stays here meanwhile.
    """
    door = doors().of_session(visitor.row)
    if door is None:
        return None
    ask_again()
    if request.method == "GET":
        with db.passing_note() as note:
            remember(note, browser=guard.browser(), target=Kept.of_request().target, at=web.request_time())
    return door
