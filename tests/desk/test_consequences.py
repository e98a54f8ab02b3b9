"""What a draft asks of other places: what an editor who changes an amount or a term, or withdraws, is told of them."""

from lxml import html

from tests.conftest import Site
from tests.desk.desk import Desk, shown_faults
from tests.visitor import parse, words

PAGE = "OV-04"
YEAR, DOUBLE = 1, 2
"""The places of two amounts in their list: the one of a year, and twice that."""
WEEKS, FORTNIGHT = 2, 3
"""The places of two terms in their list: binnen 4 weken, and uiterlijk binnen twee weken."""


def with_row(desk: Desk, rows: str, number: int, **typed: str) -> str:
    """Put a change of one amount or term into a draft and return the address of that."""
    path = desk.begin("bedragen", "nieuw")
    kept = desk.press(f"{path}?lijst={rows}&rij={number}", path, "bewaar", **typed)
    assert kept.status_code == 303
    return desk.finish(path)


def remarks(page: html.HtmlElement, title: str) -> list[html.HtmlElement]:
    """Return what the check says under a heading: the sentence, and what follows it up to the next heading."""
    return list(page.xpath(f"//aside//h3[.='{title}']/following-sibling::*[preceding-sibling::h3[1][.='{title}']]"))


def named(elements: list[html.HtmlElement]) -> list[str]:
    """Return the places that are named in these."""
    return [words(one) for element in elements for one in element.xpath(".//li/*[1]")]


def test_places_with_a_term_that_changes_are_named_by_what_they_are_about(site: Site) -> None:
    desk = Desk(site)
    draft = with_row(desk, "termijnen", FORTNIGHT, waarde="meteen, uiterlijk binnen 3 weken")
    for address in (draft, f"{draft}/publiceren"):
        page = desk.page(address)
        sentence, near, far = remarks(page, "Misschien ook aanpassen")
        assert "“meteen, uiterlijk binnen twee weken” wordt “meteen, uiterlijk binnen 3 weken”" in words(sentence)
        assert "In deze stukken staat ook “twee weken”." in words(sentence)
        assert "U kunt wel publiceren." in words(sentence)
        codes = [one.partition(":")[0] for one in named([near])]
        assert codes == ["Stap LOO-03", "Open punten", "FO-08", "FO-09", "OV-01", "OV-02", PAGE, "WI-03", "ZC-01"]
        assert [one.partition(":")[0] for one in named([far])] == ["Stap LOO-01", "HC-01", "HC-02", "HC-03"]
        assert words(far.find("summary")) == "Bij een ander onderwerp: 4 stukken"
        assert near.xpath(f".//a[@href='/redactie/onderdelen/{PAGE}']")
    assert not page.xpath("//*[contains(., 'U kunt nog niet publiceren')]")
    assert desk.publish(draft).status_code == 303


def test_a_term_of_which_no_number_changes_is_not_looked_for(small_site: Site) -> None:
    desk = Desk(small_site)
    for typed in ({"waarde": "in hoogstens vier weken"}, {"omschrijving": "Alles klaar"}):
        assert not remarks(desk.page(with_row(desk, "termijnen", WEEKS, **typed)), "Misschien ook aanpassen")
    draft = with_row(desk, "termijnen", WEEKS, waarde="binnen 6 weken")
    also = f"{PAGE}: Termijnen, bedragen en grenzen (ook bij Gegevens van het document)"
    assert also in named(remarks(desk.page(draft), "Misschien ook aanpassen"))


def test_what_follows_from_an_amount_that_changes_is_named_until_it_is_changed_too(small_site: Site) -> None:
    desk = Desk(small_site)
    draft = with_row(desk, "bedragen", YEAR, waarde="€ 640")
    told = remarks(desk.page(draft), "Let op")
    own, double, rounded = (
        f"Bedragen en termijnen: {one}"
        for one in (
            "Vergoeding voor intermediaire verhuur per jaar",
            "Twee keer het jaarbedrag van de vergoeding; alleen genoemd omdat het afwijkt…",
            "Vergoeding voor intermediaire verhuur per regulier HOV-traject (2 jaar),…",
        )
    )
    assert [one for one in named(told) if "ergoeding" in one] == [own, double, own, rounded]
    assert "per jaar wordt € 640. Daaruit volgt € 1.247,50, en dat staat hier nog. Reken het na" in words(told[1])
    path = desk.begin("bedragen", draft.rpartition("/")[2])
    for number, typed in ((YEAR, {"afgeleid": "€ 1.280\n€ 1.250"}), (DOUBLE, {"waarde": "€ 1.280"})):
        assert desk.press(f"{path}?lijst=bedragen&rij={number}", path, "bewaar", **typed).status_code == 303
    told = remarks(desk.page(desk.finish(path)), "Let op")
    assert [one for one in named(told) if "ergoeding" in one] == [own, rounded]
    assert "1.247,50" not in words(told[1])


