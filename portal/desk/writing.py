"""Writing: one person's unfinished edit of one item. Every button sends the whole form, which is kept first."""

from collections.abc import Mapping
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from portal import db, web
from portal.access import guard
from portal.access.models import Person
from portal.access.permissions import uploads
from portal.desk import blocks as page_blocks
from portal.desk.differences import WHOLE_TEXT, differences, doubt_about, from_base
from portal.desk.pages import blueprint, editing, everything, page, to
from portal.desk.previews import edit_shown, version_shown
from portal.desk.rows import ask_row, take_row, typed_row
from portal.desk.typed import as_typed, blocks_of, fields_of_document, keep_typed, mark_of
from portal.desk.uploads import keep, receive
from portal.desk.views import home_page
from portal.desk.windows import OVER, begun_again, fits, has_mark, meant_edit, meeting_page, over_page, own_edit
from portal.documents.intake.reasons import FileRefused
from portal.flow.models import Flow
from portal.handbook import lens
from portal.lib.errors import Conflict, Gone, InvalidInput, NotFound
from portal.publishing.drafts import (
    Overtaken,
    begun_by,
    content_of_edit,
    others_at,
    read_theirs,
    says_nothing_new,
    submit,
    take_over,
    view_of,
)
from portal.publishing.fields import COLOPHON_FIELDS, LISTS, MELDPUNT_FIELDS, Way, faults, too_long
from portal.publishing.going_on import bring_in, is_unread, to_bring_in, together
from portal.publishing.models import Edit
from portal.publishing.operations import base_of
from portal.releases.models import AppliesTo, ItemKind, Version
from portal.releases.operations import Change, content_of
from portal.releases.queries import item_in_force

TIMED = "tussendoor"
"""The button that js/bewaren.js presses: its answer is the page itself, with the mark of what was kept."""
WITH_FILE = frozenset({"uploaden", "bewaar", "klaar"})
"""The buttons that take a chosen file in."""
FILE_OR_TEXT = (
    "Uw bestand is nog niet binnen. Kies het opnieuw en druk op Upload en bekijk. De tekst in de blokken vervalt dan."
)


UNREAD = "Kijk na of hierin staat wat versie {} veranderde, en zeg dat hier."


def _own_edit(number: int) -> Edit:
    """Return an edit of the person behind this request. Raises NotFound when it is not theirs, or is over."""
    found = own_edit(number)
    if found is None:
        raise NotFound(OVER)
    return found


@blueprint.get("/schrijven/<int:number>")
@editing
def write(number: int) -> Any:
    """The form of an edit, or of one row of it."""
    edit = _own_edit(number)
    return ask_row(edit) if "lijst" in request.args else _write_page(edit)


@blueprint.post("/schrijven/<int:number>")
@editing
@uploads(1)
def take(number: int) -> Any:
    """Keep what was sent, and do what the button says."""
    edit = meant_edit(number)
    if edit is None:
        return over_page()
    if "lijst" in request.args:
        return take_row(edit)
    button = request.form.get("doe", "bewaar")
    if not fits(edit, button):
        return meeting_page(edit)
    if button == "weggooien":
        return _throw_away(edit)
    at = keep_typed(edit, button)
    db.session().commit()  # what was typed stays, whatever becomes of the rest of this request
    if button == TIMED:
        return _write_page(edit)
    if button == "uploaden" or _chosen_file(edit):
        return _upload(edit, button)
    if button == "klaar":
        return _finish(edit)
    anchor = page_blocks.id_of(at) if at is not None else "voorbeeld" if button == "bewaar" else None
    return to("write", number=number, _anchor=anchor)


def _throw_away(edit: Edit) -> Any:
    """Throw an edit away that says nothing new; what somebody wrote is kept until they say so once more."""
    if mark_of(as_typed(edit)) != mark_of(edit):
        keep_typed(edit, "weggooien")
    return to("ask_drop", number=edit.id) if not says_nothing_new(db.session(), edit) else _dropped(edit)


