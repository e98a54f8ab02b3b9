"""Reading the handbook as it stood on a day, as known at a moment, by someone. Every other query starts here."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    false,
    func,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from portal.db import Prepared, UtcDateTime
from portal.releases.models import Destruction, Item, ItemKind, Release, Version, Visibility
from portal.releases.view import View

MOST_NUMBER = 2**31 - 1
"""Of a release: what a column for whole numbers keeps."""


def visible_to(view: View) -> ColumnElement[bool]:
    """Return the one condition that decides who may know of an item: reading, search, flow and downloads all use it."""
    return true() if view.sees_regio else Item.visibility == Visibility.ALLE.value


def published_by(view: View) -> ColumnElement[bool]:
    """Return the condition under which a release was published at the moment of knowledge."""
    return and_(Release.number.is_not(None), Release.published_at <= view.known)


@cache
def holds(sees_regio: bool, drafted: bool, *, gone: bool = False) -> ColumnElement[bool]:
    """Return the condition under which a version holds in a view; the query joins Version, Release and Item.

    Per item that is, among the releases published by the moment of knowledge and effective on or before the day, the
    version of the highest (effective date, release number); a version in the draft of the view goes before all. When
    that version withdraws the item, or was destroyed, nothing of it holds: no older one comes back by itself. ``gone``
    asks for those.

    The same few conditions serve every view, with ``bound(view)`` as parameters: making one costs more than asking it.
    """
    later_version, later_release = aliased(Version), aliased(Release)
    overtaken = (
        select(later_version.id)
        .join(later_release, later_version.release_id == later_release.id)
        .where(
            later_version.item_id == Version.item_id,
            later_version.id != Version.id,  # never true of itself; said, so that the index alone settles most items
            _counts(later_release, drafted),
            or_(
                and_(later_release.number.is_(None), Release.number.is_not(None)),
                tuple_(later_release.effective_on, later_release.number) > tuple_(Release.effective_on, Release.number),
            ),
        )
    )
    seen = true() if sees_regio else Item.visibility == Visibility.ALLE.value
    last = and_(seen, _counts(Release, drafted), ~overtaken.exists())
    without_text = or_(Version.withdrawn.is_(True), Version.destroyed_at.is_not(None))
    return and_(last, without_text if gone else and_(Version.withdrawn.is_(False), Version.destroyed_at.is_(None)))


def _counts(release: type[Release], drafted: bool) -> ColumnElement[bool]:
    published = and_(release.number.is_not(None), release.published_at <= bindparam("view_known", type_=UtcDateTime()))
    in_time = and_(published, release.effective_on <= bindparam("view_on", type_=Date()))
    return or_(in_time, release.id == bindparam("view_draft", type_=Integer())) if drafted else in_time


def bound(view: View) -> dict[str, Any]:
    """Return the parameters that ``holds`` needs for a view."""
    drafted = {} if view.draft is None else {"view_draft": view.draft}
    return {"view_known": view.known, "view_on": view.on, **drafted}


@cache
def _in_force(sees_regio: bool, drafted: bool, by: InstrumentedAttribute[str] | None) -> Select[Version]:
    query = (
        select(Version)
        .join(Release, Version.release_id == Release.id)
        .join(Item, Version.item_id == Item.id)
        .where(holds(sees_regio, drafted))
        .order_by(Item.code)
    )
    return query if by is None else query.where(by == bindparam("wanted"))


def versions_in_force(session: Session, view: View, kind: ItemKind | None = None) -> list[Version]:
    """Return the versions that hold in this view, at most one per item, by code; of one kind or of all."""
    if kind is None:
        return list(session.scalars(_in_force(view.sees_regio, view.draft is not None, None), bound(view)))
    query = _in_force(view.sees_regio, view.draft is not None, Item.kind)
    return list(session.scalars(query, {**bound(view), "wanted": kind.value}))


def item_in_force(session: Session, view: View, code: str) -> Version | None:
    """Return the version of one item that holds in this view."""
    query = _in_force(view.sees_regio, view.draft is not None, Item.code)
    return session.scalars(query, {**bound(view), "wanted": code}).first()


def gone(session: Session, view: View) -> dict[str, Version]:
    """Return by code the versions by which nothing of an item holds in this view: it is withdrawn, or destroyed."""
    query = (
        select(Version)
        .join(Release, Version.release_id == Release.id)
        .join(Item, Version.item_id == Item.id)
        .where(holds(view.sees_regio, view.draft is not None, gone=True))
        .order_by(Item.code)
    )
    return {version.item.code: version for version in session.scalars(query, bound(view))}


def withdrawal_of(session: Session, view: View, code: str) -> Version | None:
    """Return the version by which an item is withdrawn in this view, or None when it is not."""
    version = gone(session, view).get(code)
    return version if version is not None and version.withdrawn else None


def codes_known(session: Session, view: View, kind: ItemKind) -> frozenset[str]:
    """Return the codes of the items of a kind that this view may know of, whatever day they hold on."""
    drafted = false() if view.draft is None else Release.id == view.draft
    query = (
        select(Item.code)
        .join(Version, Version.item_id == Item.id)
        .join(Release, Version.release_id == Release.id)
        .where(Item.kind == kind.value, visible_to(view), or_(published_by(view), drafted))
    )
    return frozenset(session.scalars(query))


def single_in_force(session: Session, view: View, kind: ItemKind) -> Version | None:
    """Return the version that holds of a kind of which the handbook has one, such as the flow."""
    return next(iter(versions_in_force(session, view, kind)), None)


def announced(session: Session, view: View, kind: ItemKind) -> list[Version]:
    """Return what takes over after the day of a view of a kind of which the handbook has one, the first first."""
    rows = session.scalars(
        select(Version)
        .join(Release, Version.release_id == Release.id)
        .join(Item, Version.item_id == Item.id)
        .where(Item.kind == kind.value, visible_to(view), published_by(view), Release.effective_on > view.on)
        .order_by(Release.effective_on, Release.number)
    )
    return list({version.release.effective_on: version for version in rows}.values())


def data_in_force(session: Session, view: View, kind: ItemKind) -> dict[str, Any] | None:
    """Return the data only of the version that holds of a kind of which the handbook has one."""
    rows = _data_in_force(view.sees_regio, view.draft is not None).rows(session, {**bound(view), "wanted": kind.value})
    return json.loads(rows[0][0]) if rows else None


@cache
def _data_in_force(sees_regio: bool, drafted: bool) -> Prepared:
    data = select(cast(Version.data, Text))
    query = data.join(Release, Version.release_id == Release.id).join(Item, Version.item_id == Item.id)
    wanted = query.where(holds(sees_regio, drafted), Item.kind == bindparam("wanted"))
    return Prepared(wanted.order_by(Item.code).limit(1))


@dataclass(frozen=True)
class Period:
    """One version of an item with the days on which it holds. ``first`` is None when a later release overtook it."""

    version: Version
    first: date | None
    last: date | None
    shown: tuple[datetime, datetime] | None = None
    """Of one that was overtaken: from when until when readers saw it as what holds; None when they never did."""

    def status_on(self, day: date) -> str:
        """Return geldig, ingetrokken, vervangen, aangekondigd or nooit ingegaan, as it stands on a day.

        What was destroyed is vernietigd on every day.
        """
        if self.version.destroyed_at:
            return "vernietigd"
        if self.first is None:
            return "vervangen" if self.shown else "nooit ingegaan"
        if day < self.first:
            return "aangekondigd"
        if self.last and day > self.last:
            return "vervangen"
        return "ingetrokken" if self.version.withdrawn else "geldig"


def history(session: Session, view: View, code: str) -> list[Period]:
    """Return all published versions of an item as known in this view, the newest first, with the days they hold."""
    versions = list(
        session.scalars(
            select(Version)
            .join(Release, Version.release_id == Release.id)
            .join(Item, Version.item_id == Item.id)
            .where(Item.code == code, visible_to(view), published_by(view))
            .order_by(Release.effective_on.desc(), Release.number.desc())
        )
    )
    periods: list[Period] = []
    begins: date | None = None
    for place, version in enumerate(versions):
        effective = version.release.effective_on
        if effective == begins:
            periods.append(Period(version, None, None, _shown(version, versions[:place])))
        else:
            periods.append(Period(version, effective, begins - timedelta(days=1) if begins else None))
            begins = effective
    return periods


def _shown(version: Version, later: Sequence[Version]) -> tuple[datetime, datetime] | None:
    """Return when readers saw a version as what holds, if ever, though it holds on no day any more.

    ``later`` are those that go before it. The last of them took its only day: announced before that day began, or
    published after readers had seen the version.
    """
    begins = version.release.shows_from
    if later[-1].release.shows_from <= begins:
        return None
    ends = min(moment for one in later if (moment := one.release.shows_from) > begins)
    ends = min(ends, version.destroyed_at or ends)
    return (begins, ends) if begins < ends else None


def releases(session: Session, view: View) -> list[Release]:
    """Return the published releases as known in this view, the newest first."""
    return list(session.scalars(select(Release).where(published_by(view)).order_by(Release.number.desc())))


def preceding(found: Iterable[Release]) -> dict[int | None, Release]:
    """Return by the number of a release the one just before it in the order that decides what holds.

    That is by day of effect, and on one day by number. The first has none.
    """
    in_order = sorted(found, key=lambda one: (one.effective_on, one.number))
    return {later.number: earlier for earlier, later in pairwise(in_order)}


def waiting_destruction(session: Session, version: Version) -> Destruction | None:
    """Return the request to destroy a version that nobody decided on yet."""
    asked = select(Destruction).where(Destruction.version_id == version.id, Destruction.outcome.is_(None))
    return session.scalars(asked).first()


def first_day(session: Session, view: View) -> date | None:
    """Return the first day on which there is a handbook as known in this view; None when nothing was published yet."""
    return session.scalar(select(func.min(Release.effective_on)).where(published_by(view)))


def first_publication(session: Session) -> datetime | None:
    """Return the moment of the first release ever."""
    return session.scalar(select(func.min(Release.published_at)))


def release_by_number(session: Session, view: View, number: int) -> Release | None:
    """Return one published release; None too for a number that is larger than any database keeps."""
    if number > MOST_NUMBER:
        return None
    return session.scalars(select(Release).where(published_by(view), Release.number == number)).first()


def versions_of(session: Session, view: View, release: Release) -> list[Version]:
    """Return what a release holds, as far as this view may know of it, by code."""
    rows = session.scalars(
        select(Version)
        .join(Item, Version.item_id == Item.id)
        .where(Version.release_id == release.id, visible_to(view))
        .order_by(Item.code)
    )
    return list(rows)


def versions_up_to(session: Session, view: View, release: Release) -> dict[str, Version]:
    """Return by code the last version of every item up to and including a release, as far as this view may know.

    Releases count in the order in which they take effect: by day, and on one day by number. Of an item that is
    withdrawn by then it is the version that withdrew it. The day of the view does not count.
    """
    effective, number = release.effective_on, release.number
    in_order = or_(Release.effective_on < effective, and_(Release.effective_on == effective, Release.number <= number))
    rows = session.execute(
        select(Version.item_id, Version.id)
        .join(Item, Version.item_id == Item.id)
        .join(Release, Version.release_id == Release.id)
        .where(published_by(view), visible_to(view), in_order)
        .order_by(Release.effective_on, Release.number)
    )
    last = {row.item_id: row.id for row in rows}
    found = session.scalars(select(Version).where(Version.id.in_(last.values())).join(Item).order_by(Item.code))
    return {version.item.code: version for version in found}


def changes_since(session: Session, view: View, moment: datetime) -> int:
    """Return how many versions were published after a moment, as known in this view."""
    query = (
        select(func.count())
        .select_from(Version)
        .join(Release, Version.release_id == Release.id)
        .join(Item, Version.item_id == Item.id)
        .where(published_by(view), visible_to(view), Release.published_at > moment)
    )
    return session.scalar(query) or 0


def changes(session: Session, view: View, most: int) -> list[Version]:
    """Return the latest published versions that follow an earlier one, the newest first.

    A first version is no change: the release that brought it says so once, for all of them.
    """
    rows = session.scalars(
        select(Version)
        .join(Release, Version.release_id == Release.id)
        .join(Item, Version.item_id == Item.id)
        .where(published_by(view), visible_to(view), Version.number > 1)
        .order_by(Release.number.desc(), Item.code)
        .limit(most)
    )
    return list(rows)
