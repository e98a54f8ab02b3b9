"""Whoosh: an index in files beside the database, for who wants search apart from it (PORTAL_SEARCH_ENGINE=whoosh).

An index never changes. What is published later goes into a new generation, a folder of its own beside the old one, and
is read by a new searcher: Whoosh's own ``refresh()`` goes on finding what was deleted. The folders hold nothing that
is not in the database, and may be thrown away at any time.
"""

import hashlib
import json
import logging
import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Select, bindparam, func, select, true
from sqlalchemy.orm import Session
from whoosh import query
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.fields import KEYWORD, STORED, TEXT, Schema
from whoosh.index import create_in, open_dir
from whoosh.scoring import BM25F
from whoosh.util.filelock import FileLock, try_for

from portal.releases.models import Item, Release, Version
from portal.releases.queries import bound, holds
from portal.releases.view import View
from portal.search import trees
from portal.search.analysis import Fields, fields_of
from portal.search.dutch import RECIPE
from portal.search.engines.base import WEIGHTS, Found, Question, the_best
from portal.search.entries import entries_of
from portal.search.models import SearchEntry, SearchState
from portal.search.trees import Phrase, Spelled, Stem, Tree, Where

LAYOUT = 1
"""Goes up with every change of ``SCHEMA``."""
SCHEMA = Schema(
    entry=STORED(),
    version=STORED(),
    **{name: TEXT(analyzer=SpaceSeparatedTokenizer()) for name in ("title", "keywords", "body")},
    **{name: TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=False) for name in ("title_parts", "body_parts")},
    words=KEYWORD(),
)
FIELDS: Mapping[Where, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Where.ANYWHERE: (("title", "keywords", "body", "title_parts", "body_parts"), ("title", "keywords", "body")),
    Where.NAME: (("title", "keywords", "title_parts"), ("title", "keywords")),
    Where.TITLE: (("title",), ("title",)),
}
"""Per place the fields for a stem, and for a phrase: parts of compounds do not stand next to each other."""
NAME = re.compile(r"(?P<family>[0-9a-f]{16})-(?P<last>\d+)-\d+-\d+")
UNFINISHED, LOCK, SEAL = "nieuw-", "slot", "inhoud.json"
PATIENCE = 20.0
"""Seconds to wait for another process that makes an index."""
DECIMALS = 9
"""Of a score: what adding up in another order changes comes after these."""
AT_ONCE = 10_000
"""How many rows are asked for in one statement; both databases allow more."""
NEWER = (
    select(SearchEntry.id, SearchEntry.version_id, SearchEntry.code, SearchEntry.kind)
    .where(SearchEntry.id > bindparam("after"), SearchEntry.id <= bindparam("last"))
    .order_by(SearchEntry.id)
)
log = logging.getLogger("portal.search")


@dataclass(frozen=True)
class Generation:
    """What is in the database to find, as far as a row: another name means another index."""

    family: str
    """Which rows these are: the numbers of rows mean something within one family only."""
    last: int
    size: int
    published: datetime | None
    """When the last row was published: a release that was rolled back gave its numbers to the next one."""

    @property
    def name(self) -> str:
        """The name of its folder; ``NAME`` reads it."""
        moment = self.published.strftime("%Y%m%d%H%M%S%f") if self.published else "0"
        return f"{self.family}-{self.last}-{self.size}-{moment}"


