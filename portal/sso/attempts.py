"""Attempts to sign in by a provider: one row for each tab, used once, and only by the browser that began it."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.lib.tokens import Seal, new_token, token_hash
from portal.sso.models import Attempt, Provider, Purpose
from portal.sso.refusals import Reason

LIFE = timedelta(minutes=30)
"""A provider may ask for a new password or a telephone first."""
REMEMBERED = timedelta(days=1)
"""So long a second use is told from an unknown one."""
MOST_OPEN = 20
"""Attempts of one browser that may be under way; the oldest makes room."""


@dataclass(frozen=True)
class Secrets:
    """What only the portal knows of one attempt, each of 256 random bits (OIDC-NLGOV asks 128)."""

    state: str
    nonce: str
    verifier: str


def begin(
    session: Session,
    seal: Seal,
    provider: Provider,
    *,
    purpose: Purpose,
    browser: str,
    target: str | None,
    person_id: int | None,
    at: datetime,
) -> Secrets:
    """Store an attempt and return its secrets; what is long over goes away."""
    forget_attempts(session, at)
    mine = select(Attempt.id).where(Attempt.browser_hash == token_hash(browser)).order_by(Attempt.id.desc())
    session.execute(delete(Attempt).where(Attempt.id.in_(list(session.scalars(mine.offset(MOST_OPEN - 1))))))
    secrets = Secrets(new_token(), new_token(), new_token())
    session.add(
        Attempt(
            provider_id=provider.id,
            state_hash=token_hash(secrets.state),
            sealed=seal.close(json.dumps([secrets.nonce, secrets.verifier])),
            browser_hash=token_hash(browser),
            target=target,
            purpose=purpose.value,
            person_id=person_id,
            created_at=at,
            expires_at=at + LIFE,
        )
    )
    session.flush()
    return secrets


def forget_attempts(session: Session, at: datetime) -> None:
    """Remove attempts that were over a day ago."""
    session.execute(delete(Attempt).where(Attempt.expires_at < at - REMEMBERED))


def spend(session: Session, provider: Provider, *, state: str, browser: str, at: datetime) -> Attempt | Reason:
    """Return the attempt an answer belongs to, which no other answer gets after this; or why there is none.

    One atomic update, so of any number of simultaneous answers one wins. An answer at the address of another provider
    spends the attempt as well: someone is mixing up providers (RFC 9207, section 1).
    """
    found = session.scalars(select(Attempt).where(Attempt.state_hash == token_hash(state))).first()
    if found is None or found.browser_hash != token_hash(browser):
        return Reason.EXPIRED
    spent = session.execute(
        update(Attempt)
        .where(Attempt.id == found.id, Attempt.spent_at.is_(None))
        .values(spent_at=at)
        .returning(Attempt.id)
    ).first()
    if spent is None:
        return Reason.USED
    if found.provider_id != provider.id:
        return Reason.MIXED_UP
    return found if found.expires_at > at else Reason.EXPIRED


def secrets_of(seal: Seal, attempt: Attempt, state: str) -> Secrets:
    """Return the secrets of an attempt; raises ValueError when they were sealed with another key."""
    nonce, verifier = json.loads(seal.open(attempt.sealed))
    return Secrets(state, nonce, verifier)
