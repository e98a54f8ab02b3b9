"""A handbook laid out for the rules, everything read at most once."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import unescape
from typing import Any

from portal.documents.controls import Control, WordError, WordFile, controls, headings, plain_text
from portal.documents.pages import Block, Heading, PageError, Table, lines, parse, plain
from portal.documents.pdf import is_pdf
from portal.documents.preview import Preview
from portal.documents.reading import preview_of
from portal.flow.models import Flow, Step, read_flow
from portal.publishing.checks.shapes import FILE, RELEASE_FILE, SHAPES, Misfit
from portal.publishing.checks.words import spaced
from portal.publishing.content import SINGLES, Handbook, ItemContent
from portal.releases.models import ItemKind, Visibility

Problem = tuple[str, str] | tuple[str, str, str]
"""Where, what is wrong, and for some rules what it is about."""


@dataclass(frozen=True)
class Word:
    """What the rules need of a Word file."""

    controls: tuple[Control, ...]
    headings: tuple[str, ...]
    text: str
    everything: str
    """The words of all its parts, also properties and words a reader has to look for."""


@lru_cache(maxsize=200)
def _read_word(data: bytes) -> Word:
    parts = (part for name, part in WordFile(data).parts.items() if name.endswith(".xml"))
    everything = spaced(unescape(" ".join(re.sub("<[^>]*>", " ", part.decode(errors="replace")) for part in parts)))
    return Word(tuple(controls(data)), tuple(headings(data)), plain_text(data), everything)


def forget() -> None:
    """Drop what is kept of files that were read."""
    _read_word.cache_clear()


@dataclass(frozen=True)
class Blank:
    """A place to fill in: all words that name it, those that are its own, and whether it is a box to tick."""

    words: str
    own: str
    ticked: bool


@dataclass(frozen=True)
class Paper:
    """One document with what could be read of its text or file; what could not be read is None."""

    item: ItemContent

    @property
    def code(self) -> str:
        """The code of the document."""
        return self.item.code

    @property
    def row(self) -> Mapping[str, Any]:
        """Its line in ``documenten.yaml``."""
        return self.item.content.data

    @property
    def place(self) -> str:
        """Where its line stands."""
        return f"documenten.yaml {self.code}"

    @property
    def file(self) -> str:
        """Where its text or file stands."""
        suffix = ".md" if self.is_page else ".pdf" if self.is_pdf else ".docx"
        return f"documenten/{self.code}{suffix}"

    @property
    def is_page(self) -> bool:
        """Whether it is a page of text; otherwise it is a file."""
        return self.item.content.text is not None

    @property
    def is_pdf(self) -> bool:
        """Whether the file is a PDF; otherwise it is a Word file."""
        return is_pdf(self.item.content.original or b"")

    @cached_property
    def page(self) -> tuple[Block, ...] | PageError | None:
        """The blocks of the page, or why it has none."""
        try:
            return parse(self.item.content.text) if self.item.content.text is not None else None
        except PageError as error:
            return error
        except RecursionError:
            return PageError(1, "deze tekst heeft te veel lijsten in lijsten; maak er gewone lijsten van")

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of a page; none for a file or an unreadable page."""
        return self.page if isinstance(self.page, tuple) else ()

    @cached_property
    def read_file(self) -> Word | Preview | WordError | None:
        """What could be read of a Word file or a PDF, or why not; None for a page."""
        data = self.item.content.original
        if self.is_page or data is None:
            return None
        try:
            shown = preview_of(data, str(self.row.get("titel", "")))  # readers must see it too
            return shown if self.is_pdf else _read_word(data)
        except WordError as error:
            return error

    @property
    def word(self) -> Word | None:
        """The Word file, when it is one that opens."""
        return self.read_file if isinstance(self.read_file, Word) else None

    @cached_property
    def text(self) -> str:
        """All its words."""
        if isinstance(self.read_file, Preview):
            return self.read_file.text
        return self.word.text if self.word else "\n".join(plain(line) for line in lines(self.blocks))

    @cached_property
    def blanks(self) -> tuple[Blank, ...]:
        """What can be filled in: the controls of a Word file, the empty cells of a page."""
        if self.word:
            named = ((f"{control.tag} {control.alias}", control.kind) for control in self.word.controls)
            return tuple(Blank(words, words, kind == "check") for words, kind in named)
        return tuple(blank for block in self.blocks if isinstance(block, Table) for blank in _empty_cells(block))

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """The words of its headings."""
        if self.word:
            return self.word.headings
        return tuple(plain(block.line) for block in self.blocks if isinstance(block, Heading))


