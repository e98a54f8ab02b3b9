"""Files that lie, each made in memory by a function that says in its name what it is."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

from portal.documents.intake.reasons import Reason


@dataclass(frozen=True)
class Hostile:
    """A file, and the reasons it may be refused for; none when it is harmless and must be shown safely."""

    data: bytes
    reasons: tuple[Reason, ...]


Make = Callable[[str], bytes]
KINDS: dict[str, Callable[[str], Hostile]] = {}
"""By name: a function that takes an address which must never be called."""


def kind(*reasons: Reason) -> Callable[[Make], Make]:
    """Register the function below as one kind of hostile file."""

    def register(make: Make) -> Make:
        assert make.__name__ not in KINDS
        KINDS[make.__name__] = lambda home: Hostile(make(home), reasons)
        return make

    return register


def deflated(megabytes: int) -> bytes:
    """Return a raw DEFLATE stream that becomes so many megabytes of spaces.

    It is one piece, again and again, so that making it takes no time.
    """
    engine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    piece = engine.compress(b" " * 1_000_000) + engine.flush(zlib.Z_FULL_FLUSH)
    return piece * megabytes + engine.flush()
