"""Tables of the second factor. What could stand in for a person is sealed, hashed or public by nature."""

import enum
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class Purpose(enum.StrEnum):
    """What a passkey is asked to sign a challenge for."""

    MAKE = "make"
    SHOW = "show"


class Passkey(Base):
    """One WebAuthn credential of one person."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    """In base64url; at most 1023 bytes (WebAuthn 4)."""
    user_handle: Mapped[str] = mapped_column(String(90))
    """The random name by which authenticators know this person, in base64url; the same for all their passkeys."""
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[str] = mapped_column(String(100))
    """How the browser can reach it, with commas between; a hint for the next time."""
    may_be_backed_up: Mapped[bool]
    is_backed_up: Mapped[bool]
    name: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Totp(Base):
    """The app of one person that gives codes (RFC 6238). A new secret counts once a code of it was typed."""

    __tablename__ = "totp"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    sealed_secret: Mapped[str | None] = mapped_column(Text)
    last_counter: Mapped[int] = mapped_column(BigInteger, default=0)
    """The time step of the last code that was taken; that one and all before it are refused."""
    sealed_new_secret: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code on paper that works once, kept as a hash."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class PasskeyChallenge(Base):
    """What a passkey must sign: random, for one browser, one purpose and one time. Not a secret."""

    __tablename__ = "passkey_challenge"

    challenge: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(10))
    browser_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(index=True)
