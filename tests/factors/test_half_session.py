"""Who still has to show a second factor is a stranger everywhere but at the pages that ask for it."""

import itertools

import pytest
from sqlalchemy import update

from portal.access.models import SignedInSession
from portal.access.permissions import is_before_factor
from portal.access.queries import person_by_address
from portal.access.sign_in import open_session
from portal.audit.operations import SYSTEM
from portal.config import Config
from portal.lib.tokens import token_hash
from portal.publishing.content import Handbook
from tests.conftest import LONG, address_of
from tests.factors.steps import OWN, STEP, begin_app, enrol, is_in, main, strict
from tests.handbook.test_visibility import METHODS, PUBLIC, addresses
from tests.visitor import parse

OPEN = {
    *(STEP, "/afmelden", f"{OWN}/passkey", f"{OWN}/passkey/vraag", f"{OWN}/app", f"{OWN}/app/bevestigen"),
}
"""What a half session may reach: showing a factor, setting the first one up, and signing out."""


def test_a_half_session_reaches_the_factor_pages_and_nothing_else(
    config: Config, small_url: str, handbook: Handbook
) -> None:
    with strict(config, small_url) as site, strict(config, small_url) as another_process:
        enrol(site, "beheerder")
        half = site.signed_in("beheerder")
        rules = {rule.rule: rule.endpoint for rule in site.app.url_map.iter_rules()}
        marked = {rule for rule, endpoint in rules.items() if is_before_factor(site.app.view_functions[endpoint])}
        assert marked == OPEN
        elsewhere = another_process.visitor()
        cookie = half.client.get_cookie("sessie")
        assert cookie
        elsewhere.client.set_cookie("sessie", cookie.value)
        for rule, paths in addresses(site, handbook).items():
            if rule in PUBLIC | OPEN:
                continue
            for path, method in itertools.product(paths if LONG else paths[:1], METHODS if LONG else ("GET", "POST")):
                for visitor in (half, elsewhere) if method == "GET" else (half,):
                    answer = visitor.client.open(path, method=method)
                    reads = method in ("GET", "HEAD")
                    assert answer.status_code == (303 if reads else 401), f"{method} {path}"
                    assert not reads or answer.headers["Location"] == STEP, path
        for path in ("/bestaat-niet", "/privacy", "/toegankelijkheid", STEP):
            text = half.get(path).get_data(as_text=True)
            assert "Stroomschema" not in text, path
            assert "/documenten" not in text, path


def test_a_half_session_of_who_has_a_factor_cannot_set_up_another(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        enrol(site, "redacteur")
        half = site.signed_in("redacteur")
        for path in (f"{OWN}/passkey", f"{OWN}/app"):
            assert half.get(path).headers["Location"] == STEP
        for path in (f"{OWN}/passkey", f"{OWN}/passkey/vraag", f"{OWN}/app", f"{OWN}/app/bevestigen"):
            assert half.post(path, token_from=STEP).status_code == 401, path
        [button] = parse(half.get(STEP)).xpath("//header//form[@action='/afmelden']")
        assert button is not None
        assert half.post("/afmelden", token_from=STEP).status_code == 303
        assert half.get(STEP).headers["Location"] == "/aanmelden"


def test_a_session_of_before_the_factor_was_required_becomes_half(config: Config, small_url: str) -> None:
    with strict(config, small_url, second_factor=False) as lax:
        visitor = lax.signed_in("auditor")
        assert is_in(visitor)
        with strict(config, small_url) as site:
            cookie = visitor.client.get_cookie("sessie")
            assert cookie
            later = site.visitor()
            later.client.set_cookie("sessie", cookie.value)
            assert later.get("/").headers["Location"] == STEP
            begin_app(later)


@pytest.mark.parametrize("asserted", [True, False])
def test_a_provider_whose_word_counts_shows_the_factor(config: Config, small_url: str, asserted: bool) -> None:
    with strict(config, small_url) as site:
        half = site.signed_in("redacteur")
        with site.database.transaction() as session:
            person = person_by_address(session, address_of("redacteur"))
            assert person
            now = site.clock()
            token = open_session(session, site.config, person, link_id=None, by=SYSTEM, at=now, factor_shown=asserted)
            row = session.query(SignedInSession).filter_by(token_hash=token_hash(token)).one()
            session.execute(  # the browser goes on under the secret that the provider's way gave it
                update(SignedInSession).where(SignedInSession.id != row.id).values(factor_at=row.factor_at)
            )
        assert is_in(half) is asserted
        if asserted:
            site.clock.forward(minutes=11)
            answer = half.get(f"{OWN}/passkey")
            assert answer.status_code == 403
            assert "Meld u af en daarna opnieuw aan" in main(answer)
