"""Coming in by a provider: who that is, what the claims give, and what ends it."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal
from typing import Any

import pytest
from sqlalchemy import select

from portal.access.models import MailDomain, Person, PersonGroup
from portal.access.organisations import disable_organisation
from portal.access.people import disable_person
from portal.access.queries import organisation_by_name, person_by_address
from portal.audit.models import Event
from portal.audit.operations import SYSTEM
from portal.audit.queries import verify
from portal.lib.fetch import Answer, FetchError, fetch
from portal.sso import queries
from portal.sso.models import Provider as Row
from portal.sso.operations import add_secret, disable, enable
from portal.sso.queries import provider_by_name
from portal.sso.refusals import Reason
from tests.access.test_sign_in import post_out
from tests.conftest import NOW, Site, address_of, make_site
from tests.sso.connecting import connect
from tests.sso.provider import Journey, Provider, arrive, depart, person
from tests.visitor import Visitor, parse, words

MAPPING = {"hh-redactie": ["redacteur", "rol:info_meldpunt"], "hh-beheer": ["beheerder"]}


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/mijn-sessies").status_code == 200


def sign_in(site: Site, provider: Provider, **changes: Any) -> Visitor:
    provider.person = person(**changes)
    visitor = site.visitor()
    answer = depart(visitor, provider).back()
    assert answer.status_code == 303, words(parse(answer).xpath("//main")[0])
    return visitor


def refused(site: Site, provider: Provider, reason: Reason, **changes: Any) -> Visitor:
    provider.person = {name: value for name, value in person(**changes).items() if value is not None}
    visitor = site.visitor()
    answer = depart(visitor, provider).back()
    assert reason.value.title.format(wie="Hofstad Wonen") in answer.get_data(as_text=True)
    assert answer.status_code == reason.value.status
    assert not is_in(visitor)
    return visitor


def link_out(visitor: Visitor, provider: Provider) -> Journey:
    """Be at the provider to link one's own account."""
    page = parse(visitor.post("/sso/hofstad/koppelen", token_from="/mijn-sessies"))
    [address] = page.xpath("//main//a[@class='btn btn--start']/@href")
    return arrive(visitor, provider, address)


def rights(site: Site, address: str) -> tuple[set[str], tuple[str, ...]]:
    with site.database.reading() as session:
        found = person_by_address(session, address)
        assert found
        return {group.value for group in found.groups} - {"lezer"}, found.roles


def change(site: Site, **values: object) -> None:
    with site.database.transaction() as session:
        row = session.scalars(select(Row).where(Row.name == "hofstad")).one()
        for name, value in values.items():
            setattr(row, name, value)


def test_a_new_colleague_comes_in_with_the_lowest_right_at_the_page_they_wanted(
    partner_site: Site, provider: Provider
) -> None:
    visitor = partner_site.visitor()
    assert visitor.get("/documenten/OV-04").headers["Location"] == "/aanmelden"
    [button] = visitor.page("/aanmelden").xpath("//main//a[contains(@href, '/sso/')]")
    assert (words(button), button.get("href")) == ("Hofstad Wonen", "/sso/hofstad/start")
    assert visitor.client.head("/sso/hofstad/start").status_code == 200
    assert provider.calls == []
    provider.person = person(name="Noor Nieuw", groups=["hh-beheer"])
    journey = depart(visitor, provider)
    assert journey.asked["code_challenge_method"] == "S256"
    assert journey.asked["scope"] == "openid email"
    assert journey.asked["redirect_uri"] == "http://localhost/sso/hofstad/terug"
    assert journey.back().headers["Location"] == "/documenten/OV-04"
    assert visitor.get("/documenten/OV-04").status_code == 200
    assert rights(partner_site, "nieuw@hofstad.example") == (set(), ("corporatie",))
    with partner_site.database.reading() as session:
        found = person_by_address(session, "nieuw@hofstad.example")
        assert found
        assert (found.name, found.organisation.name) == ("Noor Nieuw", "Hofstad Wonen")
    provider.person = person(key="andere-naam", name="Anders")  # the same subject: the same person (ASVS V10.5.2)
    assert is_in(visitor)
    again, thief = partner_site.visitor(), partner_site.visitor()
    before = visitor.client.get_cookie("sessie")
    assert before
    thief.client.set_cookie("sessie", before.value)
    for browser in (visitor, again):
        assert depart(browser, provider).back().status_code == 303
        assert is_in(browser)
    assert not is_in(thief), "the session that the browser had ends (ASVS V7.2.4)"
    with partner_site.database.reading() as session:
        assert person_by_address(session, "andere-naam@hofstad.example") is None


