"""Writing: one person's unfinished edit of one item. Every button sends the whole form, which is kept first."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from markupsafe import Markup
from sqlalchemy import select

from portal import db, web
from portal.access import guard
from portal.access.permissions import uploads
from portal.desk import blocks as page_blocks
from portal.desk.differences import WHOLE_TEXT, differences
from portal.desk.pages import blueprint, editing, everything, page, to
from portal.desk.uploads import keep, receive
from portal.desk.views import home_page
from portal.documents.intake.reasons import FileRefused
from portal.documents.page_html import page_html
from portal.documents.pages import PageError, parse
from portal.documents.reading import preview_of
from portal.flow.models import Flow
from portal.handbook import lens
from portal.handbook.links import resolver
from portal.handbook.timeline import has_text
from portal.lib.errors import Conflict, InvalidInput, NotFound
from portal.publishing.checks.tables import alphabetical
from portal.publishing.differences import Differences
from portal.publishing.drafts import Overtaken, content_of_edit, read_theirs, submit, take_over, view_of
from portal.publishing.fields import COLOPHON_FIELDS, LISTS, MELDPUNT_FIELDS, Field, Rows, document_fields, faults, sent
from portal.publishing.models import Edit
from portal.releases.models import AppliesTo, ItemKind, Version, Visibility
from portal.releases.operations import Change, content_of
from portal.releases.queries import item_in_force

NEW = "nieuw"


def own_edit(number: int) -> Edit:
    """Return an edit of the person behind this request. Raises NotFound when it is not theirs, or is over."""
    mine = select(Edit).where(Edit.id == number, Edit.person_id == guard.person().id)
    found = db.session().scalars(mine).first()
    if found is None or found.release.number is not None:
        raise NotFound("Deze wijziging is al klaar of weggegooid. Begin opnieuw bij Redactie.")
    return found


@blueprint.get("/schrijven/<int:number>")
@editing
def write(number: int) -> Any:
    """The form of an edit, or of one row of it."""
    edit = own_edit(number)
    if "lijst" in request.args:
        rows, at = _row(edit, request.args["lijst"], request.args.get("rij", NEW))
        return _row_page(edit, rows, at, edit.data[rows.key][at] if at is not None else {})
    return _write_page(edit)


@blueprint.post("/schrijven/<int:number>")
@editing
@uploads(1)
def take(number: int) -> Any:
    """Keep what was sent, and do what the button says."""
    edit = own_edit(number)
    if "lijst" in request.args:
        return _take_row(edit)
    button = request.form.get("doe", "bewaar")
    if button == "weggooien":
        release = edit.release_id
        db.session().delete(edit)
        return to("release", number=release)
    at, title = _keep(edit, button), str(edit.data.get("titel", ""))
    db.session().commit()  # what was typed stays, whatever becomes of the rest of this request
    if button == "uploaden":
        return _upload(number, title)
    if button == "klaar":
        return _finish(edit)
    anchor = f"blok-{at}" if at is not None else "voorbeeld" if button == "bewaar" else None
    return to("write", number=number, _anchor=anchor)


def _keep(edit: Edit, button: str) -> int | None:
    """Keep everything that was typed; return the block to go on with."""
    form, at = request.form, None
    edit.saved_at = web.request_time()
    edit.note = form.get("wijziging", "").strip()
    edit.minor = form.get("klein") == "ja"
    edit.applies_to = form.get("voor", "") if form.get("voor") in list(AppliesTo) else ""
    if edit.kind == ItemKind.DOCUMENT:
        edit.data = {**_without_absent(edit), **sent(_fields(edit), form, was=edit.data)}
    elif edit.kind == ItemKind.COLOPHON:
        meldpunt = {**edit.data.get("meldpunt", {}), **sent(MELDPUNT_FIELDS, form, "meldpunt-")}
        edit.data = {**edit.data, **sent(COLOPHON_FIELDS, form), "meldpunt": meldpunt}
    if "blokken" in form:
        found = page_blocks.from_form(form)
        if button == "link":
            found, at = _with_link(found)
        else:
            found, at = page_blocks.press(found, button)
        edit.blocks = [block.as_data() for block in found]
        edit.text = page_blocks.text_of(found)
    return at


def _without_absent(edit: Edit) -> dict[str, Any]:
    gone = {one.key for one in _fields(edit) if one.absent}
    return {key: value for key, value in edit.data.items() if key not in gone}


def _with_link(found: list[page_blocks.FormBlock]) -> tuple[list[page_blocks.FormBlock], int | None]:
    """Write a link at the end of a block; the editor moves it where it belongs."""
    form = request.form
    target, words = form.get("link-doel", ""), " ".join(form.get("link-woorden", "").split())
    number = form.get("link-blok", "")
    last = len(found) - 1
    at = min(int(number), last) if page_blocks.PLACE.fullmatch(number) else last
    if not target or at < 0 or found[at].kind == "tabel":
        return found, at if at >= 0 else None
    block = found[at]
    link = f"[{words or target.partition(':')[2]}]({target})"
    found[at] = page_blocks.FormBlock(block.kind, f"{block.words.rstrip()} {link}".strip(), block.rows)
    return found, at


def _blocks(edit: Edit) -> list[page_blocks.FormBlock]:
    if edit.blocks is not None:
        return page_blocks.from_data(edit.blocks)
    try:
        return page_blocks.from_text(edit.text) if edit.text else [page_blocks.FormBlock("alinea")]
    except PageError:  # an import may hold a page that is outside the subset; then it is one block to mend
        return [page_blocks.FormBlock("alinea", edit.text or "")]


def _fields(edit: Edit) -> Sequence[Field]:
    roles = lens.flow(everything()).roles.values()
    return document_fields([(role.id, role.title) for role in roles if role.in_portal])


def _finish(edit: Edit) -> Any:
    """Put the edit into its draft, or say what is still wrong."""
    found = _faults(edit)
    if found:
        return _write_page(edit, 422, found)
    visibility = Visibility(request.form.get("zichtbaar", Visibility.ALLE)) if edit.base is None else Visibility.ALLE
    change = Change(edit.note, edit.minor, AppliesTo(edit.applies_to) if edit.applies_to else None)
    release, now = edit.release_id, web.request_time()
    try:
        submit(db.session(), edit, change=change, visibility=visibility, by=guard.actor(), at=now)
    except InvalidInput as error:
        return _write_page(edit, 422, {"wijziging": str(error)})
    except Overtaken as error:
        return _merge_page(edit, error.theirs, error.status)
    return to("release", number=release)


def _faults(edit: Edit) -> dict[str, str]:
    found: dict[str, str] = {}
    if edit.kind == ItemKind.DOCUMENT:
        found |= faults(_fields(edit), edit.data)
        if edit.original_sha256 is None:
            wrong = page_blocks.problems(_blocks(edit))
            found |= {f"blok-{number}": sentence for number, sentence in wrong.items()}
    elif edit.kind == ItemKind.COLOPHON:
        found |= faults(COLOPHON_FIELDS, edit.data)
        found |= faults(MELDPUNT_FIELDS, edit.data.get("meldpunt", {}), "meldpunt-")
    if not edit.minor and not edit.note:
        found["wijziging"] = "Schrijf wat er is veranderd, of kies dat het een kleine verbetering is."
    if not edit.minor and not edit.applies_to:
        found["voor"] = "Kies voor welke trajecten deze wijziging geldt."
    return found


@blueprint.post("/schrijven/<int:number>/overnemen")
@editing
def take_over_edit(number: int) -> Any:
    """Go on with what somebody who was closed off had not finished; to throw it away is a button of its form."""
    try:
        take_over(db.session(), number, person=guard.person(), by=guard.actor(), at=web.request_time())
    except Conflict as error:
        return home_page(error.status, {f"nagelaten-{number}": str(error)})
    return to("write", number=number)


@blueprint.post("/schrijven/<int:number>/samen")
@editing
def settle(number: int) -> Any:
    """Go on after another editor was first: with the own text in the place of theirs, or with theirs.

    The form says which version of theirs was read. A third editor may have been quicker by now; then the own text
    meets that one too, instead of taking its place unread.
    """
    edit = own_edit(number)
    if request.form.get("doe") == "hun":
        release = edit.release_id
        db.session().delete(edit)
        return to("release", number=release)
    theirs = None
    if request.form.get("waar") == "gepubliceerd":
        theirs = item_in_force(db.session(), everything(), edit.code)
    read_theirs(edit, theirs, request.form.get("gelezen", "")[:64])
    return to("write", number=number)


def _in_draft(edit: Edit) -> Version | None:
    return next((one for one in edit.release.versions if one.item.code == edit.code), None)


def _merge_page(edit: Edit, theirs: Version | None, status: int) -> Any:
    return page(
        "samen.html",
        status,
        edit=edit,
        theirs=theirs,
        found=differences(ItemKind(edit.kind), content_of(theirs), content_of_edit(edit)) if theirs else None,
        mine_shown=_shown(edit),
        theirs_shown=_version_shown(edit, theirs) if theirs else None,
    )


def _write_page(edit: Edit, status: int = 200, found: Mapping[str, str] | None = None) -> Any:
    shown_blocks = _blocks(edit)
    flow = lens.flow(everything())
    return page(
        "schrijven.html",
        status,
        found,
        edit=edit,
        is_new=edit.base is None,
        fields=_fields(edit) if edit.kind == ItemKind.DOCUMENT else (),
        colophon=(COLOPHON_FIELDS, MELDPUNT_FIELDS) if edit.kind == ItemKind.COLOPHON else None,
        lists=LISTS.get(ItemKind(edit.kind), ()),
        blocks=shown_blocks if edit.kind == ItemKind.DOCUMENT and edit.original_sha256 is None else None,
        kinds=page_blocks.KINDS,
        wrong=page_blocks.problems(shown_blocks) if edit.blocks is not None and (edit.text or "").strip() else {},
        targets=_targets(edit, flow),
        shown=_shown(edit),
        found=_from_base(edit),
        whole=request.args.get("toon") == WHOLE_TEXT,
        theirs=_in_draft(edit) if edit.replaces is None else None,
    )


def _from_base(edit: Edit) -> Differences | None:
    """Return in what an edit differs from the published version it started from."""
    if edit.base is None or not has_text(edit.base):
        return None
    return differences(ItemKind(edit.kind), content_of(edit.base), content_of_edit(edit))


def _targets(edit: Edit, flow: Flow) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what a link can lead to: documents, steps and terms, by group."""
    if edit.kind != ItemKind.DOCUMENT or edit.original_sha256 is not None:
        return []
    view = view_of(edit.release, web.request_time())
    known = {code: one for code, one in lens.documents(view).items() if one.version.item.visibility == "alle"}
    terms = lens.data_of(view, ItemKind.GLOSSARY)["begrippen"]
    return [
        ("Documenten", [(f"doc:{code}", f"{code} {one.title}") for code, one in known.items() if code != edit.code]),
        ("Stappen", [(f"stap:{step.id}", f"{step.id} {step.title}") for step in flow.steps.values()]),
        ("Begrippen", [(f"begrip:{row['id']}", row["term"]) for row in terms]),
    ]


