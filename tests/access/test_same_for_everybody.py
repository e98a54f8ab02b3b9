"""Whoever types an address learns nothing about who exists, by any way of coming in (DESIGN section 6, ASVS V6.3.8).

Within one way in everybody gets the same answer, and it runs the same SQL, writes the same rows and queues the same
mails. What differs between ways is told anyway: a mail domain has an identity provider or it has none. A passkey and a
provider ask no address. How long they take is measured by ``bench/signing_in.py``.

Coming back from a provider, nobody types an address: the provider says one, for who has signed in there. Of people of
other organisations nothing may be learned by that, however a provider lies, and to be refused costs the same whoever
it is. Each refusal has a page of its own, which tells people of themselves. Not equal by nature are a first time, a
return, and "U hebt al een account": for these one must be somebody at the provider of that very organisation, within
its domains, and so no stranger.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from portal.access.organisations import disable_organisation
from portal.access.people import disable_person
from portal.access.sign_in import CODE_TRIES, MAILS_AN_HOUR
from portal.audit.operations import SYSTEM
from portal.config import Config
from tests.access.test_sign_in import ask, post_out
from tests.conftest import NOW, Site, address_of, make_site
from tests.factors.authenticator import Authenticator
from tests.factors.test_passkeys import make, question_to_show
from tests.links.scanning import rows
from tests.links.test_invitation import invitation
from tests.sso.connecting import connect
from tests.sso.provider import Provider, depart, person, running
from tests.visitor import TOKEN, Visitor, link_for

RANDOM = re.compile(r"(?<=^sessie=)[^;]*|(?<=Expires=)[^;]*")
"""What of a cookie is another one at every request, and its end, which is of the clock of the machine."""
REFERENCE = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{4}")
"""By which the log knows a refusal."""
READER, EDITOR = address_of("corporatie"), address_of("redacteur_elders")
"""Two who have an account at an organisation with an identity provider."""
STRANGER = "niemand@hofstad.example"
FORM = "/aanmelden"


@dataclass(frozen=True)
class Seen:
    """What a request shows to who sends it, without what is random or was typed, and what it costs."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: str
    statements: Sequence[str]
    changed: dict[str, int]
    """By table: how many rows are new or other than before."""


