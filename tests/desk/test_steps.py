"""Steps of the flow at the desk: what a role does and with which document is changed without a file."""

from tests.conftest import Site
from tests.desk.desk import Desk, fields_of, shown_faults
from tests.visitor import parse as parse_page
from tests.visitor import words

CARD = "/stroomschema/KAN/KAN-07"


def begin(desk: Desk, concept: str | None = None) -> tuple[str, str]:
    """Begin a change of the step from its card; return the addresses of its form and of the whole change."""
    [change] = [one for one in desk.page(CARD).xpath("//a") if words(one) == "Wijzig deze stap"]
    answer = desk.press(change.get("href"), "/wijzigen", **({"concept": concept} if concept else {}))
    address = str(answer.headers["Location"])
    return address, address.partition("?")[0]


def test_a_step_gets_a_document_for_one_role(small_site: Site) -> None:
    desk = Desk(small_site)
    address, path = begin(desk)
    page = desk.page(address)
    assert words(page.xpath("//h1")[0]) == "KAN-07: Zorg inzetten en zorgcontract opstellen"
    assert page.get_element_by_id("documenten-uitvoeringsdienst").text.strip().split() == ["OV-04"]
    assert not [one for one in page.iter("button") if one.get("value") == "weg"], "steps come and go in a file"
    kept = desk.press(address, path, "bewaar", **{"documenten-corporatie": "OV-04\nFO-06", "termijn": "binnen 2 weken"})
    assert kept.status_code == 303, shown_faults(kept)
    small = desk.press(path, path, "klaar", klein="ja")
    assert shown_faults(small)[0].startswith("Een ander bedrag of een andere termijn is geen kleine verbetering")
    draft = desk.finish(path, klein=[])
    changed = [
        words(one) for one in desk.page(f"{draft}/stroomschema/verschil").xpath("//div[@class='diff-b']//dl/div")
    ]
    assert changed == [
        "Termijn Toegevoegd: binnen 2 weken.",
        "Documenten voor: Woningcorporatie Toegevoegd: FO-06.",
    ]
    reader = small_site.signed_in("corporatie")
    assert "FO-06" not in words(reader.page(CARD).get_element_by_id("rol-corporatie"))
    assert desk.publish(draft).status_code == 303
    card = reader.page(CARD)
    assert "/documenten/FO-06" in [
        one.get("href").partition("?")[0] for one in card.get_element_by_id("rol-corporatie").xpath(".//a")
    ]
    assert "binnen 2 weken" in words(card)
    assert "FO-06" not in words(card.get_element_by_id("rol-zorgaanbieder"))
    [first, *_] = reader.page("/zoeken?q=KAN-07").xpath("//*[@id='treffers']/li")
    assert first.get("data-code") == "KAN-07"


def test_a_step_that_cannot_be_right_is_not_kept(small_site: Site) -> None:
    desk = Desk(small_site)
    address, path = begin(desk)
    typed = {"documenten-corporatie": "OV-04\nWI-88", "wat_doet_wie-zorgaanbieder": "", "titel": ""}
    wrong = desk.press(address, path, "bewaar", **typed)
    assert wrong.status_code == 422
    assert shown_faults(wrong) == [
        "Vul in: titel.",
        "Vul in: zorgaanbieder: de taak.",
        "WI-88 staat niet in het handboek en niet in dit concept. Kijk de code na, of zet het nieuwe document eerst in "
        "hetzelfde concept.",
    ]
    assert parse_page(wrong).get_element_by_id("documenten-corporatie").text.strip() == "OV-04\nWI-88"
    for rest in ("", "&rij=nieuw", "&rij=60", "&rij=-1"):
        assert desk.visitor.get(f"{path}?lijst=stappen{rest}").status_code == 404, rest
    [form] = [one for one in desk.page(address).forms if path in (one.action or "")]
    gone = desk.visitor.client.post(address, data=fields_of(form) | {"doe": "weg"})
    assert gone.status_code == 303
    assert "KAN-07: Zorg inzetten" in words(desk.page(path)), "a step is not taken out here"


