"""Links in a browser: made by a beheerder, opened by who got them, and the answers that only a form gives."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Open, sign_in
from tests.browser.looking import look_at, open_page, walk_by_keyboard
from tests.conftest import Site


def test_a_beheerder_shares_and_an_outsider_reads(live: Site, open_window: Open) -> None:
    window = open_window()
    sign_in(window, live, "beheerder")
    page, ears = open_page(window, live.config.base_url)
    page.goto("/beheer/links")
    page.get_by_role("link", name="Deel een document").click()
    page.get_by_label("Document", exact=True).select_option("ZC-01")
    page.get_by_role("button", name="Maak de link").click()
    url = page.get_by_label("Kopieer deze link nu").input_value()
    window.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Kopieer link").click()
    expect(page.get_by_role("status")).to_have_text("De link is gekopieerd.")
    assert page.evaluate("navigator.clipboard.readText()") == url
    assert not look_at(page) + ears.heard(page)
    reader, heard = open_page(open_window(), live.config.base_url)
    reader.goto(url)
    assert not look_at(reader) + walk_by_keyboard(reader) + heard.heard(reader)
    reader.get_by_role("button", name="Open het document").click()
    expect(reader.get_by_role("heading", level=1)).to_have_text("Zorgcontract HOV")
    assert not look_at(reader) + heard.heard(reader)
    page.goto("/beheer/links")
    page.get_by_role("button", name="Trek in").click()
    reader.reload()
    expect(reader.get_by_role("heading", level=1)).to_have_text("Dit is er niet meer")
    assert not look_at(reader)


def test_an_organisation_is_invited_and_leaves(live: Site, open_window: Open) -> None:
    window = open_window()
    sign_in(window, live, "beheerder")
    page, ears = open_page(window, live.config.base_url)
    page.goto("/beheer/organisaties/1")
    page.get_by_role("link", name="Startpakket").click()
    page.get_by_role("button", name="Maak de link").click()
    found = re.search(r"http\S+/toegang/\S+", page.get_by_role("main").inner_text())
    assert found
    expect(page.get_by_role("button", name="Kopieer link")).to_be_visible()
    assert not look_at(page) + ears.heard(page)
    guest, heard = open_page(open_window(), live.config.base_url)
    guest.goto(found[0])
    assert not look_at(guest) + walk_by_keyboard(guest) + heard.heard(guest)
    guest.get_by_label("werkmailadres").fill("iemand@elders.example")
    guest.get_by_role("button", name="Stuur mij een mail").click()
    expect(guest.get_by_role("alert")).to_be_focused()
    assert not look_at(guest) + heard.heard(guest)
    page.goto("/beheer/organisaties/1")
    page.get_by_role("link", name="Deze organisatie vertrekt").click()
    page.get_by_role("button", name="Deze organisatie vertrekt").click()
    expect(page.get_by_role("main")).to_contain_text("1 uitnodigingslink")
    assert not look_at(page) + ears.heard(page)
