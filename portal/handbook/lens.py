"""The view of this request, and what every reading page needs beside it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Flask, g, request
from flask_login import current_user
from sqlalchemy.orm import Session

from portal import db, web
from portal.access import guard
from portal.access.permissions import Permission, allows
from portal.access.queries import previous_visit as visit_before
from portal.compare.models import condensed, shown
from portal.documents.models import CLOSED, Document
from portal.documents.queries import documents as find_documents
from portal.flow.models import Flow, flow_of
from portal.handbook import lookback
from portal.lib.errors import NotFound
from portal.publishing.content import ACCORD_STATUS
from portal.publishing.drafts import draft_by_id
from portal.releases.models import ItemKind, Release, Version
from portal.releases.queries import codes_known, single_in_force
from portal.releases.queries import gone as gone_in
from portal.releases.view import View

CODE = re.compile(r"\b[A-Z]{2}-\d{2}\b")
EURO = re.compile(r"€ (?=\d)")
OUTSIDE = "regio"
NO_HANDBOOK = "Het handboek is nog leeg. Het info- en meldpunt moet eerst een uitgave publiceren."
NO_COLOPHON: Mapping[str, Any] = {
    "naam": "Handboek HMD/HOV",
    "ondertitel": "",
    "gebied": "",
    "convenant_status": "",
    "meldpunt": {"naam": "Info- en meldpunt HMD", "telefoon": "", "email": "", "bereikbaar": "", "voorlopig": True},
}


def init_app(app: Flask) -> None:
    """Give templates the colophon and the emphasis, and carry from page to page how somebody chose to look."""
    app.jinja_env.globals.update(
        meegenomen=carried,
        colofon=colophon,
        concept_uitgave=draft,
        buiten_de_regio=lambda: g.get("outside", False),
        rolkleur=lambda role_id: flow(view()).colour_of(role_id),
    )
    app.jinja_env.filters.update(bekend=as_read, stukken=shown, ingekort=condensed)
    app.url_defaults(_carry_emphasis)


def view() -> View:
    """Return the view of this request, made once. ``?als=<role>`` changes the emphasis and never widens it.

    ``?concept=<id>`` lays a draft release on top, for who may edit. ``?buiten=regio`` leaves out what is for the regio
    only, so that whoever may see that can see what others see.
    """
    if "view" not in g:
        own = View.of(guard.person(), web.request_time())
        g.draft = _draft(request.args.get("concept", ""))
        own = replace(own, draft=g.draft.id) if g.draft else own
        g.outside = own.sees_regio and request.args.get("buiten") == OUTSIDE
        own = replace(own, sees_regio=False) if g.outside else own
        if looks := lookback.read_address():
            own = looks.through(own)
        role = request.args.get("als", "")
        chosen = flow(own).roles.get(role) if role else None
        g.emphasis = role if chosen and chosen.in_portal else None
        g.view = own.as_role(role) if g.emphasis else own
    found: View = g.view
    return found


def emphasis() -> str | None:
    """Return the role chosen with "Bekijk als", or None when the person looks with their own roles."""
    view()
    chosen: str | None = g.emphasis
    return chosen


def _draft(number: str) -> Release | None:
    """Return the draft release a redacteur looks through. Raises NotFound for anyone else and for what is no draft."""
    if not number:
        return None
    if not allows(guard.person().groups, Permission.HANDBOOK_EDIT) or not number.isascii() or not number.isdigit():
        raise NotFound
    return draft_by_id(db.session(), int(number[:9]))


def draft() -> Release | None:
    """Return the draft release that lies on top of this view, or None."""
    found: Release | None = g.get("draft")
    return found


def version(seen_by: View, kind: ItemKind) -> Version:
    """Return what holds of the one item of a kind, read once per request. Raises NotFound in an empty handbook."""
    known: dict[ItemKind, Version] = g.setdefault("versions", {})
    if kind not in known:
        found = single_in_force(db.session(), seen_by, kind)
        if found is None:
            raise lookback.no_handbook(db.session(), seen_by, NO_HANDBOOK)
        known[kind] = found
    return known[kind]


def flow(seen_by: View) -> Flow:
    """Return the flow in a view."""
    return flow_of(version(seen_by, ItemKind.FLOW))


def documents(seen_by: View) -> Mapping[str, Document]:
    """Return every document that may be known in a view, by code; read once per request."""
    if "documents" not in g:
        g.documents = find_documents(db.session(), seen_by)
    found: Mapping[str, Document] = g.documents
    return found


def gone(seen_by: View) -> Mapping[str, Version]:
    """Return by code the versions by which documents are not to be had any more in a view: withdrawn, or destroyed."""
    if "gone" not in g:
        g.gone = gone_in(db.session(), seen_by)
    found: Mapping[str, Version] = g.gone
    return found


def as_read(text: str) -> str:
    """Return a text as a reader gets it: without closed documents, and with each euro sign beside its number."""
    return EURO.sub("€\N{NO-BREAK SPACE}", without_closed(text))


def without_closed(text: str) -> str:
    """Return a text in which the code of a document that this reader may not know of is replaced by plain words.

    Texts are checked when published, but a document may be closed later, and that works at once (DESIGN section 3).
    """
    return CODE.sub(lambda found: found[0] if may_be_named(found[0]) else CLOSED, text)


def name_all() -> None:
    """Name every document in this request: its page is for editors, who may know of all, also of a draft's own."""
    g.names_all = True


