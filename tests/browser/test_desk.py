"""An editor does the whole job in a real browser, with JavaScript and without, and every page on the way is sound."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect
from sqlalchemy import delete

from portal.access.models import SignedInSession
from tests.browser.conftest import Open, sign_in
from tests.browser.looking import HEIGHT, Ears, look_at, open_page, walk_by_keyboard
from tests.conftest import Site, address_of
from tests.desk.desk import PATIENT, TAKE_IN
from tests.desk.test_uploads import word_file
from tests.visitor import link_for

CONTRACT, PAGE, OLD, SUCCESSOR, WRONG = "ZC-01", "PR-04", "BR-04", "BR-03", "WI-06"
TODAY, NEXT_MONTH, LAST_YEAR = "1-12-2026", "2027-01-01", "2025-12-01"
AMOUNTS = "begrippen"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KNOWN_FILES = (
    *("BR-01", "BR-02", "BR-03", "BR-05", "FO-01", "FO-02", "FO-03", "FO-04", "FO-06", "FO-07", "FO-08", "ZC-02"),
)
"""Documents of the handbook that a region has in a form of its own."""
TYPED = f"Neem de **veldfiets** mee.\n- een slot\n- een pomp\nLees [het contract](doc:{CONTRACT})."
PATIENT_PREVIEW = 20_000
"""Milliseconds in which what was typed is kept and shown without a button, also on a busy machine."""
MANY_FILES = 120_000
"""Milliseconds in which fifteen files are read, also on a busy machine."""


class Editor:
    """An editor at a page that is looked at wherever they come: each kind of page once, as it is and with faults."""

    def __init__(self, page: Page, ears: Ears | None, site: Site) -> None:
        """Remember the page; without ``ears`` there is no JavaScript in it, and nothing to look with."""
        self.page, self.site, self.ears = page, site, ears
        self.main = page.get_by_role("main")
        self._looked: set[tuple[str, int]] = set()
        self.reader = site.signed_in("corporatie")

    def go(self, path: str) -> None:
        self.page.goto(path)
        self.look()

    def press(self, name: str, *, patience: int | None = None) -> None:
        self.main.get_by_role("button", name=name).first.click(timeout=patience)
        self.look()

    def follow(self, name: str) -> None:
        self.main.get_by_role("link", name=name).first.click()
        self.look()

    def look(self) -> None:
        self.page.wait_for_load_state()
        if self.ears is None:
            return
        kind = re.sub(r"\d+", "1", self.page.url), self.page.get_by_role("alert").count()
        faults = [] if kind in self._looked else look_at(self.page)
        self._looked.add(kind)
        faults += self.ears.heard(self.page)
        assert not faults, f"{self.page.url}\n" + "\n".join(faults)

    def begin(self, code: str, button: str = "Wijzig dit onderdeel") -> None:
        self.go(f"/redactie/onderdelen/{code}")
        self.press(button)

    def finish(self, note: str | None = None) -> None:
        if note:
            self.page.get_by_label("Schrijf het voor de lezer").fill(note)
        self.page.get_by_label("Ook lopende trajecten").check()
        self.press("Zet in het concept")
        expect(self.page.get_by_role("heading", name="Wijzigingen")).to_be_visible()

    def publish(self, title: str, note: str, day: str, number: int) -> None:
        self.follow("Publiceer deze uitgave")
        self.page.get_by_label("Naam van de uitgave").fill(title)
        self.page.get_by_label("Wat brengt deze uitgave?").fill(note)
        self.page.get_by_label("Vanaf welke dag geldt dit?").fill(day)
        self.press("Publiceer")
        expect(self.page.get_by_role("heading", level=1)).to_have_text(f"Uitgave {number} is gepubliceerd")

    def sees(self, path: str, words: str) -> None:
        self.page.goto(path)
        expect(self.main).to_contain_text(words)
        assert not (self.ears and self.ears.heard(self.page)), path

    def does_not_see(self, path: str, words: str) -> None:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.ok, path
        expect(self.main).not_to_contain_text(words)

    def come_in(self) -> None:
        self.page.goto(link_for(self.site.app, address_of("redacteur")))
        self.main.get_by_role("button", name="Aanmelden").click()
        self.page.wait_for_url("/")

    def comes_back(self, days: int) -> None:
        """Go on another day, signed in anew."""
        self.site.clock.forward(days=days)
        self.come_in()
        self.reader = self.site.signed_in("corporatie")


@pytest.fixture(params=[True, False], ids=["met-javascript", "zonder-javascript"])
def editor(
    live: Site, open_window: Open, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Editor]:
    """Give an editor who has signed in."""
    monkeypatch.setattr(TAKE_IN, PATIENT)
    context = open_window(java_script_enabled=request.param)
    page, ears = open_page(context, live.config.base_url)
    at_work = Editor(page, ears if request.param else None, live)
    at_work.come_in()
    yield at_work
    page.close()


def word(name: str, code: str, sentence: str) -> FilePayload:
    return {"name": name, "mimeType": WORD, "buffer": word_file(code, sentence)}


def test_an_editor_does_the_job(editor: Editor) -> None:
    editor.go("/redactie")
    uploads_a_changed_contract(editor)
    writes_a_page(editor)
    changes_an_amount(editor)
    announces_a_release(editor)
    editor.comes_back(days=45)
    editor.sees(f"/documenten/{PAGE}", "Neem de veldfiets mee.")
    restores_a_version(editor)
    withdraws_a_letter(editor)
    closes_a_wrong_document(editor)


def uploads_a_changed_contract(editor: Editor) -> None:
    page = editor.page
    editor.begin(CONTRACT, "Upload een nieuw bestand")
    page.get_by_label("Word- of PDF-bestand").set_input_files(word("ZC-01 def.docx", CONTRACT, "Zorg komt per fiets."))
    editor.press("Upload en bekijk")
    expect(page.get_by_role("heading", name="Wat verandert er?")).to_be_visible()
    expect(page.locator(".diff ins", has_text="Zorg komt per fiets.")).to_be_visible()
    expect(page.locator("#voorbeeld")).to_contain_text("Zorg komt per fiets.")
    differences, shown = page.locator("#verschillen").bounding_box(), page.locator("#voorbeeld").bounding_box()
    assert differences is not None
    assert shown is not None
    assert differences["y"] < shown["y"], "what is different comes first"
    assert shown["height"] <= HEIGHT, "and the whole text has a frame of its own"
    assert "Zorg komt per fiets." not in editor.reader.get(f"/documenten/{CONTRACT}").text
    editor.finish("Zorg komt per fiets.")


def writes_a_page(editor: Editor) -> None:
    page = editor.page
    editor.begin(PAGE)
    page.get_by_text("Voeg hier iets toe").first.click()
    editor.press("Alinea toevoegen aan het begin")
    field, shown = page.get_by_label("Blok 1", exact=True), page.locator("#voorbeeld")
    if editor.ears:
        types_as_in_word(page)
        expect(shown.locator("strong").first).to_have_text("veldfiets", timeout=PATIENT_PREVIEW)
    else:
        expect(page.get_by_text("Typ **zo** voor vette woorden").first).to_be_visible()
        field.fill(TYPED)
    expect(field).to_have_value(TYPED)
    editor.press("Bewaar en bekijk")
    expect(shown).to_contain_text("Neem de veldfiets mee.")
    expect(shown.locator("strong").first).to_have_text("veldfiets")
    expect(shown.locator("ul").first.get_by_role("listitem")).to_have_text(["een slot", "een pomp"])
    expect(shown.get_by_role("link", name="het contract").first).to_have_attribute("href", f"/documenten/{CONTRACT}")
    editor.press("Zet in het concept")
    expect(page.get_by_role("alert")).to_contain_text("Schrijf wat er is veranderd")
    editor.finish("De veldfiets is erbij.")


def types_as_in_word(page: Page) -> None:
    """Write ``TYPED`` in the first block with the bar above it, and no mark typed by hand."""
    field, keys = page.get_by_label("Blok 1", exact=True), page.keyboard
    bar = page.get_by_role("toolbar", name="Opmaak van blok 1: alinea")
    bold, dashes = bar.get_by_role("button", name="Vet"), bar.get_by_role("button", name="Lijst")
    expect(field).to_be_focused()
    keys.type("Neem de ")
    keys.press("Control+b")
    expect(field).to_have_value("Neem de **vette woorden**")
    keys.type("veldfiets")
    keys.press("Control+b")
    keys.type(" mee.\n")
    dashes.click()
    keys.type("een slot\neen pomp\n\nLees het contract")
    for key in (
        "Control+Shift+ArrowLeft",
        "Control+Shift+ArrowLeft",
        "Shift+Tab",
        "Home",
        *["ArrowRight"] * 3,
        "Enter",
    ):
        keys.press(key)
    chooser = page.get_by_role("dialog", name="Link naar een document")
    expect(chooser.get_by_label("Welke woorden zijn de link?")).to_have_value("het contract")
    assert not (faults := look_at(page)), "\n".join(faults)
    keys.type("zorgcontract")
    keys.press("Enter")
    expect(field).to_be_focused()
    keys.type(".")
    expect(field).to_have_value(TYPED)
    select(field, "slot")
    for button, changed in ((bold, "- een **slot**"), (dashes, "een **slot**")):
        expect(button).to_have_attribute("aria-pressed", "true" if button is dashes else "false")
        button.click()
        expect(field).to_be_focused()
        expect(field).to_have_value(TYPED.replace("- een slot", changed))
    bold.click()
    keys.press("Control+z")
    expect(field).to_have_value(TYPED.replace("- een slot", "een **slot**"))
    select(field, "een **slot**")
    keys.press("Control+b")
    expect(field).to_have_value(TYPED.replace("- een slot", "**een slot**"))
    keys.press("Control+b")
    dashes.click()


def select(field: Locator, words: str) -> None:
    field.evaluate(
        "(e, words) => { const at = e.value.indexOf(words); e.setSelectionRange(at, at + words.length); }", words
    )


def changes_an_amount(editor: Editor) -> None:
    page = editor.page
    editor.begin("bedragen")
    editor.follow("Vergoeding voor intermediaire verhuur per jaar")
    page.get_by_label("Bedrag of termijn").fill("€ 641,20 (tot en met 2026: € 623,75)")
    editor.press("Bewaar")
    editor.finish("Het bedrag is geïndexeerd.")


def announces_a_release(editor: Editor) -> None:
    page = editor.page
    editor.follow("Bekijk het handboek met dit concept")
    expect(page.get_by_role("region", name="U bekijkt een concept")).to_be_visible()
    page.get_by_role("link", name="Terug naar het concept").click()
    editor.publish("Bedrag en fietsen", "Het nieuwe bedrag, en de veldfiets.", "1-1-2027", 2)
    changes = {
        f"documenten/{CONTRACT}": "Zorg komt per fiets.",
        f"documenten/{PAGE}": "Neem de veldfiets mee.",
        AMOUNTS: "€ 641,20",
    }
    for path, words in changes.items():
        editor.does_not_see(f"/{path}", words)
        editor.sees(f"/op/{NEXT_MONTH}/{path}", words)
        editor.sees(f"/op/{LAST_YEAR}/{path}", "gold er nog geen handboek")
    editor.sees(f"/documenten/{PAGE}/versies", "Aangekondigd")


def restores_a_version(editor: Editor) -> None:
    editor.go(f"/redactie/onderdelen/{PAGE}")
    editor.press("Zet terug")
    expect(editor.page.locator("#voorbeeld")).not_to_contain_text("veldfiets")
    editor.finish()
    expect(editor.main).to_contain_text("Versie 1 is teruggezet.")


def withdraws_a_letter(editor: Editor) -> None:
    page = editor.page
    editor.go(f"/redactie/onderdelen/{OLD}")
    page.get_by_label("Waarom vervalt dit document?").fill("Dit staat nu in de andere brief.")
    page.get_by_label("Wat gebruiken lezers voortaan?").select_option(SUCCESSOR)
    page.get_by_label("Ook lopende trajecten").check()
    editor.press("Zet het intrekken in het concept")
    expect(editor.main).to_contain_text("Vervalt")
    editor.publish("Terug naar lopen", "De fiets vervalt, en een brief.", "15-1-2027", 3)
    editor.does_not_see(f"/documenten/{PAGE}", "veldfiets")
    editor.sees(f"/op/2027-01-10/documenten/{PAGE}", "veldfiets")
    editor.sees(f"/documenten/{OLD}", "Dit staat nu in de andere brief.")
    expect(editor.main.get_by_role("link", name=SUCCESSOR).first).to_be_visible()
    editor.sees(f"/op/{NEXT_MONTH}/documenten/{OLD}", OLD)


def closes_a_wrong_document(editor: Editor) -> None:
    assert editor.reader.get(f"/documenten/{WRONG}").status_code == 200
    editor.go(f"/redactie/onderdelen/{WRONG}")
    editor.press("Sluit dit document nu")
    expect(editor.main).to_contain_text("Alleen mensen van de Regio en de redactie.")
    for path in (f"/documenten/{WRONG}", f"/op/{NEXT_MONTH}/documenten/{WRONG}"):
        assert editor.reader.get(path).status_code == 404


def test_a_region_starts_with_the_files_it_has(editor: Editor) -> None:
    page = editor.page
    files = [word(f"{code.replace('-', '_')} regio.docx", code, f"Zo doen wij {code}.") for code in KNOWN_FILES]
    files.append(word("br91 Welkom in de wijk.docx", "BR-01", "Welkom in de wijk."))
    files.append(word("RG-01 Afspraken van de regio.docx", "ZC-02", "Afspraken."))
    files.append(word("Notulen van mei.docx", "FO-01", "Notulen."))
    editor.go("/redactie/uploaden")
    page.get_by_label("Bestanden").set_input_files(files)
    page.get_by_label("Wat is er veranderd?").fill("Overgenomen uit het handboek van onze regio.")
    page.get_by_label("Alleen nieuwe trajecten").check()
    editor.press("Upload de bestanden", patience=MANY_FILES)
    taken = page.get_by_role("heading", level=1)
    expect(taken).to_have_text("14 van 15 bestanden overgenomen", timeout=MANY_FILES)
    expect(page.get_by_role("row", name="Notulen van mei.docx")).to_contain_text("In de naam staat geen code.")
    editor.follow("Ga verder met BR-91")
    completes(editor, "Welkom in de wijk", "Brief")
    page.get_by_role("region", name="Nog niet klaar").get_by_role("link", name="RG-01").click()
    completes(editor, "Afspraken van de regio", "Overzicht")
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(1 + 14)
    expect(page.get_by_role("complementary", name="Controle")).to_contain_text("Het handboek klopt")
    editor.publish("Het handboek van onze regio", "Onze eigen stukken.", TODAY, 2)
    editor.sees("/documenten/BR-91", "Welkom in de wijk.")
    editor.sees(f"/documenten/{KNOWN_FILES[0]}", f"Zo doen wij {KNOWN_FILES[0]}.")


def completes(editor: Editor, title: str, kind: str) -> None:
    """Look over what the file told of a new document, and say for whom it is."""
    page = editor.page
    expect(page.get_by_label("Titel", exact=True)).to_have_value(title)
    expect(page.get_by_label("Soort").locator("option:checked")).to_have_text(kind)
    page.get_by_text("Gegevens van het document").click()
    expect(page.get_by_label("Wat staat erin?")).not_to_have_value("")
    page.get_by_label("Woningcorporatie", exact=True).check()
    editor.press("Zet in het concept")


def test_what_was_typed_survives_an_expired_session(live: Site, editor: Editor) -> None:
    page = editor.page
    editor.begin(PAGE)
    page.get_by_label("Schrijf het voor de lezer").fill("De veldfiets\nis erbij.")
    sign_out_on_the_server(live)
    page.get_by_role("button", name="Bewaar en bekijk").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("U bent afgemeld")
    if editor.ears:
        assert not (faults := look_at(page)), "\n".join(faults)
        editor.ears.faults.clear()  # the browser tells of the refusal itself
    sign_in(page.context, live, "redacteur")  # in another tab, as the page says
    page.get_by_role("button", name="Opnieuw versturen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wilt u dit bewaren?")
    page.get_by_role("button", name="Opnieuw versturen").click()
    expect(page.get_by_label("Schrijf het voor de lezer")).to_have_value("De veldfiets\nis erbij.")


def sign_out_on_the_server(site: Site) -> None:
    with site.database.transaction() as session:
        session.execute(delete(SignedInSession))


@pytest.mark.parametrize("editor", [True], indirect=True)
def test_a_window_that_is_behind_says_so_where_somebody_types(editor: Editor) -> None:
    page, note, keep = editor.page, "Schrijf het voor de lezer", "Bewaar en bekijk"
    editor.begin(PAGE)
    behind = page.context.new_page()
    behind.goto(page.url)
    for words in ("Uit het ene", "Uit het ene venster."):
        page.get_by_label(note).fill(words)
        with page.expect_response(lambda answer: answer.request.method == "POST", timeout=PATIENT_PREVIEW) as kept:
            expect(page.locator("#bewaard")).to_contain_text("Bewaard om", timeout=PATIENT_PREVIEW)
        assert kept.value.status == 200, words
    behind.get_by_label(note).fill("Uit het andere venster.")
    expect(behind.locator("#niet-bewaard")).to_contain_text("ook in een ander venster bewaard", timeout=PATIENT_PREVIEW)
    expect(behind.locator("#niet-bewaard")).to_be_in_viewport()
    assert not (faults := look_at(behind)), "\n".join(faults)
    behind.get_by_role("button", name=keep).click()
    expect(behind.get_by_role("heading", level=1)).to_have_text(f"{PAGE} is ook in een ander venster gewijzigd")
    for id_, words in (("hier-getypt", "Uit het andere venster."), ("al-bewaard", "Uit het ene venster.")):
        expect(behind.locator(f"section[aria-labelledby={id_}]")).to_contain_text(words)
    assert not (faults := look_at(behind)), "\n".join(faults)
    behind.get_by_role("button", name="Ga verder met wat ik hier typte").click()
    expect(behind.get_by_label(note)).to_have_value("Uit het andere venster.")
    behind.get_by_role("button", name="Gooi deze wijziging weg").click()
    expect(behind.get_by_role("heading", level=1)).to_contain_text("Wilt u uw wijziging van")
    assert not (faults := look_at(behind)), "\n".join(faults)
    behind.get_by_role("link", name="Terug", exact=True).click()
    expect(behind.get_by_label(note)).to_have_value("Uit het andere venster.")
    behind.get_by_role("button", name="Gooi deze wijziging weg").click()
    behind.get_by_role("button", name="Gooi weg").click()
    expect(behind.get_by_label(note)).to_have_count(0)
    page.get_by_label(note).fill("Toch verder.")
    expect(page.locator("#niet-bewaard")).to_contain_text("weggegooid", timeout=PATIENT_PREVIEW)
    page.get_by_role("button", name=keep).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Deze wijziging van {PAGE} is er niet meer")
    assert not (faults := look_at(page)), "\n".join(faults)
    page.get_by_role("button", name="Ga verder met deze tekst").click()
    expect(page.get_by_label(note)).to_have_value("Toch verder.")
    behind.close()


@pytest.mark.parametrize("editor", [True], indirect=True)
def test_a_new_row_or_column_is_where_somebody_types(editor: Editor) -> None:
    page, keys = editor.page, editor.page.keyboard
    editor.begin(PAGE)
    page.get_by_text("Voeg hier iets toe").first.click()
    editor.press("Tabel toevoegen aan het begin")
    for button, cell in (("Rij erbij in blok 1", "Rij 2, kolom 1"), ("Kolom erbij in blok 1", "Kop, kolom 3")):
        editor.press(button)
        expect(page.get_by_label(cell).first).to_be_focused()
        keys.type(button)
        expect(page.get_by_label(cell).first).to_have_value(button)


@pytest.mark.parametrize("editor", [True], indirect=True)
def test_every_focus_stop_of_the_desk_shows(editor: Editor) -> None:
    paths = ["/redactie", "/redactie/onderdelen/FO-06", "/redactie/onderdelen/nieuw", "/redactie/uploaden"]
    editor.go("/redactie/onderdelen/FO-06")
    editor.press("Upload een nieuw bestand")
    paths.append(editor.page.url)
    editor.begin(PAGE)
    for path in [*paths, editor.page.url, "/redactie/in-te-vullen", "/redactie/personen"]:
        editor.go(path)
        assert not (faults := walk_by_keyboard(editor.page)), f"{path}\n" + "\n".join(faults)
