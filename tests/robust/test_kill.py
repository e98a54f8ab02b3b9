"""``portal import`` killed at moments over its whole run: the handbook is the old one or the new one, never a mix."""

import os
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal import cli
from portal.audit.operations import SYSTEM
from portal.cli import handbook as commands
from portal.db import Database
from portal.publishing.content import Handbook
from portal.publishing.operations import import_handbook
from tests.conftest import LONG, Templates
from tests.robust.killing import Killed, Ready, Work, seconds, state, table, wait_until_alone
from tests.running import PORTAL, environment_of, portal
from tests.small import changed, folder_of, small

KILLS = 200 if LONG else 20
"""Per kind of database, half of them starting from an empty handbook and half from a filled one."""
THEN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


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


def watched_import(url: str, folder: Path, instance: Path) -> Work:
    """Run the command, and return what runs it again and tells when it begins to write and has written.

    Start-up takes longer than the writing, and much longer on a busy machine, so that moments counted from the start
    would mostly miss it; so does reading the files, which is therefore done once.
    """
    environment = environment_of(instance, PORTAL_DATABASE_URL=url)
    os.environ.clear()
    os.environ.update(environment)
    commands.read = cache(commands.read)  # type: ignore[attr-defined] # in this process only
    with suppress(SystemExit):
        cli.main(["import", str(folder)])
    plain = Database.transaction

    def work(tell: Connection) -> None:
        @contextmanager
        def watched(database: Database) -> Iterator[Session]:
            tell.send("begin")
            with plain(database) as session:
                yield session
            tell.send("end")

        Database.transaction = watched  # type: ignore[assignment,method-assign] # in this process only
        cli.main(["import", str(folder)])

    return work


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


def kill_writing(ready: Ready, moment: float) -> str:
    """Import and kill so many seconds after it began to write; return whether it was still writing."""
    killed = Killed(ready)
    ended, _children = killed.kill(moment)
    killed.close()
    return "na het schrijven" if ended else "tijdens het schrijven"


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
    outcomes: Counter[tuple[str, int, str]] = Counter()
    tried_again = False
    with Ready(watched_import, url, folder, instance) as ready:
        assert state(url) == new
        assert copies() == url
        during = seconds(Killed(ready).close)
        assert state(url) == new
        for number in range(KILLS // 2):
            share = number / (KILLS // 2)
            assert copies() == url
            if number % 4:  # three in four while it writes, up to just after
                aimed = kill_writing(ready, during * share * 1.1)
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
    record_property("kills", table(f"portal import, {engine}, begin: {start}", outcomes))


def again(url: str, book: Handbook) -> None:
    """Import in this process what was killed: nothing stands in its way."""
    database = Database(url)
    with database.transaction() as session:
        import_handbook(session, book, by=SYSTEM, at=datetime.now(UTC))
    database.engine.dispose()


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
