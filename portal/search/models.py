"""Tables of the search index. Everything here is derived: it can be thrown away and made again at any time."""

from datetime import date

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class SearchState(Base):
    """With which recipe the index was made: one row, or none when there is no index yet."""

    __tablename__ = "search_state"

    recipe: Mapped[str] = mapped_column(String(200), primary_key=True)
    mark: Mapped[str] = mapped_column(String(16))
    """Another one each time the index is made anew: row numbers may come back with other contents."""


class SearchEntry(Base):
    """One thing to find in one version: a document, a route, a step, a term or an amount."""

    __tablename__ = "search_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"), index=True)
    code: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(Text)
    title_stems: Mapped[str] = mapped_column(Text)
    title_offsets: Mapped[bytes] = mapped_column(LargeBinary)
    """The words of the title, as ``analysis.TextWords`` has them."""


class SearchSection(Base):
    """A part of an entry with a heading of its own, to which a hit leads."""

    __tablename__ = "search_section"

    entry_id: Mapped[int] = mapped_column(ForeignKey("search_entry.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    anchor: Mapped[str] = mapped_column(String(200))
    heading: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    stems: Mapped[str] = mapped_column(Text)
    offsets: Mapped[bytes] = mapped_column(LargeBinary)
    """The words of the text, as ``analysis.TextWords`` has them."""


class SearchWord(Base):
    """A word that stands in some entry, by which words of the same class and near misses are found.

    A word here may come from a text that not everybody may know of. It is never shown or used before the index itself
    has said that the word stands in something this view may know of.
    """

    __tablename__ = "search_word"

    word: Mapped[str] = mapped_column(String(80), primary_key=True)
    stem: Mapped[str] = mapped_column(String(80))
    porter: Mapped[str] = mapped_column(String(80), index=True)
    head: Mapped[str] = mapped_column(String(40), index=True)
    tail: Mapped[str] = mapped_column(String(40), index=True)


class SearchMiss(Base):
    """A question nothing was found for, without who asked it; for the editor to add a synonym or a text."""

    __tablename__ = "search_miss"

    words: Mapped[str] = mapped_column(String(100), primary_key=True)
    times: Mapped[int]
    last_on: Mapped[date]