def _dropped(edit: Edit) -> Any:
    release = edit.release_id
    db.session().delete(edit)
    return to("release", number=release, weg="ja")


@blueprint.get("/schrijven/<int:number>/weggooien")
@editing
def ask_drop(number: int) -> Any:
    """Ask before what somebody wrote is thrown away."""
    edit = _own_edit(number)
    return page("wijziging_weggooien.html", edit=edit, mark=mark_of(edit))


@blueprint.post("/schrijven/<int:number>/weggooien")
@editing
def drop(number: int) -> Any:
    """Throw an edit away; when another window kept more by now, ask again."""
    edit = meant_edit(number)
    if edit is None:
        raise Gone(OVER)
    return _dropped(edit) if has_mark(edit) else page("wijziging_weggooien.html", 409, edit=edit, mark=mark_of(edit))


def _chosen_file(edit: Edit) -> FileStorage | None:
    """Return the file that came with a form."""
    given = request.files.get("bestand")
    return given if edit.kind == ItemKind.DOCUMENT and given is not None and given.filename else None


def _upload(edit: Edit, button: str) -> Any:
    """Take a new file for a document in; until it is submitted only this editor sees it."""
    given, number, mark = _chosen_file(edit), edit.id, mark_of(edit)
    if given is None:
        return _write_page(edit, 422, {"bestand": "Kies eerst een Word- of PDF-bestand."})
    if button not in WITH_FILE:  # a button of a block: then it is the text that somebody goes on with
        return _write_page(edit, 422, {"bestand": FILE_OR_TEXT})
    try:
        taken = receive(given, str(edit.data.get("titel", "")))
    except FileRefused as error:
        return _write_page(_own_edit(number), error.status, {"bestand": str(error)})
    now_kept = meant_edit(number)  # reading a file takes a while, and meanwhile nothing is locked
    if now_kept is None:
        return over_page()
    if mark_of(now_kept) != mark:
        return meeting_page(now_kept)
    keep(now_kept, taken, web.request_time())
    anchor = "verschillen" if now_kept.base else "voorbeeld"
    return to("write", number=number, binnen="ja", _anchor=anchor)


@blueprint.post("/schrijven/verder")
@editing
@uploads(1)
def go_on() -> Any:
    """Begin anew with what was typed for an edit that was over by then."""
    edit, is_new = begun_again()
    if "lijst" in request.args:
        db.session().commit()  # the row is not kept before it is looked over; what it is a row of is
        return typed_row(edit)
    if not is_new:
        return meeting_page(edit) if not fits(edit, "bewaar") else to("write", number=edit.id)
    keep_typed(edit, "bewaar")
    edit.replaces = None  # what stands in the draft by now was not read: it is shown before it is replaced
    return to("write", number=edit.id, _anchor="verschillen")


def _finish(edit: Edit) -> Any:
    """Put the edit into its draft, or say what is still wrong."""
    found = _faults(edit)
    if found:
        return _write_page(edit, 422, found)
    change = Change(edit.note, edit.minor, AppliesTo(edit.applies_to) if edit.applies_to else None)
    release, now = edit.release_id, web.request_time()
    try:
        submit(db.session(), edit, change=change, by=guard.actor(), at=now)
    except InvalidInput as error:
        return _write_page(edit, 422, {"wijziging": str(error)})
    except Overtaken as error:
        return _merge_page(edit, error.theirs, error.status)
    return to("release", number=release)