class WhooshEngine:
    """Whoosh with its index in a folder. One object serves all threads of a process, one question at a time."""

    def __init__(self, folder: Path) -> None:
        """Note the folder; it is made when the first question needs it."""
        self._folder = folder
        self._lock = Lock()
        self._open: _Index | None = None

    def add(self, session: Session, entries: Sequence[tuple[int, Fields]]) -> None:
        """Do nothing: the index follows the database at the first question after a change."""

    def remove(self, session: Session, entries: Sequence[int]) -> None:
        """Do nothing: another mark in the database means another index."""

    def forget(self) -> None:
        """Throw every generation away, as must be when a version is destroyed: the next question makes a new one.

        Other processes notice that the folder they opened is gone. Raises OSError as ``prepare`` does.
        """
        with self._lock:
            if not self._folder.is_dir():
                return
            with _alone(self._folder / LOCK):
                for path in self._folder.iterdir():
                    if path.is_dir():
                        shutil.rmtree(path)

    def prepare(self, session: Session) -> None:
        """Bring the index up to date with the database now, so that no question has to wait for it.

        Raises OSError when the folder cannot be written, TimeoutError (which is one) when another process is at it for
        longer than ``PATIENCE``; but as long as there is an older index of the same rows, that one stays in use.
        """
        with self._lock:
            self._current(session)

    def holding(self, session: Session, view: View, trees: Sequence[Tree]) -> set[Tree]:
        """Return those of these trees that hold for anything in this view. Raises OSError as ``prepare`` does."""
        return {tree for tree in trees if self.find(session, view, Question((tree,), most=1))}

    def find(self, session: Session, view: View, question: Question) -> list[Found]:
        """Return what answers a question in this view, as ``Engine`` says. Raises OSError as ``prepare`` does.

        Which versions are in the view is asked of the database and is part of the question to Whoosh; the database is
        asked once more about everything found before anything is counted.
        """
        in_view = set(session.scalars(_versions(view.sees_regio, view.draft is not None), bound(view)))
        with self._lock:
            index = self._current(session)
            answers = index.ask(question, in_view) if index else {}
        rows: list[Any] = []
        numbers = list(answers)
        for start in range(0, len(numbers), AT_ONCE):
            given = {"found": numbers[start : start + AT_ONCE], **bound(view)}
            rows += session.execute(_entries(view.sees_regio, view.draft is not None), given)
        return the_best((Found(row.id, row.code, row.kind, *answers[row.id]) for row in rows), question.most)

    def _current(self, session: Session) -> "_Index | None":
        """Return the opened index of what is in the database, or None when that is nothing; made when it is not there.

        A full disk does not stop searching: what was open before stays open until there is something newer.
        """
        wanted = _generation(session)
        if wanted is None:
            return None
        open_now = self._open
        if open_now and open_now.folder.name == wanted.name and open_now.is_in_place():
            return open_now
        try:
            fresh = _Index(self._made(session, wanted))
        except OSError as error:
            if open_now is None or not open_now.folder.name.startswith(wanted.family):
                raise
            log.warning("search index not renewed", extra={"fault": str(error)})
            return open_now
        if open_now:
            open_now.close()
        self._open = fresh
        return fresh

    def _made(self, session: Session, wanted: Generation) -> Path:
        target = self._folder / wanted.name
        if not _is_sound(target):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _alone(self._folder / LOCK):
                if not _is_sound(target):  # whoever was before us may have made it
                    self._make(session, wanted, target)
        return target

    def _make(self, session: Session, wanted: Generation, target: Path) -> None:
        """Make an index out of sight and put it into place whole; a kill leaves rubbish that the next one removes."""
        for rubbish in self._folder.glob(f"{UNFINISHED}*"):
            shutil.rmtree(rubbish)
        older = self._older(session, wanted)
        fresh = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self._folder))
        if older:
            shutil.copytree(older[1], fresh, ignore=shutil.ignore_patterns(SEAL), dirs_exist_ok=True)
        after = older[0].last if older else 0
        _write(fresh, _documents(session, after, wanted.last), new=older is None)
        (fresh / SEAL).write_text(json.dumps(_contents(fresh)))
        if target.exists():  # damaged
            shutil.rmtree(target)
        fresh.rename(target)
        others = [path for path in self._folder.iterdir() if path.is_dir() and path != target]
        for path in sorted(others, key=lambda path: path.stat().st_mtime)[:-1]:
            shutil.rmtree(path)

    def _older(self, session: Session, wanted: Generation) -> tuple[Generation, Path] | None:
        """Return the newest sound index that the wanted one only adds to."""
        names = map(NAME.fullmatch, (path.name for path in self._folder.iterdir()))
        lasts = {int(name["last"]) for name in names if name and name["family"] == wanted.family}
        for last in sorted(lasts, reverse=True):
            before = _generation(session, upto=last) if last < wanted.last else None
            if before and _is_sound(self._folder / before.name):
                return before, self._folder / before.name
        return None


class _Index:
    """An index that is opened for reading. It never changes, and neither does what is noted of it here."""

    def __init__(self, folder: Path) -> None:
        """Open a sound index. Raises OSError when another process has removed it."""
        self.folder = folder
        self._place = _place(folder)
        self._searcher = open_dir(str(folder), readonly=True).searcher(weighting=BM25F())
        self._entry: dict[int, int] = {}
        self._of_version: dict[int, list[int]] = defaultdict(list)
        for number, stored in self._searcher.reader().iter_docs():
            self._entry[number] = stored["entry"]
            self._of_version[stored["version"]].append(number)

    def is_in_place(self) -> bool:
        """Tell whether the folder is still the one that was opened: not removed, not made anew after damage."""
        return self._place == _place(self.folder)

    def close(self) -> None:
        """Let go of the files."""
        self._searcher.close()

    def ask(self, question: Question, in_view: Iterable[int]) -> dict[int, tuple[int, float]]:
        """Return tier and score by row of what answers a question among the versions in view."""
        allowed = {number for version in in_view for number in self._of_version.get(version, ())}
        if not allowed:  # Whoosh takes an empty filter for none at all
            return {}
        results = self._searcher.search(_asked(question.tree), limit=question.most, filter=allowed)
        scores = dict(results.items())
        tiers = dict.fromkeys(scores, 0)
        for name in question.names if scores else ():
            for number in scores.keys() & set(self._searcher.docs_for_query(_asked(name))):
                tiers[number] += 1
        return {self._entry[number]: (tiers[number], round(score, DECIMALS)) for number, score in scores.items()}


