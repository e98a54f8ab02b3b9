"""The outside of the process that reads a strange file: started for one file, and never waited for too long."""

import enum
import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from portal.documents.intake.answers import LONGEST, Answer, Misunderstood, understood
from portal.documents.intake.reasons import FileRefused, Reason

ROOT = Path(__file__).resolve().parents[3]
START = "import runpy, sys; sys.path.insert(0, sys.argv[1]); runpy.run_module(sys.argv[2], run_name='__main__')"
"""Runs the program that lies beside this one, also where another copy of the portal is installed."""
AT_ONCE = 2
"""Parsers of one web process at a time, so that reading pages goes on beside them."""
PIECE = 1 << 16
OUT_OF_TIME = {signal.SIGALRM, signal.SIGXCPU, signal.SIGKILL}

_places = threading.BoundedSemaphore(AT_ONCE)
log = logging.getLogger("portal.intake")


@dataclass(frozen=True)
class Limits:
    """What a parser may use: seconds in all, bytes of memory, and how many seconds it may wait for its turn."""

    seconds: float = 5
    memory: int = 300_000_000
    waiting: float = 20


LIMITS = Limits()


class Program(enum.Enum):
    """The programs that judge files."""

    WORD = "portal.documents.intake.word"
    PDF = "portal.documents.intake.pdf"

    @property
    def unreadable(self) -> Reason:
        """The reason when the program itself fell over the file."""
        return Reason.BROKEN_WORD if self is Program.WORD else Reason.BROKEN_PDF

    @property
    def too_large(self) -> Reason:
        """The reason when the program wanted more memory than it may have."""
        return Reason.LARGE_WORD if self is Program.WORD else Reason.LARGE_PDF


class _Late(Exception):
    """The parser took more than its time."""


def ask(program: Program, data: bytes, title: str, limits: Limits = LIMITS) -> Answer:
    """Return what a file says, by a process of its own. Raises FileRefused, also when that process dies of it."""
    if not _places.acquire(timeout=limits.waiting):
        raise FileRefused(Reason.BUSY)
    try:
        said, ended = _run(program, data, title, limits)
    except OSError as error:  # this machine can start no process now
        log.warning("parser not started", extra={"error": type(error).__name__})
        raise FileRefused(Reason.BUSY) from error
    except _Late:
        raise FileRefused(Reason.TOO_SLOW) from None
    finally:
        _places.release()
    return judged(program, said, ended)


def judged(program: Program, said: bytes, ended: int) -> Answer:
    """Return the answer in what a parser said, knowing how it ended (as ``Popen.returncode``). Raises FileRefused."""
    try:
        found = understood(said)
    except Misunderstood:
        log.warning("parser died", extra={"program": program.name, "ended": ended})
        raise FileRefused(_of_death(program, -ended)) from None
    if isinstance(found, str):
        log.warning("parser fell over a file", extra={"program": program.name, "error": found})
        raise FileRefused(program.too_large if found == MemoryError.__name__ else program.unreadable)
    if isinstance(found, Reason):
        raise FileRefused(found)
    return found


def _of_death(program: Program, number: int) -> Reason:
    """Return the reason when the process was ended by a signal; libraries abort when they get no more memory."""
    if number in OUT_OF_TIME:
        return Reason.TOO_SLOW
    return program.too_large if number == signal.SIGABRT else program.unreadable


def _run(program: Program, data: bytes, title: str, limits: Limits) -> tuple[bytes, int]:
    """Return what the parser said and how it ended."""
    until = time.monotonic() + limits.seconds
    told = {"seconds": limits.seconds, "memory": limits.memory, "parent": os.getpid(), "title": title}
    with _started(program) as process:
        said = _exchange(process, json.dumps(told).encode() + b"\n" + data, until)
        try:
            return said, process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise _Late from None


@contextmanager
def _started(program: Program) -> Iterator[subprocess.Popen[bytes]]:
    """Give a new parser, and make sure that it is gone afterwards. It gets no environment: that holds secrets."""
    with subprocess.Popen(
        [sys.executable, "-I", "-c", START, str(ROOT), program.value],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        cwd="/",
        env={},
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _exchange(process: subprocess.Popen[bytes], data: bytes, until: float) -> bytes:
    """Write and read by turns, so that neither side waits for the other. Raises _Late and FileRefused."""
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - both are pipes, see _started
    left, said = memoryview(data), bytearray()
    os.set_blocking(process.stdin.fileno(), False)
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdin, selectors.EVENT_WRITE)
        ready.register(process.stdout, selectors.EVENT_READ)
        while len(said) <= LONGEST:
            found = ready.select(max(0.0, until - time.monotonic()))
            if not found or time.monotonic() >= until:
                raise _Late
            if any(key.fileobj is process.stdout for key, _ in found):
                piece = os.read(process.stdout.fileno(), PIECE)
                if not piece:
                    return bytes(said)
                said += piece
            elif left := _write(process.stdin, left):
                continue
            else:
                ready.unregister(process.stdin)
                process.stdin.close()
    raise FileRefused(Reason.TOO_MUCH_TEXT)


def _write(pipe: IO[bytes], left: memoryview) -> memoryview:
    """Write some, and return what is left: nothing when the other side listens no more."""
    try:
        return left[os.write(pipe.fileno(), left[:PIECE]) :]
    except BrokenPipeError:
        return left[:0]
