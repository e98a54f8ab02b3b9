"""A small handbook to search in, filled by publishing, with the engine that answers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from portal.audit.operations import SYSTEM
from portal.db import Database
from portal.publishing.operations import publish
from portal.releases.models import Item, ItemKind, Release, Version, Visibility
from portal.releases.operations import Content, add_version
from portal.releases.view import View
from portal.search.engines.base import Engine
from portal.search.engines.whoosh import WhooshEngine
from portal.search.index import database_engine, reindex
from portal.search.models import SearchEntry, SearchSection, SearchState, SearchWord
from portal.search.queries import Results, search
from portal.search.snippets import Piece
from tests.conftest import NOW

DAY = date(2026, 12, 1)
TODAY = View(on=DAY, known=NOW)
EVERYTHING = View(on=DAY, known=NOW, sees_regio=True)
Thing = tuple[str, ItemKind, Content]
"""Code, kind and content of an item."""


def term(code: str, name: str, meaning: str = "Zonder meer.", *known_as: str) -> Thing:
    """A list with one term in it; what is found is called ``begrip-<code>``."""
    row = {"id": code, "term": name, "uitleg": meaning, "ook": known_as}
    return code, ItemKind.GLOSSARY, Content({"begrippen": [row]})


def page(code: str, title: str, words: str = "Zonder meer.", *known_as: str) -> Thing:
    """A document that is a page of text."""
    return code, ItemKind.DOCUMENT, Content(_about(code, title, *known_as), text=f"{words}\n")


def empty(code: str, title: str) -> Thing:
    """A document that is a Word file without a word in it."""
    file = BytesIO()
    docx.Document().save(file)
    return code, ItemKind.DOCUMENT, Content(_about(code, title), original=file.getvalue())


def _about(code: str, title: str, *known_as: str) -> dict[str, Any]:
    return {
        "code": code,
        "titel": title,
        "soort": "brief",
        "doelgroep": ["corporatie"],
        "invulbaar": False,
        "convenant": [],
        "grond": "aangenomen",
        "zoekwoorden": known_as,
    }


def same(*groups: tuple[str, ...]) -> Thing:
    """Words that mean the same."""
    rows = [{"id": group[0], "woorden": group} for group in groups]
    return "synoniemen", ItemKind.SYNONYMS, Content({"synoniemen": rows})


@dataclass
class Shelf:
    """A database with what was published in it; every question goes through a session of its own."""

    database: Database
    engine_for: Callable[[Session], Engine]

    def publish(
        self,
        *things: Thing,
        at: datetime = NOW,
        effective_on: date = DAY,
        visibility: Visibility = Visibility.ALLE,
    ) -> None:
        """Publish things together: a new version of each, and an item where there is none with that code yet."""
        with self.database.transaction() as session:
            release = draft(session, things, visibility)
            publish(
                session,
                release,
                decided_on=DAY,
                effective_on=effective_on,
                by=SYSTEM,
                at=at,
                retroactive_reason="proef",
            )

    def draft(self, *things: Thing) -> int:
        """Make a draft; returns its row."""
        with self.database.transaction() as session:
            return draft(session, things, Visibility.ALLE).id

    def show(self, code: str, visibility: Visibility) -> None:
        """Open or close an item."""
        with self.database.transaction() as session:
            session.execute(update(Item).where(Item.code == code).values(visibility=visibility.value))

    def ask(self, typed: str, view: View = TODAY) -> Results:
        with self.database.reading() as session:
            return search(session, self.engine_for(session), view, typed, facets={})

    def codes(self, typed: str, view: View = TODAY) -> list[str]:
        """Return what answers all words, without what stands before the code of a term."""
        results = self.ask(typed, view)
        return [hit.code.removeprefix("begrip-") for hit in results.hits] if results.all_words else []

    def reindex(self) -> int:
        with self.database.transaction() as session:
            return reindex(session)

    def lose_index(self) -> None:
        """Throw away everything in the database that publishing wrote there for searching."""
        with self.database.transaction() as session:
            session.execute(text("DELETE FROM search_text"))
            for table in (SearchSection, SearchEntry, SearchWord, SearchState):
                session.execute(delete(table))


def draft(session: Session, things: Iterable[Thing], visibility: Visibility) -> Release:
    release = Release(title="uitgave", created_at=NOW)
    session.add(release)
    session.flush()
    for code, kind, content in things:
        item = session.scalars(select(Item).where(Item.code == code)).first()
        if item is None:
            item = Item(code=code, kind=kind.value, visibility=visibility.value)
            session.add(item)
            session.flush()
        newest = select(Version).where(Version.item_id == item.id).order_by(Version.number.desc()).limit(1)
        add_version(
            session,
            item=item,
            release=release,
            content=content,
            change_note="",
            created_by=None,
            at=NOW,
            based_on=session.scalars(newest).first(),
        )
    session.refresh(release)
    return release


def shelf_on(url: str, whoosh: Path | None) -> Iterator[Shelf]:
    """Give a shelf with the engine of the database, or with Whoosh in a folder."""
    database = Database(url)
    beside = whoosh and WhooshEngine(whoosh)
    try:
        yield Shelf(database, lambda session: beside or database_engine(session))
    finally:
        database.engine.dispose()


def words_of(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces)


def everything_in(results: Results) -> dict[str, Any]:
    """Return all that a reader gets to see of an answer."""
    hits = [*results.hits, *results.more]
    return {
        "hits": [(hit.code, words_of(hit.title), hit.snippet and words_of(hit.snippet.pieces)) for hit in hits],
        "counts": (results.total, dict(results.kinds), dict(results.roles), dict(results.routes)),
        "all words": results.all_words,
        "suggestion": results.asked.suggestion,
    }
