"""What the form of an edit holds: how it is read back, and the mark of what it was made from."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from flask import request

from portal import web
from portal.desk import blocks as page_blocks
from portal.desk.pages import everything
from portal.documents.pages import PageError
from portal.handbook import lens
from portal.publishing.fields import COLOPHON_FIELDS, MELDPUNT_FIELDS, Field, document_fields, sent
from portal.publishing.models import Edit
from portal.releases.models import AppliesTo, ItemKind, Visibility

MARK, CODE, KIND = "merk", "onderdeel", "aard"
"""The fields in which every form of an edit says what it was made from."""
BOTH = "beide"
"""The button that puts what was typed below what was kept from another window."""
COPIED = (
    *("code", "kind", "begun_at", "data", "blocks", "text", "original_sha256", "original"),
    *("file_name", "note", "minor", "applies_to", "visibility"),
)


def mark_of(edit: Edit) -> str:
    """Return the mark of what an edit holds; a form that was made from anything else does not carry it.

    Nothing in it is the number of a row: SQLite gives the number of an edit that is over to the next one.
    """
    blocks = [block.as_data() for block in blocks_of(edit)] if edit.kind == ItemKind.DOCUMENT else None
    of_item = [edit.code, edit.kind, edit.begun_at.isoformat(), edit.data, blocks, edit.original_sha256]
    return mark_over(*of_item, edit.note, edit.minor, edit.applies_to, edit.visibility)


def mark_over(*held: Any) -> str:
    """Return a hash over data."""
    return hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()


def as_typed(edit: Edit) -> Edit:
    """Return what an edit would be with what was sent; the edit itself stays as it is."""
    typed = Edit(**{name: getattr(edit, name) for name in COPIED})
    keep_typed(typed, "bewaar")
    return typed


def keep_typed(edit: Edit, button: str) -> page_blocks.Place | None:
    """Keep everything that was typed; return where in the text to go on."""
    form, at = request.form, None
    edit.saved_at = web.request_time()
    note = form.get("wijziging", "").strip()
    edit.note = "\n".join(dict.fromkeys(filter(None, (edit.note, note)))) if button == BOTH else note
    edit.minor = form.get("klein") == "ja"
    edit.applies_to = form.get("voor", "") if form.get("voor") in list(AppliesTo) else ""
    if edit.kind == ItemKind.DOCUMENT:
        edit.data = {**_without_absent(edit), **sent(fields_of_document(), form, was=edit.data)}
        edit.visibility = form["zichtbaar"] if form.get("zichtbaar") in list(Visibility) else edit.visibility
    elif edit.kind == ItemKind.COLOPHON:
        meldpunt = {**edit.data.get("meldpunt", {}), **sent(MELDPUNT_FIELDS, form, "meldpunt-")}
        edit.data = {**edit.data, **sent(COLOPHON_FIELDS, form), "meldpunt": meldpunt}
    if "blokken" in form:
        found = page_blocks.from_form(form)
        if button == BOTH:
            found = page_blocks.both(blocks_of(edit), found)
        elif button == "link":
            found, at = _with_link(found)
        else:
            found, at = page_blocks.press(found, button)
        edit.original, edit.original_sha256, edit.file_name = None, None, ""
        edit.blocks = [block.as_data() for block in found]
        edit.text = page_blocks.text_of(found)
    return at


def _without_absent(edit: Edit) -> dict[str, Any]:
    gone = {one.key for one in fields_of_document() if one.absent}
    return {key: value for key, value in edit.data.items() if key not in gone}


def _with_link(
    found: list[page_blocks.FormBlock],
) -> tuple[list[page_blocks.FormBlock], page_blocks.Place | None]:
    """Write a link at the end of a block; the editor moves it where it belongs."""
    form = request.form
    target, words = form.get("link-doel", ""), " ".join(form.get("link-woorden", "").split())
    number = form.get("link-blok", "")
    last = len(found) - 1
    at = min(int(number), last) if page_blocks.NUMBER.fullmatch(number) else last
    if not target or at < 0 or found[at].kind == "tabel" or found[at].removed:
        return found, (at,) if at >= 0 else None
    block = found[at]
    link = f"[{words or target.partition(':')[2]}]({target})"
    found[at] = page_blocks.FormBlock(block.kind, f"{block.words.rstrip()} {link}".strip(), block.rows)
    return found, (at,)


def blocks_of(edit: Edit) -> list[page_blocks.FormBlock]:
    """Return a page of text as it stands in the form."""
    if edit.blocks is not None:
        return page_blocks.from_data(edit.blocks)
    try:
        return page_blocks.from_text(edit.text) if edit.text else [page_blocks.FormBlock("alinea")]
    except PageError:  # an import may hold a page that is outside the subset; then it is one block to mend
        return [page_blocks.FormBlock("alinea", edit.text or "")]


def fields_of_document() -> Sequence[Field]:
    """Return the metadata of a document, with the roles of today."""
    roles = lens.flow(everything()).roles.values()
    return document_fields([(role.id, role.title) for role in roles if role.in_portal])
