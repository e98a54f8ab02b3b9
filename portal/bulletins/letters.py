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


@dataclass(frozen=True)
class Preview:
    """How many people would get mail about a draft, and what some of them would read."""

    count: int
    titles: tuple[str, ...]
    """The roles of those."""
    body: str


@dataclass(frozen=True)
class Letter:
    """The mail about a release to people who read the same."""

    subject: str
    body: str

    def text_to(self, person: Person, stop: str) -> str:
        """Return the text to one of them, with the address that stops such mail."""
        return render_template("emails/wijzigingen.txt", body=self.body, person=person, stop=stop)


def letter(bulletin: Bulletin) -> Letter:
    """Return the mail that a bulletin becomes."""
    today, day = clock.day_of(web.request_time()), bulletin.effective_on
    body = render_template(
        "bulletins/uitgave.txt",
        bulletin=bulletin,
        release=bulletin.release,
        announced=day > today,
        past=day < today,
        base=web.config().base_url,
        singles=SINGLE_PAGES,
        accord_status=ACCORD_STATUS,
    )
    number = f"uitgave {bulletin.release.number}" if bulletin.release.number else "nieuwe uitgave"
    return Letter(f"Handboek HMD/HOV: {number} geldt vanaf {clock.in_words(day)}", body)


def preview(draft: Release, effective_on: date) -> Preview | None:
    """Return what mail a draft would bring; None when nobody would get any."""
    everyone = told(db.session(), draft, effective_on=effective_on, at=web.request_time())
    if not everyone:
        return None
    bulletin = next((one for one in everyone if one.changes), next(iter(everyone)))
    return Preview(sum(map(len, everyone.values())), bulletin.titles, letter(bulletin).body)
