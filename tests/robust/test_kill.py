"""``portal import`` killed at moments over its whole run: the handbook is the old one or the new one, never a mix."""

import hashlib
import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal import cli
from portal.audit.models import Event
from portal.audit.operations import SYSTEM
from portal.audit.queries import verify
from portal.db import Database
from portal.publishing.content import Handbook
from portal.publishing.operations import import_handbook
from portal.releases.models import Blob, Item, Release, StampedCopy, Version
from portal.search.index import is_whole
from portal.search.models import SearchEntry
from tests.conftest import LONG, Templates
from tests.running import PORTAL, environment_of, portal
from tests.small import changed, folder_of, small

KILLS = 200 if LONG else 20
"""Per kind of database, half of them starting from an empty handbook and half from a filled one."""
THEN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["portal.cli.handbook", __name__])
"""Most kills are of a fork of one process that has loaded everything: loading takes longer than the writing."""


def state(url: str) -> dict[str, Any]:
    """Return all a handbook is, by code: not the moments, nor row numbers, which PostgreSQL does not hand out twice.

    Checks on the way that every file is whole and that nobody tampered with the log.
    """
    database = Database(url)
    with database.reading() as session:
        for blob in session.scalars(select(Blob)):
            assert hashlib.sha256(blob.data).hexdigest() == blob.sha256
        versions = select(Item.code, Version.number, Release.title, Release.number, Version.content_hash)
        copies = select(Item.code, Version.number, StampedCopy.sha256).join(
            Version, StampedCopy.version_id == Version.id
        )
        found = {
            "items": sorted(tuple(row) for row in session.execute(select(Item.code, Item.visibility))),
            "releases": sorted(map(repr, session.execute(select(Release.number, Release.title, Release.note)))),
            "versions": sorted(map(repr, session.execute(versions.join(Version.item).join(Version.release)))),
            "copies": sorted(map(repr, session.execute(copies.join(Version.item)))),
            "files": sorted(session.scalars(select(Blob.sha256))),
            "log": [row.action for row in session.scalars(select(Event).order_by(Event.number))],
        }
        found["findable"] = sorted(session.scalars(select(SearchEntry.code)))
        assert verify(session).faults == []
    with database.transaction() as session:
        assert is_whole(session) or not found["findable"]
    database.engine.dispose()
    return found


def wait_until_alone(url: str) -> None:
    """Wait until the server has rolled back what a killed process left: only then is its state what it will stay."""
    if not url.startswith("postgresql"):
        return
    database = Database(url)
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with database.engine.connect() as connection:
        while connection.execute(text(others)).scalar_one():
            connection.rollback()  # the view stands still within a transaction
            time.sleep(0.01)  # the server gives no sign when a connection of another process has ended
    database.engine.dispose()


@pytest.fixture(scope="session")
def books(handbook: Handbook, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Handbook, Path]]:
    """Give a small handbook and a later form of it, each with its folder."""
    place = tmp_path_factory.mktemp("books")
    first = small(handbook)
    later = changed(first, "Zo is het afgesproken.")
    return {name: (book, folder_of(book, place / name)) for name, book in (("first", first), ("later", later))}


