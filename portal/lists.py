"""Lists at /beheer: one way to filter, sort, page and take away, for every one of them.

A ``Listing`` says which rows there are and what its columns and filters are. The address says what is asked of it:
``?q=...&sorteer=-naam&pagina=2``; what an address holds that a list does not know, does not choose.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from werkzeug.datastructures import MultiDict

from portal.lib import clock
from portal.lib.spreadsheet import as_csv

A_PAGE = 25
HIGHEST = 2**31 - 1
"""The highest number a row can have; no database can be asked for a higher one."""
LONGEST_WORDS = 200
Row = TypeVar("Row")
Expression = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column: its name in addresses, its heading, its cell in a file, and what it is sorted by, if it can be."""

    key: str
    heading: str
    cell: Callable[[Row], object]
    order: tuple[Expression, ...] = ()
    only_in_file: bool = False


@dataclass(frozen=True)
class Filter:
    """A choice from options, or words that somebody types; ``where`` raises ValueError for what is no choice."""

    key: str
    label: str
    where: Callable[[str], ColumnElement[bool]]
    options: Sequence[tuple[str, str]] | None = None
    everything: str = "Alles"


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """Which rows there are, and how they may be asked for. ``last`` decides between rows that are equal otherwise."""

    name: str
    query: Select[*tuple[Any, ...]]
    read: Callable[[Session, Select[*tuple[Any, ...]]], Sequence[Row]]
    columns: Sequence[Column[Row]]
    filters: Sequence[Filter]
    last: tuple[Expression, ...]
    usual: str = ""
    """How it stands when nothing is asked, such as ``-gemaakt``; else by the first column that sorts."""

    @property
    def sorted_by(self) -> Mapping[str, Column[Row]]:
        """The columns it can be sorted by."""
        return {column.key: column for column in self.columns if column.order}


@dataclass(frozen=True)
class Asked:
    """What an address asks of a list; ``usual`` is the order it has by itself."""

    chosen: Mapping[str, str]
    order: str
    backwards: bool
    page: int
    usual: str

    @property
    def sorting(self) -> str:
        """The order as an address holds it."""
        return f"{'-' if self.backwards else ''}{self.order}"

    def values(self, sorting: str | None = None, page: int = 1) -> dict[str, str | int]:
        """Return what the address of the same list holds, sorted otherwise or on another page."""
        wanted = self.sorting if sorting is None else sorting
        return {
            **self.chosen,
            **({"sorteer": wanted} if wanted != self.usual else {}),
            **({"pagina": page} if page > 1 else {}),
        }


@dataclass(frozen=True)
class Found(Generic[Row]):
    """One page of a list, how many rows fit what was asked and on how many pages, and how many there are in all."""

    rows: Sequence[Row]
    total: int
    page: int
    pages: int
    everything: int


def asked_of(listing: Listing[Row], arguments: MultiDict[str, str]) -> Asked:
    """Read an address; what the list does not know is left out."""
    chosen = {}
    for one in listing.filters:
        value = arguments.get(one.key, "")[:LONGEST_WORDS].replace("\0", "").strip()
        try:
            if value:
                one.where(value)
                chosen[one.key] = value
        except ValueError:  # no choice of this list
            continue
    usual = listing.usual or next(iter(listing.sorted_by))
    typed = arguments.get("sorteer", "")
    sorting = typed if typed.removeprefix("-") in listing.sorted_by else usual
    page = arguments.get("pagina", 1, type=int)
    return Asked(chosen, sorting.removeprefix("-"), sorting.startswith("-"), page, usual)


def find(session: Session, listing: Listing[Row], asked: Asked) -> Found[Row]:
    """Return a page of a list; a page beyond the last is the last one."""
    total = _count(session, listing, _chosen(listing, asked))
    everything = _count(session, listing, listing.query) if asked.chosen else total
    pages = max(1, -(-total // A_PAGE))
    page = min(max(1, asked.page), pages)
    query = _ordered(listing, asked).limit(A_PAGE).offset((page - 1) * A_PAGE)
    return Found(listing.read(session, query), total, page, pages, everything)


def spreadsheet(session: Session, listing: Listing[Row], asked: Asked) -> tuple[bytes, int]:
    """Return all rows that fit what was asked, on every page, as a CSV file that is safe to open, and how many."""
    rows = listing.read(session, _ordered(listing, asked))
    cells = ([in_words(column.cell(row)) for column in listing.columns] for row in rows)
    return as_csv([column.heading for column in listing.columns], cells), len(rows)


def in_words(value: object) -> str:
    """Return a cell as a file holds it: a moment in Amsterdam as 2026-12-01 10:00, which every sheet can sort."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, datetime):
        return value.astimezone(clock.AMSTERDAM).strftime("%Y-%m-%d %H:%M")
    return str(value)


def with_words(typed: str, *columns: Expression) -> ColumnElement[bool]:
    """Return the condition under which every word that was typed stands in one of these columns."""
    found = [or_(*(_holds(column, word) for column in columns)) for word in typed.split()]
    result = found[0]
    for one in found[1:]:
        result = result & one
    return result


def _holds(column: Expression, word: str) -> ColumnElement[bool]:
    """Return the condition under which a column holds a word. SQLite knows capitals of a to z only: É is tried."""
    return or_(*(column.icontains(form, autoescape=True) for form in {word.lower(), word.capitalize(), word.upper()}))


def _chosen(listing: Listing[Row], asked: Asked) -> Select[*tuple[Any, ...]]:
    query = listing.query
    for one in listing.filters:
        if one.key in asked.chosen:
            query = query.where(one.where(asked.chosen[one.key]))
    return query


def _ordered(listing: Listing[Row], asked: Asked) -> Select[*tuple[Any, ...]]:
    order = listing.sorted_by[asked.order].order
    turned = [column.desc() if asked.backwards else column.asc() for column in order]
    return _chosen(listing, asked).order_by(*turned, *listing.last)


def _count(session: Session, listing: Listing[Row], query: Select[*tuple[Any, ...]]) -> int:
    rows = query.with_only_columns(*listing.last, maintain_column_froms=True).subquery()
    return session.scalar(select(func.count()).select_from(rows)) or 0
