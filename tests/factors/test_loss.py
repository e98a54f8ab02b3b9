"""Losing a second factor: another beheerder or the server takes it away, and both are told and written down."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from portal.access.models import Group
from portal.access.people import PersonData, change_person
from portal.access.queries import person_by_address
from portal.audit.models import Event
from portal.audit.operations import SYSTEM
from portal.cli import main as command_line
from portal.config import Config
from portal.factors.models import Passkey, RecoveryCode, Totp
from tests.access.test_sign_in import post_out
from tests.conftest import Site, address_of
from tests.factors.authenticator import Authenticator
from tests.factors.steps import STEP, enrol, is_in, main, strict
from tests.factors.test_asking import number_of
from tests.factors.test_passkeys import make


def counted(site: Site) -> int:
    with site.database.reading() as session:
        return sum(session.scalar(select(func.count()).select_from(t)) or 0 for t in (Passkey, Totp, RecoveryCode))


def test_another_beheerder_takes_it_away_and_the_next_sign_in_begins_anew(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        lost, _secret, _codes = enrol(site, "redacteur")
        make(lost, Authenticator())
        beheerder, _secret, _codes = enrol(site, "beheerder")
        person = f"/beheer/personen/{number_of(site, 'redacteur')}"
        assert "1 passkey" in main(beheerder.get(person))
        post_out(site)
        asked = beheerder.get(f"{person}/tweede-stap")
        assert "Een mail is geen bewijs" in main(asked)
        assert beheerder.post(f"{person}/tweede-stap").headers["Location"] == person
        assert "Alle tweede stappen weggehaald, door Naam van beheerder" in main(beheerder.get(person))
        [(to, subject, text)] = post_out(site)
        assert (to, subject) == (address_of("redacteur"), "Uw tweede stap is weggehaald")
        assert "http://localhost/aanmelden" in text
        assert not is_in(lost)
        again = site.signed_in("redacteur")
        assert "Stel uw tweede stap in" in main(again.get(STEP))
        assert len(enrol(site, "redacteur")[2]) == 10


def test_nobody_takes_their_own_away(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        beheerder, _secret, _codes = enrol(site, "beheerder")
        path = f"/beheer/personen/{number_of(site, 'beheerder')}/tweede-stap"
        assert "Vraag een andere beheerder" in main(beheerder.get(path))
        assert beheerder.post(path, token_from="/mijn-aanmelding").status_code == 422
        assert is_in(beheerder)
        redacteur, _secret, _codes = enrol(site, "redacteur")
        assert redacteur.post(path, token_from="/mijn-aanmelding").status_code == 403
        assert counted(site) == 22


def test_the_server_takes_it_away(
    config: Config, small_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with strict(config, small_url) as site:
        lost, _secret, _codes = enrol(site, "beheerder")
        post_out(site)
        monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path))
        monkeypatch.setenv("PORTAL_DATABASE_URL", small_url)
        monkeypatch.setenv("PORTAL_SECRET_KEY", config.secret_key)
        run: Callable[[str], object] = lambda address: CliRunner().invoke(  # noqa: E731 # one call with one word changed
            command_line, ["person", "reset-factor", address]
        )
        assert "geen persoon" in str(getattr(run("niemand@elders.example"), "stderr", ""))
        assert "is weggehaald" in str(getattr(run(address_of("beheerder")), "output", ""))
        assert not is_in(lost)
        assert counted(site) == 0
        site.clock.forward(days=400)
        assert [subject for _a, subject, _t in post_out(site)] == ["Uw tweede stap is weggehaald"]
        with site.database.reading() as session:
            event = session.scalars(select(Event).where(Event.action == "factor.reset")).one()
            assert (event.person_id, event.subject) == (None, f"person:{number_of(site, 'beheerder')}")


def test_who_gets_more_rights_shows_the_passkey_they_had(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        reader = site.signed_in("corporatie")
        make(reader, Authenticator())
        with site.database.transaction() as session:
            person = person_by_address(session, address_of("corporatie"))
            assert person
            data = PersonData.of(person)
            more = PersonData(data.name, data.roles, data.groups | {Group.REDACTEUR}, data.is_contact)
            change_person(session, person, more, seen=data.mark, by=SYSTEM, at=site.clock())
        assert not is_in(reader)
        assert "Met uw passkey" in main(site.signed_in("corporatie").get(STEP))
