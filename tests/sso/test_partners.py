"""Coming in by a certified provider (oidc-provider), as three partners have it: what only a real one can show."""

import os
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.access.queries import person_by_address
from portal.audit.operations import SYSTEM
from portal.lib import clock
from portal.sso.models import Identity
from portal.sso.operations import Account, add_secret
from portal.sso.queries import provider_by_name
from portal.sso.refusals import Reason
from tests.admin.filling import main_words
from tests.conftest import NOW, Site, make_site
from tests.running import free_port
from tests.sso.connecting import connect
from tests.sso.partners import CLIENTS, INSTALLED, NAMES, SECRETS, Browser, Partners, private_key, running
from tests.sso.test_faults import last_refusal
from tests.visitor import parse, words

REQUIRED = os.environ.get("PORTAL_REQUIRE_NODE") == "1"
MISSING = (
    "oidc-provider (npm) ontbreekt, dus geen echte aanbieders: make test haalt het (PORTAL_REQUIRE_NODE=1 eist het)"
)
ORGANISATIONS = {"entra": "Gemeente Hofstad", "keycloak": "Zorg Hofstad", "surfconext": "Hofstad Wonen"}
LOA2 = "http://surfconext.nl/assurance/loa2"
RULES: dict[str, dict[str, object]] = {
    "entra": {
        "scopes": "openid email profile",
        "mapping": {"5b0c0f4e-1111-4e4e-9f9f-aaaaaaaaaaaa": ["redacteur", "rol:info_meldpunt"]},
    },
    "keycloak": {"mapping": {"/handboek/redactie": ["redacteur"]}},
    "surfconext": {
        "scopes": "openid email profile",
        "group_claim": "eduperson_entitlement",
        "mapping": {"urn:mace:surf.nl:handboek:redactie": ["redacteur"]},
        "factor_values": (LOA2,),
    },
}
PEOPLE = {"entra": "anna", "keycloak": "bram", "surfconext": "carla"}


@pytest.fixture(scope="module")
def partners() -> Iterator[Partners]:
    """Run the three partners; without what npm installs their tests are skipped, or fail where it is required."""
    if not INSTALLED:
        (pytest.fail if REQUIRED else pytest.skip)(MISSING)
    with running(free_port()) as made:
        yield made


@pytest.fixture
def three(partner_site: Site, partners: Partners) -> Site:
    """Give a site with the three partners, at the time it is: they have a clock of their own."""
    partner_site.clock.moment = clock.now()
    for partner, organisation in ORGANISATIONS.items():
        secret = SECRETS.get(partner) or private_key()
        account = Account(partners.issuers[partner], CLIENTS[partner], secret, is_private_key=partner not in SECRETS)
        connect(partner_site, account.issuer, NAMES[partner], organisation, account, **RULES[partner])
    return partner_site


def sign_in(site: Site, partner: str, person: str) -> Browser:
    """Sign in cleanly, by one's own partner."""
    browser = Browser(site.visitor())
    answer = browser.visitor.get(browser.through(NAMES[partner], person).path)
    assert (answer.status_code, answer.headers.get("Location")) == (303, "/"), words(parse(answer).xpath("//main")[0])
    assert browser.visitor.get("/mijn-sessies").status_code == 200
    return browser


def refused(site: Site, browser: Browser, answer: TestResponse, reason: Reason, detail: str = "") -> None:
    """Check the page, the log, and that nobody was signed in."""
    page = words(parse(answer).xpath("//main")[0])
    assert answer.status_code == reason.value.status, page
    told = last_refusal(site)
    assert (told["reason"], told["reference"] in page) == (reason.name.lower(), True), (told, page)
    assert detail in told["detail"]
    assert browser.visitor.get("/mijn-sessies").status_code != 200


def rights(site: Site, address: str) -> tuple[set[str], set[str]]:
    with site.database.reading() as session:
        found = person_by_address(session, address)
        assert found, address
        return {group.value for group in found.groups} - {"lezer"}, set(found.roles)


def changed(address: str, **arguments: str | None) -> str:
    """Return an address with other arguments; None leaves one out."""
    parts = urlsplit(address)
    given = {**dict(parse_qsl(parts.query)), **arguments}
    return parts._replace(query=urlencode({name: value for name, value in given.items() if value is not None})).geturl()


