"""Whatever is asked of the search, by whom and on which day: what comes out is what a slow, plain search says.

Random handbooks, changing visibility, days, moments of knowledge and questions, on every engine, against the loop over
visible texts in ``reference``. Two planted bugs show that the comparison notices what it is for.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.db import Database
from portal.releases.view import View
from portal.search.engines.base import Engine, Found, Question
from portal.search.engines.whoosh import WhooshEngine
from portal.search.index import database_engine
from portal.search.queries import PAGE, Hit, Results, search
from portal.search.snippets import Piece
from portal.search.trees import Tree
from tests.conftest import LONG, NOW
from tests.search.handbooks import (
    DAY,
    FACETS,
    SEARCHED,
    SECRETS,
    Change,
    Look,
    Plan,
    Shelf,
    looks,
    plain,
    plans,
    with_document,
)
from tests.search.reference import Expected, Reference, Text, composed, held, words_of

EXAMPLES = 300 if LONG else 15
QUICK = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
Asking = Callable[..., Results]
"""``search`` itself, or one with a planted bug."""
ENGINES: dict[str, Callable[[Database, Path], Engine]] = {
    "database": lambda database, _folder: of_database(database),
    "whoosh": lambda _database, folder: WhooshEngine(folder),
}


def of_database(database: Database) -> Engine:
    with Session(database.engine) as session:
        return database_engine(session)


@pytest.fixture
def database(blank_url: str) -> Iterator[Database]:
    """Give a database with tables and nothing in them."""
    made = Database(blank_url)
    yield made
    made.engine.dispose()


@pytest.fixture(params=sorted(ENGINES))
def searcher(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Engine:
    """Run a test with every engine; one engine sees all examples, as in a server that goes on running."""
    return ENGINES[request.param](database, tmp_path / "zoeken")


def view_of(shelf: Shelf, look: Look) -> View:
    return View(
        on=DAY + timedelta(days=look.on),
        known=NOW + timedelta(days=look.known),
        sees_regio=look.regio,
        draft=shelf.draft if look.drafted else None,
    )


def check(shelf: Shelf, engine: Engine, look: Look, asking: Asking = search) -> None:
    """Compare everything that comes out of a question with what the reference says. Raises AssertionError."""
    shelf.close(look.closed)
    view = view_of(shelf, look)
    visible = held(shelf.written, look.closed, view)
    # by choice: what stands in a draft can be found when it is published
    reference = Reference(visible, lambda version: version.item in SEARCHED and version.number is not None)
    expected = reference.search(look.typed, FACETS, look.filters)
    options: dict[str, Any] = {"facets": FACETS, "filters": look.filters}
    first = asking(shelf.session, engine, view, look.typed, **options)
    others = [asking(shelf.session, engine, view, look.typed, **options, page=n) for n in range(2, first.pages + 1)]
    hits = [hit for results in (first, *others) for hit in results.hits]
    check_found(first, hits, expected)
    for hit in (*hits, *first.more):
        check_shown(hit, reference.texts[hit.code], expected)
    check_secret(first, hits, reference, look.typed)


def check_found(results: Results, hits: Sequence[Hit], expected: Expected) -> None:
    assert sorted(hit.code for hit in hits) == sorted(expected.hits)
    assert results.total == len(expected.hits)
    if expected.meanings:
        assert results.all_words == expected.all_words
    assert dict(results.kinds) == dict(expected.kinds)
    assert dict(results.roles) == dict(expected.roles)
    assert dict(results.routes) == dict(expected.routes)
    assert results.asked.suggestion == expected.suggestion
    more = {hit.code for hit in results.more}
    assert more <= expected.others
    assert len(results.more) == len(more) == min(max(PAGE - results.total, 0), len(expected.others))


def check_shown(hit: Hit, text: Text, expected: Expected) -> None:
    assert hit.kind == text.kind
    assert "".join(piece.text for piece in hit.title) == composed(text.title)
    check_marks(hit.title, expected)
    if hit.snippet:
        pieces = [piece for piece in hit.snippet.pieces if piece.text not in ("… ", " …")]
        shown = "".join(piece.text for piece in pieces)
        headings = {heading for heading, body in text.sections if shown in composed(body)}
        assert hit.snippet.heading in headings | ({""} if headings else set())
        check_marks(pieces, expected)
    else:
        assert not any(body for _heading, body in text.sections)


def check_marks(pieces: Iterable[Piece], expected: Expected) -> None:
    """What is marked answers, at least a part of something; and no word that answers by itself is left unmarked."""
    for piece in pieces:
        for word in words_of(piece.text):
            if piece.marked:
                assert any(meaning.may_mark(word) for meaning in expected.meanings), word
            else:
                assert not any(meaning.must_mark(word) for meaning in expected.meanings), word


def check_secret(results: Results, hits: Sequence[Hit], reference: Reference, typed: str) -> None:
    """Nothing comes out but words of visible texts and what was typed, and no word of a forbidden text."""
    texts = [results.asked.suggestion or ""]
    for hit in (*hits, *results.more):
        texts += ["".join(piece.text for piece in hit.title)]
        if hit.snippet:
            texts += [hit.snippet.heading, "".join(piece.text for piece in hit.snippet.pieces)]
    out = {word for text in texts for word in words_of(text)} - set(words_of(typed))
    assert out <= reference.spelled
    assert not out & (set(SECRETS) - reference.spelled)


@QUICK
@given(
    plans=plans,
    document=with_document,
    last_is_draft=st.booleans(),
    looks=st.lists(looks, min_size=3, max_size=10),
)
def test_search_finds_what_a_plain_loop_finds(
    database: Database,
    searcher: Engine,
    plans: list[Plan],
    document: dict[str, Change],
    last_is_draft: bool,
    looks: list[Look],
) -> None:
    first = replace(plans[0], changes={**plans[0].changes, **document})
    with Session(database.writing_engine) as session:  # rolled back, so that every example starts empty
        shelf = Shelf(session)
        shelf.carry_out([first, *plans[1:]], last_is_draft=last_is_draft and len(plans) > 1)
        for look in looks:
            check(shelf, searcher, look)


ONE_DAY = Look(frozenset(), regio=False, on=0, known=0, drafted=False, typed="")
"""A reader who looks at a handbook that is open altogether."""


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with Session(database.writing_engine) as opened:
        yield opened


def shelf_with(session: Session, **texts: str) -> Shelf:
    """Return a handbook of one release with terms, by the number of their item behind a letter."""
    shelf = Shelf(session)
    shelf.carry_out([Plan(0, 0, {f"begrippen-{name[1:]}": plain(text) for name, text in texts.items()})])
    return shelf


@pytest.mark.parametrize("words", ["verhuisd", "huurschaderegeling"])
def test_a_closed_text_does_not_widen_a_question(session: Session, searcher: Engine, words: str) -> None:
    """Verhuisde has the Porter stem of verhuisd and the stem of verhuizing; schaden ties schade and geschaad so."""
    shelf = shelf_with(session, n1="verhuisde schaden|", n2="huur verhuizing|regeling geschaad")
    check(shelf, searcher, replace(ONE_DAY, typed=words))
    check(shelf, searcher, replace(ONE_DAY, typed=words, closed=frozenset({"begrippen-1"})))


def test_accents_of_two_signs_are_read_everywhere(session: Session, searcher: Engine) -> None:
    accented = "coo\u0308rdinator"
    change = Change((("huur", (accented,), ""), (accented, (), ""), ("zorg", (), accented)))
    groups = Change(synonyms=((accented, "regisseur"), ("\uff9e", "woning")))
    shelf = Shelf(session)
    shelf.carry_out([Plan(0, 0, {"begrippen-1": change, "synoniemen": groups})])
    for typed in ("coördinator", accented, "regisseur", "woning"):
        check(shelf, searcher, replace(ONE_DAY, typed=typed))


def test_what_has_no_text_is_found_by_its_title(session: Session, searcher: Engine) -> None:
    shelf = Shelf(session)
    shelf.carry_out([Plan(0, 0, {"ZC-01": plain("huurschade|"), "begrippen-1": plain("schade|")})])
    for typed in ("schade", "ZC-01"):
        check(shelf, searcher, replace(ONE_DAY, typed=typed))


def counted_before_filtering(session: Session, engine: Engine, view: View, typed: str, **options: Any) -> Results:
    """Search as if everything were open, and leave out the hits of closed items when everything is counted."""
    may_know = {hit.code for hit in search(session, engine, view, typed, **options).hits}
    results = search(session, engine, replace(view, sees_regio=True), typed, **options)
    return replace(results, hits=tuple(hit for hit in results.hits if hit.code in may_know))


def test_counting_before_filtering_would_be_noticed(session: Session, searcher: Engine) -> None:
    shelf = shelf_with(session, n1="huur|schade", n2="huur|zorg")
    look = replace(ONE_DAY, typed="huur", closed=frozenset({"begrippen-2"}))
    check(shelf, searcher, look)
    with pytest.raises(AssertionError):
        check(shelf, searcher, look, asking=counted_before_filtering)


class RemembersWhoMaySee:
    """An engine that notes at its first question what is open to everybody, and goes on believing it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open: set[int] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def holding(self, session: Session, view: View, trees: Sequence[Tree]) -> set[Tree]:
        return {tree for tree in trees if self.find(session, view, Question((tree,)))}

    def find(self, session: Session, view: View, question: Question) -> list[Found]:
        found = self._engine.find(session, replace(view, sees_regio=True), replace(question, most=None))
        if self._open is None:
            self._open = {one.entry_id for one in self._engine.find(session, view, replace(question, most=None))}
        return [one for one in found if view.sees_regio or one.entry_id in self._open][: question.most]


@pytest.mark.parametrize("closed_first", [True, False])
def test_remembering_who_may_see_would_be_noticed(session: Session, searcher: Engine, closed_first: bool) -> None:
    shelf = shelf_with(session, n1="huur|schade", n2="huur|zorg")
    open_look = replace(ONE_DAY, typed="huur")
    closed_look = replace(open_look, closed=frozenset({"begrippen-2"}))
    before, after = (closed_look, open_look) if closed_first else (open_look, closed_look)
    stale = RemembersWhoMaySee(searcher)
    check(shelf, stale, before)
    check(shelf, searcher, after)
    with pytest.raises(AssertionError):
        check(shelf, stale, after)
