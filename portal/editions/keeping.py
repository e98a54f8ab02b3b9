"""Editions that were made before. Making one takes some four seconds, so its bytes are kept for whoever asks next.

They lie in a folder below the data folder and not in the database: they follow from it, so no backup needs them and
whoever throws the folder away loses nothing. Each is kept under a mark of everything it was made from. What changes at
once in the handbook, such as a document that is closed, gives another mark, and the old bytes are never found again.
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Select, func, not_, select
from sqlalchemy.orm import Session

from portal.config import Config
from portal.editions.book import gather
from portal.editions.bundle import edition_of
from portal.editions.signing import signing_key
from portal.releases.models import Item, Release, StampedCopy, Version
from portal.releases.queries import bound, holds, published_by, release_by_number, visible_to
from portal.releases.view import View
from portal.web import ROOT

FOLDER = "uitgaven"
MOST_KEPT = 12
SOURCES = (("portal", "*.py"), ("portal/static", "*.*"), ("templates", "*.html"))


def edition(session: Session, config: Config, *, at: datetime, number: int, everything: bool = False) -> bytes | None:
    """Return the edition of a release as known at a moment, made now or before; None when there is no such release.

    Raises TooLarge when the release does not fit in one.
    """
    mark = _mark(session, config, at=at, number=number, everything=everything)
    if mark is None:
        return None
    with _shelf(config) as shelf:
        found = shelf and _kept(shelf, mark)
        if found and (data := _sound(found)):
            return data
        book = gather(session, at=at, number=number, everything=everything)
        if book is None:
            return None
        data = edition_of(book, signing_key(config.secret_key))
        if shelf:
            _keep(shelf, mark, data)
        return data


def kept_size(session: Session, config: Config, *, at: datetime, number: int, everything: bool = False) -> int | None:
    """Return how many bytes the edition of a release has, or None as long as nobody asked for it."""
    mark = _mark(session, config, at=at, number=number, everything=everything)
    found = mark and _kept(config.data_dir / FOLDER, mark)
    try:
        return found.stat().st_size if found else None
    except OSError:  # thrown away between two looks
        return None


def forget(config: Config) -> None:
    """Throw away every kept edition, as must be when something published is destroyed (vernietigen)."""
    for file in (config.data_dir / FOLDER).glob("*.zip"):
        file.unlink(missing_ok=True)


def _mark(session: Session, config: Config, *, at: datetime, number: int, everything: bool) -> str | None:
    """Return a name for all that an edition is made from: contents, what is closed, this program and the key."""
    release = release_by_number(session, View.of_everything(at), number)
    if release is None or release.effective_on is None:
        return None
    view = View(on=release.effective_on, known=at, sees_regio=everything)
    within = (Release.effective_on <= view.on, published_by(view))
    parts: list[object] = [
        (number, everything, _program(), signing_key(config.secret_key).public.fingerprint),
        [tuple(row) for row in session.execute(_holding(view), bound(view))],
        session.scalars(select(Item.code).where(not_(visible_to(view))).order_by(Item.code)).all(),
        [
            tuple(row)
            for row in session.execute(
                select(Release.number, Release.published_at).where(*within).order_by(Release.number)
            )
        ],
    ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _holding(view: View) -> Select[int, str, str, int]:
    """Return the question which versions hold, how they are seen, and what is their last stamped copy."""
    return (
        select(Version.id, Version.content_hash, Item.visibility, func.max(StampedCopy.id))
        .join(Release, Version.release_id == Release.id)
        .join(Item, Version.item_id == Item.id)
        .outerjoin(StampedCopy, StampedCopy.version_id == Version.id)
        .where(holds(view.sees_regio, drafted=False))
        .group_by(Version.id, Version.content_hash, Item.visibility)
        .order_by(Version.id)
    )


@lru_cache(maxsize=1)
def _program() -> str:
    """Return a fingerprint of this program: what an older one made may look different."""
    whole = hashlib.sha256()
    for folder, pattern in SOURCES:
        for file in sorted((ROOT / folder).rglob(pattern)):
            whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


@contextmanager
def _shelf(config: Config) -> Iterator[Path | None]:
    """Give the folder, for one at a time: who comes second finds what the first made. None when it cannot be used."""
    folder = config.data_dir / FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / "slot").open("a")
    except OSError:  # a data folder that is read-only, or full: an edition can do without
        yield None
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _kept(folder: Path, mark: str) -> Path | None:
    return next(folder.glob(f"{mark}.*.zip"), None)


def _sound(file: Path) -> bytes | None:
    """Return the bytes of a kept edition, if they are still those that its name tells."""
    try:
        data = file.read_bytes()
    except OSError:
        return None
    return data if hashlib.sha256(data).hexdigest() == file.name.split(".")[1] else None


def _keep(folder: Path, mark: str, data: bytes) -> None:
    """Keep an edition whole or not at all, in the place of the oldest ones. On a full disk it is not kept."""
    with suppress(OSError):
        for old in (*folder.glob(f"{mark}.*.zip"), *folder.glob("*.deel")):
            old.unlink()
        for old in sorted(folder.glob("*.zip"), key=lambda file: file.stat().st_mtime)[: -MOST_KEPT + 1]:
            old.unlink()
        descriptor, name = tempfile.mkstemp(suffix=".deel", dir=folder)
        with open(descriptor, "wb") as target:
            target.write(data)
        os.replace(name, folder / f"{mark}.{hashlib.sha256(data).hexdigest()}.zip")
