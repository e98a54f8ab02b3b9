"""Going to the provider once more: with another account, or to show the second factor again."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.releases.models import Destruction
from tests.conftest import Site, make_site
from tests.sso.provider import Provider, depart, person
from tests.sso.test_entering import MAPPING, change, link_out, sign_in
from tests.visitor import Visitor, parse, words

ASK = "/redactie/onderdelen/OV-04/versies/1/vernietigen"
PROVEN = {"sub": "c-1", "groups": ["hh-redactie", "hh-beheer"], "acr": "mfa"}


@pytest.fixture
def strict_site(partner_site: Site, provider: Provider) -> Iterator[Site]:
    """Give a site that asks for the second factor and believes the provider about it."""
    change(partner_site, mapping=MAPPING, factor_values=["mfa"])
    made = make_site(partner_site.config, partner_site.config.database_url, second_factor=True)
    made.clock = partner_site.clock
    made.app.config["CLOCK"] = partner_site.clock
    yield made
    made.database.engine.dispose()


def buttons(answer: TestResponse) -> list[tuple[str, str]]:
    """Return the buttons of a page, the main one first."""
    found = parse(answer).xpath("//main//p[@class='btns']/a")
    assert [one.get("class") for one in found] == ["btn", *["btn btn--2"] * (len(found) - 1)]
    return [(words(one), one.get("href")) for one in found]


def test_who_was_refused_may_come_in_with_another_account(partner_site: Site, provider: Provider) -> None:
    visitor = partner_site.visitor()
    provider.person = person(email="ik@elders.example")
    ways = [("Naar Aanmelden", "/aanmelden"), ("Begin opnieuw of kies een ander account", "/sso/hofstad/start")]
    assert buttons(depart(visitor, provider).back()) == ways
    provider.person = person(groups=[], _claim_names={"groups": "src1"})
    journey = depart(visitor, provider)
    assert journey.asked["prompt"] == "login", "the provider still knows who was refused"
    assert buttons(journey.back()) == ways
    provider.person = person()
    journey = depart(visitor, provider)
    assert journey.asked["prompt"] == "login"
    assert journey.back().status_code == 303
    assert buttons(journey.back())[0] == ("Naar Home", "/"), "who loads the answer again is in by now"
    stranger = partner_site.visitor()
    again = [("Begin opnieuw", "/sso/hofstad/start"), ("Naar Aanmelden", "/aanmelden")]
    assert buttons(depart(stranger, provider).back(state="onbekend")) == again
    assert "prompt" not in depart(stranger, provider).asked


def test_who_links_the_account_of_another_may_choose_their_own(partner_site: Site, provider: Provider) -> None:
    sign_in(partner_site, provider)
    owner = partner_site.signed_in("corporatie")
    taken = link_out(owner, provider).back()
    assert taken.status_code == 409
    assert buttons(taken) == [("Naar Home", "/"), ("Naar Mijn sessies", "/mijn-sessies")]
    journey = link_out(owner, provider)
    assert journey.asked["prompt"] == "login"
    provider.person = person("corporatie", sub="s-9")
    assert journey.back().headers["Location"] == "/mijn-sessies"


def main(answer: TestResponse) -> str:
    return words(parse(answer).xpath("//main")[0])


def press(visitor: Visitor, answer: TestResponse, button: str) -> TestResponse:
    """Press a button of a page as a browser does: with every field of its form."""
    [form] = parse(answer).xpath(f"//main//form[.//button[normalize-space()='{button}']]")
    return visitor.client.post(form.get("action") or answer.request.path, data=dict(form.form_values()))


def test_who_shows_the_factor_to_their_organisation_shows_it_there_again(strict_site: Site, provider: Provider) -> None:
    visitor = sign_in(strict_site, provider, **PROVEN)
    typed = parse(visitor.get(ASK)).xpath("//form[.//textarea[@name='reden']]")[0]
    strict_site.clock.forward(minutes=11)
    stopped = visitor.client.post(ASK, data={**dict(typed.form_values()), "reden": "Er staat een naam in."})
    assert stopped.status_code == 403
    assert "Wat u invulde, blijft bewaard" in main(stopped)
    assert "herstelcode" not in main(stopped)
    [link] = parse(stopped).xpath("//main//a[contains(@href, '/sso/')]")
    assert (link.get("href"), link.get("target")) == ("/sso/hofstad/start", "_blank")
    assert "Wat u invulde, blijft bewaard" in main(press(visitor, stopped, "Ga verder")), "not before they did"
    journey = depart(visitor, provider)
    assert journey.asked["prompt"] == "login"
    assert journey.back().status_code == 303
    returned = press(visitor, stopped, "Ga verder")
    assert "Er staat een naam in." in main(returned)
    assert press(visitor, returned, "Opnieuw versturen").status_code == 303
    with strict_site.database.reading() as session:
        assert session.scalars(select(Destruction.reason)).all() == ["Er staat een naam in."]


def test_a_page_that_asked_for_the_factor_opens_after_the_organisation_showed_it(
    strict_site: Site, provider: Provider
) -> None:
    visitor = sign_in(strict_site, provider, **PROVEN)
    strict_site.clock.forward(minutes=11)
    asked = visitor.get("/beheer/sso/hofstad/uit")
    assert asked.status_code == 403
    [link] = parse(asked).xpath("//main//a[contains(@href, '/sso/')]")
    assert link.get("target") is None
    assert depart(visitor, provider).back().headers["Location"] == "/beheer/sso/hofstad/uit"
    page = visitor.get("/beheer/sso/hofstad/uit")
    assert "uitzetten" in main(page)
    strict_site.clock.forward(minutes=11)
    stopped = press(visitor, page, "Zet uit")
    assert "blijft bewaard" not in main(stopped)
    assert depart(visitor, provider).back().status_code == 303
    assert press(visitor, press(visitor, stopped, "Ga verder"), "Opnieuw versturen").status_code == 303
    assert visitor.get("/sso/hofstad/start").status_code == 403
