"""Reading the log."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Event
from portal.audit.operations import NO_HASH, hash_of


@dataclass(frozen=True)
class Verification:
    """The outcome of walking the whole chain: how many lines, the last hash, and every line that does not fit."""

    count: int
    last_hash: str
    faults: list[str]


def verify(session: Session) -> Verification:
    """Walk the chain from the first line to the last (BIO2 8.15.06).

    A changed line, a missing line and a line put in between all show. Lines cut from the end do not: compare the count
    and the last hash with an earlier report for that.
    """
    expected, previous, count, faults = 1, NO_HASH, 0, []
    for event in session.scalars(select(Event).order_by(Event.number).execution_options(yield_per=500)):
        count += 1
        if event.number != expected:
            faults.append(f"regel {expected} ontbreekt: na {expected - 1} komt {event.number}")
        if event.previous_hash != previous:
            faults.append(f"regel {event.number} sluit niet aan op de regel ervoor")
        if event.hash != hash_of(event):
            faults.append(f"regel {event.number} is veranderd")
        expected, previous = event.number + 1, event.hash
    return Verification(count, previous, faults)


def history_of(session: Session, subject: str, most: int) -> list[Event]:
    """Return what happened to one thing, such as ``person:4``, the newest first."""
    query = select(Event).where(Event.subject == subject).order_by(Event.number.desc()).limit(most)
    return list(session.scalars(query))
