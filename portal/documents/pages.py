"""Pages of text: a written-down subset of Markdown, one parser for reading, editing and downloading.

The subset: headings (``##``, ``###``), paragraphs, lists (``-``, ``1.``), tables, ``**bold**``, and links to a document
(``doc:ZC-01``), a step (``stap:KAN-07``) or a term (``begrip:casusregisseur``). The Markdown library reads it; what it
read is written again, and where that differs from what was given the text is outside the subset and is refused. So one
text has one form, and parsing and writing gives the same bytes.
"""

import re
import xml.etree.ElementTree as etree
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

import markdown

LINK = re.compile(r"(doc|stap|begrip):([A-Za-z0-9-]+)")
MARKUP = re.compile(r"[<>`*\[\]\\]|__|^#")
"""What only stands in markup that the subset does not have; refused, so that nobody publishes it as words."""

LOOSE_BRACKET = re.compile(r"\[[^\[\]]*\]\([^()]*\)|([\[\]])")
"""A link, or a bracket that is in none."""
LONGEST_LINE, LONGEST_WORD = 10_000, 200
"""Characters: more is an accident, which the libraries that read and clean a page take minutes over."""
LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1}}}")


class PageError(ValueError):
    """A text is outside the subset. ``line`` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        """Say what is wrong and where."""
        super().__init__(f"regel {line}: {message}")
        self.line, self.message = line, message


@dataclass(frozen=True)
class Words:
    """Plain or bold words."""

    text: str
    bold: bool = False


@dataclass(frozen=True)
class Link:
    """Words that lead to a document, a step or a term."""

    text: str
    kind: str
    target: str


Inline = Words | Link
Line = tuple[Inline, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; level 2 is the highest, since the title of the document is the first."""

    level: int
    line: Line


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    line: Line


@dataclass(frozen=True)
class ItemList:
    """A list with bullets or numbers."""

    numbered: bool
    items: tuple[Line, ...]


@dataclass(frozen=True)
class Table:
    """A table with one header row."""

    header: tuple[Line, ...]
    rows: tuple[tuple[Line, ...], ...]


Block = Heading | Paragraph | ItemList | Table


@lru_cache(maxsize=200)
def parse(text: str) -> tuple[Block, ...]:
    """Return the blocks of a page. Raises PageError when the text is not in the subset, or not in its one form.

    It takes some 20 ms, and every visit and every check of the handbook asks it again.
    """
    _refuse_costly(text)
    reader = _reader()
    root: list[etree.Element] = []
    keeper = markdown.treeprocessors.Treeprocessor(reader)
    keeper.run = root.append  # type: ignore[assignment,method-assign] # a hook to override
    reader.treeprocessors.register(keeper, "portal", -100)
    try:
        reader.convert(text)
        blocks = tuple(_block(element) for element in (root[0] if root else ()))
        written = write(blocks)
    except _Outside as error:
        raise PageError(_line_of(text, error.words), error.message) from None
    except RecursionError:
        raise PageError(1, "de lijsten zitten te diep in elkaar; gebruik lijsten van één niveau") from None
    if not blocks:
        raise PageError(1, "de pagina is leeg")
    if written != text:
        raise PageError(*_first_difference(text, written))
    return blocks


