"""The desk: what waits, draft releases, and publishing."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import current_app, request
from sqlalchemy import func, select

from portal import db, web
from portal.access import guard
from portal.access.models import REGIO_ROLES, Organisation, Person, PersonStatus
from portal.access.permissions import Permission, asks_factor, requires
from portal.access.queries import has_status, memberships
from portal.bulletins.letters import letter, preview
from portal.bulletins.operations import announce
from portal.bulletins.queries import recipients
from portal.desk.findings import Found, where_newer
from portal.desk.pages import UNNAMED, blueprint, editing, everything, page, to
from portal.documents.models import DocumentKind
from portal.handbook import lens
from portal.lib import clock
from portal.lib.errors import Conflict, InvalidInput, NotFound
from portal.lists import Column, Listing, asked_of, find
from portal.publishing.destruction import waiting, withdrawn
from portal.publishing.drafts import (
    describe,
    discard,
    draft_by_id,
    drafts,
    edits_of,
    keep_unfinished,
    left_edits,
    new_draft,
    unfinished_in,
)
from portal.publishing.going_on import also_in
from portal.publishing.judging import Judgement, Unsound, judge, publish_sound
from portal.publishing.operations import (
    DECIDED_LATER,
    before_handbook,
    first_day,
    later_versions,
    newer_versions,
    overtaken,
    told_of,
)
from portal.releases.models import ItemKind, Release, Version
from portal.releases.queries import Period, gone, history, releases, versions_in_force

ABSENT: Listing[Person] = Listing(
    name="personen",
    query=select(Person).join(Person.organisation).where(has_status(PersonStatus.NEVER)),
    read=lambda session, query: session.scalars(query).unique().all(),
    columns=[Column("organisatie", "Organisatie", lambda one: one.organisation.name, (func.lower(Organisation.name),))],
    filters=(),
    last=(Person.name, Person.id),
)
"""Who may come in and never did, by organisation."""
NOTE = "Schrijf in gewone woorden wat deze uitgave brengt. Lezers krijgen dit te zien."


@blueprint.get("")
@editing
def home() -> Any:
    """What waits for this editor."""
    return home_page()


def home_page(status: int = 200, faults: dict[str, str] | None = None) -> Any:
    """Return what waits for this editor, with what is wrong about what they asked here."""
    session, view = db.session(), everything()
    absent = [row for row in memberships(session) if row.never]
    return page(
        "redactie.html",
        status,
        faults,
        edits=edits_of(session, guard.person().id),
        left=left_edits(session),
        drafts=[(draft, _editors(draft)) for draft in drafts(session)],
        announced=[one for one in releases(session, view) if one.effective_on and one.effective_on > view.on],
        to_fill=lens.data_of(view, ItemKind.OPEN_POINTS)["in_te_vullen"],
        destructions=waiting(session),
        withdrawn=withdrawn(session),
        manuals=[one for one in lens.documents(view).values() if one.kind is DocumentKind.HANDLEIDING],
        never=sum(row.never for row in absent),
        organisations=len(absent),
        typed=request.form.get("titel", ""),
    )


@blueprint.get("/personen")
@requires(Permission.ACCESS_SEE_PEOPLE)
def people() -> Any:
    """How many people each organisation has, and who of them never signed in."""
    session, asked = db.session(), asked_of(ABSENT, request.args)
    found = find(session, ABSENT, asked)
    return page("personen.html", rows=memberships(session), listing=ABSENT, asked=asked, found=found)


@blueprint.get("/in-te-vullen")
@editing
def to_fill() -> Any:
    """What the partners still have to fill in, and where (DOMAIN section 11)."""
    view = everything()
    return page(
        "in_te_vullen.html",
        rows=lens.data_of(view, ItemKind.OPEN_POINTS)["in_te_vullen"],
        flow=lens.flow(view),
        documents=lens.documents(view),
    )


@blueprint.post("/uitgaven")
@editing
def begin() -> Any:
    """Begin a draft release."""
    try:
        draft = new_draft(db.session(), title=request.form.get("titel", ""), by=guard.actor(), at=web.request_time())
    except InvalidInput as error:
        return home_page(422, {"titel": str(error)})
    return to("release", number=draft.id)


@blueprint.get("/uitgaven/<int:number>")
@editing
def release(number: int) -> Any:
    """One draft: its changes, who made them, and what still stands in the way of publishing."""
    return _release_page(draft_by_id(db.session(), number))


def _release_page(draft: Release, status: int = 200, faults: dict[str, str] | None = None) -> Any:
    session, today = db.session(), everything().on
    newer = newer_versions(session, draft, today)
    return page(
        "uitgave.html",
        status,
        faults,
        draft=draft,
        changes=_changes(draft),
        editors=_editors(draft),
        unfinished=unfinished_in(session, draft),
        newer=newer,
        first_day=first_day(session, draft, today),
        found=Found.of(_judged(draft), draft, newer, today),
        regio_roles=REGIO_ROLES,
    )


@blueprint.post("/uitgaven/<int:number>")
@editing
def rename(number: int) -> Any:
    """Give a draft its name and its note."""
    draft = draft_by_id(db.session(), number, lock=True)
    try:
        describe(draft, title=request.form.get("titel", ""), note=request.form.get("toelichting", ""))
    except InvalidInput as error:
        return _release_page(draft, 422, {"titel": str(error)})
    return to("release", number=number)


@blueprint.get("/uitgaven/<int:number>/weggooien")
@editing
def ask_discard(number: int) -> Any:
    """Ask before a draft is thrown away."""
    draft = draft_by_id(db.session(), number)
    unfinished = unfinished_in(db.session(), draft)
    return page("weggooien.html", draft=draft, changes=_changes(draft), editors=_editors(draft), unfinished=unfinished)


@blueprint.post("/uitgaven/<int:number>/weggooien")
@editing
def throw_away(number: int) -> Any:
    """Throw a draft away."""
    draft = draft_by_id(db.session(), number, lock=True)
    discard(db.session(), draft, by=guard.actor(), at=web.request_time())
    return to("home", weg="ja")


@blueprint.get("/uitgaven/<int:number>/publiceren")
@editing
@asks_factor
def ask_publish(number: int) -> Any:
    """The last look before publishing: dates, note, and what is announced for later."""
    draft = draft_by_id(db.session(), number)
    return _publish_page(draft, {"besloten": clock.in_figures(everything().on), "ingang": ""})


@blueprint.post("/uitgaven/<int:number>/publiceren")
@editing
@asks_factor
def make_public(number: int) -> Any:
    """Publish a draft release, when everything about it is right."""
    session, form, today = db.session(), request.form, everything().on
    draft = draft_by_id(session, number, lock=True)
    decided, effective = (clock.day_typed(form.get(name, ""), today) for name in ("besloten", "ingang"))
    faults = _publish_faults(draft, decided, effective)
    later = later_versions(session, draft, effective) if effective and "ingang" not in faults else []
    for version in later:
        if form.get(f"later-{version.item.code}") not in ("blijft", "ook"):
            faults[f"later-{version.item.code}"] = (
                f"Kies of de wijziging van {version.item.code} ook in de latere versie komt."
            )
    if faults or decided is None or effective is None:
        return _publish_page(draft, form.to_dict(), 422, faults, later)
    describe(draft, title=form["titel"], note=form["toelichting"])
    by, now = guard.actor(), web.request_time()
    try:
        publish_sound(
            session,
            draft,
            decided_on=decided,
            effective_on=effective,
            by=by,
            at=now,
            retroactive_reason=form.get("reden", ""),
        )
    except Unsound as error:
        named = [one.sentence for one in error.judgement.stops if one.item is None]
        faults = {"toelichting": f"In de naam of de toelichting: {' '.join(named)}"} if named else {}
        rest = replace(error.judgement, stops=tuple(one for one in error.judgement.stops if one.item is not None))
        return _publish_page(draft, form.to_dict(), error.status, faults, later, rest)
    except (Conflict, InvalidInput) as error:
        session.rollback()
        kept = draft_by_id(db.session(), number)
        met = overtaken(session, kept, effective).values()
        faults = {where_newer(kept, one): told_of(one) for one in met} or {"ingang": str(error)}
        return _publish_page(kept, form.to_dict(), error.status, faults, later)
    announce(session, current_app.extensions["portal_seal"], web.config(), draft, write=letter, by=by, at=now)
    keep_unfinished(session, draft, by=by, at=now)
    also = [one for one in later if form[f"later-{one.item.code}"] == "ook"]
    if also:
        follow_up = also_in(session, draft, also, person_id=guard.person().id, by=by, at=now)
        return to("published", number=draft.number, vervolg=follow_up.id)
    return to("published", number=draft.number)


def _publish_faults(draft: Release, decided: date | None, effective: date | None) -> dict[str, str]:
    form, faults, today = request.form, {}, clock.day_of(web.request_time())
    if not form.get("titel", "").strip():
        faults["titel"] = "Geef de uitgave een naam."
    if not form.get("toelichting", "").strip():
        faults["toelichting"] = NOTE
    if decided is None:
        otherwise = "Vul in op welke dag dit is besloten, zoals 1 december 2026."
        faults["besloten"] = clock.fault_of_day(form.get("besloten", ""), otherwise)
    elif decided > today:
        faults["besloten"] = DECIDED_LATER
    if effective is None:
        otherwise = f"Vul in vanaf welke dag dit geldt, zoals {clock.in_words(_first_of_next_month())}."
        faults["ingang"] = clock.fault_of_day(form.get("ingang", ""), otherwise)
    elif fault := before_handbook(db.session(), effective, today):
        faults["ingang"] = fault
    elif effective < today and not form.get("reden", "").strip():
        faults["reden"] = "Deze dag is voorbij. Schrijf waarom de uitgave met terugwerkende kracht ingaat."
    if not draft.versions:
        faults["titel"] = "Deze uitgave heeft geen wijzigingen. Wijzig eerst een onderdeel."
    return faults


@blueprint.get("/gepubliceerd/<int:number>")
@editing
def published(number: int) -> Any:
    """What was published, where readers see it, and the draft in which it goes on, if it does."""
    found = next((one for one in releases(db.session(), everything()) if one.number == number), None)
    if found is None:
        raise NotFound
    follow_up = next((one for one in drafts(db.session()) if str(one.id) == request.args.get("vervolg")), None)
    unfinished = [one for one in unfinished_in(db.session(), follow_up) if one.base] if follow_up else []
    return page(
        "gepubliceerd.html", release=found, overtaken=_overtaken(found), follow_up=follow_up, unfinished=unfinished
    )


def _overtaken(found: Release) -> list[Period]:
    """Return what of a release readers do not see today, with its days: of those items a later version holds."""
    session, view = db.session(), everything()
    if found.effective_on and found.effective_on > view.on:
        return []
    seen = {one.id for one in (*versions_in_force(session, view), *gone(session, view).values())}
    past = {one.id: one.item.code for one in _changes(found) if one.id not in seen}
    return [one for code in past.values() for one in history(session, view, code) if one.version.id in past]


def _publish_page(
    draft: Release,
    typed: dict[str, str],
    status: int = 200,
    faults: dict[str, str] | None = None,
    later: list[Version] | None = None,
    judgement: Judgement | None = None,
) -> Any:
    today = everything().on
    day = clock.day_typed(typed["ingang"], today)
    first = first_day(db.session(), draft, today)
    asked = max(day or first, today)
    newer = newer_versions(db.session(), draft, asked)
    if later is None:
        later = later_versions(db.session(), draft, day) if day else []
    mail = preview(draft, today)
    own_title = "" if draft.title.startswith(UNNAMED) else draft.title
    return page(
        "publiceren.html",
        status,
        faults,
        draft=draft,
        typed={"titel": own_title, "toelichting": draft.note, "reden": ""} | typed,
        changes=_changes(draft),
        found=Found.of(judgement or _judged(draft, day), draft, newer, asked),
        first_day=first,
        unfinished=unfinished_in(db.session(), draft),
        later=later,
        mail=mail,
        no_mail="" if mail else _no_mail(draft),
        next_month=_first_of_next_month(),
    )


def _judged(draft: Release, on: date | None = None) -> Judgement:
    return judge(db.session(), draft, web.request_time(), on)


def _no_mail(draft: Release) -> str:
    """Return why nobody gets mail about a draft."""
    if all(version.minor for version in draft.versions):
        return "Dit concept bevat alleen kleine verbeteringen."
    if not recipients(db.session()):
        return "Er is geen contactpersoon, en niemand vroeg om mail over wijzigingen."
    return "Wie mail krijgt over wijzigingen, mag deze niet zien of heeft er in de eigen rol niets mee te maken."


def _first_of_next_month() -> date:
    today = clock.day_of(web.request_time())
    return (today.replace(day=1) + timedelta(days=31)).replace(day=1)


def _changes(draft: Release) -> list[Version]:
    return sorted(draft.versions, key=lambda version: (version.item.kind, version.item.code))


def _editors(draft: Release) -> dict[int, Person]:
    """Return who made the changes in a draft, by number."""
    numbers = {version.created_by for version in draft.versions}
    return {person.id: person for person in db.session().scalars(select(Person).where(Person.id.in_(numbers))).unique()}
