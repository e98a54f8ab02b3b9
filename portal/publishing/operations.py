"""Publishing a release, and bringing a handbook in from files. The only place where a release gets its number."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.audit.models import Action
from portal.audit.operations import Actor, record
from portal.documents.models import Document, document_of
from portal.documents.page_word import page_word
from portal.documents.pages import parse
from portal.documents.stamp import stamp
from portal.lib import clock
from portal.lib.errors import Conflict, InvalidInput
from portal.publishing.content import ACCORD_STATUS, DestroyedItem, Handbook, ItemContent, WithdrawnItem, bare_data
from portal.releases.models import Item, ItemKind, Release, StampedCopy, Version
from portal.releases.operations import Change, Content, add_version, content_of, store_blob
from portal.releases.queries import gone, versions_in_force, waiting_destruction
from portal.releases.view import View
from portal.search.index import index_versions

PUBLISH_LOCK = 7_446_202
"""Number of the PostgreSQL advisory lock under which releases get their numbers."""
DECIDED_LATER = "Deze dag is nog niet geweest. Vul de dag in waarop het besluit is genomen: vandaag of eerder."


def publish(
    session: Session,
    release: Release,
    *,
    decided_on: date,
    effective_on: date,
    by: Actor,
    at: datetime,
    number: int | None = None,
    retroactive_reason: str = "",
) -> Release:
    """Publish a draft release: number, dates, stamped copies and search index, all in the transaction of the caller.

    The caller checks the handbook first (``judging.publish_sound``, ``checks``).
    A date of effect before the day itself needs a reason and is not before the handbook began, and the decision was
    taken by then, except when a handbook is restored with its ``number``. Raises Conflict when it is published already,
    when a version in it started from one that was overtaken or waits to be destroyed, and InvalidInput when it holds
    nothing or a date or reason is wrong.
    """
    if release.number is not None:
        raise Conflict(f"Uitgave {release.number} is al gepubliceerd.")
    if not release.versions:
        raise InvalidInput("Deze uitgave heeft geen wijzigingen. Wijzig eerst een onderdeel.")
    count_alone(session)
    if number is None:
        _refuse_days(session, decided_on, effective_on, retroactive_reason, clock.day_of(at))
    _refuse_unsettled(session, release, effective_on)
    if number is None:
        for version in release.versions:
            _number_for_good(session, version)
    highest = session.scalar(select(func.max(Release.number))) or 0
    release.number, release.decided_on, release.effective_on = number or highest + 1, decided_on, effective_on
    release.published_at, release.published_by = at, by.person_id
    release.retroactive_reason = retroactive_reason.strip()
    for version in release.versions:
        if version.item.kind == ItemKind.DOCUMENT and not version.withdrawn and not version.destroyed_at:
            make_stamped_copy(session, version, at)
    session.flush()
    index_versions(session, release.versions)
    subject = f"release:{release.number}"
    record(session, Action.RELEASE_PUBLISHED, by=by, subject=subject, at=at, versions=len(release.versions))
    return release


def count_alone(session: Session) -> None:
    """Let others wait who give out numbers of releases and versions. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": PUBLISH_LOCK})


def _refuse_days(session: Session, decided_on: date, effective_on: date, reason: str, today: date) -> None:
    """Raise InvalidInput when the days of a release cannot be, or one that is past has no reason."""
    if fault := before_handbook(session, effective_on, today):
        raise InvalidInput(fault)
    if effective_on < today and not reason.strip():
        raise InvalidInput("Deze uitgave gaat in op een dag die voorbij is. Schrijf waarom dat nodig is.")
    if decided_on > today:
        raise InvalidInput(DECIDED_LATER)


def before_handbook(session: Session, effective_on: date, today: date) -> str:
    """Return what to say of a day of effect on which there is no handbook to change; "" when there is one."""
    begins = session.scalar(select(func.min(Release.effective_on)).where(Release.number.is_not(None)))
    if begins is None or effective_on >= begins:
        return ""
    began = "begint" if begins > today else "begon"
    return f"Het handboek {began} op {clock.in_words(begins)}. Kies die dag of een latere."


def _refuse_unsettled(session: Session, release: Release, effective_on: date) -> None:
    """Raise Conflict when a version waits to be destroyed or was overtaken."""
    for version in release.versions:
        refuse_waiting(session, version)
    if met := overtaken(session, release, effective_on):
        raise Conflict(" ".join(told_of(newer) for newer in met.values()))


def _number_for_good(session: Session, version: Version) -> None:
    """Give a version the number after the last that was published; a draft that had that one gets the next free."""
    published = published_versions(session, version)
    number = published[0].number + 1 if published else 1
    if version.number != number:
        of_item = select(Version).where(Version.item_id == version.item_id).order_by(Version.number.desc())
        others = list(session.scalars(of_item))
        for other in others:
            if other.number == number:
                other.number = others[0].number + 1
                session.flush()
        version.number = number
        session.flush()


def overtaken(session: Session, draft: Release, on: date) -> dict[str, Version]:
    """Return what holds on a day and is newer than what a draft goes on from, by item.

    What is announced for a later day is none: that stays as it is (``later_versions``).
    """
    met = {one.item.code: _newer(published_versions(session, one), base_of(session, one), on) for one in draft.versions}
    return {code: newer for code, newer in met.items() if newer is not None}


def newer_versions(session: Session, draft: Release, today: date) -> dict[str, Version]:
    """Return what would overtake a draft first, by item: from today on, or from when what it goes on from holds."""
    found = {}
    for version in draft.versions:
        base, published = base_of(session, version), published_versions(session, version)
        start = max(today, base.release.effective_on or today) if base else today
        days = {start, *(one.release.effective_on for one in published if (one.release.effective_on or start) > start)}
        met = (_newer(published, base, day) for day in sorted(filter(None, days)))
        if (newer := next(filter(None, met), None)) is not None:
            found[version.item.code] = newer
    return found