def test_a_step_that_stays_as_it_is_changes_nothing(small_site: Site) -> None:
    desk = Desk(small_site)
    whole = desk.begin("stroomschema")
    rows = desk.page(whole).xpath("//section[@aria-labelledby='stappen']//li/a/@href")
    assert len(rows) == 60
    for row in rows:
        assert desk.press(row, whole, "bewaar").status_code == 303, row
    assert "Er is nog niets veranderd." in words(desk.page(whole))


def test_two_editors_of_one_step_lose_nothing(small_site: Site) -> None:
    desk = Desk(small_site)
    address, path = begin(desk)
    one, other = desk.page(address), desk.page(address)
    assert desk.send(one, path, "bewaar", termijn="binnen 1 week").status_code == 303
    met = desk.send(other, path, "bewaar", termijn="binnen 3 weken")
    assert met.status_code == 409
    assert parse_page(met).get_element_by_id("termijn").value == "binnen 3 weken"
    assert "termijn: binnen 1 week" in words(parse_page(met))
    draft = desk.finish(path)
    second = Desk(small_site, "redacteur_elders")
    theirs, _whole = begin(second, concept=draft.rpartition("/")[2])
    assert second.page(theirs).get_element_by_id("termijn").value == "binnen 1 week"


def test_only_who_edits_is_offered_to_change_a_step(small_site: Site) -> None:
    assert "Wijzig deze stap" not in words(small_site.signed_in("corporatie").page(CARD))
    assert "Wijzig deze stap" not in words(small_site.signed_in("beheerder").page(CARD))


def test_a_new_document_reaches_its_step_in_the_same_draft(small_site: Site) -> None:
    desk = Desk(small_site)
    answer = desk.press(
        "/redactie/onderdelen/nieuw", "/nieuw", code="WI-88", titel="Wijzer sleutels", soort="werkinstructie"
    )
    new = str(answer.headers["Location"])
    typed = {
        "doelgroep": ["zorgaanbieder"],
        "inhoud": "Sleutels",
        "grond": "aangenomen",
        "blok-0-tekst": "Zo gaat het.",
    }
    draft = desk.finish(new, **typed)
    [notice] = [one for one in desk.page(draft).xpath("//li") if "Geen stap verwijst naar" in words(one)]
    assert "Wijzig dan het stroomschema in dit concept" in words(notice)
    assert notice.xpath(".//a/@href") == ["/redactie/onderdelen/stroomschema"]
    address, path = begin(desk, concept=draft.rpartition("/")[2])
    kept = desk.press(address, path, "bewaar", **{"documenten-corporatie": "OV-04\nWI-88"})
    assert kept.status_code == 303, shown_faults(kept)
    desk.finish(path)
    page = desk.page(draft)
    assert "Toegevoegd: WI-88" in words(desk.page(f"{draft}/stroomschema/verschil")), "an editor knows it by its code"
    assert "Geen stap verwijst naar" not in words(page)
    [stops] = [one for one in page.xpath("//li") if "gebruikt dit document in een stap" in words(one)]
    assert "vink de rol aan bij “Voor welke rol is dit document?”" in words(stops)