def test_who_may_not_get_an_account_is_told_why(partner_site: Site, provider: Provider) -> None:
    refused(partner_site, provider, Reason.NO_ADDRESS, email=None)
    refused(partner_site, provider, Reason.NO_ADDRESS, email="geen adres")
    for broken in ("a b@hofstad.example", "a\0b@hofstad.example", "a\x7fb@hofstad.example"):
        refused(partner_site, provider, Reason.NO_ADDRESS, email=broken)
    provider.userinfo = lambda told: told.update(email="a\ud800b@hofstad.example")  # half a character, kept nowhere
    refused(partner_site, provider, Reason.NO_ADDRESS, email=None)
    provider.userinfo = None
    refused(partner_site, provider, Reason.ANSWER, sub="s\x01")
    for outside in ("ik@elders.example", "ik@sub.hofstad.example", "ik@zorg-hofstad.example", "a@b@hofstad.example"):
        refused(partner_site, provider, Reason.NO_ADDRESS if outside.count("@") > 1 else Reason.OUTSIDE, email=outside)
    for value in (False, "false", "ja", 1, 0):
        refused(partner_site, provider, Reason.UNVERIFIED, email_verified=value)
    refused(partner_site, provider, Reason.KNOWN_ADDRESS, key="corporatie")
    refused(partner_site, provider, Reason.KNOWN_ADDRESS, key="corporatie", email_verified=None)
    with partner_site.database.reading() as session:
        assert len(session.scalars(select(Person.id)).all()) == 13
    provider.person = person()
    del provider.person["email_verified"]
    assert depart(partner_site.visitor(), provider).back().status_code == 303
    assert is_in(sign_in(partner_site, provider, key="tweede", sub="s-2", email_verified="true"))


def test_an_account_is_linked_by_its_owner_and_by_nobody_else(partner_site: Site, provider: Provider) -> None:
    provider.person = person("corporatie")
    owner, stranger = partner_site.signed_in("corporatie"), partner_site.signed_in("zorgaanbieder")
    assert "Koppel aan" not in words(stranger.page("/mijn-sessies").xpath("//main")[0])
    journey = link_out(owner, provider)
    owner.post("/afmelden", token_from="/mijn-sessies")
    assert journey.back().status_code == Reason.OTHER_SESSION.value.status
    owner.sign_in(address_of("corporatie"))
    answer = link_out(owner, provider).back()
    assert (answer.status_code, answer.headers.get("Location")) == (303, "/mijn-sessies")
    assert "gekoppeld" in words(owner.page("/mijn-sessies").xpath("//main")[0])
    assert "Aanmelden via Hofstad Wonen toegevoegd" in post_out(partner_site)[-1][1]
    by_provider = partner_site.visitor()
    assert depart(by_provider, provider).back().status_code == 303
    assert "Naam van corporatie" in words(by_provider.page("/mijn-sessies"))
    other = partner_site.signed_in("redacteur_elders")
    assert link_out(other, provider).back().status_code == Reason.OTHER_ACCOUNT.value.status
    journey = link_out(stranger, provider)
    provider.person = person("corporatie", sub="s-9")
    assert journey.back().status_code == Reason.OTHER_ACCOUNT.value.status


