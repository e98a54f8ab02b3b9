"""What a person does with a second factor, by real requests."""

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from lxml import html
from werkzeug.test import TestResponse

from portal.config import Config
from portal.factors.totp import code_at, counter_of
from tests.conftest import Site, make_site
from tests.visitor import Visitor, parse, words

STEP = "/aanmelden/tweede-stap"
OWN = "/mijn-aanmelding"
CODE = re.compile(r"[A-Z2-9]{5}-[A-Z2-9]{5}")


@contextmanager
def strict(config: Config, url: str, **changes: object) -> Iterator[Site]:
    """Give an installation that asks for the second factor."""
    site = make_site(replace(config, second_factor=True), url, **changes)
    yield site
    site.database.engine.dispose()


def now_code(site: Site, secret: bytes, step: int = 0) -> str:
    """Return the code that an app shows now, or so many steps away."""
    return code_at(secret, counter_of(site.clock()) + step)


def begin_app(visitor: Visitor) -> bytes:
    """Begin setting up an app and read its secret off the page."""
    begun = visitor.post(f"{OWN}/app", token_from=STEP if visitor.get(STEP).status_code == 200 else OWN)
    assert begun.status_code == 303, begun.status_code
    [shown] = visitor.page(f"{OWN}/app").xpath("//code[@class='geheim']")
    return base64.b32decode(words(shown).replace(" ", ""))


def enrol(site: Site, key: str) -> tuple[Visitor, bytes, list[str]]:
    """Sign somebody in for the first time and set up an app: the browser, the secret and the recovery codes."""
    visitor = site.signed_in(key)
    secret = begin_app(visitor)
    answer = visitor.post(f"{OWN}/app/bevestigen", {"factor_code": now_code(site, secret)}, token_from=f"{OWN}/app")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return visitor, secret, codes_on(answer)


def codes_on(answer: TestResponse) -> list[str]:
    """Return the recovery codes on a page."""
    return [words(code) for code in parse(answer).xpath("//ol[@class='herstelcodes']//code")]


def show(visitor: Visitor, typed: str) -> TestResponse:
    """Type a code at the page that asks for it."""
    return visitor.post(STEP, {"factor_code": typed})


def form_of(answer: TestResponse, action: str) -> dict[str, str]:
    """Return what the form on a page that goes to this address would send."""
    [form] = parse(answer).xpath(f"//form[@action='{action}']")
    return {str(name): str(value) for name, value in form.form_values()}


def main(answer: TestResponse) -> str:
    """Return the words of a page."""
    return words(parse(answer).xpath("//main")[0])


def is_in(visitor: Visitor) -> bool:
    """Tell whether a browser is signed in, in full; HEAD is not remembered as where it was going."""
    return visitor.client.head("/").status_code == 200


def heading(page: html.HtmlElement) -> str:
    """Return the heading of a page."""
    return words(page.xpath("//h1")[0])
