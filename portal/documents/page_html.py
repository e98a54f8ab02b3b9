"""A page of text as HTML, and what all HTML of documents has in common: ids, heading levels, names of tables."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup, escape

from portal.documents.clean import clean
from portal.documents.models import CLOSED
from portal.documents.pages import Block, Heading, Inline, ItemList, Line, Link, Paragraph, Table, Words, plain
from portal.documents.word_writer import field_name

TO_FILL = Markup('<span class="invulveld">in te vullen</span>')
HIGHEST, LOWEST = 2, 6
"""Heading levels in a text; level 1 is the title of the page around it."""


class Section(NamedTuple):
    """A heading in the contents of a text; ``level`` is the one it has in the HTML."""

    id: str
    title: str
    level: int


@dataclass(frozen=True)
class PageHtml:
    """A page of text, ready to show, with its contents."""

    html: Markup
    contents: tuple[Section, ...]


class Outline:
    """Gives headings an id and a level, and tables a name, while a text is gone through from top to bottom."""

    def __init__(self) -> None:
        """Start before the first heading."""
        self.sections: list[Section] = []
        self._open: list[int] = []
        self._ids: set[str] = set()
        self._tables: dict[str, int] = {}

    def heading(self, title: str, level: int) -> Section:
        """Return the id and level of the next heading; the highest becomes 2 and no level is skipped."""
        while self._open and self._open[-1] >= level:
            self._open.pop()
        self._open.append(level)
        section = Section(self._free_id(title), title, min(HIGHEST - 1 + len(self._open), LOWEST))
        self.sections.append(section)
        return section

    def table_name(self) -> str:
        """Return a name of its own for the next table, after the heading it stands under."""
        name = f"Tabel: {self.sections[-1].title}" if self.sections else "Tabel"
        self._tables[name] = self._tables.get(name, 0) + 1
        return name if self._tables[name] == 1 else f"{name} ({self._tables[name]})"

    def _free_id(self, title: str) -> str:
        wanted = found = f"kop-{field_name(title).replace('_', '-')}"
        number = 1
        while found in self._ids:
            number += 1
            found = f"{wanted}-{number}"
        self._ids.add(found)
        return found


def names_rows(first_column: Sequence[str], columns: int) -> bool:
    """Whether the first column of a table names its rows: every cell holds other words, and something follows it."""
    names = {name.casefold() for name in first_column}
    return columns > 1 and "" not in names and 0 < len(names) == len(first_column)


def page_html(blocks: Iterable[Block], resolve: Callable[[Link], str | None], *, fields: bool = False) -> PageHtml:
    """Return a page as HTML.

    ``resolve`` gives the address of a link, or None to show its words only. With ``fields`` an empty cell of a table
    shows that something is to be filled in there.
    """
    writer = _Writer(resolve, fields)
    html = Markup("\n").join(writer.block(block) for block in blocks)
    return PageHtml(clean(html), tuple(writer.outline.sections))


class _Writer:
    def __init__(self, resolve: Callable[[Link], str | None], fields: bool) -> None:
        self.outline = Outline()
        self._resolve, self._fields = resolve, fields

    def block(self, block: Block) -> Markup:
        if isinstance(block, Heading):
            section = self.outline.heading(plain(block.line), block.level)
            start = Markup('<h{level} id="{id}">').format(level=section.level, id=section.id)
            return start + self._line(block.line) + Markup("</h{}>").format(section.level)
        if isinstance(block, Paragraph):
            return Markup("<p>{}</p>").format(self._line(block.line))
        if isinstance(block, ItemList):
            items = Markup().join(Markup("<li>{}</li>").format(self._line(item)) for item in block.items)
            return (Markup("<ol>{}</ol>") if block.numbered else Markup("<ul>{}</ul>")).format(items)
        return self._table(block)

    def _table(self, table: Table) -> Markup:
        named = names_rows([plain(row[0]) for row in table.rows], len(table.header))
        return Markup(
            '<div class="tablebox" tabindex="0" role="region" aria-label="{name}">'
            "<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        ).format(
            name=self.outline.table_name(),
            head=Markup().join(self._head(cell) for cell in table.header),
            rows=Markup().join(self._row(row, named) for row in table.rows),
        )

    def _head(self, cell: Line) -> Markup:
        return Markup('<th scope="col">{}</th>').format(self._line(cell)) if cell else Markup("<td></td>")

    def _row(self, row: Sequence[Line], named: bool) -> Markup:
        first, *others = row
        name = Markup('<th scope="row">{}</th>') if named else Markup("<td>{}</td>")
        cells = (Markup("<td>{}</td>").format(self._cell(cell)) for cell in others)
        return Markup("<tr>{}</tr>").format(name.format(self._cell(first)) + Markup().join(cells))

    def _cell(self, cell: Line) -> Markup:
        return TO_FILL if self._fields and not plain(cell).strip() else self._line(cell)

    def _line(self, line: Line) -> Markup:
        return Markup().join(self._part(part) for part in line)

    def _part(self, part: Inline) -> Markup:
        if isinstance(part, Words):
            return Markup("<strong>{}</strong>").format(part.text) if part.bold else escape(part.text)
        address = self._resolve(part)
        if address is None:  # the target may not be known: its words stay, but never its code
            return escape(CLOSED if part.kind == "doc" and part.target in part.text else part.text)
        return Markup('<a href="{}">{}</a>').format(address, part.text)
