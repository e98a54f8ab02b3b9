"""What every test may ask for: a database of each kind, the real handbook in it, people, and browsers to visit with."""

import fcntl
import gc
import os
import shutil
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event

from portal import schema
from portal.access.models import Group, Organisation, OrganisationKind
from portal.access.organisations import add_organisation
from portal.access.people import add_person
from portal.app import create_app
from portal.audit.operations import SYSTEM
from portal.config import Config, from_environment
from portal.db import Database
from portal.publishing.content import Handbook, read
from portal.publishing.operations import import_handbook
from tests import postgresql
from tests.running import Running
from tests.small import folder_of, small
from tests.visitor import Visitor

ROOT = Path(__file__).resolve().parent.parent
CONTENT = ROOT / "content"
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
POSTGRESQL = os.environ.get("PORTAL_TEST_DATABASE_URL", "").replace("postgresql://", "postgresql+psycopg://", 1)
LONG = os.environ.get("PORTAL_TEST_LONG") == "1"
settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")

ORGANISATIONS = {
    "Hofstad Wonen": (OrganisationKind.CORPORATIE, "hofstad.example"),
    "Gemeente Hofstad": (OrganisationKind.GEMEENTE, "gemeente-hofstad.example"),
    "Zorg Hofstad": (OrganisationKind.ZORGAANBIEDER, "zorg-hofstad.example"),
    "Regio Hofstad": (OrganisationKind.REGIO, "regio-hofstad.example"),
}
PEOPLE: dict[str, tuple[str, tuple[str, ...], tuple[Group, ...]]] = {
    "corporatie": ("Hofstad Wonen", ("corporatie",), ()),
    "uitvoeringsdienst": ("Gemeente Hofstad", ("uitvoeringsdienst",), ()),
    "procesregisseur": ("Gemeente Hofstad", ("procesregisseur",), ()),
    "gemeente": ("Gemeente Hofstad", ("gemeente",), ()),
    "zorgaanbieder": ("Zorg Hofstad", ("zorgaanbieder",), ()),
    "casusregisseur": ("Zorg Hofstad", ("casusregisseur",), ()),
    "info_meldpunt": ("Regio Hofstad", ("info_meldpunt",), ()),
    "urgentiebureau": ("Regio Hofstad", ("urgentiebureau",), ()),
    "regio": ("Regio Hofstad", ("regio",), ()),
    "redacteur": ("Regio Hofstad", ("info_meldpunt",), (Group.REDACTEUR,)),
    "redacteur_elders": ("Hofstad Wonen", ("corporatie",), (Group.REDACTEUR,)),
    "beheerder": ("Gemeente Hofstad", ("gemeente",), (Group.BEHEERDER,)),
    "auditor": ("Gemeente Hofstad", ("gemeente",), (Group.AUDITOR,)),
}
"""Person by key: organisation, roles, groups. Their addresses are <key>@<domain>."""
ROLES = (
    *("corporatie", "uitvoeringsdienst", "procesregisseur", "gemeente", "zorgaanbieder", "casusregisseur"),
    *("info_meldpunt", "urgentiebureau", "regio"),
)


@dataclass
class Clock:
    """A clock that only moves when a test moves it."""

    moment: datetime = NOW

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **step: float) -> None:
        self.moment += timedelta(**step)


@dataclass
class Site:
    """One installation with its database, clock and application; visitors come from here."""

    config: Config
    database: Database
    app: Flask
    clock: Clock
    visitors: list[Visitor] = field(default_factory=list)

    def visitor(self) -> Visitor:
        """Give a browser in which nobody is signed in."""
        return Visitor(self.app)

    def signed_in(self, key: str) -> Visitor:
        """Give a browser in which this person has signed in by a real link."""
        return Visitor(self.app).sign_in(address_of(key))


def address_of(key: str) -> str:
    return f"{key}@{ORGANISATIONS[PEOPLE[key][0]][1]}"


