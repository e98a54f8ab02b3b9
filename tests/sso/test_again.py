"""Going to the provider once more: with another account, or to show the second factor again."""

from werkzeug.test import TestResponse

from tests.conftest import Site
from tests.sso.provider import Provider, depart, person
from tests.sso.test_entering import link_out, sign_in
from tests.visitor import parse, words


def buttons(answer: TestResponse) -> list[tuple[str, str]]:
    """Return the buttons of a page, the main one first."""
    found = parse(answer).xpath("//main//p[@class='btns']/a")
    assert [one.get("class") for one in found] == ["btn", *["btn btn--2"] * (len(found) - 1)]
    return [(words(one), one.get("href")) for one in found]


def test_who_was_refused_may_come_in_with_another_account(partner_site: Site, provider: Provider) -> None:
    visitor = partner_site.visitor()
    provider.person = person(email="ik@elders.example")
    ways = [("Naar Aanmelden", "/aanmelden"), ("Kies een ander account", "/sso/hofstad/start")]
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
