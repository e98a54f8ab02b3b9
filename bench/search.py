"""How well and how fast search finds: quality per class of question, latency, publishing, size and memory, per engine.

    python bench/search.py CORPUS.jsonl.gz QUERIES.json [--sizes 1000 10000] [--engines sqlite postgresql whoosh]

CORPUS holds one JSON object a line with title, body and roles; QUERIES a list of [class, question, [line numbers]].
PostgreSQL is measured where PORTAL_TEST_DATABASE_URL names a server on which databases may be made.
"""

import argparse
import gc
import gzip
import json
import os
import statistics
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from portal import schema
from portal.db import Database
from portal.releases.models import Item, ItemKind, Release, Version
from portal.releases.operations import Content, add_version
from portal.releases.view import View
from portal.search.engines.base import Engine
from portal.search.engines.whoosh import WhooshEngine
from portal.search.facets import Facets, Filters
from portal.search.index import database_engine, index_versions
from portal.search.queries import search

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NUMBERS: dict[int, int] = {}
"""The number each release will get, by its row."""
VIEW = View(on=date(2026, 11, 22), known=NOW)
ROLES = ("lezer", "medewerker", "redactie")
NAMES = {"T": "title", "B": "body", "I": "inflected", "Y": "typo", "C1": "split", "C2": "joined"}
ADDED = 40
"""How many single publications are timed."""


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("corpus", type=Path)
    asked.add_argument("queries", type=Path)
    asked.add_argument("--sizes", type=int, nargs="+", default=[1000, 10000])
    asked.add_argument("--engines", nargs="+", default=["sqlite", "postgresql", "whoosh"])
    given = asked.parse_args()
    with gzip.open(given.corpus, "rt", encoding="utf-8") as lines:
        corpus = [json.loads(line) for line in lines]
    queries = json.loads(given.queries.read_text(encoding="utf-8"))
    for size in given.sizes:
        for name in given.engines:
            measure(name, corpus[:size], corpus[-ADDED:], queries if size >= len(corpus) else queries[::5])


def measure(name: str, corpus: list[dict], extra: list[dict], queries: list) -> None:
    """Measure one engine at one size. Quality is only told where the whole corpus is loaded."""
    with tempfile.TemporaryDirectory() as folder, database_for(name, Path(folder)) as database:
        began = time.perf_counter()
        with database.transaction() as session:
            release = new_release(session, 1)
            index_versions(session, [])
            for start in range(0, len(corpus), 500):
                versions = [
                    new_version(session, release, start + n, row) for n, row in enumerate(corpus[start : start + 500])
                ]
                index_versions(session, versions)
            publish(release)
        loading = time.perf_counter() - began
        facets = {f"begrip-{n}": Facets("begrip", frozenset(row["roles"])) for n, row in enumerate(corpus)}
        gc.collect()
        gc.freeze()  # as a web process does once it stands (portal.server)
        with database.reading() as session:
            engine = engine_for(name, session, Path(folder))
            search(session, engine, VIEW, "opwarmen", facets=facets)
            times, recall, first = ask_all(session, engine, facets, queries)
        publishing = [time_publication(database, name, Path(folder), n, row) for n, row in enumerate(extra)]
        print(
            f"\n{name}, {len(corpus)} documents: loaded in {loading:.0f} s, "
            f"{size_of(database, Path(folder), name):.0f} MB, this process {memory():.0f} MB"
        )
        print(
            f"  question p50 {percentile(times, 50):.1f} ms, p95 {percentile(times, 95):.1f} ms; "
            f"publish to searchable p50 {percentile(publishing, 50):.1f} ms, p95 {percentile(publishing, 95):.1f} ms"
        )
        if len(corpus) >= 10000:
            for kind in recall:
                print(f"  {NAMES.get(kind, kind):10} recall@10 {mean(recall[kind]):.3f}  MRR {mean(first[kind]):.3f}")
            print(
                f"  {'mean':10} recall@10 {mean([mean(v) for v in recall.values()]):.3f}  "
                f"MRR {mean([mean(v) for v in first.values()]):.3f}"
            )


