"""Every item from the editor's side: begin a change, bring an old version back, withdraw, show or close, make new."""

from typing import Any

from flask import current_app, request, url_for
from sqlalchemy import select

from portal import db, web
from portal.access import guard
from portal.access.permissions import asks_factor
from portal.audit.models import Action
from portal.audit.operations import record
from portal.bulletins.letters import letter
from portal.bulletins.operations import tell_anew
from portal.desk.pages import blueprint, chosen_draft, draft_choice, editing, everything, page, to
from portal.desk.uploads import code_in
from portal.documents.models import KIND, DocumentKind
from portal.handbook import lens
from portal.handbook.timeline import has_text
from portal.lib.errors import Conflict, InvalidInput, NotFound
from portal.links.shares import shares_of
from portal.publishing.checks.shapes import CODE
from portal.publishing.drafts import begin_document, begin_edit, drafts, others_at, version_in, withdraw
from portal.publishing.fields import Way, too_long
from portal.releases.models import AppliesTo, Item, ItemKind, Visibility
from portal.releases.operations import Change
from portal.releases.queries import gone, history, item_in_force


@blueprint.get("/onderdelen")
@editing
def items() -> Any:
    """Everything there is to edit."""
    found = list(db.session().scalars(select(Item).order_by(Item.kind, Item.code)))
    view = everything()
    gone_by = gone(db.session(), view)
    return page(
        "onderdelen.html",
        documents=lens.documents(view),
        items=[one for one in found if one.kind != ItemKind.DOCUMENT],
        gone=[(one, gone_by[one.code]) for one in found if one.code in gone_by],
    )


@blueprint.get("/onderdelen/<code>")
@editing
def item(code: str) -> Any:
    """One item: what an editor can do with it."""
    return item_page(item_by_code(code))


def item_by_code(code: str) -> Item:
    """Return an item that can be edited here; raises NotFound."""
    found = db.session().scalars(select(Item).where(Item.code == code)).first()
    if found is None:
        raise NotFound
    return found


def item_page(found: Item, status: int = 200, faults: dict[str, str] | None = None) -> Any:
    """Return the page of an item."""
    view, session = everything(), db.session()
    current, gone_by = item_in_force(session, view, found.code), gone(session, view).get(found.code)
    periods = history(session, view, found.code)
    drafted = [(draft, version_in(session, draft, found.code)) for draft in drafts(session)]
    in_drafts = [(draft, version) for draft, version in drafted if version is not None]
    return page(
        "onderdeel.html",
        status,
        faults,
        item=found,
        current=current,
        step=lens.flow(view).steps.get(request.args.get("stap", "")) if found.kind == ItemKind.FLOW else None,
        withdrawal=gone_by if gone_by and gone_by.withdrawn else None,
        destroyed=gone_by if gone_by and gone_by.destroyed_at else None,
        periods=periods,
        last=next((period for period in periods if period.first), None),
        destroyable=[
            *((version.number, draft.title) for draft, version in in_drafts if has_text(version)),
            *((period.version.number, "") for period in periods if has_text(period.version)),
        ],
        day=view.on,
        drafts=draft_choice(),
        others=others_at(session, found.code, guard.person().id),
        in_drafts=in_drafts,
        successors=[(d.code, f"{d.code} {d.title}") for d in lens.documents(view).values() if d.code != found.code],
        typed=request.form,
        versions=[(str(n), f"Altijd versie {n}") for n in _numbers(found)],
        shares=shares_of(session, found, web.request_time()),
    )


def _numbers(found: Item) -> list[int]:
    """Return the numbers of the published versions that can be read, the newest first."""
    periods = history(db.session(), everything(), found.code)
    return [period.version.number for period in periods if not period.version.withdrawn]


@blueprint.post("/onderdelen/<code>/wijzigen")
@editing
def change(code: str) -> Any:
    """Begin or go on with a change."""
    found = item_by_code(code)
    edit = begin_edit(
        db.session(),
        chosen_draft(request.form.get("concept", "")),
        found.code,
        person_id=guard.person().id,
        at=web.request_time(),
    )
    steps = [step["id"] for step in edit.data["stappen"]] if edit.kind == ItemKind.FLOW else []
    if (step := request.form.get("stap")) in steps:
        return to("write", number=edit.id, lijst="stappen", rij=steps.index(step))
    return to("write", number=edit.id)


@blueprint.post("/onderdelen/<code>/terugzetten")
@editing
@asks_factor
def bring_back(code: str) -> Any:
    """Begin a change with the contents of an old version; it becomes a new version like any other."""
    found = item_by_code(code)
    number = request.form.get("versie", "")
    wanted = next(
        (p.version for p in history(db.session(), everything(), code) if str(p.version.number) == number), None
    )
    if wanted is None or not has_text(wanted):
        raise NotFound
    draft = chosen_draft(request.form.get("concept", ""))
    person, now = guard.person().id, web.request_time()
    try:
        edit = begin_edit(db.session(), draft, found.code, person_id=person, at=now, start=wanted)
    except Conflict as error:
        mine = begin_edit(db.session(), draft, found.code, person_id=person, at=now)
        return item_page(found, error.status, {url_for("desk.write", number=mine.id): str(error)})
    return to("write", number=edit.id)


