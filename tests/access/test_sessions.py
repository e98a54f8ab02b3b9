"""Sessions: rows on the server, with a limit of their own, that end at once."""

import pytest
from sqlalchemy import select

from portal.access.organisations import disable_organisation
from portal.access.people import disable_person
from portal.audit.models import Event
from portal.audit.operations import SYSTEM
from tests.conftest import NOW, Site, address_of
from tests.visitor import Visitor, link_for, words


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/").status_code == 200


@pytest.mark.parametrize(
    ("key", "minutes", "still_in"),
    [
        ("corporatie", 11 * 60, True),
        ("corporatie", 12 * 60 + 1, False),
        ("redacteur", 29, True),
        ("redacteur", 31, False),
    ],
)
def test_a_session_ends_when_nobody_uses_it(site: Site, key: str, minutes: int, still_in: bool) -> None:
    visitor = site.signed_in(key)
    site.clock.forward(minutes=minutes)
    assert is_in(visitor) is still_in


@pytest.mark.parametrize(("key", "hours", "step"), [("corporatie", 14 * 24, 8), ("beheerder", 8, 0.4)])
def test_a_session_ends_in_the_end_however_much_it_is_used(site: Site, key: str, hours: int, step: float) -> None:
    visitor, passed = site.signed_in(key), 0.0
    while passed + step < hours:
        site.clock.forward(hours=step)
        passed += step
        assert is_in(visitor), passed
    site.clock.forward(hours=step)
    assert not is_in(visitor)


def test_use_is_written_down_at_most_every_five_minutes(site: Site) -> None:
    visitor = site.signed_in("corporatie")

    def seen() -> object:
        with site.database.reading() as session:
            from_database = session.connection().exec_driver_sql("SELECT last_seen_at FROM signed_in_session")
            return from_database.scalar_one()

    first = seen()
    site.clock.forward(minutes=4)
    assert is_in(visitor)
    assert seen() == first
    site.clock.forward(minutes=2)
    assert is_in(visitor)
    assert seen() != first


def test_signing_out_ends_the_session_on_the_server(site: Site) -> None:
    visitor = site.signed_in("corporatie")
    cookie = visitor.client.get_cookie("sessie")
    assert cookie
    answer = visitor.post("/afmelden", token_from="/mijn-sessies")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/aanmelden")
    assert not is_in(visitor)
    thief = site.visitor()
    thief.client.set_cookie("sessie", cookie.value)
    assert not is_in(thief)


def test_a_person_sees_and_ends_their_own_sessions(site: Site) -> None:
    here, there, somebody = site.signed_in("corporatie"), site.signed_in("corporatie"), site.signed_in("zorgaanbieder")
    forms = here.page("/mijn-sessies").xpath("//main//form[contains(@action, '/beeindigen')]/@action")
    assert len(forms) == 1
    assert here.post(str(forms[0]), token_from="/mijn-sessies").status_code == 303
    assert is_in(here)
    assert not is_in(there)
    assert is_in(somebody)


def test_a_person_ends_all_their_other_sessions_at_once(site: Site) -> None:
    """And the link that still waits in a mailbox; the browser in hand stays (ASVS V7.4.3)."""
    here, there, late = (site.signed_in("corporatie") for _ in range(3))
    somebody, waiting = site.signed_in("zorgaanbieder"), link_for(site.app, address_of("corporatie"))
    for page in ("/mijn-aanmelding", "/mijn-sessies"):
        assert here.page(page).xpath("//main//form[@action='/mijn-sessies/andere-beeindigen']//button")
    answer = here.post("/mijn-sessies/andere-beeindigen", token_from="/mijn-aanmelding")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/mijn-sessies")
    assert [is_in(one) for one in (here, somebody, there, late)] == [True, True, False, False]
    assert site.visitor().post(waiting).status_code == 410
    assert "Alleen in deze browser" in words(here.page("/mijn-aanmelding").xpath("//main")[0])
    assert not here.page("/mijn-sessies").xpath("//form[contains(@action, 'andere-beeindigen')]")
    with site.database.reading() as session:
        told = session.scalars(select(Event).where(Event.action == "session.ended")).one()
        number = told.person_id
        assert (told.subject, told.details["sessions"]) == (f"person:{number}", 2)
    history = words(site.signed_in("beheerder").page(f"/beheer/personen/{number}").xpath("//main")[0])
    assert "behalve in de eigen browser" in history


def test_nobody_ends_the_session_of_somebody_else(site: Site) -> None:
    mine, other = site.signed_in("corporatie"), site.signed_in("zorgaanbieder")
    answer = other.post("/mijn-sessies/1/beeindigen", token_from="/mijn-sessies")
    assert answer.status_code == 404
    assert is_in(mine)


@pytest.mark.parametrize("what", ["person", "organisation"])
def test_closing_off_ends_sessions_at_once(site: Site, what: str) -> None:
    visitor, other = site.signed_in("zorgaanbieder"), site.signed_in("corporatie")
    with site.database.transaction() as session:
        if what == "person":
            disable_person(session, address=address_of("zorgaanbieder"), by=SYSTEM, at=NOW)
        else:
            disable_organisation(session, name="Zorg Hofstad", by=SYSTEM, at=NOW)
    assert not is_in(visitor)
    assert is_in(other)


def test_a_forged_cookie_opens_nothing(site: Site) -> None:
    visitor = site.visitor()
    visitor.client.set_cookie("sessie", "eyJfdXNlcl9pZCI6ICJhYmMifQ.aaaaaa.bbbbbb")
    assert not is_in(visitor)