def _refuse_costly(text: str) -> None:
    """Raise PageError for what the Markdown library would take long to refuse, or browsers to show."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := LONG_WORD.search(line):
            raise PageError(
                number, f"{found[0][:20]}… is langer dan {LONGEST_WORD} tekens zonder spatie; zet er spaties in"
            )
        if len(line) > LONGEST_LINE:
            raise PageError(number, f"dit is langer dan {LONGEST_LINE} tekens; maak er meer alinea's of cellen van")
        if bracket := next((one[1] for one in LOOSE_BRACKET.finditer(line) if one[1]), None):
            raise PageError(number, _misplaced(bracket))


def _misplaced(sign: str) -> str:
    return f"het teken {sign} kan hier niet; gebruik alleen koppen, lijsten, tabellen, **vet** en links"


def _reader() -> markdown.Markdown:
    """Return the Markdown library with everything off that the subset does not have."""
    reader = markdown.Markdown(extensions=["tables"])
    for registry, names in (
        (reader.preprocessors, ("html_block",)),
        (reader.parser.blockprocessors, ("code", "setextheader", "hr", "quote", "reference", "indent")),
        (
            reader.inlinePatterns,
            ("html", "autolink", "automail", "entity", "backtick", "image_link", "escape", "reference"),
        ),
    ):
        for name in names:
            if name in registry:
                registry.deregister(name)
    for name, tag in (("olist", "ol"), ("ulist", "ul")):  # by default a list goes on in a list of the other kind
        reader.parser.blockprocessors[name].SIBLING_TAGS = [tag]  # type: ignore[attr-defined] # of list processors only
    return reader


def write(blocks: Sequence[Block]) -> str:
    """Return the one text of these blocks."""
    return "\n\n".join(_write_block(block) for block in blocks) + "\n"


def plain(line: Line) -> str:
    """Return the words of a line."""
    return "".join(part.text for part in line)


def links(blocks: Sequence[Block]) -> Iterator[Link]:
    """Give every link on a page."""
    for line in lines(blocks):
        yield from (part for part in line if isinstance(part, Link))


def lines(blocks: Sequence[Block]) -> Iterator[Line]:
    """Give every line of words on a page: headings, paragraphs, list items and table cells."""
    for block in blocks:
        if isinstance(block, Heading | Paragraph):
            yield block.line
        elif isinstance(block, ItemList):
            yield from block.items
        else:
            yield from block.header
            for row in block.rows:
                yield from row


class _Outside(Exception):
    """An element the subset does not have."""

    def __init__(self, words: str, message: str) -> None:
        super().__init__(message)
        self.words, self.message = words, message


def _block(element: etree.Element) -> Block:
    if element.tag in ("h2", "h3"):
        return Heading(int(element.tag[1]), _line(element))
    if element.tag == "p":
        return Paragraph(_line(element))
    if element.tag in ("ul", "ol"):
        return ItemList(element.tag == "ol", tuple(_line(item) for item in element))
    if element.tag == "table":
        head, body = element
        return Table(tuple(_line(cell) for cell in head[0]), tuple(tuple(_line(cell) for cell in row) for row in body))
    message = (
        "gebruik koppen van niveau 2 en 3 (## en ###)" if re.fullmatch("h[1-6]", element.tag) else "dit kan hier niet"
    )
    raise _Outside("".join(element.itertext()), message)


def _line(element: etree.Element) -> Line:
    parts: list[Inline] = []
    _add_words(parts, element.text)
    for child in element:
        if child.tag == "strong" and not len(child):
            parts.append(Words(str(child.text), bold=True))
        elif child.tag == "a" and not len(child) and (found := LINK.fullmatch(child.get("href", ""))):
            parts.append(Link(str(child.text), found[1], found[2]))
        elif child.tag == "a":
            raise _Outside(child.text or "", "een link leidt naar doc:CODE, stap:CODE of begrip:NAAM")
        else:
            raise _Outside("".join(child.itertext()), "gebruik alleen **vet** en links; geen andere opmaak")
        _add_words(parts, child.tail)
    return tuple(parts)


def _add_words(parts: list[Inline], text: str | None) -> None:
    words = (text or "").strip("\n")
    if "\n" in words:
        raise _Outside(
            words, "begin geen nieuwe regel binnen een alinea; laat een lege regel vrij voor een nieuwe alinea"
        )
    if found := MARKUP.search(words):
        raise _Outside(words, _misplaced(found[0]))
    if words:
        parts.append(Words(words))


def _write_block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {_write(block.line)}"
    if isinstance(block, Paragraph):
        return _write(block.line)
    if isinstance(block, ItemList):
        return "\n".join(
            f"{f'{n}.' if block.numbered else '-'} {_write(item)}" for n, item in enumerate(block.items, 1)
        )
    rule = "| " + " | ".join("---" for _ in block.header) + " |"
    return "\n".join([_write_row(block.header), rule, *(_write_row(row) for row in block.rows)])


def _write_row(row: tuple[Line, ...]) -> str:
    return "| " + " | ".join(_write(cell) for cell in row) + " |"


def _write(line: Line) -> str:
    return "".join(
        f"[{part.text}]({part.kind}:{part.target})"
        if isinstance(part, Link)
        else f"**{part.text}**"
        if part.bold
        else part.text
        for part in line
    )


def _line_of(text: str, words: str) -> int:
    first = words.strip().splitlines()[0] if words.strip() else ""
    for number, line in enumerate(text.splitlines(), 1):
        if first and first in line:
            return number
    return 1


def _first_difference(text: str, written: str) -> tuple[int, str]:
    for number, (given, own) in enumerate(zip_longest(text.splitlines(), written.splitlines()), 1):
        if given != own:
            return number, f"schrijf dit als: {own}" if own else "deze regel kan hier niet"
    return len(text.splitlines()), "sluit de tekst af met precies één nieuwe regel"
