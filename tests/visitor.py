"""A browser without a screen: real requests, cookies, and the form tokens of the pages it visits."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from portal.access.queries import person_by_address
from portal.access.sign_in import make_link
from portal.audit.operations import SYSTEM

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Visitor:
    """One browser at one installation."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def page(self, path: str) -> html.HtmlElement:
        """Return a page that must be there, parsed."""
        answer = self.get(path)
        assert answer.status_code == 200, f"{path} gave {answer.status_code}"
        return parse(answer)

    def post(
        self, path: str, data: Mapping[str, object] | None = None, *, token_from: str | None = None
    ) -> TestResponse:
        """Send a form as a browser would: with the token of the page it stands on."""
        found = TOKEN.search(self.get(token_from or path).get_data(as_text=True))
        assert found, f"no form token at {token_from or path}"
        return self.client.post(path, data={"csrf_token": found[1], **(data or {})})

    def sign_in(self, address: str) -> "Visitor":
        """Come in by a fresh link, through its page and its button."""
        url = link_for(self.app, address)
        answer = self.post(url)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return self


def link_for(app: Flask, address: str) -> str:
    """Return the path of a new sign-in link for this address, as the command line makes it."""
    with app.app_context(), app.extensions["portal_database"].transaction() as session:
        person = person_by_address(session, address)
        assert person is not None, address
        url = make_link(session, app.config["PORTAL"], person, by=SYSTEM, at=app.config["CLOCK"]())
    return url.removeprefix(app.config["PORTAL"].base_url)


def parse(answer: TestResponse) -> html.HtmlElement:
    return html.document_fromstring(answer.get_data(as_text=True))


def words(element: html.HtmlElement) -> str:
    """Return the words of an element with single spaces."""
    return " ".join(element.text_content().split())
