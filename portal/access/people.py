"""Adding, changing, inviting, closing off and opening again of people."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.access.closing import counted, let_go
from portal.access.models import DEFAULT_ROLE, Group, Organisation, OrganisationKind, Person, PersonGroup, PersonRole
from portal.access.queries import person_by_address, tidy_address
from portal.access.safeguards import CHANGED_MEANWHILE, end_sessions_of, one_at_a_time, refuse_to_lose
from portal.audit.models import Action
from portal.audit.operations import Actor, record
from portal.lib import clock
from portal.lib.errors import Conflict, InvalidInput, NotFound, TooMany
from portal.lib.tokens import Seal, token_hash
from portal.notifications.operations import queue

ADDRESS = re.compile(r"[^@\s\"(),:;<>\[\\\]]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
INVITED_AGAIN_AFTER = timedelta(hours=1)
NOT_ACTIVE = "Deze persoon is afgesloten. Laat de persoon eerst weer toe."


@dataclass(frozen=True)
class PersonData:
    """What may be changed of a person. Roles are in order, the most important first; everybody is a lezer."""

    name: str
    roles: tuple[str, ...]
    groups: frozenset[Group]
    is_contact: bool

    @classmethod
    def of(cls, person: Person) -> "PersonData":
        """Return what a person has now."""
        return cls(person.name, person.roles, person.groups, person.is_contact)

    @property
    def mark(self) -> str:
        """A short text that differs when the data does; a form carries it, to notice a change in between."""
        return token_hash(json.dumps([self.name, self.roles, sorted(self.groups), self.is_contact]))[:16]


def checked_address(address: str) -> str:
    """Return a mail address as it is stored; raises InvalidInput when it cannot be one (RFC 5321, ASCII only)."""
    tidy = tidy_address(address)
    if len(tidy) > 254 or not tidy.isascii() or not ADDRESS.fullmatch(tidy):
        raise InvalidInput("Vul een e-mailadres in zoals naam@organisatie.nl.", field="address")
    return tidy


def is_at_home(address: str, organisation: Organisation) -> bool:
    """Whether an address lies in one of the mail domains of an organisation."""
    return tidy_address(address).rpartition("@")[2] in {domain.name for domain in organisation.domains}


def add_person(
    session: Session,
    *,
    address: str,
    organisation: Organisation,
    name: str = "",
    roles: Sequence[str] = (),
    groups: Sequence[Group] = (),
    is_contact: bool = False,
    by: Actor,
    at: datetime,
) -> Person:
    """Add a person. Without roles the organisation's kind gives one. Raises Conflict when the address is taken."""
    email = checked_address(address)
    one_at_a_time(session)
    if known := person_by_address(session, email):
        state = "" if known.is_active else ", en is afgesloten"
        where = f"Die hoort bij {known.organisation.name}{state}."
        raise Conflict(f"Er is al een persoon met het adres {email}. {where}", field="address")
    person = Person(email=email, organisation=organisation, created_at=at)
    data = PersonData(name.strip(), tuple(roles), frozenset({Group.LEZER, *groups}), is_contact)
    _give(person, _complete(data, organisation))
    session.add(person)
    session.flush()
    names = ",".join(sorted(g.value for g in person.groups))
    record(session, Action.PERSON_ADDED, by=by, subject=f"person:{person.id}", at=at, groups=names)
    return person


def change_person(session: Session, person: Person, data: PersonData, *, seen: str, by: Actor, at: datetime) -> None:
    """Change name, roles, groups and contact flag. ``seen`` is the mark of the data the change is based on.

    Other groups end the sessions of the person: a session that began without a second factor may not get the rights
    that ask for one. Who changes their own groups keeps theirs: it is a session of a beheerder already. Raises Conflict
    when the person changed meanwhile, InvalidInput when it would cost the actor or the last beheerder their access.
    """
    one_at_a_time(session)
    now = PersonData.of(person)
    if seen != now.mark:
        raise Conflict(CHANGED_MEANWHILE)
    wanted = _complete(replace(data, name=data.name.strip()), person.organisation)
    if wanted == now:
        return
    if Group.BEHEERDER in now.groups - wanted.groups:
        refuse_to_lose(session, [person.id], by, field="groups")
    _give(person, wanted)
    session.flush()
    if wanted.groups != now.groups and by.person_id != person.id:
        end_sessions_of(session, [person.id], at)
    record(session, Action.PERSON_CHANGED, by=by, subject=f"person:{person.id}", at=at, **_changes(now, wanted))