def test_what_follows_from_an_amount_is_written_in_its_row_and_taken_out_again(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin("bedragen")
    address = f"{path}?lijst=bedragen&rij={YEAR}"
    assert desk.page(address).get_element_by_id("afgeleid").text.split("\n")[-2:] == ["€ 1.247,50", "€ 1.250"]
    assert "afgeleid" not in desk.page(f"{path}?lijst=termijnen&rij=0").forms[-1].fields
    wrong = desk.press(address, path, "bewaar", afgeleid="twaalfhonderd")
    assert shown_faults(wrong) == ["Schrijf elk bedrag als € 1.247,50, één per regel."]
    assert desk.press(address, path, "bewaar", afgeleid="").status_code == 303
    assert not (desk.page(address).get_element_by_id("afgeleid").text or "").strip()


def test_an_amount_that_holds_after_the_day_of_its_release_is_pointed_out_before_publishing(small_site: Site) -> None:
    desk = Desk(small_site)
    draft = with_row(desk, "bedragen", YEAR, waarde="€ 640", geldig_vanaf="1-2-2027")
    for address in (draft, f"{draft}/publiceren"):
        told = words(remarks(desk.page(address), "Let op")[1])
        assert "verhuur per jaar Dit geldt vanaf 1 februari 2027. Gaat dit concept eerder in, dan zien lezers" in told
        assert (
            "meteen al € 640 in plaats van € 623,75, met die datum erbij. Laat het concept ingaan op 1 februari" in told
        )
    for day, early in (("31-1-2027", True), ("1-2-2027", False)):
        refused = parse(desk.publish(draft, ingang=day, toelichting=""))
        assert ("Dit geldt vanaf 1 februari 2027." in words(refused.xpath("//aside")[0])) is early
    assert desk.publish(draft).status_code == 303, "it stops nobody"
    later = with_row(desk, "bedragen", DOUBLE, omschrijving="Het dubbele")
    assert "Dit geldt vanaf" not in words(desk.page(later).xpath("//aside")[0])


def test_what_still_names_a_document_that_a_draft_withdraws_is_listed_and_stops_nothing(site: Site) -> None:
    desk = Desk(site)
    given = {"reden": "Vervallen.", "voor": "lopend", "concept": "nieuw"}
    draft = desk.press("/redactie/onderdelen/FO-04", "/intrekken", **given).headers["Location"]
    for address in (draft, f"{draft}/publiceren"):
        sentence, places = remarks(desk.page(address), "Ook aanpassen")
        assert words(sentence).startswith("FO-04 vervalt met dit concept, maar staat nog in deze stukken.")
        shown = named([places])
        assert {"Stap TER-07", "OV-04", "PR-02"} <= {one.partition(":")[0] for one in shown}
        assert not any(one.startswith("FO-04") for one in shown)
        assert len(shown) == len(set(shown)), "every place once"
        assert places.xpath(".//a[@href='/redactie/onderdelen/PR-02']")
    assert desk.publish(draft).status_code == 303
    assert not remarks(desk.page(with_row(desk, "termijnen", WEEKS, omschrijving="Alles klaar")), "Ook aanpassen")


def test_a_text_that_a_draft_brings_with_the_old_amount_in_it_may_follow_later_too(small_site: Site) -> None:
    desk = Desk(small_site)
    draft = with_row(desk, "bedragen", YEAR, waarde="€ 640")
    path = desk.begin(PAGE, draft.rpartition("/")[2])
    desk.press(path, path, "nieuw--1-alinea")
    assert desk.finish(path, **{"blok-0-tekst": "Het was € 623,75."}) == draft
    sentence, places, *_ = remarks(desk.page(draft), "Ook aanpassen")
    assert words(sentence).startswith("In deze stukken staat nog € 623,75.")
    assert PAGE in [one.partition(":")[0] for one in named([places])]
    assert "Los dit op" not in words(desk.page(draft))
    assert desk.publish(draft).status_code == 303


def test_a_draft_that_goes_on_from_what_is_announced_is_checked_for_that_day(small_site: Site) -> None:
    desk = Desk(small_site)
    draft = with_row(desk, "bedragen", YEAR, waarde="€ 640")
    path = desk.begin(PAGE, draft.rpartition("/")[2])
    desk.press(path, path, "nieuw--1-alinea")
    desk.finish(path, **{"blok-0-tekst": "Het is € 640."})
    assert desk.publish(draft, ingang="1-2-2027").status_code == 303
    path = desk.begin(PAGE, "nieuw")
    done = desk.publish(desk.finish(path, **{"blok-0-tekst": "Fiets."}), **{f"later-{PAGE}": "ook"})
    [path] = desk.page(done.headers["Location"]).xpath(f"//a[contains(., 'Ga verder met {PAGE}')]/@href")
    follow_up = desk.finish(path)
    control = words(desk.page(follow_up).xpath("//aside")[0])
    assert "Dit concept gaat verder op wat ingaat op 1 februari 2027." in control
    assert "Los dit op" not in control
    page = desk.page(f"{follow_up}/publiceren")
    assert "U kunt nog niet publiceren" not in words(page)
    assert "wat ingaat op 1 februari 2027. Kies die dag of een latere." in words(page.get_element_by_id("ingang-hulp"))
    early = parse(desk.publish(follow_up))
    assert "€ 640 staat in" in words(early), "from today it is not right"
    assert desk.publish(follow_up, ingang="1-2-2027").status_code == 303
