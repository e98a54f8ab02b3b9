"""The database: one transaction per request, the same on SQLite and PostgreSQL.

A writing request (POST) has one transaction that is committed when it is answered with success and rolled back
otherwise. A reading request (GET, HEAD) never commits: what little it writes (a download in the log, last seen) goes
through ``side_note``, which stands by itself. When nothing can be written (``faults``), reading goes on.
"""

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, ClassVar

from flask import Flask, Response, current_app, g, request
from sqlalchemy import BindParameter, DateTime, Dialect, MetaData, Select, bindparam, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from portal.faults import fault_of

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
BUSY_SECONDS = 10
CONNECT_SECONDS = 10
CACHE_KIB = 16_000
"""What a connection to SQLite may keep of the file; a handbook of its own size fits in half of it."""
SQLITE = sqlite.dialect(paramstyle="named")
log = logging.getLogger("portal.database")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; refuses one without a time zone. SQLite forgets zones, so it is put back when reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC for the database; raises ValueError when it has no time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment as it was put in."""
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Base(DeclarativeBase):
    """All tables. Constraints get predictable names, so that migrations can refer to them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: UtcDateTime}


class Database:
    """Connections to one database, with a reading and a writing kind of transaction."""

    def __init__(self, url: str) -> None:
        """Prepare connections; nothing is opened yet."""
        server = not url.startswith("sqlite")
        patience = (
            {"connect_timeout": CONNECT_SECONDS} if server and "connect_timeout" not in make_url(url).query else {}
        )
        self.engine = create_engine(url, pool_pre_ping=server, connect_args=patience)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _set_up_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        self.writing_engine: Engine = self.engine.execution_options(portal_writing=True)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session of its own that is committed at the end, or rolled back when anything is raised."""
        with Session(self.writing_engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session of its own that is never committed."""
        with Session(self.engine) as session:
            yield session

    def rewrite(self) -> bool:
        """Rewrite an SQLite file, so that no byte of what was deleted is left in it or beside it.

        Returns False when somebody kept it from being done. On PostgreSQL nothing happens: VACUUM is its own affair.
        """
        if self.engine.dialect.name != "sqlite":
            return True
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("VACUUM")  # whole pages, also those of text that was deleted long before
            busy, _pages, _moved = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            log.warning("database not rewritten", extra={"fault": str(error)})
            return False
        else:
            return not busy
        finally:
            connection.close()


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself; _begin_sqlite does
    # patience first: two first commands at once both want to switch the journal
    patience = f"busy_timeout={BUSY_SECONDS * 1000}"
    for pragma in (patience, "journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", f"cache_size=-{CACHE_KIB}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("portal_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


class Prepared:
    """A question that SQLite gets as text: SQLAlchemy would take longer over it than SQLite over the answer.

    For what is asked many times for one page. Values come back as the driver gives them: texts, numbers and bytes.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        """Note what to ask."""
        self._statement = statement

    @cached_property
    def _compiled(self) -> tuple[str, Mapping[str, Any], list[tuple[str, Any]]]:
        """The text, the values that are always the same, and how those of some names are written."""
        compiled = self._statement.compile(dialect=SQLITE)
        ways = {name: bind.type.dialect_impl(SQLITE).bind_processor(SQLITE) for name, bind in compiled.binds.items()}
        return str(compiled), compiled.params, [(name, way) for name, way in ways.items() if way]

    def rows(self, session: Session, given: Mapping[str, Any]) -> Sequence[Any]:
        """Return all rows that it finds with the values given."""
        connection = session.connection()
        if connection.dialect.name != SQLITE.name:
            return connection.execute(self._statement, given).all()
        text, fixed, ways = self._compiled
        values = {**fixed, **given}
        for name, write in ways:
            values[name] = write(values[name])
        cursor = connection.connection.cursor()
        try:
            return cursor.execute(text, values).fetchall()  # type: ignore[no-any-return] # of the driver
        except sqlite3.Error:
            return connection.exec_driver_sql(text, values).all()  # it fails again, as an error that all others know
        finally:
            cursor.close()


def places(name: str, count: int) -> list[BindParameter[Any]]:
    """Return so many parameters for a list in a ``Prepared`` question; ``filled`` gives their values."""
    return [bindparam(f"{name}_{number}", None) for number in range(count)]


def filled(name: str, values: Iterable[Any]) -> dict[str, Any]:
    """Return the values of such a list; the other places stay empty, and nothing is equal to that."""
    return {f"{name}_{number}": value for number, value in enumerate(values)}


def database() -> Database:
    """Return the database of the running application."""
    found: Database = current_app.extensions["portal_database"]
    return found


def session() -> Session:
    """Return the session of this request, begun at first use."""
    if "session" not in g:
        reading = request.method in SAFE_METHODS or g.get("only_reading", False)
        g.session = Session(database().engine if reading else database().writing_engine)
    found: Session = g.session
    return found


@contextmanager
def own_transaction() -> Iterator[Session]:
    """Give a transaction beside the one of the request, for what must be kept whatever the answer: refusals, failures.

    The request's own transaction is rolled back first: SQLite has one writer at a time.
    """
    if "session" in g:
        session().rollback()
    with database().transaction() as own:
        yield own


def give_up_writing() -> None:
    """Drop the transaction of this request after a fault; what still follows, the error page, only reads."""
    _close_session(None)
    g.only_reading = True


@contextmanager
def side_note() -> Iterator[Session]:
    """Give a session for a small write that goes with any request: last seen, a download in the log.

    A writing request writes it with everything else; a reading request in a transaction of its own.
    """
    if request.method in SAFE_METHODS:
        with database().transaction() as own:
            yield own
    else:
        yield session()


@contextmanager
def passing_note() -> Iterator[Session]:
    """Like ``side_note``, for what a reader can do without: on a full disk it is not written and reading goes on."""
    try:
        with side_note() as note:
            yield note
    except DBAPIError as error:
        fault = fault_of(error)
        if request.method not in SAFE_METHODS or fault is None or not fault.stops_writing_only:
            raise
        log.warning("note not written", extra={"fault": fault.name})


def init_app(app: Flask, url: str) -> None:
    """Open the database for this application and end each request's transaction."""
    app.extensions["portal_database"] = Database(url)
    app.after_request(_end_transaction)
    app.teardown_appcontext(_close_session)


def _end_transaction(response: Response) -> Response:
    if "session" not in g:
        return response
    if response.status_code >= 400 or request.method in SAFE_METHODS:
        session().rollback()
        return response
    try:
        session().commit()
    except DBAPIError as error:  # a full disk may only show here; Flask no longer looks for a handler by itself
        return current_app.make_response(current_app.handle_user_exception(error))
    return response


def _close_session(_error: BaseException | None) -> None:
    if "session" in g:
        g.pop("session").close()