@blueprint.post("/onderdelen/<code>/intrekken")
@editing
def take_back(code: str) -> Any:
    """Note in a draft that a document goes out of the handbook."""
    found, form = item_by_code(code), request.form
    applies = form.get("voor", "")
    change = Change(
        form.get("reden", ""),
        applies_to=AppliesTo(applies) if applies in list(AppliesTo) else None,
        successor=form.get("opvolger") or None,
    )
    try:
        draft = chosen_draft(form.get("concept", ""))
        withdraw(db.session(), draft, found.code, change=change, by=guard.actor(), at=web.request_time())
    except InvalidInput as error:
        db.session().rollback()
        return item_page(item_by_code(code), 422, {"opvolger" if "opvolger" in str(error) else "reden": str(error)})
    return to("release", number=draft.id)


@blueprint.post("/onderdelen/<code>/zichtbaar")
@editing
def show(code: str) -> Any:
    """Open or close an item; that works at once, for every date and release (DESIGN section 3)."""
    found, wanted = item_by_code(code), request.form.get("zichtbaar", "")
    if wanted not in list(Visibility) or found.kind != ItemKind.DOCUMENT:
        raise NotFound
    if found.visibility != wanted:
        found.visibility = wanted
        subject = f"{found.kind}:{code}"
        by, now = guard.actor(), web.request_time()
        record(db.session(), Action.VISIBILITY_CHANGED, by=by, subject=subject, at=now, visibility=wanted)
        tell_anew(db.session(), current_app.extensions["portal_seal"], web.config(), write=letter, at=now)
    return to("item", code=code, gezet="ja")


@blueprint.get("/onderdelen/nieuw")
@editing
def ask_new() -> Any:
    """The form for a new document."""
    return _new_page({})


@blueprint.post("/onderdelen/nieuw")
@editing
def make_new() -> Any:
    """Begin a new document."""
    form, faults = request.form, {}
    typed = form.get("code", "").strip()
    code = code_in(typed) or typed.upper()
    if list(CODE.misfits(code, "", "")):
        faults["code"] = "Schrijf een code van letters, een streepje en twee cijfers, zoals WI-07."
    elif db.session().scalars(select(Item.id).where(Item.code == code)).first() is not None:
        faults["code"] = f"Er is al een document {code}. Kies een ander nummer, of wijzig dat document."
    if not form.get("titel", "").strip():
        faults["titel"] = "Geef het document een titel."
    elif long := too_long("titel", Way.LINE, form["titel"].strip()):
        faults["titel"] = long
    if form.get("soort") not in list(DocumentKind):
        faults["soort"] = "Kies een soort."
    elif "code" not in faults and (other := _other_kind(code, DocumentKind(form["soort"]))):
        faults["soort"] = other
    if faults:
        return _new_page(form.to_dict(), 422, faults)
    edit = begin_document(
        db.session(),
        chosen_draft(form.get("concept", "")),
        code,
        title=" ".join(form["titel"].split()),
        kind=DocumentKind(form["soort"]),
        person_id=guard.person().id,
        at=web.request_time(),
    )
    return to("write", number=edit.id)


def _new_page(typed: dict[str, str], status: int = 200, faults: dict[str, str] | None = None) -> Any:
    kinds = [(kind.value, KIND[kind]) for kind in DocumentKind]
    return page("nieuw.html", status, faults, typed=typed, kinds=kinds, free=_free_codes(), drafts=draft_choice())


def _other_kind(code: str, kind: DocumentKind) -> str:
    """Return what to do when codes that begin as this one are all of documents of another kind."""
    of_series: dict[str, set[DocumentKind]] = {}
    for known, document in lens.documents(everything()).items():
        of_series.setdefault(known.partition("-")[0], set()).add(document.kind)
    letters = code.partition("-")[0]
    others = sorted(KIND[one] for one in of_series.get(letters, ()))
    if kind in of_series.get(letters, {kind}):
        return ""
    free = [one for one in _free_codes() if kind in of_series.get(one.partition("-")[0], ())]
    use = f" {free[0]} is nog vrij voor de soort {KIND[kind]}." if free else ""
    return f"Een code met {letters} hoort bij de soort {' of '.join(others)}. Kies die soort, of een andere code.{use}"


def _free_codes() -> list[str]:
    """Return for every series of codes that documents have the next one."""
    codes = db.session().scalars(select(Item.code).where(Item.kind == ItemKind.DOCUMENT.value))
    last: dict[str, int] = {}
    for letters, _, number in (code.partition("-") for code in codes):
        last[letters] = max(last.get(letters, 0), int(number))
    return [f"{letters}-{number + 1:02}" for letters, number in sorted(last.items()) if number < 99]
