"""A later release in a test: new versions of some documents, published."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.operations import SYSTEM
from portal.publishing.operations import publish
from portal.releases.models import Item, Release, Version
from portal.releases.operations import Content, add_version


def newest(session: Session, code: str) -> Version:
    """Return the version of an item with the highest number."""
    query = select(Version).join(Item, Version.item_id == Item.id).where(Item.code == code)
    return session.scalars(query.order_by(Version.number.desc()).limit(1)).one()


def release_of(
    session: Session, contents: Mapping[str, Content], *, note: str, at: datetime, effective_on: date
) -> Release:
    """Publish new versions of these items together, decided a month before they take effect or just now."""
    release = Release(title="Een latere uitgave", note=note, created_at=at)
    session.add(release)
    session.flush()
    for code, content in contents.items():
        before = newest(session, code)
        add_version(
            session,
            item=before.item,
            release=release,
            content=content,
            change_note=note,
            created_by=None,
            at=at,
            based_on=before,
        )
    session.refresh(release)
    return publish(
        session,
        release,
        decided_on=min(effective_on - timedelta(days=30), at.date()),
        effective_on=effective_on,
        by=SYSTEM,
        at=at,
        retroactive_reason="Zo is besloten." if effective_on < at.date() else "",
    )
