"""The whole way of a reader, from a link to signing out: with the keyboard only, without JavaScript, and by code."""

import io
from pathlib import Path

import docx
from playwright.sync_api import Download, Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.letters import code_mailed
from tests.conftest import Site, address_of
from tests.visitor import link_for

READER = address_of("uitvoeringsdienst")
MOST_TABS = 150


def tab_to(page: Page, goal: Locator) -> None:
    """Press Tab until this has the focus, as someone without a mouse does."""
    expect(goal).to_be_visible()
    wanted = goal.element_handle()
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("e => document.activeElement === e", wanted):
            return
    raise AssertionError(f"Tab never comes to {goal}")


def press(page: Page, goal: Locator, url: str) -> None:
    """Go to a link or button by keyboard, press Enter and land there."""
    tab_to(page, goal)
    page.keyboard.press("Enter")
    page.wait_for_url(url)


def skip_to_main(page: Page) -> None:
    """Use the first link of the page, so that Tab goes on in main."""
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Direct naar de inhoud")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def link(page: Page, href: str) -> Locator:
    return page.locator("main").locator(f'a[href="{href}"]').locator("visible=true").first


def is_the_word_file(download: Download) -> bool:
    assert download.suggested_filename == "ZC-01-v1.docx"
    words = docx.Document(io.BytesIO(Path(download.path()).read_bytes())).paragraphs
    return any("zorgcontract" in paragraph.text.lower() for paragraph in words)


def test_the_whole_path_by_keyboard(live: Site, open_window: Open) -> None:
    page = open_window().new_page()
    page.goto(link_for(live.app, READER))
    press(page, page.get_by_role("main").get_by_role("button", name="Aanmelden"), "/")
    for href in ("/stroomschema/KAN", "/stroomschema/KAN/KAN-07", "/documenten/ZC-01?stap=KAN-07"):
        skip_to_main(page)
        press(page, link(page, href), href)
    skip_to_main(page)
    tab_to(page, link(page, "/documenten/ZC-01/bestand"))
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert is_the_word_file(download.value)
    page.goto("/documenten/ZC-01?stap=KAN-07")  # without where the skip link led, from which Tab might go on
    skip_to_main(page)
    press(page, page.get_by_role("link", name="Terug naar stap KAN-07"), "/stroomschema/KAN/KAN-07")
    press(page, page.get_by_role("navigation", name="Kruimelpad").get_by_role("link", name="Home"), "/")
    press(page, page.get_by_role("banner").get_by_role("button", name="Afmelden"), "/aanmelden")
    page.goto("/stroomschema")
    expect(page).to_have_url(f"{live.config.base_url}/aanmelden")


def test_the_whole_path_without_javascript(live: Site, open_window: Open) -> None:
    page = open_window(java_script_enabled=False).new_page()
    page.goto(link_for(live.app, READER))
    page.get_by_role("main").get_by_role("button", name="Aanmelden").click()
    page.wait_for_url("/")
    for href in ("/stroomschema/KAN", "/stroomschema/KAN/KAN-07", "/documenten/ZC-01?stap=KAN-07"):
        link(page, href).click()
        page.wait_for_url(href)
    with page.expect_download() as download:
        link(page, "/documenten/ZC-01/bestand").click()
    assert is_the_word_file(download.value)
    page.get_by_role("link", name="Terug naar stap KAN-07").click()
    page.wait_for_url("/stroomschema/KAN/KAN-07")
    page.get_by_role("banner").locator("summary").click()
    page.get_by_label("Bekijk het handboek als").select_option("zorgaanbieder")
    page.get_by_role("button", name="Bekijk als deze rol").click()
    page.wait_for_url("/stroomschema/KAN/KAN-07?als=zorgaanbieder")
    expect(page.locator("#rol-zorgaanbieder")).to_be_visible()
    page.get_by_role("link", name="Terug naar uw eigen rol").click()
    page.get_by_role("banner").get_by_role("button", name="Afmelden").click()
    page.wait_for_url("/aanmelden")
    page.goto("/stroomschema")
    expect(page).to_have_url(f"{live.config.base_url}/aanmelden")


def test_a_code_typed_in_a_second_tab_leads_to_the_page_the_first_one_asked_for(live: Site, open_window: Open) -> None:
    window = open_window()
    first, second = window.new_page(), window.new_page()
    first.goto("/stroomschema/KAN/KAN-07")
    expect(first).to_have_url(f"{live.config.base_url}/aanmelden")
    second.goto("/aanmelden")
    tab_to(second, second.get_by_label("mailadres"))
    second.keyboard.type(READER)
    second.keyboard.press("Enter")
    expect(second.get_by_role("heading", level=1)).to_have_text("Vul uw code in")
    tab_to(second, second.get_by_label("code"))
    second.keyboard.type(code_mailed(live).lower())
    second.keyboard.press("Enter")
    second.wait_for_url("/stroomschema/KAN/KAN-07")
    expect(second.get_by_role("banner")).to_contain_text("Naam van uitvoeringsdienst")
    first.goto("/mijn-sessies")
    expect(first.get_by_role("heading", level=1)).to_have_text("Mijn sessies")


def test_closed_parts_of_a_step_open_and_close_with_enter(live: Site, open_window: Open) -> None:
    page = open_window().new_page()
    page.goto(link_for(live.app, READER))
    page.get_by_role("main").get_by_role("button", name="Aanmelden").click()
    page.goto("/stroomschema/KAN/KAN-07")
    part = page.locator("#rol-zorgaanbieder")
    expect(part).to_be_hidden()
    tab_to(page, page.locator("summary", has=page.get_by_text("Zorgaanbieder", exact=True)))
    page.keyboard.press("Enter")
    expect(part).to_be_visible()
    page.keyboard.press("Enter")
    expect(part).to_be_hidden()
