"""A small handbook with six releases on top of the first: one word in its texts tells which version one reads.

After all of them the page of the retroactive one is destroyed.
"""

from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any

from lxml import html
from sqlalchemy.orm import Session

from portal.access.queries import person_by_address
from portal.audit.operations import Actor
from portal.db import Database
from portal.lib import clock
from portal.publishing.content import Handbook
from portal.publishing.destruction import ask_destruction, destroy, version_to_destroy
from portal.publishing.drafts import begin_edit, describe, new_draft, submit, withdraw
from portal.publishing.operations import publish
from portal.releases.models import AppliesTo, ItemKind, Release
from portal.releases.operations import Change
from portal.releases.queries import item_in_force
from portal.releases.view import View
from tests.conftest import address_of, fill
from tests.small import small

PAGE, FILE, STEP = "OV-04", "FO-06", "KAN-07"
WORDS = ("veldfiets", "roeiboot", "kruiwagen", "luchtballon")
TITLE = "Termijnen per zeppelin"
LATER = datetime(2026, 12, 31, 9, 0, tzinfo=UTC)
"""Now, in the tests that use these releases."""
NEXT_DAY = clock.start_of(date(2026, 12, 6))
READING = (
    *("/", "/stroomschema", "/stroomschema/KAN", f"/stroomschema/KAN/{STEP}", "/documenten", f"/documenten/{FILE}"),
    *("/zoeken", "/zoeken?q=termijn", "/begrippen", "/uitgaven", "/uitgaven/1", "/wijzigingen", "/contact"),
    f"/documenten/{FILE}/versies",
)
"""What is there on every day with a handbook."""
ORDINARY, FUTURE, RETROACTIVE, OVERLAPPING, METADATA, WITHDRAWAL = range(2, 8)
"""The numbers of the releases."""
DESTROYED = 4
"""The version of the page in the retroactive release."""
DESTROYED_AT = datetime(2026, 12, 23, 9, 0, tzinfo=UTC)


class Desk:
    """An editor who publishes one release after another."""

    def __init__(self, session: Session) -> None:
        found = person_by_address(session, address_of("redacteur"))
        assert found
        self.session, self.number, self.by = session, found.id, Actor(found.id)
        self.draft: Release
        self.at = LATER
        self.effective_on = LATER.date()

    def begin(self, title: str, at: datetime, effective_on: date) -> None:
        self.at, self.effective_on = at, effective_on
        self.draft = new_draft(self.session, title=title, by=self.by, at=at)
        describe(self.draft, title=title, note=f"Dit is de uitgave {title}.")

    def change(self, code: str, change: Change, *, text: str | None = None, data: Any = None) -> None:
        """Put a text or data in the draft, based on what holds on the first day of it."""
        edit = begin_edit(self.session, self.draft, code, person_id=self.number, at=self.at)
        base = item_in_force(self.session, View(self.effective_on, self.at, sees_regio=True), code)
        assert base
        edit.based_on, edit.text, edit.data = base.id, text if text is not None else edit.text, data or edit.data
        submit(self.session, edit, change=change, by=self.by, at=self.at)

    def everywhere(self, word: str, handbook: Handbook, applies_to: AppliesTo) -> None:
        """Write a word into the page, a step and the glossary, as they were in the first release."""
        change = Change(f"De {word} is erbij.", applies_to=applies_to)
        [page] = [item for item in handbook.items if item.code == PAGE]
        self.change(PAGE, change, text=f"{page.content.text}\nNeem de {word}.\n")
        flow = deepcopy(handbook.single(ItemKind.FLOW))
        [step] = [row for row in flow["stappen"] if row["id"] == STEP]
        step["wat_doet_wie"][step["verantwoordelijk"]] += f" Neem de {word}."
        self.change("stroomschema", change, data=flow)
        glossary = deepcopy(handbook.single(ItemKind.GLOSSARY))
        glossary["begrippen"][0]["uitleg"] += f" Neem de {word}."
        self.change("begrippen", Change(minor=True), data=glossary)

    def publish(self, reason: str = "") -> None:
        self.session.expire_all()
        publish(
            self.session,
            self.draft,
            decided_on=min(self.effective_on, self.at.date()),
            effective_on=self.effective_on,
            by=self.by,
            at=self.at,
            retroactive_reason=reason,
        )


def fill_with_six(database: Database, handbook: Handbook) -> None:
    book = small(handbook)
    fill(database, book)
    with database.transaction() as session:
        desk = Desk(session)
        desk.begin("gewoon", datetime(2026, 12, 1, 9, 0, tzinfo=UTC), date(2026, 12, 1))
        desk.everywhere("veldfiets", book, AppliesTo.RUNNING)
        desk.publish()
        desk.begin("toekomst", NEXT_DAY - datetime.resolution, date(2027, 2, 1))
        desk.everywhere("roeiboot", book, AppliesTo.NEW)
        meldpunt = {**book.single(ItemKind.COLOPHON)["meldpunt"], "telefoon": "011 111 11 11"}
        desk.change("colofon", Change(minor=True), data={**book.single(ItemKind.COLOPHON), "meldpunt": meldpunt})
        desk.publish()
        desk.begin("terugwerkend", NEXT_DAY, date(2026, 11, 25))
        desk.everywhere("kruiwagen", book, AppliesTo.RUNNING)
        desk.publish("De brief hierover ging al uit.")
        desk.begin("overlappend", NEXT_DAY + timedelta(days=5), date(2027, 2, 1))
        desk.everywhere("luchtballon", book, AppliesTo.NEW)
        desk.publish()
        desk.begin("alleen gegevens", datetime(2026, 12, 20, 9, 0, tzinfo=UTC), date(2026, 12, 20))
        [page] = [item for item in book.items if item.code == PAGE]
        desk.change(PAGE, Change("Een andere titel."), data={**page.content.data, "titel": TITLE})
        desk.publish()
        desk.begin("intrekking", datetime(2026, 12, 22, 9, 0, tzinfo=UTC), date(2027, 3, 1))
        change = Change("Deze lijst staat nu in het formulier.", successor=FILE)
        withdraw(session, desk.draft, PAGE, change=change, by=desk.by, at=desk.at)
        desk.publish()
        beheerder = person_by_address(session, address_of("beheerder"))
        assert beheerder
        version = version_to_destroy(session, PAGE, DESTROYED)
        asked = ask_destruction(session, version, reason="Dit mocht niet bestaan.", by=desk.by, at=DESTROYED_AT)
        destroy(session, asked, by=Actor(beheerder.id), at=DESTROYED_AT)


def main_of(page: html.HtmlElement) -> html.HtmlElement:
    """Return the main part without the bar about looking back, which tells days and no contents."""
    [main] = page.xpath("//main")
    for bar in main.xpath(".//section[contains(@class, 'terugblik')]"):
        bar.drop_tree()
    return main


def links_of(page: html.HtmlElement) -> list[str]:
    found = page.xpath(".//a/@href | .//*[local-name() = 'a']/@href")
    return [str(link) for link in dict.fromkeys(found) if link.startswith("/")]
