"""Files of editors: one for a document, or many at once, matched by the code in their names.

Reading a file takes a second, and longer for one that means harm. Meanwhile nothing is locked: ``receive`` ends the
transaction of the request first, and whoever calls it reads from the database again afterwards.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from flask import request
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from portal import db, web
from portal.access import guard
from portal.access.permissions import uploads
from portal.audit.models import Action
from portal.audit.operations import record
from portal.desk.differences import doubt_about, from_base
from portal.desk.pages import blueprint, chosen_draft, draft_choice, editing, everything, page
from portal.documents.intake.operations import Taken, take_in
from portal.documents.intake.reasons import FileRefused
from portal.documents.intake.scanner import clamd
from portal.documents.models import DocumentKind
from portal.documents.outline import HIGHEST
from portal.lib.errors import InvalidInput
from portal.publishing.drafts import Overtaken, begin_document, begin_edit, submit
from portal.publishing.models import Edit
from portal.releases.models import AppliesTo, Item, ItemKind, Release
from portal.releases.operations import Change, store_blob
from portal.releases.queries import versions_in_force

MOST_FILES = 60
CODE = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2})[-_ ]?(\d{2})(?!\d)")
"""A code in the name of a file: ZC-01, zc01, ZC_01 zorgcontract."""
Known = Mapping[str, Mapping[str, Any]]
"""The data of the documents that hold today, by code."""


def receive(given: FileStorage, title: str) -> Taken:
    """Return an uploaded file that may be kept. Raises FileRefused with what to do, which is also on record."""
    by = guard.actor()
    db.session().rollback()
    config = web.config()
    scanner = clamd(config.clamd_url) if config.clamd_url else None
    try:
        return take_in(given.read(), given.filename or "", title=title, most=config.max_upload, scanner=scanner)
    except FileRefused as error:
        with db.own_transaction() as own:
            reason = error.reason.name
            record(own, Action.FILE_REFUSED, by=by, subject="upload", at=web.request_time(), reason=reason)
        raise


@dataclass(frozen=True)
class Outcome:
    """What became of one of many files."""

    name: str
    sentence: str
    code: str | None = None
    edit: int | None = None
    """The unfinished edit to go on with, for a document that is new."""
    taken: bool = True
    doubt: str = ""


@blueprint.get("/uploaden")
@editing
def ask_upload() -> Any:
    """The form for many files at once."""
    return _upload_page()


@blueprint.post("/uploaden")
@editing
@uploads(MOST_FILES)
def upload() -> Any:
    """Take many files into one draft, and say of each what became of it."""
    files = [one for one in request.files.getlist("bestanden") if one.filename]
    note = request.form.get("wijziging", "").strip()
    applies = request.form.get("voor", "")
    faults = {}
    if not files:
        faults["bestanden"] = "Kies eerst de bestanden."
    elif len(files) > MOST_FILES:
        faults["bestanden"] = f"Kies hoogstens {MOST_FILES} bestanden tegelijk."
    if not note:
        faults["wijziging"] = "Schrijf wat er is veranderd. Dit komt bij elk bestand te staan."
    if applies not in list(AppliesTo):
        faults["voor"] = "Kies voor welke trajecten deze wijziging geldt."
    if faults:
        return _upload_page(422, faults)
    known = {v.item.code: v.data for v in versions_in_force(db.session(), everything(), ItemKind.DOCUMENT)}
    received = [_received(one, known) for one in files]
    draft = chosen_draft(request.form.get("concept", ""))
    change = Change(note, applies_to=AppliesTo(applies))
    now = web.request_time()
    outcomes = [one if isinstance(one, Outcome) else _placed(draft, *one, known, change, now) for one in received]
    return page("geupload.html", draft=draft, outcomes=outcomes)


def code_in(name: str) -> str | None:
    """Return the code of a document that stands in the name of a file, or None."""
    found = CODE.search(PurePath(name).stem)
    return f"{found[1].upper()}-{found[2]}" if found else None


def _received(given: FileStorage, known: Known) -> Outcome | tuple[str, Taken]:
    name = given.filename or ""
    code = code_in(name)
    if code is None:
        return Outcome(name, "In de naam staat geen code. Zet de code vooraan, zoals ZC-01.", taken=False)
    try:
        return code, receive(given, str(known.get(code, {}).get("titel", "")))
    except FileRefused as error:
        return Outcome(name, str(error), code, taken=False)


def _placed(draft: Release, code: str, taken: Taken, known: Known, change: Change, now: datetime) -> Outcome:
    """Put one file into the draft, or begin a new document with it."""
    session, person = db.session(), guard.person().id
    item = session.scalars(select(Item).where(Item.code == code)).first()
    if item is not None and item.kind != ItemKind.DOCUMENT:
        return Outcome(taken.name, "Deze code hoort niet bij een document.", code, taken=False)
    if item is None:
        edit = _new(draft, code, taken, kind_like(code, known), change, now)
        return Outcome(taken.name, "Dit document is nieuw. Vul de gegevens aan.", code, edit.id)
    edit = begin_edit(session, draft, code, person_id=person, at=now)
    keep(edit, taken, now)
    edit.note, edit.applies_to = change.note, change.applies_to or ""
    doubt = doubt_about(edit, from_base(edit))
    try:
        submit(session, edit, change=change, by=guard.actor(), at=now)
    except Overtaken:
        return Outcome(
            taken.name, "Een ander wijzigde dit document ook. Vergelijk en kies.", code, edit.id, doubt=doubt
        )
    except InvalidInput as error:
        return Outcome(taken.name, str(error), code, edit.id, doubt=doubt)
    return Outcome(taken.name, f"Nieuwe versie van {edit.data.get('titel', code)}.", code, doubt=doubt)


def keep(edit: Edit, taken: Taken, now: datetime) -> None:
    """Give an edit the file that was uploaded for it; a text that it held is replaced."""
    edit.original = store_blob(db.session(), taken.data)
    edit.text, edit.blocks, edit.file_name, edit.saved_at = None, None, taken.name[:200], now


def _new(draft: Release, code: str, taken: Taken, kind: DocumentKind, change: Change, now: datetime) -> Edit:
    """Begin a new document with what its file already tells; the editor looks it over and says for whom it is."""
    title = CODE.sub(" ", PurePath(taken.name).stem).replace("_", " ").strip(" -.") or code
    person = guard.person().id
    edit = begin_document(db.session(), draft, code, title=title, kind=kind, person_id=person, at=now)
    if not edit.data["inhoud"]:
        edit.data = {**edit.data, "inhoud": [part.title for part in taken.preview.contents if part.level == HIGHEST]}
    keep(edit, taken, now)
    edit.note, edit.applies_to = change.note, change.applies_to or ""
    db.session().flush()
    return edit


def kind_like(code: str, known: Known) -> DocumentKind:
    """Return the kind that most documents have whose codes begin with the same letters."""
    kinds = Counter(str(data["soort"]) for other, data in known.items() if other[:2] == code[:2])
    return DocumentKind(kinds.most_common(1)[0][0]) if kinds else DocumentKind.OVERZICHT


def _upload_page(status: int = 200, faults: dict[str, str] | None = None) -> Any:
    return page("uploaden.html", status, faults, drafts=draft_choice(), typed=request.form, most=MOST_FILES)
