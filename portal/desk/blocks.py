"""A page of text as blocks in a form, which works without JavaScript: each button sends the whole form.

A block in the form is a kind and what somebody typed; nothing typed is ever thrown away. ``text_of`` writes the blocks
in the one form that ``documents.pages`` knows, and tells which block a line of it came from.
"""

import re
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
    gone_rows: frozenset[int] = frozenset()
    gone_columns: frozenset[int] = frozenset()
    """Which rows and columns are no part of the table; they keep their place, and can be put back there as well."""

    def as_data(self) -> dict[str, Any]:
        """Return it as it is stored."""
        stored = {"soort": self.kind, "tekst": self.words, "rijen": [list(row) for row in self.rows]}
        gone = {"weg": self.removed, "rijweg": sorted(self.gone_rows), "kolomweg": sorted(self.gone_columns)}
        return stored | {key: value for key, value in gone.items() if value}

    @property
    def row_numbers(self) -> list[int]:
        """Which rows the table has, that of its header first."""
        return [n for n in range(len(self.rows)) if n not in self.gone_rows]

    @property
    def column_numbers(self) -> list[int]:
        """Which columns the table has."""
        return [n for n in range(len(self.rows[0]) if self.rows else 0) if n not in self.gone_columns]

    @property
    def table(self) -> "Rows":
        """The cells without the rows and columns that were taken out."""
        return tuple(tuple(self.rows[r][c] for c in self.column_numbers) for r in self.row_numbers)

    def column(self, number: int) -> tuple[str, ...]:
        """Return the cells of one column."""
        return tuple(row[number] for row in self.rows)

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
        FormBlock(
            row["soort"],
            row["tekst"],
            tuple(map(tuple, row["rijen"])),
            row.get("weg", False),
            frozenset(row.get("rijweg", ())),
            frozenset(row.get("kolomweg", ())),
        )
        for row in stored
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
    gone_rows = _numbers(form.get(f"blok-{number}-rijweg", ""), range(1, rows))
    gone_columns = _numbers(form.get(f"blok-{number}-kolomweg", ""), range(columns))
    if len(gone_columns) == columns:
        gone_columns = frozenset()
    return FormBlock(kind, "", tuple(map(tuple, cells)), removed, gone_rows, gone_columns)


def _numbers(text: str, known: range) -> frozenset[int]:
    return frozenset(int(one) for one in text.split() if NUMBER.fullmatch(one) and int(one) in known)


def _number(text: str, most: int) -> int:
    return min(int(text), most) if NUMBER.fullmatch(text) else 0


def id_of(place: Place) -> str:
    """Return the id that a block or a cell has in the page."""
    block, *cell = place
    return "-".join([f"blok-{block}", *(["cel", *map(str, cell)] if cell else [])])


def press(blocks: Sequence[FormBlock], button: str) -> tuple[list[FormBlock], Place | None]:
    """Return the blocks after a button, and where to go on; unknown buttons change nothing.

    A button is a verb and numbers: ``omhoog-3``, ``omlaag-3``, ``weg-3``, ``terug-3``, ``nieuw-3-alinea`` (after
    block 3; -1 is the start), and for tables ``rij-3``, ``kolom-3``, ``rijweg-3-2``, ``kolomweg-3-1`` and to put
    these back ``rijterug-3-2``, ``kolomterug-3-1``.
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
    change: Callable[[FormBlock, int], tuple[FormBlock, Place]],
) -> Callable[[list[FormBlock], int, int], tuple[list[FormBlock], Place]]:
    """Return what a button of a table does."""

    def action(blocks: list[FormBlock], at: int, second: int) -> tuple[list[FormBlock], Place]:
        block = blocks[at]
        if block.kind != "tabel" or not block.rows or not block.rows[0]:
            return blocks, (at,)
        blocks[at], cell = change(block, second)
        return blocks, (at, *cell)

    return action


def _add_row(block: FormBlock, _number: int) -> tuple[FormBlock, Place]:
    rows = block.rows
    rows = (*rows, ("",) * len(rows[0])) if len(rows) < MOST_ROWS else rows
    block = replace(block, rows=rows)
    return block, (block.row_numbers[-1], block.column_numbers[0])


def _add_column(block: FormBlock, _number: int) -> tuple[FormBlock, Place]:
    rows = block.rows
    rows = tuple((*row, "") for row in rows) if len(rows[0]) < MOST_COLUMNS else rows
    block = replace(block, rows=rows)
    return block, (0, block.column_numbers[-1])


def _drop_row(block: FormBlock, number: int) -> tuple[FormBlock, Place]:
    """Take a row out, an empty one for good; the one that takes its place is the one to go on with."""
    if number and number in block.row_numbers and len(block.row_numbers) > 2:
        if any(cell.strip() for cell in block.rows[number]):
            block = replace(block, gone_rows=block.gone_rows | {number})
        else:
            rows = tuple(row for n, row in enumerate(block.rows) if n != number)
            block = replace(block, rows=rows, gone_rows=_without(block.gone_rows, number))
    left = block.row_numbers
    return block, (next((n for n in left if n >= number), left[-1]), block.column_numbers[0])


def _drop_column(block: FormBlock, number: int) -> tuple[FormBlock, Place]:
    if number in block.column_numbers and len(block.column_numbers) > 1:
        if any(cell.strip() for cell in block.column(number)):
            block = replace(block, gone_columns=block.gone_columns | {number})
        else:
            rows = tuple(tuple(cell for n, cell in enumerate(row) if n != number) for row in block.rows)
            block = replace(block, rows=rows, gone_columns=_without(block.gone_columns, number))
    left = block.column_numbers
    return block, (0, next((n for n in left if n >= number), left[-1]))


def _without(numbers: frozenset[int], gone: int) -> frozenset[int]:
    """Return numbers as they are when the row or column of one of them is no more."""
    return frozenset(n - (n > gone) for n in numbers if n != gone)


def _put_row_back(block: FormBlock, number: int) -> tuple[FormBlock, Place]:
    block = replace(block, gone_rows=block.gone_rows - {number})
    return block, (number if number in block.row_numbers else 0, block.column_numbers[0])


def _put_column_back(block: FormBlock, number: int) -> tuple[FormBlock, Place]:
    block = replace(block, gone_columns=block.gone_columns - {number})
    return block, (0, number if number in block.column_numbers else block.column_numbers[0])


_ACTIONS: Mapping[str, Callable[[list[FormBlock], int, int], tuple[list[FormBlock], Place | None]]] = {
    "omhoog": lambda blocks, at, _second: _move(blocks, at, at - 1),
    "omlaag": lambda blocks, at, _second: _move(blocks, at, at + 1),
    "weg": lambda blocks, at, _second: _mark_removed(blocks, at, True),
    "terug": lambda blocks, at, _second: _mark_removed(blocks, at, False),
    "rij": _table(_add_row),
    "kolom": _table(_add_column),
    "rijweg": _table(_drop_row),
    "kolomweg": _table(_drop_column),
    "rijterug": _table(_put_row_back),
    "kolomterug": _table(_put_column_back),
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
        yield from _table_text(block.table)
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
        if not block.removed and any("|" in cell for row in block.table for cell in row):
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