def _shown(edit: Edit) -> Markup | None:
    """Return how readers would see this edit, as far as it can be shown."""
    return _content_shown(edit, edit.text, edit.original.data if edit.original else None)


def _version_shown(edit: Edit, version: Version) -> Markup | None:
    return _content_shown(edit, version.text, version.original.data if version.original else None)


def _content_shown(edit: Edit, text: str | None, original: bytes | None) -> Markup | None:
    if original is not None:
        return preview_of(original, str(edit.data.get("titel", ""))).html
    if not text or edit.kind != ItemKind.DOCUMENT:
        return None
    view = everything()
    try:
        return page_html(parse(text), resolver(lens.flow(view), lens.documents(view)), fields=True).html
    except PageError:
        return None


def _row(edit: Edit, key: str, number: str) -> tuple[Rows, int | None]:
    """Return which list is meant, and which row of it; None for a new row."""
    rows = next((one for one in LISTS.get(ItemKind(edit.kind), ()) if one.key == key), None)
    if rows is None:
        raise NotFound
    if number == NEW:
        return rows, None
    if not page_blocks.PLACE.fullmatch(number) or not 0 <= int(number) < len(edit.data[key]):
        raise NotFound
    return rows, int(number)


def _take_row(edit: Edit) -> Any:
    """Keep one row of a list, or take it out."""
    rows, at = _row(edit, request.args["lijst"], request.args.get("rij", NEW))
    known = list(edit.data[rows.key])
    if request.form.get("doe") == "weg" and at is not None:
        del known[at]
    else:
        row = {**(known[at] if at is not None else {}), **sent(rows.fields, request.form)}
        found = faults(rows.fields, row) | _id_fault(rows, row, known, at)
        if found:
            return _row_page(edit, rows, at, row, 422, found)
        known = [*known, row] if at is None else [*known[:at], row, *known[at + 1 :]]
    if edit.kind == ItemKind.GLOSSARY:
        known.sort(key=lambda one: alphabetical(one["term"]))
    edit.data = {**edit.data, rows.key: known}
    edit.saved_at = web.request_time()
    return to("write", number=edit.id, _anchor=rows.key)


