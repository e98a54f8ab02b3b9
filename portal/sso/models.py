"""Tables of identity providers, of attempts to sign in by one, and of who somebody is there."""

import enum
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access.models import Organisation, Person
from portal.db import Base


class AuthMethod(enum.StrEnum):
    """How the portal shows a provider who it is."""

    POST = "client_secret_post"
    BASIC = "client_secret_basic"
    PRIVATE_KEY = "private_key_jwt"


class Purpose(enum.StrEnum):
    """What an attempt is for."""

    SIGN_IN = "sign-in"
    LINK = "link"
    """Someone who is signed in says who they are at the provider."""
    TRY = "try"
    """A beheerder looks at what an answer holds and would give; nothing changes."""


class Provider(Base):
    """The identity provider of one organisation. ``name`` is its part of the address, ``/sso/<name>/start``."""

    __tablename__ = "sso_provider"
    __table_args__ = (
        CheckConstraint(f"auth_method IN ({', '.join(repr(m.value) for m in AuthMethod)})", name="auth_method"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(500))
    """Pinned: every answer and the provider's own description must say exactly this (ASVS V10.5.3)."""
    client_id: Mapped[str] = mapped_column(String(200))
    auth_method: Mapped[str] = mapped_column(String(20))
    sealed_secret: Mapped[str] = mapped_column(Text)
    """A client secret or a private key as PEM, sealed with the key of the installation."""
    sealed_next_secret: Mapped[str | None] = mapped_column(Text)
    """The one that takes over as soon as the provider no longer takes the first."""
    scopes: Mapped[str] = mapped_column(String(200))
    domains: Mapped[list[str]] = mapped_column(JSON)
    """Mail domains in which it may speak for people."""
    group_claim: Mapped[str] = mapped_column(String(100))
    mapping: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    """From a value of that claim to what it gives: a group, or ``rol:`` with a role."""
    role: Mapped[str] = mapped_column(String(40))
    """Role of a new account; empty: the one that goes with the kind of the organisation."""
    algorithms: Mapped[list[str]] = mapped_column(JSON)
    factor_values: Mapped[list[str]] = mapped_column(JSON)
    """Values of acr or amr that count as a second factor; none: the provider never vouches for one."""
    leeway: Mapped[int]
    """Seconds that the clock of the provider may be off, either way."""
    created_at: Mapped[datetime]
    enabled_at: Mapped[datetime | None]
    organisation: Mapped[Organisation] = relationship(lazy="joined")

    @property
    def is_open(self) -> bool:
        """Whether people may come in by it now."""
        return self.enabled_at is not None and self.organisation.disabled_at is None


class Attempt(Base):
    """One try to sign in, of one browser tab. Its state is a hash; what only the portal may know is sealed."""

    __tablename__ = "sso_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("sso_provider.id"), index=True)
    state_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sealed: Mapped[str] = mapped_column(Text)
    """Nonce and PKCE verifier."""
    browser_hash: Mapped[str] = mapped_column(String(64), index=True)
    target: Mapped[str | None] = mapped_column(String(500))
    purpose: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """Who is signed in while they link or try."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    spent_at: Mapped[datetime | None]


class Identity(Base):
    """Who somebody is at a provider: issuer and subject, never a mail address."""

    __tablename__ = "sso_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("sso_provider.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    waits_for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """The account with the address the provider named, until its owner or a beheerder links the two."""
    given_groups: Mapped[list[str]] = mapped_column(JSON)
    given_roles: Mapped[list[str]] = mapped_column(JSON)
    """What the claims gave. Only this is ever taken away again."""
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    provider: Mapped[Provider] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    waits_for: Mapped[Person | None] = relationship(foreign_keys=[waits_for_id])


class PartnerSession(Base):
    """Marks a session that began at a provider, so that switching it off ends the session too."""

    __tablename__ = "sso_session"

    session_id: Mapped[int] = mapped_column(ForeignKey("signed_in_session.id"), primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("sso_provider.id"), index=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("sso_identity.id"), index=True)
