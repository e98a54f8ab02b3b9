"""What a document holds, as blocks of text that can be compared: a page, a Word file or a PDF alike."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import lxml.html

from portal.compare.models import Block, Kind
from portal.documents import pages
from portal.documents.pdf import is_pdf
from portal.documents.preview import BLOCKS, HEADINGS, TYPED_NUMBER
from portal.documents.reading import preview_of
from portal.releases.operations import Content

ARTICLE = re.compile(r"((?:Artikel|Bijlage|Hoofdstuk|Paragraaf)\s(?:\d+[a-z]?|[A-Z]|[IVX]+)\b)[.:]?\s*", re.IGNORECASE)
"""What numbers an article, such as "Artikel 3" or "Bijlage A:"."""
HEADING_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2})+\.?|\d{1,2}\.)\s+")
LONGEST_HEADING = 90
"""Characters: a longer line that begins with "Artikel 3" is a sentence."""
NOTE_ID = re.compile("tekst-(?:foot|end)note-[0-9]+")
NOTE_MARK = "[noot]"
"""Stands where a footnote is called. Without its number: a new note would otherwise change every later one."""
BULLET = re.compile(r"[•▪◦‣\u2013-]\s+")


def blocks_of(content: Content, title: str, *, known_as: Collection[str] = ()) -> tuple[Block, ...]:
    """Return the text of a document as blocks, its footnotes last. Raises WordError when its file cannot be read.

    A heading that repeats the title, or another title by which the document was known, is no part of the text.
    """
    if content.text is not None:
        found = _page(pages.parse(content.text))
    elif content.original is None:
        return ()
    elif is_pdf(content.original):
        found = _lines(preview_of(content.original, title).text.split("\n"))
    else:
        html = "".join(preview_of(content.original, title).blocks)
        found = _html(lxml.html.fragment_fromstring(html, create_parent="div"))
    names = {name.casefold() for name in (title, *known_as)}
    blocks = [block for block in found if (block.words or block.number) and not _repeats(block, names)]
    return tuple(sorted(blocks, key=lambda block: block.kind is Kind.NOTE))


def _repeats(block: Block, names: set[str]) -> bool:
    return block.kind is Kind.HEADING and not block.number and block.text.casefold() in names


def _page(blocks: Iterable[pages.Block]) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, pages.Heading):
            yield _heading(_plain(block.line), block.level)
        elif isinstance(block, pages.Paragraph):
            yield _paragraph(_plain(block.line))
        elif isinstance(block, pages.ItemList):
            yield from (Block(Kind.ITEM, _plain(item)) for item in block.items)
        else:
            rows = (block.header, *block.rows)
            yield Block(Kind.TABLE, rows=tuple(tuple(_plain(cell) for cell in row) for row in rows))


def _plain(line: pages.Line) -> str:
    return " ".join(pages.plain(line).split())


def _heading(text: str, level: int) -> Block:
    found = ARTICLE.match(text) or HEADING_NUMBER.match(text)
    number = found[1] if found else ""
    return Block(Kind.HEADING, text[found.end() :] if found else text, number.rstrip(".:"), level=level)


def _paragraph(text: str) -> Block:
    """Return a paragraph, or the heading it is: contracts number their articles without making them headings."""
    article = ARTICLE.match(text)
    if article and len(text) <= LONGEST_HEADING and not text.endswith((".", ";", ",", "?")):
        return _heading(text, 2)
    found = TYPED_NUMBER.match(text)
    return Block(Kind.PARAGRAPH, text[found.end() :] if found else text, found[1].rstrip(".") if found else "")


def _lines(lines: list[str]) -> Iterator[Block]:
    """Give the paragraphs of a PDF, which knows lines only: one ends at a short line that ends a sentence."""
    longest = max(map(len, lines), default=0)
    words: list[str] = []
    for line in lines:
        starts = TYPED_NUMBER.match(line) or BULLET.match(line) or _paragraph(line).kind is Kind.HEADING
        if words and (starts or _ends(words[-1], longest) or _paragraph(words[0]).kind is Kind.HEADING):
            yield _line_block(" ".join(words))
            words = []
        words.append(line)
    yield _line_block(" ".join(words))


def _ends(line: str, longest: int) -> bool:
    return line.endswith((".", ":", ";", "?", "!")) and len(line) < 0.85 * longest


def _line_block(text: str) -> Block:
    bullet = BULLET.match(text)
    return Block(Kind.ITEM, text[bullet.end() :]) if bullet else _paragraph(text)


def _html(root: Any) -> Iterator[Block]:
    for element in root:
        if element.tag in HEADINGS:
            number, text = _numbered(element)
            yield (
                Block(Kind.HEADING, text, number, level=int(element.tag[1]))
                if number
                else _heading(text, int(element.tag[1]))
            )
        elif element.tag in ("ul", "ol"):
            yield from _list(element)
        elif element.tag == "table":
            yield _table(element)
        elif element.get("class") == "tablebox":
            yield from _html(element)
        elif element.tag == "div":
            yield from _framed(element)
        else:
            number, text = _numbered(element)
            yield (
                Block(Kind.PARAGRAPH, text, number)
                if number and not ARTICLE.match(number)
                else _paragraph(f"{number} {text}".strip())
            )


def _framed(box: Any) -> Iterator[Block]:
    """Give the blocks of a frame around words; a heading in it begins no article, for the article goes on after it."""
    for block in _html(box):
        if block.kind is Kind.HEADING:
            yield Block(Kind.PARAGRAPH, f"{block.number} {block.text}".strip())
        else:
            yield block
    if own := " ".join((box.text or "").split()):
        yield Block(Kind.PARAGRAPH, own)


def _list(element: Any) -> Iterator[Block]:
    for item in element.iterchildren("li"):
        note = NOTE_ID.fullmatch(item.get("id") or "")
        yield Block(Kind.NOTE if note else Kind.ITEM, _words(item, nested=False))
        for inner in item.iterchildren("ul", "ol"):
            yield from _list(inner)
        for table in item.iterchildren("div", "table"):
            yield from _html([table])


def _table(table: Any) -> Block:
    rows = (row for row in table.iter("tr") if next(row.iterancestors("table")) is table)
    return Block(Kind.TABLE, rows=tuple(tuple(_words(cell) for cell in row.iterchildren("td", "th")) for row in rows))


def _numbered(element: Any) -> tuple[str, str]:
    """Return the number before a paragraph or heading, and its words."""
    number = element[0] if len(element) and element[0].get("class") == "nummer" else None
    if number is None or (element.text or "").strip():
        return "", _words(element)
    label = " ".join(number.text_content().split())
    text = _words(element)
    return label.rstrip(".:"), text[len(label) :].strip()


def _words(element: Any, *, nested: bool = True) -> str:
    """Return the words of an element on one line, each footnote as a mark and without the links back from notes."""
    return " ".join("".join(_parts(element, nested)).split())


def _parts(element: Any, nested: bool) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        target = str(child.get("href") or "")
        if child.tag == "a" and NOTE_ID.fullmatch(target[1:]):
            yield f" {NOTE_MARK}"
        elif "note-ref-" not in target and (nested or child.tag not in ("ul", "ol", "table", "div")):
            edge = " " if child.tag in BLOCKS else ""
            yield edge
            yield from _parts(child, nested)
            yield edge
        yield child.tail or ""
