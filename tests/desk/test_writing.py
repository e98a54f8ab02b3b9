"""Writing at the desk: blocks, rows and metadata, all by plain forms; nothing typed is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from portal.desk.blocks import KINDS, FormBlock, from_data, from_form, from_text, press, problems, text_of
from portal.documents.pages import parse
from portal.lib.clock import day_typed
from portal.publishing.content import Handbook
from tests.conftest import LONG, Site
from tests.desk.desk import Desk, fields_of, shown_faults
from tests.releasing import newest
from tests.visitor import parse as parse_page
from tests.visitor import words

PAGE = "OV-04"


def test_every_page_of_the_starter_is_the_same_after_the_form(handbook: Handbook) -> None:
    for item in handbook.items:
        if item.content.text is not None:
            blocks = from_text(item.content.text)
            assert text_of(blocks) == item.content.text
            assert problems(blocks) == {}


def test_what_is_typed_as_in_word_is_meant_as_in_word() -> None:
    typed = [
        FormBlock("alinea", "Neem mee:\n- een **slot**\n\n• een pomp\nDan\r\nfietst u."),
        FormBlock("lijst", "- een\ntwee\n-\n"),
        FormBlock("lijst", "drie"),
        FormBlock("nummers", "1. eerst\n2) dan\n2026 is het jaar"),
    ]
    assert problems(typed) == {}
    assert text_of(typed) == (
        "Neem mee:\n\n- een **slot**\n- een pomp\n\nDan\n\nfietst u.\n\n"
        "- een\n- twee\n- drie\n\n1. eerst\n2. dan\n3. 2026 is het jaar\n"
    )


BUTTONS = st.builds(
    lambda verb, numbers, kind: "-".join([verb, *map(str, numbers), *kind]),
    st.sampled_from(
        [
            "nieuw",
            "omhoog",
            "omlaag",
            "weg",
            "terug",
            "rij",
            "kolom",
            "rijweg",
            "kolomweg",
            "rijterug",
            "kolomterug",
            "",
        ]
    ),
    st.lists(st.integers(-2, 9), max_size=3),
    st.lists(st.sampled_from([*KINDS, "niets"]), max_size=1),
)
BLOCKS = st.lists(
    st.one_of(
        st.builds(FormBlock, st.sampled_from(["alinea", "kop2", "kop3", "lijst", "nummers"]), st.text(max_size=40)),
        st.builds(FormBlock, st.just("tabel"), st.just(""), st.just((("a", "b"), ("c", "d"))), st.booleans()),
    ),
    max_size=5,
)


@settings(max_examples=1000 if LONG else 150)
@given(blocks=BLOCKS, buttons=st.lists(BUTTONS | st.text(), max_size=6))
def test_any_buttons_leave_blocks_that_can_be_sent_again(blocks: list[FormBlock], buttons: list[str]) -> None:
    for button in [*buttons, "nieuw-²-alinea", f"weg-{'9' * 5000}"]:
        blocks, at = press(blocks, button)
        assert at is None or 0 <= at[0] < len(blocks)
        if at and at[1:]:
            table = blocks[at[0]]
            assert at[1] in table.row_numbers
            assert at[2] in table.column_numbers
        assert from_data([block.as_data() for block in blocks]) == blocks
    if not problems(blocks):
        assert parse(text_of(blocks))


@settings(max_examples=1000 if LONG else 150)
@given(form=st.dictionaries(st.sampled_from(["blokken", "blok-0-soort", "blok-0-tekst", "blok-0-rijen"]), st.text()))
def test_any_form_is_read(form: dict[str, str]) -> None:
    assert isinstance(problems(from_form(MultiDict(form))), dict)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        *((typed, "2026-12-01") for typed in ("1-12-2026", "01-12-2026", "2026-12-01", "1 december 2026")),
        *((typed, "None") for typed in ("31-2-2026", "1-12-202", "morgen", "", "31-12-1899", "1-1-2200", "0-0-0000")),
    ],
)
def test_days_are_read_as_the_dutch_write_them(typed: str, day: str) -> None:
    assert str(day_typed(typed)) == day


def test_a_page_is_written_with_plain_forms_and_comes_into_the_draft(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin(PAGE)
    answer = desk.press(path, path, "nieuw--1-alinea")
    assert answer.headers["Location"].endswith("#blok-0")
    answer = desk.press(path, path, "omlaag-0", **{"blok-0-tekst": "Neem de **veldfiets** mee."})
    assert answer.headers["Location"].endswith("#blok-1")
    page = desk.page(path)
    assert "veldfiets" in words(page.get_element_by_id("voorbeeld"))
    desk.press(path, path, "link", **{"link-doel": "stap:KAN-01", "link-woorden": "de eerste stap", "link-blok": "1"})
    assert "[de eerste stap](stap:KAN-01)" in desk.page(path).get_element_by_id("blok-1").text
    draft = desk.finish(path)
    text = words(desk.page(draft))
    assert PAGE in text
    assert "Naam van redacteur" in text
    assert "klopt met deze wijzigingen" in text
    assert desk.page(f"{draft}/publiceren").get_element_by_id("titel").value == "", "no reader sees the name of a draft"


@pytest.mark.parametrize("kind", ["alinea", "tabel"])
def test_a_removed_block_can_be_put_back_until_the_text_is_in_the_draft(small_site: Site, kind: str) -> None:
    desk = Desk(small_site)
    path = desk.begin(PAGE)
    desk.press(path, path, f"nieuw--1-{kind}")
    field = "blok-0-tekst" if kind == "alinea" else "blok-0-cel-0-0"
    desk.press(path, path, "weg-0", **{field: "Neem de veldfiets mee."})
    for _ in range(2):  # other buttons keep it there
        page = desk.page(path)
        assert "veldfiets" in words(page.get_element_by_id("blok-0"))
        assert "veldfiets" not in words(page.get_element_by_id("voorbeeld"))
        desk.press(path, path, "bewaar")
    desk.press(path, path, "terug-0")
    assert "veldfiets" in words(desk.page(path).get_element_by_id("voorbeeld"))
    desk.press(path, path, "weg-0")
    desk.finish(desk.touch(path))
    assert "veldfiets" not in words(desk.page(desk.begin(PAGE)))


def test_a_button_of_a_table_leads_to_the_cell_to_go_on_with(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin(PAGE)
    desk.press(path, path, "nieuw--1-tabel")
    for button, cell in (
        ("rij-0", "Rij 2, kolom 1"),
        ("kolom-0", "Kop, kolom 3"),
        ("rijweg-0-1", "Rij 1, kolom 1"),
        ("kolomweg-0-2", "Kop, kolom 2"),
    ):
        anchor = desk.press(path, path, button).headers["Location"].partition("#")[2]
        assert desk.page(path).get_element_by_id(anchor).get("aria-label") == cell, button


def shown_rows(desk: Desk, path: str) -> list[str]:
    """Return the first table of the preview, row by row."""
    rows = desk.page(path).get_element_by_id("voorbeeld").xpath("(.//table)[1]//tr")
    return [" ".join(words(cell) for cell in row) for row in rows]


def test_removed_rows_and_columns_are_put_back_in_their_place_in_the_table(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin(PAGE)
    desk.press(path, path, "nieuw--1-tabel")
    desk.press(path, path, "rij-0")
    desk.press(path, path, "kolom-0")
    cells = ["voertuig", "slot", "prijs"], ["veldfiets", "ring", "laag"], ["roeiboot", "ketting", "hoog"]
    typed = {f"blok-0-cel-{r}-{c}": cell for r, row in enumerate(cells) for c, cell in enumerate(row)}
    desk.press(path, path, "rij-0", **typed)
    desk.press(path, path, "rijweg-0-3")
    whole = shown_rows(desk, path)
    assert whole == ["voertuig slot prijs", "veldfiets ring laag", "roeiboot ketting hoog"]
    assert not desk.page(path).xpath("//button[starts-with(@value, 'rijterug')]"), "an empty row goes at once"
    answer = desk.press(path, path, "rijweg-0-1")
    assert answer.headers["Location"].endswith("#blok-0-cel-2-0")
    for button in ("kolomweg-0-2", "omlaag-0", "weg-1", "terug-1"):  # in its table, wherever that goes
        desk.press(path, path, button)
    assert shown_rows(desk, path) == ["voertuig slot", "roeiboot ketting"]
    block = desk.page(path).xpath("//fieldset[@class='blok'][.//legend='Blok 2: tabel']")[0]
    assert "Rij 1 verwijderd: veldfiets ring laag" in words(block)
    assert "Kolom 3 verwijderd: prijs laag hoog" in words(block)
    assert desk.press(path, path, "rijterug-1-1").headers["Location"].endswith("#blok-1-cel-1-0")
    assert shown_rows(desk, path) == ["voertuig slot", "veldfiets ring", "roeiboot ketting"]
    assert desk.press(path, path, "kolomterug-1-2").headers["Location"].endswith("#blok-1-cel-0-2")
    assert shown_rows(desk, path) == whole
    desk.press(path, path, "rijweg-1-2")
    desk.finish(path)
    assert "roeiboot" not in words(desk.page(desk.begin(PAGE)))


def test_words_in_the_differences_do_not_stick_together(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin(PAGE)
    title = desk.page(path).get_element_by_id("titel").value
    first = desk.page(path).get_element_by_id("blok-0").text.strip()
    two = first.replace(" bij elkaar. Zij is", " bij elkaar.\nZij is")
    desk.press(path, path, "bewaar", **{"blok-0-tekst": two, "titel": "Sleuteloverdracht"})
    shown = desk.page(path).get_element_by_id("verschillen").getparent()
    for heard in shown.xpath(".//*[@class='vh']"):
        heard.drop_tree()  # what is left is what is seen, and what goes along when somebody copies it
    assert f"{title} Sleuteloverdracht" in words(shown)
    assert "bij elkaar. ¶ Zij is" in words(shown)


def test_an_empty_block_goes_without_a_trace(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin(PAGE)
    before = words(desk.page(path).get_element_by_id("tekst").getparent())
    desk.press(path, path, "nieuw--1-tabel")
    desk.press(path, path, "weg-0")
    assert words(desk.page(path).get_element_by_id("tekst").getparent()) == before


def test_what_is_wrong_is_said_at_its_block_and_all_stays(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin(PAGE)
    desk.press(path, path, "nieuw--1-alinea")
    answer = desk.press(path, path, "klaar", **{"blok-0-tekst": "Zo niet: `code`", "titel": ""})
    assert answer.status_code == 422
    faults = shown_faults(answer)
    assert any("teken `" in fault for fault in faults)
    assert {"Vul in: titel.", "Kies voor welke trajecten deze wijziging geldt."} <= set(faults)
    assert parse_page(answer).get_element_by_id("blok-0").text.strip() == "Zo niet: `code`"
    assert desk.page(path).get_element_by_id("blok-0").text.strip() == "Zo niet: `code`"


def test_what_is_too_long_is_said_at_its_field_and_stays(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin(PAGE)
    title, note = "Fietsen " * 400, "Wij fietsen. " * 500
    answer = desk.press(path, path, "klaar", titel=title, wijziging=note, voor="nieuw")
    assert answer.status_code == 422
    assert shown_faults(answer) == [
        "Maak korter: titel. Het zijn 3199 tekens en er passen er 200.",
        "Maak korter: wat er is veranderd. Het zijn 6499 tekens en er passen er 5000.",
    ]
    kept = desk.page(path)
    assert kept.get_element_by_id("titel").value == title.strip()
    assert kept.get_element_by_id("wijziging").text.strip() == note.strip()
    new = desk.press("/redactie/onderdelen/nieuw", "/nieuw", code="WI-91", titel=title, soort="formulier")
    assert shown_faults(new) == ["Maak korter: titel. Het zijn 3199 tekens en er passen er 200."]
    assert parse_page(new).get_element_by_id("titel").value == title


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("fiets" * 40_000, "Fietsfietsfietsfiets… is langer dan 200 tekens zonder spatie"),
        ("& " * 100_000, "Dit is langer dan 10000 tekens; maak er meer alinea's of cellen van."),
        ("[" * 20_000 + " fiets", "langer dan 200 tekens zonder spatie"),
        ("[ " * 4_900, "Het teken [ kan hier niet"),
    ],
)
def test_what_would_keep_the_portal_busy_for_minutes_is_refused_and_stays(
    small_site: Site, typed: str, said: str
) -> None:
    desk = Desk(small_site)
    path = desk.begin(PAGE)
    desk.press(path, path, "nieuw--1-alinea")
    answer = desk.press(path, path, "klaar", wijziging="Nieuw", voor="nieuw", **{"blok-0-tekst": typed})
    assert answer.status_code == 422
    assert said in shown_faults(answer)[0]
    assert desk.page(path).get_element_by_id("blok-0").text.strip() == typed.strip()


def test_an_edit_goes_on_in_another_browser_and_is_nobody_elses(small_site: Site) -> None:
    path = Desk(small_site).begin(PAGE)
    one = Desk(small_site)
    one.press(path, path, "bewaar", wijziging="Half af")
    again = Desk(small_site)
    assert "Half af" in again.page(path).get_element_by_id("wijziging").text
    assert PAGE in words(again.page("/redactie").get_element_by_id("bezig").getparent())
    assert Desk(small_site, "redacteur_elders").visitor.get(path).status_code == 404
    answer = again.throw_away(path)
    assert answer.status_code == 303
    assert again.visitor.get(path).status_code == 404


@pytest.mark.parametrize("code", [PAGE, "FO-06", "bedragen", "begrippen", "colofon", "open-punten"])
def test_a_change_that_says_nothing_goes_at_once_and_any_other_is_asked_about(small_site: Site, code: str) -> None:
    desk = Desk(small_site)
    for in_draft in (False, True):  # begun from the handbook, and from what stands in the draft
        path = desk.begin(code)
        answer = desk.press(path, path, "weggooien")
        told = words(desk.page(answer.headers["Location"]))
        assert "Uw wijziging is weggegooid. Wat al in dit concept stond, staat er nog" in told, in_draft
        path = desk.begin(code)
        asked = desk.press(path, path, "weggooien", wijziging="Half af").headers["Location"]
        page = desk.page(asked)
        assert "laatst bewaard op 1 december 2026, 10.00 uur" in words(page)
        assert "Half af" in desk.page(path).get_element_by_id("wijziging").text, "until it is said once more"
        desk.press(path, path, "bewaar", wijziging="Toch verder")
        again = desk.send(page, "/weggooien")
        assert again.status_code == 409, "another window kept more"
        assert desk.send(parse_page(again), "/weggooien").status_code == 303
        assert desk.visitor.get(path).status_code == 404
        if not in_draft:
            desk.finish(desk.touch(desk.begin(code)))


def test_the_second_of_two_editors_sees_both_texts_and_decides(small_site: Site) -> None:
    first, second = Desk(small_site), Desk(small_site, "redacteur_elders")
    mine = first.begin(PAGE)
    concept = (
        parse_page(first.visitor.get("/redactie"))
        .xpath("//h3/a[contains(@href, '/uitgaven/')]")[0]
        .get("href")
        .rpartition("/")[2]
    )
    theirs = second.begin(PAGE, concept)
    for desk, path, text in ((first, mine, "Van de eerste."), (second, theirs, "Van de tweede.")):
        desk.press(path, path, "nieuw--1-alinea")
        desk.press(path, path, "bewaar", **{"blok-0-tekst": text})
    for page in (f"/redactie/onderdelen/{PAGE}", theirs):
        assert "Naam van redacteur werkt hier ook aan, in het concept Concept van 1 d" in words(second.page(page))
    assert "Naam van redacteur_elders werkt hier ook aan" in words(first.page(mine))
    first.finish(mine)
    assert "werkt hier ook aan" not in words(second.page(theirs))
    answer = second.press(theirs, theirs, "klaar", wijziging="Ook iets.", voor="nieuw")
    assert answer.status_code == 409
    shown = words(parse_page(answer))
    assert "In het concept staat nu de tekst van Naam van redacteur: Er is iets veranderd." in shown
    assert "Van de eerste." in shown
    assert "Van de tweede." in shown
    on = second.send(parse_page(answer), "/samen", "mijn")
    assert on.headers["Location"] == theirs
    draft = second.finish(theirs)
    assert "Van de tweede." in words(second.page(f"/documenten/{PAGE}?concept={draft.rpartition('/')[2]}"))


def test_two_windows_of_one_editor_lose_nothing(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin(PAGE)
    desk.press(path, path, "nieuw--1-alinea")
    behind = desk.page(path)
    desk.press(path, path, "bewaar", **{"blok-0-tekst": "Uit het ene venster."})
    typed = {"blok-0-tekst": "Uit het andere venster.", "wijziging": "Van het andere."}
    for button in ("bewaar", "klaar", "nieuw-0-alinea", "weggooien"):
        answer = desk.send(behind, path, button, **typed)
        assert answer.status_code == 409, button
        shown = parse_page(answer)
        for heading, text in (("hier-getypt", "Uit het andere venster."), ("al-bewaard", "Uit het ene venster.")):
            assert text in words(shown.get_element_by_id(heading).getparent()), button
    assert desk.page(path).get_element_by_id("blok-0").text.strip() == "Uit het ene venster."
    assert desk.send(shown, path, "beide").status_code == 303
    kept = desk.page(path)
    assert [kept.get_element_by_id(f"blok-{n}").text.strip() for n in (0, 1)] == [
        "Uit het ene venster.",
        "Uit het andere venster.",
    ]
    again = desk.send(shown, path, "bewaar")
    assert again.status_code == 409, "what is kept by now is more than what was shown"
    assert desk.send(parse_page(again), path, "bewaar").status_code == 303
    assert "Uit het ene venster." not in words(desk.page(path))
    assert desk.send(desk.page(path), path, "bewaar").status_code == 303
    assert desk.send(parse_page(again), path, "bewaar").status_code == 303, "it says what is kept already"


def test_what_is_kept_while_typing_goes_on_from_its_own_answer(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin(PAGE)

    def while_typing(page: HtmlElement, note: str) -> TestResponse:
        """Keep as js/bewaren.js does."""
        [form] = [one for one in page.forms if one.action == path]
        return desk.visitor.client.post(path, data={**fields_of(form), "wijziging": note, "doe": "tussendoor"})

    page = desk.page(path)
    for note in ("Een", "Een zin"):
        kept = while_typing(page, note)
        assert kept.status_code == 200
        page = parse_page(kept)
        assert page.get_element_by_id("wijziging").text.strip() == note
    assert desk.press(path, path, "bewaar", wijziging="Elders").status_code == 303
    assert while_typing(page, "Een zin meer").status_code == 409
    desk.throw_away(path)
    assert while_typing(page, "Een zin meer").status_code == 410


def test_what_was_typed_for_an_edit_that_is_over_does_not_land_elsewhere(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin(PAGE)
    desk.press(path, path, "nieuw--1-alinea")
    behind = desk.page(path)
    draft = desk.finish(path, **{"blok-0-tekst": "Uit het ene venster."})
    other = desk.begin("FO-06", draft.rpartition("/")[2])  # in SQLite this has the number of the one that is over
    before = words(desk.page(other))
    over = desk.send(behind, path, "bewaar", **{"blok-0-tekst": "Uit het andere venster."})
    assert over.status_code == 410
    shown = parse_page(over)
    assert f"Deze wijziging van {PAGE} is er niet meer" in words(shown)
    assert "Uit het andere venster." in words(shown.get_element_by_id("getypt").getparent())
    assert draft in [link.get("href") for link in shown.xpath("//main//a")]
    assert words(desk.page(other)) == before
    on = desk.send(shown, "/verder")
    assert on.status_code == 303
    path = on.headers["Location"].partition("#")[0]
    page = desk.page(path)
    assert page.get_element_by_id("blok-0").text.strip() == "Uit het andere venster."
    assert "intussen ook in het concept gezet" in words(page)
    answer = desk.press(path, path, "klaar", wijziging="Ook iets.", voor="nieuw")
    assert answer.status_code == 409
    assert "Uit het ene venster." in words(parse_page(answer))
    desk.throw_away(path)
    assert desk.send(parse_page(answer), "/samen", "hun").status_code in (404, 410)
    path = desk.send(shown, "/verder").headers["Location"].partition("#")[0]
    desk.press(path, path, "bewaar", **{"blok-0-tekst": "Intussen verder."})
    assert desk.send(shown, "/verder").status_code == 409, "it was begun again already"


def test_the_owner_of_a_document_is_versioned_with_it(small_site: Site) -> None:
    desk = Desk(small_site)
    assert "Eigenaar" not in words(desk.page(f"/documenten/{PAGE}"))
    path = desk.begin(PAGE)
    draft = desk.finish(path, eigenaar="Regio Hofstad")
    assert "Eigenaar" in words(desk.page(f"{draft}/{PAGE}/verschil"))
    assert "klopt met deze wijzigingen" in words(desk.page(draft))
    assert desk.publish(draft).status_code == 303
    assert "Eigenaar: Regio Hofstad" in words(desk.page(f"/documenten/{PAGE}"))
    assert "Eigenaar" not in words(desk.page(f"/documenten/{PAGE}/versies/1"))
    path = desk.begin(PAGE)
    draft = desk.finish(path, eigenaar="")
    with small_site.database.reading() as session:
        assert "eigenaar" not in newest(session, PAGE).data, "as in a file that does not say it"
