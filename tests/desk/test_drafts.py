"""The page of a draft: what stands in the way of publishing it, and the way out."""

import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

from sqlalchemy import select

from portal.releases.models import Item
from tests.conftest import Site
from tests.desk.desk import Desk, shown_faults
from tests.desk.test_releases import FORM, PAGE, changed
from tests.desk.test_uploads import word_file
from tests.visitor import parse, words


def test_a_change_that_was_overtaken_says_so_and_goes_on_from_the_newer_version(small_site: Site) -> None:
    desk, other = Desk(small_site), Desk(small_site, "redacteur_elders")
    draft, theirs = changed(desk, "Met de veldfiets."), changed(other, "Met de roeiboot.")
    assert "Neem versie" not in words(desk.page(draft))
    assert other.publish(theirs).status_code == 303
    page = desk.page(draft)
    [row] = page.xpath(f"//tbody/tr[contains(., '{PAGE}')]")
    assert "Er is een nieuwere versie" in words(row)
    [way_out] = row.xpath(".//a[contains(., 'Neem versie 2 mee')]/@href")
    control = page.xpath("//aside[@aria-label='Controle']/div[1]")[0]
    assert "Los dit op voordat u publiceert" in words(control)
    assert "U kunt" not in words(control)
    assert control.xpath(".//li/a/@href") == [way_out]
    assert "U kunt nog niet publiceren" in words(desk.page(f"{draft}/publiceren"))
    refused = desk.publish(draft)
    assert refused.status_code == 409
    assert parse(refused).xpath("//*[@id='fouten']//li/a/@href") == [way_out]
    newer = desk.page(way_out)
    assert "begon met versie 1. Intussen is versie 2 gepubliceerd, die inging op 1 december 2026" in words(newer)
    assert "roeiboot" in words(newer)
    path = desk.send(newer, "/nieuwer/2").headers["Location"].partition("?")[0]
    form = desk.page(f"{path}?mee=ja")
    assert "Wat versie 2 veranderde, moet u hier zelf nakijken." in words(form)
    assert [one.text.strip() for one in (form.get_element_by_id(f"blok-{n}") for n in (0, 1))] == [
        "Met de veldfiets.",
        "Met de roeiboot.",
    ], "both wrote at the same place: both are there"
    unread = desk.press(path, path, "klaar", wijziging="Met beide.", voor="lopend")
    assert shown_faults(unread) == ["Kijk na of hierin staat wat versie 2 veranderde, en zeg dat hier."]
    desk.press(path, path, "weg-1")
    draft = desk.finish(path, **{"blok-0-tekst": "Met de roeiboot of de veldfiets.", "verwerkt": "ja"})
    assert "Neem versie" not in words(desk.page(draft))
    assert desk.publish(draft).status_code == 303
    shown = words(small_site.signed_in("corporatie").page(f"/documenten/{PAGE}"))
    assert "Met de roeiboot of de veldfiets." in shown


def test_what_is_announced_since_is_told_and_can_be_brought_in(small_site: Site) -> None:
    desk = Desk(small_site)
    draft, announced = changed(desk, "Met de veldfiets."), changed(desk, "Met de roeiboot.")
    assert desk.publish(announced, ingang="1-1-2027").status_code == 303
    control = desk.page(draft).xpath("//aside[@aria-label='Controle']/div[1]")[0]
    assert "Versie 2 gaat in op 1 januari 2027. Gaat dit concept dan of later in?" in words(control)
    assert "Los dit op" not in words(control), "it may take effect before"
    refused = parse(desk.publish(draft, ingang="1-1-2027"))
    [way_out] = refused.xpath("//*[@id='fouten']//li/a/@href")
    path = desk.press(way_out, "/nieuwer/2").headers["Location"].partition("?")[0]
    assert desk.publish(desk.finish(path, verwerkt="ja"), ingang="1-1-2027").status_code == 303
    shown = words(small_site.signed_in("corporatie").page(f"/op/2027-01-01/documenten/{PAGE}"))
    assert "Met de veldfiets." in shown
    assert "Met de roeiboot." in shown


def test_a_withdrawal_goes_on_after_a_newer_version(small_site: Site) -> None:
    desk = Desk(small_site)
    given = {"reden": "Gaat op in een ander.", "voor": "nieuw", "concept": "nieuw"}
    draft = desk.press(f"/redactie/onderdelen/{PAGE}", "/intrekken", **given).headers["Location"]
    assert desk.publish(changed(desk, "Met de roeiboot.")).status_code == 303
    [way_out] = desk.page(draft).xpath("//a[contains(., 'Neem versie 2 mee')]/@href")
    assert desk.press(way_out, "/nieuwer/2").headers["Location"] == draft
    assert desk.publish(draft).status_code == 303


