"""What the views of the desk share: the blueprint, the permission, and the frame of their pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from portal import db, web
from portal.access import guard
from portal.access.models import Person
from portal.access.permissions import Permission, requires
from portal.handbook import lens
from portal.lib import clock
from portal.lib.yamlfile import dump
from portal.publishing import fields
from portal.publishing.drafts import ALSO_LATER, NOT_READY, begun_by, drafts, edits_of, new_draft
from portal.releases.models import AppliesTo, ItemKind, Release
from portal.releases.view import View

blueprint = Blueprint("desk", __name__, url_prefix="/redactie")
editing = requires(Permission.HANDBOOK_EDIT)
blueprint.add_app_template_filter(fields.shown, "in_veld")
blueprint.add_app_template_filter(dump, "gegevens")

KIND_TITLES = {
    ItemKind.DOCUMENT.value: "Document",
    ItemKind.FLOW.value: "Stroomschema",
    ItemKind.GLOSSARY.value: "Begrippen",
    ItemKind.SYNONYMS.value: "Synoniemen voor het zoeken",
    ItemKind.AMOUNTS.value: "Bedragen en termijnen",
    ItemKind.OPEN_POINTS.value: "Open punten",
    ItemKind.COLOPHON.value: "Colofon en meldpunt",
}
NEW_NAME = "Concept van"
UNNAMED = (f"{NEW_NAME} ", ALSO_LATER, NOT_READY)
"""How the name of a draft begins that no editor named; readers never get to see it."""
APPLIES_TO = {
    AppliesTo.NEW.value: "Alleen nieuwe trajecten",
    AppliesTo.RUNNING.value: "Ook lopende trajecten",
}
NEW_DRAFT = "nieuw"
Faults = Mapping[str, str]
"""What is wrong, by the id of the field, or by the address of another page where it is mended."""


def page(template: str, status: int = 200, faults: Faults | None = None, **shown: Any) -> tuple[str, int]:
    """Return a page of the desk; with faults it begins with them, each leading to its field."""
    view = everything()
    flow = lens.flow(view)
    lens.name_all()
    return (
        render_template(
            f"desk/{template}",
            me=guard.person(),
            roles=flow.roles,
            faults=faults or {},
            titles=KIND_TITLES,
            applies_to=APPLIES_TO,
            now=web.request_time(),
            today=view.on,
            **shown,
        ),
        status,
    )


def everything() -> View:
    """Return the handbook of today as an editor sees it."""
    return View.of_everything(web.request_time())


def to(endpoint: str, **values: Any) -> Any:
    """Return the way on after a form was taken (RFC 9110, 303 See Other)."""
    return redirect(url_for(f"desk.{endpoint}", **values), code=303)


@dataclass(frozen=True)
class DraftChoice:
    """The drafts to choose from, as number and words, and which of them stands chosen; "nieuw" for none yet."""

    options: list[tuple[str, str]]
    chosen: str


def draft_choice() -> DraftChoice:
    """Return the drafts to work in: what was chosen before on a form, or else the newest that this editor works in."""
    session, me = db.session(), guard.person()
    known = drafts(session)
    begun = begun_by(session, known)
    at_work = {edit.release_id for edit in edits_of(session, me.id)}
    at_work |= {draft.id for draft in known if any(one.created_by == me.id for one in draft.versions)}
    at_work |= {number for number, person in begun.items() if person.id == me.id}
    options = [(str(draft.id), _named(draft, begun.get(draft.id))) for draft in known]
    own = next((str(draft.id) for draft in known if draft.id in at_work), NEW_DRAFT)
    given = request.form.get("concept", "")
    return DraftChoice(options, given if given in {NEW_DRAFT, *dict(options)} else own)


def _named(draft: Release, person: Person | None) -> str:
    """Return a draft by whose it is and its title: a list on a telephone cuts off what stands last."""
    if person is None:
        return draft.title
    whose = "u" if person.id == guard.person().id else person.name or person.organisation.name
    return f"Van {whose}: {draft.title}"


def chosen_draft(number: str) -> Release:
    """Return the draft an editor chose to work in; a new one when that is what was chosen, or there is none."""
    known = {str(draft.id): draft for draft in drafts(db.session())}
    if number in known:
        return known[number]
    now = web.request_time()
    return new_draft(db.session(), title=f"{NEW_NAME} {clock.time_in_words(now)}", by=guard.actor(), at=now)
