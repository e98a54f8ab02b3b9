"""Everything that differs between two releases, in one list: by real requests over six releases."""

from lxml import html

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
    assert "Wat doet: Uitvoeringsdienst van de gemeente: " in found["Stroomschema"]
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
    assert page.xpath(f"//a[@href='/uitgaven/vergelijk/{METADATA - 1}..{METADATA}']")
    assert visitor.page("/uitgaven").xpath("//a[@href='/uitgaven/vergelijk/6..7']")
    answer = visitor.get("/uitgaven/vergelijk?van=2&naar=6")
    assert answer.headers["Location"] == "/uitgaven/vergelijk/2..6"
    for wrong in ("van=2&naar=2", "van=2&naar=99", "van=x", ""):
        assert visitor.get(f"/uitgaven/vergelijk?{wrong}").status_code == 422
    assert visitor.get("/uitgaven/vergelijk/1..99").status_code == 404
    assert visitor.get("/uitgaven/vergelijk/1..6?bekend=2026-12-02").status_code == 404
    assert "Verschillen tussen uitgave 1 en 2" in words(visitor.page("/op/2026-12-05/uitgaven/vergelijk/1..2"))