def _faults(edit: Edit) -> dict[str, str]:
    found: dict[str, str] = {}
    if edit.kind == ItemKind.DOCUMENT:
        found |= faults(fields_of_document(), edit.data)
        if edit.original_sha256 is None:
            wrong = page_blocks.problems(blocks_of(edit))
            found |= {f"blok-{number}": sentence for number, sentence in wrong.items()}
    elif edit.kind == ItemKind.COLOPHON:
        found |= faults(COLOPHON_FIELDS, edit.data)
        found |= faults(MELDPUNT_FIELDS, edit.data.get("meldpunt", {}), "meldpunt-")
    if is_unread(db.session(), edit) and request.form.get("verwerkt") != "ja":
        found["verwerkt"] = UNREAD.format(edit.base.number if edit.base else "")
    if not edit.minor and not edit.note:
        found["wijziging"] = "Schrijf wat er is veranderd, of kies dat het een kleine verbetering is."
    elif long := too_long("wat er is veranderd", Way.TEXT, edit.note):
        found["wijziging"] = long
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
    edit = meant_edit(number)
    if edit is None:
        raise Gone(OVER)
    published = request.form.get("waar") == "gepubliceerd"
    theirs = item_in_force(db.session(), everything(), edit.code) if published else None
    if not has_mark(edit):
        return _merge_page(edit, theirs or _in_draft(edit), 409)
    if request.form.get("doe") == "hun":
        return _dropped(edit)
    read, other = request.form.get("gelezen", "")[:64], theirs or _in_draft(edit)
    both = request.form.get("doe") == "samen" and other is not None and other.content_hash == read
    if both and other is not None:
        bring_in(edit, edit.base, other)
        edit.note = "\n".join(dict.fromkeys(filter(None, (other.change_note if theirs is None else "", edit.note))))
        edit.saved_at = web.request_time()
    read_theirs(edit, theirs, read)
    return to("write", number=number, samen="ja" if both else None)


def _in_draft(edit: Edit) -> Version | None:
    return next((one for one in edit.release.versions if one.item.code == edit.code), None)


def _merge_page(edit: Edit, theirs: Version | None, status: int) -> Any:
    return page(
        "samen.html",
        status,
        edit=edit,
        mark=mark_of(edit),
        theirs=theirs,
        writer=db.session().get(Person, theirs.created_by) if theirs and theirs.created_by else None,
        found=differences(ItemKind(edit.kind), content_of(theirs), content_of_edit(edit)) if theirs else None,
        together=together(edit, edit.base, theirs) if theirs else None,
        mine_shown=edit_shown(edit),
        theirs_shown=version_shown(edit, theirs) if theirs else None,
    )


def _write_page(edit: Edit, status: int = 200, found: Mapping[str, str] | None = None) -> Any:
    shown_blocks = blocks_of(edit)
    flow = lens.flow(everything())
    from_start = from_base(edit)
    return page(
        "schrijven.html",
        status,
        found,
        edit=edit,
        mark=mark_of(edit),
        begun_by=begun_by(db.session(), [edit.release]).get(edit.release_id),
        is_new=edit.base is None,
        fields=fields_of_document() if edit.kind == ItemKind.DOCUMENT else (),
        colophon=(COLOPHON_FIELDS, MELDPUNT_FIELDS) if edit.kind == ItemKind.COLOPHON else None,
        lists=LISTS.get(ItemKind(edit.kind), ()),
        blocks=shown_blocks if edit.kind == ItemKind.DOCUMENT and edit.original_sha256 is None else None,
        kinds=page_blocks.KINDS,
        wrong=page_blocks.problems(shown_blocks) if edit.blocks is not None and (edit.text or "").strip() else {},
        targets=_targets(edit, flow),
        shown=edit_shown(edit),
        found=from_start,
        doubt=doubt_about(edit, from_start),
        whole=request.args.get("toon") == WHOLE_TEXT,
        theirs=_in_draft(edit) if edit.replaces is None else None,
        others=others_at(db.session(), edit.code, edit.person_id),
        **_of_newer(edit),
    )


def _of_newer(edit: Edit) -> dict[str, Any]:
    """Return what the form says of a version that was published since what an edit goes on from."""
    session = db.session()
    newer = to_bring_in(session, edit, web.request_time())
    came = together(edit.base, base_of(session, newer), newer) if newer and edit.base else None
    return {
        "newer": newer,
        "newer_base": base_of(session, newer) if newer else None,
        "came": came,
        "unread": is_unread(session, edit),
    }


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
