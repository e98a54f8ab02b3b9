"""Killing a process at a chosen moment, and what an installation is afterwards: all it holds, checked on the way."""

import gc
import hashlib
import os
import select as readiness
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.audit.models import Event
from portal.audit.queries import verify
from portal.publishing.drafts import drafts, view_of
from portal.publishing.models import Edit
from portal.releases.models import Blob, Item, ItemKind, Release, StampedCopy, Version
from portal.releases.queries import versions_in_force
from portal.releases.view import View
from portal.search.index import is_whole
from portal.search.models import SearchEntry
from tests.conftest import database_at

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["tests.robust.test_kill", "tests.robust.test_kill_editor"])
LATER = (datetime(2027, 6, 1, 9, 0, tzinfo=UTC), date(2027, 6, 1))
"""A moment at which everything of a test is known, and a day on which all of it holds."""
PATIENCE = 30
"""Seconds in which a process that must end ends, also on a busy machine."""


Work = Callable[[Connection], None]
"""What is killed; it tells "begin" and "end"."""


class Ready:
    """A process that has loaded everything and did the work once, and forks for every kill.

    To load and to do something for the first time takes longer than what is killed.
    """

    def __init__(self, prepare: Callable[..., Work], *given: Any) -> None:
        """Start the process; ``prepare(*given)`` in it returns what a fork does, and leaves no connection open."""
        self.pipe, there = FORKS.Pipe()
        self.process: ForkServerProcess = FORKS.Process(target=_fork_when_asked, args=(there, prepare, given))
        self.process.start()
        there.close()
        assert self.pipe.recv() == "ready"

    def __enter__(self) -> "Ready":
        return self

    def __exit__(self, *_error: object) -> None:
        """End it."""
        self.pipe.close()
        self.process.join()
        self.process.close()


def _fork_when_asked(asked: Connection, prepare: Callable[..., Work], given: tuple[Any, ...]) -> None:
    work = prepare(*given)
    gc.collect()
    gc.freeze()  # a fork would copy all of it to look through it
    asked.send("ready")
    while True:
        try:
            tell = Connection(recv_handle(asked), readable=False)
        except EOFError:
            return
        pid = os.fork()
        if not pid:
            _do(work, tell)
        tell.close()
        asked.send(pid)
        asked.recv()  # until then its number is its own, also when it has ended
        os.waitpid(pid, 0)
        asked.send("gone")


def _do(work: Work, tell: Connection) -> NoReturn:
    status = 1
    try:
        work(tell)
        status = 0
    except SystemExit as ended:  # commands end by it
        status = int(ended.code or 0)
    except BaseException:  # whatever it is: a fork must not go on as its parent
        traceback.print_exc()
    finally:
        os._exit(status)


class Killed:
    """A fork that has begun."""

    def __init__(self, ready: Ready) -> None:
        """Fork, and wait until the work begins."""
        self._ready = ready
        self._heard, tell = FORKS.Pipe(duplex=False)
        send_handle(ready.pipe, tell.fileno(), ready.process.pid)
        tell.close()
        self._pid: int = ready.pipe.recv()
        self._watched = os.pidfd_open(self._pid)
        assert self.hear() == "begin"

    def hear(self) -> str:
        """Return the next thing it tells; nothing when it ends without."""
        try:
            return str(self._heard.recv())
        except EOFError:
            return ""

    def kill(self, moment: float) -> tuple[bool, list[int]]:
        """Kill it so many seconds later; return whether it had told its end, and the children it had.

        It is stopped first, so that no child can be missed; these are descriptors, to be waited for and closed.
        """
        children: list[int] = []
        if not readiness.select([self._watched], [], [], moment)[0]:
            os.kill(self._pid, signal.SIGSTOP)
            children = [found for one in children_of(self._pid) if (found := _watched(one)) is not None]
            os.kill(self._pid, signal.SIGKILL)
        return self.hear() == "end", children

    def close(self) -> None:
        """Wait until it has ended."""
        readiness.select([self._watched], [], [])
        os.close(self._watched)
        self._ready.pipe.send("done")
        assert self._ready.pipe.recv() == "gone"
        self._heard.close()


def children_of(parent: int) -> list[int]:
    """Return the processes that this one started and that are still there (Linux)."""
    found: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):  # it came to its own end meanwhile
        for path in Path(f"/proc/{parent}/task").glob("*/children"):
            found += map(int, path.read_text().split())
    return found