def test_an_empty_draft_does_not_say_that_it_can_be_published(small_site: Site) -> None:
    desk = Desk(small_site)
    desk.press(f"/redactie/onderdelen/{FORM}", "/zichtbaar")  # so there is something that was so already
    draft = desk.press("/redactie", "/uitgaven", titel="Bedragen 2027").headers["Location"]
    control = words(desk.page(draft).xpath("//aside[@aria-label='Controle']/div[1]")[0])
    assert "nog niets om te publiceren" in control
    assert "U kunt publiceren" not in control


def test_taking_a_change_out_asks_first_and_says_what_is_lost(small_site: Site) -> None:
    desk, other = Desk(small_site), Desk(small_site, "redacteur_elders")
    draft = changed(desk, "Met de veldfiets.")
    rows = desk.page(draft).xpath("//tbody/tr")
    assert "ernietigen" not in words(rows[0])
    [asks] = rows[0].xpath(".//a[contains(., 'Haal eruit')]/@href")
    page = other.page(asks)
    assert "Er is iets veranderd." in words(page)
    assert "geschreven door Naam van redacteur op 1 december 2026" in words(page)
    path = desk.begin(PAGE, draft.rpartition("/")[2])
    desk.finish(path, "Nog mooier.")
    again = other.send(page, "/eruit")
    assert again.status_code == 409, "what was written since was not asked about"
    assert "Nog mooier." in words(parse(again))
    assert other.send(parse(again), "/eruit").headers["Location"] == draft
    assert "Er zit nog geen wijziging in." in words(desk.page(draft))


def test_whose_draft_it_is_shows_where_somebody_writes_in_it_and_before_it_is_thrown_away(small_site: Site) -> None:
    desk, other = Desk(small_site), Desk(small_site, "redacteur_elders")
    draft = changed(desk, "Met de veldfiets.")
    number = draft.rpartition("/")[2]
    path = other.begin(FORM, number)
    assert "het concept van Naam van redacteur." in words(other.page(path))
    assert "uw concept." in words(desk.page(desk.begin(PAGE, number)))
    page = other.page(f"{draft}/weggooien")
    lost = [words(one) for one in page.xpath("//main//ul[@class='rijtjes']/li")]
    assert lost[0] == f"{PAGE}: Er is iets veranderd. Van Naam van redacteur."
    assert lost[1].startswith(f"{FORM}: ")
    assert "U schrijft hieraan" in lost[1]


def test_name_and_note_say_who_reads_them_and_may_not_name_what_is_only_for_the_regio(small_site: Site) -> None:
    desk = Desk(small_site)
    draft = changed(desk, "Met de veldfiets.")
    for address in (draft, f"{draft}/publiceren"):
        page = desk.page(address)
        for field in ("titel-hulp", "toelichting-hulp"):
            assert "noem niets dat alleen de Regio mag zien" in words(page.get_element_by_id(field)), address
    told = "noemt OV-03, dat alleen de regio mag zien; haal de code of de titel weg."
    for typed in ({"titel": "Nieuw: OV-03"}, {"toelichting": "Ook in OV-03."}):
        answer = desk.publish(draft, **typed)
        assert (answer.status_code, len(shown_faults(answer))) == (422, 1)
        assert told in shown_faults(answer)[0]
        assert parse(answer).xpath("//*[@id='fouten']//li/a/@href") == ["#toelichting"]
        assert "U kunt nog niet publiceren" not in words(parse(answer)), "it is said once"
    desk.press(draft, draft, titel="Nieuw: OV-03")
    control = words(desk.page(draft).xpath("//aside[@aria-label='Controle']/div[1]")[0])
    assert told in control.partition("Los dit op voordat u publiceert")[2]


def test_what_only_the_regio_sees_is_marked_in_the_draft_and_before_publishing(small_site: Site) -> None:
    desk = Desk(small_site)
    draft = changed(desk, "Met de veldfiets.", "OV-03")
    desk.finish(desk.touch(desk.begin(FORM, draft.rpartition("/")[2])))
    for address, each in ((draft, "//tbody/tr"), (f"{draft}/publiceren", "//aside//ul[@class='rijtjes']/li")):
        rows = [words(one) for one in desk.page(address).xpath(each)]
        closed = {row[:5] for row in rows if "Alleen voor de Regio" in row}
        assert (closed, len(rows) >= 2) == ({"OV-03"}, True), address


