"""Asking the index in a view. What this view may not know of takes part in nothing: no hit, count, snippet or guess."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial

from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process
from sqlalchemy import Integer, bindparam, func, or_, select
from sqlalchemy.orm import Session

from portal.db import Prepared, filled, places
from portal.releases.models import ItemKind
from portal.releases.queries import data_in_force
from portal.releases.view import View
from portal.search.dutch import porter, stem
from portal.search.engines.base import Engine, Found, Question
from portal.search.entries import AMOUNT, ROUTE, STEP, TERM
from portal.search.facets import Facets, Filters
from portal.search.models import SearchEntry, SearchSection, SearchWord
from portal.search.question import MOST_NEAR, Asked, Knowledge, Term, ask, errors_allowed, nearest
from portal.search.snippets import Marker, Piece, Section, Snippet
from portal.search.trees import Spelled, Tree, Where, every, some

NO_FILTERS = Filters()
PAGE = 10
"""Hits on a page."""
EXPLAINS = frozenset({TERM, AMOUNT})
SHORT = EXPLAINS | {STEP, ROUTE}
LONG_TEXT = 1.5
"""By how much the score of a document is raised."""
LIKE = 60
"""How much a title must be like a question to be offered, out of 100."""
AT_ONCE = 8
"""Words that may have been meant, about which the index is asked at once."""
LOOKED_AT = 4
"""How many times as many as are wanted are looked at to fill up a page, before all are."""


MOST_CLASSES, MOST_HALVES = 40, 5
"""How many at once: Porter classes of the words of a question, and halves of one word with typing errors."""


SECTIONS = Prepared(
    select(
        SearchEntry.id,
        SearchEntry.title,
        SearchEntry.title_stems,
        SearchEntry.title_offsets,
        SearchSection.anchor,
        SearchSection.heading,
        SearchSection.text,
        SearchSection.stems,
        SearchSection.offsets,
    )
    .join(SearchSection, SearchSection.entry_id == SearchEntry.id)
    .where(SearchEntry.id.in_(places("ids", PAGE)))
    .order_by(SearchEntry.id, SearchSection.position)
)
CLASSES = Prepared(
    select(SearchWord.porter, SearchWord.stem, SearchWord.word)
    .where(SearchWord.porter.in_(places("classes", MOST_CLASSES)))
    .order_by(SearchWord.stem, SearchWord.word)
)
ALIKE = Prepared(
    select(SearchWord.word).where(
        func.length(SearchWord.word).between(bindparam("shortest", type_=Integer), bindparam("longest", type_=Integer)),
        or_(
            SearchWord.head.in_(places("heads", MOST_HALVES)),
            SearchWord.tail.in_(places("tails", MOST_HALVES)),
        ),
    )
)


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

    of_found = list(map(of, found))
    numbers = Counter(of_found)
    through = set(filter(filters.let_through, numbers))
    passing = [one for one, its in zip(found, of_found, strict=True) if its in through]
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
        **_counts(numbers, filters),
    )


def knowledge(session: Session, engine: Engine, view: View) -> Knowledge:
    """Return what the handbook knows about words, in a view."""
    words = _Words(session, engine, view)
    synonyms = data_in_force(session, view, ItemKind.SYNONYMS) or {}
    return Knowledge(
        synonyms=[row["woorden"] for row in synonyms.get("synoniemen", ())],
        class_of=words.classes,
        answered=words.answered,
        near=words.near,
    )


class _Words:
    """What is in a view of the words of one question. Whatever the engine said is remembered as long as that takes."""

    def __init__(self, session: Session, engine: Engine, view: View) -> None:
        """Note what to ask; nothing is asked yet."""
        self._session = session
        self._ask = partial(engine.holding, session, view)
        self._holds: dict[Tree, bool] = {}

    def answered(self, tree: Tree) -> bool:
        """Tell whether anything in this view answers a tree."""
        self._learn([tree])
        return self._holds[tree]

    def _learn(self, trees: Iterable[Tree]) -> None:
        """Ask of all these trees at once whether they hold: one statement costs more than most of them."""
        new = list(dict.fromkeys(tree for tree in trees if tree not in self._holds))
        if new:
            holding = self._ask(new)
            self._holds |= {tree: tree in holding for tree in new}

    def classes(self, words: Set[str], compounds: Set[str]) -> dict[str, list[str]]:
        """Return by word the other stems of its Porter class, each only when a word with it stands in this view.

        Of compounds, which may be no words at all, their own stem too.
        """
        by_class: dict[str, list[str]] = {}
        for word in words | compounds:
            by_class.setdefault(porter(word), []).append(word)
        spelled: dict[tuple[str, str], list[Tree]] = {}
        wanted = list(by_class)
        for start in range(0, len(wanted), MOST_CLASSES):
            asked = filled("classes", wanted[start : start + MOST_CLASSES])
            for of_class, other, word in CLASSES.rows(self._session, asked):
                spelled.setdefault((of_class, other), []).append(Spelled(word))
        ways_of = {
            (other, some(ways)): [word for word in by_class[of_class] if word not in words or stem(word) != other]
            for (of_class, other), ways in spelled.items()
        }
        self._learn([*(tree for (_, tree), of in ways_of.items() if of), *map(Spelled, words)])
        found: dict[str, list[str]] = {}
        for (other, tree), of in ways_of.items():
            for word in of if of and self._holds[tree] else ():
                found.setdefault(word, []).append(other)
        return found

    def near(self, word: str) -> list[str]:
        """Return words of this view that are spelled almost like a word that itself is nowhere in it."""
        if self.answered(Spelled(word)):
            return []
        allowed = errors_allowed(word)
        lengths = range(max(2, len(word) - allowed), len(word) + allowed + 1)
        heads = filled("heads", {word[: length // 2] for length in lengths})
        tails = filled("tails", {word[-(length // 2) :] for length in lengths})
        asked = {"shortest": lengths[0], "longest": lengths[-1], **heads, **tails}
        alike = [one for (one,) in ALIKE.rows(self._session, asked)]
        found: list[str] = []
        candidates = nearest(word, alike)
        for start in range(0, len(candidates), AT_ONCE):
            some_of_them = candidates[start : start + AT_ONCE]
            self._learn(map(Spelled, some_of_them))
            found += [one for one in some_of_them if self._holds[Spelled(one)]]
            if len(found) >= MOST_NEAR:
                break
        return found[:MOST_NEAR]


def _by_kind(found: Iterable[Found]) -> list[Found]:
    """Return what was found with the kinds weighed: who searches wants to do something.

    Terms and amounts explain; they come a tier lower. Documents are long, and scores count that against them.
    """
    return sorted(found, key=_place)


def _place(found: Found) -> tuple[int, float, int]:
    """Return by what something stands in its place, as ``the_best`` has it, but with its kind weighed."""
    entry_id, _code, kind, tier, score = found
    if kind in EXPLAINS:
        return -max(0, tier - 1), -score / 2, entry_id
    return -tier, -score if kind in SHORT else -score * LONG_TEXT, entry_id


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
    few = LOOKED_AT * wanted
    for where, most in ((Where.NAME, few), (Where.ANYWHERE, few), (Where.ANYWHERE, None)):
        loose = tuple(tree for term in terms for tree in term.loose(where))
        for one in _by_kind(ask_engine(Question(loose, any_term=True, most=most))):
            if one.entry_id not in known and passes(one):
                others.setdefault(one.entry_id, one)
        if len(others) >= wanted:
            break
    return list(others.values())[:wanted]


def _counts(numbers: Mapping[Facets, int], filters: Filters) -> dict[str, Counter[str]]:
    """Return per filter how many hits each value would give, with the other filters as they are."""
    kinds: Counter[str] = Counter()
    roles: Counter[str] = Counter()
    routes: Counter[str] = Counter()
    for facets, number in numbers.items():
        kind, role, route = filters.each_lets_through(facets)
        if role and route:
            kinds[facets.kind] += number
        for one in facets.roles if kind and route else ():
            roles[one] += number
        for one in facets.routes if kind and role else ():
            routes[one] += number
    return {"kinds": kinds, "roles": roles, "routes": routes}


def _hits(session: Session, asked: Asked, found: Sequence[Found], of: Callable[[Found], Facets]) -> list[Hit]:
    marker = Marker(asked.terms)
    texts: dict[int, list[Section]] = {}
    for section in map(Section._make, SECTIONS.rows(session, filled("ids", (one.entry_id for one in found)))):
        texts.setdefault(section.entry_id, []).append(section)
    there = [(one, texts[one.entry_id]) for one in found if one.entry_id in texts]  # not if made anew meanwhile
    return [
        Hit(one.code, one.kind, marker.in_title(sections[0]), marker.snippet(sections), of(one))
        for one, sections in there
    ]


def nearest_titles(titles: Mapping[str, str], typed: str) -> list[str]:
    """Return the codes of the titles that come nearest to what was typed, for who found nothing; perhaps none.

    ``titles`` are those this view may know of, by code.
    """
    found = process.extract(
        typed, titles, scorer=fuzz.WRatio, processor=default_process, score_cutoff=LIKE, limit=MOST_NEAR
    )
    return [code for _title, _score, code in found]