def mark_contact(session: Session, person: Person, is_contact: bool, *, by: Actor, at: datetime) -> None:
    """Make a person a contact person of their organisation, or no longer."""
    one_at_a_time(session)
    now = PersonData.of(person)
    change_person(session, person, replace(now, is_contact=is_contact), seen=now.mark, by=by, at=at)


def invite(
    session: Session, seal: Seal, person: Person, *, write: Callable[[Person], tuple[str, str]], by: Actor, at: datetime
) -> None:
    """Queue a mail that tells a person how to come in.

    It holds no link that signs anybody in, so that it may be forwarded, wait for weeks and be read by a filter: the
    person asks for a link of their own at the sign-in page. Raises TooMany within the hour after the last one,
    InvalidInput when the person is closed off or has been in already.
    """
    one_at_a_time(session)
    if not person.is_active:
        raise InvalidInput(NOT_ACTIVE)
    if person.last_signed_in_at:
        raise InvalidInput("Deze persoon heeft zich al eens aangemeld. Een uitnodiging is niet meer nodig.")
    if not may_be_invited(person, at):
        again = clock.time_in_words((person.invited_at or at) + INVITED_AGAIN_AFTER)
        raise TooMany(f"Deze persoon kreeg net een uitnodiging. U kunt opnieuw uitnodigen vanaf {again}.")
    subject, text = write(person)
    person.invited_at = at
    queue(session, seal, address=person.email, subject=subject, text=text, at=at)
    record(session, Action.PERSON_INVITED, by=by, subject=f"person:{person.id}", at=at)


def may_be_invited(person: Person, at: datetime) -> bool:
    """Whether an invitation can be sent now: to who never came in, at most once an hour."""
    waited = person.invited_at is None or at - person.invited_at >= INVITED_AGAIN_AFTER
    return person.is_active and person.last_signed_in_at is None and waited


def disable_person(session: Session, *, address: str, by: Actor, at: datetime) -> Person:
    """Close a person off and end every session of theirs at once; what they had not finished goes to others.

    Raises NotFound, and InvalidInput when whoever does this, or the last beheerder, would be shut out.
    """
    one_at_a_time(session)
    person = person_by_address(session, address)
    if person is None:
        raise NotFound(f"Er is geen persoon met het adres {address}.")
    refuse_to_lose(session, [person.id], by)
    end_sessions_of(session, [person.id], at)
    newly, person.disabled_at = person.disabled_at is None, person.disabled_at or at
    told = counted(let_go(session, [person.id], by=by, at=at))
    if newly:
        record(session, Action.PERSON_DISABLED, by=by, subject=f"person:{person.id}", at=at, **told)
    return person


def enable_person(session: Session, person: Person, *, by: Actor, at: datetime) -> None:
    """Let a person in again, with the rights they had; they sign in anew."""
    one_at_a_time(session)
    if person.disabled_at is not None:
        person.disabled_at = None
        record(session, Action.PERSON_ENABLED, by=by, subject=f"person:{person.id}", at=at)


def _complete(data: PersonData, organisation: Organisation) -> PersonData:
    """Return the data with each role once; without any, the one that goes with the kind of the organisation."""
    roles = tuple(dict.fromkeys(data.roles)) or (DEFAULT_ROLE[OrganisationKind(organisation.kind)],)
    return replace(data, roles=roles)


def _give(person: Person, data: PersonData) -> None:
    """Put data into the row of a person and the rows below it; what stays keeps its row."""
    person.name, person.is_contact = data.name, data.is_contact
    roles = {row.role: row for row in person.role_rows}
    person.role_rows = [roles.get(role) or PersonRole(role=role) for role in data.roles]
    for position, row in enumerate(person.role_rows):
        row.position = position
    groups = {row.group: row for row in person.group_rows}
    names = sorted(group.value for group in data.groups if group is not Group.LEZER)
    person.group_rows = [groups.get(name) or PersonGroup(group=name) for name in names]


def _changes(now: PersonData, wanted: PersonData) -> dict[str, str | int]:
    """Return what the log tells of a change: ids of roles and groups, and only that the name changed."""
    changes: dict[str, str | int] = {}
    if wanted.name != now.name:
        changes["name"] = "changed"
    if wanted.roles != now.roles:
        changes["roles"] = ",".join(wanted.roles)
    if given := sorted(wanted.groups - now.groups):
        changes["groups_given"] = ",".join(given)
    if taken := sorted(now.groups - wanted.groups):
        changes["groups_taken"] = ",".join(taken)
    if wanted.is_contact != now.is_contact:
        changes["contact"] = int(wanted.is_contact)
    return changes
