"""Tables of items, versions, releases and files (DESIGN section 3)."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, and_, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access.models import Person
from portal.db import Base
from portal.lib import clock


class ItemKind(enum.StrEnum):
    """What an item is. The handbook has many documents and one of each other kind."""

    DOCUMENT = "document"
    FLOW = "flow"
    GLOSSARY = "glossary"
    SYNONYMS = "synonyms"
    AMOUNTS = "amounts"
    OPEN_POINTS = "open_points"
    COLOPHON = "colophon"


class Visibility(enum.StrEnum):
    """Who may know of an item: everybody signed in, or the regio only."""

    ALLE = "alle"
    REGIO = "regio"


class AppliesTo(enum.StrEnum):
    """For which routes of tenants a change counts; HOV contracts run two years, so readers ask this daily."""

    NEW = "nieuw"
    RUNNING = "lopend"


class Outcome(enum.StrEnum):
    """What became of a request to destroy a version."""

    DESTROYED = "vernietigd"
    REFUSED = "geweigerd"
    TAKEN_BACK = "teruggenomen"


class Item(Base):
    """One versioned thing with a stable code. ``visibility`` is live: it holds at once for every date and release."""

    __tablename__ = "item"
    __table_args__ = (CheckConstraint("visibility IN ('alle', 'regio')", name="visibility"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), index=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    visibility: Mapped[str] = mapped_column(String(10), default=Visibility.ALLE.value)

    @property
    def visibility_value(self) -> Visibility:
        """Who may know of this item."""
        return Visibility(self.visibility)


class Release(Base):
    """A numbered set of versions published together; a draft as long as it has no number."""

    __tablename__ = "release"
    __table_args__ = (
        CheckConstraint(
            "number IS NULL OR (published_at IS NOT NULL AND effective_on IS NOT NULL AND decided_on IS NOT NULL)",
            name="published_is_complete",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int | None] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text, default="")
    decided_on: Mapped[date | None]
    effective_on: Mapped[date | None] = mapped_column(index=True)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    retroactive_reason: Mapped[str] = mapped_column(Text, default="")
    """Why it takes effect before the day it was published; empty when it does not."""
    versions: Mapped[list["Version"]] = relationship(back_populates="release")

    @property
    def shows_from(self) -> datetime:
        """The moment from which readers see what it brings as what holds. Raises ValueError for a draft."""
        if self.published_at is None or self.effective_on is None:
            raise ValueError(f"release {self.id} is a draft")
        return max(self.published_at, clock.start_of(self.effective_on))


class Blob(Base):
    """The bytes of a file under the hash of its contents; the column is only read when asked for."""

    __tablename__ = "blob"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Version(Base):
    """One immutable content of an item: metadata and data, for a page its text, for a file its original."""

    __tablename__ = "version"
    __table_args__ = (
        UniqueConstraint("item_id", "number"),
        UniqueConstraint("release_id", "item_id"),
        CheckConstraint(
            "destroyed_at IS NULL OR (text IS NULL AND original_sha256 IS NULL)", name="destroyed_holds_nothing"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"), index=True)
    number: Mapped[int]
    based_on: Mapped[int | None] = mapped_column(ForeignKey("version.id"))
    """The version this one started from: publishing over a newer one is a conflict."""
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    change_note: Mapped[str] = mapped_column(Text, default="")
    """What changed, in plain words; of a withdrawal the reason. Only a minor change may go without."""
    minor: Mapped[bool] = mapped_column(default=False)
    applies_to: Mapped[str | None] = mapped_column(String(10))
    withdrawn: Mapped[bool] = mapped_column(default=False)
    """From this version on the item is no part of the handbook; its metadata still says what it was."""
    successor: Mapped[str | None] = mapped_column(String(40))
    """The code of the item to use instead of one that was withdrawn."""
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    text: Mapped[str | None] = mapped_column(Text)
    original_sha256: Mapped[str | None] = mapped_column(ForeignKey("blob.sha256"))
    content_hash: Mapped[str] = mapped_column(String(64), index=True)
    """Of what was submitted; it stays when that is destroyed."""
    destroyed_at: Mapped[datetime | None]
    """Since when everything that somebody wrote in it is gone (``publishing.destruction``): the one way it changes."""
    item: Mapped[Item] = relationship(lazy="joined")
    release: Mapped[Release] = relationship(back_populates="versions", lazy="joined")
    original: Mapped[Blob | None] = relationship(foreign_keys=[original_sha256])
    stamped_copies: Mapped[list["StampedCopy"]] = relationship(order_by="StampedCopy.id")
    destruction: Mapped["Destruction | None"] = relationship(
        primaryjoin=lambda: and_(Version.id == Destruction.version_id, Destruction.outcome == Outcome.DESTROYED.value),
        viewonly=True,
        uselist=False,
    )
    """By whom it was destroyed; None too when that was on the installation that the handbook came from."""


class StampedCopy(Base):
    """What readers download: the original with code, version, release and accord status in it. The last one counts."""

    __tablename__ = "stamped_copy"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"), index=True)
    made_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(60))
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    blob: Mapped[Blob] = relationship()


class Destruction(Base):
    """A request to destroy one version, and what became of it; the database itself refuses that one person does both.

    It names the version by code, number and hash as well: a version in a draft goes with its row.
    """

    __tablename__ = "destruction"
    __table_args__ = (
        CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name="decided"),
        CheckConstraint(
            "outcome IS NULL OR outcome <> 'vernietigd' OR (decided_by IS NOT NULL AND decided_by <> asked_by)",
            name="by_two_people",
        ),
        Index(
            "uq_destruction_waiting",
            "version_id",
            unique=True,
            sqlite_where=text("outcome IS NULL"),
            postgresql_where=text("outcome IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("version.id", ondelete="SET NULL"), index=True)
    code: Mapped[str] = mapped_column(String(40), index=True)
    number: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    asked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))
    answer: Mapped[str] = mapped_column(Text, default="")
    """Of a refusal the reason."""
    original_sha256: Mapped[str | None] = mapped_column(String(64))
    copies: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    """For the receipt, of files that are gone: per stamped copy when it was made, its status and its hash."""
    cleared_at: Mapped[datetime | None]
    """When its traces outside the tables were gone too (``editions.traces``); until then that is tried again."""
    version: Mapped[Version | None] = relationship(foreign_keys=[version_id])
    asker: Mapped[Person] = relationship(foreign_keys=[asked_by])
    decider: Mapped[Person | None] = relationship(foreign_keys=[decided_by])
