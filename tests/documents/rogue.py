"""A program in the place of a parser that does what a parser in somebody else's hands might do; the title says what."""

import ctypes
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import gettempdir

from portal.documents.intake.answers import Answer
from portal.documents.intake.child import main
from portal.documents.preview import Preview

ESCAPED = Path(gettempdir(), "intake-ontsnapt")


def said(text: str) -> Answer:
    return Answer(Preview((), (), text), text, ())


def refusals(*tries: Callable[[], object]) -> Answer:
    """Try things that must not be possible, and say what became of each."""
    found = []
    for attempt in tries:
        try:
            attempt()
            found.append("gelukt")
        except (OSError, MemoryError) as error:
            found.append(type(error).__name__)
    return said(" ".join(found))


def judge(data: bytes, title: str) -> Answer:
    if title == "locks":
        return refusals(
            lambda: open("/etc/passwd"),
            lambda: open(ESCAPED, "w"),
            socket.socket,
            os.pipe,
            lambda: bytearray(400_000_000),
            lambda: os.listdir("/"),
        )
    if title == "environment":
        return said(" ".join(f"{name}={value}" for name, value in os.environ.items()) + f" {os.getcwd()}")
    if title == "segfault":
        ctypes.string_at(0)
    if title == "chatter":
        while True:
            sys.stdout.buffer.write(b"a" * 1_000_000)
    if title.startswith("says "):
        sys.stdout.buffer.write(title.removeprefix("says ").encode())
        sys.stdout.buffer.flush()
        os._exit(0)
    while title == "sleeps":
        time.sleep(1)  # for ever: whoever asked must not wait for it
    while title == "computes":
        pass
    return said("")


if __name__ == "__main__":
    main(judge, b"")
