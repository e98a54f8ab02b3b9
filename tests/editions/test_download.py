"""Fetching an edition from the page of its release."""

import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from portal.audit.models import Action, Event
from portal.config import Config
from portal.editions import keeping
from portal.editions.book import Book
from portal.editions.bundle import edition_of
from portal.editions.keeping import FOLDER, MOST_KEPT, forget
from portal.editions.signing import SigningKey, in_groups, signing_key
from portal.editions.verifying import examine
from tests.conftest import Site, make_site
from tests.editions.editions import made, unpacked
from tests.visitor import Visitor, words

BUNDLE = "/uitgaven/1/bundel"


@pytest.fixture
def house(config: Config, small_url: str, tmp_path: Path) -> Iterator[Site]:
    """Give an installation with a small handbook and a data folder of its own."""
    site = make_site(config, small_url, data_dir=tmp_path / "instance")
    yield site
    site.database.engine.dispose()


def kept(site: Site) -> list[Path]:
    return sorted((site.config.data_dir / FOLDER).glob("*.zip"))


def fetched(visitor: Visitor, path: str = BUNDLE) -> bytes:
    answer = visitor.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data()


def offer(visitor: Visitor) -> str:
    return words(visitor.page("/uitgaven/1").xpath("//section[@aria-labelledby='offline']")[0])


def events(site: Site) -> list[Event]:
    with site.database.reading() as session:
        return list(
            session.scalars(select(Event).where(Event.action == Action.EDITION_DOWNLOADED).order_by(Event.number))
        )


def test_any_reader_gets_it_and_the_log_says_so(house: Site) -> None:
    answer = house.signed_in("zorgaanbieder").get(BUNDLE)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == "attachment; filename=handboek-uitgave-1.zip"
    assert answer.mimetype == "application/zip"
    data = answer.get_data()
    assert examine(data).faults == ()
    assert data == made(house.database)
    [event] = events(house)
    assert (event.subject, event.details["contents"]) == ("release:1", "lezers")
    assert event.details["sha256"] == hashlib.sha256(data).hexdigest()
    assert event.details["key"] == examine(data).fingerprint
    assert event.person_id


def test_only_a_redacteur_gets_what_is_closed(house: Site) -> None:
    for key in ("zorgaanbieder", "regio", "beheerder", "auditor"):
        assert house.signed_in(key).get(f"{BUNDLE}?alles=ja").status_code == 403
    assert not events(house)
    editor = house.signed_in("redacteur")
    everything = unpacked(fetched(editor, f"{BUNDLE}?alles=ja"))
    assert "documenten/OV-03.html" in everything
    assert "documenten/OV-03.html" not in unpacked(fetched(editor))
    assert [event.details["contents"] for event in events(house)] == ["alles", "lezers"]


@pytest.mark.parametrize("number", ["0", "2", "99999", "9" * 40])
def test_an_unknown_release_has_none(house: Site, number: str) -> None:
    assert house.signed_in("redacteur").get(f"/uitgaven/{number}/bundel").status_code == 404


def test_the_page_of_the_release_offers_it_with_its_size_and_the_key(house: Site) -> None:
    reader, editor = house.signed_in("corporatie"), house.signed_in("redacteur")
    assert "Download offline uitgave (ZIP)" in offer(reader)
    assert "De eerste keer duurt het ophalen enkele seconden" in offer(reader)
    size = f"{len(fetched(reader)) / 1_000_000:.1f} MB".replace(".", ",")
    assert f"Download offline uitgave (ZIP, {size})" in offer(reader)
    assert "enkele seconden" not in offer(reader)
    assert in_groups(signing_key(house.config.secret_key).public.fingerprint) in offer(reader)
    assert "alleen voor de Regio" not in offer(reader)
    assert "Download met wat alleen voor de Regio is (ZIP)" in offer(editor)


def test_it_is_made_once_and_kept(house: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor, count = house.signed_in("corporatie"), itertools.count()

    def counted(book: Book, key: SigningKey) -> bytes:
        next(count)
        return edition_of(book, key)

    monkeypatch.setattr(keeping, "edition_of", counted)
    first = fetched(visitor)
    assert fetched(visitor) == first
    [file] = kept(house)
    file.write_bytes(first[:-1])  # a disk that loses bytes
    assert fetched(visitor) == first
    assert next(count) == 2
    forget(house.config)
    assert kept(house) == []
    assert fetched(visitor) == first


def test_closing_a_document_works_at_once(house: Site) -> None:
    visitor = house.signed_in("corporatie")
    assert "documenten/OV-04.html" in unpacked(fetched(visitor))
    with house.database.transaction() as session:
        session.execute(text("UPDATE item SET visibility = 'regio' WHERE code = 'OV-04'"))
    assert "(ZIP)" in offer(visitor)
    assert "documenten/OV-04.html" not in unpacked(fetched(visitor))


def test_a_folder_that_cannot_be_used_keeps_nobody_waiting(house: Site) -> None:
    house.config.data_dir.mkdir()
    (house.config.data_dir / FOLDER).write_text("hier staat al iets")
    visitor = house.signed_in("corporatie")
    assert examine(fetched(visitor)).faults == ()
    assert "(ZIP)" in offer(visitor)


def test_only_the_newest_are_kept(house: Site) -> None:
    folder = house.config.data_dir / FOLDER
    folder.mkdir(parents=True)
    for number in range(MOST_KEPT + 3):
        (folder / f"{number:032}.oud.zip").write_bytes(b"oud")
    (folder / "half.deel").write_bytes(b"een proces dat stierf")
    fetched(house.signed_in("corporatie"))
    assert len(kept(house)) == MOST_KEPT
    assert not list(folder.glob("*.deel"))
