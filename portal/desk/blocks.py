"""A page of text as blocks in a form, which works without JavaScript: each button sends the whole form.

A block in the form is a kind and what somebody typed; nothing typed is ever thrown away. ``text_of`` writes the blocks
in the one form that ``documents.pages`` knows, and tells which block a line of it came from.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby
from operator import itemgetter
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.documents.pages import Block, Heading, ItemList, PageError, Paragraph, parse, write

KINDS = {
    "alinea": "Alinea",
    "kop2": "Kop",
    "kop3": "Kleine kop",
    "lijst": "Lijst met streepjes",
    "nummers": "Lijst met nummers",
    "tabel": "Tabel",
}
LEVELS = {"kop2": 2, "kop3": 3}
DASH = re.compile(r"[-•](?: |$)")
MARKS = {"nummers": re.compile(r"[0-9]{1,3}[.)](?: |$)")}
"""What stands before an item of a list when it is typed or pasted; dashes in all but the numbered ones."""
NUMBER = re.compile(r"-?[0-9]{1,5}")
"""A number in the name or value of a field; whoever writes other things there did not use the form."""
MOST_BLOCKS, MOST_ROWS, MOST_COLUMNS = 400, 200, 12


@dataclass(frozen=True)
class FormBlock:
    """One block: its kind, and its words or for a table its cells, the header first."""

    kind: str
    words: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    removed: bool = False
    """It is no part of the text, but can be put back for as long as the edit is open."""

    def as_data(self) -> dict[str, Any]:
        """Return it as it is stored."""
        stored = {"soort": self.kind, "tekst": self.words, "rijen": [list(row) for row in self.rows]}
        return {**stored, "weg": True} if self.removed else stored

    def __str__(self) -> str:
        """Return everything that was typed in it, as one line."""
        return " ".join(" ".join([self.words, *(cell for row in self.rows for cell in row)]).split())


Rows = tuple[tuple[str, ...], ...]
Place = tuple[int, ...]
"""The number of a block, and for a cell of a table also those of its row and its column."""
NEW_TABLE = FormBlock("tabel", rows=(("", ""), ("", "")))


def from_data(stored: Sequence[Mapping[str, Any]]) -> list[FormBlock]:
    """Return stored blocks."""
    return [
        FormBlock(row["soort"], row["tekst"], tuple(map(tuple, row["rijen"])), row.get("weg", False)) for row in stored
    ]


def from_text(text: str) -> list[FormBlock]:
    """Return the blocks of a page that is in the subset."""
    return [_from_block(block) for block in parse(text)]


def _from_block(block: Block) -> FormBlock:
    written = write([block]).removesuffix("\n")
    if isinstance(block, Heading):
        return FormBlock(f"kop{block.level}", written.lstrip("#").strip())
    if isinstance(block, Paragraph):
        return FormBlock("alinea", written)
    if isinstance(block, ItemList):
        items = [line.partition(" ")[2] for line in written.split("\n")]
        return FormBlock("nummers" if block.numbered else "lijst", "\n".join(items))
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in written.split("\n")]
    return FormBlock("tabel", rows=(rows[0], *rows[2:]))


def from_form(form: MultiDict[str, str]) -> list[FormBlock]:
    """Return the blocks that were sent, whatever is in them; what is no block is left out."""
    count = _number(form.get("blokken", ""), MOST_BLOCKS)
    return [_sent(form, number) for number in range(count) if form.get(f"blok-{number}-soort") in KINDS]


def _sent(form: MultiDict[str, str], number: int) -> FormBlock:
    kind, removed = form[f"blok-{number}-soort"], form.get(f"blok-{number}-weg") == "ja"
    if kind != "tabel":
        return FormBlock(kind, form.get(f"blok-{number}-tekst", "").replace("\r\n", "\n"), removed=removed)
    rows = _number(form.get(f"blok-{number}-rijen", ""), MOST_ROWS)
    columns = _number(form.get(f"blok-{number}-kolommen", ""), MOST_COLUMNS)
    cells = [[form.get(f"blok-{number}-cel-{r}-{c}", "") for c in range(columns)] for r in range(rows)]
    return FormBlock(kind, rows=tuple(map(tuple, cells)), removed=removed)


def _number(text: str, most: int) -> int:
    return min(int(text), most) if NUMBER.fullmatch(text) else 0


def id_of(place: Place) -> str:
    """Return the id that a block or a cell has in the page."""
    block, *cell = place
    return "-".join([f"blok-{block}", *(["cel", *map(str, cell)] if cell else [])])


def press(blocks: Sequence[FormBlock], button: str) -> tuple[list[FormBlock], Place | None]:
    """Return the blocks after a button, and where to go on; unknown buttons change nothing.

    A button is a verb and numbers: ``omhoog-3``, ``omlaag-3``, ``weg-3``, ``terug-3``, ``nieuw-3-alinea`` (after
    block 3; -1 is the start), and for tables ``rij-3``, ``kolom-3``, ``rijweg-3-2``, ``kolomweg-3-1``.
    """
    verb, _, rest = button.partition("-")
    if verb == "nieuw":
        place, _, kind = rest.rpartition("-")
        at = int(place) + 1 if NUMBER.fullmatch(place) else len(blocks)
        if kind not in KINDS or len(blocks) >= MOST_BLOCKS:
            return list(blocks), None
        at = max(0, min(at, len(blocks)))
        return [*blocks[:at], NEW_TABLE if kind == "tabel" else FormBlock(kind), *blocks[at:]], (at,)
    numbers = [int(part) for part in rest.split("-") if NUMBER.fullmatch(part)]
    if verb not in _ACTIONS or not numbers or not 0 <= numbers[0] < len(blocks):
        return list(blocks), None
    return _ACTIONS[verb](list(blocks), *[*numbers, 0, 0][:2])


def both(kept: Sequence[FormBlock], typed: Sequence[FormBlock]) -> list[FormBlock]:
    """Return two texts as one: what they share once, and where they differ the one below the other."""
    found: list[FormBlock] = []
    for what, start, end, other_start, other_end in SequenceMatcher(None, kept, typed, autojunk=False).get_opcodes():
        found += kept[start:end]
        if what != "equal":
            found += typed[other_start:other_end]
    return found


def _move(blocks: list[FormBlock], at: int, to: int) -> tuple[list[FormBlock], Place]:
    if 0 <= to < len(blocks):
        blocks.insert(to, blocks.pop(at))
        return blocks, (to,)
    return blocks, (at,)


def _mark_removed(blocks: list[FormBlock], at: int, removed: bool) -> tuple[list[FormBlock], Place | None]:
    """Take a block out of the text, or put it back; an empty one is gone at once."""
    if removed and not str(blocks[at]):
        del blocks[at]
        return blocks, (min(at, len(blocks) - 1),) if blocks else None
    blocks[at] = replace(blocks[at], removed=removed)
    return blocks, (at,)


def _table(
    change: Callable[[Rows, int], tuple[Rows, Place]],
) -> Callable[[list[FormBlock], int, int], tuple[list[FormBlock], Place]]:
    """Return what a button of a table does; when words go, the table as it was stays below it as a removed block."""

    def action(blocks: list[FormBlock], at: int, second: int) -> tuple[list[FormBlock], Place]:
        block = blocks[at]
        if block.kind != "tabel" or not block.rows or not block.rows[0]:
            return blocks, (at,)
        rows, cell = change(block.rows, second)
        lost = _cells(block) - _cells(replace(block, rows=rows))
        if lost and not _kept_below(blocks, at, lost):
            if len(blocks) >= MOST_BLOCKS:
                return blocks, (at,)
            blocks.insert(at + 1, replace(block, removed=True))
        blocks[at] = replace(block, rows=rows)
        return blocks, (at, *cell)

    return action


def _cells(block: FormBlock) -> Counter[str]:
    """Return what stands in the cells of a table, empty ones aside."""
    return Counter(cell for row in block.rows for cell in row if cell.strip())


def _kept_below(blocks: list[FormBlock], at: int, lost: Counter[str]) -> bool:
    """Tell whether the table as it was stands below already, from an earlier row or column that was taken out."""
    return any(one.removed and lost <= _cells(one) for one in blocks[at + 1 : at + 2])


def _add_row(rows: Rows, _number: int) -> tuple[Rows, Place]:
    rows = (*rows, ("",) * len(rows[0])) if len(rows) < MOST_ROWS else rows
    return rows, (len(rows) - 1, 0)


def _add_column(rows: Rows, _number: int) -> tuple[Rows, Place]:
    rows = tuple((*row, "") for row in rows) if len(rows[0]) < MOST_COLUMNS else rows
    return rows, (0, len(rows[0]) - 1)


def _drop_row(rows: Rows, number: int) -> tuple[Rows, Place]:
    """Take a row out; the one that takes its place is the one to go on with."""
    rows = tuple(row for n, row in enumerate(rows) if n != number) if len(rows) > 2 and number else rows
    return rows, (min(number, len(rows) - 1), 0)


def _drop_column(rows: Rows, number: int) -> tuple[Rows, Place]:
    if len(rows[0]) > 1:
        rows = tuple(tuple(cell for n, cell in enumerate(row) if n != number) for row in rows)
    return rows, (0, min(number, len(rows[0]) - 1))


_ACTIONS: Mapping[str, Callable[[list[FormBlock], int, int], tuple[list[FormBlock], Place | None]]] = {
    "omhoog": lambda blocks, at, _second: _move(blocks, at, at - 1),
    "omlaag": lambda blocks, at, _second: _move(blocks, at, at + 1),
    "weg": lambda blocks, at, _second: _mark_removed(blocks, at, True),
    "terug": lambda blocks, at, _second: _mark_removed(blocks, at, False),
    "rij": _table(_add_row),
    "kolom": _table(_add_column),
    "rijweg": _table(_drop_row),
    "kolomweg": _table(_drop_column),
}


def text_of(blocks: Sequence[FormBlock]) -> str:
    """Return the text of a page with these blocks; empty blocks are left out, and lists that touch become one."""
    return _text(blocks) + "\n"


def _text(blocks: Sequence[FormBlock]) -> str:
    parts = [part for block in blocks for part in _parts(block)]
    return "\n\n".join(_joined(kind, [text for _, text in group]) for kind, group in groupby(parts, itemgetter(0)))


def _joined(kind: str, texts: Sequence[str]) -> str:
    if kind == "lijst":
        return "\n".join(f"- {text}" for text in texts)
    if kind == "nummers":
        return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1))
    return "\n\n".join(texts)


def _parts(block: FormBlock) -> Iterator[tuple[str, str]]:
    """Give the parts of a block with their kind, as somebody means them who is used to Word.

    In a paragraph every new line begins another, and a line after a dash is an item of a list. The dash or number that
    somebody types or pastes before an item of a list block is not part of it.
    """
    if block.removed:
        return
    if block.kind == "tabel":
        yield from _table_text(block.rows)
        return
    lines = [line for line in map(_one_line, block.words.split("\n")) if line]
    if block.kind in LEVELS:
        yield from [(block.kind, f"{'#' * LEVELS[block.kind]} {' '.join(lines)}")] if lines else []
        return
    for line in lines:
        found = MARKS.get(block.kind, DASH).match(line)
        text = line[found.end() :] if found else line
        if text:
            yield ("lijst" if found and block.kind == "alinea" else block.kind), text


def _table_text(rows: Rows) -> Iterator[tuple[str, str]]:
    rows = tuple(tuple(map(_one_line, row)) for row in rows)
    if any(cell for row in rows for cell in row):
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        yield "tabel", "\n".join([lines[0], "| " + " | ".join("---" for _ in rows[0]) + " |", *lines[1:]])


def _one_line(text: str) -> str:
    return " ".join(text.split())


def problems(blocks: Sequence[FormBlock]) -> dict[int, str]:
    """Return by the number of the block what is wrong with it; blocks are looked at one by one, so all are told."""
    found: dict[int, str] = {}
    for number, block in enumerate(blocks):
        written = _text([block])
        if not block.removed and any("|" in cell for row in block.rows for cell in row):
            found[number] = "Het teken | kan niet in een cel van een tabel. Schrijf een komma of een streepje."
        if not written or number in found:
            continue
        try:
            parse(f"{written}\n")
        except PageError as error:
            found[number] = _sentence(error.message)
    if not found and not _text(blocks):
        found[0] = "De pagina is leeg. Schrijf minstens één alinea."
    elif not found:
        try:
            parse(text_of(blocks))
        except PageError as error:  # blocks that only together do not make a page
            found[0] = _sentence(error.message)
    return found


def _sentence(message: str) -> str:
    return f"{message[0].upper()}{message[1:]}."
