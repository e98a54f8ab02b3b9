"""Tables of organisations, people, sign-in links and sessions."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base


class OrganisationKind(enum.StrEnum):
    """The pillar an organisation stands in."""

    CORPORATIE = "corporatie"
    GEMEENTE = "gemeente"
    ZORGAANBIEDER = "zorgaanbieder"
    REGIO = "regio"


class Group(enum.StrEnum):
    """What gives rights. A role in the flow never does (DESIGN section 2)."""

    LEZER = "lezer"
    REDACTEUR = "redacteur"
    BEHEERDER = "beheerder"
    AUDITOR = "auditor"


class PersonStatus(enum.StrEnum):
    """How a person stands to the door. Everybody has exactly one; the values are used in addresses."""

    ACTIVE = "actief"
    NEVER = "nooit"
    DISABLED = "afgesloten"


STAFF = frozenset({Group.REDACTEUR, Group.BEHEERDER, Group.AUDITOR})
"""Groups that need a second factor and get short sessions (DESIGN section 6, BIO2 5.17.01)."""

DEFAULT_ROLE = {
    OrganisationKind.CORPORATIE: "corporatie",
    OrganisationKind.GEMEENTE: "uitvoeringsdienst",
    OrganisationKind.ZORGAANBIEDER: "zorgaanbieder",
    OrganisationKind.REGIO: "info_meldpunt",
}
REGIO_ROLES = frozenset({"info_meldpunt", "urgentiebureau", "regio"})
"""Roles of people of the Regio; who has any other does not see what is for the Regio only."""


def _one_of(column: str, values: type[enum.StrEnum]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(v.value) for v in values)})", name=column.strip('"'))


class Organisation(Base):
    """A partner of the covenant."""

    __tablename__ = "organisation"
    __table_args__ = (_one_of("kind", OrganisationKind),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    disabled_at: Mapped[datetime | None]
    domains: Mapped[list["MailDomain"]] = relationship(cascade="all, delete-orphan", order_by="MailDomain.name")


class MailDomain(Base):
    """A mail domain that belongs to one organisation."""

    __tablename__ = "mail_domain"

    name: Mapped[str] = mapped_column(String(253), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)


class Person(Base):
    """A person with an account. Name and address live here only, so that they can be erased (AVG art. 17)."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    last_signed_in_at: Mapped[datetime | None]
    """Kept here because sessions are forgotten: who has none was never in."""
    invited_at: Mapped[datetime | None]
    is_contact: Mapped[bool] = mapped_column(default=False)
    """Whether the meldpunt turns to this person about their organisation."""
    wants_bulletins: Mapped[bool | None]
    """Whether this person chose to get mail about changes; None when they never chose."""
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    role_rows: Mapped[list["PersonRole"]] = relationship(cascade="all, delete-orphan", order_by="PersonRole.position")
    group_rows: Mapped[list["PersonGroup"]] = relationship(cascade="all, delete-orphan")

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles in the flow, the most important first."""
        return tuple(row.role for row in self.role_rows)

    @property
    def groups(self) -> frozenset[Group]:
        """Groups; everybody is a lezer."""
        return frozenset({Group.LEZER} | {Group(row.group) for row in self.group_rows})

    @property
    def is_active(self) -> bool:
        """Whether this person and their organisation may come in."""
        return self.disabled_at is None and self.organisation.disabled_at is None

    @property
    def gets_bulletins(self) -> bool:
        """Whether changes are mailed to this person: to a contact person until they stop it, to others who asked."""
        return self.is_contact if self.wants_bulletins is None else self.wants_bulletins

    @property
    def status(self) -> PersonStatus:
        """How this person stands to the door; ``queries.has_status`` asks the same of the database."""
        if not self.is_active:
            return PersonStatus.DISABLED
        return PersonStatus.ACTIVE if self.last_signed_in_at else PersonStatus.NEVER

    @property
    def is_staff(self) -> bool:
        """Whether this person has more rights than reading."""
        return bool(self.groups & STAFF)


class PersonRole(Base):
    """One role of one person."""

    __tablename__ = "person_role"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)


class PersonGroup(Base):
    """One group of one person."""

    __tablename__ = "person_group"
    __table_args__ = (_one_of('"group"', Group),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    group: Mapped[str] = mapped_column(String(20), primary_key=True)


class SignInLink(Base):
    """A way in that works once: a link, and for who asked for it here a code. Both are kept as a hash only.

    An address without an account gets a row too, without a person, so that asking costs the same for both.
    """

    __tablename__ = "sign_in_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    address_hash: Mapped[str] = mapped_column(String(64), index=True)
    browser_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    code_hash: Mapped[str | None] = mapped_column(String(64))
    code_tries: Mapped[int] = mapped_column(default=0)
    target: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class Arrival(Base):
    """What a browser asked for before anyone signed in there."""

    __tablename__ = "arrival"

    id: Mapped[int] = mapped_column(primary_key=True)
    browser_hash: Mapped[str] = mapped_column(String(64), index=True)
    target: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime] = mapped_column(index=True)


class SignedInSession(Base):
    """A signed-in browser. Ending one is a change of a row, which works at once."""

    __tablename__ = "signed_in_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    link_id: Mapped[int | None] = mapped_column(ForeignKey("sign_in_link.id"), unique=True)
    agent: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    idle_until: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    factor_at: Mapped[datetime | None]
    """When a second factor was last shown here; who needs one and did not show it yet is only half signed in."""
    factor_tries: Mapped[int] = mapped_column(default=0)
    factor_tried_at: Mapped[datetime | None]
    """When the tries that are counted began."""
    person: Mapped[Person] = relationship(lazy="joined")
