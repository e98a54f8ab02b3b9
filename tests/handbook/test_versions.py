"""The versions of a document, one of them, and what changed between two: by real requests."""

import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import docx
import pytest
from docx.oxml.ns import qn
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.queries import person_by_address
from portal.audit.models import Action, Event
from portal.audit.operations import Actor
from portal.config import Config
from portal.db import Database
from portal.documents.controls import WordFile
from portal.publishing.content import Handbook
from portal.publishing.destruction import ask_destruction, destroy, version_to_destroy
from portal.releases.models import Version
from portal.releases.operations import Content, content_of
from tests.conftest import NOW, Site, Templates, address_of, fill, make_site
from tests.desk.desk import Desk
from tests.documents.pdf_file import pdf
from tests.handbook.six_releases import PAGE
from tests.releasing import newest, release_of
from tests.small import small
from tests.visitor import words

TODAY = NOW.date()
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
APPEAL = "\n## Bezwaar\n\nU kunt binnen zes weken bezwaar maken.\n"
TAILS = (
    *("versies", "versies/2", "versies/2/bestand", "vergelijk?van=1&naar=2", "vergelijk/1..2"),
    "vergelijk/1..2/bestand",
)
NOTE = "De termijn is korter, zie OV-03."


@pytest.fixture
def later(templates: Templates, config: Config, engine: str, handbook: Handbook) -> Iterator[Site]:
    """Give a site in which three documents got a second version today, and one of these a third for next year."""

    def filled(database: Database) -> None:
        fill(database, small(handbook))
        with database.transaction() as session:
            _change(session)

    url = templates.copy(engine, "versions", filled)
    made = make_site(config, url)
    yield made
    made.database.engine.dispose()
    templates.drop_copy(url)


def _change(session: Session) -> None:
    page, form, closed = (content_of(newest(session, code)) for code in ("OV-04", "FO-06", "OV-03"))
    changed = _edited(page, titel="Termijnen en nog meer")
    longer = Content(form.data, original=_longer(form.original or b""))
    second = {"OV-04": changed, "FO-06": longer, "OV-03": _edited(closed)}
    release_of(session, second, note=NOTE, at=NOW - timedelta(days=1), effective_on=TODAY)
    third = Content(changed.data, text=f"{changed.text}\nDit komt er volgend jaar bij.\n")
    release_of(session, {"OV-04": third}, note="", at=NOW, effective_on=date(2027, 2, 1))


def _edited(content: Content, **data: str) -> Content:
    return Content(
        {**content.data, **data}, text=f"{content.text}\n## Bezwaar\n\nU kunt binnen zes weken bezwaar maken.\n"
    )


def _longer(file: bytes) -> bytes:
    document = docx.Document(io.BytesIO(file))
    document.add_paragraph("De huurder krijgt een kopie van dit formulier.")
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def test_the_list_leads_to_every_version_and_every_comparison(later: Site) -> None:
    visitor = later.signed_in("corporatie")
    page = visitor.page("/documenten/OV-04/versies")
    links = set(page.xpath("//main//table//a/@href"))
    assert {f"/documenten/OV-04/versies/{number}" for number in (1, 2, 3)} <= links
    assert {"/documenten/OV-04/vergelijk/1..2", "/documenten/OV-04/vergelijk/2..3"} <= links
    for link in links:
        assert visitor.get(str(link)).status_code == 200, link


def test_two_versions_are_chosen_with_a_plain_form(later: Site) -> None:
    visitor = later.signed_in("corporatie")
    form = visitor.page("/documenten/OV-04/versies").forms[-1]
    assert (form.method, form.action) == ("GET", "/documenten/OV-04/vergelijk")
    assert (form.fields["van"], form.fields["naar"]) == ("2", "3")
    answer = visitor.get("/documenten/OV-04/vergelijk?van=1&naar=3")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/documenten/OV-04/vergelijk/1..3")
    for query in ("", "?van=1", "?van=1&naar=1", "?van=x&naar=2", "?van=1&naar=9"):
        answer = visitor.get(f"/documenten/OV-04/vergelijk{query}")
        assert answer.status_code == 422
        assert "Kies twee verschillende versies" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("number", "heading", "period"),
    [
        (1, "Deze versie is vervangen", f"t/m {(TODAY - timedelta(days=1)).day} november 2026."),
        (2, "Dit is de geldige versie", "Geldend van 1 december 2026 t/m 31 januari 2027."),
        (3, "Deze versie geldt nog niet", "Geldend vanaf 1 februari 2027."),
    ],
)
def test_a_version_says_what_it_is(later: Site, number: int, heading: str, period: str) -> None:
    page = later.signed_in("corporatie").page(f"/documenten/OV-04/versies/{number}")
    [banner] = page.find_class("versiebanier")
    assert heading in words(banner)
    assert period in words(banner)
    links = set(banner.xpath(".//a/@href"))
    assert ("/documenten/OV-04" in links) is (number != 2)
    assert (f"/documenten/OV-04/vergelijk/{number - 1}..{number}" in links) is (number > 1)
    text = words(page.xpath("//main//article")[0])
    assert ("zes weken bezwaar" in text, "volgend jaar bij" in text) == (number > 1, number > 2)


