"""Keeping the index: written in the transaction of the release, and made anew whenever that is needed."""

import secrets
from collections.abc import Sequence

from sqlalchemy import delete, func, select, text, update
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
AT_ONCE = 500
"""Words deleted in one statement; both databases allow more."""


def database_engine(session: Session) -> PostgresqlEngine | SqliteEngine:
    """Return the full text of the database itself."""
    return PostgresqlEngine() if session.get_bind().dialect.name == "postgresql" else SqliteEngine()


def index_versions(session: Session, versions: Sequence[Version]) -> None:
    """Make versions findable, once; makes the whole index when there is none of this recipe yet.

    A version is indexed as soon as it is in a draft: only who looks through that draft finds it before it is published.
    """
    if not is_current(session):
        reindex(session)
        return
    known = set(
        session.scalars(select(SearchEntry.version_id).where(SearchEntry.version_id.in_(v.id for v in versions)))
    )
    for version in versions:
        if version.id not in known:
            _add(session, version)
    if len(versions) >= MANY:
        database_engine(session).settle(session)


def forget_version(session: Session, version: Version) -> None:
    """Take a version that was in a draft out of the index. Its words stay: nothing is shown because of them alone.

    The index gets another mark, for its row numbers may come back with other contents.
    """
    entries = list(session.scalars(select(SearchEntry.id).where(SearchEntry.version_id == version.id)))
    if not entries:
        return
    database_engine(session).remove(session, entries)
    session.execute(delete(SearchSection).where(SearchSection.entry_id.in_(entries)))
    session.execute(delete(SearchEntry).where(SearchEntry.id.in_(entries)))
    session.execute(update(SearchState).values(mark=secrets.token_hex(8)))


def erase_version(session: Session, version: Version) -> None:
    """Take a version out of the index with every word that stands in nothing else; call it while it still has a text.

    SQLite forgets deleted words only when the pieces of its index are merged, so that is done too.
    """
    words = sorted({word for entry in entries_of(version) for word in fields_of(entry).words})
    forget_version(session, version)
    engine = database_engine(session)
    engine.settle(session)
    unused = sorted(set(words) - engine.spelled(session, words))
    for start in range(0, len(unused), AT_ONCE):
        session.execute(delete(SearchWord).where(SearchWord.word.in_(unused[start : start + AT_ONCE])))


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
            Version.withdrawn.is_(False),
            Version.destroyed_at.is_(None),
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
    """Make the index anew from everything published or in a draft; returns how many entries it holds."""
    database_engine(session).clear(session)
    for table in (SearchSection, SearchEntry, SearchWord, SearchState):
        session.execute(delete(table))
    for version in session.scalars(select(Version).order_by(Version.id)):
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
