"""Telling of a release by mail, and choosing to be told or not."""

from collections.abc import Callable, Iterator
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.access.models import Person
from portal.audit.models import Action
from portal.audit.operations import Actor, record
from portal.bulletins.keys import stop_address
from portal.bulletins.models import Announcement, Bulletin
from portal.bulletins.queries import recipients
from portal.config import Config
from portal.lib.tokens import Seal
from portal.notifications.operations import queue
from portal.releases.models import Release

Write = Callable[[Bulletin, Person, str], tuple[str, str]]
"""Gives subject and text of the mail that tells a person of a release, with the address that stops such mail."""


def told(session: Session, release: Release, *, effective_on: date, at: datetime) -> Iterator[tuple[Person, Bulletin]]:
    """Give everybody who gets mail about a release, or would if this draft were published, with what it tells them."""
    announcement = Announcement(session, release, effective_on=effective_on, at=at)
    for person in recipients(session):
        if bulletin := announcement.bulletin(person):
            yield person, bulletin


def announce(
    session: Session, seal: Seal, config: Config, release: Release, *, write: Write, by: Actor, at: datetime
) -> int:
    """Queue the mail about a release that was just published, in that transaction; return how many people get it.

    Raises ValueError for a draft: nobody is told of what is not published.
    """
    if release.effective_on is None or release.number is None:
        raise ValueError(f"release {release.id} is a draft")
    count = 0
    for person, bulletin in told(session, release, effective_on=release.effective_on, at=at):
        stop = stop_address(config, person)
        subject, text = write(bulletin, person, stop)
        queue(session, seal, address=person.email, subject=subject, text=text, unsubscribe=stop, at=at)
        count += 1
    if count:
        record(session, Action.BULLETIN_QUEUED, by=by, subject=f"release:{release.number}", at=at, people=count)
    return count


def choose(session: Session, person: Person, wanted: bool, *, by: Actor, at: datetime, by_key: bool = False) -> None:
    """Note whether a person wants mail about changes; nothing happens when that is what they chose before.

    ``by_key`` tells that it was chosen with the address in a mail, which whoever has the mail can use.
    """
    if person.wants_bulletins is wanted:
        return
    person.wants_bulletins = wanted
    action = Action.BULLETIN_STARTED if wanted else Action.BULLETIN_STOPPED
    record(session, action, by=by, subject=f"person:{person.id}", at=at, by_key=int(by_key))
