"""Asking to destroy a version: an editor asks here, a beheerder decides (/beheer/vernietigen)."""

from typing import Any

from flask import request

from portal import db, web
from portal.access import guard
from portal.access.permissions import asks_factor
from portal.desk.pages import blueprint, editing, page, to
from portal.lib.errors import Conflict, InvalidInput, NotFound
from portal.publishing.destruction import (
    ask_destruction,
    edits_to_go,
    request_by_id,
    requests_for,
    same_elsewhere,
    take_back,
    version_to_destroy,
)
from portal.releases.models import Version
from portal.releases.queries import waiting_destruction


@blueprint.get("/onderdelen/<code>/versies/<int:number>/vernietigen")
@editing
@asks_factor
def ask_destroy(code: str, number: int) -> Any:
    """The form in which an editor asks to destroy a version, or how it stands with what was asked."""
    return _page(version_to_destroy(db.session(), code, number))


@blueprint.post("/onderdelen/<code>/versies/<int:number>/vernietigen")
@editing
@asks_factor
def request_destruction(code: str, number: int) -> Any:
    """Ask a beheerder to destroy a version."""
    version, reason = version_to_destroy(db.session(), code, number), request.form.get("reden", "")
    try:
        ask_destruction(db.session(), version, reason=reason, by=guard.actor(), at=web.request_time())
    except (Conflict, InvalidInput) as error:
        return _page(version, error.status, {"reden": str(error)})
    return to("ask_destroy", code=code, number=number)


@blueprint.post("/vernietigen/<int:number>/terugnemen")
@editing
def take_destruction_back(number: int) -> Any:
    """Take one's own request back."""
    asked = request_by_id(db.session(), number, lock=True)
    if asked.version is None:
        raise NotFound
    code, version = asked.code, asked.number
    take_back(db.session(), asked, by=guard.actor(), at=web.request_time())
    return to("ask_destroy", code=code, number=version)


def _page(version: Version, status: int = 200, faults: dict[str, str] | None = None) -> Any:
    session = db.session()
    return page(
        "vernietigen.html",
        status,
        faults,
        version=version,
        waiting=waiting_destruction(session, version),
        decided=[one for one in requests_for(session, version) if one.outcome],
        edits=edits_to_go(session, version.item.code),
        elsewhere=same_elsewhere(session, version),
        typed=request.form.get("reden", ""),
    )
