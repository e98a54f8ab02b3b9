"""One row of a list, such as an amount or a term: written on a page of its own."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from flask import request

from portal import web
from portal.desk.blocks import NUMBER
from portal.desk.pages import page, to
from portal.desk.typed import MARK, mark_over
from portal.lib.errors import NotFound
from portal.publishing.checks.shapes import NAME
from portal.publishing.checks.tables import alphabetical
from portal.publishing.fields import LISTS, Rows, faults, sent
from portal.publishing.models import Edit
from portal.releases.models import ItemKind

NEW = "nieuw"
Row = Mapping[str, Any]


def ask_row(edit: Edit) -> Any:
    """Return the page of the row that the address names. Raises NotFound when there is none."""
    rows, number = _list(edit), request.args.get("rij", NEW)
    known = edit.data[rows.key]
    if number == NEW:
        return _row_page(edit, rows, None, {})
    if not NUMBER.fullmatch(number) or not 0 <= int(number) < len(known):
        raise NotFound
    return _row_page(edit, rows, int(number), known[int(number)])


def take_row(edit: Edit) -> Any:
    """Keep one row of a list, or take it out. The row is known by what it held: its place may be another by now."""
    rows, at = _list(edit), None
    known = list(edit.data[rows.key])
    if request.args.get("rij", NEW) != NEW:
        marks = [row_mark(edit, rows, row) for row in known]
        if request.form.get(MARK) not in marks:
            return typed_row(edit)
        at = marks.index(request.form[MARK])
    if request.form.get("doe") == "weg" and at is not None:
        del known[at]
    else:
        row = _with(rows, known[at] if at is not None else {}, _sent(rows))
        found = faults(rows.fields, row) | _id_fault(rows, row, known, at)
        if found:
            return _row_page(edit, rows, at, row, 422, found)
        known = [*known, row] if at is None else [*known[:at], row, *known[at + 1 :]]
    if edit.kind == ItemKind.GLOSSARY:
        known.sort(key=lambda one: alphabetical(one["term"]))
    edit.data = {**edit.data, rows.key: known}
    edit.saved_at = web.request_time()
    return to("write", number=edit.id, _anchor=rows.key)


def typed_row(edit: Edit) -> Any:
    """Show a row that was typed beside what another window made of it; one press keeps either."""
    rows = _list(edit)
    known, typed = edit.data[rows.key], _sent(rows)
    at = next((place for place, row in enumerate(known) if row["id"] == typed["id"]), None)
    kept = known[at] if at is not None else None
    if kept is not None and _with(rows, kept, typed) == kept and request.form.get("doe") != "weg":
        return to("write", number=edit.id, _anchor=rows.key)
    return _row_page(edit, rows, at, typed, 409, met=True)


def row_mark(edit: Edit, rows: Rows, row: Row) -> str:
    """Return the mark of one row, as ``typed.mark_of`` of an edit."""
    return mark_over(edit.code, edit.kind, edit.begun_at.isoformat(), rows.key, row)


def short_name(typed: str) -> str:
    """Return what somebody typed as a short name: small letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", typed).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _list(edit: Edit) -> Rows:
    key = request.args.get("lijst")
    rows = next((one for one in LISTS.get(ItemKind(edit.kind), ()) if one.key == key), None)
    if rows is None:
        raise NotFound
    return rows


def _sent(rows: Rows) -> dict[str, Any]:
    found = sent(rows.fields, request.form)
    return found | {"id": short_name(found["id"])} if rows.ids is NAME else found


def _with(rows: Rows, kept: Row, typed: Row) -> dict[str, Any]:
    """Return a row with what was typed in the place of what it held; a field that was emptied may have no key left."""
    emptied = {one.key for one in rows.fields if one.absent} - typed.keys()
    return {key: value for key, value in {**kept, **typed}.items() if key not in emptied}


def _id_fault(rows: Rows, row: Row, known: Sequence[Row], at: int | None) -> dict[str, str]:
    if row["id"] and list(rows.ids.misfits(row["id"], "", "")):
        return {"id": f"Schrijf hier {rows.ids.words}."}
    if any(one["id"] == row["id"] for place, one in enumerate(known) if place != at):
        return {"id": f"Er is al een {rows.one} met deze naam. Kies een andere."}
    return {}


def _row_page(
    edit: Edit,
    rows: Rows,
    at: int | None,
    row: Row,
    status: int = 200,
    found: Mapping[str, str] | None = None,
    *,
    met: bool = False,
) -> Any:
    kept = edit.data[rows.key][at] if at is not None else None
    mark = row_mark(edit, rows, kept) if kept is not None else ""
    return page("rij.html", status, found, edit=edit, rows=rows, at=at, row=row, mark=mark, kept=kept, met=met)
