"""Uploading: one file for a document, many at once, and files that are refused; reading them locks nothing."""

import gc
from io import BytesIO
from pathlib import Path

import docx
import pytest
from sqlalchemy import select

from portal.audit.models import Action, Event
from portal.desk.uploads import code_in, kind_like
from portal.publishing.checks.documents import KEEP_ELSEWHERE
from portal.publishing.content import ACCORD_STATUS
from tests.conftest import CONTENT, Site
from tests.desk.desk import Desk, shown_faults
from tests.visitor import parse, words

FORM = "FO-06"
WORDS = "Dit is een nieuwe zin over de roeiboot."


def word_file(code: str = FORM, sentence: str = WORDS) -> bytes:
    """Return a Word file of the starter as an editor would change it in Word."""
    file = docx.Document(str(CONTENT / "documenten" / f"{code}.docx"))
    file.add_paragraph(sentence)
    kept = BytesIO()
    file.save(kept)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ZC-01 zorgcontract.docx", "ZC-01"),
        ("zc01.docx", "ZC-01"),
        ("Definitief_FO_06_v3.docx", "FO-06"),
        ("Verslag 2026.docx", None),
        ("handboek-01.docx", None),
        ("../../ZC-01.docx", "ZC-01"),
    ],
)
def test_the_code_is_read_from_the_name(name: str, code: str | None) -> None:
    assert code_in(name) == code


def test_a_new_document_is_of_the_kind_of_its_neighbours() -> None:
    known = {"BR-01": {"soort": "brief"}, "BR-02": {"soort": "brief"}, "BR-03": {"soort": "formulier"}}
    assert (kind_like("BR-91", known), kind_like("RG-01", known)) == ("brief", "overzicht")


