"""A beheerder at work: what is asked, what goes wrong, and what somebody else did meanwhile."""

from playwright.sync_api import expect

from tests.browser.conftest import House, Open, sign_in
from tests.browser.looking import look_at, open_page
from tests.conftest import Site, address_of


def test_adding_a_person_from_the_menu_on(live: Site, open_window: Open) -> None:
    window = open_window()
    sign_in(window, live, "beheerder")
    page, ears = open_page(window, live.config.base_url)
    page.goto("/")
    page.get_by_role("link", name="Beheer").click()
    page.get_by_role("link", name="Voeg een persoon toe").click()
    page.get_by_label("Organisatie", exact=True).select_option("Zorg Hofstad")
    page.get_by_label("Werkmailadres").fill("nina@thuis.example")
    page.get_by_label("Naam (niet verplicht)").fill("Nina Nieuw")
    page.get_by_label("Redacteur").check()
    page.get_by_role("button", name="Voeg toe").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert page.title().startswith("Fout: ")
    assert not look_at(page) + ears.heard(page)
    for link, box in (("nina@thuis.example", "klopt"), ("meer rechten", "Ja, geef deze rechten")):
        page.get_by_role("alert").get_by_role("link", name=link).click()
        asked = page.get_by_role("checkbox", name=box)
        expect(asked).to_be_focused()
        asked.press("Space")
    page.get_by_role("button", name="Voeg toe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nina Nieuw")
    expect(page.get_by_role("main")).to_contain_text("Redacteur")
    assert not look_at(page) + ears.heard(page)


def test_what_somebody_else_changed_meanwhile_stands_beside_it(live: Site, open_window: Open) -> None:
    window = open_window(java_script_enabled=False)
    first_window = open_window()
    sign_in(first_window, live, "beheerder")
    window.add_cookies(first_window.cookies())  # type: ignore[arg-type] # what comes out may go in
    first, ears = open_page(first_window, live.config.base_url)
    second = window.new_page()
    for page in (first, second):
        page.goto("/beheer/personen?q=" + address_of("corporatie"))
        page.get_by_role("link", name="Naam van corporatie").click()
        page.get_by_role("link", name="Wijzig").click()
    second.get_by_label("Naam").fill("Zonder script")
    second.get_by_role("button", name="Sla op").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("Zonder script")
    first.get_by_label("Naam").fill("Met script")
    first.get_by_role("button", name="Sla op").click()
    alert = first.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert.get_by_role("row", name="Naam")).to_contain_text("Zonder script")
    assert not look_at(first) + ears.heard(first)
    first.set_viewport_size({"width": 1280, "height": 900})
    first.get_by_role("button", name="Sla op").click()
    expect(first.get_by_role("heading", level=1)).to_have_text("Met script")


def test_there_is_room_below_the_facts_of_a_destruction(house: House) -> None:
    page = house.page("beheerder")
    for number, following in ((2, "Wat gebeurt er?"), (1, "Terug naar Beheer")):
        page.goto(f"/beheer/vernietigen/{number}")
        facts = page.locator("dl.facts").bounding_box()
        below = page.get_by_role("main").get_by_text(following, exact=True).bounding_box()
        assert facts
        assert below
        assert below["y"] - facts["y"] - facts["height"] >= 24, following
