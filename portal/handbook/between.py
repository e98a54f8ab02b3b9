"""Everything in which the handbook differs between two releases, in one list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portal import db
from portal.compare.metadata import FactChange, compare_facts
from portal.handbook import lens
from portal.handbook.changes import SINGLE_PAGES
from portal.handbook.frame import blueprint, reading
from portal.handbook.timeline import what_brought
from portal.lib.errors import InvalidInput, NotFound
from portal.publishing.differences import RowDifference, compare_rows
from portal.releases.models import ItemKind, Release, Version
from portal.releases.queries import history, release_by_number, releases, versions_up_to
from portal.releases.view import View


class Status(StrEnum):
    """What became of one item from one release to another."""

    NEW = "nieuw"
    CHANGED = "gewijzigd"
    METADATA = "alleen gegevens"
    """Of a document: its text is the same."""
    WITHDRAWN = "ingetrokken"
    DESTROYED = "vernietigd"
    """One of its two texts, or both."""
    ABSENT = "nog niet in het handboek"
    """When one looks from a release to one before it."""


@dataclass(frozen=True)
class ItemDifference:
    """One item that differs: its version up to either release, and why."""

    status: Status
    version: Version
    """The one by which it is called: the last there is."""
    old: Version | None
    new: Version | None
    reasons: tuple[Version, ...]
    """The versions that brought it, the first first; none when one looks back in time."""
    facts: tuple[FactChange, ...] = ()
    rows: tuple[RowDifference, ...] = ()


@blueprint.get("/uitgaven/vergelijk")
@reading
def release_choice() -> Response:
    """Where the form leads in which two releases are chosen: on to the comparison, which has an address of its own."""
    old, new = (request.args.get(name, default=-1, type=int) for name in ("van", "naar"))
    known = [release_by_number(db.session(), lens.view(), number) for number in (old, new)]
    if None in known or old == new:
        raise InvalidInput("Kies twee verschillende uitgaven om te vergelijken. Ga terug en kies opnieuw.")
    return redirect(url_for("handbook.between", old=old, new=new), 303)


@blueprint.get("/uitgaven/vergelijk/<int:old>..<int:new>")
@reading
def between(old: int, new: int) -> str:
    """Everything that differs between the handbook up to one release and up to another."""
    view, session = lens.view(), db.session()
    found = lens.flow(view)
    before, after = (release_by_number(session, view, number) for number in (old, new))
    if before is None or after is None:
        raise NotFound
    titles = {role.id: role.title for role in found.roles.values()}
    return render_template(
        "handbook/uitgaven_vergeleken.html",
        old=before,
        new=after,
        releases=releases(session, view),
        differences=item_differences(session, view, before, after, titles),
        readable=lens.documents(view),
        gone=lens.gone(view),
        singles=SINGLE_PAGES,
        day=view.on,
        **lens.common(found),
    )


def item_differences(
    session: Session, view: View, before: Release, after: Release, titles: Mapping[str, str]
) -> Sequence[ItemDifference]:
    """Return what differs between two releases in this view: documents first, then by code."""
    was, now = (versions_up_to(session, view, release) for release in (before, after))
    pairs = ((was.get(code), now.get(code)) for code in sorted({**was, **now}))
    made = (_difference(session, view, old, new, titles) for old, new in pairs)
    found = [one for one in made if one is not None]
    return sorted(found, key=lambda one: one.version.item.kind != ItemKind.DOCUMENT)


def _difference(
    session: Session, view: View, old: Version | None, new: Version | None, titles: Mapping[str, str]
) -> ItemDifference | None:
    before = old if old is not None and not old.withdrawn else None
    after = new if new is not None and not new.withdrawn else None
    last = new or old
    if last is None or (before and before.id) == (after and after.id):
        return None
    reasons = _reasons(session, view, old, new)
    if any(one is not None and one.destroyed_at for one in (before, after)):
        return ItemDifference(Status.DESTROYED, last, before, after, reasons)
    if before is None or after is None:
        status = Status.NEW if before is None else Status.WITHDRAWN if new else Status.ABSENT
        return ItemDifference(status, last, before, after, reasons)
    if before.content_hash == after.content_hash:
        return None
    if after.item.kind != ItemKind.DOCUMENT:
        kind = ItemKind(after.item.kind)
        rows = tuple(compare_rows(kind, _nameable(before.data), _nameable(after.data), titles))
        return ItemDifference(Status.CHANGED, after, before, after, reasons, rows=rows)
    same_text = (before.text, before.original_sha256) == (after.text, after.original_sha256)
    facts = compare_facts(before.data, after.data, titles)
    return ItemDifference(Status.METADATA if same_text else Status.CHANGED, after, before, after, reasons, facts)


def _nameable(data: Any) -> Any:
    """Return data without the codes in its lists of documents that this reader may not know of."""
    if isinstance(data, dict):
        return {key: _nameable(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_nameable(one) for one in data if not _is_closed(one)]
    return data


def _is_closed(entry: Any) -> bool:
    return isinstance(entry, str) and bool(lens.CODE.fullmatch(entry)) and lens.without_closed(entry) != entry


def _reasons(session: Session, view: View, old: Version | None, new: Version | None) -> tuple[Version, ...]:
    if new is None:
        return ()
    if old is None:
        return (new,)
    return what_brought(history(session, view, new.item.code), old, new)
