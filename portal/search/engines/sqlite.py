"""SQLite FTS5: a virtual table of which the row number is that of the entry."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Float, Integer, Select, bindparam, column, func, literal_column, select, table, text
from sqlalchemy.orm import Session

from portal.releases.models import Item, Release, Version
from portal.releases.queries import bound, holds
from portal.releases.view import View
from portal.search import trees
from portal.search.analysis import Fields
from portal.search.engines.base import WEIGHTS, Found, Question, in_order
from portal.search.models import SearchEntry
from portal.search.trees import Phrase, Spelled, Stem, Tree, Where

COLUMNS = ("title", "keywords", "body", "title_parts", "body_parts", "words")
CREATE = f"CREATE VIRTUAL TABLE search_text USING fts5({', '.join(COLUMNS)}, tokenize = 'ascii')"
INSERT = f"INSERT INTO search_text (rowid, {', '.join(COLUMNS)}) VALUES (:rowid, :{', :'.join(COLUMNS)})"  # noqa: S608 # constants
FIELDS: Mapping[Where, tuple[str, str]] = {
    Where.ANYWHERE: ("{title keywords body title_parts body_parts}", "{title keywords body}"),
    Where.NAME: ("{title keywords title_parts}", "{title keywords}"),
    Where.TITLE: ("{title}", "{title}"),
}
"""Per place the columns for a stem, and for a phrase: parts of compounds do not stand next to each other."""
ROWS = table("search_text", column("rowid", Integer))
SCORE: Any = func.bm25(literal_column("search_text"), *(WEIGHTS.get(name, 0.0) for name in COLUMNS), type_=Float)
MATCH = text("search_text MATCH :asked")
NAMED = select(ROWS.c.rowid).where(MATCH)
LOOKS = (100, 1000, None)
"""Of how many of the best it is asked whether they are in the view, when only a few are wanted."""


class SqliteEngine:
    """The full text of SQLite."""

    def add(self, session: Session, entries: Sequence[tuple[int, Fields]]) -> None:
        """Index entries."""
        rows = [
            {"rowid": number, **{name: " ".join(getattr(fields, name)) for name in COLUMNS}}
            for number, fields in entries
        ]
        if rows:
            session.execute(text(INSERT), rows)

    def clear(self, session: Session) -> None:
        """Make the virtual table anew; that also mends a damaged one."""
        session.execute(text("DROP TABLE IF EXISTS search_text"))
        session.execute(text(CREATE))

    def is_sound(self, session: Session) -> bool:
        """Tell whether nothing is damaged and every entry is there. Raises DatabaseError when it is damaged badly."""
        session.execute(text("INSERT INTO search_text (search_text) VALUES ('integrity-check')"))
        count = select(func.count())
        return session.scalar(count.select_from(ROWS)) == session.scalar(count.select_from(SearchEntry))

    def has(self, session: Session, view: View, tree: Tree) -> bool:
        """Tell whether there is anything in this view for which a tree holds; stops at the first."""
        asked = {"asked": _asked(tree), **bound(view)}
        return session.connection().execute(_some(view.sees_regio, view.draft is not None), asked).first() is not None

    def find(self, session: Session, view: View, question: Question) -> list[Found]:
        """Return what answers a question in this view, the best first."""
        most = question.most
        for look in LOOKS if most else (None,):
            asked = {"asked": _asked(question.tree), **bound(view), **({"look": look} if look else {})}
            statement = _visible(view.sees_regio, view.draft is not None, limited=bool(look))
            rows = session.connection().execute(statement, asked).all()
            if most is None or len(rows) >= most:
                break
        tiers: dict[int, int] = {}
        for name in question.names if len(rows) > 1 else ():
            for number in session.connection().scalars(NAMED, {"asked": _asked(name)}):
                tiers[number] = tiers.get(number, 0) + 1
        return in_order((Found(row.id, row.code, row.kind, tiers.get(row.id, 0), -row.score) for row in rows), most)


@cache
def _visible(sees_regio: bool, drafted: bool, limited: bool) -> Select[Any]:
    best = select(ROWS.c.rowid, SCORE.label("score")).where(MATCH)
    if limited:
        best = best.order_by(SCORE).limit(bindparam("look", type_=Integer()))
    matches = best.subquery()
    entries = select(SearchEntry.id, SearchEntry.code, SearchEntry.kind, matches.c.score).select_from(matches)
    return _in_view(entries.join(SearchEntry, SearchEntry.id == matches.c.rowid), sees_regio, drafted)


@cache
def _some(sees_regio: bool, drafted: bool) -> Select[Any]:
    matches = select(ROWS.c.rowid).where(MATCH).subquery()
    entries = select(SearchEntry.id).select_from(matches).join(SearchEntry, SearchEntry.id == matches.c.rowid)
    return _in_view(entries, sees_regio, drafted).limit(1)


def _in_view(entries: Select[Any], sees_regio: bool, drafted: bool) -> Select[Any]:
    return (
        entries.join(Version, Version.id == SearchEntry.version_id)
        .join(Release, Release.id == Version.release_id)
        .join(Item, Item.id == Version.item_id)
        .where(holds(sees_regio, drafted))
    )


def _asked(tree: Tree) -> str:
    """Return a tree in the language of FTS5; stems and words are letters and digits, so nothing needs escaping."""
    if isinstance(tree, Stem):
        return f'{FIELDS[tree.where][0]} : "{tree.stem}"'
    if isinstance(tree, Phrase):
        return f'{FIELDS[tree.where][1]} : "{" ".join(tree.stems)}"'
    if isinstance(tree, Spelled):
        return f'{{words}} : "{tree.word}"'
    sign = " AND " if isinstance(tree, trees.All) else " OR "
    return f"({sign.join(map(_asked, tree.trees))})"
