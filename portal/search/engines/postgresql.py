"""PostgreSQL full text: a tsvector for each entry, made of our own stems (not by PostgreSQL's own Dutch)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, Select, cast, column, delete, func, literal, select, table, text
from sqlalchemy.dialects.postgresql import ARRAY, REAL, TSQUERY, TSVECTOR
from sqlalchemy.orm import Session

from portal.releases.models import Item, Release, Version
from portal.releases.queries import bound, holds
from portal.releases.view import View
from portal.search import trees
from portal.search.analysis import BREAK, Fields
from portal.search.engines.base import WEIGHTS, Found, Question, the_best
from portal.search.models import SearchEntry
from portal.search.trees import Phrase, Spelled, Stem, Tree, Where

LETTERS = {"title": "A", "keywords": "B", "body": "C", "title_parts": "B", "body_parts": "D"}
"""PostgreSQL knows four weights, so keywords and parts in a title share one."""
WEIGHT_LIST = cast(
    [WEIGHTS[name] / WEIGHTS["title"] for name in ("body_parts", "body", "keywords", "title")], ARRAY(REAL)
)
"""For D, C, B and A; the highest must be 1."""
BY_LOG_OF_LENGTH = 1
"""How ts_rank corrects for long texts: it divides by 1 + the logarithm of the length."""
CREATE = (
    "CREATE TABLE search_text (entry_id integer PRIMARY KEY, vector tsvector NOT NULL)",
    "ALTER TABLE search_text ALTER COLUMN vector SET STORAGE EXTERNAL",
    "CREATE INDEX ix_search_text_vector ON search_text USING gin (vector) WITH (fastupdate = off)",
)
"""Vectors are stored as they are: unpacking them, for every rank, would take most of a question. And a release is in
the index itself at once, not in a list beside it that every question reads to the end."""
FIELDS = {Where.ANYWHERE: "", Where.NAME: ":AB", Where.TITLE: ":A"}
PHRASE_FIELDS = FIELDS | {Where.ANYWHERE: ":ABC"}
SPELLED = "="
"""Before a word as spelled, which no stem begins with."""
LAST_PLACE, PARTS_PLACE = 16_000, 16_383
"""PostgreSQL counts places up to 16,383. Parts stand all at that one: they are never next to each other."""
TEXTS = table("search_text", column("entry_id", Integer), column("vector", TSVECTOR))


class PostgresqlEngine:
    """The full text of PostgreSQL."""

    def add(self, session: Session, entries: Sequence[tuple[int, Fields]]) -> None:
        """Index entries."""
        rows = [{"entry_id": number, "vector": vector_of(fields)} for number, fields in entries]
        if rows:
            session.execute(text("INSERT INTO search_text VALUES (:entry_id, CAST(:vector AS tsvector))"), rows)

    def remove(self, session: Session, entries: Sequence[int]) -> None:
        """Take entries out again."""
        session.execute(delete(TEXTS).where(TEXTS.c.entry_id.in_(entries)))

    def spelled(self, session: Session, words: Collection[str]) -> set[str]:
        """Return those of these words that stand in any entry, whoever may see it."""
        known = list(words)
        queries = func.unnest(cast([_asked(Spelled(word)) for word in known], ARRAY(TSQUERY)))
        asked = queries.table_valued(column("query", TSQUERY), with_ordinality="number").render_derived(name="asked")
        there = select(literal(1)).select_from(TEXTS).where(TEXTS.c.vector.op("@@")(asked.c.query)).exists()
        return {known[number - 1] for number in session.scalars(select(asked.c.number).where(there))}

    def clear(self, session: Session) -> None:
        """Make the table anew where it is gone, and empty it. It is not dropped: only its owner might."""
        gone = session.scalar(select(func.to_regclass("search_text").is_(None)))
        for statement in CREATE if gone else ("DELETE FROM search_text",):
            session.execute(text(statement))

    def is_sound(self, session: Session) -> bool:
        """Tell whether every entry is there. Raises DatabaseError when the table is not."""
        count = select(func.count())
        return session.scalar(count.select_from(TEXTS)) == session.scalar(count.select_from(SearchEntry))

    def settle(self, session: Session) -> None:
        """Let PostgreSQL count what is in the tables, as it does by itself after a while: it plans by that."""
        session.execute(text("ANALYZE search_text, search_entry, version, item"))

    def holding(self, session: Session, view: View, trees: Sequence[Tree]) -> set[Tree]:
        """Return those of these trees that hold for anything in this view; of each it stops at the first."""
        queries = func.unnest(cast([_asked(tree) for tree in trees], ARRAY(TSQUERY)))
        asked = queries.table_valued(column("query", TSQUERY), with_ordinality="number").render_derived(name="asked")
        there = _in_view(view, literal(1), query=asked.c.query).exists()
        return {trees[number - 1] for number in session.scalars(select(asked.c.number).where(there), bound(view))}

    def find(self, session: Session, view: View, question: Question) -> list[Found]:
        """Return what answers a question in this view, as ``Engine`` says."""
        vector = TEXTS.c.vector
        counted = select(func.count().label("number")).select_from(TEXTS).cte("everything")
        everything = select(counted.c.number).scalar_subquery()
        tier: Any = literal(0)
        for name in question.names:
            tier = tier + cast(vector.op("@@")(_query(name)), Integer)
        score: Any = literal(0.0)
        for term in map(_query, question.terms):
            score = score + _rarity(term, everything) * func.ts_rank(WEIGHT_LIST, vector, term, BY_LOG_OF_LENGTH)
        columns = (SearchEntry.id, SearchEntry.code, SearchEntry.kind, tier.label("tier"), score.label("score"))
        best = (
            _in_view(view, *columns, query=_query(question.tree))
            .order_by(score.desc(), SearchEntry.id)
            .limit(question.most)
        )
        rows = session.execute(best, bound(view))
        return the_best((Found(row.id, row.code, row.kind, row.tier, row.score) for row in rows), question.most)


def _in_view(view: View, *columns: Any, query: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*columns)
        .select_from(SearchEntry)
        .join(TEXTS, TEXTS.c.entry_id == SearchEntry.id)
        .join(Version, Version.id == SearchEntry.version_id)
        .join(Release, Release.id == Version.release_id)
        .join(Item, Item.id == Version.item_id)
        .where(TEXTS.c.vector.op("@@")(query), holds(view.sees_regio, view.draft is not None))
    )


def _rarity(term: ColumnElement[Any], everything: ColumnElement[int]) -> ColumnElement[float]:
    """Return how rare a term is, as BM25 counts it; PostgreSQL's own rank does not know which words are common."""
    matching = select(func.count()).select_from(TEXTS).where(TEXTS.c.vector.op("@@")(term)).scalar_subquery()
    return func.ln(1 + (everything - matching + 0.5) / (matching + 0.5), type_=Float)