def _again(site: Site, at: datetime, effective_on: date) -> None:
    """Publish the form with one more title."""
    with site.database.transaction() as session:
        last = newest(session, "FO-06")
        content = content_of(last)
        again = Content({**content.data, "titel": f"Nog eens, na {last.number}"}, original=content.original)
        release_of(session, {"FO-06": again}, note="Nog eens", at=at, effective_on=effective_on)


@pytest.mark.parametrize(
    ("published", "effective", "overtaken", "told"),
    [
        (NOW - 11 * MINUTE, TODAY, NOW, "op 1 december 2026, van 9.49 tot 10.00 uur"),
        (NOW - DAY, TODAY, NOW, "op 1 december 2026, van 0.00 tot 10.00 uur"),
        (NOW - 3 * DAY, TODAY - 2 * DAY, NOW, "van 29 november 2026, 0.00 uur tot 1 december 2026, 10.00 uur"),
        (NOW - 60 * MINUTE, TODAY - 2 * DAY, NOW, "op 1 december 2026, van 9.00 tot 10.00 uur"),
        (NOW - MINUTE / 2, TODAY, NOW - MINUTE / 4, "op 1 december 2026, om 9.59 uur"),
        (NOW - 2 * DAY, TODAY, NOW - DAY, None),
        (NOW - DAY, TODAY + 30 * DAY, NOW, None),
    ],
    ids=["same day", "since midnight", "overtaken later", "retroactive", "at once", "announced", "still to come"],
)
def test_a_version_that_no_day_is_left_of_says_when_readers_saw_it(
    small_site: Site, published: datetime, effective: date, overtaken: datetime, told: str | None
) -> None:
    _again(small_site, published, effective)
    _again(small_site, overtaken, effective)
    visitor = small_site.signed_in("corporatie")
    [banner] = visitor.page("/documenten/FO-06/versies/2").find_class("versiebanier")
    heading = "Deze versie is vervangen" if told else "Deze versie is nooit ingegaan"
    sentence = f"Alleen als geldig te lezen {told}" if told else "Nooit ingegaan"
    assert words(banner).startswith(f"{heading} Versie 2: {sentence}: een latere uitgave ging op dezelfde dag in.")
    [row] = visitor.page("/documenten/FO-06/versies").xpath("//main//tr[th/a='Versie 2']")
    assert sentence in words(row)
    assert ("Vervangen" in words(row)) is bool(told)
    editor = words(small_site.signed_in("redacteur").page("/redactie/onderdelen/FO-06"))
    assert f"Versie 2 Vervangen Alleen {told}" in editor if told else "Versie 2 Nooit ingegaan Nooit" in editor


def test_readers_saw_a_version_until_another_one_held(small_site: Site) -> None:
    first = TODAY - 5 * DAY
    _again(small_site, NOW - 5 * DAY, first)
    _again(small_site, NOW - 3 * DAY, TODAY - 3 * DAY)
    known = words(small_site.signed_in("corporatie").page("/documenten/FO-06/versies/2?bekend=2026-11-30"))
    assert "Geldend van 26 november 2026 t/m 27 november 2026." in known
    _again(small_site, NOW, first)
    shown = words(small_site.signed_in("corporatie").page("/documenten/FO-06/versies/2"))
    assert "Alleen als geldig te lezen van 26 november 2026, 10.00 uur tot 28 november 2026, 10.00 uur:" in shown


def test_readers_saw_a_version_until_it_was_destroyed(small_site: Site) -> None:
    _again(small_site, NOW - 11 * MINUTE, TODAY)
    with small_site.database.transaction() as session:
        people = [person_by_address(session, address_of(key)) for key in ("redacteur", "beheerder")]
        asker, decider = (Actor(person.id) for person in people if person)
        version, at = version_to_destroy(session, "FO-06", 2), NOW - 6 * MINUTE
        asked = ask_destruction(session, version, reason="Dit mocht niet bestaan.", by=asker, at=at)
        destroy(session, asked, by=decider, at=at)
        first = session.scalars(select(Version).where(Version.number == 1, Version.item == version.item)).one()
        release_of(session, {"FO-06": content_of(first)}, note="Zoals het was", at=NOW, effective_on=TODAY)
    [row] = small_site.signed_in("corporatie").page("/documenten/FO-06/versies").xpath("//tr[th/a='Versie 2']")
    told = "Vernietigd op 1 december 2026. Alleen als geldig te lezen op 1 december 2026, van 9.49 tot 9.54 uur: een"
    assert told in words(row)


