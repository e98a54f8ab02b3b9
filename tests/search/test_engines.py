"""The same answers from every engine: the full text of each database, and Whoosh beside it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.releases.models import Version, Visibility
from portal.search import index
from portal.search.analysis import Fields, fields_of
from portal.search.dutch import stem
from portal.search.engines.base import Question
from portal.search.entries import entries_of
from portal.search.trees import All, Any, Phrase, Spelled, Stem, Tree, Where
from tests.conftest import LONG, NOW, POSTGRESQL
from tests.search.shelf import DAY, EVERYTHING, TODAY, Shelf, empty, everything_in, page, same, shelf_on, term

PAIRS = (("sqlite", "database"), ("sqlite", "whoosh"), *([("postgresql", "database")] if POSTGRESQL else []))
"""Database and search engine. Whoosh sees no difference between databases; one test of its own is on both."""
QUERIES = yaml.safe_load(Path(__file__).with_name("queries.yaml").read_text())


@pytest.fixture(scope="session", params=PAIRS, ids="-".join)
def pair(request: pytest.FixtureRequest) -> tuple[str, str]:
    found: tuple[str, str] = request.param
    return found


@pytest.fixture(scope="session")
def engine(pair: tuple[str, str]) -> str:
    """Take the database from the pair."""
    return pair[0]


@pytest.fixture
def shelf(blank_url: str, pair: tuple[str, str], tmp_path: Path) -> Iterator[Shelf]:
    """Give an empty handbook."""
    yield from shelf_on(blank_url, tmp_path / "zoeken" if pair[1] == "whoosh" else None)


@pytest.fixture
def small_starter(small_url: str, pair: tuple[str, str], tmp_path: Path) -> Iterator[Shelf]:
    """Give a handbook with the flow of the starter and few of its documents."""
    yield from shelf_on(small_url, tmp_path / "zoeken" if pair[1] == "whoosh" else None)


@pytest.fixture
def starter(filled_url: str, pair: tuple[str, str], tmp_path: Path) -> Iterator[Shelf]:
    """Give the starter handbook."""
    yield from shelf_on(filled_url, tmp_path / "zoeken" if pair[1] == "whoosh" else None)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("huis", "De huizen"),
        ("huizen", "Een huis"),
        ("stappen", "De eerste stap"),
        ("waarschuwing", "Twee waarschuwingen"),
        ("client", "De cliënt belt"),
        ("cliënt", "De client belt"),
        ("clie\u0308nt", "De cliënt belt"),
        ("cliënt", "De clie\u0308nt belt"),
        ("GEEVALUEERD", "Er is geëvalueerd"),
        ("schade", "De huurschaderegeling"),
        ("huurschade", "Schade die onder de huur ontstond"),
        ("huur schade", "Alle huurschade"),
        ("huurschade", "Alle huurschades"),
        ("huur-schade", "Alle huurschade"),
    ],
)
def test_a_word_is_found_in_its_other_forms(shelf: Shelf, typed: str, written: str) -> None:
    shelf.publish(term("een", "Iets", written), term("ander", "Niets", "Over geheel andere zaken"))
    assert shelf.codes(typed) == ["een"]
    marked = [p.text for hit in shelf.ask(typed).hits if hit.snippet for p in hit.snippet.pieces if p.marked]
    assert marked


def test_accents_in_two_signs_are_read_everywhere(shelf: Shelf) -> None:
    shelf.publish(
        page("BR-01", "Clie\u0308nt"),
        page("BR-02", "Naam", "Zonder meer.", "clie\u0308nt"),
        page("BR-03", "X", "tekst"),
    )
    shelf.publish(page("BR-04", "Kop", "## De clie\u0308nt\n\nBelt terug."))
    assert sorted(shelf.codes("cliënt")) == ["BR-01", "BR-02", "BR-04"]


def test_a_phrase_in_quotes_stands_in_one_text(shelf: Shelf) -> None:
    shelf.publish(
        term("whole", "Melding", "Zij kreeg een gele kaart van ons"),
        term("apart", "Melding", "De kaart was een gele"),
        term("fields", "Gele", "Kaart"),
        term("keywords", "Melding", "Zonder meer", "gele", "kaart"),
        page("BR-01", "Melding", "Iets dat eindigt op gele\n\n## Kaart\n\nen verder"),
        page("BR-02", "Kaart", "Gele"),
        term("known", "Melding", "Zonder meer", "gele kaart"),
        term("title", "Gele kaart"),
    )
    assert sorted(shelf.codes("gele kaart")) == sorted(
        ["whole", "apart", "fields", "keywords", "BR-01", "BR-02", "known", "title"]
    )
    assert sorted(shelf.codes('"gele kaart"')) == ["known", "title", "whole"]
    assert sorted(shelf.codes("„Gele kaarten”")) == ["known", "title", "whole"]
    assert shelf.codes('"kaart gele"') == []


def test_parts_of_compounds_make_no_phrase(shelf: Shelf) -> None:
    shelf.publish(term("joined", "Iets", "De huurschade"), term("apart", "Iets", "Een huur schade voor later"))
    assert shelf.codes('"huur schade"') == ["apart"]


def test_synonyms_of_the_editor_answer_too(shelf: Shelf) -> None:
    shelf.publish(
        term("card", "Iets", "De rode kaart volgt"),
        term("stop", "Iets", "Zij gaan stopzetten"),
        term("other", "Iets", "De rode auto staat op de kaart"),
    )
    assert shelf.codes("stopzetten") == ["stop"]
    shelf.publish(same(("beëindigen", "rode kaart", "stopzetten")))
    assert sorted(shelf.codes("stopzetten")) == ["card", "stop"]
    assert sorted(shelf.codes("beeindigen")) == ["card", "stop"]
    assert shelf.codes('"rode kaart"')[:2] in (["card", "stop"], ["stop", "card"])


def test_synonyms_hold_like_everything_else(shelf: Shelf) -> None:
    shelf.publish(term("stop", "Iets", "Zij gaan stopzetten"))
    shelf.publish(same(("beëindigen", "stopzetten")), effective_on=DAY + timedelta(days=9))
    assert shelf.codes("beëindigen") == []
    assert shelf.codes("beëindigen", replace(TODAY, on=DAY + timedelta(days=9))) == ["stop"]


def test_a_typing_error_finds_what_was_meant_and_says_so(shelf: Shelf) -> None:
    shelf.publish(term("fund", "Iets", "Het risicofonds betaalt"), term("other", "Niets", "Over geheel andere zaken"))
    results = shelf.ask("Betaalt het risicofons")
    assert [hit.code for hit in results.hits] == ["begrip-fund"]
    assert results.asked.suggestion == "Betaalt het risicofonds"
    assert shelf.ask("Betaalt het risicofonds").asked.suggestion is None
    assert shelf.ask("qqqqqqqq").total == 0
    assert shelf.ask("qqqqqqqq").asked.suggestion is None


def test_a_code_is_found_however_it_is_typed(shelf: Shelf) -> None:
    shelf.publish(page("ZC-01", "Zorgplan", "Zie ZC-02 voor meer"), page("ZC-02", "Aanvulling", "Bij ZC-01"))
    for typed in ("ZC-01", "zc01", "zc 1", "Zc-1"):
        assert shelf.codes(typed) == ["ZC-01"], typed
    assert shelf.codes("zc-01 zorgplan") == ["ZC-01"]


def test_a_document_without_text_is_found_by_its_title(shelf: Shelf) -> None:
    shelf.publish(empty("BR-01", "Plattegrond van de hal"))
    hit = shelf.ask("plattegrond").hits[0]
    assert (hit.code, hit.snippet) == ("BR-01", None)


def test_titles_that_hold_every_word_go_first(shelf: Shelf) -> None:
    shelf.publish(
        page("BR-01", "Iets", "Urgentie aanvragen, urgentie aanvragen, urgentie aanvragen"),
        page("BR-02", "Urgentie", "Aanvragen kan vandaag"),
        page("BR-03", "Zo is een urgentie te krijgen die u gaat aanvragen", "Lees eerst alle regels hierover na"),
    )
    assert shelf.codes("urgentie aanvragen")[0] == "BR-03"
    assert sorted(shelf.codes("urgentie aanvragen")) == ["BR-01", "BR-02", "BR-03"]


def test_what_holds_some_of_the_words_fills_up(shelf: Shelf) -> None:
    shelf.publish(term("both", "Iets", "Huizen en bomen"), term("one", "Iets", "Bomen en struiken"))
    results = shelf.ask("huis boom")
    assert [hit.code for hit in results.hits] == ["begrip-both"]
    assert [hit.code for hit in results.more] == ["begrip-one"]
    assert results.total == 1
    results = shelf.ask("struik huis")
    assert (results.all_words, results.total) == (False, 2)


def test_what_somebody_may_not_know_of_takes_part_in_nothing(shelf: Shelf) -> None:
    shelf.publish(page("BR-01", "Geheimhouding in het huis", "Over het huis"), term("plain", "Boom", "Groen"))
    questions = ("geheimhouding huis", "geheim", "sluipweg", "sluipwg", '"zeer geheim"', "BR-09", "boom groen")
    before = [everything_in(shelf.ask(typed)) for typed in questions]
    shelf.publish(
        page("BR-09", "Zeer geheim huis", "De sluipweg door het huis, de boom en het groen", "geheim"),
        visibility=Visibility.REGIO,
    )
    assert [everything_in(shelf.ask(typed)) for typed in questions] == before
    assert shelf.codes("sluipweg", EVERYTHING) == ["BR-09"]
    assert shelf.ask("sluipwg", EVERYTHING).asked.suggestion == "sluipweg"
    assert shelf.ask("huis", EVERYTHING).total == shelf.ask("huis").total + 1


def test_the_best_few_are_the_best_few_in_view(shelf: Shelf) -> None:
    shelf.publish(page("BR-01", "Iets", "Een lange tekst waarin onder veel meer ook het huis een keer staat"))
    hidden = [page(f"BR-1{n}", "Huis", "Huis, huis, huis") for n in range(5)]
    shelf.publish(*hidden, visibility=Visibility.REGIO)
    with shelf.database.reading() as session:
        ask = shelf.engine_for(session).find
        one = Question((Stem(stem("huis"), Where.ANYWHERE),), most=1)
        assert [found.code for found in ask(session, TODAY, one)] == ["BR-01"]
        assert [found.code for found in ask(session, EVERYTHING, one)] != ["BR-01"]
        everything = ask(session, EVERYTHING, replace(one, most=None))
        three = ask(session, EVERYTHING, replace(one, most=3))
        assert len(everything) == 6
        assert [found.score for found in three] == sorted((found.score for found in everything), reverse=True)[:3]


def test_closing_and_opening_an_item_works_at_once(shelf: Shelf) -> None:
    shelf.publish(term("a", "Huis"), term("b", "Huizen"))
    assert sorted(shelf.codes("huis")) == ["a", "b"]
    shelf.show("a", Visibility.REGIO)
    assert (shelf.codes("huis"), shelf.ask("huis").total) == (["b"], 1)
    assert sorted(shelf.codes("huis", EVERYTHING)) == ["a", "b"]
    shelf.show("a", Visibility.ALLE)
    assert sorted(shelf.codes("huis")) == ["a", "b"]


def test_a_new_release_is_findable_at_once_and_takes_the_place_of_the_old_text(shelf: Shelf) -> None:
    shelf.publish(term("a", "Iets", "Over het huis"))
    assert shelf.codes("huis") == ["a"]
    shelf.publish(term("a", "Iets", "Over de boom"), term("b", "Nieuw", "Over het water"))
    assert (shelf.codes("huis"), shelf.codes("boom"), shelf.codes("water")) == ([], ["a"], ["b"])


def test_searching_on_a_day_as_known_at_a_moment(shelf: Shelf) -> None:
    later, much_later = DAY + timedelta(days=10), NOW + timedelta(days=5)
    shelf.publish(term("a", "Iets", "Over het huis"))
    shelf.publish(term("a", "Iets", "Over de boom"), effective_on=later, at=much_later)
    on_later = replace(TODAY, on=later, known=much_later)
    assert (shelf.codes("huis"), shelf.codes("boom")) == (["a"], [])
    assert (shelf.codes("huis", on_later), shelf.codes("boom", on_later)) == ([], ["a"])
    unknown = replace(on_later, known=NOW)
    assert (shelf.codes("huis", unknown), shelf.codes("boom", unknown)) == (["a"], [])
    before = replace(TODAY, on=DAY - timedelta(days=1))
    assert (shelf.codes("huis", before), shelf.ask("huis", before).total) == ([], 0)
    never = replace(TODAY, known=NOW - timedelta(days=1))
    assert (shelf.codes("huis", never), shelf.ask("huis", never).total) == ([], 0)


def test_a_draft_is_not_searched_and_covers_what_it_replaces(shelf: Shelf) -> None:
    shelf.publish(term("a", "Iets", "Over het huis"), term("b", "Huis"))
    draft = shelf.draft(term("a", "Iets", "Over de boom"), term("c", "Boom"))
    assert (shelf.codes("huis"), shelf.codes("boom")) == (["b", "a"], [])
    through = replace(TODAY, draft=draft)
    assert (shelf.codes("huis", through), shelf.codes("boom", through)) == (["b"], [])


def test_tidying_up_after_a_large_release_changes_no_answer(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.publish(term("a", "Huis", "Bij de boom"), term("b", "Boom", "Bij het huis"))
    questions = ("huis", "huizen boom", '"de boom"', "hius")
    before = [everything_in(shelf.ask(typed)) for typed in questions]
    monkeypatch.setattr(index, "MANY", 1)
    shelf.publish(term("c", "Water"))
    assert [everything_in(shelf.ask(typed)) for typed in questions] == before
    assert shelf.codes("water") == ["c"]


def test_nothing_published_is_nothing_found(shelf: Shelf) -> None:
    assert shelf.ask("huis").total == 0
    assert shelf.reindex() == 0
    assert shelf.ask("huis boom").total == 0


@pytest.mark.parametrize("typed", ["", "   ", '"', '""', "de het een", "!?-", "NEAR(a b)", "huis* OR -boom AND", "\0'"])
def test_whatever_is_typed_gets_an_answer(shelf: Shelf, typed: str) -> None:
    shelf.publish(term("a", "Huis", "De boom bij het huis, het een en ander"))
    assert shelf.ask(typed).total in (0, 1)


def test_the_index_made_anew_gives_the_same_answers(small_starter: Shelf) -> None:
    shelf, questions = small_starter, [row["vraag"] for row in QUERIES[:8]]
    shelf.publish(page("BR-99", "Gesloten huurcontract", "Over onderhuur"), visibility=Visibility.REGIO)
    before = [everything_in(shelf.ask(typed, view)) for typed in questions for view in (TODAY, EVERYTHING)]
    size = shelf.reindex()
    assert [everything_in(shelf.ask(typed, view)) for typed in questions for view in (TODAY, EVERYTHING)] == before
    shelf.lose_index()
    assert all(shelf.ask(typed).total == 0 for typed in questions)
    assert shelf.reindex() == size
    assert [everything_in(shelf.ask(typed, view)) for typed in questions for view in (TODAY, EVERYTHING)] == before


def test_the_questions_of_the_field_find_their_answer_in_the_first_three(starter: Shelf) -> None:
    misses = []
    for row in QUERIES:
        found = [hit.code for hit in starter.ask(row["vraag"], EVERYTHING).hits[:3]]
        if not set(found) & set(row["verwacht"]):
            misses.append(f"{row['vraag']}: {found} in plaats van {row['verwacht']}")
    assert len(QUERIES) - len(misses) >= 18, "\n".join(misses)


WORDS = ("huis", "boom", "water", "kaart")
TEXTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "a": ("huis boom", "water kaart huis", ()),
    "b": ("boom", "huis huis boom water", ("kaart",)),
    "c": ("kaart", "boom huis", ("huis", "boom")),
    "d": ("water kaart", "huiswater en kaarthuis", ("huis water",)),
    "e": ("huisboom", "boom boom boom", ()),
    "f": ("iets", "waterkaart water boom kaart huis", ("boom huis",)),
}
"""By code: title, text and by what else it is known."""
places, stems = st.sampled_from(list(Where)), st.sampled_from(WORDS).map(stem)
leaves = st.one_of(
    st.builds(Stem, stems, places),
    st.builds(Phrase, st.lists(stems, min_size=2, max_size=3).map(tuple), places),
    st.builds(Spelled, st.sampled_from((*WORDS, "huisboom", "huiswater"))),
)
forest = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda joined, several: joined(tuple(several)),
        st.sampled_from((All, Any)),
        st.lists(inner, min_size=1, max_size=4),
    ),
    max_leaves=8,
)


def holds_plainly(tree: Tree, fields: Fields) -> bool:
    """Tell whether a tree holds for an entry, by reading it word by word."""
    if isinstance(tree, All):
        return all(holds_plainly(one, fields) for one in tree.trees)
    if isinstance(tree, Any):
        return any(holds_plainly(one, fields) for one in tree.trees)
    if isinstance(tree, Spelled):
        return tree.word in fields.words
    own = {Where.TITLE: ["title"], Where.NAME: ["title", "keywords"], Where.ANYWHERE: ["title", "keywords", "body"]}
    texts: list[tuple[str, ...]] = [getattr(fields, name) for name in own[tree.where]]
    if isinstance(tree, Phrase):
        size = len(tree.stems)
        return any(text[n : n + size] == tree.stems for text in texts for n in range(len(text)))
    parts = {Where.TITLE: (), Where.NAME: fields.title_parts, Where.ANYWHERE: fields.title_parts + fields.body_parts}
    return any(tree.stem in text for text in (*texts, parts[tree.where]))


@pytest.fixture
def woods(shelf: Shelf) -> tuple[Shelf, dict[str, Fields]]:
    """Give a handbook of few words that come back everywhere, with what is indexed of it by code."""
    shelf.publish(*(term(code, title, body, *known_as) for code, (title, body, known_as) in TEXTS.items()))
    with shelf.database.reading() as session:
        entries = [entry for version in session.scalars(select(Version)) for entry in entries_of(version)]
    return shelf, {entry.code: fields_of(entry) for entry in entries}


@settings(max_examples=60 if LONG else 20, suppress_health_check=list(HealthCheck))
@given(asked=st.lists(forest, min_size=1, max_size=3), any_term=st.booleans(), names=st.lists(forest, max_size=2))
def test_any_question_is_answered_as_a_plain_reading_would(
    woods: tuple[Shelf, dict[str, Fields]], asked: list[Tree], any_term: bool, names: list[Tree]
) -> None:
    shelf, fields = woods
    question = Question(tuple(asked), any_term, tuple(names))
    with shelf.database.reading() as session:
        found = shelf.engine_for(session).find(session, TODAY, question)
        holding = shelf.engine_for(session).holding(session, TODAY, asked)
    assert holding == {tree for tree in asked if any(holds_plainly(tree, of) for of in fields.values())}
    enough = any if any_term else all
    expected = {
        code: sum(holds_plainly(name, of) for name in names)
        for code, of in fields.items()
        if enough(holds_plainly(tree, of) for tree in asked)
    }
    assert sorted(one.code for one in found) == sorted(expected)
    if len(found) > 1:  # a single one goes before nothing
        assert {one.code: one.tier for one in found} == expected
