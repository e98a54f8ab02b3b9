"""The table of edits that are not finished yet."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access.models import Person
from portal.db import Base
from portal.releases.models import Blob, Release, Version, Visibility


class Edit(Base):
    """What one person is writing for one item in one draft release; kept at every press of a button.

    It outlives a closed browser and an expired session, and goes when it is submitted or thrown away. Nobody else sees
    it; others see the version it becomes. When its writer is closed off, any other editor may take it over.
    """

    __tablename__ = "edit"
    __table_args__ = (UniqueConstraint("release_id", "person_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    based_on: Mapped[int | None] = mapped_column(ForeignKey("version.id"))
    """The published version it started from; None for a new document."""
    replaces: Mapped[str | None] = mapped_column(String(64))
    """The hash of the version in the draft it started from, so that a second saver is noticed.

    Not its row: another version may get the number of one that was replaced.
    """
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    blocks: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    """A page of text as it stands in the form, also what is not right yet; ``text`` follows it."""
    text: Mapped[str | None] = mapped_column(Text)
    original_sha256: Mapped[str | None] = mapped_column(ForeignKey("blob.sha256"))
    file_name: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    minor: Mapped[bool] = mapped_column(default=False)
    applies_to: Mapped[str] = mapped_column(String(10), default="")
    visibility: Mapped[str] = mapped_column(String(10), default=Visibility.ALLE.value)
    """Who will see a new document. Of what was published before, the item itself says so, and it holds at once."""
    begun_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    release: Mapped[Release] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="joined")
    original: Mapped[Blob | None] = relationship()
    base: Mapped[Version | None] = relationship(foreign_keys=[based_on])
