"""Files in, files out: the same bytes, and nothing stored when anything is wrong."""

import filecmp
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.audit.operations import SYSTEM
from portal.documents.queries import document
from portal.publishing.content import ContentError, Handbook, read, write
from portal.publishing.operations import download_of, export_handbook, import_handbook
from portal.releases.models import Release, Version
from portal.releases.view import View
from tests.conftest import CONTENT, NOW, Site
from tests.small import small


def files(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def test_import_and_export_give_the_bytes_of_content(site: Site, tmp_path: Path) -> None:
    with site.database.reading() as session:
        exported = export_handbook(session, at=NOW)
    assert exported
    write(exported, tmp_path / "out")
    expected = files(CONTENT)
    del expected["demo.yaml"]
    assert files(tmp_path / "out") == expected


def test_an_export_imported_elsewhere_exports_the_same(empty_site: Site, tmp_path: Path) -> None:
    write(read(CONTENT), tmp_path / "one")
    with empty_site.database.transaction() as session:
        import_handbook(session, read(tmp_path / "one"), by=SYSTEM, at=NOW)
    with empty_site.database.reading() as session:
        again = export_handbook(session, at=NOW, number=1)
        assert export_handbook(session, at=NOW, number=2) is None
    assert again
    write(again, tmp_path / "two")
    assert not filecmp.dircmp(tmp_path / "one", tmp_path / "two").diff_files
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_a_handbook_is_restored_as_it_is_whenever_it_was_decided(empty_site: Site, handbook: Handbook) -> None:
    later = NOW.date() + timedelta(days=1)
    with empty_site.database.transaction() as session:
        release = import_handbook(session, replace(small(handbook), decided_on=later), by=SYSTEM, at=NOW)
        assert (release.number, release.decided_on) == (1, later)


def test_a_filled_handbook_gets_a_draft_with_only_the_changes(site: Site, tmp_path: Path) -> None:
    shutil.copytree(CONTENT, tmp_path / "in")
    page = tmp_path / "in/documenten/WI-05.md"
    page.write_text(page.read_text().replace("registr", "Registr", 1))
    with site.database.transaction() as session:
        release = import_handbook(session, read(tmp_path / "in"), by=SYSTEM, at=NOW)
        assert (release.number, [v.item.code for v in release.versions]) == (None, ["WI-05"])
        assert release.versions[0].number == 2
    with site.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Release).where(Release.number.is_not(None))) == 1
        shown = document(session, View.of_everything(NOW), "WI-05")
        assert shown
        assert shown.version.number == 1


def test_the_same_handbook_again_changes_nothing(site: Site, handbook: Handbook) -> None:
    with site.database.transaction() as session:
        release = import_handbook(session, handbook, by=SYSTEM, at=NOW)
        assert release.versions == []


def test_what_readers_download_was_stored_when_published(site: Site) -> None:
    """The stamped copy is deterministic: made again it has the hash that the receipt shows."""
    with site.database.reading() as session:
        for code in ("ZC-01", "PR-03"):
            found = document(session, View.of_everything(NOW), code)
            assert found
            [copy] = found.version.stamped_copies
            assert copy.blob.data == download_of(found)


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("documenten/HC-01.docx", None, "HC-01 heeft 0 bestanden"),
        ("begrippen.yaml", None, r"begrippen.yaml ontbreekt"),
        ("bedragen.yaml", b"schema: [", "geen geldige YAML"),
        ("bedragen.yaml", b"\xff\xfe", "bedragen.yaml"),
        ("uitgave.yaml", b"schema: 1\nnummer: 1\nonderdelen: []\n", "uitgave.yaml"),
        ("documenten.yaml", b"schema: 2\n", "schema moet 1 zijn"),
        ("documenten.yaml", b"schema: 1\ndocumenten: tekst\n", "moet een lijst zijn"),
        ("documenten/WI-01.md", b"\xff", "geen UTF-8"),
    ],
)
def test_a_broken_folder_is_explained(tmp_path: Path, name: str, change: bytes | None, expected: str) -> None:
    shutil.copytree(CONTENT, tmp_path / "in")
    target = tmp_path / "in" / name
    if change is None:
        target.unlink()
    else:
        target.write_bytes(change)
    with pytest.raises(ContentError, match=expected):
        read(tmp_path / "in")


def test_a_folder_that_is_not_empty_is_left_alone(handbook: Handbook, tmp_path: Path) -> None:
    (tmp_path / "mijn bestand").write_text("van mij")
    with pytest.raises(ContentError, match="niet leeg"):
        write(handbook, tmp_path)
    assert [f.name for f in tmp_path.iterdir()] == ["mijn bestand"]


def test_an_older_version_stays_in_the_database_as_it_was(site: Site, handbook: Handbook) -> None:
    with site.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Version)) == len(handbook.items)