def test_claims_give_and_take_only_what_they_gave(partner_site: Site, provider: Provider) -> None:
    change(partner_site, mapping=MAPPING)
    visitor, address = sign_in(partner_site, provider, groups=["hh-redactie", "iets"]), "nieuw@hofstad.example"
    assert rights(partner_site, address) == ({"redacteur"}, ("corporatie", "info_meldpunt"))
    with partner_site.database.transaction() as session:
        found = person_by_address(session, address)
        assert found
        session.add(PersonGroup(person_id=found.id, group="auditor"))
    sign_in(partner_site, provider, groups=[{"id": "hh-redactie"}])
    assert rights(partner_site, address) == ({"auditor"}, ("corporatie",)), "of what is unknown nothing is kept"
    assert not is_in(visitor)
    with partner_site.database.reading() as session:
        told = session.scalars(select(Event).where(Event.action == "sso.synced")).one().details
        assert told["sync"] == "unknown"
    visitor = sign_in(partner_site, provider, groups=["hh-redactie"])
    assert rights(partner_site, address)[0] == {"redacteur", "auditor"}
    sign_in(partner_site, provider, groups=["hh-beheer"])
    assert not is_in(visitor), "other rights end the sessions that had the old ones"
    assert rights(partner_site, address) == ({"beheerder", "auditor"}, ("corporatie",))
    sign_in(partner_site, provider, groups="hh-redactie")
    sign_in(partner_site, provider)
    assert rights(partner_site, address) == ({"auditor"}, ("corporatie",))


