"""Passkeys: made and shown by the rules of WebAuthn, and every answer that is wrong in one respect is refused."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.access.people import disable_person
from portal.audit.models import Event
from portal.audit.operations import SYSTEM
from portal.config import Config
from portal.factors.models import Passkey, PasskeyChallenge
from portal.factors.passkeys import localhost_of, relying_party
from tests.access.test_sign_in import post_out
from tests.conftest import NOW, Site, address_of
from tests.factors.authenticator import BACKED_UP, MAY_BE_BACKED_UP, PRESENT, VERIFIED, Authenticator
from tests.factors.steps import OWN, STEP, codes_on, enrol, is_in, main, now_code, show, strict
from tests.visitor import TOKEN, Visitor


def asked(visitor: Visitor, path: str, token_from: str) -> dict[str, Any]:
    """Return the options that the script of a page asks for."""
    answer = visitor.post(path, token_from=token_from)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    options: dict[str, Any] = json.loads(answer.get_data(as_text=True))
    return options


def question_to_make(visitor: Visitor) -> dict[str, Any]:
    return asked(visitor, f"{OWN}/passkey/vraag", f"{OWN}/passkey")


def question_to_show(visitor: Visitor, page: str = "/aanmelden") -> dict[str, Any]:
    return asked(visitor, "/aanmelden/passkey/vraag", page)


def make(visitor: Visitor, device: Authenticator, name: str = "Laptop") -> Any:
    answer = device.make(question_to_make(visitor))
    return visitor.post(f"{OWN}/passkey", {"factor_passkey": answer, "factor_name": name})


def sign_in(visitor: Visitor, answer: str) -> Any:
    return visitor.post("/aanmelden/passkey", {"factor_passkey": answer}, token_from="/aanmelden")


def test_the_first_sign_in_makes_a_passkey_and_the_next_shows_it(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        visitor, device = site.signed_in("beheerder"), Authenticator()
        options = question_to_make(visitor)
        assert options["rp"] == {"id": "localhost", "name": "Handboek HMD/HOV"}
        assert len(options["challenge"]) == 43
        assert options["attestation"] == "none"
        assert options["authenticatorSelection"]["userVerification"] == "required"
        assert address_of("beheerder") not in options["user"]["id"]
        assert len(codes_on(make(visitor, device))) == 10
        assert is_in(visitor)
        assert [one["id"] for one in question_to_make(visitor)["excludeCredentials"]]
        second = site.signed_in("beheerder")
        assert second.get("/beheer").headers["Location"] == STEP
        options = question_to_show(second, STEP)
        assert (options["rpId"], options["userVerification"], len(options["allowCredentials"])) == (
            "localhost",
            "required",
            1,
        )
        answer = second.post(STEP, {"factor_passkey": device.show(options)})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/beheer")
        assert is_in(second)
        assert "Laptop" in main(second.get(OWN))


def test_a_reader_adds_a_passkey_and_comes_in_by_it_alone(small_site: Site) -> None:
    visitor, device = small_site.signed_in("corporatie"), Authenticator(counts=False)
    device.flags |= MAY_BE_BACKED_UP | BACKED_UP
    assert make(visitor, device, "").headers["Location"] == OWN
    assert [subject for _address, subject, _text in post_out(small_site)] == [
        "Een passkey toegevoegd aan uw aanmelding"
    ]
    with small_site.database.reading() as session:
        kept = session.scalars(select(Passkey)).one()
        assert (kept.name, kept.transports, kept.is_backed_up) == ("Passkey", "internal", True)
    for _ in range(2):
        stranger = small_site.visitor()
        stranger.get("/documenten")
        options = question_to_show(stranger)
        assert not options.get("allowCredentials")
        assert sign_in(stranger, device.show(options)).headers["Location"] == "/documenten"
        assert is_in(stranger)


@pytest.mark.parametrize("staff", [False, True])
def test_a_passkey_alone_is_both_factors(config: Config, small_url: str, staff: bool) -> None:
    with strict(config, small_url) as site:
        device, key = Authenticator(), "redacteur" if staff else "zorgaanbieder"
        make(site.signed_in(key), device)
        stranger = site.visitor()
        assert sign_in(stranger, device.show(question_to_show(stranger))).status_code == 303
        assert stranger.get("/redactie").status_code == (200 if staff else 403)


def test_an_answer_that_is_wrong_in_one_respect_signs_nobody_in(small_site: Site) -> None:
    visitor, device = small_site.signed_in("corporatie"), Authenticator()
    make(visitor, device)
    other, stranger = small_site.visitor(), small_site.visitor()
    used = device.show(question_to_show(stranger))
    assert sign_in(stranger, used).status_code == 303

    def attempt(wrong: Authenticator, options: dict[str, Any] | None = None, **changes: Any) -> str:
        wrong.handle = device.handle if wrong.handle != "elders" else wrong.handle
        return wrong.show(options or question_to_show(other), **changes)

    far = replace(device, count=50)
    wrongs = {
        "used before": used,
        "asked by another browser": attempt(replace(far), question_to_show(small_site.visitor())),
        "a challenge of its own": attempt(replace(far), {"challenge": "A" * 43}),
        "asked to make": attempt(replace(far), question_to_make(visitor)),
        "not verified": attempt(replace(far, flags=PRESENT)),
        "nobody there": attempt(replace(far, flags=VERIFIED)),
        "another origin": attempt(replace(far, origin="http://localhost:8000")),
        "another name": attempt(replace(far, rp_id="elders.example")),
        "a counter that went back": attempt(replace(device, count=0)),
        "a counter that stands still": attempt(replace(device, count=device.count, counts=False)),
        "another key": attempt(Authenticator(number=device.number, count=50)),
        "unknown": attempt(Authenticator()),
        "another person": attempt(replace(far, handle="elders")),
        "for making": attempt(replace(far), type="webauthn.create"),
        "nothing": "",
        "no object": "[]",
        "no response": '{"id": "AA"}',
        "no words": '{"id": "AA", "response": {"clientDataJSON": "%%%"}}',
        "deep": "[" * 9000,
        "long": "{" + " " * 30_000 + "}",
    }
    for why, answer in wrongs.items():
        assert sign_in(other, answer).status_code == 422, why
        assert not is_in(other), why
    with small_site.database.reading() as session:
        failed = session.scalar(select(func.count()).where(Event.action == "sign_in.failed"))
    assert failed == len(wrongs)
    assert sign_in(other, attempt(replace(far))).status_code == 303


def test_a_challenge_works_once_and_for_five_minutes(small_site: Site) -> None:
    visitor, device = small_site.signed_in("corporatie"), Authenticator(counts=False)
    make(visitor, device)
    stranger = small_site.visitor()
    late = device.show(question_to_show(stranger))
    small_site.clock.forward(minutes=6)
    assert sign_in(stranger, late).status_code == 422
    options = question_to_show(stranger)
    browsers = [stranger.client.get_cookie("sessie")] * 4
    answer = device.show(options)
    token = TOKEN.search(stranger.get("/aanmelden").get_data(as_text=True))
    assert token

    def try_it(cookie: Any) -> bool:
        window = small_site.visitor()
        window.client.set_cookie("sessie", cookie.value)
        sent = window.client.post("/aanmelden/passkey", data={"csrf_token": token[1], "factor_passkey": answer})
        return sent.status_code == 303

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(try_it, browsers)) == 1
    with small_site.database.reading() as session:
        assert not session.scalar(select(func.count()).select_from(PasskeyChallenge))


def test_an_answer_of_making_that_is_wrong_keeps_nothing(small_site: Site) -> None:
    visitor, other = small_site.signed_in("corporatie"), small_site.signed_in("zorgaanbieder")
    device = Authenticator()
    assert make(other, device).status_code == 303
    wrongs = {
        "not verified": replace(device, number=b"x" * 32, flags=PRESENT),
        "another origin": replace(device, number=b"x" * 32, origin="https://elders.example"),
        "another name": replace(device, number=b"x" * 32, rp_id="elders.example"),
        "known already": device,
    }
    for why, wrong in wrongs.items():
        answer = make(visitor, wrong)
        assert answer.status_code == (409 if wrong is device else 422), why
    of_other = device.make(question_to_make(other))
    assert visitor.post(f"{OWN}/passkey", {"factor_passkey": of_other}).status_code == 422
    assert visitor.post(f"{OWN}/passkey", {"factor_name": "x" * 61}).status_code == 422
    with small_site.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Passkey)) == 1


def test_somebody_elses_passkey_is_no_second_factor(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        mine = Authenticator()
        make(site.signed_in("redacteur"), mine)
        enrol(site, "beheerder")
        other = site.signed_in("beheerder")
        options = question_to_show(other, STEP)
        assert other.post(STEP, {"factor_passkey": mine.show(options)}).status_code == 422
        assert not is_in(other)


def test_who_is_closed_off_does_not_come_in_by_a_passkey(small_site: Site) -> None:
    device = Authenticator()
    make(small_site.signed_in("corporatie"), device)
    with small_site.database.transaction() as session:
        disable_person(session, address=address_of("corporatie"), by=SYSTEM, at=NOW)
    stranger = small_site.visitor()
    assert sign_in(stranger, device.show(question_to_show(stranger))).status_code == 422


def test_passkeys_need_a_name(config: Config, small_url: str) -> None:
    at_number = replace(config, base_url="http://127.0.0.1:8000")
    with strict(config, small_url, base_url="http://127.0.0.1:8000") as site:
        text = main(site.visitor().get("/aanmelden", base_url="http://127.0.0.1:8000"))
        assert "Passkeys werken alleen op een adres met een naam" in text
        assert "http://localhost:8000" in text
    party = relying_party(at_number, "localhost:8000")
    assert party
    assert (party.name, party.origin) == ("localhost", "http://localhost:8000")
    assert relying_party(at_number, "127.0.0.1:8000") is None
    real = relying_party(replace(config, base_url="https://handboek.example:443"), "127.0.0.1")
    assert real
    assert (real.name, real.origin) == ("handboek.example", "https://handboek.example")
    inside = replace(config, base_url="https://10.1.2.3")
    assert relying_party(inside, "localhost") is None
    assert localhost_of(inside) == ""


def test_passkeys_are_taken_away_but_never_the_last_of_staff(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        visitor, secret, _codes = enrol(site, "redacteur")
        assert make(visitor, Authenticator(), "Telefoon").headers["Location"] == OWN
        post_out(site)
        other, _secret, _codes = enrol(site, "auditor")
        assert other.get(f"{OWN}/passkey/1/weghalen").status_code == 404
        post_out(site)
        assert visitor.post(f"{OWN}/passkey/1/weghalen").headers["Location"] == OWN
        assert [subject for _a, subject, _t in post_out(site)] == ["Een passkey weggehaald bij uw aanmelding"]
        assert "enige tweede stap" in main(visitor.post(f"{OWN}/app/weghalen"))
        site.clock.forward(minutes=1)
        assert show(site.signed_in("redacteur"), now_code(site, secret)).status_code == 303
