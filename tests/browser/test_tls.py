"""Signing in over TLS, as on a real server: the cookie, the headers, and a token that goes nowhere else."""

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import trustme
from playwright.sync_api import Browser, BrowserContext, Response, expect

from portal.config import Config
from tests.browser.conftest import open_context
from tests.browser.server import running
from tests.conftest import Site, address_of
from tests.visitor import link_for

Asked = list[tuple[str, str, str | None]]


@pytest.fixture
def secure(config: Config, filled_url: str) -> Iterator[Site]:
    """Give an installation that answers only over TLS, with a certificate made for this test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    with running(config, filled_url, tls=context, host="localhost") as site:
        yield site


@pytest.fixture
def window(browser: Browser, secure: Site) -> Iterator[BrowserContext]:
    """Give a browser window that takes the certificate of this test."""
    context = open_context(browser, secure, ignore_https_errors=True)
    yield context
    context.close()


@pytest.fixture
def asked(secure: Site, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Give what the server was asked, in order: method, path and referrer, as they came in."""
    found: Asked = []
    inner: Callable[..., Any] = secure.app.wsgi_app

    def listen(environ: dict[str, Any], start: Any) -> Any:
        found.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("HTTP_REFERER")))
        return inner(environ, start)

    monkeypatch.setattr(secure.app, "wsgi_app", listen)
    return found


def test_signing_in_by_a_link_over_tls(secure: Site, window: BrowserContext, asked: Asked) -> None:
    link = link_for(secure.app, address_of("corporatie"))
    token = link.rpartition("/")[2]
    page = window.new_page()
    shown = page.goto(link)
    assert shown
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert shown.headers["strict-transport-security"].startswith("max-age=31536000")
    page.get_by_role("main").get_by_role("button", name="Aanmelden").click()
    page.wait_for_url("/")
    assert page.evaluate("document.referrer") == ""
    for name in ("Stroomschema", "Documenten", "Begrippen"):
        page.get_by_role("navigation", name="Hoofdmenu").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        assert token not in page.url

    assert ("POST", link, None) in asked
    after = asked[asked.index(("POST", link, None)) + 1 :]
    assert [path for _method, path, _referrer in after if not path.startswith("/static/")] == [
        *("/", "/stroomschema", "/documenten", "/begrippen")
    ]
    assert [row for row in asked if token in (row[2] or "")] == []
    assert [row for row in after if token in row[1]] == []
    assert after[-1][2], "pages after signing in do send a referrer, so its absence before means something"


def test_the_session_cookie_over_tls(secure: Site, window: BrowserContext) -> None:
    page = window.new_page()
    page.goto(link_for(secure.app, address_of("corporatie")))
    before = {cookie["name"]: cookie["value"] for cookie in window.cookies()}
    page.get_by_role("main").get_by_role("button", name="Aanmelden").click()
    page.wait_for_url("/")
    [cookie] = window.cookies()
    assert cookie["name"] == "__Host-sessie"
    assert cookie["value"] != before["__Host-sessie"]
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")
    assert (cookie["domain"], cookie["path"]) == ("localhost", "/")
    assert page.evaluate("document.cookie") == ""
    answer = page.goto("/mijn-sessies")
    assert answer
    assert answer.status == 200
    assert answer.headers["strict-transport-security"]
    assert answer.headers["referrer-policy"] == "same-origin"
    window.clear_cookies()
    page.goto("/mijn-sessies")
    expect(page).to_have_url(f"{secure.config.base_url}/aanmelden")


def test_only_pages_set_the_cookie_over_tls(secure: Site, window: BrowserContext) -> None:
    answers: list[Response] = []
    window.on("response", lambda answer: answers.append(answer))
    page = window.new_page()
    page.goto(link_for(secure.app, address_of("corporatie")))
    page.get_by_role("main").get_by_role("button", name="Aanmelden").click()
    page.wait_for_url("/")
    page.goto("/stroomschema", wait_until="networkidle")
    files = [answer for answer in answers if "/static/" in answer.url]
    assert len(files) > 5
    assert [answer.url for answer in files if answer.header_value("set-cookie")] == []