OVERAGE = {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://graph.example"}}}


def test_an_answer_that_does_not_tell_everything_lets_nobody_in_and_leaves_nothing(
    partner_site: Site, provider: Provider
) -> None:
    """By another door there are no rights left either; what the portal itself gave stays."""
    change(partner_site, mapping=MAPPING)
    address = "nieuw@hofstad.example"
    refused(partner_site, provider, Reason.INCOMPLETE, **OVERAGE)
    with partner_site.database.reading() as session:
        assert person_by_address(session, address) is None
    for more in (OVERAGE, {"hasgroups": True}, {"_claim_names": "src1", "groups": ["hh-redactie"]}):
        visitor = sign_in(partner_site, provider, groups=["hh-redactie"])
        assert rights(partner_site, address)[0] == {"redacteur"}
        refused(partner_site, provider, Reason.INCOMPLETE, **more)
        assert rights(partner_site, address) == (set(), ("corporatie",))
        assert not is_in(visitor)
    sign_in(partner_site, provider, groups=["hh-redactie"], _claim_names={})
    provider.userinfo = lambda told: told.update(OVERAGE)
    refused(partner_site, provider, Reason.INCOMPLETE, groups=["hh-redactie"], _claim_names={})
    provider.userinfo = None
    assert rights(partner_site, address)[0] == set()
    by_mail = partner_site.visitor().sign_in(address)
    assert by_mail.get("/redactie").status_code == 403
    owner = partner_site.signed_in("corporatie")
    provider.person = person("corporatie", sub="s-7", **OVERAGE)
    page = parse(owner.post("/sso/hofstad/koppelen", token_from="/mijn-sessies"))
    [leaving] = page.xpath("//main//a[@class='btn btn--start']/@href")
    assert arrive(owner, provider, leaving).back().status_code == Reason.INCOMPLETE.value.status
    assert "Koppel aan" in words(owner.page("/mijn-sessies").xpath("//main")[0])
    assert is_in(sign_in(partner_site, provider, groups=["hh-redactie"])), "the next clean one works at once"
    assert rights(partner_site, address)[0] == {"redacteur"}


def test_the_last_beheerder_keeps_that_right(partner_site: Site, provider: Provider) -> None:
    change(partner_site, mapping=MAPPING)
    sign_in(partner_site, provider, groups=["hh-beheer"])
    with partner_site.database.transaction() as session:
        disable_person(session, address=address_of("beheerder"), by=SYSTEM, at=NOW)
    assert is_in(sign_in(partner_site, provider))
    assert rights(partner_site, "nieuw@hofstad.example")[0] == {"beheerder"}


def test_what_ends_takes_its_sessions_along_at_once(partner_site: Site, provider: Provider) -> None:
    visitor, by_mail = sign_in(partner_site, provider), partner_site.signed_in("corporatie")
    elsewhere = make_site(partner_site.config, partner_site.config.database_url)  # another process
    thief = elsewhere.visitor()
    cookie = visitor.client.get_cookie("sessie")
    assert cookie
    thief.client.set_cookie("sessie", cookie.value)
    assert is_in(thief)
    journey = depart(partner_site.visitor(), provider)
    with partner_site.database.transaction() as session:
        found = provider_by_name(session, "hofstad")
        assert found
        assert disable(session, found, by=SYSTEM, at=NOW) == 1
    assert not is_in(visitor)
    assert not is_in(thief)
    assert is_in(by_mail)
    assert Reason.OFF.value.happened.format(wie="Hofstad Wonen") in journey.back().get_data(as_text=True)
    assert visitor.get("/sso/hofstad/start").status_code == 403
    assert "/sso/" not in visitor.get("/aanmelden").get_data(as_text=True)
    elsewhere.database.engine.dispose()
    with partner_site.database.transaction() as session:
        found = provider_by_name(session, "hofstad")
        assert found
        enable(session, found, by=SYSTEM, at=NOW)
    assert not is_in(visitor)
    assert is_in(sign_in(partner_site, provider))
    with partner_site.database.transaction() as session:
        disable_person(session, address="nieuw@hofstad.example", by=SYSTEM, at=NOW)
    refused(partner_site, provider, Reason.CLOSED)
    journey = depart(partner_site.visitor(), provider)
    with partner_site.database.transaction() as session:
        disable_organisation(session, name="Hofstad Wonen", by=SYSTEM, at=NOW)
    assert Reason.CLOSED.value.title in journey.back().get_data(as_text=True)
    assert visitor.get("/sso/hofstad/start").status_code == 403
    assert visitor.get("/sso/bestaat-niet/start").status_code == 404


def test_what_the_claims_gave_goes_with_the_provider_and_with_the_link(partner_site: Site, provider: Provider) -> None:
    """Only that, and it comes back with the next sign-in by claims."""
    change(partner_site, mapping=MAPPING)
    address, groups = "nieuw@hofstad.example", {"groups": ["hh-redactie"]}
    sign_in(partner_site, provider, **groups)
    with partner_site.database.transaction() as session:
        found = person_by_address(session, address)
        assert found
        session.add(PersonGroup(person_id=found.id, group="auditor"))
    beheerder, by_mail = partner_site.signed_in("beheerder"), partner_site.visitor().sign_in(address)
    page = "/beheer/sso/hofstad"
    assert by_mail.get("/redactie").status_code == 200
    assert beheerder.post(f"{page}/uit").status_code == 303
    assert rights(partner_site, address) == ({"auditor"}, ("corporatie",))
    assert not is_in(by_mail), "other rights end the sessions that had the old ones"
    assert by_mail.sign_in(address).get("/redactie").status_code == 403
    text = words(beheerder.page(page).xpath("//main")[0])
    assert "Uitgezet: sessies beëindigd: 1; rechten uit claims weggehaald bij: 1" in text.replace(",", ";")
    assert beheerder.post(f"{page}/aan", token_from=page).status_code == 303
    sign_in(partner_site, provider, **groups)
    assert rights(partner_site, address) == ({"auditor", "redacteur"}, ("corporatie", "info_meldpunt"))
    assert beheerder.post(f"{page}/ontkoppelen/1", token_from=page).status_code == 303
    assert rights(partner_site, address) == ({"auditor"}, ("corporatie",))
    with partner_site.database.reading() as session:
        events = session.scalars(select(Event).where(Event.action == "person.changed").order_by(Event.number)).all()
        assert [one.details.get("groups_taken") for one in events if "groups_taken" in one.details] == ["redacteur"] * 2
        assert verify(session).faults == []


def test_the_last_beheerder_keeps_that_right_when_the_provider_goes(partner_site: Site, provider: Provider) -> None:
    change(partner_site, mapping=MAPPING)
    beheerders = ("een", "twee")
    for number, key in enumerate(beheerders):
        sign_in(partner_site, provider, key=key, sub=f"b-{number}", groups=["hh-beheer"])
    with partner_site.database.transaction() as session:
        disable_person(session, address=address_of("beheerder"), by=SYSTEM, at=NOW)
        found = provider_by_name(session, "hofstad")
        assert found
        disable(session, found, by=SYSTEM, at=NOW)
    held = [rights(partner_site, f"{key}@hofstad.example")[0] for key in beheerders]
    assert sorted(held, key=len) == [set(), {"beheerder"}]
    with partner_site.database.reading() as session:
        told = session.scalars(select(Event).where(Event.action == "sso.synced")).one()
        assert told.details["sync"] == "last-beheerder"


def test_more_rights_ask_for_a_second_factor_that_the_beheerder_trusts(partner_site: Site, provider: Provider) -> None:
    change(partner_site, mapping=MAPPING, factor_values=["mfa", "https://refeds.org/profile/mfa"])
    strict = make_site(partner_site.config, partner_site.config.database_url, second_factor=True)
    staff = ["hh-redactie"]
    unproven: list[dict[str, Any]] = [{}, {"amr": ["pwd"]}, {"acr": "1"}, {"amr": ["MFA"]}]
    for number, claims in enumerate(unproven):
        visitor = sign_in(strict, provider, key=f"u{number}", sub=f"u-{number}", groups=staff, **claims)
        assert visitor.get("/").headers["Location"] == "/aanmelden/tweede-stap"
    proven: list[dict[str, Any]] = [{"amr": ["pwd", "mfa"]}, {"acr": "https://refeds.org/profile/mfa"}]
    for number, claims in enumerate(proven):
        assert is_in(sign_in(strict, provider, key=f"n{number}", sub=f"f-{number}", groups=staff, **claims))
    assert is_in(sign_in(strict, provider, key="lezer", sub="l-1"))
    strict.database.engine.dispose()


def test_a_secret_is_replaced_without_anybody_noticing(partner_site: Site, provider: Provider) -> None:
    with partner_site.database.transaction() as session:
        found = provider_by_name(session, "hofstad")
        assert found
        add_secret(session, partner_site.app.extensions["portal_seal"], found, "het nieuwe", by=SYSTEM, at=NOW)
        assert "nieuwe" not in f"{found.sealed_secret}{found.sealed_next_secret}"
    sign_in(partner_site, provider)
    assert len(provider.forms) == 1
    provider.secret = "het nieuwe"
    sign_in(partner_site, provider)
    sign_in(partner_site, provider)
    assert [form["client_secret"] for form in provider.forms[2:]] == ["het nieuwe", "het nieuwe"]
    provider.secret = "weer een ander"
    refused(partner_site, provider, Reason.SET_UP)


def test_signing_out_leads_to_the_provider_which_then_asks_again(partner_site: Site, provider: Provider) -> None:
    visitor = sign_in(partner_site, provider)
    answer = visitor.post("/afmelden", token_from="/mijn-sessies")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sso/hofstad/afgemeld")
    assert not is_in(visitor)
    [address] = visitor.page("/sso/hofstad/afgemeld").xpath("//main//a[@class='btn']/@href")
    assert address == (
        f"{provider.issuer}/uitloggen?client_id=handboek&post_logout_redirect_uri=http%3A%2F%2Flocalhost%2Faanmelden"
    )
    assert depart(visitor, provider).asked["prompt"] == "login"
    assert "prompt" not in depart(visitor, provider).asked
    by_mail = partner_site.signed_in("corporatie")
    assert by_mail.post("/afmelden", token_from="/mijn-sessies").headers["Location"] == "/aanmelden"


def test_a_work_address_leads_to_its_organisation_whether_anybody_has_it(
    partner_site: Site, provider: Provider
) -> None:
    pages = set()
    for address in ("corporatie@hofstad.example", "bestaat-niet@hofstad.example", "Corporatie@HOFSTAD.example"):
        answer = partner_site.visitor().post("/aanmelden", {"address": address})
        assert answer.status_code == 200
        pages.add(re.sub(r'value="[^"]+"', "", answer.get_data(as_text=True).replace(address, "")))
        assert "/sso/hofstad/start" in answer.get_data(as_text=True)
    assert len(pages) == 1
    visitor = partner_site.visitor()
    assert visitor.post("/aanmelden", {"address": "corporatie@hofstad.example", "stap": "mail"}).status_code == 303
    assert "Vul uw code in" in visitor.get("/aanmelden").get_data(as_text=True)
    assert (
        partner_site.visitor().post("/aanmelden", {"address": "gemeente@gemeente-hofstad.example"}).status_code == 303
    )
    with partner_site.database.transaction() as session:
        domain, other = session.get(MailDomain, "hofstad.example"), organisation_by_name(session, "Zorg Hofstad")
        assert domain
        assert other
        domain.organisation_id = other.id
    typed = {"address": "corporatie@hofstad.example"}
    assert partner_site.visitor().post("/aanmelden", typed).status_code == 303, "the domain is of another one now"


def test_of_answers_at_once_one_wins(partner_site: Site, provider: Provider) -> None:
    visitor = partner_site.visitor()
    journey = depart(visitor, provider)
    cookie = visitor.client.get_cookie("sso")
    assert cookie

    def twin(asked: dict[str, str]) -> int:
        other = partner_site.visitor()
        other.client.set_cookie("sso", cookie.value)
        return Journey(other, "hofstad", asked).back().status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(twin, [journey.asked] * 4)) == [303, 410, 410, 410]


