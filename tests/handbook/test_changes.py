"""The timeline: what changed, for whom, and since when."""

from lxml import html

from tests.conftest import Site
from tests.handbook.six_releases import FILE, LATER, PAGE, STEP, WITHDRAWAL, links_of, main_of
from tests.visitor import words


def codes_in(page: html.HtmlElement, release: int) -> list[str]:
    """Return what the timeline says that a release changed."""
    items = page.xpath(f"//li[@id='uitgave-{release}']//ul[@class='wijzigingen']/li/p[1]")
    return [words(item).partition(":")[0].partition(" versie")[0] for item in items]


def test_the_timeline_tells_what_changed_for_whom(six: Site) -> None:
    visitor = six.signed_in("corporatie")
    page = visitor.page("/wijzigingen")
    assert page.xpath("//ol[@class='uitgaven']/li/@id") == [f"uitgave-{number}" for number in range(WITHDRAWAL, 0, -1)]
    assert codes_in(page, 2) == [PAGE, "Begrippen", "Stroomschema"]
    texts = {number: words(page.xpath(f"//li[@id='uitgave-{number}']")[0]) for number in range(1, WITHDRAWAL + 1)}
    assert "Hiermee begon het handboek" in texts[1]
    for said in (
        "Ingegaan op 1 december 2026",
        "De veldfiets is erbij.",
        "Ook lopende trajecten",
        "Kleine verbetering",
    ):
        assert said in texts[2]
    assert f"Het gaat om stap {STEP}." in texts[2]
    for said in ("Gaat in op 1 februari 2027", "Alleen nieuwe trajecten"):
        assert said in texts[3]
    assert "De brief hierover ging al uit." in texts[4]
    assert f"Ingetrokken Deze lijst staat nu in het formulier. Gebruik in plaats daarvan {FILE}" in texts[7]
    assert page.xpath(f"//li[@id='uitgave-3']//a[@href='/op/2027-02-01/documenten/{PAGE}']")
    assert page.xpath(f"//li[@id='uitgave-2']//a[@href='/documenten/{PAGE}']")
    assert page.xpath(f"//li[@id='uitgave-2']//a[@href='/documenten/{PAGE}/vergelijk/1..2']")
    for link in links_of(main_of(page)):
        assert visitor.get(link).status_code == 200, link
    regio = visitor.page("/wijzigingen?rol=urgentiebureau")
    assert "Stroomschema" not in codes_in(regio, 2)
    assert "Begrippen" in codes_in(regio, 2)
    assert "In deze uitgave is voor deze rol niets veranderd." in words(visitor.page("/wijzigingen?rol=huurder"))
    assert codes_in(visitor.page("/wijzigingen?rol=onzin"), 2) == [PAGE, "Begrippen", "Stroomschema"]


def test_what_is_new_since_the_previous_visit(six: Site) -> None:
    six.clock.moment = NEXT_VISIT = LATER.replace(day=21)
    first = six.signed_in("corporatie")
    assert "vorige bezoek" not in words(first.page("/wijzigingen"))
    assert "vorige bezoek" not in words(first.page("/"))
    six.clock.moment = LATER
    visitor = six.signed_in("corporatie")
    home = visitor.page("/")
    [link] = home.xpath("//a[contains(., 'sinds uw vorige bezoek')]")
    assert words(link) == "1 wijziging sinds uw vorige bezoek"
    page = visitor.page(link.get("href"))
    assert page.xpath("//ol[@class='uitgaven']/li/@id") == [f"uitgave-{WITHDRAWAL}"]
    assert "Nieuw sinds uw vorige bezoek" in words(page)
    assert len(visitor.page("/wijzigingen").xpath("//ol[@class='uitgaven']/li")) == WITHDRAWAL
    assert "vorige bezoek" not in words(visitor.page(f"/op/{NEXT_VISIT.date()}/wijzigingen?sinds=vorig-bezoek"))
    third = six.signed_in("corporatie")
    assert "vorige bezoek" not in words(third.page("/"))
    assert "is er niets veranderd" in words(third.page("/wijzigingen?sinds=vorig-bezoek"))
