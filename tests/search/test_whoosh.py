"""Whoosh keeps its index in files: always of what is in the database, whole, and never in the way."""

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session
from whoosh.util.filelock import FileLock

from portal.audit.operations import SYSTEM
from portal.config import from_environment
from portal.db import Database
from portal.publishing.operations import publish
from portal.releases.models import Visibility
from portal.search.engines import whoosh
from portal.search.engines.base import Question
from portal.search.engines.choice import FOLDER, engine_of
from portal.search.engines.whoosh import LOCK, UNFINISHED, WhooshEngine
from portal.search.index import database_engine
from portal.search.trees import Stem, Where
from tests.conftest import NOW, POSTGRESQL
from tests.search.shelf import DAY, EVERYTHING, TODAY, Shelf, draft, everything_in, page, shelf_on, term

LATER = replace(EVERYTHING, known=NOW + timedelta(hours=1))
HEMP = Question((Stem("hennep", Where.ANYWHERE),))
QUESTIONS = ("huis", "huizen boom", '"groot huis"', "huisboom", "hius", "BR-01")


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    """Use SQLite, where a test does not ask for more: Whoosh sees no difference between databases."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "gegevens" / FOLDER


@pytest.fixture
def shelf(blank_url: str, folder: Path) -> Iterator[Shelf]:
    """Give a handbook with something in it, and Whoosh beside it that has answered once."""
    for shelf in shelf_on(blank_url, folder):
        shelf.publish(
            page("BR-01", "Brief over het huis", "Een groot huis met een boom.\n\n## Huizen\n\nEn nog een boom."),
            term("boom", "Boom", "Staat bij een huis"),
        )
        assert shelf.codes("huis") == ["BR-01", "boom"]
        yield shelf


def answers(shelf: Shelf) -> list[object]:
    return [everything_in(shelf.ask(typed, view)) for typed in QUESTIONS for view in (TODAY, EVERYTHING)]


def another(shelf: Shelf, folder: Path) -> Shelf:
    """Another process on the same database and folder."""
    other = WhooshEngine(folder)
    return Shelf(shelf.database, lambda session: other)


def generations(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir())


@pytest.mark.parametrize("engine", ["sqlite", *(["postgresql"] if POSTGRESQL else [])], indirect=True)
def test_each_publication_is_a_new_folder_and_two_are_kept(shelf: Shelf, folder: Path) -> None:
    seen = set(generations(folder))
    for number in range(4):
        shelf.publish(term(f"t{number}", f"Water {number}"))
        assert len(shelf.codes("water")) == number + 1
        assert len(generations(folder)) == 2
        seen |= set(generations(folder))
    assert len(seen) == 5
    shelf.show("BR-01", Visibility.REGIO)
    after = answers(shelf)
    shutil.rmtree(folder)
    assert answers(another(shelf, folder)) == after
    assert (shelf.codes("huis"), sorted(shelf.codes("huis", EVERYTHING))) == (["boom"], ["BR-01", "boom"])


def test_another_process_opens_what_is_there(shelf: Shelf, folder: Path) -> None:
    before = [(path, path.stat().st_ino) for path in generations(folder)]
    assert answers(another(shelf, folder)) == answers(shelf)
    assert [(path, path.stat().st_ino) for path in generations(folder)] == before


def one_file(folder: Path, pattern: str) -> Path:
    return next(generations(folder)[-1].glob(pattern))


def cut_short(folder: Path) -> None:
    os.truncate(one_file(folder, "*.seg"), 1000)


def one_bit(folder: Path) -> None:
    file = one_file(folder, "*.seg")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def empty_it(folder: Path) -> None:
    for path in generations(folder)[-1].iterdir():
        path.unlink()


DAMAGE: dict[str, Callable[[Path], object]] = {
    "cut short": cut_short,
    "one bit": one_bit,
    "no list of files": lambda folder: one_file(folder, "*.toc").unlink(),
    "other list of files": lambda folder: one_file(folder, "*.toc").write_bytes(b"rubbish"),
    "no seal": lambda folder: one_file(folder, "*.json").unlink(),
    "other seal": lambda folder: one_file(folder, "*.json").write_text("[1"),
    "nothing in it": empty_it,
    "not there": lambda folder: shutil.rmtree(generations(folder)[-1]),
    "nothing there": shutil.rmtree,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_index_is_made_anew(shelf: Shelf, folder: Path, damage: str) -> None:
    before = answers(shelf)
    DAMAGE[damage](folder)
    assert answers(another(shelf, folder)) == before
    assert answers(shelf) == before
    assert len(generations(folder)) == 1
    assert answers(another(shelf, folder)) == before


@pytest.mark.parametrize("damage", DAMAGE)
def test_nothing_is_added_to_a_damaged_index(shelf: Shelf, folder: Path, damage: str) -> None:
    DAMAGE[damage](folder)
    shelf.publish(term("huis", "Huizen", "Van steen"))
    assert sorted(another(shelf, folder).codes("huis")) == ["BR-01", "boom", "huis"]


def test_what_a_killed_process_left_is_removed(shelf: Shelf, folder: Path) -> None:
    left = folder / f"{UNFINISHED}half"
    left.mkdir()
    (left / "MAIN_half.seg").write_bytes(b"half")
    shelf.publish(term("huis", "Huizen", "Van steen"))
    assert sorted(shelf.codes("huis")) == ["BR-01", "boom", "huis"]
    assert not left.exists()


def test_several_processes_make_one_index(shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = answers(shelf)
    write, made = whoosh._write, []

    def noted(fresh: Path, documents: Iterable[Mapping[str, Any]], *, new: bool) -> None:
        made.append(fresh)
        write(fresh, documents, new=new)

    monkeypatch.setattr(whoosh, "_write", noted)
    shutil.rmtree(folder)
    others = [another(shelf, folder) for _ in range(4)]
    together = threading.Barrier(len(others))

    def ask(other: Shelf) -> list[object]:
        together.wait()
        return answers(other)

    with ThreadPoolExecutor(len(others)) as pool:
        assert list(pool.map(ask, others)) == [before] * len(others)
    assert (len(made), len(generations(folder))) == (1, 1)


def test_threads_share_one_engine_while_others_publish(shelf: Shelf) -> None:
    before = shelf.ask('"groot huis"').total

    def ask(number: int) -> int:
        if number % 5 == 0:
            shelf.publish(term(f"t{number}", f"Water {number}"))
        return shelf.ask('"groot huis"').total

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(ask, range(20))) == {before}
    assert shelf.ask("water").total == 4


def test_who_waits_too_long_for_another_process_keeps_what_was_open(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whoosh, "PATIENCE", 0.0)
    lock = FileLock(str(folder / LOCK))
    assert lock.acquire()
    shelf.publish(term("huis", "Huizen", "Van steen"), page("BR-02", "Huis"))
    shelf.show("BR-01", Visibility.REGIO)
    assert shelf.codes("huis") == ["boom"]  # nothing new yet, and what was closed is closed
    with shelf.database.reading() as session, pytest.raises(TimeoutError, match="another process"):
        WhooshEngine(folder).prepare(session)
    shelf.reindex()  # what is open now is of other rows
    with pytest.raises(TimeoutError):
        shelf.codes("huis")
    lock.release()
    assert sorted(shelf.codes("huis")) == ["BR-02", "boom", "huis"]


def test_a_release_that_was_rolled_back_leaves_nothing(shelf: Shelf) -> None:
    with Session(shelf.database.writing_engine) as session:  # rolled back
        release = draft(session, [term("nooit", "Nooit", "Over hennep")], Visibility.ALLE)
        publish(session, release, decided_on=DAY, effective_on=DAY, by=SYSTEM, at=NOW.replace(minute=1))
        found = shelf.engine_for(session).find(session, EVERYTHING, HEMP)
        assert found == []  # not known yet at this moment
        assert shelf.engine_for(session).find(session, LATER, HEMP)
    shelf.publish(term("ooit", "Ooit", "Over de zee"), at=NOW.replace(minute=2))
    shelf.publish(term("later", "Later", "Over vakantie"), at=NOW.replace(minute=2))
    assert (shelf.codes("hennep", LATER), shelf.codes("zee", LATER)) == ([], ["ooit"])
    assert shelf.codes("vakantie", LATER) == ["later"]


def test_the_settings_choose_the_engine(blank_url: str, tmp_path: Path) -> None:
    values = {"PORTAL_DATA_DIR": str(tmp_path), "PORTAL_SECRET_KEY": "k" * 40}
    database = Database(blank_url)
    with database.reading() as session:
        assert type(engine_of(session, from_environment(values))) is type(database_engine(session))
        config = from_environment({**values, "PORTAL_SEARCH_ENGINE": "whoosh"})
        chosen = engine_of(session, config)
        assert isinstance(chosen, WhooshEngine)
        assert engine_of(session, config) is chosen
    database.engine.dispose()


def test_only_one_file_knows_whoosh() -> None:
    portal = Path(whoosh.__file__).parents[2]
    known = re.compile(r"^(import|from) whoosh", re.MULTILINE)
    assert [path.name for path in portal.rglob("*.py") if known.search(path.read_text())] == ["whoosh.py"]
