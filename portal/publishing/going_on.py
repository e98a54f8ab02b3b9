"""Going on after something newer was published: what of it comes along by itself, and what an editor must do."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.audit.operations import Actor
from portal.publishing.drafts import ALSO_LATER, begin_edit, content_of_edit, new_draft, put_in, version_in
from portal.publishing.merging import Together, bring_together
from portal.publishing.models import Edit
from portal.publishing.operations import base_of
from portal.releases.models import AppliesTo, ItemKind, Release, Version
from portal.releases.operations import Change, content_of
from portal.releases.queries import history
from portal.releases.view import View


def also_in(
    session: Session, published: Release, later: Sequence[Version], *, person_id: int, by: Actor, at: datetime
) -> Release:
    """Begin a draft that brings what was just published into versions that take effect after it (DESIGN 3).

    Those are announced, or hold already when it took effect in the past. The draft is empty, with an unfinished edit of
    each such version, in which both are brought together; of two files an editor does that. So publishing it unseen
    takes nothing away. Only a withdrawal is put into the draft itself: there is nothing to bring together.
    """
    draft = new_draft(session, title=f"{ALSO_LATER}{published.title}"[:200], by=by, at=at)
    changes = {version.item_id: version for version in published.versions}
    for base in {one.item_id: one for one in later}.values():
        change = changes[base.item_id]
        applies_to = AppliesTo(change.applies_to) if change.applies_to else None
        if change.withdrawn:
            told = Change(change.change_note, applies_to=applies_to, withdrawn=True, successor=change.successor)
            put_in(session, draft, base.item, content_of(change), base=base, change=told, by=by, at=at)
            continue
        text = change if base.withdrawn or base.destroyed_at else base
        edit = Edit(
            release=draft, person_id=person_id, code=base.item.code, kind=base.item.kind, base=base, saved_at=at
        )
        edit.begun_at = at + timedelta(microseconds=1)  # after the release that it goes on from
        edit.data, edit.text, edit.original_sha256 = text.data, text.text, text.original_sha256
        edit.note, edit.applies_to, edit.visibility = change.change_note, change.applies_to or "", base.item.visibility
        session.add(edit)
        session.flush()
        if text is base:
            bring_in(edit, base_of(session, change), change)
    return draft


def to_bring_in(session: Session, edit: Edit, at: datetime) -> Version | None:
    """Return the newest version that was published after the one an edit goes on from, and takes effect before it."""
    if edit.base is None:
        return None
    own, starts = edit.base.number, edit.base.release.effective_on
    since = (period.version for period in history(session, View.of_everything(at), edit.code))
    before = [one for one in since if one.number > own and starts and (one.release.effective_on or starts) < starts]
    return max(before, key=lambda one: one.number, default=None)


def go_on_from(session: Session, version: Version, newer: Version, *, person_id: int, at: datetime) -> Edit | None:
    """Let a change in a draft go on from a version that was published since it began.

    Returns the edit in which an editor brings the two together; of a list both are in it already. None for a
    withdrawal, of which there is no text.
    """
    if version.withdrawn:
        version.based_on = newer.id
        return None
    edit = begin_edit(session, version.release, version.item.code, person_id=person_id, at=at)
    if edit.base is None or edit.base.number < newer.number:
        bring_in(edit, edit.base, newer)
        edit.base = newer
    return edit


def bring_in(edit: Edit, base: Version | None, theirs: Version) -> None:
    """Write into an edit what another version changed since the one that both began with, where that can be done."""
    found = together(edit, base, theirs)
    if found is None:
        return
    if found.content.original != content_of_edit(edit).original:
        edit.original, edit.original_sha256, edit.file_name = theirs.original, theirs.original_sha256, ""
    edit.data, edit.text, edit.blocks = found.content.data, found.content.text, None


def together(held: Edit | Version, base: Version | None, theirs: Version) -> Together | None:
    """Return what both made of an item since the version they began with; None when only an editor can do that."""
    if base is None:
        return None
    kind = ItemKind(held.kind if isinstance(held, Edit) else held.item.kind)
    mine = content_of_edit(held) if isinstance(held, Edit) else content_of(held)
    return bring_together(kind, content_of(base), mine, content_of(theirs))


def is_unread(session: Session, edit: Edit) -> bool:
    """Tell whether an editor has to say that a newer version was read.

    That is when the change in the draft goes on from an older one than the edit, and what the newer one brought cannot
    be told to be in the edit: both changed a file, or both changed the same words.
    """
    current = version_in(session, edit.release, edit.code)
    if current is None or edit.base is None or current.based_on in (None, edit.base.id):
        return False
    if edit.original_sha256 and edit.original_sha256 != current.original_sha256:
        return False  # a file that was made since
    found = together(current, base_of(session, current), edit.base)
    return found is None or bool(found.met)