def test_claims_of_each_partner_give_what_its_mapping_says(three: Site) -> None:
    sign_in(three, "entra", "anna")
    assert rights(three, "anna@gemeente-hofstad.example") == ({"redacteur"}, {"uitvoeringsdienst", "info_meldpunt"})
    sign_in(three, "keycloak", "bram")
    assert rights(three, "bram@zorg-hofstad.example") == ({"redacteur"}, {"zorgaanbieder"})
    sign_in(three, "keycloak", "buiten")
    assert rights(three, "buiten@zorg-hofstad.example")[0] == set(), "a part of a path is not that path"
    sign_in(three, "surfconext", "carla")  # its ID token holds no mail address: only userinfo does
    assert rights(three, "carla@hofstad.example") == ({"redacteur"}, {"corporatie"})
    with three.database.reading() as session:
        subjects = set(session.scalars(select(Identity.subject)))
    assert subjects > {"bram", "carla"}
    assert "anna" not in subjects, "Entra gives every application another subject"


def test_a_dry_run_shows_what_only_userinfo_tells_and_changes_nothing(three: Site) -> None:
    page, browser = "/beheer/sso/wonen", Browser(three.signed_in("beheerder"))
    asked = parse(browser.visitor.post(f"{page}/proef", token_from=page))
    [address] = asked.xpath("//main//a[@class='btn btn--start']/@href")
    told = main_words(browser.visitor.get(browser.choose(browser.open(address), "carla").path))
    for expected in ("nieuw: carla@hofstad.example", "schac_home_organization", "urn:mace:surf.nl:handboek:redactie"):
        assert expected in told
    with three.database.reading() as session:
        assert person_by_address(session, "carla@hofstad.example") is None


def test_whom_a_partner_may_not_speak_for_gets_no_account(three: Site) -> None:
    for partner, person, reason, detail in (
        ("entra", "gast", Reason.NO_ADDRESS, "email"),
        ("keycloak", "nieuw", Reason.UNVERIFIED, "email_verified"),
        ("surfconext", "elders", Reason.OUTSIDE, "domain"),
        ("keycloak", "niemand", Reason.DENIED, "response:access_denied"),
    ):
        browser = Browser(three.visitor())
        refused(three, browser, browser.visitor.get(browser.through(NAMES[partner], person).path), reason, detail)
    for partner, person in PEOPLE.items():
        sign_in(three, partner, person)


def test_whose_groups_a_partner_names_elsewhere_does_not_come_in(three: Site) -> None:
    browser = Browser(three.visitor())
    answer = browser.visitor.get(browser.through(NAMES["entra"], "veel").path)
    refused(three, browser, answer, Reason.INCOMPLETE, "claims:elsewhere")
    with three.database.reading() as session:
        assert person_by_address(session, "veel@gemeente-hofstad.example") is None


def test_a_level_of_assurance_counts_as_second_factor_where_the_beheerder_says_so(three: Site) -> None:
    strict = make_site(three.config, three.config.database_url, second_factor=True)
    strict.clock.moment = clock.now()
    sign_in(strict, "surfconext", "carla")
    for partner, person in (("surfconext", "zwak"), ("keycloak", "bram")):
        browser = Browser(strict.visitor())
        assert browser.visitor.get(browser.through(NAMES[partner], person).path).status_code == 303
        assert browser.visitor.get("/").headers["Location"] == "/aanmelden/tweede-stap", person
    strict.database.engine.dispose()


def test_a_secret_that_the_partner_no_longer_takes_makes_way_for_the_next(three: Site) -> None:
    """A partner refuses an unknown secret before it looks at the code, so the code still works with the next one."""
    seal, strangers = three.app.extensions["portal_seal"], dict.fromkeys(SECRETS, "een ander")
    strangers["surfconext"] = RSAKey.generate_key(2048).as_pem(private=True).decode()
    with three.database.transaction() as session:
        for partner, secret in strangers.items():
            provider = provider_by_name(session, NAMES[partner])
            assert provider
            provider.sealed_secret = seal.close(secret)
    for partner, person in PEOPLE.items():
        browser = Browser(three.visitor())
        answer = browser.visitor.get(browser.through(NAMES[partner], person).path)
        refused(three, browser, answer, Reason.SET_UP, "token:invalid_client")
        with three.database.transaction() as session:
            provider = provider_by_name(session, NAMES[partner])
            assert provider
            add_secret(session, seal, provider, SECRETS.get(partner) or private_key(), by=SYSTEM, at=NOW)
        sign_in(three, partner, person)
        with three.database.reading() as session:
            provider = provider_by_name(session, NAMES[partner])
            assert provider
            assert provider.sealed_next_secret is None, "the one that works took over"
        sign_in(three, partner, person)


