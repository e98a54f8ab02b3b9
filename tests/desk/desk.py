"""An editor at work in a browser without JavaScript: every form is sent as it stands on its page."""

from functools import partial
from typing import Any

from lxml import html
from werkzeug.test import TestResponse

from portal.documents.intake.operations import take_in
from portal.documents.intake.process import Limits
from tests.conftest import Site
from tests.visitor import Visitor, parse

TAKE_IN = "portal.desk.uploads.take_in"
PATIENT = partial(take_in, limits=Limits(seconds=60, waiting=120))
"""Takes the place of ``TAKE_IN`` on a busy machine; the limits of reading a file have tests of their own."""


class Desk:
    """One signed-in editor, by key or by address."""

    def __init__(self, site: Site, who: str = "redacteur") -> None:
        self.visitor: Visitor = site.visitor().sign_in(who) if "@" in who else site.signed_in(who)

    def page(self, path: str) -> html.HtmlElement:
        return self.visitor.page(path)

    def press(self, path: str, form: str, doe: str | None = None, **typed: Any) -> TestResponse:
        """Send the form of a page whose action ends in ``form``, with what was typed, by one of its buttons."""
        return self.send(self.page(path), form, doe, **typed)

    def send(self, page: html.HtmlElement, form: str, doe: str | None = None, **typed: Any) -> TestResponse:
        found = [one for one in page.forms if (one.action or "").partition("?")[0].endswith(form)]
        assert found, f"no form to {form} among {[one.action for one in page.forms]}"
        data = fields_of(found[0])
        if doe is not None:
            buttons = [one.get("value") for one in found[0].iter("button")]
            assert doe in buttons, f"no button {doe} among {buttons}"
            data["doe"] = doe
        data |= typed
        return self.visitor.client.post(found[0].action, data=data, content_type=found[0].get("enctype"))

    def begin(self, code: str, concept: str | None = None) -> str:
        """Begin a change and return the address of its form."""
        given = {"concept": concept} if concept else {}
        answer = self.press(f"/redactie/onderdelen/{code}", "/wijzigen", **given)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return str(answer.headers["Location"])

    def touch(self, path: str) -> str:
        """Change something small in what stands in the form of a change; return its address."""
        page = self.page(path)
        if rows := page.xpath("//ul[@class='rijtjes']//li/a/@href"):
            fields = {one.get("name"): one for one in self.page(rows[0]).xpath("//main//textarea")}
            name = next(name for name in ("uitleg", "woorden", "vraag", "convenant") if name in fields)
            answer = self.press(rows[0], path, "bewaar", **{name: f"{fields[name].text.strip()}\nfiets"})
        else:
            name = "zoekwoorden" if page.xpath("//*[@id='zoekwoorden']") else "ondertitel"
            answer = self.press(path, path, "bewaar", **{name: "fiets"})
        assert answer.status_code == 303, shown_faults(answer)
        return path

    def finish(self, path: str, note: str = "Er is iets veranderd.", /, **typed: Any) -> str:
        """Put a change into its draft and return the address of that."""
        answer = self.press(path, path, "klaar", **({"wijziging": note, "voor": "lopend"} | typed))
        assert answer.status_code == 303, shown_faults(answer)
        return str(answer.headers["Location"])

    def throw_away(self, path: str) -> TestResponse:
        """Throw a change away; when there is something to lose, that is asked once more."""
        answer = self.press(path, path, "weggooien")
        asked = answer.headers["Location"]
        return self.press(asked, asked) if asked.endswith("/weggooien") else answer

    def leave_out(self, draft: str, code: str) -> TestResponse:
        """Take a change out of a draft, by the link in its row and the button of the page that asks."""
        [asks] = self.page(draft).xpath(f"//a[starts-with(., 'Haal eruit') and contains(., '{code}')]/@href")
        return self.press(asks, asks)

    def publish(self, draft: str, **typed: Any) -> TestResponse:
        """Publish a draft; from the day it was decided, which is today, unless another is given."""
        page = self.page(f"{draft}/publiceren")
        given = {"titel": "Proefuitgave", "toelichting": "Er is iets veranderd."}
        given["ingang"] = page.get_element_by_id("besloten").value
        return self.send(page, "/publiceren", **(given | typed))


def fields_of(form: html.FormElement) -> dict[str, Any]:
    """Return what a browser would send of a form that nobody touched."""
    data: dict[str, Any] = {}
    for field in form.inputs:
        name = field.get("name")
        if not name or field.get("type") in ("file", "submit"):
            continue
        if field.get("type") in ("checkbox", "radio"):
            if field.get("checked") is not None:
                data.setdefault(name, []).append(field.get("value"))
        elif field.tag == "textarea":
            data[name] = (field.text or "").removeprefix("\n")
        else:
            data[name] = field.value or ""
    return data


def shown_faults(answer: TestResponse) -> list[str]:
    """Return what the summary above a form says is wrong."""
    return [" ".join(one.text_content().split()) for one in parse(answer).xpath("//*[@id='fouten']//li")]