def test_two_editors_of_two_steps_bring_them_together(small_site: Site) -> None:
    first, second = Desk(small_site), Desk(small_site, "redacteur_elders")
    mine, path = begin(first)
    first.press(mine, path, "bewaar", termijn="binnen 1 week", klaar_als="Klaar volgens de een.")
    draft = first.finish(path)
    other = second.begin("stroomschema", "nieuw")
    rows = second.page(other).xpath("//section[@aria-labelledby='stappen']//li/a/@href")
    second.press(rows[0], other, "bewaar", titel="Welk moment?")
    [row] = [one for one in rows if one.endswith(mine.rpartition("=")[2])]
    second.press(row, other, "bewaar", toelichting="Uitleg van de ander.", klaar_als="Klaar volgens de ander.")
    theirs = second.finish(other)
    assert first.publish(draft).status_code == 303
    again = second.begin("stroomschema", theirs.rpartition("/")[2])
    met = second.press(again, again, "klaar")
    assert met.status_code == 409
    page = parse_page(met)
    assert "U hebt allebei hetzelfde gewijzigd bij: KAN-07: Zorg inzetten en zorgcontract opstellen." in words(page)
    assert "Klaar volgens de Verwijderd: een. Toegevoegd: ander." in words(page)
    on = str(second.send(page, "/samen", "samen").headers["Location"]).partition("?")[0]
    fields = second.page(row.replace(other, on))
    held = {name: fields.get_element_by_id(name) for name in ("termijn", "klaar_als", "toelichting")}
    assert held["termijn"].value == "binnen 1 week"
    assert held["klaar_als"].text.strip() == "Klaar volgens de ander."
    assert held["toelichting"].text.strip() == "Uitleg van de ander."
    assert "INS-01: Welk moment?" in words(second.page(on))
    assert second.publish(second.finish(on, verwerkt="ja")).status_code == 303
    card = words(small_site.signed_in("corporatie").page(CARD))
    assert "binnen 1 week" in card
    assert "Klaar volgens de ander." in card


def test_a_step_that_was_published_meanwhile_comes_along_in_the_draft(small_site: Site) -> None:
    first, second = Desk(small_site), Desk(small_site, "redacteur_elders")
    mine, path = begin(first, "nieuw")
    first.press(mine, path, "bewaar", termijn="binnen 1 week")
    draft = first.finish(path)
    address, other = begin(second, "nieuw")
    second.press(address, other, "bewaar", toelichting="Uitleg van de ander.")
    assert second.publish(second.finish(other)).status_code == 303
    [newer] = [one.get("href") for one in first.page(draft).xpath("//a") if words(one).startswith("Neem versie 2 mee")]
    assert "Wat in versie 2 veranderde, komt dan in de wijziging van dit concept." in words(first.page(newer))
    on = first.press(newer, newer).headers["Location"].partition("?")[0]
    assert first.publish(first.finish(on)).status_code == 303
    card = words(small_site.signed_in("corporatie").page(CARD))
    assert "binnen 1 week" in card
    assert "Uitleg van de ander." in card


def test_of_two_editors_in_one_draft_both_steps_and_both_notes_stay(small_site: Site) -> None:
    first, second = Desk(small_site), Desk(small_site, "redacteur_elders")
    mine, path = begin(first, "nieuw")
    number = first.page(path).xpath("//p[@class='kicker']//a/@href")[0].rpartition("/")[2]
    theirs = second.begin("stroomschema", number)
    second.press(
        second.page(theirs).xpath("//main//ul[@class='rijtjes']//li/a/@href")[0], theirs, "bewaar", titel="Wat nu?"
    )
    first.press(mine, path, "bewaar", termijn="binnen 1 week")
    draft = first.finish(path, "De termijn van de een.")
    met = second.press(theirs, theirs, "klaar", wijziging="De titel van de ander.", voor="lopend")
    assert met.status_code == 409
    assert "U wijzigde niet hetzelfde als de ander." in words(parse_page(met))
    on = second.send(parse_page(met), "/samen", "samen").headers["Location"]
    form = second.page(on)
    assert "Beide wijzigingen staan nu hieronder." in words(form)
    assert form.get_element_by_id("wijziging").text.split("\n")[-2:] == [
        "De termijn van de een.",
        "De titel van de ander.",
    ]
    address = on.partition("?")[0]
    assert second.send(form, address, "klaar").headers["Location"] == draft
    changed = words(second.page(f"{draft}/stroomschema/verschil"))
    assert "binnen 1 week" in changed
    assert "Wat nu?" in changed
