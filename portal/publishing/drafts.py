"""Draft releases: collecting changes until they are published together, by several editors at once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.access.models import Person, PersonStatus
from portal.access.queries import has_status
from portal.access.safeguards import one_at_a_time
from portal.audit.models import Action, Event
from portal.audit.operations import Actor, record
from portal.documents.models import DocumentKind
from portal.lib import clock
from portal.lib.errors import Conflict, InvalidInput, NotFound
from portal.publishing.content import bare_data
from portal.publishing.models import Edit
from portal.publishing.operations import count_alone, refuse_waiting
from portal.releases.models import Item, ItemKind, Release, Version
from portal.releases.operations import Change, Content, add_version, content_of
from portal.releases.queries import MOST_NUMBER, gone, history, item_in_force
from portal.releases.view import View
from portal.search.index import forget_version, index_versions

MINOR_NOTE = "Kleine verbetering; de betekenis is niet veranderd."
NO_NOTE = "Schrijf wat er is veranderd, of kies dat het een kleine verbetering is."


NOT_MINOR = (
    "Een ander bedrag of een andere termijn is geen kleine verbetering: lezers moeten het weten. Haal het vinkje weg "
    "bij “Dit is een kleine verbetering”, schrijf wat er is veranderd, en kies voor welke trajecten het geldt."
)


ALSO_LATER, NOT_READY = "Ook in wat later ingaat: ", "Nog niet klaar bij: "
"""How drafts begin that the portal names itself, after the release they follow."""
NOTHING_NEW = "Dit is hetzelfde als versie {}. Verander eerst iets, of gooi deze wijziging weg."


class Overtaken(Conflict):
    """Another editor put a version of the same item into the draft, or published one; both texts are still there."""

    def __init__(self, theirs: Version | None) -> None:
        """Note the version that is there now; None when it was taken out of the draft."""
        super().__init__("Een ander heeft dit onderdeel intussen ook gewijzigd. Uw tekst is bewaard.")
        self.theirs = theirs


def new_draft(session: Session, *, title: str, by: Actor, at: datetime) -> Release:
    """Begin a draft release. Raises InvalidInput without a title."""
    draft = Release(title=_titled(title), created_at=at)
    session.add(draft)
    session.flush()
    record(session, Action.RELEASE_DRAFTED, by=by, subject=f"draft:{draft.id}", at=at)
    return draft


def describe(draft: Release, *, title: str, note: str) -> None:
    """Give a draft its title, and the change note for readers. Raises InvalidInput without a title."""
    draft.title, draft.note = _titled(title), note.strip()


def _titled(title: str) -> str:
    found = " ".join(title.split())
    if not 0 < len(found) <= 200:
        raise InvalidInput("Geef de uitgave een naam van hoogstens 200 tekens, zoals: Bedragen 2027.")
    return found


def drafts(session: Session) -> list[Release]:
    """Return all draft releases, the newest first."""
    return list(session.scalars(select(Release).where(Release.number.is_(None)).order_by(Release.id.desc())))


def begun_by(session: Session, known: Sequence[Release]) -> dict[int, Person]:
    """Return who began drafts, by number, as far as the log tells; SQLite gives a number out again, never a moment."""
    moments = {f"draft:{draft.id}": draft for draft in known}
    begun = Event.action == Action.RELEASE_DRAFTED.value
    query = select(Event.subject, Event.at, Person).join(Person, Person.id == Event.person_id)
    rows = session.execute(query.where(begun, Event.subject.in_(moments))).unique()
    return {moments[subject].id: person for subject, at, person in rows if moments[subject].created_at == at}


def draft_by_id(session: Session, number: int, *, lock: bool = False) -> Release:
    """Return a draft release. Raises NotFound when there is none, or it was published.

    With ``lock`` nobody else changes or publishes it until this transaction ends.
    """
    query = select(Release).where(Release.id == number, Release.number.is_(None))
    found = session.scalars(query.with_for_update() if lock else query).first()
    if found is None:
        raise NotFound("Deze concept-uitgave is er niet meer. Kijk bij de uitgaven of zij is gepubliceerd.")
    return found


def view_of(draft: Release, at: datetime, on: date | None = None) -> View:
    """Return the view of an editor on the handbook with a draft on top of it."""
    return View(on=on or clock.day_of(at), known=at, sees_regio=True, draft=draft.id)


def version_in(session: Session, draft: Release, code: str) -> Version | None:
    """Return the version of an item that is in a draft."""
    query = select(Version).join(Item, Version.item_id == Item.id)
    return session.scalars(query.where(Version.release_id == draft.id, Item.code == code)).first()


def discard(session: Session, draft: Release, *, by: Actor, at: datetime) -> None:
    """Throw a draft away with everything in it."""
    count = len(draft.versions)
    session.execute(delete(Edit).where(Edit.release_id == draft.id))
    for version in list(draft.versions):
        remove_from_draft(session, version)
    session.delete(draft)
    session.flush()
    record(session, Action.RELEASE_DISCARDED, by=by, subject=f"draft:{draft.id}", at=at, versions=count)


def edits_of(session: Session, person_id: int) -> list[Edit]:
    """Return what somebody has not finished, the last saved first."""
    query = select(Edit).where(Edit.person_id == person_id).order_by(Edit.saved_at.desc(), Edit.id.desc())
    return list(session.scalars(query).unique())


def unfinished_in(session: Session, draft: Release) -> list[Edit]:
    """Return the edits for a draft that are not finished, of whoever, also of people who were closed off, by item."""
    query = select(Edit).where(Edit.release_id == draft.id).order_by(Edit.code, Edit.id)
    return list(session.scalars(query).unique())


def others_at(session: Session, code: str, person_id: int) -> list[Edit]:
    """Return what other people are writing for an item, in whichever draft, the last saved first."""
    query = select(Edit).where(Edit.code == code, Edit.person_id != person_id).order_by(Edit.saved_at.desc(), Edit.id)
    return [edit for edit in session.scalars(query).unique() if edit.person.is_active]


def left_edits(session: Session) -> list[Edit]:
    """Return what people who were closed off have not finished, the last saved first; any editor may go on with it."""
    query = select(Edit).join(Person, Person.id == Edit.person_id).join(Person.organisation)
    left = query.where(has_status(PersonStatus.DISABLED)).order_by(Edit.saved_at.desc(), Edit.id.desc())
    return list(session.scalars(left).unique())


def take_over(session: Session, number: int, *, person: Person, by: Actor, at: datetime) -> Edit:
    """Make an edit that was left behind that of another editor, as it stands.

    Raises NotFound when it is not left behind (any more), Conflict when they are writing for the same item in the same
    draft: two texts of one person would be one too many.
    """
    one_at_a_time(session)
    edit = session.get(Edit, min(number, MOST_NUMBER))
    if edit is None or edit.person.is_active:
        raise NotFound("Deze wijziging is al overgenomen of weggegooid, of de schrijver is weer terug.")
    draft_by_id(session, edit.release_id, lock=True)
    if any(one.code == edit.code and one.release_id == edit.release_id for one in edits_of(session, person.id)):
        raise Conflict(
            f"U schrijft in dit concept zelf ook aan {edit.code}. Zet dat eerst in het concept of gooi het weg. Neem "
            "daarna deze wijziging over."
        )
    left_by, edit.person = edit.person_id, person
    session.flush()
    subject = f"{edit.kind}:{edit.code}"
    record(session, Action.EDIT_TAKEN_OVER, by=by, subject=subject, at=at, draft=edit.release_id, left_by=left_by)
    return edit


def edit_in(session: Session, draft: Release, code: str, person_id: int) -> Edit | None:
    """Return what somebody is writing for an item in a draft; nobody begins one there until this transaction ends.

    So two presses at once end in one edit. Raises NotFound when the draft was published or thrown away meanwhile.
    """
    draft_by_id(session, draft.id, lock=True)
    mine = select(Edit).where(Edit.release_id == draft.id, Edit.person_id == person_id, Edit.code == code)
    return session.scalars(mine).first()


def begin_edit(
    session: Session, draft: Release, code: str, *, person_id: int, at: datetime, start: Version | None = None
) -> Edit:
    """Return what this person is writing for an item in a draft; begun from what stands there when there is nothing.

    That is the version in the draft, or else the one that holds today; of one that was destroyed there is still what
    kind of document it was. With ``start`` it begins with the contents of that version: an old version is brought back.
    Raises NotFound when there is nothing, Conflict when an old version would take the place of what they are writing.
    """
    if (edit := edit_in(session, draft, code, person_id)) is not None:
        if start is None:
            return edit
        raise Conflict(
            f"U bent in dit concept al bezig met {code}. Open die wijziging en zet haar in het concept, of gooi haar "
            f"weg. Zet daarna hier versie {start.number} terug."
        )
    view = View.of_everything(at)
    current, today = version_in(session, draft, code), item_in_force(session, view, code)
    base = today or gone(session, view).get(code)
    destroyed = base if base is not None and base.destroyed_at else None
    begun = start or (current if current is not None and not current.withdrawn else today or destroyed)
    if start is not None:  # it takes the place of all that was published, also of what is announced
        base = max((period.version for period in history(session, view, code)), key=lambda one: one.number)
    if begun is None:
        raise NotFound(f"Er is geen onderdeel {code} om te wijzigen.")
    since = current.created_at if current is not None else at
    edit = Edit(release=draft, person_id=person_id, code=code, kind=begun.item.kind, begun_at=since)
    edit.based_on = current.based_on if current else base.id if base else None
    edit.replaces = current.content_hash if current else None
    session.add(edit)
    edit.data, edit.text, edit.blocks, edit.original_sha256 = begun.data, begun.text, None, begun.original_sha256
    edit.saved_at, edit.visibility = at, begun.item.visibility
    if start is not None:
        edit.note = f"Versie {start.number} is teruggezet."
    elif current is not None:
        edit.note, edit.minor, edit.applies_to = current.change_note, current.minor, current.applies_to or ""
    session.flush()
    return edit


def begin_document(
    session: Session, draft: Release, code: str, *, title: str, kind: DocumentKind, person_id: int, at: datetime
) -> Edit:
    """Return what this person is writing as a new document in a draft; begun with nothing but its title and kind."""
    if found := edit_in(session, draft, code, person_id):
        return found
    data = bare_data(code, title, kind.value)
    edit = Edit(
        release=draft, person_id=person_id, code=code, kind=ItemKind.DOCUMENT.value, data=data, begun_at=at, saved_at=at
    )
    edit.note = "Dit document is nieuw."
    session.add(edit)
    session.flush()
    return edit


def read_theirs(edit: Edit, theirs: Version | None, content_hash: str) -> None:
    """Note that an editor has read what another one wrote, and goes on with the own text.

    Only what was read is passed over: when ``theirs`` is not of this hash any more, the next submission tells so.
    """
    if theirs is not None and theirs.release.number is not None:
        if theirs.content_hash == content_hash:
            edit.base = theirs
    else:
        edit.replaces = content_hash or None


def keep_unfinished(session: Session, published: Release, *, by: Actor, at: datetime) -> Release | None:
    """Move what others had not finished in a draft that was published to a new draft; None when there is nothing."""
    edits = list(session.scalars(select(Edit).where(Edit.release_id == published.id)).unique())
    if not edits:
        return None
    draft = new_draft(session, title=f"{NOT_READY}{published.title}"[:200], by=by, at=at)
    for edit in edits:
        edit.release, edit.replaces = draft, None
    session.flush()
    return draft


def content_of_edit(edit: Edit) -> Content:
    """Return what an edit holds now."""
    return Content(edit.data, edit.text, edit.original.data if edit.original else None)


def says_nothing_new(session: Session, edit: Edit) -> bool:
    """Tell whether an edit holds just what it began with; of a new document that is never said."""
    current = version_in(session, edit.release, edit.code) if edit.replaces else None
    if current is not None and current.content_hash == edit.replaces:
        start, about = current, (current.change_note, current.minor, current.applies_to or "")
    elif edit.base is not None:
        start, about = edit.base, ("", False, "")
    else:
        return False
    return content_of_edit(edit) == content_of(start) and (edit.note, edit.minor, edit.applies_to) == about


def submit(session: Session, edit: Edit, *, change: Change, by: Actor, at: datetime) -> Version:
    """Put what somebody wrote into the draft; the edit is over then.

    Who may see it changes with it as long as no version was published. Raises Overtaken when the draft holds another
    version by now than the one the edit started from, or a newer one was published, and InvalidInput without a change
    note for a change that is not minor, for one that says it is while an amount or term changes, and for what changes
    nothing.
    """
    if change.minor and _values(edit) != _values(edit.base or edit):
        raise InvalidInput(NOT_MINOR)
    if not change.minor and not change.note.strip():
        raise InvalidInput(NO_NOTE)
    if edit.base is not None and content_of_edit(edit) == content_of(edit.base):
        raise InvalidInput(NOTHING_NEW.format(edit.base.number))
    draft = draft_by_id(session, edit.release_id, lock=True)
    count_alone(session)
    published = item_in_force(session, View.of_everything(at), edit.code)
    if published is not None and _is_newer(published, edit):
        raise Overtaken(published)
    current = version_in(session, draft, edit.code)
    if (current.content_hash if current else None) != edit.replaces:
        raise Overtaken(current)
    item = session.scalars(select(Item).where(Item.code == edit.code)).first()
    if item is None:
        item = Item(kind=edit.kind, code=edit.code, visibility=edit.visibility)
        session.add(item)
        session.flush()
    elif not _was_published(session, item):
        item.visibility = edit.visibility
    version = put_in(session, draft, item, content_of_edit(edit), base=edit.base, change=change, by=by, at=at)
    session.delete(edit)
    session.flush()
    return version


def _values(held: Edit | Version) -> dict[str, str | None]:
    """Return the value of each amount and term by its short name, and the term of each step; of other items nothing."""
    rows = (row for key in ("bedragen", "termijnen") for row in held.data.get(key, ()))
    terms = {step["id"]: step["termijn"] for step in held.data.get("stappen", ())}
    return {row["id"]: row["waarde"] for row in rows} | terms


def _is_newer(published: Version, edit: Edit) -> bool:
    """Tell whether a version was published after an edit, or the text it goes on from, was begun from an older one."""
    moment = published.release.published_at
    older = published.number > (edit.base.number if edit.base else 0)
    return older and moment is not None and moment >= edit.begun_at


def withdraw(session: Session, draft: Release, code: str, *, change: Change, by: Actor, at: datetime) -> Version:
    """Note in a draft that a document goes out of the handbook, with the reason and perhaps a successor.

    Raises NotFound when it is not in the handbook today, InvalidInput without a reason or with an unknown successor.
    """
    if not change.note.strip():
        raise InvalidInput("Schrijf waarom dit document vervalt. Lezers zien de reden op het oude adres.")
    count_alone(session)
    view = view_of(draft, at)
    if change.successor is not None:
        other = item_in_force(session, view, change.successor)
        if other is None or other.item.kind != ItemKind.DOCUMENT or change.successor == code:
            raise InvalidInput(f"{change.successor} kan geen opvolger zijn. Kies een ander document uit de lijst.")
    everything = View.of_everything(at)
    today = item_in_force(session, everything, code) or gone(session, everything).get(code)
    if today is None or today.withdrawn or today.item.kind != ItemKind.DOCUMENT:
        raise NotFound
    content = Content(today.data)
    return put_in(session, draft, today.item, content, base=today, change=replace(change, withdrawn=True), by=by, at=at)


def put_in(
    session: Session,
    draft: Release,
    item: Item,
    content: Content,
    *,
    base: Version | None,
    change: Change,
    by: Actor,
    at: datetime,
) -> Version:
    """Give a draft its one version of an item; what it held of it before goes."""
    if change.minor:
        change = replace(change, note=change.note.strip() or MINOR_NOTE)
    if not change.note.strip():
        raise InvalidInput(NO_NOTE)
    if (current := version_in(session, draft, item.code)) is not None:
        _remove(session, current)
    version = add_version(
        session, item=item, release=draft, content=content, change=change, created_by=by.person_id, at=at, based_on=base
    )
    index_versions(session, [version])
    record(
        session,
        Action.VERSION_SUBMITTED,
        by=by,
        subject=f"{item.kind}:{item.code}",
        at=at,
        draft=draft.id,
        content=version.content_hash,
    )
    return version


def take_out(session: Session, version: Version, *, by: Actor, at: datetime) -> None:
    """Take a change out of its draft. Raises ValueError when it is published: nothing published is removed."""
    if version.release.number is not None:
        raise ValueError(f"version {version.id} is published")
    subject, draft = f"{version.item.kind}:{version.item.code}", version.release_id
    remove_from_draft(session, version)
    record(session, Action.VERSION_TAKEN_OUT, by=by, subject=subject, at=at, draft=draft)


def remove_from_draft(session: Session, version: Version) -> None:
    """Remove a version from its draft, and its item when that was never more. Raises Conflict as ``refuse_waiting``."""
    item = version.item
    _remove(session, version)
    if not _has_versions(session, item):
        session.delete(item)  # a document that never was more than a draft
        session.flush()


def _remove(session: Session, version: Version) -> None:
    refuse_waiting(session, version)
    forget_version(session, version)
    session.delete(version)
    session.flush()


def _was_published(session: Session, item: Item) -> bool:
    published = select(Version.id).join(Release).where(Version.item_id == item.id, Release.number.is_not(None))
    return session.scalars(published.limit(1)).first() is not None


def _has_versions(session: Session, item: Item) -> bool:
    return session.scalars(select(Version.id).where(Version.item_id == item.id).limit(1)).first() is not None
