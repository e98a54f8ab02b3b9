"""An organisation leaves: everything by which it came in ends at once, and is counted.

Packages above this one end what is theirs with a step of their own (``when_leaving``): links, an identity provider. A
step runs in the same transaction; what it returns is what the beheerder is told. The tasks of its people end as those
of everybody who is closed off (``closing``).
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access.closing import Ended
from portal.access.models import Organisation, Person, SignedInSession, SignInLink
from portal.access.organisations import disable_organisation
from portal.access.queries import still_works
from portal.audit.models import Action
from portal.audit.operations import Actor, record

Step = Callable[[Session, Organisation, Actor, datetime], Iterable[Ended]]
_steps: list[Step] = []


def when_leaving(step: Step) -> Step:
    """Add what a package ends when an organisation leaves."""
    _steps.append(step)
    return step


def leave(session: Session, organisation: Organisation, *, by: Actor, at: datetime) -> list[Ended]:
    """End everything of an organisation and return what ended, counted.

    Its people are closed off each by themselves too: letting the organisation in again lets in none of them. Raises
    InvalidInput when whoever does this, or the last beheerder, would be shut out.
    """
    sessions, links = live_access(session, organisation.id, at)
    tasks = disable_organisation(session, name=organisation.name, by=by, at=at)
    ended = [
        Ended("sessions", "sessie", "sessies", sessions),
        Ended("sign_in_links", "aanmeldlink", "aanmeldlinks", links),
        Ended("people", "account", "accounts", _close_off(session, organisation, by, at)),
    ]
    for step in _steps:
        ended += step(session, organisation, by, at)
    ended += tasks
    counts = {one.key: one.count for one in ended}
    record(session, Action.ORGANISATION_LEFT, by=by, subject=f"organisation:{organisation.id}", at=at, **counts)
    return ended


def live_access(session: Session, organisation_id: int, at: datetime) -> tuple[int, int]:
    """Return how many sessions and how many unused sign-in links the people of an organisation have now."""
    members = select(Person.id).where(Person.organisation_id == organisation_id)
    sessions = select(func.count(SignedInSession.id)).where(SignedInSession.person_id.in_(members), *still_works(at))
    links = select(func.count(SignInLink.id)).where(
        SignInLink.person_id.in_(members), SignInLink.used_at.is_(None), SignInLink.expires_at > at
    )
    return session.scalar(sessions) or 0, session.scalar(links) or 0


def _close_off(session: Session, organisation: Organisation, by: Actor, at: datetime) -> int:
    open_ones = session.scalars(
        select(Person).where(Person.organisation_id == organisation.id, Person.disabled_at.is_(None))
    )
    closed = 0
    for person in open_ones.unique().all():
        person.disabled_at, closed = at, closed + 1
        record(session, Action.PERSON_DISABLED, by=by, subject=f"person:{person.id}", at=at)
    return closed
