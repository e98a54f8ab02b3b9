"""Reading people, organisations and sessions."""

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager, selectinload

from portal.access.models import Group, Organisation, Person, PersonGroup, PersonRole, PersonStatus, SignedInSession

PEOPLE_A_PAGE = 25


class PeopleOrder(enum.StrEnum):
    """What a list of people is sorted by; the values are used in addresses."""

    NAME = "naam"
    ORGANISATION = "organisatie"
    SIGNED_IN = "aangemeld"


@dataclass(frozen=True)
class PeopleAsked:
    """Which people a list shows, in which order; what is empty does not choose."""

    words: str = ""
    organisation_id: int | None = None
    group: Group | None = None
    role: str = ""
    status: PersonStatus | None = None
    order: PeopleOrder = PeopleOrder.NAME
    backwards: bool = False
    page: int = 1


@dataclass(frozen=True)
class PeopleFound:
    """One page of a list of people, how many there are in all, and on how many pages."""

    people: list[Person]
    total: int
    page: int
    pages: int


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


def find_people(session: Session, asked: PeopleAsked) -> PeopleFound:
    """Return a page of people; a page beyond the last is the last one."""
    chosen = _chosen(select(Person).join(Person.organisation), asked)
    total = session.scalar(select(func.count()).select_from(chosen.with_only_columns(Person.id).subquery())) or 0
    pages = max(1, -(-total // PEOPLE_A_PAGE))
    page = min(max(1, asked.page), pages)
    rows = session.scalars(
        chosen.options(
            contains_eager(Person.organisation), selectinload(Person.role_rows), selectinload(Person.group_rows)
        )
        .order_by(*_ordered(asked))
        .limit(PEOPLE_A_PAGE)
        .offset((page - 1) * PEOPLE_A_PAGE)
    )
    return PeopleFound(list(rows.unique()), total, page, pages)


def memberships(session: Session) -> list[Membership]:
    """Return every organisation by name, with its people counted."""
    shown = (PersonStatus.ACTIVE, PersonStatus.NEVER, PersonStatus.DISABLED)
    active, never, disabled = (func.count(Person.id).filter(has_status(status)) for status in shown)
    rows = session.execute(
        select(Organisation, active, never, disabled)
        .outerjoin(Person, Person.organisation_id == Organisation.id)
        .options(selectinload(Organisation.domains))
        .group_by(Organisation.id)
        .order_by(func.lower(Organisation.name), Organisation.id)
    )
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


def _chosen(query: Select[Person], asked: PeopleAsked) -> Select[Person]:
    for word in asked.words.split():
        query = query.where(or_(_holds(Person.name, word), _holds(Person.email, word)))
    if asked.organisation_id is not None:
        query = query.where(Person.organisation_id == asked.organisation_id)
    if asked.group is Group.LEZER:
        query = query.where(~Person.group_rows.any())
    elif asked.group:
        query = query.where(Person.group_rows.any(PersonGroup.group == asked.group.value))
    if asked.role:
        query = query.where(Person.role_rows.any(PersonRole.role == asked.role))
    return query.where(has_status(asked.status)) if asked.status else query


def _holds(column: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    """Return the condition under which a column holds a word. SQLite knows capitals of a to z only: É is tried."""
    return or_(*(column.icontains(form, autoescape=True) for form in {word.lower(), word.capitalize(), word.upper()}))


def _ordered(asked: PeopleAsked) -> list[ColumnElement[Any]]:
    name = func.lower(func.coalesce(func.nullif(Person.name, ""), Person.email))
    signed_in: ColumnElement[Any] = Person.last_signed_in_at.expression
    columns: dict[PeopleOrder, list[ColumnElement[Any]]] = {
        PeopleOrder.NAME: [name],
        PeopleOrder.ORGANISATION: [func.lower(Organisation.name), name],
        PeopleOrder.SIGNED_IN: [Person.last_signed_in_at.is_not(None), signed_in, name],
    }
    chosen = columns[asked.order]
    return [*(column.desc() if asked.backwards else column.asc() for column in chosen), Person.id.asc()]