def test_what_readers_saw_for_a_while_stays_told_after_the_document_went(small_site: Site) -> None:
    desk = Desk(small_site)
    _again(small_site, NOW - 11 * MINUTE, TODAY)
    draft = desk.press("/redactie/onderdelen/FO-06", "/intrekken", reden="Te vroeg.", voor="nieuw")
    assert desk.publish(draft.headers["Location"]).status_code == 303
    page = desk.page("/documenten/FO-06")
    [before] = page.xpath("//section[@aria-labelledby='eerder']//li")
    assert words(before).startswith("Versie 1, geldig van 20 november 2026")
    small_site.clock.forward(minutes=5)
    path = desk.press("/redactie/onderdelen/FO-06", "/terugzetten").headers["Location"]
    assert desk.publish(desk.finish(path, "Toch niet.")).status_code == 303
    rows = [words(row) for row in desk.page("/documenten/FO-06/versies").xpath("//main//tbody/tr")]
    assert "Alleen ingetrokken op 1 december 2026, van 10.00 tot 10.05 uur: een latere" in rows[1]
    assert "Alleen als geldig te lezen op 1 december 2026, van 9.49 tot 10.00 uur: een latere" in rows[2]


def test_each_version_gives_its_own_file_and_that_is_logged(later: Site) -> None:
    visitor = later.signed_in("corporatie")
    files = {number: visitor.get(f"/documenten/FO-06/versies/{number}/bestand") for number in (1, 2)}
    assert files[2].data == visitor.get("/documenten/FO-06/bestand").data
    assert files[1].data != files[2].data
    assert "FO-06-v1.docx" in files[1].headers["Content-Disposition"]
    visitor.client.head("/documenten/FO-06/versies/1/bestand")
    with later.database.reading() as session:
        query = select(Event).where(Event.action == Action.FILE_DOWNLOADED).order_by(Event.number)
        logged = [(event.subject, event.details["version"]) for event in session.scalars(query)]
    assert logged == [("document:FO-06", 1), ("document:FO-06", 2), ("document:FO-06", 2)]


def test_a_comparison_shows_what_changed_and_why(later: Site) -> None:
    page = later.signed_in("regio").page("/documenten/OV-04/vergelijk/1..2")
    told = words(page.xpath("//main")[0])
    assert f"Waarom: {NOTE}" in told
    assert "1 nieuw" in told
    [changed] = page.find_class("diff")
    assert words(changed).startswith("Toegevoegd: Bezwaar. Nieuw")
    assert "Toegevoegd: U kunt binnen zes weken bezwaar maken." in words(changed)
    [facts] = page.find_class("diff-feiten")
    assert "Titel" in words(facts)
    assert facts.xpath(".//ins")
    assert facts.xpath(".//del")


def test_the_whole_text_can_be_shown_and_backwards_too(later: Site) -> None:
    visitor = later.signed_in("corporatie")
    short, whole = (visitor.page(f"/documenten/OV-04/vergelijk/1..2{q}") for q in ("", "?toon=hele-tekst"))
    assert len(whole.find_class("diff")) > len(short.find_class("diff")) == 1
    assert [words(page.xpath("//*[@aria-current='true']")[-1]) for page in (short, whole)] == [
        "Alleen wijzigingen",
        "Hele tekst",
    ]
    back = visitor.page("/documenten/OV-04/vergelijk/2..1")
    assert words(back.find_class("diff")[0]).startswith("Verwijderd: Bezwaar. Vervallen")
    assert "Aan de woorden is niets veranderd" in words(visitor.page("/documenten/OV-04/vergelijk/2..2"))


@pytest.mark.parametrize("code", ["FO-06", "OV-04"])
def test_a_comparison_downloads_as_a_word_file_with_revisions(later: Site, code: str) -> None:
    visitor = later.signed_in("corporatie")
    [link] = visitor.page(f"/documenten/{code}/vergelijk/1..2").xpath("//main//a[contains(@href, '/bestand')]/@href")
    answer = visitor.get(str(link))
    assert f"{code}-v1-v2.docx" in answer.headers["Content-Disposition"]
    file = WordFile(answer.data)
    [*marks] = file.document.iter(qn("w:ins"), qn("w:del"))
    assert {mark.get(qn("w:author")) for mark in marks} == {f"{code} versie 2"}
    footers = "".join(file.parts[name].decode() for name in file.related(file.main, "footer"))
    assert f"{code}, versie 2, uitgave 2. Model, nog niet geaccordeerd, verschillen met versie 1." in footers
    with later.database.reading() as session:
        event = session.scalars(select(Event).where(Event.action == Action.FILE_DOWNLOADED)).one()
    assert (event.details["version"], event.details["compared_with"]) == (2, 1)


