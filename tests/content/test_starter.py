"""The starter handbook is whole: everything its own lists promise is there, long enough, and in its one form."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from docx.oxml.ns import qn

from portal.documents.controls import WordFile, controls, heading_levels, paragraphs, plain_text, style_of, words
from portal.documents.models import DocumentKind
from portal.documents.pages import Block, Heading, ItemList, Paragraph, Table, Words, parse, plain
from portal.flow.models import Flow, read_flow
from portal.lib.yamlfile import dump, load
from portal.publishing.content import Handbook, ItemContent
from portal.releases.models import ItemKind
from tests.conftest import CONTENT

HEADINGS = load((Path(__file__).parent / "inhoud.yaml").read_text(encoding="utf-8"))
"""Under which heading a document answers each line of its ``inhoud``."""
CODES = sorted(
    load((CONTENT / "documenten.yaml").read_text(encoding="utf-8"))["documenten"], key=lambda row: row["code"]
)
TEMPLATES = Path(__file__).parents[2] / "templates"
SHORTEST_ANSWER = 40
SHORTEST = {
    DocumentKind.HUURCONTRACT: 2500,
    DocumentKind.ZORGCONTRACT: 2500,
    DocumentKind.FORMULIER: 900,
    DocumentKind.BRIEF: 900,
    DocumentKind.PROCEDURE: 1800,
    DocumentKind.WERKINSTRUCTIE: 1800,
    DocumentKind.OVERZICHT: 1800,
    DocumentKind.HANDLEIDING: 1800,
}
every_document = pytest.mark.parametrize("code", [row["code"] for row in CODES])


@dataclass
class Part:
    """A heading with what stands below it: words, and how many places to fill in."""

    heading: str
    level: int
    words: str = ""
    blanks: int = 0


@pytest.fixture(scope="module")
def flow(handbook: Handbook) -> Flow:
    return read_flow(handbook.single(ItemKind.FLOW))


def item(handbook: Handbook, code: str) -> ItemContent:
    return next(found for found in handbook.items if found.code == code)


def words_of(handbook: Handbook, code: str) -> str:
    content = item(handbook, code).content
    return content.text if content.text is not None else plain_text(content.original or b"")


def parts_of(found: ItemContent) -> list[Part]:
    """Return the headings of a document, each with all that stands below it until one of the same level or higher."""
    lines = _page_lines(found.content.text) if found.content.text else _word_lines(found.content.original or b"")
    parts: list[Part] = []
    open_parts: list[Part] = []
    for line in lines:
        if line.level:
            open_parts = [part for part in open_parts if part.level < line.level]
            open_parts.append(line)
            parts.append(line)
        else:
            for part in open_parts:
                part.words += f" {line.words}"
                part.blanks += line.blanks
    return parts


def _page_lines(text: str) -> Iterator[Part]:
    for block in parse(text):
        if isinstance(block, Heading):
            yield Part(plain(block.line), block.level)
        else:
            yield Part("", 0, *_said(block))


def _said(block: Block) -> tuple[str, int]:
    if isinstance(block, Paragraph):
        return plain(block.line), 0
    if isinstance(block, ItemList):
        return " ".join(plain(line) for line in block.items), 0
    assert isinstance(block, Table)
    cells = [cell for row in (block.header, *block.rows) for cell in row]
    return " ".join(plain(cell) for cell in cells), sum(not cell for cell in cells)


def _word_lines(docx: bytes) -> Iterator[Part]:
    file = WordFile(docx)
    levels = heading_levels(file.part("styles"))
    for paragraph in paragraphs(file.document):
        level = levels.get(style_of(paragraph), 0)
        fields = len(list(paragraph.iter(qn("w:sdt"))))
        yield Part(words(paragraph), level) if level else Part("", 0, words(paragraph), fields)


def test_the_handbook_has_the_size_it_promises(handbook: Handbook, flow: Flow) -> None:
    assert (len(flow.steps), len(flow.routes), len(flow.roles)) == (60, 11, 11)
    assert len(handbook.of_kind(ItemKind.DOCUMENT)) == len(CODES) == 41
    manuals = [row["code"] for row in CODES if row["soort"] == DocumentKind.HANDLEIDING]
    assert manuals == ["HR-01"], "beside the forty documents that the covenant asks for"


def test_the_map_of_headings_covers_every_document() -> None:
    assert list(HEADINGS) == [row["code"] for row in CODES]


@pytest.mark.parametrize("row", CODES, ids=[row["code"] for row in CODES])
def test_every_line_of_the_contents_has_its_own_heading(handbook: Handbook, row: dict[str, Any]) -> None:
    headings = HEADINGS[row["code"]]
    assert len(set(headings)) == len(headings) == len(row["inhoud"])
    there = {part.heading for part in parts_of(item(handbook, row["code"]))}
    assert set(headings) <= there


@every_document
def test_every_heading_of_the_contents_has_an_answer(handbook: Handbook, code: str) -> None:
    parts = parts_of(item(handbook, code))
    for heading in HEADINGS[code]:
        below = [part for part in parts if part.heading == heading]
        assert any(len(part.words.strip()) >= SHORTEST_ANSWER or part.blanks for part in below), heading


@every_document
def test_every_document_is_long_enough_to_use(handbook: Handbook, code: str) -> None:
    kind = DocumentKind(item(handbook, code).content.data["soort"])
    assert len(words_of(handbook, code)) >= SHORTEST[kind]


def test_every_word_file_has_fields(handbook: Handbook) -> None:
    files = {found.code: found.content.original for found in handbook.items if found.content.original is not None}
    assert len(files) == 23
    assert [code for code, docx in files.items() if len({control.tag for control in controls(docx)}) < 5] == []


@pytest.mark.parametrize("code", ["HC-01", "HC-02", "HC-03"])
def test_a_contract_for_a_time_warns_on_its_first_page(handbook: Handbook, code: str) -> None:
    assert "juridisch nalopen" in words_of(handbook, code)[:1500].casefold()


def test_a_heading_of_the_contents_skips_no_level_on_a_page(handbook: Handbook) -> None:
    for found in handbook.items:
        levels = [1, *(part.level for part in parts_of(found))] if found.content.text else []
        assert all(below <= above + 1 for above, below in pairwise(levels)), found.code


def test_nothing_is_left_with_dots_or_lines_to_write_on(handbook: Handbook) -> None:
    for found in handbook.of_kind(ItemKind.DOCUMENT):
        assert not re.search(r"\.{4,}|…{2,}|_{3,}", words_of(handbook, found.code)), found.code


def test_the_manual_calls_what_is_pressed_by_its_name(handbook: Handbook) -> None:
    templates = "\n".join(file.read_text(encoding="utf-8") for file in sorted(TEMPLATES.rglob("*.html")))
    shown = templates.replace("{{ rows.this }}", "dit punt")
    named = [part.text for part in _bold(parse(item(handbook, "HR-01").content.text or ""))]
    assert {"Zet terug", "Maak een link", "Open dit document voor iedereen"} <= set(named)
    assert {"Gooi deze wijziging weg", "Haal eruit", "Link", "Kolom erbij", "Ontvangstbewijs"} <= set(named)
    assert [name for name in named if not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", shown)] == []


def _bold(blocks: Iterable[Block]) -> Iterator[Words]:
    for block in blocks:
        lines = block.items if isinstance(block, ItemList) else () if isinstance(block, Table) else (block.line,)
        yield from (part for line in lines for part in line if isinstance(part, Words) and part.bold)


@pytest.mark.parametrize("file", sorted(CONTENT.glob("*.yaml")), ids=lambda file: file.name)
def test_a_file_is_in_the_one_form(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert dump(load(text)) == text