def test_a_changed_file_is_shown_before_it_comes_into_the_draft(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin(FORM)
    assert shown_faults(desk.press(path, path, "uploaden")) == ["Kies eerst een Word- of PDF-bestand."]
    answer = desk.press(path, path, "uploaden", bestand=(BytesIO(word_file()), "FO-06 nieuw.docx"), wijziging="Nieuw")
    assert answer.headers["Location"].endswith("#verschillen")
    page = desk.page(path)
    assert not page.xpath("//dl[@class='diff-feiten']")  # the metadata is as it was
    assert WORDS in words(page.get_element_by_id("voorbeeld"))
    assert [words(one) for one in page.xpath("//div[starts-with(@class, 'diff-b')]//ins")] == [f"Toegevoegd: {WORDS}."]
    assert "FO-06 nieuw.docx" in words(page)
    other = "Nog een zin over de vlieger."
    file = (BytesIO(word_file(sentence=other)), "FO-06 nog nieuwer.docx")
    answer = desk.press(path, path, "klaar", bestand=file, wijziging="Nieuw", voor="nieuw")
    assert answer.headers["Location"].startswith(path), "it is shown first, not in the draft yet"
    arrived = desk.page(answer.headers["Location"])
    assert "Uw bestand is binnen. Kijk wat er verandert" in words(arrived.get_element_by_id("verschillen").getparent())
    assert other in words(arrived.get_element_by_id("voorbeeld"))
    back = (BytesIO(word_file()), "FO-06 nieuw.docx")
    assert desk.press(path, path, "bewaar", bestand=back).headers["Location"].endswith("#verschillen")
    reader = small_site.signed_in("corporatie")
    assert WORDS not in words(reader.page(f"/documenten/{FORM}"))
    assert desk.publish(desk.finish(path)).status_code == 303
    assert WORDS in words(reader.page(f"/documenten/{FORM}"))
    downloaded = reader.get(f"/documenten/{FORM}/bestand").data
    assert WORDS in "".join(paragraph.text for paragraph in docx.Document(BytesIO(downloaded)).paragraphs)
    assert FORM in words(reader.page("/zoeken?q=roeiboot"))


def test_a_file_sent_with_a_form_that_is_behind_is_chosen_again_on_the_spot(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin(FORM)
    behind = desk.page(path)
    desk.press(path, path, "bewaar", wijziging="Uit het ene venster.")
    sent = {"wijziging": "Uit het andere.", "bestand": (BytesIO(word_file()), "FO-06 nieuw.docx")}
    met = desk.send(behind, path, "uploaden", **sent)
    assert met.status_code == 409
    shown = parse(met)
    assert "Uw bestand FO-06 nieuw.docx is niet bewaard. U kunt het hieronder weer kiezen." in words(shown)
    [name] = shown.xpath(f"//form[@action='{path}']//input[@type='file']/@name")
    on = desk.send(shown, path, "bewaar", **{name: (BytesIO(word_file()), "FO-06 nieuw.docx")})
    assert on.headers["Location"].endswith("#verschillen")
    page = desk.page(path)
    assert WORDS in words(page.get_element_by_id("voorbeeld"))
    assert page.get_element_by_id("wijziging").text.strip() == "Uit het andere."
    behind = desk.page(path)
    desk.throw_away(path)
    over = parse(desk.send(behind, path, "uploaden", bestand=(BytesIO(word_file()), "FO-06 nieuw.docx")))
    assert "is niet bewaard. Ga eerst verder: op de pagina die dan komt" in words(over)


def test_a_file_of_another_document_is_asked_about_and_taken(small_site: Site) -> None:
    desk, doubt = Desk(small_site), "Is dit het goede bestand?"
    path = desk.begin(FORM)
    for code, asked in (("FO-01", True), (FORM, False)):
        desk.press(path, path, "uploaden", bestand=(BytesIO(word_file(code)), f"{FORM}.docx"))
        assert (doubt in words(desk.page(path))) is asked, code
    desk.throw_away(path)
    files = [(BytesIO(word_file("FO-01")), f"{FORM} begeleiding.docx"), (BytesIO(word_file("BR-01")), "BR-91.docx")]
    page = desk.page("/redactie/uploaden")
    shown = parse(desk.send(page, "/uploaden", bestanden=files, wijziging="Overgenomen.", voor="nieuw"))
    assert "2 van 2 bestanden overgenomen" in words(shown.xpath("//h1")[0])
    [row] = [row for row in shown.xpath("//tbody/tr") if doubt in words(row)]
    assert FORM in words(row)
    link = row.xpath(".//a[contains(., 'Bekijk wat er verandert')]/@href")[0]
    assert f"Wat verandert er aan {FORM}?" in words(desk.page(link))


def test_a_file_that_is_refused_says_why_keeps_the_form_and_is_on_record(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin(FORM)
    answer = desk.press(path, path, "uploaden", bestand=(BytesIO(b"MZ\x90"), "FO-06.docx"), wijziging="Half af")
    assert answer.status_code == 422
    assert shown_faults(answer)
    assert "Half af" in parse(answer).get_element_by_id("wijziging").text
    with small_site.database.reading() as session:
        assert len(session.scalars(select(Event).where(Event.action == Action.FILE_REFUSED.value)).all()) == 1


def test_many_files_become_one_draft_that_says_what_matched(small_site: Site, handbook: object) -> None:
    desk = Desk(small_site)
    page = desk.page("/redactie/uploaden")
    assert len(shown_faults(desk.send(page, "/uploaden"))) == 3
    files = [
        (BytesIO(word_file()), "fo06 begeleiding.docx"),
        (BytesIO(word_file("BR-01")), "BR-91 Andere brief.docx"),
        (BytesIO(b"geen Word"), "FO-06.docx"),
        (BytesIO(word_file()), "zonder code.docx"),
    ]
    answer = desk.send(page, "/uploaden", bestanden=files, wijziging="Overgenomen.", voor="nieuw")
    assert answer.status_code == 200
    shown = parse(answer)
    assert words(shown.xpath("//h1")[0]) == "2 van 4 bestanden overgenomen"
    assert words(shown).count("Niet overgenomen") == 2
    again = shown.xpath("//a[starts-with(., 'Ga verder met BR-91')]")[0].get("href")
    form = desk.page(again)
    assert form.get_element_by_id("titel").value == "Andere brief"
    assert form.xpath("//input[@name='voor'][@value='nieuw']/@checked")
    assert form.xpath("//select[@name='soort']/option[@selected]/@value") == [kind_like("BR-91", {})]
    draft = shown.xpath("//main//a[contains(@href, '/redactie/uitgaven/')]")[0].get("href")
    assert FORM in words(desk.page(draft))


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_only_editors_may_send_much(small_site: Site, tmp_path: Path) -> None:
    much = {"bestand": (BytesIO(b"x" * 3_000_000), "x.docx"), "wijziging": "x"}
    reader = small_site.signed_in("corporatie")  # what the web server had of a body it stops reading, it leaves open
    assert reader.client.post("/redactie/schrijven/1", data=much).status_code == 403
    much["bestand"] = (BytesIO(b"x" * 3_000_000), "x.docx")
    assert small_site.visitor().client.post("/aanmelden", data=much).status_code == 413
    desk = Desk(small_site)
    path = desk.begin(FORM)
    large = (BytesIO(b"x" * (small_site.config.max_upload + 2_000_000)), "x.docx")
    assert desk.press(path, path, "uploaden", bestand=large).status_code == 413
    gc.collect()  # here and now, or a later test is told of those files


def test_model_has_one_meaning_on_screen(small_site: Site) -> None:
    desk = Desk(small_site)
    library = words(desk.page("/documenten").xpath("//main")[0]).casefold()
    assert ACCORD_STATUS in library
    writing = words(desk.page(desk.begin(FORM)).get_element_by_id("schrijven")).casefold()
    for shown in (library, writing):
        assert "model" not in shown.replace(ACCORD_STATUS, "")


def test_what_is_to_fill_in_without_fields_says_how_to_make_them_or_to_say_otherwise(small_site: Site) -> None:
    desk = Desk(small_site)
    begun = desk.press("/redactie/onderdelen/nieuw", "/nieuw", code="BR-81", titel="Los stuk", soort="brief")
    path, plain, kept = begun.headers["Location"], docx.Document(), BytesIO()
    plain.add_heading("Los stuk", 1)
    plain.add_paragraph(KEEP_ELSEWHERE)
    plain.save(kept)
    desk.press(path, path, "uploaden", bestand=(BytesIO(kept.getvalue()), "BR-81.docx"))
    tick = desk.page(path).get_element_by_id("invulbaar")
    assert "minstens vijf invulvelden" in words(desk.page(path).get_element_by_id(tick.get("aria-describedby")))
    to_fill_in = {"invulbaar": "ja", "doelgroep": ["corporatie"], "inhoud": "Los stuk", "grond": "aangenomen"}
    draft = desk.finish(path, **to_fill_in)
    [told] = [words(one) for one in desk.page(draft).xpath("//aside//li[contains(., 'invulvelden')]")]
    assert told.startswith("BR-81: Los stuk Er zijn 0 invulvelden met een eigen naam; maak er minstens 5. Ga in Word")
    assert "tabblad Ontwikkelaars" in told
    assert "Kies Bestand, Opties, Lint aanpassen en vink Ontwikkelaars aan." in told
    assert told.endswith("het vinkje weg bij “Lezers vullen dit document in”.")
    path = desk.press(draft, "/BR-81/wijzigen").headers["Location"]
    desk.finish(path, invulbaar=[])
    assert "invulvelden" not in words(desk.page(draft))
    assert desk.publish(draft).status_code == 303
