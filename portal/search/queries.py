"""Asking the index in a view. What this view may not know of takes part in nothing: no hit, count, snippet or guess."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process
from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from portal.releases.models import ItemKind
from portal.releases.queries import data_in_force
from portal.releases.view import View
from portal.search.dutch import porter, stem
from portal.search.engines.base import Engine, Found, Question, in_order
from portal.search.entries import AMOUNT, ROUTE, STEP, TERM
from portal.search.facets import Facets, Filters
from portal.search.models import SearchEntry, SearchSection, SearchWord
from portal.search.question import MOST_NEAR, Asked, Knowledge, Term, ask, errors_allowed, nearest
from portal.search.snippets import Marker, Piece, Snippet
from portal.search.trees import Spelled, Tree, Where, every, some

SECTION_COLUMNS = ("anchor", "heading", "text", "stems", "offsets")
NO_FILTERS = Filters()
PAGE = 10
"""Hits on a page."""
EXPLAINS = frozenset({TERM, AMOUNT})
SHORT = EXPLAINS | {STEP, ROUTE}
LONG_TEXT = 1.5
"""By how much the score of a document is raised."""
LIKE = 60
"""How much a title must be like a question to be offered, out of 100."""
LOOKED_AT = 60
"""How many of the best are looked at to fill up a page, before all are."""


SECTIONS = (
    select(SearchEntry.id, SearchEntry.title, *(getattr(SearchSection, name) for name in SECTION_COLUMNS))
    .join(SearchSection, SearchSection.entry_id == SearchEntry.id)
    .where(SearchEntry.id.in_(bindparam("ids", expanding=True)))
    .order_by(SearchEntry.id, SearchSection.position)
)
CLASSES = (
    select(SearchWord.porter, SearchWord.stem, SearchWord.word)
    .where(SearchWord.porter.in_(bindparam("classes", expanding=True)))
    .order_by(SearchWord.stem, SearchWord.word)
)
"""Statements that never change are made once: making one costs more than asking it."""


@dataclass(frozen=True)
class Hit:
    """Something found, with the piece of text that shows why."""

    code: str
    kind: str
    title: tuple[Piece, ...]
    snippet: Snippet | None
    facets: Facets


@dataclass(frozen=True)
class Results:
    """What was found. Counts are over everything that answers, before it is cut into pages."""

    asked: Asked
    filters: Filters
    hits: tuple[Hit, ...] = ()
    more: tuple[Hit, ...] = ()
    """What answers only some of the words, to fill up a page."""
    total: int = 0
    """How many answer all words, or where none does, some of them; after the filters."""
    all_words: bool = True
    page: int = 1
    kinds: Mapping[str, int] = field(default_factory=dict)
    roles: Mapping[str, int] = field(default_factory=dict)
    routes: Mapping[str, int] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """How many pages the hits take."""
        return max(1, -(-self.total // PAGE))


def search(
    session: Session,
    engine: Engine,
    view: View,
    typed: str,
    *,
    facets: Mapping[str, Facets],
    filters: Filters = NO_FILTERS,
    page: int = 1,
) -> Results:
    """Return what answers a question in a view: what holds all words first; what holds some fills up to a page."""
    asked = ask(typed, knowledge(session, engine, view))
    if not asked.terms:
        return Results(asked, filters)
    ask_engine = partial(engine.find, session, view)
    trees = tuple(term.tree(Where.ANYWHERE) for term in asked.terms)
    names = tuple(every(term.tree(where) for term in asked.terms) for where in (Where.NAME, Where.TITLE))
    loose = tuple(tree for term in asked.terms for tree in term.loose(Where.ANYWHERE))
    found = _by_kind(ask_engine(Question(trees, names=names)))
    all_words = bool(found) or len(loose) == 1
    if not all_words:
        found = _by_kind(ask_engine(Question(loose, any_term=True)))
    of = _facets_finder(facets)

    def passes(one: Found) -> bool:
        return filters.let_through(of(one))

    passing = list(filter(passes, found))
    page = min(max(page, 1), max(1, -(-len(passing) // PAGE)))
    shown = passing[(page - 1) * PAGE : page * PAGE]
    others: list[Found] = []
    if all_words and len(loose) > 1 and len(passing) < PAGE:
        known = {one.entry_id for one in found}
        others = _some_words(ask_engine, asked.terms, known, PAGE - len(passing), passes)
    hits = _hits(session, asked, [*shown, *others], of)
    return Results(
        asked,
        filters,
        hits=tuple(hits[: len(shown)]),
        more=tuple(hits[len(shown) :]),
        total=len(passing),
        all_words=all_words,
        page=page,
        **_counts(found, filters, of),
    )


def knowledge(session: Session, engine: Engine, view: View) -> Knowledge:
    """Return what the handbook knows about words, in a view."""

    def answered(tree: Tree) -> bool:
        return engine.has(session, view, tree)

    synonyms = data_in_force(session, view, ItemKind.SYNONYMS) or {}
    return Knowledge(
        synonyms=[row["woorden"] for row in synonyms.get("synoniemen", ())],
        class_of=lambda words: _classes(session, words, answered),
        answered=answered,
        near=lambda word: _near(session, word, answered),
    )


def _classes(session: Session, words: Iterable[str], answered: Callable[[Tree], bool]) -> dict[str, list[str]]:
    """Return by word the other stems of its Porter class, each only when a word with it stands in this view."""
    by_class: dict[str, list[str]] = {}
    for word in words:
        by_class.setdefault(porter(word), []).append(word)
    spelled: dict[tuple[str, str], list[Tree]] = {}
    for of_class, other, word in session.execute(CLASSES, {"classes": list(by_class)}):
        spelled.setdefault((of_class, other), []).append(Spelled(word))
    found: dict[str, list[str]] = {}
    for (of_class, other), ways in spelled.items():
        asked = [word for word in by_class[of_class] if stem(word) != other]
        if asked and answered(some(ways)):
            for word in asked:
                found.setdefault(word, []).append(other)
    return found


def _near(session: Session, word: str, answered: Callable[[Tree], bool]) -> list[str]:
    """Return words of this view that are spelled almost like a word that itself is nowhere in it."""
    if answered(Spelled(word)):
        return []
    allowed = errors_allowed(word)
    lengths = range(max(2, len(word) - allowed), len(word) + allowed + 1)
    candidates = session.scalars(
        select(SearchWord.word).where(
            func.length(SearchWord.word).between(lengths[0], lengths[-1]),
            or_(
                SearchWord.head.in_({word[: length // 2] for length in lengths}),
                SearchWord.tail.in_({word[-(length // 2) :] for length in lengths}),
            ),
        )
    )
    found: list[str] = []
    for candidate in nearest(word, candidates):
        if answered(Spelled(candidate)):
            found.append(candidate)
        if len(found) == MOST_NEAR:
            break
    return found


def _by_kind(found: Iterable[Found]) -> list[Found]:
    """Return what was found with the kinds weighed: who searches wants to do something.

    Terms and amounts explain; they come a tier lower. Documents are long, and scores count that against them.
    """
    return in_order(map(_weighed, found), None)


def _weighed(found: Found) -> Found:
    if found.kind in EXPLAINS:
        return replace(found, tier=max(0, found.tier - 1), score=found.score / 2)
    return found if found.kind in SHORT else replace(found, score=found.score * LONG_TEXT)


def _facets_finder(facets: Mapping[str, Facets]) -> Callable[[Found], Facets]:
    return lambda found: facets.get(found.code) or Facets(found.kind)


def _some_words(
    ask_engine: Callable[[Question], list[Found]],
    terms: Sequence[Term],
    known: set[int],
    wanted: int,
    passes: Callable[[Found], bool],
) -> list[Found]:
    """Return the best of what answers some of the words, not yet known: by title first, which is also much quicker."""
    others: dict[int, Found] = {}
    for where, most in ((Where.NAME, LOOKED_AT), (Where.ANYWHERE, LOOKED_AT), (Where.ANYWHERE, None)):
        loose = tuple(tree for term in terms for tree in term.loose(where))
        for one in _by_kind(ask_engine(Question(loose, any_term=True, most=most))):
            if one.entry_id not in known and passes(one):
                others.setdefault(one.entry_id, one)
        if len(others) >= wanted:
            break
    return list(others.values())[:wanted]


def _counts(found: Sequence[Found], filters: Filters, of: Callable[[Found], Facets]) -> dict[str, Counter[str]]:
    """Return per filter how many hits each value would give, with the other filters as they are."""
    kinds: Counter[str] = Counter()
    roles: Counter[str] = Counter()
    routes: Counter[str] = Counter()
    any_kind, any_role, any_route = (replace(filters, **{name: ""}) for name in ("kind", "role", "route"))
    for facets in map(of, found):
        if any_kind.let_through(facets):
            kinds[facets.kind] += 1
        if any_role.let_through(facets):
            roles.update(facets.roles)
        if any_route.let_through(facets):
            routes.update(facets.routes)
    return {"kinds": kinds, "roles": roles, "routes": routes}


def _hits(session: Session, asked: Asked, found: Sequence[Found], of: Callable[[Found], Facets]) -> list[Hit]:
    marker = Marker(asked.terms)
    texts: dict[int, tuple[str, list[Any]]] = {}
    for row in session.connection().execute(SECTIONS, {"ids": [one.entry_id for one in found]}):
        texts.setdefault(row.id, (row.title, []))[1].append(row)
    there = [(one, *texts[one.entry_id]) for one in found if one.entry_id in texts]  # not if made anew meanwhile
    return [
        Hit(one.code, one.kind, marker.in_title(title), marker.snippet(sections), of(one))
        for one, title, sections in there
    ]


def nearest_titles(titles: Mapping[str, str], typed: str) -> list[str]:
    """Return the codes of the titles that come nearest to what was typed, for who found nothing; perhaps none.

    ``titles`` are those this view may know of, by code.
    """
    found = process.extract(
        typed, titles, scorer=fuzz.WRatio, processor=default_process, score_cutoff=LIKE, limit=MOST_NEAR
    )
    return [code for _title, _score, code in found]
