"""Tables of organisation links and share links, and of who came in by them. Keys are kept as a hash only."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access.models import Organisation, Person
from portal.db import Base
from portal.releases.models import Item


class OrganisationLink(Base):
    """An invitation of one organisation: whoever has a mailbox there may make an account of their own by it."""

    __tablename__ = "organisation_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    uses: Mapped[int] = mapped_column(default=0)
    """How often somebody proved a mailbox by it and came in."""
    last_used_at: Mapped[datetime | None]
    organisation: Mapped[Organisation] = relationship()
    maker: Mapped[Person | None] = relationship()


class OrganisationLinkUse(Base):
    """That a sign-in link was asked for by an invitation, with the address it went to until that is proved."""

    __tablename__ = "organisation_link_use"

    sign_in_link_id: Mapped[int] = mapped_column(ForeignKey("sign_in_link.id", ondelete="CASCADE"), primary_key=True)
    organisation_link_id: Mapped[int] = mapped_column(ForeignKey("organisation_link.id"), index=True)
    address: Mapped[str | None] = mapped_column(Text)
    """Sealed; nothing once it was proved, since then the account holds it."""
    link: Mapped[OrganisationLink] = relationship(lazy="joined")


class ShareLink(Base):
    """Shows one document to whoever has it: the version that holds, or always the same one."""

    __tablename__ = "share_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    version_number: Mapped[int | None]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    uses: Mapped[int] = mapped_column(default=0)
    """How often it was opened by its button."""
    last_used_at: Mapped[datetime | None]
    item: Mapped[Item] = relationship(lazy="joined")
    maker: Mapped[Person | None] = relationship()


class ShareSession(Base):
    """A browser in which a share link was opened. Nobody is signed in there."""

    __tablename__ = "share_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    share_link_id: Mapped[int] = mapped_column(ForeignKey("share_link.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    link: Mapped[ShareLink] = relationship(lazy="joined")
