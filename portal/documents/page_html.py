"""A page of text as HTML."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from portal.documents.clean import clean
from portal.documents.models import CLOSED
from portal.documents.outline import Outline, Section, names_rows
from portal.documents.pages import Block, Heading, Inline, ItemList, Line, Link, Paragraph, Table, Words, plain

TO_FILL = Markup('<span class="invulveld">in te vullen</span>')


@dataclass(frozen=True)
class PageHtml:
    """A page of text, ready to show, with its contents."""

    html: Markup
    contents: tuple[Section, ...]


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
