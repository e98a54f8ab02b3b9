"""Destroying a version: two people, nothing left of it anywhere, and everybody is told."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from portal.access.models import Group, PersonGroup
from portal.access.queries import person_by_address
from portal.audit.models import Event
from portal.audit.operations import Actor
from portal.audit.queries import verify
from portal.cli import main
from portal.config import Config
from portal.db import Base, Database
from portal.editions.keeping import FOLDER as KEPT
from portal.editions.keeping import edition
from portal.editions.traces import clear
from portal.lib import clock
from portal.publishing.destruction import ask_destruction, destroy
from portal.publishing.models import Edit
from portal.releases.models import Blob, Destruction, Version
from portal.releases.operations import Content, content_of
from portal.search.index import is_whole
from portal.search.models import SearchWord
from tests.conftest import NOW, Site, address_of, make_site
from tests.desk.desk import Desk, shown_faults
from tests.editions.editions import made, texts, unpacked
from tests.releasing import newest, release_of
from tests.visitor import Visitor, parse, words

PAGE, FORM = "OV-04", "FO-06"
MARK = "kwartelzang"
"""Stands in what must not exist, and in nothing else."""
REASON = "Dit model is ingevuld gepubliceerd."
ASK = f"/redactie/onderdelen/{PAGE}/versies/2/vernietigen"
GONE = "ernietigd op 1 december 2026"


@pytest.fixture
def spoilt(config: Config, small_url: str, tmp_path: Path) -> Iterator[Site]:
    """Give a site in a folder of its own, where the second version of a page and of a form hold what must not exist."""
    url = small_url
    if url.startswith("sqlite"):
        url = f"sqlite:///{shutil.copyfile(small_url.removeprefix('sqlite:///'), tmp_path / 'portal.db')}"
    made = make_site(config, url, data_dir=tmp_path)
    with made.database.transaction() as session:
        page, form = (content_of(newest(session, code)) for code in (PAGE, FORM))
        filled_in = docx.Document(io.BytesIO(form.original or b""))
        filled_in.add_paragraph(f"Huurder: {MARK}")
        target = io.BytesIO()
        filled_in.save(target)
        bad = Content(
            {**page.data, "titel": f"Termijnen van {MARK}"}, text=f"{page.text}\n## Voor {MARK}\n\nTot {MARK}.\n"
        )
        contents = {PAGE: bad, FORM: Content(form.data, original=target.getvalue())}
        release_of(session, contents, note=f"Ook voor {MARK}.", at=NOW, effective_on=NOW.date())
        session.execute(text("UPDATE release SET note = 'Beter.' WHERE number = 2"))
    yield made
    made.database.engine.dispose()


def ask(site: Site, path: str = ASK, who: str = "redacteur") -> str:
    """Ask at the desk and return the address where a beheerder decides."""
    answer = Desk(site, who).press(path, "/vernietigen", reden=REASON)
    assert answer.status_code == 303, shown_faults(answer)
    with site.database.reading() as session:
        return f"/beheer/vernietigen/{max(session.scalars(select(Destruction.id)))}"


def confirm(site: Site, path: str) -> None:
    answer = site.signed_in("beheerder").post(path, {"zeker": "ja", "doe": "vernietig"})
    assert answer.status_code == 303, answer.get_data(as_text=True)


def left_behind(site: Site, pieces: tuple[bytes, ...]) -> list[str]:
    """Return where any of these bytes still are: in a file below the data folder, or in a row that PostgreSQL shows."""
    found = [
        str(file) for file in site.config.data_dir.rglob("*") if file.is_file() and holds(file.read_bytes(), pieces)
    ]
    with site.database.reading() as session:
        if site.database.engine.dialect.name == "postgresql":
            for name in [*Base.metadata.tables, "search_text"]:
                rows = session.scalars(text(f'SELECT CAST(one AS text) FROM "{name}" AS one'))  # noqa: S608 # constants
                found += [name for row in rows if holds(row.encode(), pieces)]
        found += [blob.sha256 for blob in session.scalars(select(Blob)) if holds(blob.data, pieces)]
    return found


def holds(data: bytes, pieces: tuple[bytes, ...]) -> bool:
    return any(piece in data for piece in pieces)


def mark_in(visitor: Visitor, path: str) -> bool:
    return MARK in visitor.get(path).get_data(as_text=True).lower()


def test_two_people_destroy_a_version_and_nothing_of_it_is_left(spoilt: Site) -> None:
    config, reader = spoilt.config, spoilt.signed_in("corporatie")
    colleague = Desk(spoilt, "redacteur_elders")
    unfinished = colleague.begin(PAGE)
    colleague.press(unfinished, unfinished, "bewaar")
    with spoilt.database.reading() as session:
        original = newest(session, FORM).original
        assert original
        middle = len(original.data) // 2
        pieces = (MARK.encode(), original.data[middle : middle + 40])
        hashes = {newest(session, code).stamped_copies[-1].sha256 for code in (PAGE, FORM)} | {original.sha256}
        edition(session, config, at=NOW, number=2)
    assert any((config.data_dir / KEPT).glob("*.zip"))
    assert left_behind(spoilt, pieces)
    assert mark_in(reader, f"/zoeken?q={MARK}")

    requests = [ask(spoilt, ASK.replace(PAGE, code)) for code in (PAGE, FORM)]
    beheerder = spoilt.signed_in("beheerder")
    home = beheerder.page("/beheer")
    assert [link for link in home.xpath("//main//a/@href") if "vernietigen" in link] == requests
    page = words(beheerder.page(requests[1]).xpath("//main")[0])
    assert (REASON in page, "Naam van redacteur" in page, MARK in page) == (True, True, False)
    assert mark_in(reader, f"/documenten/{PAGE}")  # nothing is destroyed before
    hasty = beheerder.post(requests[0], {"doe": "vernietig"})
    assert (hasty.status_code, mark_in(reader, f"/documenten/{PAGE}")) == (422, True)
    for path in requests:
        confirm(spoilt, path)

    assert left_behind(spoilt, pieces) == []
    assert not any((config.data_dir / KEPT).glob("*.zip"))
    assert colleague.visitor.get(unfinished).status_code == 404
    for path in ("", "/versies", "/versies/2", "/bestand", "/versies/2/bestand", "/vergelijk/1..2"):
        answer = reader.get(f"/documenten/{PAGE}{path}")
        gone = path.endswith("bestand") or "vergelijk" in path
        assert (answer.status_code, GONE in answer.get_data(as_text=True)) == (410 if gone else 200, True), path
    for path in ("/", "/wijzigingen", "/uitgaven/2", "/stroomschema/KAN/KAN-07", "/op/2027-01-01/documenten/OV-04"):
        assert GONE in reader.get(path).get_data(as_text=True), path
        assert not mark_in(reader, path), path
    assert "Termijnen" in words(reader.page("/uitgaven/2"))  # its title is that of the version before it
    assert not reader.page(f"/zoeken?q={MARK}").xpath("//ol[@id='treffers']/li")
    assert not mark_in(reader, f"/zoeken?q={MARK[:-1]}")  # nor is it what somebody may have meant
    assert "versie 1, geldig vanaf" in words(reader.page("/op/2026-11-28/documenten/OV-04"))  # on its own days
    receipt = "".join(words(reader.page(f"/documenten/{code}/versies/2")) for code in (PAGE, FORM))
    assert all(sha256 in receipt for sha256 in hashes)
    with spoilt.database.reading() as session:
        assert is_whole(session)
        assert verify(session).faults == []
        events = session.scalars(select(Event).order_by(Event.number.desc()).limit(1)).all()
        assert [event.action for event in events] == ["version.destroyed"]
        assert all(destruction.cleared_at for destruction in session.scalars(select(Destruction)))
        kept = session.scalars(select(Version).where(Version.number == 2)).all()
        assert [(one.text, one.change_note, len(one.content_hash)) for one in kept] == [(None, "", 64)] * 2
        assert not session.scalars(select(SearchWord.word).where(SearchWord.word == MARK)).all()
        assert session.scalars(select(SearchWord.word).where(SearchWord.word == "termijnen")).all()
    shown = texts(unpacked(made(spoilt.database)))
    assert "vernietigd op 1 december 2026" in shown["index.html"]
    assert MARK not in "".join(shown.values())


def test_nobody_is_both_people(small_site: Site) -> None:
    site = small_site
    with site.database.transaction() as session:
        both = person_by_address(session, address_of("redacteur"))
        assert both
        session.add(PersonGroup(person_id=both.id, group=Group.BEHEERDER.value))
        number = both.id
    path = ask(site, ASK.replace("/2/", "/1/"))
    asker = site.signed_in("redacteur")
    page = asker.page(path)
    assert "Een andere beheerder beslist" in words(page)
    assert not page.xpath("//main//form")
    token = page.xpath("//input[@name='csrf_token']/@value")[0]
    tried = asker.client.post(path, data={"csrf_token": token, "zeker": "ja", "doe": "vernietig"})
    assert (tried.status_code, "twee mensen" in tried.get_data(as_text=True)) == (403, True)
    asking = f"/redactie/onderdelen/{FORM}/versies/1/vernietigen"
    assert site.signed_in("beheerder").get(asking).status_code == 403
    assert site.signed_in("redacteur_elders").get(path).status_code == 403
    assert "geldig vanaf" in words(site.signed_in("corporatie").page(f"/documenten/{PAGE}"))
    with pytest.raises(IntegrityError), site.database.transaction() as session:  # whatever the program does
        session.execute(update(Destruction).values(outcome="vernietigd", decided_at=NOW, decided_by=number))
    with pytest.raises(IntegrityError), site.database.transaction() as session:
        session.execute(update(Version).values(destroyed_at=NOW))


def test_a_request_is_typed_again_refused_taken_back_and_decided_once(small_site: Site) -> None:
    site, path = small_site, ASK.replace("/2/", "/1/")
    desk, beheerder = Desk(site), site.signed_in("beheerder")
    long = "Ingevuld. " * 250
    for typed, fault in (("  ", "Schrijf waarom"), (long, "hoogstens 2000")):
        again = desk.press(path, "/vernietigen", reden=typed)
        assert again.status_code == 422
        assert fault in shown_faults(again)[0]
        assert parse(again).get_element_by_id("reden").value.strip() == typed.strip()
    first = ask(site, path)
    assert "Wacht op een beheerder" in words(desk.page(path))
    assert "Wacht op vernietigen" in words(desk.page("/redactie"))
    without = beheerder.post(first, {"doe": "weiger", "antwoord": ""})
    assert (without.status_code, shown_faults(without)) == (
        422,
        ["Schrijf waarom u dit weigert. De redactie leest dit."],
    )
    assert beheerder.post(first, {"doe": "weiger", "antwoord": "Sluit het liever."}).status_code == 303
    assert "Sluit het liever." in words(desk.page(path))
    late = beheerder.post(first, {"doe": "vernietig", "zeker": "ja"}, token_from="/mijn-sessies")
    assert (late.status_code, "al geweigerd" in late.get_data(as_text=True)) == (409, True)
    second = ask(site, path)
    other = Desk(site, "redacteur_elders")
    assert not [form for form in other.page(path).forms if (form.action or "").endswith("/terugnemen")]
    assert desk.press(path, "/terugnemen").status_code == 303
    assert "Teruggenomen" in words(beheerder.page(second))
    assert "vernietigen" not in words(beheerder.page("/beheer")).lower()
    assert "geldig vanaf" in words(site.signed_in("corporatie").page(f"/documenten/{PAGE}"))
    for wrong in (
        "/redactie/onderdelen/begrippen/versies/1/vernietigen",
        path.replace("/1/", "/9/"),
        "/beheer/vernietigen/99",
    ):
        assert (beheerder if "beheer" in wrong else desk.visitor).get(wrong).status_code == 404


def test_a_version_in_a_draft_waits_there_and_goes_with_its_row(small_site: Site) -> None:
    site, desk = small_site, Desk(small_site)
    path = desk.begin(PAGE, "nieuw")
    desk.press(path, path, "nieuw--1-alinea")
    draft = desk.finish(path, **{"blok-0-tekst": f"Voor {MARK}."})
    page = desk.page(f"/redactie/onderdelen/{PAGE}")
    [link] = page.xpath("//main//a[contains(., 'in het concept') and contains(., 'vernietigen')]/@href")
    request = ask(site, link)
    assert desk.leave_out(draft, PAGE).status_code == 409
    assert desk.press(f"{draft}/weggooien", "/weggooien").status_code == 409
    refused = desk.publish(draft)
    assert (refused.status_code, "vernietigen gevraagd" in shown_faults(refused)[0]) == (409, True)
    confirm(site, request)
    assert MARK not in words(desk.page(draft))
    with site.database.reading() as session:
        assert newest(session, PAGE).number == 1
        assert not session.scalars(select(SearchWord.word).where(SearchWord.word == MARK)).all()
        [kept] = session.scalars(select(Destruction)).all()
        assert (kept.code, kept.number, kept.version_id) == (PAGE, 2, None)
    assert "daar is de wijziging uit" in words(site.signed_in("beheerder").page(request))
    assert "geldig vanaf" in words(site.signed_in("corporatie").page(f"/documenten/{PAGE}"))


def test_an_editor_makes_a_new_version_after_the_valid_one_was_destroyed(spoilt: Site) -> None:
    confirm(spoilt, ask(spoilt))
    desk, reader = Desk(spoilt), spoilt.signed_in("corporatie")
    item = f"/redactie/onderdelen/{PAGE}"
    assert "er geldt nu geen andere" in words(desk.page(item))
    path = desk.begin(PAGE)  # empty: nothing is left to go on with
    assert not desk.page(path).get_element_by_id("blok-0").text.strip()
    desk.throw_away(path)
    started = desk.press(item, "/terugzetten").headers["Location"]
    draft = desk.finish(started, "Zonder gegevens van een huurder.")
    assert desk.publish(draft).status_code == 303
    assert "versie 3, geldig vanaf" in words(reader.page(f"/documenten/{PAGE}"))
    page = reader.page(f"/documenten/{PAGE}/versies/2")
    assert page.xpath(f"//main//a[@href='/documenten/{PAGE}'][contains(., 'geldige versie (versie 3)')]")
    assert reader.get(f"/documenten/{PAGE}/vergelijk/1..3").status_code == 200


def test_a_kill_before_the_traces_are_cleared_is_made_good(spoilt: Site) -> None:
    config, database = spoilt.config, spoilt.database
    with database.reading() as session:
        edition(session, config, at=NOW, number=2)
    with database.transaction() as session:
        people = [person_by_address(session, address_of(key)) for key in ("redacteur", "beheerder")]
        asker, decider = (Actor(person.id) for person in people if person)
        request = ask_destruction(session, newest(session, PAGE), reason=REASON, by=asker, at=NOW)
        destroy(session, request, by=decider, at=NOW)
    assert any((config.data_dir / KEPT).glob("*.zip"))
    assert clear(database, config, NOW)  # as the worker does
    assert not any((config.data_dir / KEPT).glob("*.zip"))
    assert left_behind(spoilt, (f"Tot {MARK}".encode(),)) == []
    with database.reading() as session:
        assert [one.cleared_at for one in session.scalars(select(Destruction))] == [NOW]
        assert not session.scalars(select(Edit)).all()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # PostgreSQL gives the space free by itself
def test_a_reader_in_the_way_keeps_the_traces_for_later(spoilt: Site) -> None:
    slow = Database(spoilt.config.database_url)
    with slow.engine.connect() as reading:
        reading.execute(text("SELECT count(*) FROM version")).all()
        confirm(spoilt, ask(spoilt))
    slow.engine.dispose()
    with spoilt.database.reading() as session:
        assert session.scalars(select(Destruction.cleared_at)).all() == [None]
    assert clear(spoilt.database, spoilt.config, NOW)
    assert left_behind(spoilt, (f"Tot {MARK}".encode(),)) == []


def test_commands_say_what_has_no_text(spoilt: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    confirm(spoilt, ask(spoilt))
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PORTAL_SECRET_KEY", spoilt.config.secret_key)
    monkeypatch.setenv("PORTAL_DATABASE_URL", spoilt.config.database_url)
    for command in (["check"], ["export", str(tmp_path / "uit")], ["check", str(tmp_path / "uit")]):
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 0, result.output
        assert f"Zonder tekst: {PAGE}, versie 2, v{GONE}." in result.output