def _query(tree: Tree) -> ColumnElement[Any]:
    return cast(literal(_asked(tree)), TSQUERY)


def _asked(tree: Tree) -> str:
    """Return a tree as a tsquery; stems and words hold letters and digits only, so nothing needs escaping."""
    if isinstance(tree, Stem):
        return f"'{tree.stem}'{FIELDS[tree.where]}"
    if isinstance(tree, Phrase):
        return "(" + " <-> ".join(f"'{stem}'{PHRASE_FIELDS[tree.where]}" for stem in tree.stems) + ")"
    if isinstance(tree, Spelled):
        return f"'{SPELLED}{tree.word}'"
    sign = " & " if isinstance(tree, trees.All) else " | "
    return f"({sign.join(map(_asked, tree.trees))})"


def vector_of(fields: Fields) -> str:
    """Return the fields of an entry as a tsvector."""
    places: dict[str, set[str]] = defaultdict(set)
    place = 0
    for name in ("title", "keywords", "body"):
        place += 2  # no phrase goes on from one field into the next
        for stem in getattr(fields, name):
            place += 1
            if stem != BREAK:
                places[stem].add(f"{min(place, LAST_PLACE)}{LETTERS[name]}")
    for name in ("title_parts", "body_parts"):
        for stem in getattr(fields, name):
            places[stem].add(f"{PARTS_PLACE}{LETTERS[name]}")
    lexemes = [f"'{stem}':{','.join(sorted(found))}" for stem, found in places.items()]
    return " ".join([*lexemes, *(f"'{SPELLED}{word}'" for word in fields.words)])
