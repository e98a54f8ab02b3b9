"""Reading people, organisations and sessions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, selectinload

from portal.access.models import Organisation, Person, PersonStatus, SignedInSession


@dataclass(frozen=True)
class Membership:
    """An organisation with how many people it has, by how they stand to the door, and who can be turned to."""

    organisation: Organisation
    active: int
    never: int
    disabled: int
    contacts: tuple[Person, ...]

    @property
    def total(self) -> int:
        """Everybody with an account."""
        return self.active + self.never + self.disabled


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


def memberships(session: Session) -> list[Membership]:
    """Return every organisation by name, with its people counted."""
    return read_memberships(session, membership_query().order_by(func.lower(Organisation.name), Organisation.id))


def people_with(status: PersonStatus) -> ColumnElement[int]:
    """Return the number of people who stand so to the door; the query groups people by organisation."""
    return func.count(Person.id).filter(has_status(status))


def membership_query() -> Select[*tuple[Any, ...]]:
    """Return the question for organisations with their people counted, in no order yet."""
    active, never, disabled = map(people_with, (PersonStatus.ACTIVE, PersonStatus.NEVER, PersonStatus.DISABLED))
    joined = select(Organisation, active, never, disabled).outerjoin(Person, Person.organisation_id == Organisation.id)
    return joined.group_by(Organisation.id)


def read_memberships(session: Session, query: Select[*tuple[Any, ...]]) -> list[Membership]:
    """Return what a ``membership_query`` finds, in its order."""
    rows = session.execute(query.options(selectinload(Organisation.domains)))
    contacts: dict[int, list[Person]] = {}
    for person in _contacts(session):
        contacts.setdefault(person.organisation_id, []).append(person)
    return [
        Membership(organisation, active, never, disabled, tuple(contacts.get(organisation.id, ())))
        for organisation, active, never, disabled in rows
    ]


def has_status(status: PersonStatus) -> ColumnElement[bool]:
    """Return the condition under which a person stands so to the door; the query joins Organisation."""
    may_come = and_(Person.disabled_at.is_(None), Organisation.disabled_at.is_(None))
    return {
        PersonStatus.ACTIVE: and_(may_come, Person.last_signed_in_at.is_not(None)),
        PersonStatus.NEVER: and_(may_come, Person.last_signed_in_at.is_(None)),
        PersonStatus.DISABLED: or_(Person.disabled_at.is_not(None), Organisation.disabled_at.is_not(None)),
    }[status]


def _contacts(session: Session) -> list[Person]:
    query = select(Person).where(Person.is_contact, Person.disabled_at.is_(None)).order_by(Person.name, Person.email)
    return list(session.scalars(query).unique())