def test_whoever_begins_under_another_name_of_the_portal_goes_on_under_its_own(
    partner_site: Site, provider: Provider
) -> None:
    answer = partner_site.visitor().get("/sso/hofstad/start", headers={"Host": "127.0.0.1"})
    assert answer.headers["Location"] == "http://localhost/sso/hofstad/start"
    assert provider.calls == []


def test_a_flood_of_failures_is_stopped_and_a_few_are_not(
    partner_site: Site, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert queries.FAILURES_A_MINUTE >= 60, "people at one partner share a network address"
    monkeypatch.setattr(queries, "FAILURES_A_MINUTE", 5)
    visitor = partner_site.visitor()
    for _ in range(5):
        assert visitor.get("/sso/hofstad/terug?state=x").status_code == 400
    assert visitor.get("/sso/hofstad/terug?state=x").status_code == 429
    partner_site.clock.forward(seconds=61)
    assert is_in(sign_in(partner_site, provider))


def test_a_provider_that_is_silent_keeps_one_request_waiting_and_no_more(
    partner_site: Site, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process has four threads, and people who read need one."""
    asked, may_answer = Signal(), Signal()
    outcomes = iter(["silent", "waits"])

    def answer_in_turn(url: str, **options: Any) -> Answer:
        outcome = next(outcomes, "answers")
        if outcome == "silent":
            raise FetchError("timeout")
        if outcome == "waits":
            asked.set()
            assert may_answer.wait(30)
        return fetch(url, **options)

    monkeypatch.setattr("portal.sso.discovery.fetch", answer_in_turn)
    start = "/sso/hofstad/start"
    assert partner_site.visitor().get(start).status_code == 503
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(partner_site.visitor().get, start)
        assert asked.wait(30)
        others = [partner_site.visitor().get(start) for _ in range(3)]
        may_answer.set()
        assert waiting.result().status_code == 303
    assert {other.status_code for other in others} == {503}
    with partner_site.database.reading() as session:
        refusals = session.scalars(select(Event.details).where(Event.action == "sso.refused").order_by(Event.number))
        assert [told["detail"] for told in refusals] == ["discovery:timeout", *["discovery:timeout-before"] * 3]
    assert is_in(sign_in(partner_site, provider)), "what is right again works at once"


def test_two_providers_with_one_issuer_keep_their_people_apart(partner_site: Site, provider: Provider) -> None:
    """As at SURFconext: one issuer speaks for many organisations."""
    connect(partner_site, provider.issuer, "zorg", "Zorg Hofstad")
    sign_in(partner_site, provider)
    visitor = partner_site.visitor()
    answer = depart(visitor, provider, "zorg").back()
    assert answer.status_code == Reason.OTHER_ACCOUNT.value.status
    assert not is_in(visitor)
    provider.person = person(sub="z-1", email="z@zorg-hofstad.example")
    assert depart(visitor, provider, "zorg").back().status_code == 303
