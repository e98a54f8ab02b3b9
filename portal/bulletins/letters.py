"""The words of the mail about a release."""

from dataclasses import dataclass
from datetime import date

from flask import render_template

from portal import db, web
from portal.access.models import Person
from portal.bulletins.models import Bulletin
from portal.bulletins.operations import told
from portal.handbook.changes import SINGLE_PAGES
from portal.lib import clock
from portal.publishing.content import ACCORD_STATUS
from portal.releases.models import Release

STOP_STANDS_IN = "(hier staat de eigen link van de ontvanger)"


@dataclass(frozen=True)
class Preview:
    """How many people would get mail about a draft, and the mail of one of them."""

    count: int
    titles: tuple[str, ...]
    """The roles of that one."""
    text: str


def letter(bulletin: Bulletin, person: Person, stop: str) -> tuple[str, str]:
    """Return subject and text of the mail that tells a person of a release."""
    today, day = clock.day_of(web.request_time()), bulletin.effective_on
    text = render_template(
        "emails/wijzigingen.txt",
        bulletin=bulletin,
        release=bulletin.release,
        person=person,
        stop=stop,
        announced=day > today,
        past=day < today,
        base=web.config().base_url,
        singles=SINGLE_PAGES,
        accord_status=ACCORD_STATUS,
    )
    number = f"uitgave {bulletin.release.number}" if bulletin.release.number else "nieuwe uitgave"
    return f"Handboek HMD/HOV: {number} geldt vanaf {clock.in_words(day)}", text


def preview(draft: Release, effective_on: date) -> Preview | None:
    """Return what mail a draft would bring; None when nobody would get any."""
    everyone = list(told(db.session(), draft, effective_on=effective_on, at=web.request_time()))
    if not everyone:
        return None
    person, bulletin = next((one for one in everyone if one[1].changes), everyone[0])
    return Preview(len(everyone), bulletin.titles, letter(bulletin, person, STOP_STANDS_IN)[1])