def _id_fault(rows: Rows, row: Mapping[str, Any], known: Sequence[Mapping[str, Any]], at: int | None) -> dict[str, str]:
    if row["id"] and list(rows.ids.misfits(row["id"], "", "")):
        return {"id": f"Schrijf hier {rows.ids.words}."}
    if any(one["id"] == row["id"] for place, one in enumerate(known) if place != at):
        return {"id": f"Er is al een {rows.one} met deze naam. Kies een andere."}
    return {}


def _row_page(
    edit: Edit,
    rows: Rows,
    at: int | None,
    row: Mapping[str, Any],
    status: int = 200,
    found: Mapping[str, str] | None = None,
) -> Any:
    return page("rij.html", status, found, edit=edit, rows=rows, at=at, row=row)


def _upload(number: int, title: str) -> Any:
    """Take a new file for a document in; until it is submitted only this editor sees it."""
    given = request.files.get("bestand")
    if given is None or not given.filename:
        return _write_page(own_edit(number), 422, {"bestand": "Kies eerst een Word- of PDF-bestand."})
    try:
        taken = receive(given, title)
    except FileRefused as error:
        return _write_page(own_edit(number), error.status, {"bestand": str(error)})
    edit = own_edit(number)
    keep(edit, taken, web.request_time())
    return to("write", number=number, _anchor="verschillen" if edit.base else "voorbeeld")
