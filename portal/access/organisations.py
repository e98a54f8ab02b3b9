"""Adding, changing, closing off and opening again of organisations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.closing import Ended, counted, let_go
from portal.access.domains import own_domains
from portal.access.models import MailDomain, Organisation, OrganisationKind, Person
from portal.access.queries import organisation_by_name
from portal.access.safeguards import CHANGED_MEANWHILE, end_sessions_of, one_at_a_time, refuse_to_lose
from portal.audit.models import Action
from portal.audit.operations import Actor, record
from portal.lib.errors import Conflict, NotFound
from portal.lib.tokens import token_hash


@dataclass(frozen=True)
class OrganisationData:
    """What may be changed of an organisation; its kind may not, since that decides what its people may read."""

    name: str
    domains: tuple[str, ...]

    @classmethod
    def of(cls, organisation: Organisation) -> "OrganisationData":
        """Return what an organisation has now."""
        return cls(organisation.name, tuple(sorted(domain.name for domain in organisation.domains)))

    @property
    def mark(self) -> str:
        """A short text that differs when the data does; a form carries it, to notice a change in between."""
        return token_hash("\n".join((self.name, *self.domains)))[:16]


def add_organisation(
    session: Session, *, name: str, kind: OrganisationKind, domains: Sequence[str], by: Actor, at: datetime
) -> Organisation:
    """Add a partner. Raises Conflict when the name or a domain is taken, InvalidInput when a domain cannot be one."""
    one_at_a_time(session)
    _refuse_taken_name(session, name)
    organisation = Organisation(name=name, kind=kind.value)
    organisation.domains = [MailDomain(name=d) for d in own_domains(session, domains, organisation)]
    session.add(organisation)
    session.flush()
    record(session, Action.ORGANISATION_ADDED, by=by, subject=f"organisation:{organisation.id}", at=at, kind=kind.value)
    return organisation


def change_organisation(
    session: Session, organisation: Organisation, data: OrganisationData, *, seen: str, by: Actor, at: datetime
) -> None:
    """Change name and mail domains; who has an account keeps it. ``seen`` marks the data the change is based on.

    Raises Conflict when it changed meanwhile or a name or domain is taken, InvalidInput when a domain cannot be one.
    """
    one_at_a_time(session)
    now = OrganisationData.of(organisation)
    if seen != now.mark:
        raise Conflict(CHANGED_MEANWHILE)
    if data.name != now.name:
        _refuse_taken_name(session, data.name)
    wanted = OrganisationData(data.name, tuple(sorted(own_domains(session, data.domains, organisation))))
    if wanted == now:
        return
    kept = {domain.name: domain for domain in organisation.domains}
    organisation.name = wanted.name
    organisation.domains = [kept.get(name) or MailDomain(name=name) for name in wanted.domains]
    session.flush()
    changes = {
        "name": "changed" if wanted.name != now.name else "",
        "domains_given": ",".join(sorted(set(wanted.domains) - set(now.domains))),
        "domains_taken": ",".join(sorted(set(now.domains) - set(wanted.domains))),
    }
    told = {what: how for what, how in changes.items() if how}
    record(session, Action.ORGANISATION_CHANGED, by=by, subject=f"organisation:{organisation.id}", at=at, **told)


def disable_organisation(session: Session, *, name: str, by: Actor, at: datetime) -> list[Ended]:
    """Close a partner off: its people cannot come in and every session ends at once. Return what its people let go of.

    Raises NotFound, and InvalidInput when whoever does this, or the last beheerder, would be shut out.
    """
    one_at_a_time(session)
    organisation = organisation_by_name(session, name)
    if organisation is None:
        raise NotFound(f"Er is geen organisatie '{name}'.")
    members = list(session.scalars(select(Person.id).where(Person.organisation_id == organisation.id)))
    refuse_to_lose(session, members, by)
    end_sessions_of(session, members, at)
    newly, organisation.disabled_at = organisation.disabled_at is None, organisation.disabled_at or at
    tasks = let_go(session, members, by=by, at=at)
    if newly:
        told = counted(tasks)
        record(session, Action.ORGANISATION_DISABLED, by=by, subject=f"organisation:{organisation.id}", at=at, **told)
    return tasks


def enable_organisation(session: Session, organisation: Organisation, *, by: Actor, at: datetime) -> None:
    """Let a partner in again: its people sign in anew, except who was closed off personally."""
    one_at_a_time(session)
    if organisation.disabled_at is not None:
        organisation.disabled_at = None
        record(session, Action.ORGANISATION_ENABLED, by=by, subject=f"organisation:{organisation.id}", at=at)


def _refuse_taken_name(session: Session, name: str) -> None:
    if organisation_by_name(session, name):
        raise Conflict(f"Er is al een organisatie '{name}'.", field="name")
