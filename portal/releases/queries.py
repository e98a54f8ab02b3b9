"""Reading the handbook as it stood on a day, as known at a moment, by someone. Every other query starts here."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session

from portal.releases.models import Item, ItemKind, Release, Version, Visibility
from portal.releases.view import View


def visible_to(view: View) -> ColumnElement[bool]:
    """Return the one condition that decides who may know of an item: reading, search, flow and downloads all use it."""
    return true() if view.sees_regio else Item.visibility == Visibility.ALLE.value


def published_by(view: View) -> ColumnElement[bool]:
    """Return the condition under which a release was published at the moment of knowledge."""
    return and_(Release.number.is_not(None), Release.published_at <= view.known)


def in_force(view: View) -> Select[Version]:
    """Return the query for the versions that hold in this view: at most one per item.

    Per item that is, among the releases published by the moment of knowledge and effective on or before the day, the
    version of the highest (effective date, release number); a version in the draft of the view goes before all.
    """
    counts = and_(published_by(view), Release.effective_on <= view.on)
    if view.draft is not None:
        counts = or_(counts, Release.id == view.draft)
    rank = func.row_number().over(
        partition_by=Version.item_id,
        order_by=(Release.number.is_(None).desc(), Release.effective_on.desc(), Release.number.desc()),
    )
    ranked = (
        select(Version.id.label("id"), rank.label("rank"))
        .join(Release, Version.release_id == Release.id)
        .join(Item, Version.item_id == Item.id)
        .where(counts, visible_to(view))
        .subquery()
    )
    return (
        select(Version)
        .join(ranked, Version.id == ranked.c.id)
        .join(Item, Version.item_id == Item.id)
        .where(ranked.c.rank == 1)
        .order_by(Item.code)
    )


def item_in_force(session: Session, view: View, code: str) -> Version | None:
    """Return the version of one item that holds in this view."""
    return session.scalars(in_force(view).where(Item.code == code)).first()


def single_in_force(session: Session, view: View, kind: ItemKind) -> Version | None:
    """Return the version that holds of a kind of which the handbook has one, such as the flow."""
    return session.scalars(in_force(view).where(Item.kind == kind.value)).first()


@dataclass(frozen=True)
class Period:
    """One version of an item with the days on which it holds. ``first`` is None when a later release overtook it."""

    version: Version
    first: date | None
    last: date | None

    def status_on(self, day: date) -> str:
        """Return geldig, vervangen, aangekondigd or nooit ingegaan, as it stands on a day."""
        if self.first is None:
            return "nooit ingegaan"
        if day < self.first:
            return "aangekondigd"
        return "vervangen" if self.last and day > self.last else "geldig"


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
    for version in versions:
        effective = version.release.effective_on
        if effective == begins:
            periods.append(Period(version, None, None))
        else:
            periods.append(Period(version, effective, begins - timedelta(days=1) if begins else None))
            begins = effective
    return periods


def releases(session: Session, view: View) -> list[Release]:
    """Return the published releases as known in this view, the newest first."""
    return list(session.scalars(select(Release).where(published_by(view)).order_by(Release.number.desc())))


def release_by_number(session: Session, view: View, number: int) -> Release | None:
    """Return one published release."""
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
