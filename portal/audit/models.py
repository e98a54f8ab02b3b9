"""Tables of the log. A line holds ids and salted hashes only; addresses and agents stand beside it, purgeable."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class Action(enum.StrEnum):
    """Every kind of event there is: thing, then what happened to it."""

    SIGN_IN_ASKED = "sign_in.asked"
    SIGN_IN_FAILED = "sign_in.failed"
    SIGN_IN_DONE = "sign_in.done"
    SESSION_ENDED = "session.ended"
    FACTOR_ADDED = "factor.added"
    FACTOR_SHOWN = "factor.shown"
    FACTOR_FAILED = "factor.failed"
    FACTOR_REMOVED = "factor.removed"
    FACTOR_RESET = "factor.reset"
    ACCESS_REFUSED = "access.refused"
    PERSON_ADDED = "person.added"
    PERSON_CHANGED = "person.changed"
    PERSON_INVITED = "person.invited"
    PERSON_DISABLED = "person.disabled"
    PERSON_ENABLED = "person.enabled"
    ORGANISATION_ADDED = "organisation.added"
    ORGANISATION_CHANGED = "organisation.changed"
    ORGANISATION_DISABLED = "organisation.disabled"
    ORGANISATION_ENABLED = "organisation.enabled"
    ORGANISATION_LEFT = "organisation.left"
    LINK_MADE = "link.made"
    INVITATION_MADE = "organisation-link.made"
    INVITATION_USED = "organisation-link.used"
    INVITATION_REVOKED = "organisation-link.revoked"
    SHARE_MADE = "share-link.made"
    SHARE_OPENED = "share-link.opened"
    SHARE_REVOKED = "share-link.revoked"
    LIST_EXPORTED = "list.exported"
    SSO_ADDED = "sso.added"
    SSO_CHANGED = "sso.changed"
    SSO_ENABLED = "sso.enabled"
    SSO_DISABLED = "sso.disabled"
    SSO_LINKED = "sso.linked"
    SSO_UNLINKED = "sso.unlinked"
    SSO_SYNCED = "sso.synced"
    SSO_REFUSED = "sso.refused"
    FILE_DOWNLOADED = "file.downloaded"
    FILE_REFUSED = "file.refused"
    EDITION_DOWNLOADED = "edition.downloaded"
    RELEASE_DRAFTED = "release.drafted"
    RELEASE_DISCARDED = "release.discarded"
    RELEASE_IMPORTED = "release.imported"
    RELEASE_PUBLISHED = "release.published"
    EDIT_TAKEN_OVER = "edit.taken-over"
    VERSION_SUBMITTED = "version.submitted"
    VERSION_TAKEN_OUT = "version.taken-out"
    BULLETIN_QUEUED = "bulletin.queued"
    BULLETIN_STARTED = "bulletin.started"
    BULLETIN_STOPPED = "bulletin.stopped"
    DESTRUCTION_ASKED = "destruction.asked"
    DESTRUCTION_TAKEN_BACK = "destruction.taken-back"
    DESTRUCTION_REFUSED = "destruction.refused"
    VERSION_DESTROYED = "version.destroyed"
    VISIBILITY_CHANGED = "item.visibility-changed"


class Event(Base):
    """One line of the log. ``hash`` covers the line and the hash of the line before it."""

    __tablename__ = "event"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(40), index=True)
    person_id: Mapped[int | None] = mapped_column(index=True)
    subject: Mapped[str] = mapped_column(String(80), index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class EventOrigin(Base):
    """Where a line came from. Not part of the chain, so that it can be purged when its time is over."""

    __tablename__ = "event_origin"

    event_number: Mapped[int] = mapped_column(ForeignKey("event.number"), primary_key=True)
    address: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(200))