def test_a_pdf_is_compared_as_text_and_gives_no_word_file(small_site: Site) -> None:
    with small_site.database.transaction() as session:
        data = content_of(newest(session, "FO-06")).data
        file = pdf("De termijn is drie maanden.", "De rest blijft.")
        release_of(session, {"FO-06": Content(data, original=file)}, note="PDF", at=NOW, effective_on=TODAY)
        file = pdf("Een nieuwe eerste bladzijde.", "De termijn is vier maanden.\nDe rest blijft.")
        release_of(session, {"FO-06": Content(data, original=file)}, note="PDF", at=NOW, effective_on=TODAY)
    visitor = small_site.signed_in("corporatie")
    page = visitor.page("/documenten/FO-06/vergelijk/2..3")
    assert "Verwijderd: drie. Toegevoegd: vier." in words(page)
    assert "Pagina 2" not in words(page.xpath("//main")[0])
    assert not page.xpath("//main//a[contains(@href, '/bestand')]")
    for path in ("2..3", "1..2"):
        assert visitor.get(f"/documenten/FO-06/vergelijk/{path}/bestand").status_code == 404
    assert visitor.get("/documenten/FO-06/vergelijk/1..3").status_code == 200
    assert visitor.get("/documenten/FO-06/versies/2/bestand").headers["Content-Type"] == "application/pdf"


def test_who_may_not_know_of_a_document_finds_none_of_its_versions(later: Site) -> None:
    outside, inside = later.signed_in("zorgaanbieder"), later.signed_in("regio")
    for tail in TAILS:
        assert outside.get(f"/documenten/OV-03/{tail}").status_code == 404, tail
        assert inside.get(f"/documenten/OV-03/{tail}").status_code in (200, 303), tail


def test_no_version_and_no_reason_names_a_document_that_was_closed(later: Site) -> None:
    visitor = later.signed_in("zorgaanbieder")
    for path in ("versies", "versies/2", "vergelijk/1..2", "vergelijk/1..2?toon=hele-tekst"):
        text = visitor.get(f"/documenten/OV-04/{path}").get_data(as_text=True)
        assert "OV-03" not in text, path
        assert path == "versies" or "zie een ander document" in text


def test_what_is_not_there_is_not_found(later: Site) -> None:
    visitor = later.signed_in("redacteur")
    for path in ("OV-04/versies/9", "OV-04/versies/9/bestand", "OV-04/vergelijk/1..9", "XX-99/versies"):
        assert visitor.get(f"/documenten/{path}").status_code == 404, path
    assert visitor.get("/documenten/stroomschema/versies/1").status_code == 404, "the flow is no document"


def test_a_draft_is_no_version_yet(later: Site) -> None:
    with later.database.transaction() as session:
        release = newest(session, "OV-04").release
        release.published_at = NOW + timedelta(days=1)
    visitor = later.signed_in("redacteur")
    for path in ("versies/3", "versies/3/bestand", "vergelijk/2..3", "vergelijk/2..3/bestand"):
        assert visitor.get(f"/documenten/OV-04/{path}").status_code == 404
    assert "Versie 3" not in words(visitor.page("/documenten/OV-04/versies"))


def test_two_releases_differ_in_nothing_closed_for_who_may_not_know_of_it(later: Site) -> None:
    address = "/uitgaven/vergelijk/1..2"
    inside, outside = (later.signed_in(key).get(address).get_data(as_text=True) for key in ("regio", "corporatie"))
    assert "OV-03" in inside
    assert "Alleen voor de Regio" in inside
    assert "OV-03" not in outside
    assert "FO-06" in outside
    assert "een ander document" in outside, "the note names it"


def test_a_version_is_compared_with_the_one_that_readers_had_before_it(six: Site) -> None:
    visitor = six.signed_in("corporatie")
    rows = visitor.page(f"/documenten/{PAGE}/versies").xpath("//main//table//td[@data-l='Vergelijk']//@href")
    pairs = [(6, 5), (6, 3), (2, 6), (1, 2)]
    assert rows == [f"/documenten/{PAGE}/vergelijk/{old}..{new}" for old, new in pairs], "3 never held, 4 is gone"
    assert visitor.page(f"/documenten/{PAGE}/versies/6").xpath("//main//a[contains(., 'sinds versie 2')]")
    comparison = words(visitor.page(f"/documenten/{PAGE}/vergelijk/2..6").xpath("//main")[0])
    assert "Waarom: Een andere titel." in comparison
    assert "roeiboot" not in comparison, "version 3 is announced"
    assert "De roeiboot is erbij." in words(visitor.page(f"/documenten/{PAGE}/vergelijk/6..3").xpath("//main")[0])
