"""Destroying a version (vernietigen): the one exception to "nothing published is changed" (DESIGN section 3).

For what must not exist, such as a contract that an editor published filled in. An editor asks, a beheerder confirms;
nothing is destroyed before, and nobody does both. Everything that somebody wrote goes: text, files, metadata and change
note. What the portal itself counted stays: number, hashes, dates, who published it, and the events.

SQLite and PostgreSQL keep the bytes of deleted rows until their space is used again. On SQLite ``editions.traces``
rewrites the file; on PostgreSQL VACUUM gives the space free (autovacuum does so by itself), and only VACUUM FULL, by
whoever runs the server, rewrites the files. Backups that were made before keep what they hold.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session, aliased

from portal.audit.models import Action
from portal.audit.operations import Actor, record
from portal.documents.models import KIND, DocumentKind
from portal.lib.errors import Conflict, Forbidden, InvalidInput, NotFound
from portal.publishing.content import bare_data
from portal.publishing.drafts import remove_from_draft
from portal.publishing.models import Edit
from portal.releases.models import Blob, Destruction, Item, ItemKind, Outcome, Release, StampedCopy, Version
from portal.releases.queries import MOST_NUMBER, waiting_destruction
from portal.search.index import erase_version

LONGEST_REASON = 2000


def version_to_destroy(session: Session, code: str, number: int) -> Version:
    """Return a version of a document that has a text, published or in a draft. Raises NotFound when there is none."""
    query = select(Version).join(Item, Version.item_id == Item.id)
    wanted = (Item.code == code, Item.kind == ItemKind.DOCUMENT.value, Version.number == min(number, MOST_NUMBER))
    found = session.scalars(query.where(*wanted)).first()
    if found is None or found.withdrawn or found.destroyed_at:
        raise NotFound("Deze versie is er niet, of zij heeft geen tekst meer om te vernietigen.")
    return found


def ask_destruction(session: Session, version: Version, *, reason: str, by: Actor, at: datetime) -> Destruction:
    """Ask to destroy a version of a document. Raises InvalidInput without a reason, Conflict when it is asked already.

    The reason is kept and must hold no tenant data either; that cannot be checked, so the form says it.
    """
    if by.person_id is None:
        raise Forbidden("Alleen een persoon kan om vernietigen vragen.")
    _lock(session, version)
    given = _reason(reason, "Schrijf waarom deze versie niet mag bestaan, zonder gegevens van een huurder.")
    if waiting_destruction(session, version) is not None:
        raise Conflict("Voor deze versie is vernietigen al gevraagd. Een beheerder beslist.")
    request = Destruction(
        version=version,
        code=version.item.code,
        number=version.number,
        content_hash=version.content_hash,
        asked_by=by.person_id,
        asked_at=at,
        reason=given,
    )
    session.add(request)
    session.flush()
    _record(session, Action.DESTRUCTION_ASKED, request, by, at)
    return request


def take_back(session: Session, request: Destruction, *, by: Actor, at: datetime) -> None:
    """Take a request back, which only who asked may. Raises Conflict when it was decided on."""
    _refuse_decided(request)
    if by.person_id != request.asked_by:
        raise Forbidden("Alleen wie om vernietigen vroeg, neemt het verzoek terug.")
    _decide(session, request, Outcome.TAKEN_BACK, by, at)
    _record(session, Action.DESTRUCTION_TAKEN_BACK, request, by, at)


def withdraw_requests(session: Session, people: Collection[int], *, by: Actor, at: datetime) -> int:
    """Take back, for people who are closed off, what they asked and nobody decided on; return how much that was.

    Whoever answers for a request must be there to be asked about it. ``withdrawn`` tells the other editors.
    """
    asked = select(Destruction).where(Destruction.asked_by.in_(people), Destruction.outcome.is_(None))
    requests = session.scalars(asked.order_by(Destruction.id).with_for_update()).all()
    for request in requests:
        _decide(session, request, Outcome.TAKEN_BACK, by, at)
        _record(session, Action.DESTRUCTION_TAKEN_BACK, request, by, at)
    return len(requests)


def refuse(session: Session, request: Destruction, *, answer: str, by: Actor, at: datetime) -> None:
    """Refuse a request. Raises InvalidInput without a reason, Conflict when it was decided on."""
    _refuse_decided(request)
    request.answer = _reason(answer, "Schrijf waarom u dit weigert. De redactie leest dit.")
    _decide(session, request, Outcome.REFUSED, by, at)
    _record(session, Action.DESTRUCTION_REFUSED, request, by, at)


def destroy(session: Session, request: Destruction, *, by: Actor, at: datetime) -> None:
    """Destroy the version that somebody else asked to destroy, all in the transaction of the caller.

    A version in a draft goes with its row. Raises Forbidden when ``by`` asked for it, Conflict when it was decided on.
    After the commit ``editions.traces.clear`` must follow; when it does not get there the worker does it.
    """
    _refuse_decided(request)
    version = request.version
    if by.person_id is None or by.person_id == request.asked_by:
        raise Forbidden("Vernietigen doen twee mensen. U vroeg er zelf om, dus een andere beheerder beslist.")
    if version is None:  # the rules of the tables leave no way to this
        raise NotFound
    _lock(session, version)
    request.original_sha256 = version.original_sha256
    request.copies = [
        {"made_at": copy.made_at.isoformat(), "status": copy.status, "sha256": copy.sha256}
        for copy in version.stamped_copies
    ]
    _decide(session, request, Outcome.DESTROYED, by, at)
    erase_version(session, version)
    session.execute(delete(Edit).where(Edit.code == request.code))
    session.execute(delete(StampedCopy).where(StampedCopy.version_id == version.id))
    session.expire(version, ["stamped_copies"])
    if version.release.number is None:
        remove_from_draft(session, version)
    else:
        _empty(session, version, at)
    _drop_unused_files(session)
    _record(session, Action.VERSION_DESTROYED, request, by, at)


def request_by_id(session: Session, number: int, *, lock: bool = False) -> Destruction:
    """Return a request. With ``lock`` nobody else decides on it until this transaction ends. Raises NotFound."""
    wanted = select(Destruction).where(Destruction.id == min(number, MOST_NUMBER))
    found = session.scalars(wanted.with_for_update() if lock else wanted).first()
    if found is None:
        raise NotFound
    return found


def waiting(session: Session) -> list[Destruction]:
    """Return the requests nobody decided on yet, the oldest first."""
    asked = select(Destruction).where(Destruction.outcome.is_(None))
    return list(session.scalars(asked.order_by(Destruction.asked_at, Destruction.id)))


def withdrawn(session: Session) -> list[Destruction]:
    """Return the requests that others took back because the asker was closed off, and that nobody asked again since.

    Not those of a version that is gone by now. The oldest come first.
    """
    later = aliased(Destruction)
    again = select(later.id).where(later.version_id == Destruction.version_id, later.id > Destruction.id)
    by_others = or_(Destruction.decided_by.is_(None), Destruction.decided_by != Destruction.asked_by)
    asked = select(Destruction).join(Destruction.version).where(Destruction.outcome == Outcome.TAKEN_BACK.value)
    found = asked.where(by_others, Version.destroyed_at.is_(None), ~again.exists())
    return list(session.scalars(found.order_by(Destruction.asked_at, Destruction.id)))


def requests_for(session: Session, version: Version) -> list[Destruction]:
    """Return every request to destroy a version, the newest first."""
    asked = select(Destruction).where(Destruction.version_id == version.id)
    return list(session.scalars(asked.order_by(Destruction.asked_at.desc(), Destruction.id.desc())))


def edits_to_go(session: Session, code: str) -> int:
    """Return how many people's unfinished changes go too: what they wrote may have begun with what must not exist."""
    return len(session.scalars(select(Edit.id).where(Edit.code == code)).all())


