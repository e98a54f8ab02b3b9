"""Writing the log."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.audit.models import Action, Event, EventOrigin

NO_HASH = "0" * 64
CHAIN_LOCK = 7_446_201
"""Number of the PostgreSQL advisory lock that lets one transaction at a time add to the chain."""


@dataclass(frozen=True)
class Actor:
    """Who does something, and from where. ``person_id`` is None for the command line, the worker and strangers."""

    person_id: int | None = None
    address: str = ""
    agent: str = ""


SYSTEM = Actor()


def record(
    session: Session, action: Action, *, by: Actor, subject: str = "", at: datetime, **details: str | int | None
) -> Event:
    """Add one line to the log, in the transaction of the change it tells of (BIO2 8.15.01).

    ``subject`` names the thing by kind and id, such as ``person:4`` or ``document:ZC-01``. Details are ids, numbers and
    hashes; never a name, an address or a secret.
    """
    previous = _last_for_update(session)
    event = Event(
        number=previous.number + 1 if previous else 1,
        at=at,
        action=action.value,
        person_id=by.person_id,
        subject=subject,
        details=details,
        previous_hash=previous.hash if previous else NO_HASH,
    )
    event.hash = hash_of(event)
    session.add(event)
    session.flush()
    if by.address or by.agent:
        session.add(EventOrigin(event_number=event.number, address=by.address, agent=by.agent[:200]))
        session.flush()
    return event


def _last_for_update(session: Session) -> Event | None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CHAIN_LOCK})
    return session.scalars(select(Event).order_by(Event.number.desc()).limit(1)).first()


def hash_of(event: Event) -> str:
    """Return the hash an event must have, from its own contents and the hash before it."""
    contents: list[Any] = [
        event.number,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.action,
        event.person_id,
        event.subject,
        event.details,
        event.previous_hash,
    ]
    return hashlib.sha256(json.dumps(contents, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