def ask_all(
    session: Session, engine: Engine, facets: dict[str, Facets], queries: list
) -> tuple[list[float], dict[str, list[float]], dict[str, list[float]]]:
    """Return the ms each question took with a role filter, and recall and reciprocal rank per class without one."""
    times, recall, first = [], defaultdict(list), defaultdict(list)
    for number, (kind, question, wanted) in enumerate(queries):
        role = ROLES[number % len(ROLES)]
        began = time.perf_counter()
        search(session, engine, VIEW, question, facets=facets, filters=Filters(role=role))
        times.append((time.perf_counter() - began) * 1000)
        results = search(session, engine, VIEW, question, facets=facets)
        codes = [int(hit.code.removeprefix("begrip-")) for hit in (*results.hits, *results.more)]
        relevant = set(wanted)
        recall[kind].append(len(relevant & set(codes)) / min(len(relevant), 10))
        first[kind].append(next((1 / place for place, code in enumerate(codes, 1) if code in relevant), 0.0))
    return times, recall, first


def time_publication(database: Database, name: str, folder: Path, number: int, row: dict) -> float:
    """Return the ms from before publishing one document until it has been found."""
    began = time.perf_counter()
    with database.transaction() as session:
        release = new_release(session, 2 + number)
        row = row | {"title": f"{row['title']} nieuwe{number}"}
        version = new_version(session, release, 100_000 + number, row)
        index_versions(session, [version])
        publish(release)
    with database.reading() as session:
        results = search(session, engine_for(name, session, folder), VIEW, f"nieuwe{number}", facets={})
    if not results.hits:
        raise SystemExit("published and not found")
    return (time.perf_counter() - began) * 1000


def new_release(session: Session, number: int) -> Release:
    """Return a release that is still a draft."""
    release = Release(title=f"uitgave {number}", created_at=NOW)
    session.add(release)
    session.flush()
    release.published_at, release.decided_on, release.effective_on = NOW, VIEW.on, VIEW.on
    NUMBERS[release.id] = number
    return release


def new_version(session: Session, release: Release, number: int, row: dict) -> Version:
    """Return one document of the corpus as a glossary of one term, which takes the way every text takes."""
    item = Item(kind=ItemKind.GLOSSARY.value, code=f"doc-{number}", visibility="alle")
    session.add(item)
    session.flush()
    content = Content({"begrippen": [{"id": str(number), "term": row["title"], "uitleg": row["body"]}]})
    return add_version(session, item=item, release=release, content=content, change_note="", created_by=None, at=NOW)


def publish(release: Release) -> None:
    """Give the release its number; from then on readers see it."""
    release.number = NUMBERS[release.id]


@contextmanager
def database_for(name: str, folder: Path) -> Iterator[Database]:
    """Give an empty database with its tables."""
    if name != "postgresql":
        database = Database(f"sqlite:///{folder}/portal.db")
        schema.upgrade(database)
        yield database
        database.engine.dispose()
        return
    server = os.environ["PORTAL_TEST_DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1)
    made = f"bench_{uuid.uuid4().hex[:8]}"
    administer = create_engine(server, isolation_level="AUTOCOMMIT")
    with administer.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {made}"))
    database = Database(make_url(server).set(database=made).render_as_string(hide_password=False))
    schema.upgrade(database)
    yield database
    database.engine.dispose()
    with administer.connect() as connection:
        connection.execute(text(f"DROP DATABASE {made} WITH (FORCE)"))
    administer.dispose()


def engine_for(name: str, session: Session, folder: Path) -> Engine:
    """Return the engine by its name."""
    return whoosh_in(folder / "zoeken") if name == "whoosh" else database_engine(session)


@cache
def whoosh_in(folder: Path) -> WhooshEngine:
    """Return the one Whoosh engine for a folder."""
    return WhooshEngine(folder)


def size_of(database: Database, folder: Path, name: str) -> float:
    """Return how many MB the database and what lies beside it take."""
    if name == "postgresql":
        with database.reading() as session:
            return session.scalar(text("SELECT pg_database_size(current_database())")) / 1e6
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def memory() -> float:
    """Return the MB this process has in use."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def percentile(values: list[float], share: int) -> float:
    """Return a percentile."""
    return statistics.quantiles(values, n=100)[share - 1]


def mean(values: list[float]) -> float:
    """Return the mean."""
    return statistics.fmean(values)


if __name__ == "__main__":
    main()
