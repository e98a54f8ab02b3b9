"""Whatever somebody types into the search, it answers: no error on any engine, no page with one."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.db import Database
from portal.releases.view import View
from portal.search.engines.base import Engine
from portal.search.engines.whoosh import WhooshEngine
from portal.search.index import database_engine
from portal.search.queries import search
from tests.conftest import LONG, NOW, Site
from tests.search.handbooks import DAY, FACETS, Change, Plan, Shelf
from tests.visitor import Visitor

ANY = settings(max_examples=1000 if LONG else 50, suppress_health_check=list(HealthCheck))
ON_A_PAGE = settings(ANY, max_examples=200 if LONG else 20)
OPERATORS = [
    *('"', "*", "(", ")", "AND", "OR", "NOT", "NEAR", "NEAR/2", ":", "^", "-", "+", "&", "|", "!", "<->", "~"),
    *("[", "]", "{", "}", "\\", "'", "%", "title:", "„", "»", "\0", "\x1b", "\u202e", "\ufeff", "\n", "¶", "=", "$$"),
]
WORDS = ["huur", "zorgcontract", "gele", "kaart", "ZC-01", "KAN 7", "sleutelaa", "coo\u0308rdinator", "14"]
texts = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from([*OPERATORS, *WORDS]), max_size=40).map(" ".join),
    st.lists(st.sampled_from([*OPERATORS, *WORDS]), max_size=40).map("".join),
)
WORST = [
    "",
    "\0",
    "\ud800",
    '"',
    "(" * 300,
    "a" * 10_000,
    "ab " * 3_400,
    '"' * 10_000,
    "\ufdfa" * 200,
    "\U0001d400huur",
    "\uff9e",
    "½ ﬁjn ß İ \u017f9 \u0661\u0662 KAN\u0661\u0662",
    " ".join(f"{one}{other}" for one in "bcdfghjklmnp" for other in ("uur", "org", "oning")),
    '"gele kaart" AND (huur OR NOT zorg*) NEAR/2 title:ZC-01^2 \\ \' % {a} [b] ~c <-> !d & e | f',
]


@pytest.fixture
def session(blank_url: str) -> Iterator[Session]:
    """Give a database with a few terms, a group of synonyms and a draft."""
    made = Database(blank_url)
    with Session(made.writing_engine) as opened:
        terms = Change((("gele kaart", ("zorgcontract",), "huur 14 dagen ZC-01"), ("coördinator", (), "huurschade")))
        groups = Change(synonyms=(("gele kaart", "waarschuwing", ""), ("-", "\uff9e", "\u0301"), ("ZC-01", "contract")))
        Shelf(opened).carry_out([Plan(0, 0, {"begrippen-1": terms, "synoniemen": groups})])
        yield opened
    made.engine.dispose()


@pytest.fixture(params=["database", "whoosh"])
def searcher(request: pytest.FixtureRequest, session: Session, tmp_path: Path) -> Engine:
    return database_engine(session) if request.param == "database" else WhooshEngine(tmp_path / "zoeken")


def answer(session: Session, searcher: Engine, typed: str) -> int:
    view = View(on=DAY, known=NOW)
    return search(session, searcher, view, typed, facets=FACETS).total


@ANY
@given(typed=texts)
def test_any_text_is_answered(session: Session, searcher: Engine, typed: str) -> None:
    assert answer(session, searcher, typed) in (0, 1, 2)


@pytest.mark.parametrize("typed", WORST, ids=range(len(WORST)))
def test_the_worst_is_answered(session: Session, searcher: Engine, typed: str) -> None:
    assert answer(session, searcher, typed) in (0, 1, 2)


@pytest.fixture
def reader(site: Site) -> Visitor:
    return site.signed_in("corporatie")


@ON_A_PAGE
@given(typed=texts)
@example(typed="huur\0zorg")
@example(typed='"xyzzy\0xyzzyq"')
@example(typed="\ufdfa" * 200)
@example(typed="x" * 10_000)
@example(typed='"(' * 5_000)
def test_any_text_gets_a_page(reader: Visitor, typed: str) -> None:
    assert reader.get(f"/zoeken?q={quote(typed, errors='replace')}").status_code == 200


BROKEN = [
    "q=%ff%fe%00",
    "q=%ed%a0%80",
    "q=huur&soort=%00&rol='&traject=%22",
    "q=huur&pagina=-1",
    "q=huur&pagina=%D9%A1",
]


def test_a_broken_address_gets_a_page(reader: Visitor) -> None:
    assert [reader.get(f"/zoeken?{rest}").status_code for rest in BROKEN] == [200] * len(BROKEN)
