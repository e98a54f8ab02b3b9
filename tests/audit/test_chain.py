"""The log: append-only, chained, and honest about tampering."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.audit.models import Action, Event, EventOrigin
from portal.audit.operations import SYSTEM, Actor, record
from portal.audit.queries import verify
from portal.db import Database
from tests.conftest import NOW, Site


def write(session: Session, number: int = 1) -> Event:
    return record(session, Action.PERSON_ADDED, by=SYSTEM, subject=f"person:{number}", at=NOW, groups="lezer")


def tamper(database: Database, statement: str) -> None:
    """Change the log the way someone with all rights could: by taking the triggers away first."""
    with database.writing_engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE event DISABLE TRIGGER ALL"))
        else:
            for verb in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER event_no_{verb}"))
        connection.execute(text(statement))


def faults(database: Database) -> list[str]:
    with database.reading() as session:
        return verify(session).faults


def test_lines_follow_each_other(empty_site: Site) -> None:
    with empty_site.database.transaction() as session:
        first, second = write(session), write(session, 2)
        assert (first.number, second.number) == (1, 2)
        assert second.previous_hash == first.hash
    with empty_site.database.reading() as session:
        outcome = verify(session)
    assert (outcome.count, outcome.last_hash, outcome.faults) == (2, second.hash, [])


@pytest.mark.parametrize("statement", ["UPDATE event SET subject = 'person:9'", "DELETE FROM event"])
def test_the_database_refuses_to_change_a_line(empty_site: Site, statement: str) -> None:
    with empty_site.database.transaction() as session:
        write(session)
    with pytest.raises(DBAPIError, match="append-only"), empty_site.database.writing_engine.begin() as connection:
        connection.execute(text(statement))
    assert faults(empty_site.database) == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE event SET subject = 'person:9' WHERE number = 2", "regel 2 is veranderd"),
        ("UPDATE event SET person_id = 7 WHERE number = 1", "regel 1 is veranderd"),
        ("DELETE FROM event WHERE number = 2", "regel 2 ontbreekt: na 1 komt 3"),
    ],
)
def test_tampering_shows(empty_site: Site, statement: str, expected: str) -> None:
    with empty_site.database.transaction() as session:
        for number in range(3):
            write(session, number)
    tamper(empty_site.database, statement)
    assert expected in faults(empty_site.database)


def test_simultaneous_writers_make_one_chain(empty_site: Site) -> None:
    def one(number: int) -> None:
        with empty_site.database.transaction() as session:
            write(session, number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(24)))
    with empty_site.database.reading() as session:
        outcome = verify(session)
    assert (outcome.count, outcome.faults) == (24, [])


def test_address_and_agent_stand_beside_the_chain_and_can_be_purged(empty_site: Site) -> None:
    with empty_site.database.transaction() as session:
        record(session, Action.SIGN_IN_DONE, by=Actor(None, "192.0.2.7", "Browser"), subject="session:1", at=NOW)
    with empty_site.database.transaction() as session:
        origin = session.scalars(select(EventOrigin)).one()
        assert (origin.address, origin.agent) == ("192.0.2.7", "Browser")
        session.delete(origin)
    assert faults(empty_site.database) == []
    with empty_site.database.reading() as session:
        line = session.scalars(select(Event)).one()
        assert "192.0.2.7" not in str(vars(line))
