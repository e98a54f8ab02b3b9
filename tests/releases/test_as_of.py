"""The handbook on a day, as known at a moment: checked against a slow, plainly right reading of the rule."""

from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.audit.operations import SYSTEM
from portal.lib import clock
from portal.lib.errors import Conflict
from portal.publishing.operations import publish
from portal.releases.models import Item, ItemKind, Release, Version, Visibility
from portal.releases.operations import Content, add_version
from portal.releases.queries import history, item_in_force, versions_in_force
from portal.releases.view import View
from tests.conftest import NOW, Site

CODES = ("begrippen", "bedragen", "synoniemen")
DAY = date(2026, 12, 1)
Plan = list[tuple[int, int, tuple[str, ...]]]
"""Per release: publication in days after NOW, effective in days after DAY, and the items it changes."""


def items(session: Session) -> dict[str, Item]:
    made = {}
    for code in CODES:
        visibility = Visibility.REGIO if code == "synoniemen" else Visibility.ALLE
        made[code] = Item(code=code, kind=ItemKind.GLOSSARY.value, visibility=visibility.value)
        session.add(made[code])
    session.flush()
    return made


def draft(session: Session, title: str, changed: dict[str, Item], at: datetime) -> Release:
    release = Release(title=title, created_at=at)
    session.add(release)
    session.flush()
    for code, item in changed.items():
        newest = session.query(Version).filter_by(item_id=item.id).order_by(Version.number.desc()).first()
        content = Content({"begrippen": [], "tekst": f"{code} van {title}"})
        add_version(
            session,
            item=item,
            release=release,
            content=content,
            change_note="",
            created_by=None,
            at=at,
            based_on=newest,
        )
    session.refresh(release)
    return release


def carry_out(session: Session, plan: Plan) -> list[Release]:
    made: list[Release] = []
    known, at = items(session), NOW
    for wait, effective, changed in plan:
        at += timedelta(days=wait)
        release = draft(session, f"uitgave {len(made) + 1}", {code: known[code] for code in changed}, at)
        day = DAY + timedelta(days=effective)
        number = len(made) + 1
        made.append(publish(session, release, decided_on=DAY, effective_on=day, by=SYSTEM, at=at, number=number))
    return made


def plainly(made: list[Release], code: str, view: View) -> str | None:
    """Return the title of the release whose version of an item holds, by reading the rule word by word."""
    best: Release | None = None
    for release in made:
        assert release.published_at
        assert release.effective_on
        assert release.number
        if release.published_at > view.known or release.effective_on > view.on:
            continue
        if code not in {version.item.code for version in release.versions}:
            continue
        if best is None or (release.effective_on, release.number) > (best.effective_on, best.number):
            best = release
    return best.title if best else None


releases = st.tuples(
    st.integers(0, 5), st.integers(-40, 40), st.sets(st.sampled_from(CODES), min_size=1).map(lambda s: tuple(sorted(s)))
)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(plan=st.lists(releases, min_size=1, max_size=6), on=st.integers(-45, 45), known=st.integers(-1, 31))
def test_any_day_at_any_moment_of_knowledge(empty_site: Site, plan: Plan, on: int, known: int) -> None:
    with Session(empty_site.database.writing_engine) as session:  # rolled back, so that every example starts empty
        made = carry_out(session, plan)
        for regio in (True, False):
            view = View(on=DAY + timedelta(days=on), known=NOW + timedelta(days=known), sees_regio=regio)
            found = {v.item.code: v.release.title for v in versions_in_force(session, view)}
            expected = {code: plainly(made, code, view) for code in CODES if regio or code != "synoniemen"}
            assert found == {code: title for code, title in expected.items() if title}
            for code in CODES:
                held = [p for p in history(session, view, code) if p.status_on(view.on) == "geldig"]
                assert [p.version.release.title for p in held] == [t for c, t in expected.items() if c == code and t]


def test_a_draft_shows_only_to_who_looks_through_it(empty_site: Site) -> None:
    with empty_site.database.transaction() as session:
        known = items(session)
        first = draft(session, "uitgave 1", {"begrippen": known["begrippen"]}, NOW)
        publish(session, first, decided_on=DAY, effective_on=DAY, by=SYSTEM, at=NOW)
        second = draft(session, "concept", {"begrippen": known["begrippen"]}, NOW)
        later = NOW + timedelta(days=9)
        plain, through = View.of_everything(later), View(clock.day_of(later), later, draft=second.id)
        titles = []
        for view in (plain, through):
            version = item_in_force(session, view, "begrippen")
            assert version
            titles.append(version.release.title)
    assert titles == ["uitgave 1", "concept"]


def test_publishing_over_a_newer_version_is_a_conflict(empty_site: Site) -> None:
    with empty_site.database.transaction() as session:
        known = items(session)
        one = draft(session, "uitgave 1", {"begrippen": known["begrippen"]}, NOW)
        publish(session, one, decided_on=DAY, effective_on=DAY, by=SYSTEM, at=NOW)
        mine = draft(session, "van mij", {"begrippen": known["begrippen"]}, NOW)
        theirs = draft(session, "van hen", {"bedragen": known["bedragen"]}, NOW)
        theirs.versions[0].based_on = None
        publish(session, mine, decided_on=DAY, effective_on=DAY, by=SYSTEM, at=NOW)
        late = Release(title="te laat", created_at=NOW)
        session.add(late)
        session.flush()
        add_version(
            session,
            item=known["begrippen"],
            release=late,
            content=Content({}),
            change_note="",
            created_by=None,
            at=NOW,
            based_on=one.versions[0],
        )
        session.refresh(late)
        message = ""
        try:
            publish(session, late, decided_on=DAY, effective_on=DAY, by=SYSTEM, at=NOW)
        except Conflict as error:
            message = str(error)
        assert "versie 2" in message
        assert late.number is None


def test_a_day_begins_at_midnight_in_amsterdam() -> None:
    assert clock.start_of(date(2026, 7, 1)).isoformat() == "2026-06-30T22:00:00+00:00"
    assert clock.start_of(date(2026, 12, 1)).isoformat() == "2026-11-30T23:00:00+00:00"
    assert clock.day_of(datetime.fromisoformat("2026-06-30T22:00:00+00:00")) == date(2026, 7, 1)


def test_nothing_is_added_to_a_published_release(empty_site: Site) -> None:
    with empty_site.database.transaction() as session:
        known = items(session)
        one = draft(session, "uitgave 1", {"begrippen": known["begrippen"]}, NOW)
        publish(session, one, decided_on=DAY, effective_on=DAY, by=SYSTEM, at=NOW)
        refused = False
        try:
            add_version(
                session,
                item=known["bedragen"],
                release=one,
                content=Content({}),
                change_note="",
                created_by=None,
                at=NOW,
            )
        except ValueError:
            refused = True
        assert refused
