"""Publishing a release, and bringing a handbook in from files. The only place where a release gets its number."""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import Action
from portal.audit.operations import Actor, record
from portal.documents.models import Document, document_of
from portal.documents.page_word import page_word
from portal.documents.pages import parse
from portal.documents.stamp import stamp
from portal.lib.errors import Conflict
from portal.publishing.content import ACCORD_STATUS, Handbook, ItemContent
from portal.releases.models import Item, ItemKind, Release, StampedCopy, Version
from portal.releases.operations import add_version, content_of, store_blob
from portal.releases.queries import versions_in_force
from portal.releases.view import View
from portal.search.index import index_versions


def publish(
    session: Session,
    release: Release,
    *,
    decided_on: date,
    effective_on: date,
    by: Actor,
    at: datetime,
    number: int | None = None,
) -> Release:
    """Publish a draft release: number, dates, stamped copies and search index, all in the transaction of the caller.

    Raises Conflict when it is published already, or when a version in it started from one that is no longer the newest.
    """
    if release.number is not None:
        raise Conflict(f"Uitgave {release.number} is al gepubliceerd.")
    for version in release.versions:
        _refuse_overtaken(session, version)
    highest = session.scalar(select(func.max(Release.number))) or 0
    release.number, release.decided_on, release.effective_on = number or highest + 1, decided_on, effective_on
    release.published_at, release.published_by = at, by.person_id
    for version in release.versions:
        if version.item.kind == ItemKind.DOCUMENT:
            make_stamped_copy(session, version, at)
    session.flush()
    index_versions(session, release.versions)
    subject = f"release:{release.number}"
    record(session, Action.RELEASE_PUBLISHED, by=by, subject=subject, at=at, versions=len(release.versions))
    return release


def _refuse_overtaken(session: Session, version: Version) -> None:
    newest = session.scalars(
        select(Version)
        .join(Release, Version.release_id == Release.id)
        .where(Version.item_id == version.item_id, Release.number.is_not(None))
        .order_by(Version.number.desc())
        .limit(1)
    ).first()
    if newest is not None and newest.id != version.based_on:
        raise Conflict(f"Van {version.item.code} is intussen versie {newest.number} gepubliceerd.")


def make_stamped_copy(session: Session, version: Version, at: datetime) -> StampedCopy:
    """Make and keep what readers download: a Word file with the stamp; a PDF as it is (DESIGN section 3)."""
    data = download_of(document_of(version))
    copy = StampedCopy(version_id=version.id, made_at=at, status=ACCORD_STATUS, blob=store_blob(session, data))
    session.add(copy)
    session.flush()
    return copy


def download_of(document: Document) -> bytes:
    """Return the bytes readers get for a published document."""
    version = document.version
    if version.text is not None:
        data = page_word(document.title, document.code, parse(version.text))
    else:
        data = content_of(version).original or b""
    if data.startswith(b"%PDF-"):
        return data
    return stamp(
        data,
        code=document.code,
        title=document.title,
        version=version.number,
        release=version.release.number or 0,
        status=ACCORD_STATUS,
    )


def import_handbook(session: Session, handbook: Handbook, *, by: Actor, at: datetime) -> Release:
    """Bring a handbook in: into an empty one as the published release it is, into a filled one as a draft.

    The caller checks the handbook first (``publishing.checks``). A draft holds only what differs from today.
    """
    filled = session.scalar(select(func.count()).select_from(Release).where(Release.number.is_not(None)))
    release = Release(title=handbook.title, note=handbook.note, created_at=at)
    session.add(release)
    session.flush()
    today = {} if not filled else {v.item.code: v for v in versions_in_force(session, View.of_everything(at))}
    for item in handbook.items:
        _bring_in(session, release, item, today.get(item.code), restore=not filled, by=by, at=at)
    session.refresh(release)
    record(
        session, Action.RELEASE_IMPORTED, by=by, subject=f"draft:{release.id}", at=at, versions=len(release.versions)
    )
    if not filled:
        publish(
            session,
            release,
            decided_on=handbook.decided_on,
            effective_on=handbook.effective_on,
            by=by,
            at=at,
            number=handbook.number,
        )
    return release


def _bring_in(
    session: Session,
    release: Release,
    given: ItemContent,
    current: Version | None,
    *,
    restore: bool,
    by: Actor,
    at: datetime,
) -> None:
    if current is not None and current.content_hash == given.content.hash:
        return
    item = session.scalars(select(Item).where(Item.code == given.code)).first()
    if item is None:
        item = Item(kind=given.kind.value, code=given.code, visibility=given.visibility.value)
        session.add(item)
        session.flush()
    add_version(
        session,
        item=item,
        release=release,
        content=given.content,
        change_note=given.change_note,
        created_by=by.person_id,
        at=at,
        number=given.version if restore else None,
        based_on=current,
    )


def export_handbook(session: Session, *, at: datetime, number: int | None = None) -> Handbook | None:
    """Return the handbook as it stood when a release took effect, as known now; by default as it stands today.

    Returns None when there is no such release. It carries that release's number, dates and notes (DESIGN section 4).
    """
    view = View.of_everything(at)
    query = select(Release).where(Release.number.is_not(None), Release.published_at <= at)
    if number is None:
        query = query.where(Release.effective_on <= view.on).order_by(
            Release.effective_on.desc(), Release.number.desc()
        )
    else:
        query = query.where(Release.number == number)
    release = session.scalars(query.limit(1)).first()
    if release is None or release.number is None or release.effective_on is None or release.decided_on is None:
        return None
    view = View(on=release.effective_on if number else view.on, known=at, sees_regio=True)
    return Handbook(
        number=release.number,
        title=release.title,
        note=release.note,
        decided_on=release.decided_on,
        effective_on=release.effective_on,
        items=tuple(_item_of(version) for version in versions_in_force(session, view)),
    )


def _item_of(version: Version) -> ItemContent:
    item = version.item
    return ItemContent(
        code=item.code,
        kind=ItemKind(item.kind),
        visibility=item.visibility_value,
        version=version.number,
        change_note=version.change_note,
        content=content_of(version),
    )