def _watched(pid: int) -> int | None:
    with suppress(ProcessLookupError):
        return os.pidfd_open(pid)
    return None


def all_gone(watched: Iterable[int]) -> bool:
    """Wait for the end of processes, by their descriptors; tell whether all of them came to it by themselves."""
    ended = []
    for descriptor in watched:
        ended.append(bool(readiness.select([descriptor], [], [], PATIENCE)[0]))
        os.close(descriptor)
    return all(ended)


def state(url: str) -> dict[str, Any]:
    """Return all a handbook is, by code: not the moments, nor row numbers, which PostgreSQL does not hand out twice.

    Checks on the way that every file is whole, that search has what the database has, and that nobody tampered with
    the log.
    """
    database = database_at(url)
    with database.reading() as session:
        for blob in session.scalars(select(Blob)):
            assert hashlib.sha256(blob.data).hexdigest() == blob.sha256
        versions = select(Item.code, Version.number, Release.title, Release.number, Version.content_hash)
        copies = select(Item.code, Version.number, StampedCopy.sha256).join(
            Version, StampedCopy.version_id == Version.id
        )
        edits = select(Release.title, Edit.code, Edit.kind, Edit.text, Edit.note, Edit.original_sha256)
        found = {
            "items": sorted(tuple(row) for row in session.execute(select(Item.code, Item.visibility))),
            "releases": sorted(map(repr, session.execute(select(Release.number, Release.title, Release.note)))),
            "versions": sorted(map(repr, session.execute(versions.join(Version.item).join(Version.release)))),
            "copies": sorted(map(repr, session.execute(copies.join(Version.item)))),
            "edits": sorted(map(repr, session.execute(edits.join(Release, Edit.release_id == Release.id)))),
            "files": sorted(session.scalars(select(Blob.sha256))),
            "holds": _holds(session),
            "log": [row.action for row in session.scalars(select(Event).order_by(Event.number))],
        }
        found["findable"] = sorted(session.scalars(select(SearchEntry.code)))
        assert verify(session).faults == []
        assert _search_agrees(session) or not found["findable"]
    with database.transaction() as session:
        assert is_whole(session) or not found["findable"]
    database.engine.dispose()
    return found


def _holds(session: Session) -> list[str]:
    """Return which version of each item holds, for readers in the end and for the editors of every draft."""
    known, day = LATER
    views = [View(on=day, known=known, sees_regio=True), *(view_of(one, known, day) for one in drafts(session))]
    found = [(number, one) for number, view in enumerate(views) for one in versions_in_force(session, view)]
    return sorted(f"{number} {one.item.code} {one.number} {one.content_hash}" for number, one in found)


def _search_agrees(session: Session) -> bool:
    """Tell whether exactly the texts that are there can be found, drafts included."""
    indexed = set(session.scalars(select(SearchEntry.version_id)))
    texts = select(Version.id).join(Version.item).where(Item.kind.in_((ItemKind.DOCUMENT, ItemKind.FLOW)))
    return set(session.scalars(texts.where(Version.withdrawn.is_(False)))) <= indexed and not session.scalar(
        select(func.count()).select_from(SearchEntry).where(SearchEntry.version_id.not_in(select(Version.id)))
    )


def wait_until_alone(url: str) -> None:
    """Wait until the server has rolled back what a killed process left: only then is its state what it will stay."""
    if not url.startswith("postgresql"):
        return
    database = database_at(url)
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with database.engine.connect() as connection:
        while connection.execute(text(others)).scalar_one():
            connection.rollback()  # the view stands still within a transaction
            time.sleep(0.01)  # the server gives no sign when a connection of another process has ended
    database.engine.dispose()


def seconds(act: Callable[[], object]) -> float:
    """Return how long it takes to do this."""
    started = time.monotonic()
    act()
    return time.monotonic() - started


def table(title: str, outcomes: Counter[tuple[str, int, str]], words: Sequence[str] = ("oud", "nieuw")) -> str:
    """Return what came of the kills: when, in which tenth of that, and what the handbook was afterwards."""
    lines = [f"kill -9 van {title}, {sum(outcomes.values())} keer"]
    for aimed, share in sorted({(aimed, share) for aimed, share, _word in outcomes}):
        found = ", ".join(f"{outcomes[aimed, share, word]} {word}" for word in words)
        lines.append(f"  {aimed:<22} {share * 10:3}-{share * 10 + 10}%: {found}")
    return "\n".join(lines)
