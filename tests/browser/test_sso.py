"""Signing in at the provider of one's own organisation, which stands under another host name than the portal."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from portal.config import Config
from portal.sso.operations import Account
from tests.browser.conftest import Open, sign_in
from tests.browser.looking import look_at, open_page, walk_by_keyboard
from tests.browser.server import running
from tests.conftest import Site
from tests.sso.connecting import connect
from tests.sso.provider import Provider, rsa
from tests.sso.provider import running as provider_running

STEP = "/stroomschema/KAN/KAN-07"


@pytest.fixture
def live(config: Config, small_url: str) -> Iterator[Site]:
    """Give a served installation that may call providers on loopback."""
    with running(replace(config, sso_allow_private=True), small_url, host="localhost") as site:
        yield site


@pytest.fixture
def partner(live: Site) -> Iterator[Provider]:
    with provider_running(live.clock) as made:
        connect(live, made.issuer, "hofstad")
        yield made


def host_of(page: Page) -> str:
    return urlsplit(page.url).hostname or ""


def by_the_button(context: BrowserContext, live: Site) -> Page:
    page = context.new_page()
    page.goto(f"{live.config.base_url}{STEP}")
    page.get_by_role("link", name="Hofstad Wonen").click()
    return page


@pytest.mark.parametrize("script", [True, False])
def test_who_comes_from_another_host_name_lands_at_the_step_they_wanted(
    live: Site, partner: Provider, open_window: Open, script: bool
) -> None:
    page = by_the_button(open_window(java_script_enabled=script), live)
    assert host_of(page) == "127.0.0.1" != urlsplit(live.config.base_url).hostname
    page.get_by_role("link", name="Log in").click()
    page.wait_for_url(f"**{STEP}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("button", name="Afmelden").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("U bent afgemeld")
    out = page.get_by_role("link", name="Meld ook af bij Hofstad Wonen")
    assert (out.get_attribute("href") or "").startswith(f"{partner.issuer}/uitloggen?client_id=handboek")


def test_the_pages_on_the_way_show_no_fault(live: Site, partner: Provider, open_window: Open) -> None:
    page, ears = open_page(open_window(), live.config.base_url)
    page.goto("/aanmelden")
    page.get_by_label("mailadres").fill("iemand@hofstad.example")
    page.get_by_role("button", name="Stuur mij een mail").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Meld aan via uw organisatie")
    faults = look_at(page) + walk_by_keyboard(page) + ears.heard(page)
    page.get_by_role("link", name="Aanmelden via Hofstad Wonen").click()
    partner.claims = lambda claims: claims.update(aud="iemand-anders")
    with page.expect_navigation() as answer:
        page.get_by_role("link", name="Log in").click()
    assert answer.value.status == 400
    faults += look_at(page) + walk_by_keyboard(page)
    partner.claims = None
    page.get_by_role("link", name="Begin opnieuw").click()
    page.get_by_role("link", name="Log in").click()
    page.wait_for_url(f"{live.config.base_url}/")
    ears.faults.clear()  # requests to the provider, and a 400 that was meant
    page.goto("/mijn-sessies")
    faults += look_at(page) + walk_by_keyboard(page) + ears.heard(page)
    page.get_by_role("button", name="Afmelden").first.click()
    faults += look_at(page) + walk_by_keyboard(page) + ears.heard(page)
    assert not faults, "\n".join(faults)


def test_a_key_and_the_groups_of_a_partner_fit_on_a_telephone(live: Site, partner: Provider, open_window: Open) -> None:
    long = "5b0c0f4e-1111-4e4e-9f9f-" + "a" * 60
    pem = rsa("eigen").as_pem(private=True).decode()
    account = Account(f"{partner.issuer}/{long}", f"client_{'b' * 80}", pem, is_private_key=True)
    connect(live, account.issuer, "sleutel", account=account, mapping={long: ["redacteur"], "c" * 80: ["rol:regio"]})
    window = open_window()
    sign_in(window, live, "beheerder")
    page, ears = open_page(window, live.config.base_url)
    page.goto("/beheer/sso/sleutel")
    expect(page.get_by_text('"kty": "RSA"')).to_be_visible()
    assert not (faults := look_at(page) + ears.heard(page)), "\n".join(faults)
