"""Deciding on a request to destroy a version: a beheerder who did not ask confirms it, or refuses with a reason.

A beheerder has no reading right of its own, so these pages show which version it is and never what is in it.
"""

from typing import Any

from flask import current_app, redirect, render_template, request, url_for

from portal import db, web
from portal.access import guard
from portal.access.permissions import Permission, asks_factor, requires
from portal.admin.views import blueprint
from portal.editions.traces import clear
from portal.lib.errors import Conflict, InvalidInput
from portal.publishing.destruction import destroy, edits_to_go, refuse, request_by_id
from portal.releases.models import Destruction, Visibility

deciding = requires(Permission.VERSION_DESTROY)


@blueprint.get("/vernietigen/<int:number>")
@deciding
@asks_factor
def destruction(number: int) -> Any:
    """One request: which version, who asked and why; or what became of it."""
    return _page(request_by_id(db.session(), number))


@blueprint.post("/vernietigen/<int:number>")
@deciding
@asks_factor
def decide_destruction(number: int) -> Any:
    """Confirm or refuse. What is confirmed is gone when this is answered, but for files that somebody has open."""
    session, by, now = db.session(), guard.actor(), web.request_time()
    asked = request_by_id(session, number, lock=True)
    try:
        if request.form.get("doe") == "weiger":
            refuse(session, asked, answer=request.form.get("antwoord", ""), by=by, at=now)
        elif request.form.get("zeker") == "ja":
            destroy(session, asked, by=by, at=now)
        else:
            return _page(asked, 422, {"zeker": "Zet een vinkje: vernietigen kan niemand terugdraaien."})
    except InvalidInput as error:
        return _page(asked, error.status, {"antwoord": str(error)})
    except Conflict as error:
        return _page(asked, error.status, problem=str(error))
    session.commit()
    clear(db.database(), current_app.config["PORTAL"], now)
    return redirect(url_for("admin.destruction", number=number), code=303)


def _page(asked: Destruction, status: int = 200, faults: dict[str, str] | None = None, problem: str = "") -> Any:
    version = asked.version
    shown = version is not None and version.item.visibility == Visibility.ALLE
    page = render_template(
        "admin/vernietigen.html",
        asked=asked,
        version=version,
        title=version.data["titel"] if version is not None and shown else "",
        is_own=asked.asked_by == guard.person().id,
        edits=edits_to_go(db.session(), asked.code),
        faults=faults or {},
        problem=problem,
        typed=request.form,
    )
    return page, status