def pytest_collection_finish() -> None:
    """Keep the garbage collector from going through all tests over and over: that took a tenth of their time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once why tests were skipped: what a machine lacks must not look like a run of everything."""
    reasons = Counter(str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", ()))
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{count} overgeslagen: {reason.removeprefix('Skipped: ')}", yellow=True)
    if not LONG:
        return
    told = [told for report in terminalreporter.stats.get("passed", ()) for told in report.user_properties]
    counted: Counter[str] = Counter()
    for what, number in (value for name, value in told if name == "counted"):
        counted[what] += number
    for what, number in sorted(counted.items()):
        terminalreporter.write_line(f"{number:6} {what}")
    for table in (value for name, value in told if name == "kills"):  # the outcome of every kill
        terminalreporter.write_line(table)


@pytest.fixture(scope="session")
def handbook() -> Handbook:
    """Give the starter handbook as files hold it."""
    return read(CONTENT)


@pytest.fixture(scope="session", params=["sqlite", *(["postgresql"] if POSTGRESQL else [])])
def engine(request: pytest.FixtureRequest) -> str:
    """Run every test that touches the database on each kind of it."""
    return str(request.param)


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return what ``make`` makes at a path, by whichever test process comes first; the others wait for it."""
    root = factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    place = root / name
    with (root / f"{name}.slot").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            make(root / f"{name}.deel")
            (root / f"{name}.deel").rename(place)
    return place


class Templates:
    """Makes databases once and hands out copies, so that a test starts from a filled one in a blink.

    A copy that is given back serves the next test at the same address, so that few applications, connections and
    databases serve all tests.
    """

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self._factory = factory
        self._folder = factory.mktemp("databases")
        self._made: dict[tuple[str, str], str] = {}
        self._free: dict[tuple[str, str], list[str]] = {}
        self._lent: dict[str, tuple[str, str]] = {}
        self._served: dict[str, postgresql.Copy] = {}

    def copy(self, engine: str, name: str, fill: Callable[[Database], None]) -> str:
        """Return the address of a new copy of the template of this name, made with ``fill`` the first time."""
        key = engine, name
        if key not in self._made:
            self._made[key] = self._file(name, fill) if engine == "sqlite" else self._on_server(fill)
        free = self._free.setdefault(key, [])
        copy = self._copy_of_file if engine == "sqlite" else self._copy_on_server
        lent = copy(self._made[key], free.pop() if free else None)
        self._lent[lent] = key
        return lent

    def drop_copy(self, url: str) -> None:
        """Take a copy back; nobody may use it any more."""
        self._free[self._lent.pop(url)].append(url)

    def drop_all(self) -> None:
        for url in (*self._made.values(), *self._lent, *(url for free in self._free.values() for url in free)):
            if url.startswith("postgresql"):
                postgresql.drop(url)

    def _file(self, name: str, fill: Callable[[Database], None]) -> str:
        made = made_once(self._factory, f"sqlite-{name}", lambda file: _make(f"sqlite:///{file}", fill))
        return f"sqlite:///{made}"

    def _on_server(self, fill: Callable[[Database], None]) -> str:
        url = postgresql.new_address(POSTGRESQL)
        postgresql.create(url)
        _make(url, fill)
        postgresql.keep(url)
        return url

    def _copy_of_file(self, template: str, free: str | None) -> str:
        url = free or f"sqlite:///{self._folder / uuid.uuid4().hex}.db"
        file = Path(url.removeprefix("sqlite:///"))
        for made in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
            made.unlink(missing_ok=True)
        shutil.copyfile(template.removeprefix("sqlite:///"), file)
        return url

    def _copy_on_server(self, template: str, free: str | None) -> str:
        if free is not None:
            if self._served[free].put_back():
                return free
            postgresql.drop(free)
        url = free or postgresql.new_address(POSTGRESQL)
        postgresql.create(url, template)
        self._served[url] = postgresql.Copy(url)
        return url


def _make(url: str, fill: Callable[[Database], None]) -> None:
    database = Database(url)
    schema.upgrade(database)
    fill(database)
    database.engine.dispose()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Templates]:
    made = Templates(tmp_path_factory)
    yield made
    made.drop_all()


@pytest.fixture
def blank_url(templates: Templates, engine: str) -> Iterator[str]:
    """Give the address of a database with tables and nothing in them."""
    url = templates.copy(engine, "blank", lambda database: None)
    yield url
    templates.drop_copy(url)


@pytest.fixture
def filled_url(templates: Templates, engine: str, handbook: Handbook) -> Iterator[str]:
    """Give the address of a database with the starter handbook and all people."""
    url = templates.copy(engine, "filled", lambda database: fill(database, handbook))
    yield url
    templates.drop_copy(url)


@pytest.fixture
def small_url(templates: Templates, engine: str, handbook: Handbook) -> Iterator[str]:
    """Give the address of a database with a small handbook and all people."""
    url = templates.copy(engine, "small", lambda database: fill(database, small(handbook)))
    yield url
    templates.drop_copy(url)


@pytest.fixture(scope="session")
def small_folder(handbook: Handbook, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a small handbook as files: a command imports it in a fifth of the time of the starter."""
    return folder_of(small(handbook), tmp_path_factory.mktemp("small") / "handbook")


@pytest.fixture
def demonstrated(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of an installation on which the demonstration ran before: with the starter handbook."""
    return demonstration(tmp_path_factory, tmp_path)


def demonstration(factory: pytest.TempPathFactory, place: Path) -> Path:
    """Return a copy in a folder of an installation on which the demonstration ran before."""
    return Path(shutil.copytree(made_once(factory, "demonstration", _demonstrate), place / "instance"))


def _demonstrate(folder: Path) -> None:
    with Running(folder, "demo") as running:
        running.lines("auditor ")
        running.stop()


def fill(database: Database, handbook: Handbook) -> None:
    with database.transaction() as session:
        published = NOW - timedelta(days=5)
        import_handbook(session, handbook, by=SYSTEM, at=published)
        made: dict[str, Organisation] = {
            name: add_organisation(session, name=name, kind=kind, domains=[domain], by=SYSTEM, at=published)
            for name, (kind, domain) in ORGANISATIONS.items()
        }
        for key, (name, roles, groups) in PEOPLE.items():
            add_person(
                session,
                address=address_of(key),
                organisation=made[name],
                name=f"Naam van {key}",
                roles=roles,
                groups=groups,
                by=SYSTEM,
                at=published,
            )


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Give settings of a plain installation on loopback, without second factor."""
    folder = tmp_path_factory.mktemp("instance")
    return from_environment(
        {
            "PORTAL_DATA_DIR": str(folder),
            "PORTAL_BASE_URL": "http://localhost",
            "PORTAL_SECRET_KEY": "a key for tests only, 32 characters or more",
            "PORTAL_SECOND_FACTOR": "off",
        }
    )


@lru_cache(maxsize=20)
def _application(config: Config) -> Flask:
    """Return the application for these settings: to make one takes longer than most tests."""
    app = create_app(config)
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache()
    return app


@cache
def database_at(url: str) -> Database:
    """Return the connections to an address: what SQLAlchemy compiled once serves every copy that stands there."""
    made = Database(url)
    if made.engine.dialect.name == "sqlite":
        event.listen(made.engine, "connect", lambda connection, record: connection.execute("PRAGMA synchronous=OFF"))
    return made


def make_site(config: Config, url: str, **changes: object) -> Site:
    """Return an installation; its application may have served another test, everything it knows is in the database."""
    clock = Clock()
    config = replace(config, database_url=url, **changes)  # type: ignore[arg-type] # names are checked by replace
    app = _application(config)
    app.config["CLOCK"] = clock
    app.extensions["portal_database"] = database_at(url)
    return Site(config, app.extensions["portal_database"], app, clock)


@pytest.fixture
def site(config: Config, filled_url: str) -> Iterator[Site]:
    """Give an installation with the starter handbook and people of every kind."""
    made = make_site(config, filled_url)
    yield made
    made.database.engine.dispose()


@pytest.fixture
def small_site(config: Config, small_url: str) -> Iterator[Site]:
    """Give an installation with a small handbook and people of every kind."""
    made = make_site(config, small_url)
    yield made
    made.database.engine.dispose()


@pytest.fixture
def empty_site(config: Config, blank_url: str) -> Iterator[Site]:
    """Give an installation with nothing in it."""
    made = make_site(config, blank_url)
    yield made
    made.database.engine.dispose()
