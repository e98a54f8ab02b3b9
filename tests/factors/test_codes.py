"""Signing in with a code of an app, or a recovery code: each once, with few tries, and nobody locks out another."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from portal.audit.models import Event
from portal.config import Config
from portal.factors import operations
from portal.factors.models import RecoveryCode, Totp
from tests.access.test_sign_in import post_out
from tests.conftest import Site, address_of
from tests.factors.steps import CODE, OWN, STEP, begin_app, codes_on, enrol, is_in, main, now_code, show, strict
from tests.visitor import Visitor, parse, words


def told(site: Site) -> list[str]:
    """Return the subjects of the mails that went out."""
    return [subject for _address, subject, _text in post_out(site)]


def test_the_first_sign_in_sets_up_an_app_and_gives_codes(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        visitor, elsewhere = site.signed_in("redacteur"), site.signed_in("redacteur")
        assert visitor.get("/redactie").headers["Location"] == STEP
        assert "Stel uw tweede stap in" in main(visitor.get(STEP))
        secret = begin_app(visitor)
        page = visitor.get(f"{OWN}/app")
        assert parse(page).xpath("//div[@role='img']/svg/path")
        assert page.headers["Cache-Control"] == "no-store"
        wrong = visitor.post(f"{OWN}/app/bevestigen", {"factor_code": "000000"}, token_from=f"{OWN}/app")
        assert wrong.status_code == 422
        assert not is_in(visitor)
        right = visitor.post(f"{OWN}/app/bevestigen", {"factor_code": now_code(site, secret)}, token_from=f"{OWN}/app")
        codes = codes_on(right)
        assert len(set(codes)) == 10
        assert all(CODE.fullmatch(code) for code in codes)
        assert parse(right).xpath("//input[@name='andere' and not(@checked)]")
        ticked = {"codes": codes, "begint": "ja", "andere": "ja"}
        kept = visitor.post(f"{OWN}/codes/bewaard", ticked, token_from=OWN)
        assert (kept.status_code, codes_on(kept)) == (422, codes)
        assert parse(kept).xpath("//input[@name='andere' and @checked]")
        invented = {"codes": ["AAAAA-AAAAA"], "begint": "ja"}
        assert visitor.post(f"{OWN}/codes/bewaard", invented, token_from=OWN).status_code == 410
        assert elsewhere.client.head(STEP).status_code == 200
        on = visitor.post(f"{OWN}/codes/bewaard", {"bewaard": "ja", "begint": "ja", "andere": "ja"}, token_from=OWN)
        assert on.headers["Location"] == "/redactie"
        assert elsewhere.client.head(STEP).status_code == 303, "the other session ended (ASVS V7.4.3)"
        assert visitor.get("/redactie").status_code == 200
        assert {"Een app met codes toegevoegd aan uw aanmelding", "Herstelcodes toegevoegd aan uw aanmelding"} == set(
            told(site)
        )
        with site.database.reading() as session:
            app = session.scalars(select(Totp)).one()
            assert app.sealed_secret
            assert secret.hex() not in app.sealed_secret
            assert not {code.replace("-", "") for code in codes} & {
                row.code_hash for row in session.scalars(select(RecoveryCode))
            }


def test_a_code_signs_in_once_and_with_a_clock_that_is_off(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        _first, secret, _codes = enrol(site, "beheerder")
        site.clock.forward(minutes=5)
        late, again, early = (site.signed_in("beheerder") for _ in range(3))
        code = now_code(site, secret, -1)
        old = late.client.get_cookie("sessie")
        answer = show(late, f" {code[:3]} {code[3:]} ")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")
        assert is_in(late)
        assert old
        assert old.value != (late.client.get_cookie("sessie") or old).value
        thief = site.visitor()
        thief.client.set_cookie("sessie", old.value)
        assert thief.get("/").headers["Location"] == "/aanmelden"
        assert "al gebruikt" in main(show(again, code))
        assert "klopt niet" in main(show(again, now_code(site, secret, 2)))
        assert show(early, now_code(site, secret, 1)).status_code == 303
        assert "al gebruikt" in main(show(again, now_code(site, secret)))
        assert not is_in(again)


def test_of_two_tries_with_one_code_at_once_one_wins(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        _first, secret, codes = enrol(site, "auditor")
        site.clock.forward(minutes=1)
        for typed in (now_code(site, secret), codes[0]):
            browsers = [site.signed_in("auditor") for _ in range(4)]

            def try_it(visitor: Visitor, typed: str = typed) -> bool:
                return show(visitor, typed).status_code in (200, 303)

            with ThreadPoolExecutor(4) as pool:
                assert sum(pool.map(try_it, browsers)) == 1
            assert sum(map(is_in, browsers)) == 1


def test_a_recovery_code_works_once_and_says_how_many_are_left(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        first, _secret, codes = enrol(site, "redacteur")
        for number, code in enumerate(codes):
            visitor = site.signed_in("redacteur")
            answer = show(visitor, code.lower().replace("-", " "))
            left = 9 - number
            expected = {0: "geen herstelcodes meer", 1: "nog 1 herstelcode over"}.get(left, f"nog {left} herstelcodes")
            assert expected in main(answer)
            assert is_in(visitor)
        again = site.signed_in("redacteur")
        assert show(again, codes[0]).status_code == 422
        assert not is_in(again)
        new = codes_on(first.post(f"{OWN}/codes", token_from=OWN))
        assert not set(new) & set(codes)
        assert "nog 9 herstelcodes" in main(show(again, new[0]))


def test_five_wrong_codes_stop_this_session_and_no_other(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        _first, secret, _codes = enrol(site, "beheerder")
        site.clock.forward(minutes=1)
        told(site)
        guesser, owner = site.signed_in("beheerder"), site.signed_in("beheerder")
        assert [show(guesser, "000000").status_code for _ in range(6)] == [422] * 5 + [429]
        assert "tien minuten" in main(show(guesser, now_code(site, secret)))
        assert not is_in(guesser)
        assert show(owner, now_code(site, secret)).status_code == 303
        assert told(site) == ["Verkeerde codes bij uw aanmelding"]
        with site.database.reading() as session:
            failed = session.scalars(select(Event).where(Event.action == "factor.failed")).all()
        assert len(failed) == 5
        site.clock.forward(minutes=11)
        assert show(guesser, now_code(site, secret)).status_code == 303


def test_guessing_in_ever_new_sessions_stops_too(
    config: Config, small_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "TRIES_A_DAY", 7)
    with strict(config, small_url) as site:
        _first, secret, codes = enrol(site, "beheerder")
        site.clock.forward(minutes=1)
        guesser, again = site.signed_in("beheerder"), site.signed_in("beheerder")
        assert [show(guesser, "000000").status_code for _ in range(5)] == [422] * 5
        assert [show(again, "000000").status_code for _ in range(3)] == [422, 422, 429]
        assert "te veel verkeerde codes" in main(show(again, now_code(site, secret)))
        assert not is_in(again)
        owner = site.signed_in("beheerder")
        assert show(owner, codes[0]).status_code == 200
        assert is_in(owner), "nobody guesses at a recovery code, so the owner is not locked out"
        other, other_secret, _codes = enrol(site, "auditor")
        site.clock.forward(minutes=11)
        assert show(again, now_code(site, secret)).status_code == 429
        assert other.get(OWN).status_code == 200
        colleague = site.signed_in("auditor")
        assert show(colleague, now_code(site, other_secret)).status_code == 303
        site.clock.forward(hours=24)
        assert show(site.signed_in("beheerder"), now_code(site, secret)).status_code == 303


def test_what_is_no_code_is_refused_with_a_sentence(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        enrol(site, "auditor")
        visitor = site.signed_in("auditor")
        for typed in ("", "   ", "12345", "é" * 10, "\uff19" * 6, "x" * 41):
            answer = show(visitor, typed)
            assert answer.status_code in (422, 429), typed
            assert words(parse(answer).xpath("//div[@id='fouten']//a")[0])


def test_another_app_takes_over_only_when_its_code_is_typed(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        visitor, old, _codes = enrol(site, "redacteur")
        new = begin_app(visitor)
        site.clock.forward(minutes=1)
        second = site.signed_in("redacteur")
        assert show(second, now_code(site, new)).status_code == 422
        assert show(second, now_code(site, old)).status_code == 303
        done = visitor.post(f"{OWN}/app/bevestigen", {"factor_code": now_code(site, new)}, token_from=f"{OWN}/app")
        assert done.headers["Location"] == OWN
        site.clock.forward(minutes=1)
        third = site.signed_in("redacteur")
        assert show(third, now_code(site, old)).status_code == 422
        assert show(third, now_code(site, new)).status_code == 303


def test_who_signs_in_elsewhere_hears_nothing_of_a_factor(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        reader = site.signed_in("corporatie")
        assert is_in(reader)
        assert reader.get(STEP).headers["Location"] == "/"
        assert reader.post(STEP, token_from=OWN).headers["Location"] == "/"
        assert address_of("corporatie") not in main(reader.get(OWN))
