"""Adding and closing off organisations and people."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.access.models import (
    DEFAULT_ROLE,
    Group,
    MailDomain,
    Organisation,
    OrganisationKind,
    Person,
    PersonGroup,
    PersonRole,
    SignedInSession,
)
from portal.access.queries import organisation_by_name, person_by_address, tidy_address
from portal.audit.models import Action
from portal.audit.operations import Actor, record
from portal.lib.errors import Conflict, InvalidInput, NotFound

ADDRESS = re.compile(r"[^@\s\"(),:;<>\[\\\]]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


def checked_address(address: str) -> str:
    """Return a mail address as it is stored; raises InvalidInput when it cannot be one (RFC 5321, ASCII only)."""
    tidy = tidy_address(address)
    if len(tidy) > 254 or not tidy.isascii() or not ADDRESS.fullmatch(tidy):
        raise InvalidInput("Vul een e-mailadres in zoals naam@organisatie.nl.")
    return tidy


def add_organisation(
    session: Session, *, name: str, kind: OrganisationKind, domains: Sequence[str], by: Actor, at: datetime
) -> Organisation:
    """Add a partner. Raises Conflict when the name or a domain is taken, InvalidInput when a domain cannot be one."""
    if organisation_by_name(session, name):
        raise Conflict(f"Er is al een organisatie '{name}'.")
    tidy = [domain.strip().lower().lstrip("@") for domain in domains]
    for domain in tidy:
        if not DOMAIN.fullmatch(domain):
            raise InvalidInput(f"'{domain}' is geen maildomein. Geef een domein zoals organisatie.nl.")
        if session.get(MailDomain, domain):
            raise Conflict(f"Het maildomein {domain} hoort al bij een andere organisatie.")
    organisation = Organisation(name=name, kind=kind.value, domains=[MailDomain(name=d) for d in dict.fromkeys(tidy)])
    session.add(organisation)
    session.flush()
    record(session, Action.ORGANISATION_ADDED, by=by, subject=f"organisation:{organisation.id}", at=at, kind=kind.value)
    return organisation


def disable_organisation(session: Session, *, name: str, by: Actor, at: datetime) -> Organisation:
    """Close a partner off: its people cannot come in and every session ends at once. Raises NotFound."""
    organisation = organisation_by_name(session, name)
    if organisation is None:
        raise NotFound(f"Er is geen organisatie '{name}'.")
    organisation.disabled_at = organisation.disabled_at or at
    members = [person.id for person in session.query(Person).filter_by(organisation_id=organisation.id)]
    end_sessions_of(session, members, at)
    record(session, Action.ORGANISATION_DISABLED, by=by, subject=f"organisation:{organisation.id}", at=at)
    return organisation


def add_person(
    session: Session,
    *,
    address: str,
    organisation: Organisation,
    name: str = "",
    roles: Sequence[str] = (),
    groups: Sequence[Group] = (),
    by: Actor,
    at: datetime,
) -> Person:
    """Add a person. Without roles the organisation's kind gives one. Raises Conflict when the address is taken."""
    email = checked_address(address)
    if person_by_address(session, email):
        raise Conflict(f"Er is al een persoon met het adres {email}.")
    chosen = list(dict.fromkeys(roles)) or [DEFAULT_ROLE[OrganisationKind(organisation.kind)]]
    person = Person(
        email=email,
        name=name.strip(),
        organisation=organisation,
        created_at=at,
        role_rows=[PersonRole(role=role, position=n) for n, role in enumerate(chosen)],
        group_rows=[PersonGroup(group=g.value) for g in dict.fromkeys(groups) if g is not Group.LEZER],
    )
    session.add(person)
    session.flush()
    names = ",".join(sorted(g.value for g in person.groups))
    record(session, Action.PERSON_ADDED, by=by, subject=f"person:{person.id}", at=at, groups=names)
    return person


def disable_person(session: Session, *, address: str, by: Actor, at: datetime) -> Person:
    """Close a person off and end every session of theirs at once. Raises NotFound."""
    person = person_by_address(session, address)
    if person is None:
        raise NotFound(f"Er is geen persoon met het adres {address}.")
    person.disabled_at = person.disabled_at or at
    end_sessions_of(session, [person.id], at)
    record(session, Action.PERSON_DISABLED, by=by, subject=f"person:{person.id}", at=at)
    return person


def end_sessions_of(session: Session, person_ids: Sequence[int], at: datetime) -> None:
    """End every live session of these people."""
    session.execute(
        update(SignedInSession)
        .where(SignedInSession.person_id.in_(person_ids), SignedInSession.ended_at.is_(None))
        .values(ended_at=at)
    )
