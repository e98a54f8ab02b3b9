"""SQLite FTS5: a virtual table of which the row number is that of the entry.

What stands in a name, and words as spelled, are words of their own in it, with a mark before them. So a word that is
looked for in titles is found without reading past every text that it stands in.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    Float,
    Integer,
    Select,
    bindparam,
    cast,
    column,
    delete,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.orm import Session

from portal.db import Prepared
from portal.releases.models import Item, Release, Version
from portal.releases.queries import bound, holds
from portal.releases.view import View
from portal.search import trees
from portal.search.analysis import BREAK, Fields
from portal.search.engines.base import WEIGHTS, Found, Question, the_best
from portal.search.models import SearchEntry
from portal.search.trees import Phrase, Spelled, Stem, Tree, Where

COLUMNS = ("title", "keywords", "body", "title_parts", "body_parts", "words")
CREATE = f"CREATE VIRTUAL TABLE search_text USING fts5({', '.join(COLUMNS)}, tokenize = 'ascii')"
INSERT = f"INSERT INTO search_text (rowid, {', '.join(COLUMNS)}) VALUES (:rowid, :{', :'.join(COLUMNS)})"  # noqa: S608 # constants
NAMED, SPELLED = "\u00b7", "\u00a7"
"""Before a word, with which no stem begins: it stands in a name, or is as spelled."""
STEMS: Mapping[Where, str] = {
    Where.ANYWHERE: '"{}"',
    Where.NAME: f'"{NAMED}{{}}"',
    Where.TITLE: f'{{{{title}}}} : "{NAMED}{{}}"',
}
PHRASES: Mapping[Where, tuple[str, str]] = {
    Where.ANYWHERE: ("title keywords body", ""),
    Where.NAME: ("title keywords", NAMED),
    Where.TITLE: ("title", NAMED),
}
"""How a stem is asked for per place; for a phrase the columns and the mark, as parts do not stand side by side."""
ROWS = table("search_text", column("rowid", Integer))
SCORE = literal_column(f"-bm25(search_text, {', '.join(str(WEIGHTS.get(name, 0.0)) for name in COLUMNS)})", Float)
SPELLED_SOMEWHERE = text(
    "SELECT asked.key FROM json_each(:asked) AS asked"
    " WHERE EXISTS (SELECT 1 FROM search_text WHERE search_text MATCH asked.value)"
)


def _match(parameter: str) -> Any:
    return text(f"search_text MATCH :{parameter}")


LIMIT = bindparam("look", type_=Integer())
MATCHING = Prepared(
    select(func.count()).select_from(select(ROWS.c.rowid).where(_match("asked")).limit(LIMIT).subquery())
)
"""How many match, in this view or not, as far as they were looked at."""
LOOKS = (1, 10)
"""When only a few are wanted: of how many times as many it is asked whether they are in the view, before of all."""


class SqliteEngine:
    """The full text of SQLite."""

    def add(self, session: Session, entries: Sequence[tuple[int, Fields]]) -> None:
        """Index entries."""
        rows = [{"rowid": number, **_texts(fields)} for number, fields in entries]
        if rows:
            session.execute(text(INSERT), rows)

    def remove(self, session: Session, entries: Sequence[int]) -> None:
        """Take entries out again."""
        session.execute(delete(ROWS).where(ROWS.c.rowid.in_(entries)))

    def clear(self, session: Session) -> None:
        """Make the virtual table anew; that also mends a damaged one."""
        session.execute(text("DROP TABLE IF EXISTS search_text"))
        session.execute(text(CREATE))

    def settle(self, session: Session) -> None:
        """Merge the pieces in which FTS5 writes an index into one: each question looks into all of them."""
        session.execute(text("INSERT INTO search_text (search_text) VALUES ('optimize')"))

    def is_sound(self, session: Session) -> bool:
        """Tell whether nothing is damaged and every entry is there. Raises DatabaseError when it is damaged badly."""
        session.execute(text("INSERT INTO search_text (search_text) VALUES ('integrity-check')"))
        count = select(func.count())
        return session.scalar(count.select_from(ROWS)) == session.scalar(count.select_from(SearchEntry))

    def spelled(self, session: Session, words: Collection[str]) -> set[str]:
        """Return those of these words that stand in any entry, whoever may see it."""
        asked = json.dumps({word: _asked(Spelled(word)) for word in words})
        return set(session.scalars(SPELLED_SOMEWHERE, {"asked": asked}))

    def holding(self, session: Session, view: View, trees: Sequence[Tree]) -> set[Tree]:
        """Return those of these trees that hold for anything in this view; of each it stops at the first."""
        asked = {"trees": json.dumps([_asked(tree) for tree in trees]), **bound(view)}
        statement = _holding(view.sees_regio, view.draft is not None)
        return {trees[number] for (number,) in statement.rows(session, asked)}

    def find(self, session: Session, view: View, question: Question) -> list[Found]:
        """Return what answers a question in this view, as ``Engine`` says."""
        most, names = question.most, question.names
        asked = {"asked": _asked(question.tree), **bound(view)}
        asked |= {f"name_{number}": _asked(name) for number, name in enumerate(names)}
        rows: Sequence[Any] = ()
        for look in (*(times * most for times in LOOKS), None) if most else (None,):
            statement = _best(view.sees_regio, view.draft is not None, limited=bool(look), names=len(names))
            rows = statement.rows(session, {**asked, "look": look})
            if most is None or len(rows) >= most:
                break
            if look and MATCHING.rows(session, {**asked, "look": look})[0][0] < look:
                break  # there are no others to look at
        return the_best(map(Found._make, rows), most)


def _texts(fields: Fields) -> dict[str, str]:
    """Return what is written in the columns; no phrase goes on from the words into the marked ones."""
    texts = {
        "title": (*fields.title, BREAK, *_marked(NAMED, fields.title)),
        "keywords": (*fields.keywords, BREAK, *_marked(NAMED, fields.keywords)) if fields.keywords else (),
        "body": fields.body,
        "title_parts": (*fields.title_parts, *_marked(NAMED, fields.title_parts)),
        "body_parts": fields.body_parts,
        "words": _marked(SPELLED, fields.words),
    }
    return {name: " ".join(words) for name, words in texts.items()}


def _marked(mark: str, words: Iterable[str]) -> list[str]:
    return [f"{mark}{word}" for word in words]


@cache
def _best(sees_regio: bool, drafted: bool, *, limited: bool, names: int) -> Prepared:
    best = select(ROWS.c.rowid, SCORE.label("score")).where(_match("asked"))
    if limited:
        best = best.order_by(SCORE.desc()).limit(LIMIT)
    matches = best.subquery()
    tier: Any = literal_column("0", Integer)
    for number in range(names):
        tier = tier + cast(matches.c.rowid.in_(select(ROWS.c.rowid).where(_match(f"name_{number}"))), Integer)
    entries = select(SearchEntry.id, SearchEntry.code, SearchEntry.kind, tier, matches.c.score).select_from(matches)
    return Prepared(_in_view(entries.join(SearchEntry, SearchEntry.id == matches.c.rowid), sees_regio, drafted))


@cache
def _holding(sees_regio: bool, drafted: bool) -> Prepared:
    asked = func.json_each(bindparam("trees")).table_valued("key", "value", name="asked")
    matches = select(ROWS.c.rowid).where(text("search_text MATCH asked.value")).subquery()
    entries = select(SearchEntry.id).select_from(matches).join(SearchEntry, SearchEntry.id == matches.c.rowid)
    return Prepared(select(asked.c.key).where(_in_view(entries, sees_regio, drafted).exists()))


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
        return STEMS[tree.where].format(tree.stem)
    if isinstance(tree, Phrase):
        columns, mark = PHRASES[tree.where]
        return f'{{{columns}}} : "{" ".join(_marked(mark, tree.stems))}"'
    if isinstance(tree, Spelled):
        return f'"{SPELLED}{tree.word}"'
    sign = " AND " if isinstance(tree, trees.All) else " OR "
    return f"({sign.join(map(_asked, tree.trees))})"
