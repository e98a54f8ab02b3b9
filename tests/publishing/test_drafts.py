"""Draft releases: several editors, one version per item, nothing lost and nothing published by accident."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from portal.access.queries import person_by_address
from portal.audit.operations import Actor
from portal.lib.errors import Conflict, InvalidInput
from portal.publishing.drafts import (
    MINOR_NOTE,
    Overtaken,
    begin_edit,
    describe,
    discard,
    new_draft,
    submit,
    take_out,
    version_in,
    view_of,
    withdraw,
)
from portal.publishing.judging import Judgement, Unsound, judge, publish_sound
from portal.publishing.models import Edit
from portal.publishing.operations import later_versions, publish
from portal.releases.models import AppliesTo, Release, Version
from portal.releases.operations import Change
from portal.releases.queries import history, item_in_force, withdrawal_of
from portal.releases.view import View
from portal.search.index import database_engine
from portal.search.queries import search
from tests.conftest import NOW, Site, address_of

TODAY = NOW.date()
PAGE = "OV-04"
NOTE = Change("Het woord veldfiets is erbij.", applies_to=AppliesTo.RUNNING)


class Editor:
    """One editor in one transaction."""

    def __init__(self, session: Session, key: str = "redacteur") -> None:
        found = person_by_address(session, address_of(key))
        assert found
        self.session, self.by = session, Actor(found.id)
        self.number = found.id

    def draft(self, title: str = "Proef") -> Release:
        return new_draft(self.session, title=title, by=self.by, at=NOW)

    def begin(self, draft: Release, code: str = PAGE) -> Edit:
        return begin_edit(self.session, draft, code, person_id=self.number, at=NOW)

    def write(self, draft: Release, words: str, code: str = PAGE, change: Change = NOTE) -> Version:
        edit = self.begin(draft, code)
        edit.text = f"{edit.text}\n{words}\n"
        return self.submit(edit, change)

    def submit(self, edit: Edit, change: Change = NOTE) -> Version:
        made = submit(self.session, edit, change=change, by=self.by, at=NOW)
        self.session.expire_all()
        return made

    def publish(self, draft: Release, effective_on: date = TODAY, reason: str = "") -> Release:
        return publish(
            self.session,
            draft,
            decided_on=TODAY,
            effective_on=effective_on,
            by=self.by,
            at=NOW,
            retroactive_reason=reason,
        )

    def publish_sound(self, draft: Release) -> Release:
        return publish_sound(self.session, draft, decided_on=TODAY, effective_on=TODAY, by=self.by, at=NOW)

    def finds(self, view: View, typed: str, code: str = PAGE) -> bool:
        found = search(self.session, database_engine(self.session), view, f'"{typed}"', facets={})
        return code in [hit.code for hit in found.hits]

    def today(self, code: str = PAGE) -> Version:
        found = item_in_force(self.session, View.of_everything(NOW), code)
        assert found
        return found


@pytest.fixture
def editor(small_site: Site) -> Iterator[Editor]:
    session = Session(small_site.database.writing_engine)
    yield Editor(session)
    session.rollback()
    session.close()


def test_a_change_is_seen_and_found_in_its_draft_only(editor: Editor) -> None:
    before = editor.today()
    draft = editor.draft()
    version = editor.write(draft, "Neem de veldfiets mee.")
    assert (version.number, version.based_on, version.applies_to) == (before.number + 1, before.id, "lopend")
    assert editor.today() == before
    assert not editor.finds(View.of_everything(NOW), "veldfiets mee")
    assert editor.finds(view_of(draft, NOW), "veldfiets mee")
    editor.publish(draft)
    assert editor.today() == version
    assert editor.finds(View.of_everything(NOW), "veldfiets mee")


def test_a_second_submission_takes_the_place_of_the_first_in_index_and_draft(editor: Editor) -> None:
    draft = editor.draft()
    editor.write(draft, "Neem de veldfiets mee.")
    again = editor.begin(draft)
    assert "veldfiets" in (again.text or "")
    assert again.note == NOTE.note
    again.text = (again.text or "").replace("veldfiets", "roeiboot")
    editor.submit(again)
    assert [v.item.code for v in draft.versions] == [PAGE]
    view = view_of(draft, NOW)
    assert not editor.finds(view, "veldfiets mee")
    assert editor.finds(view, "roeiboot mee")


def test_the_second_of_two_editors_is_told_and_keeps_the_text(editor: Editor) -> None:
    draft = editor.draft()
    other = Editor(editor.session, "redacteur_elders")
    mine, theirs = editor.begin(draft), other.begin(draft)
    theirs.text = f"{theirs.text}\nVan de ander.\n"
    mine.text = f"{mine.text}\nVan mij.\n"
    submitted = other.submit(theirs)
    with pytest.raises(Overtaken) as raised:
        editor.submit(mine)
    assert raised.value.theirs == submitted
    assert "Van mij." in (editor.begin(draft).text or "")
    mine.replaces = submitted.content_hash
    assert "Van mij." in (editor.submit(mine).text or "")


def test_a_note_is_asked_unless_the_change_is_minor(editor: Editor) -> None:
    draft = editor.draft()
    edit = editor.begin(draft)
    with pytest.raises(InvalidInput, match="wat er is veranderd"):
        editor.submit(edit, Change("  "))
    with pytest.raises(InvalidInput, match="hetzelfde als versie 1"):
        editor.submit(edit, Change(minor=True))
    edit.text = f"{edit.text}\nMet de veldfiets.\n"
    assert editor.submit(edit, Change(minor=True)).change_note == MINOR_NOTE


def test_a_withdrawn_document_is_gone_from_the_day_itself_and_still_says_so(editor: Editor) -> None:
    draft = editor.draft()
    with pytest.raises(InvalidInput, match="waarom"):
        withdraw(editor.session, draft, "FO-06", change=Change(""), by=editor.by, at=NOW)
    with pytest.raises(InvalidInput, match="opvolger"):
        withdraw(editor.session, draft, "FO-06", change=Change("x", successor="FO-06"), by=editor.by, at=NOW)
    change = Change("Dit formulier gaat op in een ander.", successor=PAGE)
    withdraw(editor.session, draft, "FO-06", change=change, by=editor.by, at=NOW)
    editor.session.expire_all()
    editor.publish(draft, TODAY + timedelta(days=10))
    now = View.of_everything(NOW)
    later = View(on=TODAY + timedelta(days=10), known=NOW, sees_regio=True)
    assert item_in_force(editor.session, now, "FO-06")
    assert withdrawal_of(editor.session, now, "FO-06") is None
    assert item_in_force(editor.session, later, "FO-06") is None
    assert editor.finds(now, "fo-06", "FO-06")
    assert not editor.finds(later, "fo-06", "FO-06")
    gone = withdrawal_of(editor.session, later, "FO-06")
    assert gone
    assert (gone.change_note, gone.successor) == (change.note, PAGE)
    assert [p.status_on(later.on) for p in history(editor.session, later, "FO-06")] == ["ingetrokken", "vervangen"]


def test_what_is_announced_is_no_conflict_but_asks(editor: Editor) -> None:
    announced, small = editor.draft("volgende maand"), editor.draft("nu")
    later = editor.write(announced, "Met de roeiboot.")
    editor.write(small, "Met de veldfiets.")
    day = TODAY + timedelta(days=30)
    editor.publish(announced, day)
    assert later_versions(editor.session, small, TODAY) == [later]
    assert later_versions(editor.session, small, day) == []
    with pytest.raises(Conflict, match="versie 2"):
        editor.publish(small, day)
    editor.publish(small)
    assert editor.today().number == 3
    then = item_in_force(editor.session, View(on=day, known=NOW, sees_regio=True), PAGE)
    assert then == later


def test_what_was_put_right_for_earlier_days_is_no_conflict_with_what_holds_now(editor: Editor) -> None:
    now, earlier, next_one = editor.draft("nu"), editor.draft("eerder"), editor.draft("daarna")
    editor.write(earlier, "Met de roeiboot.")
    holds = editor.write(now, "Met de veldfiets.")
    editor.publish(now)
    editor.publish(earlier, TODAY - timedelta(days=1), "De brief ging al uit.")
    assert editor.today() == holds
    again = editor.write(next_one, "En de kruiwagen.")
    assert again.based_on == holds.id
    editor.publish(next_one)
    assert editor.today() == again


def test_of_two_drafts_the_first_published_gets_the_lower_number(editor: Editor) -> None:
    first, second = editor.draft("begonnen"), editor.draft("eerder klaar")
    early = editor.write(first, "Met de roeiboot.")
    late = editor.write(second, "Met de veldfiets.")
    editor.publish(second)
    early.based_on = late.id
    editor.publish(first)
    assert [p.version.number for p in history(editor.session, View.of_everything(NOW), PAGE)] == [3, 2, 1]


def test_a_past_day_needs_a_reason_and_an_empty_draft_is_not_published(editor: Editor) -> None:
    draft = editor.draft()
    with pytest.raises(InvalidInput, match="geen wijzigingen"):
        editor.publish(draft)
    editor.write(draft, "Met de veldfiets.")
    with pytest.raises(InvalidInput, match="waarom"):
        editor.publish(draft, TODAY - timedelta(days=1))
    editor.publish(draft, TODAY - timedelta(days=1), "De brief ging al uit.")
    assert draft.retroactive_reason == "De brief ging al uit."


def test_a_decision_is_taken_before_it_is_published(editor: Editor) -> None:
    draft, later = editor.draft(), TODAY + timedelta(days=1)
    editor.write(draft, "Met de veldfiets.")
    with pytest.raises(InvalidInput, match="nog niet geweest"):
        publish(editor.session, draft, decided_on=later, effective_on=later, by=editor.by, at=NOW)
    assert draft.number is None


def test_taking_out_and_discarding_leave_nothing_behind(editor: Editor) -> None:
    draft = editor.draft()
    version = editor.write(draft, "Met de veldfiets.")
    take_out(editor.session, version, by=editor.by, at=NOW)
    assert version_in(editor.session, draft, PAGE) is None
    editor.session.expire_all()
    editor.write(draft, "Met de roeiboot.")
    view = view_of(draft, NOW)
    editor.begin(draft)
    discard(editor.session, draft, by=editor.by, at=NOW)
    assert not editor.finds(view, "de roeiboot")
    with pytest.raises(ValueError, match="published"):
        take_out(editor.session, editor.today(), by=editor.by, at=NOW)


def test_a_draft_is_checked_as_the_handbook_it_would_give(editor: Editor) -> None:
    draft = editor.draft()
    assert [found.rule for found in judge(editor.session, draft, NOW).stops] == ["UITGAVE-03"]
    describe(draft, title="Proef", note="Een pagina is aangevuld, voor € 12.")
    assert judge(editor.session, draft, NOW) == Judgement()
    editor.write(draft, "Zie [dat stuk](doc:ZZ-99).")
    assert [found.rule for found in judge(editor.session, draft, NOW).stops] == ["PAGINA-02"]
    with pytest.raises(Unsound):
        editor.publish_sound(draft)
    assert draft.number is None
    editor.publish(draft)
    later = editor.draft("daarna")
    describe(later, title="Daarna", note="Een ander stuk.")
    editor.write(later, "En de roeiboot.")
    assert [found.rule for found in judge(editor.session, later, NOW).already] == ["PAGINA-02"]
    assert editor.publish_sound(later).number == 3
