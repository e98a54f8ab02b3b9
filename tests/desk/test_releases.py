"""From change to release: publishing with dates, announced versions, withdrawing, bringing back, closing, new."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from portal.audit.models import Action, Event
from portal.lib import clock
from portal.publishing.checks import check
from portal.publishing.content import Handbook
from portal.publishing.operations import export_handbook
from tests.conftest import NOW, PEOPLE, Site
from tests.desk.desk import Desk, fields_of, shown_faults
from tests.handbook.six_releases import READING
from tests.visitor import parse, words

PAGE, FORM = "OV-04", "FO-06"


def changed(desk: Desk, text: str, code: str = PAGE) -> str:
    """Put a paragraph at the top of a page, into the draft there is or a new one; return its address."""
    path = desk.begin(code, "nieuw")
    desk.press(path, path, "nieuw--1-alinea")
    return desk.finish(path, **{"blok-0-tekst": text})


@pytest.mark.parametrize("key", ["corporatie", "beheerder", "auditor", "info_meldpunt"])
def test_the_desk_is_for_editors(small_site: Site, key: str) -> None:
    visitor = small_site.signed_in(key)
    assert visitor.get("/redactie").status_code == 403
    assert "Redactie" not in words(visitor.page("/").xpath("//nav")[0])
    draft = changed(Desk(small_site), "Nog geheim.")
    number = draft.rpartition("/")[2]
    assert visitor.get(f"/documenten/{PAGE}?concept={number}").status_code == 404


def test_a_draft_is_seen_as_any_role_with_a_banner_that_stays(small_site: Site) -> None:
    desk = Desk(small_site)
    number = changed(desk, "Met de veldfiets.").rpartition("/")[2]
    page = desk.page(f"/documenten?concept={number}&als=zorgaanbieder")
    assert "Dit is een concept." in words(page)
    link = page.xpath(f"//a[contains(@href, '/documenten/{PAGE}')]")[0].get("href")
    assert f"concept={number}" in link
    document = words(desk.page(link))
    assert "Met de veldfiets." in document
    assert "nog niet gepubliceerd" in document
    assert desk.visitor.get(f"/documenten/{PAGE}/bestand?concept={number}").status_code == 200
    assert desk.visitor.get("/?concept=999").status_code == 404
    assert desk.visitor.get("/?concept=x").status_code == 404


def test_a_draft_stays_on_every_reading_page_as_any_role_and_outside_the_regio(small_site: Site) -> None:
    desk = Desk(small_site)
    number = changed(desk, "Met de veldfiets.").rpartition("/")[2]
    looks = f"concept={number}&als=zorgaanbieder&buiten=regio"
    reading = [*READING, "/uitgaven/vergelijk/1..1", "/documenten/OV-04/vergelijk/1..1", "/documenten/OV-04/versies/1"]
    for path in reading:
        page = desk.page(f"{path}{'&' if '?' in path else '?'}{looks}")
        text = words(page)
        assert "Dit is een concept." in text, path
        assert "U kijkt als Zorgaanbieder" in text, path
        assert "U kijkt als een lezer buiten de Regio." in text, path
        assert "OV-03" not in text, path
        links = [link for link in page.xpath("//main//a/@href") if link.startswith("/documenten/")]
        assert all(part in link for link in links for part in looks.split("&")), path
        for form in page.xpath("//main//form[@method='get'][not(contains(@action, 'andere-dag'))]"):
            sent = {field.get("name"): field.get("value") for field in form.xpath(".//input[@type='hidden']")}
            assert sent.items() >= {"concept": number, "als": "zorgaanbieder", "buiten": "regio"}.items(), path
    [now] = desk.page(f"/op/2026-12-05/begrippen?{looks}").xpath("//a[text()='Zo ziet het handboek er nu uit']/@href")
    assert now == f"/begrippen?{looks}"
    assert desk.visitor.get("/documenten/OV-03?buiten=regio").status_code == 404
    assert desk.visitor.get("/documenten/OV-03").status_code == 200
    reader = small_site.signed_in("zorgaanbieder")
    assert reader.get("/documenten/OV-03?buiten=regio").status_code == 404
    links = desk.page(f"/redactie/uitgaven/{number}").xpath("//aside//a/@href")
    assert f"/?{looks}" in links, "a role is shown with what it sees"
    assert f"/?concept={number}&als=info_meldpunt" in links
    home = desk.page("/?als=zorgaanbieder&buiten=regio")
    assert home.get_element_by_id("buiten").checked
    assert "buiten de Regio" not in words(reader.page("/?buiten=regio")), "nothing to leave out"


def test_publishing_asks_for_what_is_missing_and_keeps_what_was_typed(small_site: Site) -> None:
    desk = Desk(small_site)
    draft = changed(desk, "Met de veldfiets.")
    answer = desk.publish(draft, titel="Mijn naam", toelichting="", besloten="gisteren", ingang="25-11-2026")
    assert answer.status_code == 422
    assert [fault.partition(" ")[0] for fault in shown_faults(answer)] == ["Schrijf", "Vul", "Deze"]
    assert parse(answer).get_element_by_id("titel").value == "Mijn naam"
    assert parse(answer).get_element_by_id("besloten").value == "gisteren"
    done = desk.publish(draft, ingang="25-11-2026", reden="De brief ging al uit.")
    assert done.status_code == 303
    assert "De brief ging al uit." in words(desk.page(done.headers["Location"]))
    assert desk.visitor.get(draft).status_code == 404


def test_a_day_too_far_away_says_which_days_there_are(small_site: Site) -> None:
    desk = Desk(small_site)
    answer = desk.publish(changed(desk, "Met de veldfiets."), besloten="1-1-1026", ingang="15 december 2226")
    assert answer.status_code == 422
    fault = "Die dag ligt te ver weg. Kies een dag van 1 januari 1900 tot en met 31 december 2199."
    assert shown_faults(answer) == [fault, fault]
    typed = [parse(answer).get_element_by_id(name).value for name in ("besloten", "ingang")]
    assert typed == ["1-1-1026", "15 december 2226"]


def test_a_decision_that_is_still_to_be_taken_is_refused_at_its_field(small_site: Site) -> None:
    desk = Desk(small_site)
    draft = changed(desk, "Met de veldfiets.")
    small_site.clock.moment = clock.end_of(NOW.date())
    desk = Desk(small_site)
    answer = desk.publish(draft, besloten="2-12-2026", ingang="1-1-2027")
    assert answer.status_code == 422
    assert [fault.partition(".")[0] for fault in shown_faults(answer)] == ["Deze dag is nog niet geweest"]
    [field] = parse(answer).xpath("//input[@aria-invalid='true']")
    assert (field.name, field.value) == ("besloten", "2-12-2026")
    small_site.clock.moment += datetime.resolution
    desk = Desk(small_site)
    assert desk.publish(draft, besloten="2-12-2026", ingang="1-1-2027").status_code == 303, "midnight in Amsterdam"


def test_a_handbook_that_would_not_be_consistent_is_not_published(small_site: Site) -> None:
    desk = Desk(small_site)
    draft = changed(desk, "Zie [dat stuk](doc:ZZ-99).")
    answer = desk.publish(draft)
    assert answer.status_code == 422
    assert "U kunt nog niet publiceren" in words(parse(answer))
    page = desk.page(draft)
    [place] = page.xpath("//aside//li[contains(., 'ZZ-99')]/a")
    assert (words(place), place.get("href")) == (
        f"{PAGE}: Termijnen, bedragen en grenzen",
        f"/redactie/onderdelen/{PAGE}",
    )


def test_what_was_so_before_does_not_stop_a_draft(small_site: Site) -> None:
    desk = Desk(small_site)
    desk.press(f"/redactie/onderdelen/{FORM}", "/zichtbaar")  # steps still name it
    draft = changed(desk, "Zie [dat stuk](doc:ZZ-99).")
    stopped = words(parse(desk.publish(draft)))
    stopping, _, already = stopped.partition("Dit was al zo")
    assert "ZZ-99" in stopping.partition("U kunt nog niet publiceren")[2]
    assert FORM in already, "and not among what stops her"
    path = desk.begin(PAGE, draft.rpartition("/")[2])
    desk.finish(path, **{"blok-0-tekst": "Met de veldfiets."})
    page = desk.page(draft)
    assert "Los dit op" not in words(page)
    steps = page.xpath("//details//li//a")
    assert [words(one).partition(":")[0] for one in steps] == ["Stap URG-03", "Stap URG-04"]
    assert steps[0].get("href") == "/redactie/onderdelen/stroomschema?stap=URG-03"
    assert desk.publish(draft).status_code == 303


def test_texts_with_an_amount_that_changes_are_named_and_may_follow_later(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin("bedragen", "nieuw")
    desk.press(f"{path}?lijst=bedragen&rij=1", path, "bewaar", waarde="€ 640")
    draft = desk.finish(path, "Van € 623,75 naar € 640, en niet naar € 645.")
    page = desk.page(draft)
    assert "In deze stukken staat nog € 623,75. Pas ze aan in dit concept" in words(page)
    behind = {words(one): one.get("href") for one in page.xpath("//aside[@aria-label='Controle']/div[1]/ul[1]//a")}
    assert behind == {
        "Open punten: O1: Twee keer € 623,75 is € 1.247,50, maar het convenant rondt af op € 1.250.…": (
            "/redactie/onderdelen/open-punten"
        ),
        f"{PAGE}: Termijnen, bedragen en grenzen": f"/redactie/onderdelen/{PAGE}",
    }
    shown = words(page.xpath("//aside[@aria-label='Controle']")[0])
    assert not [one for one in (".md", ".yaml", ".docx", "645") if one in shown]
    draft = changed(desk, "Betaal € 45.", PAGE)
    number = draft.rpartition("/")[2]
    answer = desk.publish(draft)
    assert answer.status_code == 422
    assert f"€ 45 staat in {PAGE}, maar niet bij Bedragen en termijnen. Voeg het bedrag" in words(parse(answer))
    assert parse(answer).xpath("//a[@href='/redactie/onderdelen/bedragen'][contains(., 'Voeg het bedrag')]")
    desk.leave_out(draft, PAGE)
    path = desk.begin("bedragen", number)
    desk.press(f"{path}?lijst=bedragen&rij=1", path, "bewaar", waarde="€ 640")
    draft = desk.finish(path)
    assert desk.publish(draft, toelichting="Van € 623,75 naar € 640, en niet naar € 645.").status_code == 303
    path = desk.begin("open-punten", "nieuw")
    assert "Dit was al zo" in words(desk.page(desk.finish(desk.touch(path))))


def test_the_page_of_publishing_has_no_day_and_says_what_stays_behind(small_site: Site) -> None:
    desk, other = Desk(small_site), Desk(small_site, "redacteur_elders")
    draft = changed(desk, "Met de roeiboot.")
    path = other.begin(FORM, draft.rpartition("/")[2])
    page = desk.page(f"{draft}/publiceren")
    assert page.get_element_by_id("ingang").value == ""
    assert "Bijvoorbeeld: 1 januari 2027. Vandaag is het 1 december 2026." in words(page)
    assert "Naam van redacteur_elders schrijft hieraan." in words(page)
    assert "zij komen in een volgend concept" in words(page)
    assert f"{FORM}: Zoekvraag" in words(page)
    assert "Niemand krijgt mail. Er is geen contactpersoon" in words(page)
    assert other.page(f"{draft}/publiceren").xpath(f"//a[@href='{path}']")
    answer = desk.publish(draft, ingang="")
    assert answer.status_code == 422
    assert shown_faults(answer) == ["Vul in vanaf welke dag dit geldt, zoals 1 januari 2027."]
    assert "Niemand krijgt mail. Er is geen contactpersoon" in words(parse(answer))
    assert desk.publish(draft, ingang="1 januari 2027").status_code == 303


def test_what_is_announced_shows_later_and_is_asked_about(small_site: Site) -> None:
    desk, reader = Desk(small_site), small_site.signed_in("corporatie")
    announced = changed(desk, "Met de roeiboot.")
    assert desk.publish(announced, ingang="1-1-2027").status_code == 303
    now = words(reader.page(f"/documenten/{PAGE}"))
    assert "Met de roeiboot." not in now
    assert "Vanaf 1 januari 2027 geldt een nieuwe versie. Bekijk versie 2" in now
    assert "gaat in op 1 januari 2027" in words(desk.page("/redactie"))
    small = changed(desk, "Met de veldfiets.")
    asked = desk.publish(small)
    assert asked.status_code == 422
    assert shown_faults(asked) == [f"Kies of de wijziging van {PAGE} ook in de latere versie komt."]
    [question] = parse(asked).xpath(f"//fieldset[@id='later-{PAGE}']")
    assert words(question.find("legend")) == f"{PAGE}: versie 2 gaat al in op 1 januari 2027"
    assert "Moet deze wijziging ook in die versie?" in words(question)
    assert "Nee. Deze wijziging geldt dan tot 1 januari 2027. Ja." in words(question)
    done = desk.publish(small, **{f"later-{PAGE}": "ook"})
    assert "Met de veldfiets." in words(reader.page(f"/documenten/{PAGE}"))
    follow_up = desk.page(done.headers["Location"])
    assert "Uitgave 3 is gepubliceerd" in words(follow_up)
    assert f"Ga verder met {PAGE}: versie 2 gaat in op 1 januari 2027" in words(follow_up)
    [path] = follow_up.xpath(f"//a[contains(., 'Ga verder met {PAGE}')]/@href")
    concept = follow_up.xpath("//a[contains(., 'Ook in wat later ingaat')]/@href")[0].rpartition("/")[2]
    begun = {"code": "RG-77", "titel": "Nieuwe instructie", "soort": "werkinstructie", "concept": concept}
    assert desk.press("/redactie/onderdelen/nieuw", "/nieuw", **begun).status_code == 303
    assert "RG-77" not in words(desk.page(done.headers["Location"])), "nothing is announced of a new document"
    form = desk.page(path)
    assert "Met de roeiboot." in words(form.get_element_by_id("voorbeeld")), "what was announced is not lost"
    assert "Daarna is versie 3 gepubliceerd, die al eerder ingaat." in words(form)
    draft = desk.finish(path, **{"blok-0-tekst": "Met de roeiboot en de veldfiets."})
    assert desk.publish(draft, ingang="1-1-2027").status_code == 303
    small_site.clock.forward(days=40)
    again = small_site.signed_in("corporatie")
    assert "Met de roeiboot en de veldfiets." in words(again.page(f"/documenten/{PAGE}"))


def test_what_holds_already_is_asked_about_too_when_a_release_takes_effect_before_it(small_site: Site) -> None:
    desk, reader = Desk(small_site), small_site.signed_in("corporatie")
    assert desk.publish(changed(desk, "Met de roeiboot.")).status_code == 303
    assert desk.publish(changed(desk, "Met de kar."), ingang="1-1-2027").status_code == 303
    draft, given = changed(desk, "Met de veldfiets."), {"ingang": "25-11-2026", "reden": "De brief ging al uit."}
    asked = desk.publish(draft, **given)
    [question] = parse(asked).xpath("//form//fieldset")
    told = "versie 2 ging al in op 1 december 2026 en versie 3 gaat al in op 1 januari 2027"
    assert words(question.find("legend")) == f"{PAGE}: {told}"
    assert "Moet deze wijziging ook in die versies?" in words(question)
    assert "Nee. Deze wijziging geldt dan tot 1 december 2026, en vandaag dus niet." in words(question)
    assert desk.publish(draft, **given, **{f"later-{PAGE}": "blijft"}).status_code == 303
    assert "Met de roeiboot." in words(reader.page(f"/documenten/{PAGE}"))
    assert "Met de veldfiets." in words(reader.page(f"/op/2026-11-30/documenten/{PAGE}"))


def test_what_is_announced_is_taken_back_by_announcing_the_old_text(small_site: Site) -> None:
    desk, reader = Desk(small_site), small_site.signed_in("corporatie")
    assert desk.publish(changed(desk, "Met de roeiboot."), ingang="1-1-2027").status_code == 303
    page = desk.page(f"/redactie/onderdelen/{PAGE}")
    assert "Wilt u dat toch niet? Zet dan versie 1 terug" in words(page)
    assert page.xpath("//form[contains(@action, '/terugzetten')]//input[@name='versie']/@value") == ["1"]
    path = desk.send(page, "/terugzetten").headers["Location"]
    assert desk.publish(desk.finish(path, "Toch niet."), ingang="1-1-2027").status_code == 303
    assert "Met de roeiboot." not in words(reader.page(f"/op/2027-01-15/documenten/{PAGE}"))


def test_a_change_that_was_overtaken_is_not_published_over_it(small_site: Site) -> None:
    desk = Desk(small_site)
    first, second = changed(desk, "Met de roeiboot."), changed(desk, "Met de veldfiets.")
    assert desk.publish(first).status_code == 303
    answer = desk.publish(second, titel="Te laat")
    assert answer.status_code == 409
    assert "intussen versie 2 gepubliceerd" in shown_faults(answer)[0]
    assert parse(answer).get_element_by_id("titel").value == "Te laat"
    reader = small_site.signed_in("corporatie")
    assert "Met de roeiboot." in words(reader.page(f"/documenten/{PAGE}"))
    path = desk.begin(PAGE, second.rpartition("/")[2])
    met = desk.press(path, path, "klaar", wijziging="Met fiets en boot.", voor="lopend")
    assert met.status_code == 409
    assert "Intussen is versie 2 gepubliceerd" in words(parse(met))
    assert "Met de roeiboot." in words(parse(met))
    desk.send(parse(met), "/samen", "mijn")
    assert desk.publish(desk.finish(path, verwerkt="ja"), ingang="1-12-2026").status_code == 303
    assert "Met de veldfiets." in words(reader.page(f"/documenten/{PAGE}"))


def test_what_somebody_else_was_writing_outlives_the_release(small_site: Site) -> None:
    desk, other = Desk(small_site), Desk(small_site, "redacteur_elders")
    draft = changed(desk, "Met de roeiboot.")
    path = other.begin(FORM, draft.rpartition("/")[2])
    other.press(path, path, "bewaar", wijziging="Half af")
    assert desk.publish(draft).status_code == 303
    assert "Half af" in other.page(path).get_element_by_id("wijziging").text
    assert "Nog niet klaar bij: Proefuitgave" in words(other.page("/redactie"))


def test_a_document_is_withdrawn_with_a_successor_and_comes_back(small_site: Site) -> None:
    desk = Desk(small_site)
    page = f"/redactie/onderdelen/{FORM}"
    empty = desk.press(page, "/intrekken", reden="", opvolger=PAGE)
    assert empty.status_code == 422
    assert "waarom" in shown_faults(empty)[0]
    draft = desk.press(page, "/intrekken", reden="Gaat op in een ander.", opvolger=PAGE, voor="nieuw")
    assert "Vervalt" in words(desk.page(draft.headers["Location"]))
    assert desk.publish(draft.headers["Location"]).status_code == 303  # although steps still name it
    reader = small_site.signed_in("corporatie")
    assert "ingetrokken" in words(reader.page(f"/documenten/{FORM}"))
    with small_site.database.reading() as session:
        exported = export_handbook(session, at=NOW)
    assert exported is not None
    assert [(one.code, one.successor) for one in exported.withdrawn] == [(FORM, PAGE)]
    assert check(exported) == []
    path = desk.send(desk.page(page), "/terugzetten", versie="1").headers["Location"]
    assert desk.publish(desk.finish(path, "Toch weer nodig.")).status_code == 303
    assert reader.get(f"/documenten/{FORM}/bestand").status_code == 200


def test_an_old_version_comes_back_as_a_new_one(small_site: Site) -> None:
    desk, reader = Desk(small_site), small_site.signed_in("corporatie")
    desk.publish(changed(desk, "Met de veldfiets."))
    page = desk.page(f"/redactie/onderdelen/{PAGE}")
    answer = desk.send(page, "/terugzetten", versie="1")
    path = answer.headers["Location"]
    draft = desk.finish(path, desk.page(path).get_element_by_id("wijziging").text.strip())
    assert desk.publish(draft).status_code == 303
    assert "veldfiets" not in words(reader.page(f"/documenten/{PAGE}"))
    assert "Versie 1 is teruggezet." in words(reader.page(f"/documenten/{PAGE}/versies"))


def test_an_old_version_does_not_take_the_place_of_what_somebody_is_writing(small_site: Site) -> None:
    desk = Desk(small_site)
    desk.publish(changed(desk, "Met de veldfiets."))
    path = desk.begin(PAGE)
    desk.press(path, path, "bewaar", wijziging="Half af")
    page = desk.page(f"/redactie/onderdelen/{PAGE}")
    answer = desk.send(page, "/terugzetten", versie="1")
    assert answer.status_code == 409
    assert shown_faults(answer)[0].startswith(f"U bent in dit concept al bezig met {PAGE}. Open die wijziging")
    assert parse(answer).xpath("//*[@id='fouten']//a/@href") == [path], "one press leads to what is to be done first"
    assert "Half af" in desk.page(path).get_element_by_id("wijziging").text
    asked = desk.press(path, path, "weggooien").headers["Location"]
    desk.press(asked, "/weggooien")
    assert desk.send(page, "/terugzetten", versie="1").status_code == 303


def test_a_wrong_document_is_closed_in_one_press_and_that_is_on_record(small_site: Site) -> None:
    desk, reader = Desk(small_site), small_site.signed_in("corporatie")
    assert "Wijzig dit document" not in words(reader.page(f"/documenten/{FORM}"))
    [item] = desk.page(f"/documenten/{FORM}").xpath("//a[.='Wijzig dit document']/@href")
    assert "zien dit document. Voor ieder ander" not in words(desk.page(item))
    closed = desk.press(item, "/zichtbaar").headers["Location"]
    assert "Gesloten: lezers zien dit document niet meer." in words(desk.page(closed))
    assert "Gesloten:" not in words(desk.page(item))
    assert "Alleen mensen van de Regio en de redactie zien dit document." in words(desk.page(item))
    assert reader.get(f"/documenten/{FORM}").status_code == 404
    opened = desk.press(f"/redactie/onderdelen/{FORM}", "/zichtbaar").headers["Location"]
    assert "Open: iedereen die is aangemeld, ziet dit document weer." in words(desk.page(opened))
    assert reader.get(f"/documenten/{FORM}").status_code == 200
    with small_site.database.reading() as session:
        changes = select(Event).where(Event.action == Action.VISIBILITY_CHANGED.value).order_by(Event.number)
        events = session.scalars(changes).all()
        assert [event.details["visibility"] for event in events] == ["regio", "alle"]


def test_a_new_document_is_begun_with_a_code_of_its_own(small_site: Site) -> None:
    desk = Desk(small_site)
    new = "/redactie/onderdelen/nieuw"
    series, _, number = PAGE.partition("-")
    assert f"{series}-{int(number) + 1:02}" in words(desk.page(new).get_element_by_id("code-hulp"))
    answer = desk.press(new, "/nieuw", code=PAGE, titel="", soort="")
    assert answer.status_code == 422
    assert shown_faults(answer)[0].startswith(f"Er is al een document {PAGE}")
    assert shown_faults(desk.press(new, "/nieuw", code="werk"))[0].startswith("Schrijf een code")
    loose = PAGE.lower().replace("-", " ")
    assert shown_faults(desk.press(new, "/nieuw", code=loose))[0].startswith(f"Er is al een document {PAGE}")
    mixed = desk.press(new, "/nieuw", code="FO-77", titel="Over het slot", soort="overzicht")
    assert mixed.status_code == 422
    [told] = shown_faults(mixed)
    assert told.startswith("Een code met FO hoort bij de soort Formulier. Kies die soort, of een andere code.")
    assert told.endswith(f"{series}-{int(number) + 1:02} is nog vrij voor de soort Overzicht.")
    assert parse(mixed).get_element_by_id("code").value == "FO-77"
    begun = desk.press(new, "/nieuw", code="RG_77", titel="Nieuwe instructie", soort="werkinstructie")
    path = begun.headers["Location"]
    desk.press(path, path, "nieuw--1-alinea")
    given: dict[str, Any] = {"blok-0-tekst": "Zo doet u dat.", "doelgroep": ["corporatie"], "inhoud": "Werkwijze"}
    draft = desk.finish(path, **given)
    shown = words(desk.page(draft))
    assert "RG-77" in words(desk.page("/redactie/onderdelen/RG-77")), "where its findings lead"
    assert "RG-77: Nieuwe instructie Geen stap verwijst naar dit document. Lezers vinden het bij Documenten" in shown
    assert desk.page(f"/documenten/RG-77?concept={draft.rpartition('/')[2]}") is not None
    answer = desk.publish(draft)
    assert answer.status_code == 303, words(parse(answer))  # the flow may name it later
    assert "Zo doet u dat." in words(small_site.signed_in("corporatie").page("/documenten/RG-77"))


def test_a_new_document_asks_first_for_what_it_needs_and_folds_no_error(small_site: Site) -> None:
    desk, new = Desk(small_site), "/redactie/onderdelen/nieuw"
    path = desk.press(new, "/nieuw", code="RG-77", titel="Werkwijze", soort="werkinstructie").headers["Location"]
    page = desk.page(path)
    [folded] = page.xpath("//details[@id='gegevens']")
    assert folded.get("open") is None
    assert "Dit mag wachten tot u het in het concept zet." in words(folded.find("summary"))
    for name in ("titel", "soort", "blok-0", "bestand", "wijziging"):
        assert folded not in page.get_element_by_id(name).iterancestors(), name
    answer = desk.press(path, path, "klaar", voor="nieuw", **{"blok-0-tekst": "Zo doet u dat."})
    assert answer.status_code == 422
    assert shown_faults(answer) == ["Vul in: voor welke rol is dit document.", "Vul in: wat staat erin."]
    shown = parse(answer)
    for link in shown.xpath("//*[@id='fouten']//a/@href"):
        closed = shown.xpath("//details[not(@open)]")
        assert not [one for one in shown.get_element_by_id(link[1:]).iterancestors() if one in closed], link
    no_title = parse(desk.press(path, path, "klaar", titel=""))
    assert no_title.get_element_by_id("titel").get("aria-invalid") == "true"
    known = desk.page(desk.begin(PAGE))
    assert "Dit mag wachten" not in words(known)
    assert known.xpath("//details[@id='gegevens']//input[@id='titel']")


def test_a_new_document_is_edited_again_and_keeps_who_may_see_it(small_site: Site) -> None:
    desk, new = Desk(small_site), "/redactie/onderdelen/nieuw"
    path = desk.press(new, "/nieuw", code="RG-77", titel="Werkwijze", soort="werkinstructie").headers["Location"]
    desk.press(path, path, "nieuw--1-alinea", zichtbaar="regio")
    assert fields_of(Desk(small_site).page(path).get_element_by_id("schrijven"))["zichtbaar"] == ["regio"]
    draft = desk.finish(path, **{"blok-0-tekst": "Eerst zo.", "doelgroep": ["corporatie"], "inhoud": "Werkwijze"})
    for words_then in ("Dan zo.", "En toen zo."):
        path = desk.press(draft, "/RG-77/wijzigen").headers["Location"]
        assert fields_of(desk.page(path).get_element_by_id("schrijven"))["zichtbaar"] == ["regio"]
        draft = desk.finish(path, **{"blok-0-tekst": words_then})
    assert desk.publish(draft).status_code == 303
    assert small_site.signed_in("corporatie").get("/documenten/RG-77").status_code == 404
    assert "En toen zo." in words(desk.page("/documenten/RG-77"))


def test_who_may_see_a_new_document_may_change_until_it_is_published(small_site: Site) -> None:
    desk, new = Desk(small_site), "/redactie/onderdelen/nieuw"
    path = desk.press(new, "/nieuw", code="RG-77", titel="Werkwijze", soort="werkinstructie").headers["Location"]
    desk.press(path, path, "nieuw--1-alinea", zichtbaar="regio")
    given = {"blok-0-tekst": "Zo.", "doelgroep": ["corporatie"], "inhoud": "Werkwijze"}
    draft = desk.finish(path, zichtbaar="niemand", **given)
    path = desk.press(draft, "/RG-77/wijzigen").headers["Location"]
    assert desk.publish(desk.finish(path, zichtbaar="alle")).status_code == 303
    assert "Zo." in words(small_site.signed_in("corporatie").page("/documenten/RG-77"))


def test_a_draft_is_renamed_emptied_and_thrown_away(small_site: Site) -> None:
    desk = Desk(small_site)
    assert shown_faults(desk.press("/redactie", "/uitgaven", titel=" "))[0].startswith("Geef de uitgave een naam")
    draft = desk.press("/redactie", "/uitgaven", titel="Bedragen 2027").headers["Location"]
    assert desk.press(draft, draft, titel="").status_code == 422
    desk.press(draft, draft, titel="Bedragen 2028", toelichting="Nieuwe bedragen.")
    assert "Bedragen 2028" in words(desk.page("/redactie"))
    path = desk.begin(PAGE, draft.rpartition("/")[2])
    desk.finish(desk.touch(path))
    desk.leave_out(draft, PAGE)
    assert "nog geen wijziging" in words(desk.page(draft))
    home = desk.press(f"{draft}/weggooien", "/weggooien").headers["Location"]
    assert "Het concept is weggegooid." in words(desk.page(home))
    assert desk.visitor.get(draft).status_code == 404


def test_what_is_to_fill_in_stands_in_a_list(small_site: Site, handbook: Handbook) -> None:
    desk = Desk(small_site)
    page = desk.page("/redactie/in-te-vullen")
    assert len(page.xpath("//tbody/tr")) > 10
    places = {words(link): link.get("href") for link in page.xpath("//header[@class='page-head']//a")}
    assert list(places) == ["Colofon en meldpunt", "Bedragen en termijnen", "Open punten"]
    for name, path in places.items():
        assert words(desk.page(path).xpath("//h1")[0]) == name


def test_an_editor_sees_who_never_signed_in_and_a_beheerder_has_an_own_page(small_site: Site) -> None:
    small_site.signed_in("corporatie")
    desk = Desk(small_site)
    link = desk.page("/redactie").xpath("//a[@href='/redactie/personen']")[0]
    assert words(link) == f"{len(PEOPLE) - 2} personen hebben zich nog nooit aangemeld"
    page = desk.page("/redactie/personen")
    rows = {words(row.xpath("th")[0]): words(row) for row in page.xpath("//main//tbody/tr")}
    assert rows["Hofstad Wonen"] == "Hofstad Wonen 1 2 Geen"
    shown = words(page)
    assert "Naam van redacteur_elders Nog niet uitgenodigd" in shown
    assert "Naam van corporatie" not in shown
    assert not page.xpath("//main//a[contains(@href, '/beheer')]")
    assert small_site.signed_in("beheerder").get("/redactie/personen").status_code == 403


def test_a_draft_to_work_in_says_whose_it_is_and_only_ones_own_stands_chosen(small_site: Site) -> None:
    first, second = Desk(small_site), Desk(small_site, "redacteur_elders")
    theirs = first.finish(first.touch(first.begin(PAGE))).rpartition("/")[2]
    for path in ("/redactie/onderdelen/FO-06", "/redactie/onderdelen/nieuw", "/redactie/uploaden"):
        choice = second.page(path).get_element_by_id("concept")
        assert "Van Naam van redacteur: Concept van" in words(choice)
        assert choice.value == "nieuw", path
        assert first.page(path).get_element_by_id("concept").value == theirs, path
    kept = parse(second.press("/redactie/onderdelen/nieuw", "/nieuw", concept=theirs))
    assert kept.get_element_by_id("concept").value == theirs, "what was chosen stays chosen"
    second.begin("FO-06", theirs)
    assert second.page("/redactie/uploaden").get_element_by_id("concept").value == theirs, "they work in it by now"
