"""What is in an edition: the handbook of one release, for whom it is, and nothing else."""

import json
import posixpath
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from lxml import html
from sqlalchemy import text

from portal.audit.operations import SYSTEM
from portal.editions.book import Incomplete, gather
from portal.editions.readers import Closed
from portal.editions.verifying import examine
from portal.publishing.checks import check
from portal.publishing.content import Handbook, files_of, read, write
from portal.publishing.operations import export_handbook, import_handbook
from portal.releases.models import ItemKind
from portal.releases.operations import store_blob
from tests.conftest import NOW, Site
from tests.documents.pdf_file import pdf
from tests.editions.conftest import Files
from tests.editions.editions import made, texts, unpacked
from tests.handbook.test_visibility import CLOSED, leaked
from tests.publishing.test_drafts import Editor
from tests.small import small

NEXT_MONTH = NOW.date() + timedelta(days=31)
FIRST_DAY = date(2026, 11, 20)
PAGES = ("index.html", "begrippen.html", "open-punten.html")


def manifest(files: Files) -> dict[str, object]:
    found = json.loads(files["manifest.json"])
    assert isinstance(found, dict)
    return found


def names(files: Files, folder: str) -> set[str]:
    return {posixpath.basename(name) for name in files if posixpath.dirname(name) == folder}


def test_there_is_a_page_of_everything(for_readers: Files, handbook: Handbook) -> None:
    flow = handbook.single(ItemKind.FLOW)
    open_codes = {item.code for item in handbook.of_kind(ItemKind.DOCUMENT)} - CLOSED
    assert names(for_readers, "") >= set(PAGES)
    assert names(for_readers, "trajecten") == {f"traject-{route['id']}.html" for route in flow["trajecten"]}
    assert names(for_readers, "stappen") == {f"{step['id']}.html" for step in flow["stappen"]}
    assert names(for_readers, "documenten") == {f"{code}.html" for code in open_codes}
    assert {name.partition("-v")[0] for name in names(for_readers, "bestanden")} == open_codes


def test_every_page_says_which_release_it_is(for_readers: Files) -> None:
    for name, data in for_readers.items():
        if name.endswith(".html"):
            shown = " ".join(html.document_fromstring(data.decode()).xpath("//header")[0].text_content().split())
            assert "Offline uitgave 1, geldig vanaf 20 november 2026." in shown, name
            assert "Status: model, nog niet geaccordeerd." in shown, name


def test_a_reader_learns_nothing_of_what_is_closed(for_readers: Files) -> None:
    for name, said in texts(for_readers).items():
        assert not leaked(name), name
        assert not leaked(said), name
    assert (
        "38"
        in html.document_fromstring(for_readers["index.html"].decode()).get_element_by_id("documenten").text_content()
    )
    assert manifest(for_readers)["inhoud"] == "lezers"


def test_an_editor_may_have_everything(for_editors: Files, handbook: Handbook) -> None:
    assert manifest(for_editors)["inhoud"] == "alles"
    assert "Alleen voor de Regio" in for_editors["documenten/OV-03.html"].decode()
    assert (
        "3"
        in html.document_fromstring(for_editors["index.html"].decode()).get_element_by_id("documenten").text_content()
    )
    assert "bestanden/OV-03-v1.docx" in for_editors
    assert content(for_editors) == files_of(small(handbook))


def content(files: Files) -> Files:
    """Return the handbook in an edition in the form of an export."""
    return {name.removeprefix("handboek/"): data for name, data in files.items() if name.startswith("handboek/")}