def _generation(session: Session, upto: int | None = None) -> Generation | None:
    """Return what there is to find now, or what of it there was when ``upto`` was the last row; None for nothing."""
    rows = select(func.count(SearchEntry.id).label("size"), func.max(SearchEntry.id).label("last"))
    found = (rows if upto is None else rows.where(SearchEntry.id <= upto)).subquery()
    state = session.execute(
        select(SearchState.recipe, SearchState.mark, found.c.size, found.c.last, Release.published_at)
        .select_from(SearchState)
        .join(found, true())
        .join(SearchEntry, SearchEntry.id == found.c.last)
        .join(Version, Version.id == SearchEntry.version_id)
        .join(Release, Release.id == Version.release_id)
    ).first()
    if state is None:
        return None
    made_with = f"{LAYOUT}; {RECIPE}; {state.recipe}; {state.mark}"
    family = hashlib.sha256(made_with.encode()).hexdigest()[:16]
    return Generation(family, state.last, state.size, state.published_at)


def _documents(session: Session, after: int, last: int) -> Iterator[dict[str, Any]]:
    """Give what Whoosh indexes of the rows after one, up to and including another.

    A row that another version of the program made, and this one would not, is left out.
    """
    rows = session.execute(NEWER, {"after": after, "last": last}).all()
    for version_id, of_version in groupby(rows, key=lambda row: row.version_id):
        entries = entries_of(session.get_one(Version, version_id))
        fields = {(entry.kind, entry.code): fields_of(entry) for entry in entries}
        for row in of_version:
            if found := fields.get((row.kind, row.code)):
                texts = {name: " ".join(stems) for name, stems in vars(found).items()}
                yield {"entry": row.id, "version": version_id, **texts}


def _write(folder: Path, documents: Iterable[Mapping[str, Any]], *, new: bool) -> None:
    index = create_in(str(folder), SCHEMA) if new else open_dir(str(folder))
    writer = index.writer()
    for document in documents:
        writer.add_document(**document)
    writer.commit()
    index.close()


def _contents(folder: Path) -> dict[str, str]:
    """Return the digest of each file in an index by its name, apart from the seal itself."""
    found = {}
    for path in folder.iterdir():
        if path.name != SEAL:
            with path.open("rb") as file:
                found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _place(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def _is_sound(folder: Path) -> bool:
    """Tell whether an index is there, just as it was made. Whoosh itself would find out halfway an answer."""
    try:
        return bool(json.loads((folder / SEAL).read_bytes()) == _contents(folder))
    except (OSError, ValueError):
        return False


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Keep other processes waiting. Raises TimeoutError when another one keeps us waiting for too long."""
    lock = FileLock(str(file))
    if not try_for(lock.acquire, timeout=PATIENCE):
        raise TimeoutError(f"another process is making a search index for more than {PATIENCE:.0f} seconds")
    try:
        yield
    finally:
        lock.release()


def _asked(tree: Tree) -> Any:
    """Return a tree as a query of Whoosh."""
    if isinstance(tree, Stem):
        return query.Or([query.Term(name, tree.stem, boost=WEIGHTS[name]) for name in FIELDS[tree.where][0]])
    if isinstance(tree, Phrase):
        stems = list(tree.stems)
        return query.Or([query.Phrase(name, stems, boost=WEIGHTS[name]) for name in FIELDS[tree.where][1]])
    if isinstance(tree, Spelled):
        return query.Term("words", tree.word)
    joined = query.And if isinstance(tree, trees.All) else query.Or
    return joined([_asked(one) for one in tree.trees])


@cache
def _versions(sees_regio: bool, drafted: bool) -> Select[int]:
    return (
        select(Version.id)
        .join(Release, Release.id == Version.release_id)
        .join(Item, Item.id == Version.item_id)
        .where(holds(sees_regio, drafted))
    )


@cache
def _entries(sees_regio: bool, drafted: bool) -> Select[int, str, str]:
    return (
        select(SearchEntry.id, SearchEntry.code, SearchEntry.kind)
        .join(Version, Version.id == SearchEntry.version_id)
        .join(Release, Release.id == Version.release_id)
        .join(Item, Item.id == Version.item_id)
        .where(SearchEntry.id.in_(bindparam("found", expanding=True)), holds(sees_regio, drafted))
    )
