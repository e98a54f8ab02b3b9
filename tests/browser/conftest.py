"""A real browser and a real server for the tests in this folder.

Playwright keeps an event loop running while it is open, so browser and server live as long as this folder's tests and
no longer: tests elsewhere may start loops of their own.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from portal.access.queries import person_by_address
from portal.audit.operations import SYSTEM, Actor
from portal.config import Config
from portal.publishing.content import Handbook
from portal.publishing.destruction import ask_destruction, destroy, version_to_destroy
from portal.publishing.drafts import new_draft, withdraw
from portal.publishing.operations import publish
from portal.releases.operations import Change
from tests.browser.looking import HEIGHT, WIDE, Ears, Judged, open_page
from tests.browser.server import running
from tests.conftest import LONG, POSTGRESQL, Site, Templates, address_of, fill, made_once
from tests.sso.connecting import connect
from tests.visitor import link_for

PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/bin"))
CHROMIUM = shutil.which("chromium-headless-shell", path=PLACES) or shutil.which("chromium", path=PLACES)
"""Debian builds both from one source; the one without windows draws the same pages at half the cost."""
REQUIRED = os.environ.get("PORTAL_REQUIRE_BROWSER") == "1"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
]
NO_BROWSER = "geen chromium gevonden, dus geen browsertests: installeer chromium (PORTAL_REQUIRE_BROWSER=1 eist het)"
WITHDRAWN = "BR-04"
DESTROYED, DOOMED = "BR-05", "FO-12"
"""The text of one document is destroyed; of another an editor asked it."""
PATIENCE = 20_000
"""Milliseconds to wait for something that must come; long, because test machines can be busy."""
VIOLATIONS = """
    window.cspViolations = [];
    document.addEventListener("securitypolicyviolation", (event) => {
        window.cspViolations.push(`${event.violatedDirective}: ${event.blockedURI || event.sample}`);
    });
"""


@pytest.fixture(scope="session", params=["sqlite", *(["postgresql"] if LONG and POSTGRESQL else [])])
def engine(request: pytest.FixtureRequest) -> str:
    """What a browser shows does not depend on the database, so both kinds only in the long run."""
    return str(request.param)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Give the one browser of this worker; without chromium its tests are skipped, or fail where it is required."""
    if CHROMIUM is None:
        (pytest.fail if REQUIRED else pytest.skip)(NO_BROWSER)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


Open = Callable[..., BrowserContext]


def open_context(browser: Browser, site: Site, **options: Any) -> BrowserContext:
    """Return a browser window of its own in which nobody is signed in."""
    context = browser.new_context(
        base_url=site.config.base_url,
        locale="nl-NL",
        timezone_id="Europe/Amsterdam",
        reduced_motion="reduce",
        viewport={"width": WIDE, "height": HEIGHT},
        **options,
    )
    context.set_default_timeout(PATIENCE)
    context.add_init_script(VIOLATIONS)
    return context


def sign_in(context: BrowserContext, site: Site, key: str) -> None:
    """Come in by a fresh link, through its page and its button."""
    page = context.new_page()
    page.goto(link_for(site.app, address_of(key)))
    page.get_by_role("main").get_by_role("button", name="Aanmelden").click()
    page.wait_for_url("/")
    page.close()


class House:
    """One installation that tests only read, with a page per person that stays open between tests.

    A new page costs a browser more than a visit to an address, so tests share them.
    """

    def __init__(self, browser: Browser, site: Site, judged: Judged) -> None:
        """Remember where to open pages, and what axe has judged before."""
        self.site, self.judged = site, judged
        self._browser = browser
        self._pages: dict[tuple[str, bool], tuple[Page, Ears]] = {}

    def page(self, key: str, *, script: bool = True) -> Page:
        """Return the page of this person, signed in; of a visitor without an account for "nobody".

        The page without scripts shares the session of the other one.
        """
        if (key, script) not in self._pages:
            state = None if script else self.page(key).context.storage_state()
            context = open_context(self._browser, self.site, java_script_enabled=script, storage_state=state)
            if script and key != "nobody":
                sign_in(context, self.site, key)
            self._pages[key, script] = open_page(context, self.site.config.base_url)
        page, ears = self._pages[key, script]
        ears.faults.clear()
        page.set_viewport_size({"width": WIDE, "height": HEIGHT})
        return page

    def ears(self, key: str) -> Ears:
        """Return what listens to the page of this person."""
        return self._pages[key, True][1]

    def close(self) -> None:
        """Close all pages."""
        for page, _ears in self._pages.values():
            page.context.close()


def withdraw_one(site: Site) -> None:
    """Publish a second release, in which one document is withdrawn that the flow still names."""
    by, at = SYSTEM, site.clock.moment
    with site.database.transaction() as session:
        draft = new_draft(session, title="Eén brief minder", by=by, at=at)
        change = Change("Deze brief is nu een deel van BR-03.", successor="BR-03")
        withdraw(session, draft, WITHDRAWN, change=change, by=by, at=at)
        session.expire_all()
        publish(session, draft, decided_on=at.date(), effective_on=at.date(), by=by, at=at)


def destroy_one(site: Site) -> None:
    """Destroy the only version of one document, and ask a beheerder to destroy that of another."""
    at = site.clock.moment
    with site.database.transaction() as session:
        people = [person_by_address(session, address_of(key)) for key in ("redacteur", "beheerder")]
        asker, decider = (Actor(person.id) for person in people if person)
        reason = "Dit model is ingevuld gepubliceerd."
        for code in (DESTROYED, DOOMED):
            asked = ask_destruction(session, version_to_destroy(session, code, 1), reason=reason, by=asker, at=at)
            if code == DESTROYED:
                destroy(session, asked, by=decider, at=at)


def add_partner(site: Site) -> None:
    """Let an organisation have an identity provider."""
    mapping = {"hh-redactie": ["redacteur", "rol:info_meldpunt"]}
    connect(site, "https://inloggen.hofstad.example", "hofstad", mapping=mapping, factor_values=("mfa",))


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """Give what is known of pages that were judged before, on either kind of database."""
    return Judged(made_once(tmp_path_factory, "judged", Path.mkdir))


@pytest.fixture(scope="package")
def house(
    browser: Browser, config: Config, templates: Templates, engine: str, handbook: Handbook, judged: Judged
) -> Iterator[House]:
    """Give one served installation for all tests that change nothing."""
    url = templates.copy(engine, "filled", lambda database: fill(database, handbook))
    with running(config, url) as site:
        withdraw_one(site)
        destroy_one(site)
        add_partner(site)
        opened = House(browser, site, judged)
        yield opened
        opened.close()
    templates.drop_copy(url)


@pytest.fixture
def live(config: Config, filled_url: str) -> Iterator[Site]:
    """Give a served installation of the test's own."""
    with running(config, filled_url) as site:
        yield site


@pytest.fixture
def open_window(browser: Browser, live: Site) -> Iterator[Open]:
    """Give a way to open windows on ``live``, closed when the test ends."""
    with ExitStack() as stack:

        def opener(**options: Any) -> BrowserContext:
            context = open_context(browser, live, **options)
            stack.callback(context.close)
            return context

        yield opener