def test_a_finding_about_a_new_document_leads_to_where_it_is_edited(small_site: Site) -> None:
    desk = Desk(small_site)
    made = desk.press("/redactie/onderdelen/nieuw", "/nieuw", code="RG-77", titel="Werkwijze", soort="werkinstructie")
    path = made.headers["Location"]
    desk.press(path, path, "nieuw--1-alinea")
    draft = desk.finish(
        path, **{"blok-0-tekst": "Zie [dit](doc:ZZ-99).", "doelgroep": ["corporatie"], "inhoud": "Iets"}
    )
    [place] = desk.page(draft).xpath("//aside//li[contains(., 'ZZ-99')]/a[contains(., 'RG-77')]/@href")
    page = desk.page(place)
    assert words(page.xpath("//h1")[0]) == "RG-77: Werkwijze"
    assert "Er is nog geen versie gepubliceerd." in words(page)
    assert not page.xpath("//table"), "an empty table says nothing"
    again = desk.send(page, "/RG-77/wijzigen").headers["Location"]
    assert "ZZ-99" in desk.page(again).get_element_by_id("blok-0").text
    assert desk.finish(again) == draft


def test_what_changes_says_with_which_version_it_is_compared(small_site: Site) -> None:
    desk = Desk(small_site)
    assert desk.publish(changed(desk, "Met de roeiboot."), ingang="1-1-2027").status_code == 303
    path = desk.begin(PAGE, "nieuw")
    found = "//section[@aria-labelledby='verschillen']"
    now = words(desk.page(path).xpath(found)[0])
    assert "Vergeleken met versie 1, die inging op 20 november 2026." in now
    desk.throw_away(path)
    done = desk.publish(changed(desk, "Met de veldfiets."), **{f"later-{PAGE}": "ook"})
    [path] = desk.page(done.headers["Location"]).xpath(f"//a[contains(., 'Ga verder met {PAGE}')]/@href")
    announced = "Vergeleken met versie 2, die ingaat op 1 januari 2027 en dus nog niet geldt."
    shown = words(desk.page(path).xpath(found)[0])
    assert announced in shown
    assert "Toegevoegd: Met de veldfiets." in shown, "it came along by itself"
    assert "Toegevoegd: Met de roeiboot." not in shown, "that is not new"
    draft = desk.finish(path, **{"blok-0-tekst": "Met de roeiboot en de veldfiets."})
    assert announced in words(desk.page(f"{draft}/{PAGE}/verschil"))


def test_versions_are_numbered_in_the_order_they_are_published(small_site: Site) -> None:
    desk = Desk(small_site)

    def shown() -> list[str]:
        numbers = desk.page(f"/documenten/{PAGE}/versies").xpath("//tbody/tr/th")
        return [" ".join(words(one).split()[:2]) for one in numbers]

    first, second = changed(desk, "Met de roeiboot."), changed(desk, "Met de veldfiets.")
    assert desk.publish(second, ingang="1-1-2027").status_code == 303
    third = changed(desk, "Te voet.")
    assert shown() == ["Versie 2", "Versie 1"]
    assert desk.publish(first, **{f"later-{PAGE}": "blijft"}).status_code == 303
    assert shown() == ["Versie 2", "Versie 3", "Versie 1"]
    assert "Te voet." in words(desk.page(f"/documenten/{PAGE}?concept={third.rpartition('/')[2]}"))


def test_two_drafts_take_in_the_same_item_at_once(small_site: Site) -> None:
    desk, other = Desk(small_site), Desk(small_site, "redacteur_elders")
    paths = [(one, one.touch(one.begin(PAGE, "nieuw"))) for one in (desk, other)]
    with ThreadPoolExecutor() as threads:
        with small_site.database.transaction() as session:  # both have counted when the item can be written to again
            session.scalars(select(Item).where(Item.code == PAGE).with_for_update()).one()
            typed = {"wijziging": "Iets.", "voor": "lopend"}
            presses = [threads.submit(one.press, path, path, "klaar", **typed) for one, path in paths]
            time.sleep(1)  # long enough for both to be waiting
        assert [one.result().status_code for one in presses] == [303, 303]


