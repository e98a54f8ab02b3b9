"""What the rules say about a draft: what is of the draft itself stops it, what was so before does not."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.audit.operations import Actor
from portal.lib import clock
from portal.lib.errors import InvalidInput
from portal.publishing.checks import Finding, check, check_book
from portal.publishing.checks.book import Book
from portal.publishing.checks.shapes import RELEASE_FILE
from portal.publishing.checks.tables import amounts_of, euros
from portal.publishing.consequences import amounts_too_early, derived_amounts, names_of_withdrawn, old_terms
from portal.publishing.content import Handbook
from portal.publishing.operations import count_alone, first_day, handbook_of, publish
from portal.releases.models import ItemKind, Release
from portal.releases.queries import data_in_force, gone, versions_in_force
from portal.releases.view import View

OTHER_AMOUNT = "BEDRAG-01"
"""A text has an amount that is not in the table. After a new amount what names the old one may follow later."""


@dataclass(frozen=True)
class Judgement:
    """What the rules find in the handbook with a draft, by what it means for publishing that draft."""

    stops: tuple[Finding, ...] = ()
    """What the draft brings that is wrong; until it is mended the draft is not published."""
    behind: tuple[Finding, ...] = ()
    """Texts with an amount that the draft takes out of the table, also those that it brings itself."""
    follows: tuple[Finding, ...] = ()
    """Places that may have to follow what the draft changes; those of one sentence are one remark."""
    notices: tuple[Finding, ...] = ()
    """What is worth knowing."""
    already: tuple[Finding, ...] = ()
    """What is wrong without the draft just as well."""


class Unsound(InvalidInput):
    """A draft would bring something that breaks a rule."""

    def __init__(self, judgement: Judgement) -> None:
        """Note what the rules found."""
        super().__init__("De controle vond iets dat eerst opgelost moet worden.")
        self.judgement = judgement


def judge(session: Session, draft: Release, at: datetime, on: date | None = None) -> Judgement:
    """Return what the rules say about a draft that takes effect on a day; by default the first it can (``first_day``).

    A day that is past is judged as today: that is what readers get. Checking the handbook without the draft takes as
    long again, so that is only done when something about an item could stop the draft.
    """
    today = clock.day_of(at)
    day = max(on or first_day(session, draft, today), today)
    published = View(on=day, known=at, sees_regio=True)
    book = Book(_handbook(session, draft, replace(published, draft=draft.id)))
    found = check_book(book)
    stopping = [one for one in found if one.stops]
    of_items = any(one.place != RELEASE_FILE for one in stopping)
    before = _found_before(session, draft, published) if of_items else frozenset()
    new = [one for one in stopping if one.meaning not in before]
    table = data_in_force(session, published, ItemKind.AMOUNTS) or {"bedragen": (), "termijnen": ()}
    known = amounts_of([*table["bedragen"], *table["termijnen"]])
    behind = [one for one in new if one.rule == OTHER_AMOUNT and known & euros(one.about).keys()]
    follows, notices = _consequences(session, draft, book, published)
    return Judgement(
        stops=tuple(one for one in new if one not in behind),
        behind=tuple(behind),
        follows=follows,
        notices=(*(one for one in found if not one.stops), *notices),
        already=tuple(one for one in stopping if one.meaning in before),
    )


def _consequences(
    session: Session, draft: Release, book: Book, published: View
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Return what may have to follow what a draft changes, and what is worth knowing about the change itself.

    Nothing as long as some data have a wrong shape.
    """
    if not book.sound.issuperset(ItemKind):
        return (), ()
    gone = names_of_withdrawn(book, sorted(version.item.code for version in draft.versions if version.withdrawn))
    changed = any(version.item.kind == ItemKind.AMOUNTS for version in draft.versions)
    before = data_in_force(session, published, ItemKind.AMOUNTS) if changed else None
    if before is None:
        return tuple(gone), ()
    notices = (*amounts_too_early(book, before, published.on), *derived_amounts(book, before))
    return (*gone, *old_terms(book, before)), notices


def _found_before(session: Session, draft: Release, view: View) -> frozenset[tuple[str, ...]]:
    """Return the meanings of what is wrong without a draft; its own name and note never were there before."""
    found = check(_handbook(session, draft, view))
    return frozenset(one.meaning for one in found if one.place != RELEASE_FILE)


def _handbook(session: Session, draft: Release, view: View) -> Handbook:
    """Return the handbook of a view, under the name of a draft."""
    return handbook_of(draft, versions_in_force(session, view), on=view.on, gone=gone(session, view).values())


def publish_sound(
    session: Session,
    draft: Release,
    *,
    decided_on: date,
    effective_on: date,
    by: Actor,
    at: datetime,
    retroactive_reason: str = "",
) -> Release:
    """Publish a draft as ``operations.publish`` does. Raises Unsound too, when something in it breaks a rule.

    Nobody else publishes between the judgement and the release.
    """
    count_alone(session)
    judgement = judge(session, draft, at, effective_on)
    if draft.versions and judgement.stops:
        raise Unsound(judgement)
    return publish(
        session,
        draft,
        decided_on=decided_on,
        effective_on=effective_on,
        by=by,
        at=at,
        retroactive_reason=retroactive_reason,
    )
