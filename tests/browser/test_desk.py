"""An editor does the whole job in a real browser, with JavaScript and without, and every page on the way is sound."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from portal.access.models import SignedInSession
from tests.browser.conftest import Open, sign_in
from tests.browser.looking import Ears, look_at, open_page, walk_by_keyboard
from tests.conftest import Site

PAGE = "OV-04"


class Editor:
    """An editor at a page that is looked at wherever they come."""

    def __init__(self, page: Page, ears: Ears | None) -> None:
        """Remember the page; without ``ears`` there is no JavaScript in it, and nothing to look with."""
        self.page, self.ears = page, ears

    def go(self, path: str) -> None:
        self.page.goto(path)
        self.look()

    def press(self, name: str) -> None:
        self.page.get_by_role("main").get_by_role("button", name=name).first.click()
        self.look()

    def look(self) -> None:
        self.page.wait_for_load_state()
        if self.ears is None:
            return
        faults = look_at(self.page) + self.ears.heard(self.page)
        assert not faults, f"{self.page.url}\n" + "\n".join(faults)

    def begin(self, code: str) -> None:
        self.go(f"/redactie/onderdelen/{code}")
        self.press("Wijzig dit onderdeel")

    def finish(self, note: str) -> None:
        self.page.get_by_label("Schrijf het voor de lezer").fill(note)
        self.page.get_by_label("Ook lopende trajecten").check()
        self.press("Zet in het concept")
        expect(self.page.get_by_role("heading", name="Wijzigingen")).to_be_visible()


@pytest.fixture(params=[True, False], ids=["met-javascript", "zonder-javascript"])
def editor(live: Site, open_window: Open, request: pytest.FixtureRequest) -> Iterator[Editor]:
    """Give an editor who has signed in."""
    signed_in = open_window()
    sign_in(signed_in, live, "redacteur")
    context = open_window(java_script_enabled=request.param, storage_state=signed_in.storage_state())
    page, ears = open_page(context, live.config.base_url)
    yield Editor(page, ears if request.param else None)
    page.close()


def test_an_editor_does_the_job(editor: Editor) -> None:
    page = editor.page
    editor.go("/redactie")
    editor.begin(PAGE)
    page.get_by_text("Voeg hier iets toe").first.click()
    editor.press("Alinea toevoegen aan het begin")
    page.get_by_label("Blok 1", exact=True).fill("Neem de **veldfiets** mee.")
    editor.press("Bewaar en bekijk")
    expect(page.locator("#voorbeeld")).to_contain_text("Neem de veldfiets mee.")
    editor.press("Zet in het concept")
    expect(page.get_by_role("alert")).to_contain_text("Schrijf wat er is veranderd")
    editor.finish("De veldfiets is erbij.")

    editor.begin("bedragen")
    page.get_by_role("link", name="Antwoord van een corporatie op een zoekvraag").click()
    editor.look()
    page.get_by_label("Bedrag of termijn").fill("binnen 14 dagen")
    editor.press("Bewaar")
    editor.finish("De termijn is afgesproken.")

    page.get_by_role("link", name="Bekijk het handboek met dit concept").click()
    editor.look()
    expect(page.get_by_role("region", name="U bekijkt een concept")).to_be_visible()
    page.get_by_role("link", name="Terug naar het concept").click()
    page.get_by_role("link", name="Publiceer deze uitgave").click()
    editor.look()
    page.get_by_label("Naam van de uitgave").fill("Termijn en fietsen")
    page.get_by_label("Wat brengt deze uitgave?").fill("De afgesproken termijn, en de veldfiets.")
    page.get_by_label("Vanaf welke dag geldt dit?").fill("1-1-2027")
    editor.press("Publiceer")
    expect(page.get_by_role("heading", level=1)).to_have_text("Uitgave 2 is gepubliceerd")
    page.goto(f"/documenten/{PAGE}")
    expect(page.get_by_role("main")).not_to_contain_text("veldfiets")
    page.goto(f"/documenten/{PAGE}/versies")
    expect(page.get_by_role("main")).to_contain_text("Aangekondigd")


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
def test_every_focus_stop_of_the_desk_shows(editor: Editor) -> None:
    paths = ["/redactie", "/redactie/onderdelen/FO-06", "/redactie/onderdelen/nieuw", "/redactie/uploaden"]
    editor.go("/redactie/onderdelen/FO-06")
    editor.press("Upload een nieuw bestand")
    for path in [*paths, editor.page.url, "/redactie/in-te-vullen", "/redactie/personen"]:
        editor.go(path)
        assert not (faults := walk_by_keyboard(editor.page)), f"{path}\n" + "\n".join(faults)