@pytest.fixture(params=["empty", "filled"])
def start(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def copies(
    templates: Templates, engine: str, start: str, books: dict[str, tuple[Handbook, Path]]
) -> Iterator[Callable[[], str]]:
    """Give what makes a copy of the database to begin with; each copy goes when the next one is made."""
    made: list[str] = []

    def filled(database: Database) -> None:
        if start == "filled":
            with database.transaction() as session:
                import_handbook(session, books["first"][0], by=SYSTEM, at=THEN)

    def copy() -> str:
        if made:
            templates.drop_copy(made.pop())
        made.append(templates.copy(engine, f"killed-{start}", filled))
        return made[0]

    yield copy
    templates.drop_copy(made[0])


def watched_import(url: str, folder: Path, instance: Path, tell: Connection) -> None:
    """Run the command in a process of its own, which tells when it begins to write and has written.

    Start-up takes longer than the writing, and much longer on a busy machine, so that moments counted from the start
    would mostly miss it.
    """
    environment = environment_of(instance, PORTAL_DATABASE_URL=url)
    os.environ.clear()
    os.environ.update(environment)
    plain = Database.transaction

    @contextmanager
    def watched(database: Database) -> Iterator[Session]:
        tell.send("begin")
        with plain(database) as session:
            yield session
        tell.send("end")

    Database.transaction = watched  # type: ignore[assignment,method-assign] # in this process only
    cli.main(["import", str(folder)])


class Import:
    """An import that has begun to write."""

    def __init__(self, url: str, folder: Path, instance: Path) -> None:
        """Start it, and wait until then."""
        self._heard, tell = FORKS.Pipe(duplex=False)
        self.process: ForkServerProcess = FORKS.Process(target=watched_import, args=(url, folder, instance, tell))
        self.process.start()
        tell.close()
        assert self.hear() == "begin"

    def hear(self) -> str:
        """Return the next thing it tells; nothing when it ends without."""
        try:
            return str(self._heard.recv())
        except EOFError:
            return ""

    def close(self) -> None:
        """Wait until it has ended."""
        self.process.join()
        self.process.close()
        self._heard.close()


def kill_anywhere(url: str, folder: Path, instance: Path, moment: float) -> str:
    """Import and kill so many seconds after the start; return when that was."""
    process = subprocess.Popen(
        [*PORTAL, "import", str(folder)],
        env=environment_of(instance, PORTAL_DATABASE_URL=url),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.wait(moment) == 0
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return "ergens"
    return "al klaar"


def kill_writing(url: str, folder: Path, instance: Path, moment: float) -> str:
    """Import and kill so many seconds after it began to write; return whether it was still writing."""
    killed = Import(url, folder, instance)
    killed.process.join(moment)
    killed.process.kill()
    outcome = "na het schrijven" if killed.hear() == "end" else "tijdens het schrijven"
    killed.close()
    return outcome


def test_an_import_that_is_killed_leaves_the_old_or_the_new(
    copies: Callable[[], str],
    start: str,
    engine: str,
    books: dict[str, tuple[Handbook, Path]],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    book, folder = books["later" if start == "filled" else "first"]
    url, instance = copies(), tmp_path / "instance"
    old = state(url)
    whole = seconds(lambda: kill_anywhere(url, folder, instance, 120))
    new = state(url)
    assert old != new
    url = copies()
    during = seconds(Import(url, folder, instance).close)
    assert state(url) == new
    outcomes: Counter[tuple[str, int, str]] = Counter()
    tried_again = False
    for number in range(KILLS // 2):
        share = number / (KILLS // 2)
        url = copies()
        if number % 4:  # three in four while it writes, up to just after
            aimed = kill_writing(url, folder, instance, during * share * 1.1)
        else:
            aimed = kill_anywhere(url, folder, instance, whole * share)
        wait_until_alone(url)
        after = state(url)
        assert after in (old, new), f"a mix at {share:.3f}, {aimed}"
        outcomes[aimed, int(share * 10), "oud" if after == old else "nieuw"] += 1
        if after == old and not tried_again:  # once: to be the old one is to be it in every way
            again(url, book)
            assert state(url) == new
            tried_again = True
    assert sum(count for (aimed, _share, _word), count in outcomes.items() if aimed == "tijdens het schrijven") > 0
    done = portal(instance, "import", str(folder), PORTAL_DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    record_property("kills", table(f"{engine}, begin: {start}", outcomes))


def seconds(act: Callable[[], object]) -> float:
    """Return how long it takes to do this."""
    started = time.monotonic()
    act()
    return time.monotonic() - started


def again(url: str, book: Handbook) -> None:
    """Import in this process what was killed: nothing stands in its way."""
    database = Database(url)
    with database.transaction() as session:
        import_handbook(session, book, by=SYSTEM, at=datetime.now(UTC))
    database.engine.dispose()


def table(title: str, outcomes: Counter[tuple[str, int, str]]) -> str:
    """Return what came of the kills: when, in which tenth of that, and what the handbook was afterwards."""
    lines = [f"kill -9 van portal import, {title}, {sum(outcomes.values())} keer"]
    for aimed, share in sorted({(aimed, share) for aimed, share, _word in outcomes}):
        found = ", ".join(f"{outcomes[aimed, share, word]} {word}" for word in ("oud", "nieuw"))
        lines.append(f"  {aimed:<22} {share * 10:3}-{share * 10 + 10}%: {found}")
    return "\n".join(lines)


def test_a_first_command_that_is_killed_does_not_stand_in_the_way_of_the_next(
    books: dict[str, tuple[Handbook, Path]], tmp_path: Path
) -> None:
    """Key file and tables are made whole or not at all: killed over and over until one gets through."""
    instance, folder = tmp_path / "instance", books["first"][1]
    url = f"sqlite:///{instance}/portal.db"
    moment = 0.1
    while kill_anywhere(url, folder, instance, moment) != "al klaar":
        moment *= 1.2 if LONG else 2
    assert "in orde" in portal(instance, "check").stdout
    assert portal(instance, "audit", "verify").returncode == 0