def test_without_pkce_or_with_the_code_of_another_attempt_nobody_comes_in(three: Site) -> None:
    browser = Browser(three.visitor())
    screen = browser.open(changed(browser.leave("zorg"), code_challenge=None, code_challenge_method=None))
    refused(three, browser, browser.visitor.get(screen.path), Reason.SET_UP, "response:invalid_request")
    thief = Browser(three.visitor())
    stolen = dict(parse_qsl(urlsplit(thief.through("zorg", "bram").path).query))["code"]
    back = changed(browser.through("zorg", "buiten").path, code=stolen)
    refused(three, browser, browser.visitor.get(back), Reason.ANSWER, "token:invalid_grant")
    sign_in(three, "keycloak", "bram")


def test_a_new_key_of_a_partner_is_followed_at_once(three: Site, partners: Partners) -> None:
    for partner, person in PEOPLE.items():
        sign_in(three, partner, person)
        browser = Browser(three.visitor())
        back = browser.through(NAMES[partner], person)
        partners.rotate(partner)
        assert browser.visitor.get(back.path).status_code == 303, "on the way while it was replaced"
        sign_in(three, partner, person)


def test_every_answer_must_name_the_partner_that_was_asked(three: Site, partners: Partners) -> None:
    promised = dict(parse_qsl(urlsplit(Browser(three.visitor()).through("zorg", "bram").path).query))
    assert promised["iss"] == partners.issuers["keycloak"]
    for issuer, detail in ((None, "response:no-iss"), (partners.issuers["surfconext"], "response:iss")):
        browser = Browser(three.visitor())
        back = changed(browser.through("zorg", "bram").path, iss=issuer)
        refused(three, browser, browser.visitor.get(back), Reason.MIXED_UP, detail)
        answer = browser.visitor.get(browser.open(browser.leave("zorg")).path)  # who was asked still knows who this is
        assert (answer.status_code, browser.visitor.get("/mijn-sessies").status_code) == (303, 200)


def test_the_answer_of_one_partner_is_worth_nothing_at_the_address_of_another(three: Site) -> None:
    browser = Browser(three.visitor())
    answer = browser.through("gemeente", "anna").path
    elsewhere = answer.replace("/sso/gemeente/", "/sso/zorg/")
    refused(three, browser, browser.visitor.get(elsewhere), Reason.MIXED_UP, "state")
    refused(three, browser, browser.visitor.get(answer), Reason.USED, "state")
    begun = dict(parse_qsl(urlsplit(browser.leave("zorg")).query))["state"]
    injected = browser.open(browser.leave("gemeente")).path.replace("/sso/gemeente/", "/sso/zorg/")
    answer = changed(injected, state=begun)  # the state is right here, the rest is not
    refused(three, browser, browser.visitor.get(answer), Reason.MIXED_UP, "response:iss")
    for partner, person in PEOPLE.items():
        sign_in(three, partner, person)


def test_signing_out_at_the_partner_ends_its_session_and_leads_back(three: Site) -> None:
    browser = sign_in(three, "keycloak", "bram")
    assert browser.open(browser.leave("zorg")).left, "the partner remembers who this is"
    page = browser.visitor.post("/afmelden", token_from="/mijn-sessies").headers["Location"]
    [out] = browser.visitor.page(page).xpath("//main//a[@class='btn']/@href")
    assert not browser.open(browser.leave("zorg")).left, "whoever signed out is asked again"
    assert browser.open(browser.leave("zorg")).left
    browser.visitor.page(page)
    assert browser.press(browser.open(out), logout="yes").path == "/aanmelden"
    assert "prompt=login" in browser.leave("zorg")
    assert not browser.open(browser.leave("zorg")).left, "the partner has forgotten"
    answer = browser.visitor.get(browser.through("zorg", "buiten").path)
    assert (answer.status_code, browser.visitor.get("/mijn-sessies").status_code) == (303, 200)
