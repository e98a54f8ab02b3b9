"""Giving people what the claims of their provider give, and taking exactly that away again."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from portal.access.models import Group, Person
from portal.access.people import PersonData, change_person
from portal.audit.models import Action
from portal.audit.operations import Actor, record
from portal.lib.errors import InvalidInput
from portal.sso.mapping import Given, given_by
from portal.sso.models import Identity, Provider
from portal.sso.tokens import Claims


def sync(
    session: Session, provider: Provider, identity: Identity, person: Person, claims: Claims, *, by: Actor, at: datetime
) -> None:
    """Give what the claims give and take away what they gave before; what others gave stays as it is.

    Groups that cannot be read give nothing, and the log says so.
    """
    given = given_by(provider, claims)
    if not given.known:
        subject = f"sso:{provider.id}"
        record(session, Action.SSO_SYNCED, by=by, subject=subject, at=at, person=person.id, sync="unknown")
    stranger = Actor(None, by.address, by.agent)  # not the person: their other sessions end when groups change
    _give(session, identity, person, given, by=stranger, at=at)


def take_back(session: Session, identity: Identity, *, by: Actor, at: datetime) -> bool:
    """Take away what the claims gave to somebody, and nothing else; return whether that was anything."""
    if identity.person is None or not (identity.given_groups or identity.given_roles):
        return False
    _give(session, identity, identity.person, Given(known=True), by=by, at=at)
    return True


def _give(session: Session, identity: Identity, person: Person, given: Given, *, by: Actor, at: datetime) -> None:
    """Let a person have from the claims just this; the last beheerder, and who does this, keep that right."""
    now = PersonData.of(person)
    wanted = _with(now, identity, given)
    try:
        change_person(session, person, wanted, seen=now.mark, by=by, at=at)
    except InvalidInput:
        wanted = replace(wanted, groups=wanted.groups | {Group.BEHEERDER})
        change_person(session, person, wanted, seen=now.mark, by=by, at=at)
        subject = f"sso:{identity.provider_id}"
        record(session, Action.SSO_SYNCED, by=by, subject=subject, at=at, person=person.id, sync="last-beheerder")
    identity.given_groups = _ours(identity.given_groups, now.groups, wanted.groups)
    identity.given_roles = _ours(identity.given_roles, frozenset(now.roles), frozenset(person.roles))
    session.flush()


def _with(now: PersonData, identity: Identity, given: Given) -> PersonData:
    groups = (now.groups - {Group(name) for name in identity.given_groups}) | {Group(name) for name in given.groups}
    kept = [role for role in now.roles if role in given.roles or role not in identity.given_roles]
    return replace(now, groups=groups, roles=tuple(dict.fromkeys([*kept, *given.roles])))


def _ours(ours: list[str], before: frozenset[str], after: frozenset[str]) -> list[str]:
    """Return what the claims gave in all: what they gave before and is still there, and what is new."""
    return sorted(str(one) for one in after if one in ours or one not in before)
