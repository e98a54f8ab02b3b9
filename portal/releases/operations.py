"""Storing versions and files. Publishing itself is in ``publishing``."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.releases.models import AppliesTo, Blob, Item, Release, Version


@dataclass(frozen=True)
class Change:
    """What an editor says of a change (GOV.UK publishing rules: a note is required unless the change is minor)."""

    note: str = ""
    minor: bool = False
    applies_to: AppliesTo | None = None
    withdrawn: bool = False
    successor: str | None = None


@dataclass(frozen=True)
class Content:
    """What a version holds, apart from where and when: metadata or data, a page's text, a file's bytes."""

    data: dict[str, Any]
    text: str | None = None
    original: bytes | None = None

    @property
    def hash(self) -> str:
        """The hash over everything the version holds; equal contents have equal hashes."""
        original = hashlib.sha256(self.original).hexdigest() if self.original is not None else None
        whole = json.dumps([self.data, self.text, original], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()


def content_of(version: Version) -> Content:
    """Return what a stored version holds."""
    return Content(version.data, version.text, version.original.data if version.original else None)


def store_blob(session: Session, data: bytes) -> Blob:
    """Keep a file under its hash; the same bytes are kept once."""
    sha256 = hashlib.sha256(data).hexdigest()
    blob = session.get(Blob, sha256)
    if blob is None:
        blob = Blob(sha256=sha256, size=len(data), data=data)
        session.add(blob)
        session.flush()
    return blob


def add_version(
    session: Session,
    *,
    item: Item,
    release: Release,
    content: Content,
    change_note: str = "",
    change: Change | None = None,
    created_by: int | None,
    at: datetime,
    number: int | None = None,
    based_on: Version | None = None,
) -> Version:
    """Add a version of an item to a release that is still a draft.

    Without a number it gets the next one. Raises ValueError when the release is published: nothing published changes.
    """
    if release.number is not None:
        raise ValueError(f"release {release.number} is published")
    highest = session.scalar(select(func.max(Version.number)).where(Version.item_id == item.id)) or 0
    said = change or Change(change_note)
    version = Version(
        item=item,
        release=release,
        number=number or highest + 1,
        based_on=based_on.id if based_on else None,
        created_at=at,
        created_by=created_by,
        change_note=said.note,
        minor=said.minor,
        applies_to=said.applies_to.value if said.applies_to else None,
        withdrawn=said.withdrawn,
        successor=said.successor,
        data=content.data,
        text=content.text,
        original=store_blob(session, content.original) if content.original is not None else None,
        content_hash=content.hash,
    )
    session.add(version)
    session.flush()
    return version
