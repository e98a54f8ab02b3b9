"""Reading people, organisations and sessions."""

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.access.models import Organisation, Person, SignedInSession


def person_by_address(session: Session, address: str) -> Person | None:
    """Return the person with this work address, whatever its capitals."""
    return session.scalars(select(Person).where(Person.email == tidy_address(address))).unique().first()


def organisation_by_name(session: Session, name: str) -> Organisation | None:
    """Return the organisation with exactly this name."""
    return session.scalars(select(Organisation).where(Organisation.name == name)).first()


def people(session: Session) -> list[Person]:
    """Return everybody, by organisation and address."""
    rows = session.scalars(select(Person).join(Organisation).order_by(Organisation.name, Person.email))
    return list(rows.unique())


def organisations(session: Session) -> list[Organisation]:
    """Return all partners by name."""
    return list(session.scalars(select(Organisation).order_by(Organisation.name)))


def live_sessions(session: Session, person_id: int, now: datetime) -> list[SignedInSession]:
    """Return the sessions of a person that still work, the last used first."""
    rows = session.scalars(
        select(SignedInSession)
        .where(SignedInSession.person_id == person_id, *still_works(now))
        .order_by(SignedInSession.last_seen_at.desc(), SignedInSession.id.desc())
    )
    return list(rows.unique())


def previous_visit(session: Session, current: SignedInSession) -> datetime | None:
    """Return when this person was last seen before the session they are in now; None when nothing is left of that.

    Told from the session before this one, which is purged after a while. Two browsers at once are two visits, and the
    one before ends where this one begins.
    """
    last_seen = session.scalars(
        select(SignedInSession.last_seen_at)
        .where(SignedInSession.person_id == current.person_id, SignedInSession.id < current.id)
        .order_by(SignedInSession.id.desc())
        .limit(1)
    ).first()
    return min(last_seen, current.created_at) if last_seen else None


def still_works(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which a session row is a session."""
    return (
        SignedInSession.ended_at.is_(None),
        SignedInSession.expires_at > now,
        SignedInSession.idle_until > now,
    )


def tidy_address(address: str) -> str:
    """Return a mail address as it is stored: without spaces round it and in small letters."""
    return address.strip().lower()