def test_of_two_files_an_editor_says_that_the_newer_was_read(small_site: Site) -> None:
    desk, other = Desk(small_site), Desk(small_site, "redacteur_elders")
    drafts = []
    for one, sentence in ((desk, "Met de veldfiets."), (other, "Met de roeiboot.")):
        path = one.begin(FORM, "nieuw")
        one.press(path, path, "uploaden", bestand=(BytesIO(word_file(FORM, sentence)), f"{FORM}.docx"))
        drafts.append(one.finish(path))
    mine, theirs = drafts
    assert other.publish(theirs).status_code == 303
    [way_out] = desk.page(mine).xpath("//a[contains(., 'Neem versie 2 mee')]/@href")
    assert "Het portaal kan niet zelf overnemen wat in versie 2 veranderde" in words(desk.page(way_out))
    path = desk.press(way_out, "/nieuwer/2").headers["Location"].partition("?")[0]
    unread = desk.press(path, path, "klaar", wijziging="Met de veldfiets.", voor="lopend")
    assert shown_faults(unread) == ["Kijk na of hierin staat wat versie 2 veranderde, en zeg dat hier."]
    both = word_file(FORM, "Met de veldfiets. Met de roeiboot.")
    desk.press(path, path, "uploaden", bestand=(BytesIO(both), f"{FORM}.docx"))
    assert not desk.page(path).xpath("//*[@id='verwerkt']"), "this file was made since"
    assert desk.finish(path) == mine
    assert desk.publish(mine).status_code == 303


def test_a_correction_comes_along_in_what_was_announced(small_site: Site) -> None:
    desk, reader = Desk(small_site), small_site.signed_in("corporatie")
    assert desk.publish(changed(desk, "Met de roeiboot."), ingang="1-1-2027").status_code == 303
    path = desk.begin(PAGE, "nieuw")
    fields = desk.page(path).xpath("//fieldset//textarea/@id | //fieldset//input[@type='text']/@id")
    last = [one for one in fields if one.count("-") == 1][-1]
    done = desk.publish(desk.finish(path, **{f"{last}-tekst": "Fiets."}), **{f"later-{PAGE}": "ook"})
    [path] = desk.page(done.headers["Location"]).xpath(f"//a[contains(., 'Ga verder met {PAGE}')]/@href")
    form = desk.page(path)
    assert "Wat daarin veranderde, staat hieronder al in de tekst. Bekijk wat versie 3 veranderde." in words(form)
    assert form.xpath(f"//a[@href='/documenten/{PAGE}/vergelijk/1..3']")
    assert desk.publish(desk.finish(path), ingang="1-1-2027").status_code == 303
    for day, boat in (("2026-12-01", False), ("2027-01-01", True)):
        text = words(reader.page(f"/op/{day}/documenten/{PAGE}"))
        assert "Fiets." in text, day
        assert ("Met de roeiboot." in text) is boat, day


def test_new_facts_about_a_file_come_along_with_the_file_that_was_announced(small_site: Site) -> None:
    desk, reader = Desk(small_site), small_site.signed_in("corporatie")
    path = desk.begin(FORM, "nieuw")
    desk.press(path, path, "uploaden", bestand=(BytesIO(word_file(FORM, "Met de roeiboot.")), f"{FORM}.docx"))
    assert desk.publish(desk.finish(path), ingang="1-1-2027").status_code == 303
    path = desk.begin(FORM, "nieuw")
    done = desk.publish(desk.finish(path, titel="Zoekvraag per fiets"), **{f"later-{FORM}": "ook"})
    [path] = desk.page(done.headers["Location"]).xpath(f"//a[contains(., 'Ga verder met {FORM}')]/@href")
    assert desk.page(path).get_element_by_id("titel").value == "Zoekvraag per fiets"
    assert desk.publish(desk.finish(path), ingang="1-1-2027").status_code == 303
    then = words(reader.page(f"/op/2027-01-01/documenten/{FORM}"))
    assert "Zoekvraag per fiets" in then
    assert "Met de roeiboot." in then
    assert "Met de roeiboot." not in words(reader.page(f"/documenten/{FORM}"))


def test_what_says_the_same_as_a_version_is_no_change(small_site: Site) -> None:
    desk = Desk(small_site)
    for code in (PAGE, FORM, "begrippen", "stroomschema"):
        path = desk.begin(code)
        same = desk.press(path, path, "klaar", wijziging="Iets.", voor="lopend")
        assert shown_faults(same) == ["Dit is hetzelfde als versie 1. Verander eerst iets, of gooi deze wijziging weg."]
        assert "Iets." in parse(same).get_element_by_id("wijziging").text
