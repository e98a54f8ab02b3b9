"""Lists and single forms at the desk: amounts, terms, synonyms, open points and the colophon."""

import pytest

from tests.conftest import Site
from tests.desk.desk import Desk, shown_faults
from tests.visitor import parse as parse_page
from tests.visitor import words

PAGE = "OV-04"


def test_an_amount_is_changed_in_its_row(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin("bedragen")
    row = f"{path}?lijst=bedragen&rij=1"
    hint = desk.page(row).get_element_by_id("waarde-hulp").text_content()
    assert "€\N{NO-BREAK SPACE}1.250" in hint, "a euro sign stays on the line of its number"
    wrong = desk.press(row, path, "bewaar", waarde="", geldig_vanaf="ooit", omschrijving="Vergoeding per jaar, nieuw")
    assert wrong.status_code == 422
    assert shown_faults(wrong) == ["Vul in: bedrag of termijn.", "Vul een datum in zoals 1-1-2027."]
    assert parse_page(wrong).get_element_by_id("omschrijving").value == "Vergoeding per jaar, nieuw"
    far = desk.press(row, path, "bewaar", geldig_vanaf="1 januari 2270")
    assert shown_faults(far)[0].startswith("Die dag ligt te ver weg. Kies een dag van 1 januari 1900 tot en met")
    assert parse_page(far).get_element_by_id("geldig_vanaf").value == "1 januari 2270"
    taken = desk.press(row, path, "bewaar", id="vergoeding-traject")
    assert "Er is al een bedrag met deze naam" in shown_faults(taken)[0]
    kept = desk.press(row, path, "bewaar", waarde="€ 640,10", geldig_vanaf="1-1-2027", prijspeil="2026")
    assert kept.headers["Location"] == f"{path}#bedragen"
    small = desk.press(path, path, "klaar", klein="ja")
    assert small.status_code == 422
    assert shown_faults(small)[0].startswith("Een ander bedrag of een andere termijn is geen kleine verbetering")
    assert "Haal het vinkje weg bij “Dit is een kleine verbetering”, schrijf wat" in shown_faults(small)[0]
    assert "Dit is een kleine verbetering" in words(parse_page(small).xpath("//label[.//input[@id='klein']]")[0])
    draft = desk.finish(path, klein=[])
    number = draft.rpartition("/")[2]
    changed = desk.page(f"{draft}/bedragen/verschil").xpath("//div[@class='diff-b']//dl/div")
    assert "Bedrag of termijn Verwijderd: € 623,75. Toegevoegd: € 640,10." in [words(one) for one in changed]
    assert "€ 640,10 Prijspeil 2026 Geldig vanaf 1 januari 2027" in words(desk.page(f"/begrippen?concept={number}"))
    assert "€ 640,10" not in words(desk.page("/begrippen"))
    assert desk.publish(draft, toelichting="Het wordt € 640,10.").status_code == 303
    assert "Het wordt €\N{NO-BREAK SPACE}640,10." in desk.page("/wijzigingen").text_content()


def test_rows_in_two_windows_lose_nothing(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin("bedragen")
    first, second = (f"{path}?lijst=bedragen&rij={number}" for number in (0, 1))
    one, other = desk.page(first), desk.page(second)
    assert desk.send(other, path, "bewaar", waarde="€ 1").status_code == 303
    assert desk.send(one, path, "bewaar", waarde="€ 2").status_code == 303, "another row is no conflict"
    met = desk.send(other, path, "bewaar", waarde="€ 3")
    assert met.status_code == 409
    assert "waarde: € 1" in words(parse_page(met))
    assert parse_page(met).get_element_by_id("waarde").value == "€ 3"
    assert desk.page(second).get_element_by_id("waarde").value == "€ 1"
    assert desk.send(parse_page(met), path, "bewaar").status_code == 303
    assert desk.page(second).get_element_by_id("waarde").value == "€ 3"
    behind = desk.page(second)
    desk.throw_away(path)
    over = desk.send(behind, path, "bewaar", waarde="€ 4")
    assert over.status_code == 410
    on = parse_page(desk.send(parse_page(over), "/verder"))
    assert on.get_element_by_id("waarde").value == "€ 4"
    [form] = [one for one in on.forms if "lijst=bedragen" in (one.action or "")]
    assert desk.send(on, form.action.partition("?")[0], "bewaar").status_code == 303
    new = form.action.partition("?")[0]
    kept = desk.press(
        f"{new}?lijst=bedragen", new, "bewaar", id="  Één Bedrag (nieuw)", omschrijving="Nieuw", waarde="€ 5"
    )
    assert kept.status_code == 303, shown_faults(kept)
    last = len(desk.page(new).xpath("//section[@aria-labelledby='bedragen']//li")) - 1
    assert desk.page(f"{new}?lijst=bedragen&rij={last}").get_element_by_id("id").value == "een-bedrag-nieuw"


def test_terms_are_added_taken_out_and_stay_in_alphabetical_order(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin("begrippen")
    new = f"{path}?lijst=begrippen"
    desk.press(new, path, "bewaar", id="aanloop", term="Aanloop", uitleg="Wie binnenloopt.", grond="aangenomen")
    names = [words(one) for one in desk.page(path).xpath("//section[@aria-labelledby='begrippen']//li/a")]
    assert names[0] == "Aanloop"
    desk.press(f"{path}?lijst=begrippen&rij=0", path, "weg")
    assert "Aanloop" not in words(desk.page(path))
    for row in ("9999", "-1", "²", "0000000001", "9" * 3000):
        assert desk.visitor.get(f"{path}?lijst=begrippen&rij={row}").status_code == 404, row
    assert desk.visitor.get(f"{path}?lijst=niets").status_code == 404


@pytest.mark.parametrize(
    ("code", "row", "typed", "message"),
    [
        ("synoniemen", "synoniemen", {"woorden": "fiets"}, "Schrijf minstens twee verschillende woorden"),
        ("synoniemen", "synoniemen", {"woorden": "fiets\nFiets"}, "Schrijf minstens twee verschillende woorden"),
        ("open-punten", "in_te_vullen", {"waar": "ergens"}, "Schrijf elke code als CON-05 of PR-02"),
        ("bedragen", "bedragen", {"stappen": "CON5"}, "Schrijf elke code als CON-05"),
        ("bedragen", "termijnen", {"open_punten": "12"}, "Schrijf elk nummer als O12"),
    ],
)
def test_a_row_that_cannot_be_right_is_not_kept(
    small_site: Site, code: str, row: str, typed: dict[str, str], message: str
) -> None:
    desk = Desk(small_site)
    path = desk.begin(code)
    address = f"{path}?lijst={row}&rij=0"
    wrong = desk.press(address, path, "bewaar", **typed)
    [(name, given)] = typed.items()
    assert wrong.status_code == 422
    assert [fault.startswith(message) for fault in shown_faults(wrong)] == [True]
    assert parse_page(wrong).get_element_by_id(name).text.strip() == given
    assert desk.page(address).get_element_by_id(name).text.strip() != given


@pytest.mark.parametrize(
    ("rows", "refused", "message", "kept"),
    [
        (
            "bedragen",
            ["650", "650,-", "max. 650", "650 €", "650 per jaar", "€ 1,250.00", "€ 650,5"],
            "Schrijf een bedrag met een euroteken ervoor, zoals € 650 of € 1.247,50, en een deel als 5% of 1/3.",
            ["€ 650", "€ 1.250,50", "€ 650,-", "650 euro per jaar", "5%", "2/3", "max. 3 maanden huur", "de helft"],
        ),
        (
            "termijnen",
            ["14", "binnen 4"],
            "Schrijf erbij wat het getal telt, zoals 14 dagen of binnen 4 weken.",
            ["14 dagen", "2 keer per jaar", "in te vullen", "uiterlijk 1 januari 2027"],
        ),
    ],
)
def test_a_number_says_what_it_counts(
    small_site: Site, rows: str, refused: list[str], message: str, kept: list[str]
) -> None:
    desk = Desk(small_site)
    path = desk.begin("bedragen")
    address = f"{path}?lijst={rows}&rij=0"
    for value in refused:
        wrong = desk.press(address, path, "bewaar", waarde=value)
        assert (wrong.status_code, shown_faults(wrong)) == (422, [message]), value
        assert parse_page(wrong).get_element_by_id("waarde").value == value
    for value in kept:
        assert desk.press(address, path, "bewaar", waarde=value).status_code == 303, value
        assert desk.page(address).get_element_by_id("waarde").value == value


def test_every_short_name_has_an_example_and_says_what_it_is_for(small_site: Site) -> None:
    desk, hints = Desk(small_site), []
    for code, rows in [("begrippen", "begrippen"), ("synoniemen", "synoniemen"), ("open-punten", "in_te_vullen")]:
        path = desk.begin(code)
        hints.append(words(desk.page(f"{path}?lijst={rows}").get_element_by_id("id-hulp")))
    path = desk.begin("bedragen")
    hints += [
        words(desk.page(f"{path}?lijst={rows}").get_element_by_id("id-hulp")) for rows in ("bedragen", "termijnen")
    ]
    assert len(set(hints)) == 5
    assert "Verandert u haar, dan werken die links niet meer." in hints[0]


def test_a_link_to_a_term_with_another_short_name_says_so(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin("begrippen")
    first = f"{path}?lijst=begrippen&rij=0"
    name = desk.page(first).get_element_by_id("id").value
    draft = desk.finish(desk.touch(path))
    text = desk.begin(PAGE, draft.rpartition("/")[2])
    desk.press(text, text, "nieuw--1-alinea")
    desk.finish(text, **{"blok-0-tekst": f"Zie [het begrip](begrip:{name})."})
    assert "het begrip" not in words(desk.page(draft).xpath("//aside")[0])
    path = desk.begin("begrippen", draft.rpartition("/")[2])
    desk.press(f"{path}?lijst=begrippen&rij=0", path, "bewaar", id="helemaal-anders")
    desk.finish(path)
    told = words(desk.page(draft).xpath("//aside")[0])
    assert f"De link “het begrip” leidt naar {name}; dat begrip is er niet (meer)." in told
    assert "Is de korte naam veranderd? Verbeter dan de link." in told


@pytest.mark.parametrize(
    ("code", "rows", "title", "button"),
    [
        ("synoniemen", "synoniemen", "Nieuwe groep", "Haal deze groep uit de lijst"),
        ("begrippen", "begrippen", "Nieuw begrip", "Haal dit begrip uit de lijst"),
        ("bedragen", "bedragen", "Nieuw bedrag", "Haal dit bedrag uit de lijst"),
        ("bedragen", "termijnen", "Nieuwe termijn", "Haal deze termijn uit de lijst"),
        ("open-punten", "open_punten", "Nieuw open punt", "Haal dit open punt uit de lijst"),
        ("open-punten", "in_te_vullen", "Nieuw punt", "Haal dit punt uit de lijst"),
    ],
)
def test_a_row_has_the_article_of_its_word(small_site: Site, code: str, rows: str, title: str, button: str) -> None:
    desk = Desk(small_site)
    path = desk.begin(code)
    assert words(desk.page(f"{path}?lijst={rows}").xpath("//h1")[0]) == title
    shown = desk.page(f"{path}?lijst={rows}&rij=0").xpath("//button[@value='weg']")
    assert [words(one) for one in shown] == [button]


def test_the_colophon_is_a_form_of_its_own(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin("colofon")
    unreachable = {"meldpunt-telefoon": "abc", "meldpunt-email": "geenmail", "wijziging": "Nieuw", "voor": "lopend"}
    wrong = desk.press(path, path, "klaar", **unreachable)
    assert (wrong.status_code, shown_faults(wrong)) == (
        422,
        [
            "Vul het hele telefoonnummer in, zoals 035 123 45 67.",
            "Vul het hele mailadres in, zoals meldpunt@organisatie.nl.",
        ],
    )
    fields = [parse_page(wrong).get_element_by_id(f"meldpunt-{name}") for name in ("telefoon", "email")]
    assert [(one.value, one.get("aria-invalid")) for one in fields] == [("abc", "true"), ("geenmail", "true")]
    draft = desk.finish(path, **{"meldpunt-telefoon": "035 123 45 67", "meldpunt-email": "hulp@regio.example"})
    number = draft.rpartition("/")[2]
    assert "035 123 45 67" in words(desk.page(f"/contact?concept={number}"))
