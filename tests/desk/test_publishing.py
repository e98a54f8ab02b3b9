"""The day from which a release holds, and what is said and asked around publishing it."""

from tests.conftest import Site
from tests.desk.desk import Desk, shown_faults
from tests.desk.test_releases import FORM, PAGE, changed
from tests.visitor import parse, words


def test_a_release_does_not_take_effect_before_the_handbook_began(small_site: Site) -> None:
    desk = Desk(small_site)
    draft = changed(desk, "Met de veldfiets.")
    answer = desk.publish(draft, ingang="19 november 2026", reden="De brief ging al uit.")
    assert answer.status_code == 422
    assert shown_faults(answer) == ["Het handboek begon op 20 november 2026. Kies die dag of een latere."]
    [field] = parse(answer).xpath("//input[@aria-invalid='true']")
    assert (field.name, field.value) == ("ingang", "19 november 2026")
    assert parse(answer).get_element_by_id("reden").text.strip() == "De brief ging al uit."
    assert "Het begon op 20 november 2026." in words(desk.page("/andere-dag"))
    assert desk.publish(draft, ingang="20 november 2026", reden="De brief ging al uit.").status_code == 303


def test_after_publishing_it_says_what_readers_do_not_see_today(small_site: Site) -> None:
    desk = Desk(small_site)
    done = desk.publish(changed(desk, "Met de roeiboot."))
    assert "Lezers zien haar vanaf nu." in words(desk.page(done.headers["Location"]))
    given = {"ingang": "22-11-2026", "reden": "De brief ging al uit.", f"later-{PAGE}": "blijft"}
    done = desk.publish(changed(desk, "Met de kar."), **given)
    told = words(desk.page(done.headers["Location"]))
    assert "Lezers zien haar vandaag niet: er geldt al een latere versie." in told
    assert f"{PAGE}, versie 3: Geldend van 22 november 2026 t/m 30 november 2026." in told
    draft = changed(desk, "Met de veldfiets.")
    desk.press("/redactie/onderdelen/FO-06", "/intrekken", reden="Vervalt.", voor="nieuw", concept=draft[-1])
    done = desk.publish(draft, **(given | {"ingang": "21-11-2026"}))
    page = desk.page(done.headers["Location"])
    assert "Lezers zien haar vanaf nu, maar niet alles: van een deel geldt al een latere versie." in words(page)
    rows = [words(one) for one in page.xpath("//main//ul/li")]
    assert f"{PAGE}, versie 4: Geldend van 21 november 2026 t/m 21 november 2026." in rows
    assert not [one for one in rows if FORM in one], "withdrawn, and that is what readers see"


def test_a_name_that_the_portal_gave_a_draft_does_not_reach_readers(small_site: Site) -> None:
    desk, other = Desk(small_site), Desk(small_site, "redacteur_elders")
    assert desk.publish(changed(desk, "Met de roeiboot."), ingang="1-1-2027").status_code == 303
    draft = changed(desk, "Met de veldfiets.")
    other.begin(FORM, draft.rpartition("/")[2])
    assert desk.publish(draft, **{f"later-{PAGE}": "ook"}).status_code == 303
    home = desk.page("/redactie")
    for name in ("Ook in wat later ingaat: Proefuitgave", "Nog niet klaar bij: Proefuitgave"):
        [found] = home.xpath(f"//h3/a[. = '{name}']/@href")
        assert desk.page(f"{found}/publiceren").get_element_by_id("titel").value == ""
        assert desk.press(found, found, titel="Bedragen 2027").status_code == 303
        assert desk.page(f"{found}/publiceren").get_element_by_id("titel").value == "Bedragen 2027"


def test_today_and_tomorrow_are_days_too(small_site: Site) -> None:
    desk = Desk(small_site)
    page = parse(desk.publish(changed(desk, "Met de veldfiets."), besloten="gisteren", ingang="Morgen"))
    assert page.get_element_by_id("ingang").value == "Morgen", "what was typed stays"
    done = desk.send(page, "/publiceren", besloten="vandaag")
    assert "Zij gaat in op 2 december 2026." in words(desk.page(done.headers["Location"]))
    found = desk.visitor.get("/andere-dag?dag=morgen&bekend=vandaag&van=/documenten")
    assert found.headers["Location"] == "/op/2026-12-02/documenten?bekend=2026-12-01"
