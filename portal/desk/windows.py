"""One edit in several windows: a form that meets another text than it was made from, and one whose edit is over."""

import re
from typing import Any

from flask import request
from sqlalchemy import select

from portal import db, web
from portal.access import guard
from portal.access.resending import Sent, sent
from portal.desk.blocks import MOST_BLOCKS, both, from_form, text_of
from portal.desk.differences import differences
from portal.desk.pages import chosen_draft, draft_choice, page
from portal.desk.typed import CODE, KIND, MARK, as_typed, blocks_of, mark_of
from portal.documents.models import DocumentKind
from portal.lib.errors import NotFound
from portal.publishing.checks.shapes import CODE as CODE_SHAPE
from portal.publishing.drafts import begin_document, begin_edit, content_of_edit, drafts, edit_in, version_in
from portal.publishing.models import Edit
from portal.releases.models import Item, ItemKind

OVER = (
    "Deze wijziging is al klaar: zij is in het concept gezet of weggegooid, misschien in een ander venster. Begin "
    "opnieuw bij Redactie."
)
NOT_LISTED = re.compile(rf"{MARK}|{CODE}|{KIND}|concept|doe|blok.*|link-.*")
"""Fields of the form that nobody typed, and the blocks, which are shown as one text."""


def own_edit(number: int, *, lock: bool = False) -> Edit | None:
    """Return an edit of the person behind this request; None when it is not theirs, or is over.

    With ``lock`` no other window keeps anything for it until this transaction ends.
    """
    mine = select(Edit).where(Edit.id == number, Edit.person_id == guard.person().id)
    found = db.session().scalars(mine.with_for_update(of=Edit) if lock else mine).first()
    return found if found is not None and found.release.number is None else None


def meant_edit(number: int) -> Edit | None:
    """Return the own edit that a form is about; None when that is over, also when another now has its number."""
    found = own_edit(number, lock=True)
    return found if found is not None and request.form.get(CODE, found.code) == found.code else None


def has_mark(edit: Edit) -> bool:
    """Tell whether a form was made from what the edit holds now."""
    return request.form.get(MARK) == mark_of(edit)


def fits(edit: Edit, button: str) -> bool:
    """Tell whether a form takes nothing away unseen: it was made from what is kept now, or says the same.

    To throw away takes it all, so then only the first will do.
    """
    return has_mark(edit) or (button != "weggooien" and mark_of(as_typed(edit)) == mark_of(edit))


def meeting_page(edit: Edit) -> Any:
    """Show what was typed here beside what was kept from another window; nothing is kept before a press."""
    typed = as_typed(edit)
    text = "blokken" in request.form and edit.original_sha256 is None
    return page(
        "vensters.html",
        409,
        edit=edit,
        typed=typed,
        mark=mark_of(edit),
        sent=_sent(),
        found=differences(ItemKind(edit.kind), content_of_edit(edit), content_of_edit(typed)),
        both=text and len(both(blocks_of(edit), blocks_of(typed))) <= MOST_BLOCKS,
    )


def over_page() -> Any:
    """Give back what was typed for an edit that is over, with a way on. Raises NotFound when nothing was typed."""
    found, code = _sent(), request.form.get(CODE, "")
    held = [draft for draft in drafts(db.session()) if code and version_in(db.session(), draft, code)]
    return page(
        "voorbij.html",
        410,
        sent=found,
        typed=[(name, value) for name, value in found.fields if value and not NOT_LISTED.fullmatch(name)],
        text=text_of(from_form(request.form)).strip(),
        code=code if _can_begin(code) else "",
        kind=request.form.get(KIND, ""),
        drafts=draft_choice(),
        held=held,
    )


def begun_again() -> tuple[Edit, bool]:
    """Return an edit for what the form is about, and whether it was begun just now. Raises NotFound when none can."""
    code, form = request.form.get(CODE, ""), request.form
    if not _can_begin(code):
        raise NotFound
    session, person, now = db.session(), guard.person().id, web.request_time()
    draft = chosen_draft(form.get("concept", ""))
    if found := edit_in(session, draft, code, person):
        return found, False
    if _item(code) is not None:
        return begin_edit(session, draft, code, person_id=person, at=now), True
    kind = DocumentKind(form["soort"])
    title = " ".join(form.get("titel", "").split())
    return begin_document(session, draft, code, title=title, kind=kind, person_id=person, at=now), True


def _can_begin(code: str) -> bool:
    """Tell whether an edit of what the form is about can be begun: an item of that kind, or a new document."""
    kind, item = request.form.get(KIND), _item(code)
    if item is not None:
        return item.kind == kind
    is_document = kind == ItemKind.DOCUMENT and request.form.get("soort") in list(DocumentKind)
    return is_document and not list(CODE_SHAPE.misfits(code, "", ""))


def _item(code: str) -> Item | None:
    return db.session().scalars(select(Item).where(Item.code == code)).first()


def _sent() -> Sent:
    found = sent()
    if found is None:
        raise NotFound(OVER)
    return found