def same_elsewhere(session: Session, version: Version) -> list[Version]:
    """Return the other versions that hold the same text or file. They stay, so each needs a request of its own."""
    alike: ColumnElement[bool] = Version.content_hash == version.content_hash
    if version.original_sha256 is not None:
        alike = or_(alike, Version.original_sha256 == version.original_sha256)
    elif version.text is not None:
        alike = or_(alike, Version.text == version.text)
    others = select(Version).join(Item, Version.item_id == Item.id)
    found = others.where(alike, Version.id != version.id, Version.destroyed_at.is_(None))
    return list(session.scalars(found.order_by(Item.code, Version.number)))


def _reason(text: str, missing: str) -> str:
    given = text.strip()
    if not given:
        raise InvalidInput(missing)
    if len(given) > LONGEST_REASON:
        raise InvalidInput(f"Schrijf dit korter: hoogstens {LONGEST_REASON} tekens. Nu zijn het er {len(given)}.")
    return given


def _lock(session: Session, version: Version) -> None:
    """Let others who would ask or publish this very version wait; SQLite has one writer anyway."""
    session.execute(select(Version.id).where(Version.id == version.id).with_for_update())


def _refuse_decided(request: Destruction) -> None:
    if request.outcome is not None:
        raise Conflict(f"Dit verzoek is al {request.outcome}. Er is niets veranderd.")


def _decide(session: Session, request: Destruction, outcome: Outcome, by: Actor, at: datetime) -> None:
    request.outcome, request.decided_by, request.decided_at = outcome.value, by.person_id, at
    session.flush()


def _empty(session: Session, version: Version, at: datetime) -> None:
    """Leave of a published version what the portal itself counted."""
    title = _title_of_others(session, version) or KIND[DocumentKind(version.data["soort"])]
    version.data = bare_data(version.item.code, title, version.data["soort"])
    version.text, version.original, version.change_note, version.destroyed_at = None, None, "", at
    session.flush()


def _title_of_others(session: Session, version: Version) -> str | None:
    """Return how the document was called in the published version before it, or else after: a title may be data too."""
    published = select(Version).join(Release, Version.release_id == Release.id)
    others = session.scalars(
        published.where(
            Version.item_id == version.item_id,
            Version.id != version.id,
            Release.number.is_not(None),
            Version.destroyed_at.is_(None),
        ).order_by(Version.number.desc())
    ).all()
    before = [other for other in others if other.number < version.number]
    return str((before or others)[0].data["titel"]) if others else None


def _drop_unused_files(session: Session) -> None:
    """Delete every file that nothing refers to: also what was uploaded for this document and replaced before."""
    users = (Version.original_sha256, StampedCopy.sha256, Edit.original_sha256)
    unused = (~select(column).where(column == Blob.sha256).exists() for column in users)
    session.execute(delete(Blob).where(*unused), execution_options={"synchronize_session": False})
    session.expire_all()


def _record(session: Session, action: Action, request: Destruction, by: Actor, at: datetime) -> None:
    subject = f"document:{request.code}"
    record(
        session,
        action,
        by=by,
        subject=subject,
        at=at,
        request=request.id,
        version=request.number,
        content=request.content_hash,
        asked_by=request.asked_by,
    )
