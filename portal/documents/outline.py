"""The headings of a text: ids, levels and contents; and the names of tables under them."""

from collections.abc import Sequence
from typing import NamedTuple

from portal.documents.word_writer import field_name

HIGHEST, LOWEST = 2, 6
"""Heading levels in a text; level 1 is the title of the page around it."""


class Section(NamedTuple):
    """A heading in the contents of a text; ``level`` is the one it has in the HTML."""

    id: str
    title: str
    level: int


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