def may_be_named(code: str) -> bool:
    """Whether a reader may know of a document; of one that is withdrawn or only announced too."""
    if g.get("names_all") or code in documents(view()):
        return True
    if "codes_known" not in g:
        g.codes_known = codes_known(db.session(), view(), ItemKind.DOCUMENT)
    return code in g.codes_known


def data_of(seen_by: View, kind: ItemKind) -> Mapping[str, Any]:
    """Return the data of the one item of a kind in a view."""
    return version(seen_by, kind).data


def colophon() -> Mapping[str, Any]:
    """Return name, area, covenant status and the meldpunt as they stand today; public pages show them too."""
    if "colophon" not in g:
        today, on_top = View.of_anyone(web.request_time()), draft()
        g.colophon = colophon_in(db.session(), replace(today, draft=on_top.id) if on_top else today)
    found: Mapping[str, Any] = g.colophon
    return found


def colophon_in(session: Session, seen_by: View) -> Mapping[str, Any]:
    """Return the colophon in a view, or a bare one when the handbook is still empty."""
    version = single_in_force(session, seen_by, ItemKind.COLOPHON)
    return version.data if version else NO_COLOPHON


def common(flow: Flow) -> dict[str, Any]:
    """Return what the frame of every reading page shows."""
    return {
        "me": guard.person(),
        "flow": flow,
        "roles": flow.roles,
        "own_roles": flow.own_roles(view().roles),
        "emphasis": emphasis(),
        "sees_regio": view().sees_regio or g.outside,
        "accord_status": ACCORD_STATUS,
        "flow_version": version(view(), ItemKind.FLOW),
        "shown_at": web.request_time(),
        "came_from": flow.steps.get(request.args.get("stap", "")),
    }


def page_number() -> int:
    """Return which page of a list is asked for, from 1; nonsense is the first."""
    page = request.args.get("pagina", "")
    return max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 6 else 1


def previous_visit() -> datetime | None:
    """Return when this reader was here before; None when that is not known, or when they look back themselves."""
    return None if lookback.current() else visit_before(db.session(), current_user.row)


def carried() -> dict[str, str]:
    """Return what a question in an address carries from page to page; forms that ask need it as hidden fields."""
    looks = lookback.current()
    known = {"bekend": looks.values["bekend"]} if looks and looks.known else {}
    return known | _chosen()


def _carry_emphasis(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint.startswith("handbook."):
        for name, value in _chosen().items():
            values.setdefault(name, value)


def _chosen() -> dict[str, str]:
    """Return how this person chose to look: as which role, with which draft, and without what is for the regio."""
    draft, outside = g.get("draft"), g.get("outside", False)
    chosen = {"als": g.get("emphasis"), "concept": draft and str(draft.id), "buiten": OUTSIDE if outside else None}
    return {name: value for name, value in chosen.items() if value}
