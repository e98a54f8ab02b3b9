"""The download of a page of text: the same words as a Word file, with fields where a table has empty cells."""

from collections.abc import Iterable

from portal.documents.pages import Block, Heading, ItemList, Line, Paragraph, Table, Words, plain
from portal.documents.word_writer import Field, Span, Text, WordWriter, field_name


def page_word(title: str, code: str, blocks: Iterable[Block]) -> bytes:
    """Return a page as DOCX; the same page always gives the same bytes.

    Links are their words only: a file leaves the portal, and may be read by someone who may not know what they lead to.
    """
    writer = WordWriter(title, subject=code)
    writer.title(title)
    fields = _Fields()
    for block in blocks:
        if isinstance(block, Heading):
            writer.heading(_spans(block.line), block.level - 1)
        elif isinstance(block, Paragraph):
            writer.paragraph(_spans(block.line))
        elif isinstance(block, ItemList):
            (writer.numbers if block.numbered else writer.bullets)(_spans(item) for item in block.items)
        else:
            writer.table([_spans(cell) for cell in block.header], fields.rows(block))
    return writer.to_bytes()


class _Fields:
    """Names the empty cells of the tables in one document."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def rows(self, table: Table) -> Iterable[list[list[Span]]]:
        """Give the rows of a table with a field in every empty cell."""
        columns = [plain(cell).strip() for cell in table.header]
        for row in table.rows:
            words = [plain(cell).strip() for cell in row]
            row_label = next((cell for cell in words if cell), "")
            alone = words.count("") == 1
            yield [
                _spans(line) if cell else [self._field(row_label, column, alone=alone)]
                for line, cell, column in zip(row, words, columns, strict=True)
            ]

    def _field(self, row: str, column: str, *, alone: bool) -> Field:
        wanted = tag = field_name(f"{row} {column}")
        number = 1
        while tag in self._taken:
            number += 1
            tag = f"{wanted}_{number}"
        self._taken.add(tag)
        label = row if row and alone else ", ".join(part for part in (row, column) if part)
        return Field(tag, label or "invullen")


def _spans(line: Line) -> list[Span]:
    return [Text(part.text, bold=isinstance(part, Words) and part.bold) for part in line]