def links(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """Give where a page leads to: the name of a file in the edition, and a place in it."""
    for address in html.document_fromstring(data.decode()).xpath("//@href | //@src"):
        if not re.match(r"(mailto|tel):", address):
            path, _, place = str(address).partition("#")
            assert not re.match(r"[a-z]+:|/", path), f"{name}: {address}"
            yield posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name, place


@pytest.mark.parametrize("kind", ["for_readers", "for_editors"])
def test_every_link_leads_to_something_inside(kind: str, request: pytest.FixtureRequest) -> None:
    files: Files = request.getfixturevalue(kind)
    ids = {
        name: set(html.document_fromstring(data.decode()).xpath("//@id"))
        for name, data in files.items()
        if name.endswith(".html")
    }
    reached = set()
    for name in ids:
        for target, place in links(name, files[name]):
            assert target in files, f"{name}: {target}"
            assert not place or place in ids[target], f"{name}: {target}#{place}"
            reached.add(target)
    assert reached >= {*ids, *(name for name in files if name.startswith("bestanden/"))}


def test_nothing_runs_and_nothing_is_fetched(for_readers: Files) -> None:
    for name, data in for_readers.items():
        if name.endswith(".html"):
            page = html.document_fromstring(data.decode())
            assert not page.xpath(
                "//script | //iframe | //form | //object | //@style | //@*[starts-with(name(), 'on')]"
            ), name
        if name.endswith(".css"):
            assert "http" not in data.decode().replace("http://www.w3.org/2000/svg", ""), name


def test_what_is_in_it_can_be_brought_in_elsewhere(for_readers: Files, empty_site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "handboek"
    for name, data in content(for_readers).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    assert check(read(folder)) == []
    with empty_site.database.transaction() as session:
        import_handbook(session, read(folder), by=SYSTEM, at=NOW)
        again = export_handbook(session, at=NOW)
    assert again
    assert files_of(again) == content(for_readers)


def test_the_same_release_gives_the_same_bytes(small_site: Site) -> None:
    first = made(small_site.database)
    assert made(small_site.database, number=1, at=NOW + timedelta(days=400)) == first
    assert examine(first).faults == ()
    assert made(small_site.database, everything=True) != first


def test_a_release_that_is_still_to_come_is_the_handbook_of_its_day(small_site: Site) -> None:
    with small_site.database.transaction() as session:
        editor = Editor(session)
        draft = editor.draft("Volgende maand")
        editor.write(draft, "Zo is het straks.")
        editor.publish(draft, NEXT_MONTH)
    today, later = made(small_site.database), unpacked(made(small_site.database, number=2))
    assert made(small_site.database, number=1) == today
    assert "Zo is het straks" not in "".join(texts(unpacked(today)).values())
    assert "Zo is het straks" in later["documenten/OV-04.html"].decode()
    assert "bestanden/OV-04-v2.docx" in later
    assert manifest(later)["gaat_in_op"] == NEXT_MONTH.isoformat()
    with small_site.database.reading() as session:
        assert gather(session, at=NOW, number=3) is None
    assert made(small_site.database, at=NOW + timedelta(days=40)) == made(small_site.database, number=2)


def test_a_pdf_keeps_its_kind_and_its_bytes(small_site: Site) -> None:
    data = pdf("Zo ziet het eruit.")
    with small_site.database.transaction() as session:
        editor = Editor(session)
        draft = editor.draft("Een PDF")
        edit = editor.begin(draft, "FO-06")
        edit.original = store_blob(session, data)
        editor.submit(edit)
        editor.publish(draft)
    files = unpacked(made(small_site.database))
    assert files["bestanden/FO-06-v2.pdf"] == files["handboek/documenten/FO-06.pdf"] == data
    page = files["documenten/FO-06.html"].decode()
    assert "Zo ziet het eruit." in page
    assert "Open PDF-bestand" in page


def retroactive(site: Site, day: date) -> None:
    with site.database.transaction() as session:
        editor = Editor(session)
        draft = editor.draft("Met terugwerkende kracht")
        editor.write(draft, "Zo was het al.")
        editor.publish(draft, day, reason="Het besluit was er al.")


def test_what_reaches_back_changes_the_edition_and_its_moment(small_site: Site) -> None:
    before = manifest(unpacked(made(small_site.database, number=1)))
    retroactive(small_site, FIRST_DAY)
    files = unpacked(made(small_site.database, number=1))
    after = manifest(files)
    assert "Zo was het al" in files["documenten/OV-04.html"].decode()
    assert (before["stand_van"], after["stand_van"]) == ("2026-11-26T09:00:00+00:00", "2026-12-01T09:00:00+00:00")
    assert before["gepubliceerd_op"] == after["gepubliceerd_op"] == "2026-11-26T09:00:00+00:00"


def test_a_day_before_there_was_a_handbook_has_no_edition(small_site: Site) -> None:
    retroactive(small_site, FIRST_DAY)
    before = {"day": FIRST_DAY - timedelta(days=60)}  # not to be published any more, but there may be one
    with small_site.database.transaction() as session:
        session.execute(text("UPDATE release SET effective_on = :day WHERE number = 2"), before)
    with small_site.database.reading() as session, pytest.raises(Incomplete, match="nog geen heel handboek"):
        gather(session, at=NOW, number=2)


def test_a_document_that_was_closed_is_not_named_any_more(small_site: Site, tmp_path: Path) -> None:
    assert "OV-04" in "".join(texts(unpacked(made(small_site.database))).values())
    with small_site.database.transaction() as session:
        session.execute(text("UPDATE item SET visibility = 'regio' WHERE code = 'OV-04'"))
    files = unpacked(made(small_site.database))
    for name, said in texts(files).items():
        assert "ov-04" not in f"{name} {said}".lower(), name
    with small_site.database.reading() as session:
        book = gather(session, at=NOW)
    assert book
    write(book.handbook, tmp_path / "handboek")
    assert read(tmp_path / "handboek") == book.handbook


def test_closed_codes_go_and_everything_else_stays() -> None:
    closed = Closed(["OV-03"])
    text = "Zie [de lijst](doc:OV-03), [OV-03](doc:OV-03) en [ZC-01](doc:ZC-01).\n"
    assert closed.page(text) == "Zie de lijst, een ander document en [ZC-01](doc:ZC-01).\n"
    data = {"documenten": ["OV-03", "ZC-01"], "tekst": "Neem OV-03, niet OV-031.", "n": 3, "leeg": None}
    assert closed.data(data) == {
        "documenten": ["ZC-01"],
        "tekst": "Neem een ander document, niet OV-031.",
        "n": 3,
        "leeg": None,
    }
    assert Closed([]).data(data) == data
    assert Closed([]).page(text) == text
