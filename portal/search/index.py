"""Keeping the index: written in the transaction of the release, and made anew whenever that is needed."""

import secrets
from collections.abc import Sequence

from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from portal.releases.models import Item, ItemKind, Release, Version
from portal.search.analysis import Fields, fields_of, text_words
from portal.search.dutch import RECIPE, porter, stem
from portal.search.engines.postgresql import PostgresqlEngine
from portal.search.engines.sqlite import SqliteEngine
from portal.search.entries import entries_of
from portal.search.models import SearchEntry, SearchSection, SearchState, SearchWord

MANY = 100
"""Versions published at once after which the index is tidied up; doing so takes longer the larger it is."""


def database_engine(session: Session) -> PostgresqlEngine | SqliteEngine:
    """Return the full text of the database itself."""
    return PostgresqlEngine() if session.get_bind().dialect.name == "postgresql" else SqliteEngine()


def index_versions(session: Session, versions: Sequence[Version]) -> None:
    """Make versions findable that are being published; makes the whole index when there is none of this recipe yet."""
    if not is_current(session):
        reindex(session)
        return
    for version in versions:
        _add(session, version)
    if len(versions) >= MANY:
        database_engine(session).settle(session)


def is_current(session: Session) -> bool:
    """Tell whether there is an index, made by this version of the program."""
    return session.get(SearchState, RECIPE) is not None


def is_whole(session: Session) -> bool:
    """Tell whether the index is of this recipe, undamaged, and holds every document and flow that was published."""
    indexed = select(SearchEntry.version_id).distinct().subquery()
    missing = (
        select(func.count())
        .select_from(Version)
        .join(Release, Version.release_id == Release.id)
        .join(Item, Version.item_id == Item.id)
        .outerjoin(indexed, indexed.c.version_id == Version.id)
        .where(
            Release.number.is_not(None),
            Item.kind.in_((ItemKind.DOCUMENT, ItemKind.FLOW)),
            indexed.c.version_id.is_(None),
        )
    )
    try:
        with session.begin_nested():
            return is_current(session) and not session.scalar(missing) and database_engine(session).is_sound(session)
    except DatabaseError:
        return False


def reindex(session: Session) -> int:
    """Make the index anew from everything published; returns how many entries it holds."""
    database_engine(session).clear(session)
    for table in (SearchSection, SearchEntry, SearchWord, SearchState):
        session.execute(delete(table))
    published = select(Version).join(Release, Version.release_id == Release.id).where(Release.number.is_not(None))
    for version in session.scalars(published.order_by(Version.id)):
        _add(session, version)
    database_engine(session).settle(session)
    session.add(SearchState(recipe=RECIPE, mark=secrets.token_hex(8)))
    session.flush()
    return session.scalar(select(func.count()).select_from(SearchEntry)) or 0


def _add(session: Session, version: Version) -> None:
    added: list[tuple[int, Fields]] = []
    for entry in entries_of(version):
        title = text_words(entry.title)
        row = SearchEntry(
            version_id=version.id,
            code=entry.code,
            kind=entry.kind,
            title=entry.title,
            title_stems=title.stems,
            title_offsets=title.offsets,
        )
        session.add(row)
        session.flush()
        for position, section in enumerate(entry.sections):
            words = text_words(section.text)
            session.add(
                SearchSection(
                    entry_id=row.id,
                    position=position,
                    anchor=section.anchor,
                    heading=section.heading,
                    text=section.text,
                    stems=words.stems,
                    offsets=words.offsets,
                )
            )
        added.append((row.id, fields_of(entry)))
    session.flush()
    database_engine(session).add(session, added)
    _add_words(session, {word for _row, fields in added for word in fields.words})


def _add_words(session: Session, words: set[str]) -> None:
    rows = [
        {"word": word, "stem": stem(word), "porter": porter(word), "head": head_of(word), "tail": tail_of(word)}
        for word in sorted(words)
    ]
    if rows:
        session.execute(text(ADD_WORD), rows)


ADD_WORD = """
INSERT INTO search_word (word, stem, porter, head, tail) VALUES (:word, :stem, :porter, :head, :tail)
ON CONFLICT DO NOTHING
"""


def head_of(word: str) -> str:
    """Return the first half of a word, by which near misses are found that go wrong in the last half."""
    return word[: len(word) // 2]


def tail_of(word: str) -> str:
    """Return the last half of a word."""
    return word[(len(word) + 1) // 2 :]
