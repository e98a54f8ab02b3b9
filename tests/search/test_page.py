"""The page /zoeken as readers and editors meet it: real requests on the starter handbook."""

from datetime import timedelta

import pytest
from lxml import html
from sqlalchemy import text, update

from portal.releases.models import Item
from portal.search.index import is_whole, reindex
from portal.search.misses import KEPT, MOST, forget_misses
from portal.search.models import SearchEntry, SearchMiss
from tests.conftest import NOW, Site
from tests.visitor import Visitor, parse, words


def hits(page: html.HtmlElement) -> list[str]:
    return [str(code) for code in page.xpath('//ol[@id="treffers"]/li/@data-code')]


def total(page: html.HtmlElement) -> int:
    return int(words(page.xpath('//h2[contains(@class, "telling")]')[0]).split()[0])


def options(page: html.HtmlElement, name: str) -> dict[str, int]:
    """Return the values to filter by, each with the count it promises."""
    found = page.xpath(f'//select[@id="{name}"]/option[@value != ""]')
    return {str(o.get("value")): int(str(o.text).rpartition("(")[2].rstrip(")")) for o in found}


def test_a_hit_opens_at_the_heading_where_the_words_stand(site: Site) -> None:
    visitor = site.signed_in("corporatie")
    page = visitor.page("/zoeken?q=huurschade")
    hit = page.xpath('//li[@data-code="PR-03"]')[0]
    path, _, anchor = str(hit.xpath(".//h3/a/@href")[0]).partition("#")
    assert path == "/documenten/PR-03"
    assert "huurschade" in [words(mark).lower() for mark in hit.xpath(".//mark")]
    heading = words(visitor.page(path).get_element_by_id(anchor))
    assert words(hit.xpath('.//p[@class="snippet"]/b')[0]) == f"{heading}:"


def test_a_step_opens_at_the_role_it_was_found_for(site: Site) -> None:
    visitor = site.signed_in("corporatie")
    page = visitor.page("/zoeken?q=uitsluitingslijst&soort=stap")
    path, _, anchor = str(page.xpath('//li[@data-code="INS-02"]//h3/a/@href')[0]).partition("#")
    assert (path, anchor) == ("/stroomschema/INS/INS-02", "rol-uitvoeringsdienst")
    assert "uitsluitingslijst" in words(visitor.page(path).get_element_by_id(anchor)).lower()


def test_a_document_shows_its_kind_version_and_the_steps_that_use_it(site: Site) -> None:
    page = site.signed_in("corporatie").page("/zoeken?q=HC-01")
    assert hits(page) == ["HC-01"]
    hit = page.xpath('//li[@data-code="HC-01"]')[0]
    assert "Huurcontract HC-01 Versie 1, geldig vanaf" in words(hit)
    assert [str(a) for a in hit.xpath(".//ul//a/@href")] == ["/stroomschema/CON/CON-02"]


@pytest.mark.parametrize("typed", ["zc01", "ZC-01", "zc-1", "ZC 01"])
def test_a_code_in_any_spelling_finds_its_document(site: Site, typed: str) -> None:
    assert hits(site.signed_in("corporatie").page(f"/zoeken?q={typed}")) == ["ZC-01"]


def test_a_step_by_its_code(site: Site) -> None:
    assert hits(site.signed_in("corporatie").page("/zoeken?q=KAN 7")) == ["KAN-07"]


def test_every_filter_gives_as_many_hits_as_it_promises(site: Site) -> None:
    visitor = site.signed_in("zorgaanbieder")
    page = visitor.page("/zoeken?q=urgentie")
    assert total(page) > 10
    for name in ("soort", "rol", "traject"):
        promised = options(page, name)
        assert len(promised) > 1
        for value, count in promised.items():
            assert total(visitor.page(f"/zoeken?q=urgentie&{name}={value}")) == count, (name, value)


