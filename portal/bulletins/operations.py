"""Telling of a release by mail, and choosing to be told or not."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.models import Person
from portal.audit.models import Action
from portal.audit.operations import Actor, record
from portal.bulletins.keys import stop_address
from portal.bulletins.models import Announcement, Bulletin
from portal.bulletins.queries import recipients
from portal.config import Config
from portal.lib.tokens import Seal
from portal.notifications.models import OutboxMessage
from portal.notifications.operations import queue
from portal.releases.models import Release


class Letter(Protocol):
    """The mail about a release to people who read the same."""

    @property
    def subject(self) -> str:
        """Its subject."""

    def text_to(self, person: Person, stop: str) -> str:
        """Return the text to one of them, with the address that stops such mail."""


def told(session: Session, release: Release, *, effective_on: date, at: datetime) -> dict[Bulletin, list[Person]]:
    """Return what a release tells, or would if this draft were published, each with everybody who gets that by mail."""
    announcement = Announcement(session, release, effective_on=effective_on, at=at)
    found: dict[Bulletin, list[Person]] = {}
    for person in recipients(session):
        if bulletin := announcement.bulletin(person):
            found.setdefault(bulletin, []).append(person)
    return found


def announce(
    session: Session,
    seal: Seal,
    config: Config,
    release: Release,
    *,
    write: Callable[[Bulletin], Letter],
    by: Actor,
    at: datetime,
) -> int:
    """Queue the mail about a release that was just published, in that transaction; return how many people get it.

    Each letter is written once for all who read the same. Raises ValueError for a draft: nobody is told of that.
    """
    if release.effective_on is None or release.number is None:
        raise ValueError(f"release {release.id} is a draft")
    mails = list(_mails(session, config, release, write=write, at=at))
    for person, subject, text in mails:
        stop = stop_address(config, person)
        queue(session, seal, address=person.email, subject=subject, text=text, unsubscribe=stop, at=at)
    if mails:
        record(session, Action.BULLETIN_QUEUED, by=by, subject=f"release:{release.number}", at=at, people=len(mails))
    return len(mails)


def _mails(
    session: Session, config: Config, release: Release, *, write: Callable[[Bulletin], Letter], at: datetime
) -> Iterator[tuple[Person, str, str]]:
    """Give who gets mail about a published release, with its subject and text."""
    day = release.effective_on
    for bulletin, people in told(session, release, effective_on=day, at=at).items() if day else ():
        letter = write(bulletin)
        yield from ((one, letter.subject, letter.text_to(one, stop_address(config, one))) for one in people)


def tell_anew(
    session: Session, seal: Seal, config: Config, *, write: Callable[[Bulletin], Letter], at: datetime
) -> None:
    """Write the mail about releases that still waits again, for what people may know of now.

    A mail that would tell somebody nothing any more is never sent. Call it in the transaction that closes a document:
    what is closed is named in no mail that leaves after that.
    """
    unsent = select(OutboxMessage).where(OutboxMessage.sent_at.is_(None), OutboxMessage.sealed_unsubscribe != "")
    waiting = list(session.scalars(unsent.with_for_update()))
    moments = {one.created_at for one in waiting}
    told_of = list(session.scalars(select(Release).where(Release.published_at.in_(moments))))
    texts = {
        (person.email, subject): text
        for release in told_of
        for person, subject, text in _mails(session, config, release, write=write, at=at)
    }
    published = {release.published_at for release in told_of}
    for message in (one for one in waiting if one.created_at in published):
        if text := texts.get((message.address, message.subject)):
            message.sealed_text = seal.close(text)
        else:
            message.sealed_text = message.sealed_unsubscribe = ""
            message.next_try_at, message.outcome = None, "ingetrokken"


def choose(session: Session, person: Person, wanted: bool, *, by: Actor, at: datetime, by_key: bool = False) -> None:
    """Note whether a person wants mail about changes; nothing happens when that is what they chose before.

    ``by_key`` tells that it was chosen with the address in a mail, which whoever has the mail can use.
    """
    if person.wants_bulletins is wanted:
        return
    person.wants_bulletins = wanted
    action = Action.BULLETIN_STARTED if wanted else Action.BULLETIN_STOPPED
    record(session, action, by=by, subject=f"person:{person.id}", at=at, by_key=int(by_key))
