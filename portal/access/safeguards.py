"""What every change of people and organisations keeps to: one at a time, and never without a beheerder."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from portal.access.models import Group, Organisation, Person, PersonGroup, SignedInSession, SignInLink
from portal.access.queries import still_works
from portal.audit.models import Action
from portal.audit.operations import Actor, record
from portal.lib.errors import InvalidInput

PEOPLE_LOCK = 7_446_203
"""Number of the PostgreSQL advisory lock that lets one transaction at a time change people and organisations."""
OWN_ACCESS = "Hiermee raakt u zelf de toegang tot Beheer kwijt. Vraag een andere beheerder om dit te doen."
LAST_BEHEERDER = "Hierna kan geen enkele beheerder meer aanmelden. Geef eerst iemand anders het recht beheerder."
CHANGED_MEANWHILE = "Iemand anders heeft dit intussen gewijzigd. Vergelijk wat er nu staat en sla daarna opnieuw op."


def one_at_a_time(session: Session) -> None:
    """Wait for other changes of people and organisations, and read anew what was read before.

    Checks such as "is this the last beheerder" need it. On SQLite a writing transaction is the only one anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.flush()
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": PEOPLE_LOCK})
        session.expire_all()


def active_beheerders(session: Session) -> frozenset[int]:
    """Return the numbers of the beheerders who can come in."""
    rows = session.scalars(
        select(Person.id)
        .join(Organisation, Person.organisation_id == Organisation.id)
        .join(PersonGroup, PersonGroup.person_id == Person.id)
        .where(PersonGroup.group == Group.BEHEERDER.value)
        .where(Person.disabled_at.is_(None), Organisation.disabled_at.is_(None))
    )
    return frozenset(rows)


def objection(session: Session, person_ids: Collection[int], by: Actor) -> str:
    """Return why these people may not stop being a beheerder who can come in, or nothing when they may."""
    beheerders = active_beheerders(session)
    if by.person_id in person_ids and by.person_id in beheerders:
        return OWN_ACCESS
    return LAST_BEHEERDER if beheerders and beheerders <= set(person_ids) else ""


def refuse_to_lose(session: Session, person_ids: Collection[int], by: Actor, *, field: str = "") -> None:
    """Raise InvalidInput when there is an objection."""
    if reason := objection(session, person_ids, by):
        raise InvalidInput(reason, field=field)


def end_sessions_of(session: Session, person_ids: Collection[int], at: datetime, *, but: int | None = None) -> None:
    """End every live session of these people, ``but`` one, and every sign-in link that still waits for them."""
    session.execute(
        update(SignedInSession)
        .where(SignedInSession.person_id.in_(person_ids), SignedInSession.ended_at.is_(None))
        .where(SignedInSession.id != (but or 0))
        .values(ended_at=at)
    )
    session.execute(
        update(SignInLink)
        .where(SignInLink.person_id.in_(person_ids), SignInLink.used_at.is_(None), SignInLink.expires_at > at)
        .values(expires_at=at)
    )


def sign_out_all(session: Session, person_ids: Collection[int], *, subject: str, by: Actor, at: datetime) -> int:
    """End all sessions of a person or an organisation (``subject``); return how many were live."""
    live = select(func.count(SignedInSession.id)).where(SignedInSession.person_id.in_(person_ids), *still_works(at))
    count = session.scalar(live) or 0
    end_sessions_of(session, person_ids, at)
    record(session, Action.SESSION_ENDED, by=by, subject=subject, at=at, sessions=count)
    return count


def sign_out_elsewhere(session: Session, row: SignedInSession, *, by: Actor, at: datetime) -> int:
    """End all sessions of a person but this one; return how many were live (ASVS V7.4.3)."""
    others = [SignedInSession.person_id == row.person_id, SignedInSession.id != row.id, *still_works(at)]
    count = session.scalar(select(func.count(SignedInSession.id)).where(*others)) or 0
    end_sessions_of(session, [row.person_id], at, but=row.id)
    record(session, Action.SESSION_ENDED, by=by, subject=f"person:{row.person_id}", at=at, sessions=count, kept=row.id)
    return count