def _empty_cells(table: Table) -> Iterator[Blank]:
    for row in table.rows:
        label = plain(row[0])
        for column, cell in zip(table.header, row, strict=False):
            if not cell:
                yield Blank(f"{label} {plain(column)}".strip(), label or plain(column), ticked=False)


@dataclass(frozen=True)
class Said:
    """Words somewhere in the handbook, and whether everybody signed in may read them."""

    place: str
    words: str
    for_all: bool = True


class Book:
    """A handbook laid out for the rules; everything is read at most once."""

    def __init__(self, handbook: Handbook) -> None:
        """Take a handbook; nothing is read yet."""
        self.handbook = handbook
        self.papers = tuple(Paper(item) for item in handbook.of_kind(ItemKind.DOCUMENT))

    @cached_property
    def misfits(self) -> Mapping[ItemKind, tuple[Misfit, ...]]:
        """Everything that has a wrong shape, by file."""
        found = {kind: list(self._miscounted(kind)) for kind in ItemKind}
        for item in self.handbook.items:
            place = f"{FILE[item.kind]} {item.code}" if item.kind is ItemKind.DOCUMENT else FILE[item.kind]
            found[item.kind].extend(SHAPES[item.kind].misfits(item.content.data, place, ""))
        return {kind: tuple(misfits) for kind, misfits in found.items()}

    def _miscounted(self, kind: ItemKind) -> Iterator[Misfit]:
        there = [item.code for item in self.handbook.of_kind(kind)]
        if kind in SINGLES and there != [SINGLES[kind]]:
            yield Misfit(
                "VORM-05", FILE[kind], f"er moet één onderdeel {SINGLES[kind]} zijn, maar er zijn er {len(there)}."
            )

    @cached_property
    def sound(self) -> frozenset[ItemKind]:
        """The kinds whose data have their shape."""
        return frozenset(kind for kind, misfits in self.misfits.items() if not misfits)

    @cached_property
    def flow(self) -> Flow:
        """The flow."""
        return read_flow(self.data(ItemKind.FLOW))

    @property
    def steps(self) -> Iterable[Step]:
        """All steps."""
        return self.flow.steps.values()

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of all documents; also of those withdrawn or destroyed: their page says so to who still comes."""
        return frozenset(paper.code for paper in self.papers) | {one.code for one in self.handbook.gone}

    def data(self, kind: ItemKind) -> Mapping[str, Any]:
        """Return the data of the one item of a kind."""
        return self.handbook.single(kind)

    @cached_property
    def amounts(self) -> tuple[Mapping[str, Any], ...]:
        """All amounts and terms."""
        data = self.data(ItemKind.AMOUNTS)
        return (*data["bedragen"], *data["termijnen"])

    @cached_property
    def said(self) -> tuple[Said, ...]:
        """Everything readers can read, from every file that has its shape."""
        return (*self._said_of_release(), *self._said_in_data(), *self._said_in_documents())

    def _said_of_release(self) -> Iterator[Said]:
        yield Said(RELEASE_FILE, f"{self.handbook.title}\n{self.handbook.note}")
        for item in self.handbook.items:
            yield Said(f"{RELEASE_FILE} {item.code}", item.change_note, item.visibility is Visibility.ALLE)

    def _said_in_data(self) -> Iterator[Said]:
        for kind in SINGLES:
            if kind in self.sound:
                for place, words in _words_in(self.data(kind), FILE[kind]):
                    yield Said(place, words)

    def _said_in_documents(self) -> Iterator[Said]:
        for paper in self.papers:
            for_all = paper.item.visibility is Visibility.ALLE
            if ItemKind.DOCUMENT in self.sound:
                yield from (Said(paper.place, words, for_all) for _, words in _words_in(paper.row, ""))
            raw = (paper.item.content.text or "", paper.word.everything if paper.word else "")
            for words in (*raw, paper.text, *paper.headings, *(blank.words for blank in paper.blanks)):
                yield Said(paper.file, words, for_all)


def _words_in(value: object, place: str) -> Iterator[tuple[str, str]]:
    """Give every text in data, with the place of the row it is in; not the documents of a step, which are filtered."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        own = value.get("id")
        for name, part in value.items():
            if name != "documenten":
                yield from _words_in(part, f"{place} {own}" if own else place)
    elif isinstance(value, list):
        for part in value:
            yield from _words_in(part, place)
