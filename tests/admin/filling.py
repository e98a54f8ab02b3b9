"""Filling in forms as a browser does: what stands in the form goes along, except what somebody changes."""

from lxml import html
from werkzeug.test import TestResponse

from tests.visitor import Visitor, parse, words

Values = dict[str, str | list[str]]


def values_of(page: html.HtmlElement) -> Values:
    """Return what the form of a page would send now."""
    [form] = page.xpath("//main//form[@method='post']")
    found: dict[str, list[str]] = {}
    for name, value in form.form_values():
        found.setdefault(name, []).append(value)
    return dict(found)


def save(visitor: Visitor, path: str, **changes: str | list[str]) -> TestResponse:
    """Open a form, change what is given, and send it. An empty list unticks."""
    return visitor.client.post(path, data=values_of(visitor.page(path)) | changes)


def save_again(visitor: Visitor, path: str, answer: TestResponse, **changes: str | list[str]) -> TestResponse:
    """Send the form of an answer that was not the end, changed."""
    return visitor.client.post(path, data=values_of(parse(answer)) | changes)


def faults(answer: TestResponse) -> list[str]:
    """Return the messages above the form, each of which must lead to its field."""
    page = parse(answer)
    links = page.xpath("//div[@id='fouten']//a")
    for link in links:
        field = page.get_element_by_id(link.get("href").removeprefix("#"))
        assert field.tag in ("input", "select", "textarea"), link.get("href")
    return [words(link) for link in links]


def main_words(answer: TestResponse) -> str:
    return words(parse(answer).xpath("//main")[0])
