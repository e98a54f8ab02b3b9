"""A text as blocks, and the differences between two texts. Nothing here knows of Word, PDF or HTML."""

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

NOTES = "Voetnoten"
BREAK = "\n"
"""Between the texts of two paragraphs that are compared as one, because one was split or two were joined."""


class Kind(enum.StrEnum):
    """What a block of text is."""

    HEADING = "kop"
    PARAGRAPH = "alinea"
    ITEM = "lijstpunt"
    TABLE = "tabel"
    NOTE = "voetnoot"


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph, one item of a list, a table or a footnote; ``number`` is such as "3.1" or "Artikel 3".

    The number is no part of the text, so that renumbering changes no words. A table has rows of cells and no text.
    """

    kind: Kind
    text: str = ""
    number: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    level: int = 0

    @cached_property
    def words(self) -> str:
        """All words of it, those of a table with its cells after each other."""
        return " ".join(" ".join(row) for row in self.rows) if self.kind is Kind.TABLE else self.text


@dataclass(frozen=True)
class Section:
    """An article: a heading with its number, and the blocks under it. What stands before the first has no heading."""

    heading: str
    number: str
    level: int
    blocks: tuple[Block, ...]

    @property
    def label(self) -> str:
        """How a reader would call it."""
        return self.number or self.heading or "het begin van de tekst"


class Op(enum.StrEnum):
    """What happened to a few words."""

    EQUAL = "gelijk"
    DELETED = "verwijderd"
    INSERTED = "toegevoegd"


@dataclass(frozen=True)
class Piece:
    """Words that stayed, went or came. Equal and deleted pieces make the old text, equal and inserted the new."""

    op: Op
    text: str


Pieces = tuple[Piece, ...]


def old_text(pieces: Pieces) -> str:
    """Return the text before the changes."""
    return "".join(piece.text for piece in pieces if piece.op is not Op.INSERTED)


def new_text(pieces: Pieces) -> str:
    """Return the text after the changes."""
    return "".join(piece.text for piece in pieces if piece.op is not Op.DELETED)


def shown(pieces: Pieces) -> Iterator[Piece]:
    """Give the pieces as a reader should see them: a space before words that only came or only went is not marked."""
    for place, piece in enumerate(pieces):
        beside = (*pieces[max(place - 1, 0) : place], *pieces[place + 1 : place + 2])
        words = piece.text.lstrip(" ")
        if piece.op is Op.EQUAL or any(other.op is not Op.EQUAL for other in beside) or words in ("", piece.text):
            yield piece
        else:
            yield Piece(Op.EQUAL, piece.text.removesuffix(words))
            yield Piece(piece.op, words)


class Status(enum.StrEnum):
    """What happened to an article, a paragraph or a row."""

    SAME = "gelijk"
    CHANGED = "gewijzigd"
    NEW = "nieuw"
    REMOVED = "vervallen"
    MOVED_AWAY = "verplaatst naar elders"
    """Only the place where a moved paragraph stood; its words are where it stands now."""


@dataclass(frozen=True)
class RowChange:
    """One row of a table, cell by cell."""

    status: Status
    cells: tuple[Pieces, ...]


@dataclass(frozen=True)
class BlockChange:
    """What happened to one block; to two or three when one was split or two were joined.

    ``elsewhere`` says for a moved block where it stood before, and for MOVED_AWAY where it stands now.
    """

    status: Status
    kind: Kind
    pieces: Pieces = ()
    rows: tuple[RowChange, ...] = ()
    old_number: str = ""
    new_number: str = ""
    renumbered: bool = False
    """Whether its number changed otherwise than with that of its article."""
    elsewhere: str = ""
    old: tuple[tuple[int, int], ...] = ()
    new: tuple[tuple[int, int], ...] = ()
    """The blocks this is about, as (section, block), counted from 0."""

    @property
    def moved(self) -> bool:
        """Whether it stands in another place than before."""
        return bool(self.elsewhere) and self.status is not Status.MOVED_AWAY


@dataclass(frozen=True)
class SectionChange:
    """What happened to one article."""

    status: Status
    heading: Pieces
    old_number: str
    new_number: str
    level: int
    blocks: tuple[BlockChange, ...]
    moved: bool = False

    @property
    def renumbered(self) -> bool:
        """Whether only numbers changed: its own, or those of its paragraphs."""
        numbers = self.old_number != self.new_number or any(block.renumbered for block in self.blocks)
        return self.status is Status.SAME and not self.moved and numbers

    @property
    def same(self) -> bool:
        """Whether nothing changed, its number neither."""
        return self.status is Status.SAME and not self.moved and not self.renumbered


@dataclass(frozen=True)
class Comparison:
    """Everything that differs between two texts, in the order of the new one.

    ``rough`` says that the texts are too large or too different to be compared word by word everywhere.
    """

    sections: tuple[SectionChange, ...]
    rough: bool = False

    @property
    def same(self) -> bool:
        """Whether no word and no number changed."""
        return all(section.same for section in self.sections)

    def count(self, status: Status) -> int:
        """Return how many articles are new, removed or changed in words."""
        return sum(section.status == status for section in self.sections)

    @property
    def moved(self) -> int:
        """How many articles stand in another place."""
        return sum(section.moved for section in self.sections)

    @cached_property
    def kept(self) -> float:
        """How much of the shorter of the two texts stands in the other as well, from 0 to 1, headings aside."""
        letters = dict.fromkeys(Op, 0)
        for block in (block for section in self.sections for block in section.blocks):
            for piece in (*block.pieces, *(piece for row in block.rows for cell in row.cells for piece in cell)):
                letters[piece.op] += len(piece.text)
        shorter = letters[Op.EQUAL] + min(letters[Op.DELETED], letters[Op.INSERTED])
        return letters[Op.EQUAL] / shorter if shorter else 1.0

    @property
    def renumbered(self) -> tuple[SectionChange, ...]:
        """Articles of which only numbers changed."""
        return tuple(section for section in self.sections if section.renumbered)

    @property
    def unchanged(self) -> int:
        """How many articles kept all their words, their numbers and their place."""
        return sum(section.same for section in self.sections)


def condensed(blocks: Sequence[BlockChange]) -> Iterator[BlockChange | int]:
    """Give what changed with one paragraph around it; for what is left out between, how many paragraphs that are."""
    shown_places = {
        place + by
        for place, block in enumerate(blocks)
        for by in (-1, 0, 1)
        if block.status is not Status.SAME or block.moved
    }
    skipped = 0
    for place, block in enumerate(blocks):
        if place not in shown_places:
            skipped += 1
            continue
        if skipped:
            yield skipped
        skipped = 0
        yield block
    if skipped:
        yield skipped
