"""Asking a virus scanner about a file: clamd, by the INSTREAM command of clamd(8)."""

import logging
import re
import socket
import struct
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from portal.documents.intake.reasons import FileRefused, Reason

Scanner = Callable[[bytes], None]
"""Looks at a file; raises FileRefused when it found something, and also when it gave no clear answer."""
SECONDS = 20.0
PIECE = 1 << 16
LONGEST = 4096
FOUND = re.compile(rb"stream: ([ -~]{1,200}) FOUND\0?")
log = logging.getLogger("portal.intake")


def clamd(url: str, seconds: float = SECONDS) -> Scanner:
    """Return the scanner at ``PORTAL_CLAMD_URL``, which gets so many seconds in all for a file."""

    def scan(data: bytes) -> None:
        try:
            reply = _ask(url, data, time.monotonic() + seconds)
        except OSError as error:
            log.error("virus scanner away", extra={"error": type(error).__name__})
            raise FileRefused(Reason.SCANNER_AWAY) from error
        if found := FOUND.fullmatch(reply):
            log.warning("virus found", extra={"signature": found[1].decode()})
            raise FileRefused(Reason.VIRUS)
        if reply != b"stream: OK\0":
            log.error("virus scanner gave no judgement", extra={"reply": reply[:200].decode("ascii", "replace")})
            raise FileRefused(Reason.SCANNER_AWAY)

    return scan


def _ask(url: str, data: bytes, until: float) -> bytes:
    """Send the file in pieces, each after its length; a piece of nothing is the end. Return the reply with its NUL."""
    with _connected(url, until) as connection:
        connection.sendall(b"zINSTREAM\0")
        for place in range(0, len(data), PIECE):
            piece = data[place : place + PIECE]
            connection.settimeout(_left(until))
            connection.sendall(struct.pack(">L", len(piece)) + piece)
        connection.sendall(struct.pack(">L", 0))
        reply = b""
        while not reply.endswith(b"\0") and len(reply) < LONGEST:
            connection.settimeout(_left(until))
            more = connection.recv(LONGEST)
            if not more:
                break
            reply += more
        return reply


def _connected(url: str, until: float) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme == "tcp":
        return socket.create_connection((parts.hostname or "", parts.port or 0), _left(until))
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(_left(until))
        connection.connect(parts.path)
    except OSError:
        connection.close()
        raise
    return connection


def _left(until: float) -> float:
    """Return the seconds left. Raises TimeoutError, which is an OSError, when there are none."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