def first_day(session: Session, draft: Release, today: date) -> date:
    """Return the first day on which all that a draft goes on from holds; today when it holds already."""
    bases = (base_of(session, version) for version in draft.versions)
    return max([today, *(base.release.effective_on for base in bases if base and base.release.effective_on)])


def told_of(newer: Version) -> str:
    """Return how an editor hears that a draft was overtaken."""
    return f"Van {newer.item.code} is intussen versie {newer.number} gepubliceerd. Neem die versie mee in dit concept."


def base_of(session: Session, version: Version) -> Version | None:
    """Return the published version that a version started from."""
    return session.get(Version, version.based_on) if version.based_on else None


def _newer(published: list[Version], base: Version | None, on: date) -> Version | None:
    """Return the version that holds on a day, if it is newer than another."""
    in_time = [one for one in published if one.release.effective_on and one.release.effective_on <= on]
    holds = max(in_time, key=lambda one: (one.release.effective_on, one.release.number), default=None)
    return holds if holds is not None and holds.number > (base.number if base else 0) else None


def refuse_waiting(session: Session, version: Version) -> None:
    """Raise Conflict when somebody asked to destroy a version: until that is decided it stays where it is."""
    if waiting_destruction(session, version) is not None:
        raise Conflict(
            f"Voor {version.item.code}, versie {version.number} is vernietigen gevraagd. "
            "Wacht op de beheerder, of laat de aanvrager het verzoek terugnemen."
        )


def later_versions(session: Session, release: Release, effective_on: date) -> list[Version]:
    """Return the published versions of items in a draft that take effect after it, and would then replace it."""
    found = [
        one
        for version in release.versions
        for one in published_versions(session, version)
        if one.release.effective_on is not None and one.release.effective_on > effective_on
    ]
    return sorted(found, key=lambda one: (one.item.code, one.number))


def published_versions(session: Session, version: Version) -> list[Version]:
    """Return the published versions of the item of a version, the highest number first."""
    query = select(Version).join(Release, Version.release_id == Release.id)
    of_item = query.where(Version.item_id == version.item_id, Release.number.is_not(None))
    return list(session.scalars(of_item.order_by(Version.number.desc())))


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
    for without_text in handbook.gone if not filled else ():
        _bring_in_gone(session, release, without_text, by=by, at=at)
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
    else:
        index_versions(session, release.versions)
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


def _bring_in_gone(
    session: Session, release: Release, given: DestroyedItem | WithdrawnItem, *, by: Actor, at: datetime
) -> None:
    """Keep that there was a text, so that readers here see too what became of it. A filled handbook has no need."""
    item = Item(kind=ItemKind.DOCUMENT.value, code=given.code, visibility=given.visibility.value)
    session.add(item)
    content = Content(bare_data(given.code, given.title, given.kind))
    change = Change()
    if isinstance(given, WithdrawnItem):
        change = Change(given.change_note, withdrawn=True, successor=given.successor)
    version = add_version(
        session,
        item=item,
        release=release,
        content=content,
        change=change,
        created_by=by.person_id,
        at=at,
        number=given.version,
    )
    if isinstance(given, DestroyedItem):
        version.content_hash, version.destroyed_at = given.content_hash, given.destroyed_at
    session.flush()


def export_handbook(
    session: Session, *, at: datetime, number: int | None = None, sees_regio: bool = True
) -> Handbook | None:
    """Return the handbook as it stood when a release took effect, as known now; by default as it stands today.

    Returns None when there is no such release. It carries that release's number, dates and notes (DESIGN section 4).
    Without ``sees_regio`` it holds no item that is for the regio only; texts of others may still name one.
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
    view = View(on=release.effective_on if number else view.on, known=at, sees_regio=sees_regio)
    versions = versions_in_force(session, view)
    return handbook_of(release, versions, on=release.effective_on, gone=gone(session, view).values())


def handbook_of(release: Release, versions: Iterable[Version], *, on: date, gone: Iterable[Version] = ()) -> Handbook:
    """Return these versions as a handbook under the name of a release; a draft gets a day for what it does not say.

    What is ``gone``, withdrawn or destroyed, stays known by its code: steps and texts of others still lead to it.
    """
    gone = list(gone)
    return Handbook(
        number=release.number or 1,
        title=release.title,
        note=release.note,
        decided_on=release.decided_on or on,
        effective_on=release.effective_on or on,
        items=tuple(map(_item_of, versions)),
        destroyed=tuple(_destroyed_item(one, one.destroyed_at) for one in gone if one.destroyed_at),
        withdrawn=tuple(_withdrawn_item(one) for one in gone if one.withdrawn and one.item.kind == ItemKind.DOCUMENT),
    )


def _destroyed_item(version: Version, destroyed_at: datetime) -> DestroyedItem:
    return DestroyedItem(
        code=version.item.code,
        title=version.data["titel"],
        kind=version.data["soort"],
        visibility=version.item.visibility_value,
        version=version.number,
        destroyed_at=destroyed_at,
        content_hash=version.content_hash,
    )


def _withdrawn_item(version: Version) -> WithdrawnItem:
    return WithdrawnItem(
        code=version.item.code,
        title=version.data["titel"],
        kind=version.data["soort"],
        visibility=version.item.visibility_value,
        version=version.number,
        change_note=version.change_note,
        successor=version.successor,
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