def noted(site: Site, request: Callable[[], TestResponse], typed: str = "") -> Seen:
    """Send a request, and note everything about it."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    before = rows(site)
    event.listen(site.database.engine, "before_cursor_execute", note)
    answer = request()
    event.remove(site.database.engine, "before_cursor_execute", note)
    changed = {name: len(set(map(repr, found)) - set(map(repr, before[name]))) for name, found in rows(site).items()}
    headers = [(name, RANDOM.sub("", value)) for name, value in answer.headers if name != "Content-Length"]
    body = REFERENCE.sub("", TOKEN.sub("", answer.get_data(as_text=True))).replace(typed or "\0", "")
    return Seen(answer.status_code, headers, body, statements, {name: n for name, n in changed.items() if n})


def sent(site: Site, visitor: Visitor, path: str, typed: str = "", **data: str) -> Seen:
    """Send a form as a browser would, and note everything about it."""
    token = TOKEN.search(visitor.get(FORM if path.startswith(FORM) else path).get_data(as_text=True))
    assert token
    return noted(site, lambda: visitor.client.post(path, data={"csrf_token": token[1], **data}), typed)


def asked(site: Site, address: str, path: str = FORM, **data: str) -> tuple[Seen, str, Visitor]:
    """Type an address in a new browser; give what was seen, with the page after it, and the browser."""
    visitor = site.visitor()
    seen = sent(site, visitor, path, address, address=address, **data)
    return seen, TOKEN.sub("", visitor.get(FORM).get_data(as_text=True)), visitor


def wrong_code(site: Site, browser: Visitor) -> Seen:
    return sent(site, browser, FORM, stap="code", code="AAAA2222")


@pytest.fixture
def people(small_site: Site) -> dict[str, str]:
    """Give one address of every kind, at an organisation without an identity provider except where it says so."""
    with small_site.database.transaction() as session:
        disable_person(session, address=address_of("gemeente"), by=SYSTEM, at=NOW)
        disable_person(session, address=EDITOR, by=SYSTEM, at=NOW)
        disable_organisation(session, name="Zorg Hofstad", by=SYSTEM, at=NOW)
    return {
        "reader": address_of("uitvoeringsdienst"),
        "beheerder": address_of("beheerder"),
        "closed off": address_of("gemeente"),
        "organisation closed off": address_of("zorgaanbieder"),
        "stranger at an organisation": "niemand@gemeente-hofstad.example",
        "stranger": "niemand@elders.example",
    }


def test_the_mail_tells_nobody_else_who_exists(small_site: Site, people: dict[str, str]) -> None:
    """Also once no more mails go out within the hour."""
    for again in (False, True):
        found = {kind: asked(small_site, address)[:2] for kind, address in people.items()}
        known = found["reader"]
        assert known[0].status == 303
        assert known[0].changed == {"event": 1, "event_origin": 1, "outbox_message": 1, "sign_in_link": 1}
        for kind, seen in found.items():
            assert seen == known, (again, kind)
        for address in [] if again else list(people.values()) * (MAILS_AN_HOUR - 1):
            ask(small_site.visitor(), address)
    delivered = [to for to, _subject, _text in post_out(small_site)]
    assert {address: delivered.count(address) for address in people.values()} == dict.fromkeys(
        people.values(), MAILS_AN_HOUR
    )


def test_the_way_of_a_mail_domain_tells_of_nobody(small_site: Site, people: dict[str, str]) -> None:
    connect(small_site, "https://idp.example", "hofstad")
    mine = (READER, STRANGER, EDITOR)
    led = [asked(small_site, address)[0] for address in mine]
    assert led[0].status == 200
    assert "/sso/hofstad/start" in led[0].body
    assert not led[0].changed
    assert led[1:] == led[:1] * 2
    mailed = [asked(small_site, address, stap="mail")[:2] for address in mine]
    assert mailed[0][0].changed["outbox_message"] == 1
    assert mailed[1:] == mailed[:1] * 2
    others = [asked(small_site, address)[:2] for address in people.values()]
    assert others[0][0].status == 303
    assert others[1:] == others[:1] * (len(people) - 1)
    assert sorted(to for to, _subject, _text in post_out(small_site)) == sorted((*mine, *people.values()))


def test_an_invitation_tells_of_nobody(small_site: Site, people: dict[str, str]) -> None:
    path = invitation(small_site)
    inside = [asked(small_site, address, path)[:2] for address in (READER, STRANGER, EDITOR)]
    assert inside[0][0].status == 303
    assert inside[0][0].changed == {
        "event": 1,
        "event_origin": 1,
        "outbox_message": 1,
        "sign_in_link": 1,
        "organisation_link_use": 1,
    }
    assert inside[1:] == inside[:1] * 2
    outside = [asked(small_site, address, path)[0] for address in people.values()]
    assert (outside[0].status, outside[0].changed) == (422, {})
    assert outside[1:] == outside[:1] * (len(people) - 1)
    assert len(post_out(small_site)) == 3


def test_a_wrong_code_tells_of_nobody(small_site: Site, people: dict[str, str]) -> None:
    """Whether it was asked for at the page for signing in or by an invitation."""
    path = invitation(small_site)
    ways: list[list[Visitor]] = [
        [asked(small_site, people[kind])[2] for kind in ("reader", "closed off", "stranger")],
        [asked(small_site, address, path)[2] for address in (READER, STRANGER, EDITOR)],
    ]
    for browsers in ways:
        first = [wrong_code(small_site, browser) for browser in browsers]
        assert first[0].status == 410
        assert first[0].changed == {"event": 1, "event_origin": 1, "sign_in_link": 1}
        assert first[1:] == first[:1] * (len(browsers) - 1)
        for browser in browsers:
            left = [browser.post(FORM, {"stap": "code", "code": "AAAA2222"}) for _ in range(CODE_TRIES - 1)]
            assert {answer.status_code for answer in left} == {410}
        last = [wrong_code(small_site, browser) for browser in browsers]
        assert (last[0].status, last[0].changed) == (429, {})
        assert last[1:] == last[:1] * (len(browsers) - 1)


def test_a_link_of_who_was_closed_off_is_like_one_that_never_was(small_site: Site) -> None:
    links = [link_for(small_site.app, READER), link_for(small_site.app, address_of("zorgaanbieder"))]
    with small_site.database.transaction() as session:
        disable_person(session, address=READER, by=SYSTEM, at=NOW)
        disable_organisation(session, name="Zorg Hofstad", by=SYSTEM, at=NOW)
    seen: list[Any] = [sent(small_site, small_site.visitor(), path) for path in (f"/toegang/{'x' * 43}", *links)]
    assert seen[0].status == 410
    assert seen[1:] == seen[:1] * 2


def test_a_passkey_is_asked_of_nobody_in_particular(small_site: Site) -> None:
    """Of an address beside it nothing is taken; two answers differ in their random challenge only."""
    path = "/aanmelden/passkey/vraag"
    seen = [sent(small_site, small_site.visitor(), path, address=address) for address in (READER, STRANGER)]
    plain = [(one.status, re.sub(r'"challenge": ?"[^"]+"', "", one.body), one.statements, one.changed) for one in seen]
    assert seen[0].status == 200
    assert '"allowCredentials": []' in seen[0].body
    assert plain[0] == plain[1]


def test_a_passkey_that_is_not_right_tells_of_nobody(small_site: Site) -> None:
    """Neither whose it is nor whether it ever was one: also not the right one of who was closed off."""
    device, gone, left = Authenticator(), Authenticator(), Authenticator()
    for key, one in (("corporatie", device), ("uitvoeringsdienst", gone), ("zorgaanbieder", left)):
        make(small_site.signed_in(key), one)
    with small_site.database.transaction() as session:
        disable_person(session, address=address_of("uitvoeringsdienst"), by=SYSTEM, at=NOW)
        disable_organisation(session, name="Zorg Hofstad", by=SYSTEM, at=NOW)
    unasked = {"challenge": "A" * 43}
    answers: dict[str, Callable[[dict[str, Any]], str]] = {
        "unknown": lambda asked: Authenticator().show(asked),
        "closed off": lambda asked: gone.show(asked),
        "organisation closed off": lambda asked: left.show(asked),
        "another key by that number": lambda asked: Authenticator(number=device.number, count=9).show(asked),
        "another person by that number": lambda asked: replace(device, handle="elders").show(asked),
        "never asked": lambda asked: device.show(asked | unasked),
        "of nobody, never asked": lambda asked: Authenticator().show(asked | unasked),
        "not an answer": lambda _asked: "{",
        "no number": lambda asked: gone.show(asked).replace('"id": "', '"id": "\\u0000'),
        "nothing": lambda _asked: "",
    }
    found = {}
    for why, answer in answers.items():
        visitor = small_site.visitor()
        typed = answer(question_to_show(visitor))
        found[why] = sent(small_site, visitor, "/aanmelden/passkey", factor_passkey=typed)
    assert found["unknown"].status == 422
    assert found["unknown"].changed == {"event": 1, "event_origin": 1}
    for why, seen in found.items():
        assert seen == found["unknown"], why
    visitor = small_site.visitor()
    right = device.show(question_to_show(visitor))
    assert sent(small_site, visitor, "/aanmelden/passkey", factor_passkey=right).status == 303


def came_back(site: Site, provider: Provider, **changes: Any) -> Seen:
    """Come back from a provider that says this of somebody."""
    provider.person = person(**changes)
    journey = depart(site.visitor(), provider)
    return noted(site, journey.back)


def test_a_provider_learns_of_nobody_elsewhere(config: Config, small_url: str) -> None:
    """And within its own domains not whether an account is open or closed."""
    site = make_site(config, small_url, sso_allow_private=True)
    with running(site.clock) as provider:
        connect(site, provider.issuer, "hofstad")
        assert came_back(site, provider, key="vertrekt", sub="vertrekt").status == 303
        with site.database.transaction() as session:
            for address in (EDITOR, "vertrekt@hofstad.example"):
                disable_person(session, address=address, by=SYSTEM, at=NOW)
        elsewhere = [
            address_of("beheerder"),
            address_of("zorgaanbieder"),
            "niemand@elders.example",
            "x@sub.hofstad.example",
        ]
        outside = [came_back(site, provider, sub=f"o-{one}", email=one) for one in elsewhere]
        assert outside[0].status == 403
        assert outside[0].changed == {"event": 1, "event_origin": 1, "sso_attempt": 1}
        assert outside[1:] == outside[:1] * (len(elsewhere) - 1)
        addresses = ("vertrekt@hofstad.example", READER, STRANGER, address_of("beheerder"))
        closed = [came_back(site, provider, sub="vertrekt", email=one) for one in addresses]
        assert closed[1:] == closed[:1] * (len(addresses) - 1), "who it is, is known by subject alone"
        assert cost(closed[0]) == cost(outside[0]), "to be refused costs the same, known or not"
        known = [came_back(site, provider, sub=f"k-{one}", email=one) for one in (READER, EDITOR)]
        assert (known[0].status, known[0].changed["sso_identity"]) == (409, 1)
        assert known[1] == known[0]
        assert post_out(site) == []
    site.database.engine.dispose()


def cost(seen: Seen) -> tuple[int, Sequence[tuple[str, str]], Sequence[str], dict[str, int]]:
    """Return everything but the words of the page."""
    return seen.status, seen.headers, seen.statements, seen.changed
