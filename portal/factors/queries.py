"""Reading what somebody has as a second factor."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.factors.models import Passkey, RecoveryCode, Totp


@dataclass(frozen=True)
class Held:
    """What one person has: passkeys in the order they were made, their app, and recovery codes that still work."""

    passkeys: tuple[Passkey, ...]
    app: Totp | None
    codes_left: int

    @property
    def any(self) -> bool:
        """Whether there is a second factor at all; recovery codes only stand in for one."""
        return bool(self.passkeys or self.app)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.passkeys) + bool(self.app)


def held(session: Session, person_id: int) -> Held:
    """Return what a person has; an app counts once a code of it was typed."""
    passkeys = session.scalars(select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id))
    app = session.scalars(select(Totp).where(Totp.person_id == person_id, Totp.sealed_secret.is_not(None))).first()
    codes = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return Held(tuple(passkeys), app, session.scalar(codes) or 0)
