"""The second factor in a real browser, with an authenticator of Chromium's own: set up, sign in, asked again, lost."""

import base64
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Locator, Page, expect

from portal.audit.operations import SYSTEM
from portal.config import Config
from portal.factors.operations import Vault, reset_factor
from tests.browser.conftest import open_context
from tests.browser.looking import Ears, look_at, open_page, walk_by_keyboard
from tests.browser.server import running
from tests.conftest import Site, address_of
from tests.factors.steps import CODE, now_code
from tests.factors.test_asking import number_of
from tests.visitor import link_for

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def strict(config: Config, small_url: str) -> Iterator[Site]:
    """Give a served installation at a name, which asks for the second factor."""
    with running(replace(config, second_factor=True), small_url, host="localhost") as site:
        yield site


@pytest.fixture
def window(browser: Browser, strict: Site) -> Iterator[BrowserContext]:
    """Give a browser window on it."""
    context = open_context(browser, strict)
    yield context
    context.close()


def with_device(page: Page) -> tuple[CDPSession, str]:
    """Give a page an authenticator, and return how to reach it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return session, made["authenticatorId"]


def begin(page: Page, site: Site, key: str) -> None:
    """Press the button of a fresh link."""
    page.goto(link_for(site.app, address_of(key)))
    button(page, "Aanmelden").click()


def button(page: Page, name: str) -> Locator:
    """Return a button in the page itself."""
    return page.get_by_role("main").get_by_role("button", name=name, exact=True)


def title(page: Page, text: str) -> None:
    """Wait until a page with this heading is open."""
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def judge(page: Page, ears: Ears) -> None:
    """Nothing may be wrong with the page that is open."""
    assert not look_at(page) + ears.heard(page), page.url
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_passkey_from_the_first_sign_in_to_its_loss(strict: Site, window: BrowserContext) -> None:
    page, ears = open_page(window, strict.config.base_url)
    device, number = with_device(page)
    begin(page, strict, "beheerder")
    title(page, "Stel uw tweede stap in")
    judge(page, ears)
    assert not walk_by_keyboard(page)
    page.get_by_role("link", name="Maak een passkey").click()
    title(page, "Passkey maken")
    judge(page, ears)
    page.get_by_label("Naam van deze passkey").fill("Laptop")
    button(page, "Maak de passkey").click()
    title(page, "Uw herstelcodes")
    judge(page, ears)
    codes = CODE.findall(page.get_by_role("main").inner_text())
    assert len(codes) == 10
    page.get_by_label("Ik heb de codes bewaard").check()
    button(page, "Ga verder").click()
    page.wait_for_url("/")
    page.goto("/mijn-aanmelding")
    expect(page.get_by_role("main")).to_contain_text("Laptop")
    judge(page, ears)
    page.get_by_role("link", name="Haal weg").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("weghalen")
    judge(page, ears)
    page.get_by_role("banner").get_by_role("button", name="Afmelden").click()
    title(page, "Aanmelden")
    judge(page, ears)
    button(page, "Aanmelden met een passkey").click()
    page.wait_for_url("/")

    person = f"/beheer/personen/{number_of(strict, 'corporatie')}"
    page.goto(f"{person}/wijzigen")
    page.get_by_label("Naam").fill("Anders & beter")
    strict.clock.forward(minutes=11)
    button(page, "Sla op").click()
    title(page, "Bevestig dat u het bent")
    assert not look_at(page) + ears.heard(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    button(page, "Gebruik uw passkey").click()
    title(page, "Anders & beter")

    page.get_by_role("banner").get_by_role("button", name="Afmelden").click()
    device.send("WebAuthn.setUserVerified", {"authenticatorId": number, "isUserVerified": False})
    begin(page, strict, "beheerder")
    title(page, "Bevestig dat u het bent")
    button(page, "Gebruik uw passkey").click()
    expect(page.get_by_role("status")).to_contain_text("Het is niet gelukt")
    judge(page, ears)
    page.get_by_role("textbox", name="Herstelcode").fill(codes[0])
    button(page, "Bevestig").click()
    title(page, "Herstelcode gebruikt")
    expect(page.get_by_role("main")).to_contain_text("nog 9 herstelcodes")
    judge(page, ears)
    page.get_by_role("link", name="Ga verder").click()
    page.wait_for_url("/")

    with strict.database.transaction() as session:
        vault = Vault(strict.config, strict.app.extensions["portal_seal"])
        reset_factor(session, vault, address=address_of("beheerder"), by=SYSTEM, at=strict.clock())
    page.reload()
    title(page, "Aanmelden")
    device.send("WebAuthn.setUserVerified", {"authenticatorId": number, "isUserVerified": True})
    button(page, "Aanmelden met een passkey").click()
    title(page, "Dit kunnen we niet verwerken")
    begin(page, strict, "beheerder")
    title(page, "Stel uw tweede stap in")


@pytest.mark.parametrize("script", [True, False])
def test_an_app_with_codes_with_and_without_javascript(strict: Site, browser: Browser, script: bool) -> None:
    context = open_context(browser, strict, java_script_enabled=script)
    page, ears = open_page(context, strict.config.base_url)
    begin(page, strict, "redacteur")
    title(page, "Stel uw tweede stap in")
    button(page, "Gebruik een app").click()
    title(page, "App met codes instellen")
    expect(page.get_by_role("img", name="QR-code")).to_be_visible()
    if script:
        judge(page, ears)
    secret = secret_of(page)
    page.get_by_label("Code uit uw app").fill("000000")
    button(page, "Bevestig").click()
    expect(page.get_by_role("alert")).to_contain_text("Deze code klopt niet")
    assert secret_of(page) == secret
    page.get_by_label("Code uit uw app").fill(now_code(strict, secret))
    button(page, "Bevestig").click()
    title(page, "Uw herstelcodes")
    page.get_by_label("Ik heb de codes bewaard").check()
    button(page, "Ga verder").click()
    page.wait_for_url("/")
    if not script:
        page.goto("/mijn-aanmelding/passkey")
        expect(page.get_by_role("main")).to_contain_text("Deze browser kan geen passkey maken")
        expect(button(page, "Maak de passkey")).to_be_hidden()
    context.close()


def secret_of(page: Page) -> bytes:
    """Return the secret on the page that sets an app up."""
    text = page.locator("code.geheim").inner_text().replace(" ", "")
    return base64.b32decode(text)


def test_at_an_address_of_figures_the_page_says_where_passkeys_work(
    browser: Browser, config: Config, small_url: str
) -> None:
    with running(replace(config, second_factor=True), small_url) as site:
        context = open_context(browser, site)
        page, ears = open_page(context, site.config.base_url)
        begin(page, site, "redacteur")
        title(page, "Stel uw tweede stap in")
        judge(page, ears)
        link = page.get_by_role("main").get_by_role("link", name="http://localhost")
        named = site.config.base_url.replace("127.0.0.1", "localhost")
        expect(link).to_have_attribute("href", f"{named}/aanmelden")
        link.click()
        title(page, "Aanmelden")
        expect(button(page, "Aanmelden met een passkey")).to_be_visible()
        context.close()


def test_at_another_address_the_page_leads_to_the_one_where_passkeys_work(strict: Site, window: BrowserContext) -> None:
    page = window.new_page()
    own = f"{strict.config.base_url}/aanmelden"
    page.goto(own.replace("localhost", "127.0.0.1"))
    expect(button(page, "Aanmelden met een passkey")).to_be_hidden()
    link = page.get_by_role("main").get_by_role("link", name=strict.config.base_url)
    expect(link).to_have_attribute("href", own)
    assert not look_at(page)
    link.click()
    expect(button(page, "Aanmelden met een passkey")).to_be_visible()
    expect(page.get_by_text("Passkeys werken alleen op het eigen adres")).to_be_hidden()
