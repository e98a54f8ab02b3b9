"""Everything that differs between two releases, in one list: by real requests over six releases."""

from datetime import date
from itertools import pairwise

from lxml import html

from portal.lib import clock
from tests.conftest import Site
from tests.handbook.six_releases import (
    FILE,
    FUTURE,
    METADATA,
    ORDINARY,
    OVERLAPPING,
    PAGE,
    RETROACTIVE,
    STEP,
    TITLE,
    WITHDRAWAL,
)
from tests.visitor import Visitor, words


def listed(visitor: Visitor, old: int, new: int, before: str = "") -> dict[str, str]:
    """Return by the name of an item what the list says of it."""
    page: html.HtmlElement = visitor.page(f"{before}/uitgaven/vergelijk/{old}..{new}")
    rows = page.xpath("//main//ul[@class='wijzigingen']/li")
    return {words(row.xpath("h2")[0]).partition(":")[0]: words(row) for row in rows}


def test_the_list_holds_all_that_differs_and_why(six: Site) -> None:
    visitor = six.signed_in("corporatie")
    found = listed(visitor, 1, ORDINARY)
    assert list(found) == [PAGE, "Begrippen", "Stroomschema"]
    assert "Gewijzigd" in found[PAGE]
    assert "De veldfiets is erbij. Ook lopende trajecten" in found[PAGE]
    assert f"{STEP}: Zorg inzetten" in found["Stroomschema"]
    assert "Wat doet: Uitvoeringsdienst van de gemeente " in found["Stroomschema"]
    assert found["Stroomschema"].count("Anders") == 1, "one step, and nothing else"
    assert "Kleine verbetering" in found["Begrippen"]

    found = listed(visitor, FUTURE, OVERLAPPING)
    assert set(found) == {PAGE, "Begrippen", "Stroomschema"}, "of the same day, in the order of their numbers"
    assert "roeiboot" in found["Stroomschema"]
    assert "luchtballon" in found["Stroomschema"]

    found = listed(visitor, ORDINARY, METADATA)
    assert list(found) == [PAGE]
    assert "Alleen gegevens" in found[PAGE]
    assert f"{PAGE}: {TITLE}" in found[PAGE]
    assert "Toegevoegd: " in found[PAGE], "the title"

    found = listed(visitor, OVERLAPPING, WITHDRAWAL)
    assert list(found) == [PAGE]
    assert "Ingetrokken" in found[PAGE]
    assert f"Gebruik in plaats daarvan {FILE}" in found[PAGE]
    back = listed(visitor, WITHDRAWAL, OVERLAPPING)
    assert "Nieuw" in back[PAGE]
    assert listed(visitor, RETROACTIVE, RETROACTIVE) == {}


def test_two_releases_are_chosen_from_those_that_were_known(six: Site) -> None:
    visitor = six.signed_in("corporatie")
    page = visitor.page(f"/uitgaven/{METADATA}")
    assert page.xpath(f"//a[@href='/uitgaven/vergelijk/{ORDINARY}..{METADATA}']")
    [form] = visitor.page("/uitgaven").xpath("//form[contains(@action, '/uitgaven/vergelijk')]")
    assert (form.fields["van"], form.fields["naar"]) == (str(OVERLAPPING), str(WITHDRAWAL))
    answer = visitor.get("/uitgaven/vergelijk?van=2&naar=6")
    assert answer.headers["Location"] == "/uitgaven/vergelijk/2..6"
    for wrong in ("van=2&naar=2", "van=2&naar=99", "van=x", ""):
        assert visitor.get(f"/uitgaven/vergelijk?{wrong}").status_code == 422
    assert visitor.get("/uitgaven/vergelijk/1..99").status_code == 404
    assert visitor.get("/uitgaven/vergelijk/1..6?bekend=2026-12-02").status_code == 404
    assert "Verschillen tussen uitgave 1 en 2" in words(visitor.page("/op/2026-12-05/uitgaven/vergelijk/1..2"))


def test_a_release_is_compared_with_the_one_that_takes_effect_before_it(six: Site) -> None:
    visitor = six.signed_in("corporatie")
    links = {str(link) for link in visitor.page("/uitgaven").xpath("//main//li/p/a/@href") if ".." in link}
    in_order = (1, RETROACTIVE, ORDINARY, METADATA, FUTURE, OVERLAPPING, WITHDRAWAL)
    assert links == {f"/uitgaven/vergelijk/{old}..{new}" for old, new in pairwise(in_order)}
    assert not visitor.page("/uitgaven/1").xpath("//main//header//a[contains(@href, '..')]")
    assert "Vergelijk met uitgave 4" in words(visitor.page(f"/uitgaven/{ORDINARY}"))
    [link] = visitor.page("/uitgaven/2?bekend=2026-12-05").xpath("//main//header//a[contains(@href, '..')]/@href")
    assert link == "/uitgaven/vergelijk/1..2?bekend=2026-12-05", "the retroactive one was not known"


def test_the_list_tells_only_of_what_the_later_text_was_made_from(six: Site) -> None:
    visitor = six.signed_in("corporatie")
    glossary = listed(visitor, RETROACTIVE, ORDINARY)["Begrippen"]
    assert glossary.count("de betekenis is niet veranderd") == 1, "version 2 follows on version 4"
    steps = listed(visitor, 1, METADATA)["Stroomschema"]
    assert "De veldfiets is erbij." in steps
    assert "De roeiboot is erbij." not in steps, "that is announced"
    assert "De kruiwagen is erbij." not in steps, "that was overtaken and went into no other"
    page = listed(visitor, 1, METADATA)[PAGE]
    assert page.index("Versie 2: De veldfiets is erbij.") < page.index("Versie 6: Een andere titel.")
    assert "roeiboot" not in page


def test_a_release_leads_to_the_versions_it_names(six: Site) -> None:
    visitor = six.signed_in("corporatie")

    def links(path: str) -> dict[str, str]:
        found = visitor.page(path).xpath("//main//table//th/a")
        return {words(link).partition(":")[0]: link.get("href") for link in found}

    announced = links(f"/uitgaven/{FUTURE}")
    assert announced[PAGE] == f"/documenten/{PAGE}/versies/3"
    assert "roeiboot" in words(visitor.page(announced[PAGE]))
    assert announced["Begrippen"] == "/op/2027-02-01/begrippen"
    assert links(f"/uitgaven/{ORDINARY}")["Begrippen"] == "/begrippen", "these hold today"
    assert "kruiwagen" in words(visitor.page(links(f"/uitgaven/{RETROACTIVE}")["Begrippen"]))
    withdrawn = links(f"/uitgaven/{WITHDRAWAL}")[PAGE]
    assert "Dit document is ingetrokken" in words(visitor.page(withdrawn))
    six.clock.moment = clock.start_of(date(2027, 3, 1))
    visitor = six.signed_in("corporatie")
    assert links(f"/uitgaven/{WITHDRAWAL}")[PAGE] == f"/documenten/{PAGE}"
    assert links(f"/op/2026-12-05/uitgaven/{ORDINARY}") == {
        PAGE: f"/op/2026-12-05/documenten/{PAGE}/versies/2",
        "Begrippen": "/op/2026-12-05/begrippen",
        "Stroomschema": "/op/2026-12-05/stroomschema",
    }