def test_all_pages_together_hold_every_hit_once(site: Site) -> None:
    visitor = site.signed_in("corporatie")
    first = visitor.page("/zoeken?q=huurder")
    found = [
        code
        for n in range(1, -(-total(first) // 10) + 1)
        for code in hits(visitor.page(f"/zoeken?q=huurder&pagina={n}"))
    ]
    assert len(found) == len(set(found)) == total(first) > 20


@pytest.mark.parametrize("page", ["0", "-1", "99999", "x", "999999999999", "²"])
def test_a_page_that_is_not_there_shows_one_that_is(site: Site, page: str) -> None:
    assert hits(site.signed_in("corporatie").page(f"/zoeken?q=huurder&pagina={page}"))


def test_a_typing_error_is_answered_and_named(site: Site) -> None:
    page = site.signed_in("corporatie").page("/zoeken?q=risicofons aanvragen")
    assert {"PR-01", "FO-11"} & set(hits(page)[:3])
    link = page.xpath('//p[@class="bedoelde"]/a')[0]
    assert (words(link), link.get("href")) == ("risicofonds aanvragen", "/zoeken?q=risicofonds+aanvragen")


def test_nothing_found_offers_the_nearest_titles_and_the_meldpunt(site: Site) -> None:
    page = site.signed_in("corporatie").page("/zoeken?q=xhuurcntrctx")
    assert not hits(page)
    main = words(page.xpath("//main")[0])
    assert "Niets gevonden" in main
    assert "xhuurcntrctx" in main
    assert page.xpath("//main//a[starts-with(@href, 'tel:')]")


@pytest.mark.parametrize("typed", ["", "   ", '"', "***", "()"])
def test_a_question_without_words_says_so_or_shows_the_form(site: Site, typed: str) -> None:
    page = site.signed_in("corporatie").page(f"/zoeken?q={typed}")
    assert not hits(page)
    assert page.xpath('//main//input[@name="q"]')


def test_what_was_typed_is_shown_as_text(site: Site) -> None:
    answer = site.signed_in("corporatie").get("/zoeken?q=<script>alert(1)</script> huurder")
    assert b"<script>alert" not in answer.data
    assert parse(answer).xpath('//main//input[@type="search"]/@value') == ["<script>alert(1)</script> huurder"]


def test_a_closed_document_is_gone_at_once_and_its_code_from_other_texts(site: Site) -> None:
    visitor = site.signed_in("corporatie")
    assert "HC-02" in hits(visitor.page("/zoeken?q=onderhuur"))
    before = total(visitor.page("/zoeken?q=onderhuur"))
    with site.database.transaction() as session:
        session.execute(update(Item).where(Item.code == "HC-02").values(visibility="regio"))
    page = visitor.page("/zoeken?q=onderhuur")
    assert total(page) == before - 1
    assert "HC-02" not in html.tostring(page, encoding="unicode")
    assert not hits(visitor.page("/zoeken?q=HC-02"))
    assert "HC-02" in hits(site.signed_in("regio").page("/zoeken?q=onderhuur"))


def test_as_another_role_the_same_is_found(site: Site) -> None:
    visitor = site.signed_in("zorgaanbieder")
    own, other = (visitor.page(f"/zoeken?q=contactpersoon{tail}") for tail in ("", "&als=info_meldpunt"))
    assert hits(own) == hits(other)
    assert "OV-03" not in hits(other)


def misses_shown(visitor: Visitor) -> list[str]:
    return [words(cell) for cell in visitor.page("/zoeken").xpath("//tbody//th")]


def test_questions_without_an_answer_are_kept_for_the_editor_only(site: Site) -> None:
    reader, editor = site.signed_in("corporatie"), site.signed_in("redacteur")
    [link] = editor.page("/redactie").xpath("//a[.='Bekijk waar lezers niets op vonden']/@href")
    path, _, place = link.partition("#")
    assert "zocht niemand vergeefs" in words(editor.page(path).get_element_by_id(place).getparent())
    assert "vergeefs" not in words(reader.page(path))
    for typed in ("Waslijnkwestie", "waslijnkwestie", "huurder", "jan@voorbeeld.example qqqq", "qqqq 123456782"):
        reader.get(f"/zoeken?q={typed}")
    assert misses_shown(editor) == ["waslijnkwestie"]
    assert "vergeefs" not in words(editor.page(path))
    assert not misses_shown(reader)
    assert not misses_shown(site.signed_in("beheerder"))
    with site.database.reading() as session:
        assert [(miss.times, miss.last_on) for miss in session.query(SearchMiss)] == [(2, NOW.date())]


def test_questions_without_an_answer_are_forgotten_and_never_too_many(site: Site) -> None:
    with site.database.transaction() as session:
        session.add_all(SearchMiss(words=f"oud {n}", times=1, last_on=NOW.date()) for n in range(MOST))
    site.signed_in("corporatie").get("/zoeken?q=waslijnkwestie")
    with site.database.transaction() as session:
        assert session.query(SearchMiss).count() == MOST
        forget_misses(session, NOW.date() + KEPT)
        assert session.query(SearchMiss).count() == MOST
        forget_misses(session, NOW.date() + KEPT + timedelta(days=1))
        assert session.query(SearchMiss).count() == 0


def test_without_its_index_only_searching_stops(small_site: Site) -> None:
    visitor = small_site.signed_in("corporatie")
    with small_site.database.transaction() as session:
        session.execute(text("DROP TABLE search_text"))
    answer = visitor.get("/zoeken?q=huurder")
    assert answer.status_code == 503
    assert "Zoeken werkt nu even niet" in answer.get_data(as_text=True)
    assert visitor.get("/documenten/FO-06").status_code == 200
    with small_site.database.transaction() as session:
        assert not is_whole(session)
        reindex(session)
        assert is_whole(session)
    assert visitor.get("/zoeken?q=huurder").status_code == 200


def test_an_index_with_something_missing_or_of_another_recipe_is_not_whole(small_site: Site) -> None:
    with small_site.database.transaction() as session:
        assert is_whole(session)
        session.execute(update(SearchEntry).where(SearchEntry.code == "FO-06").values(code="FO-99"))
        assert is_whole(session)
        session.execute(text("UPDATE search_state SET recipe = 'een andere'"))
        assert not is_whole(session)
        reindex(session)
        assert is_whole(session)
        session.execute(text("DELETE FROM search_section"))
        session.execute(text("DELETE FROM search_entry WHERE kind = 'formulier'"))
        assert not is_whole(session)
