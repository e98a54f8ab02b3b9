"""Databases on a PostgreSQL server for tests: made from a template once, and then put back as they were.

To create a database takes the server half a second, most of it for its own catalogue; to put back what a test changed
a tenth of that.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

TABLES = """
    SELECT c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
      AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    GROUP BY c.relname ORDER BY c.relname
"""
SHAPE = """
    SELECT string_agg(format('%s %s %s', c.relname, c.relkind, c.relnatts), ', ' ORDER BY c.relname)
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
"""
"""Changes when tables, columns or indexes do, as in a test of migrations."""
END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
SET_SEQUENCES = """
    SELECT setval(sequencename::regclass, coalesce(last_value, 1), last_value IS NOT NULL) FROM kept.sequences_there
"""


def new_address(server: str) -> str:
    """Return the address of a database that is not there yet."""
    return make_url(server).set(database=f"portal_{uuid.uuid4().hex[:12]}").render_as_string(hide_password=False)


def create(url: str, template: str | None = None) -> None:
    """Make a database, empty or like another one."""
    like = f' TEMPLATE "{make_url(template).database}"' if template else ""
    _administer(url, f'CREATE DATABASE "{make_url(url).database}"{like}')


def drop(url: str) -> None:
    """Remove a database and whoever still has it open."""
    _administer(url, f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')


def keep(url: str) -> None:
    """Note in a schema of its own what stands in a database, for ``put_back``; copies of it have that too."""
    with _connected(url) as connection:
        connection.execute(text("CREATE SCHEMA kept"))
        for name, columns in connection.execute(text(TABLES)):
            connection.execute(text(f'CREATE UNLOGGED TABLE kept."{name}" AS SELECT {columns} FROM "{name}"'))
        connection.execute(text(f"CREATE TABLE kept.sequences_there AS {SEQUENCES}"))
        connection.execute(text(f"CREATE TABLE kept.shape_there AS {SHAPE}"))


class Copy:
    """A database like one that was kept, which can be made as that was again."""

    def __init__(self, url: str) -> None:
        """Look how it stands now: as it was kept."""
        with _connected(url) as connection:
            self._tables: dict[str, str] = {row[0]: row[1] for row in connection.execute(text(TABLES))}
            self._marks = self._look(connection)
        self.url = url

    def put_back(self) -> bool:
        """Let everything be as when it was kept; False when tables themselves changed, and nothing is done."""
        with _connected(self.url) as connection:
            connection.execute(text(END_OTHERS))
            if connection.scalar(text(SHAPE)) != connection.scalar(text("SELECT * FROM kept.shape_there")):
                return False
            connection.execute(text("SET session_replication_role = replica"))  # no triggers, no order of foreign keys
            for name in [name for name, mark in self._look(connection).items() if self._marks[name] != mark]:
                connection.execute(text(f'DELETE FROM "{name}"'))
                columns = self._tables[name]
                again = f'INSERT INTO "{name}" ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM kept."{name}"'
                connection.execute(text(again))
            connection.execute(text(SET_SEQUENCES))
            self._marks = self._look(connection)
        return True

    def _look(self, connection: Connection) -> dict[str, tuple[int, int]]:
        """Return a mark per table: how many rows, and the last transaction that wrote one of them."""
        marks = [f"SELECT '{name}', count(*), max(xmin::text::bigint) FROM \"{name}\"" for name in self._tables]
        return {name: (count, last) for name, count, last in connection.execute(text(" UNION ALL ".join(marks)))}


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def _administer(url: str, statement: str) -> None:
    server = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with server.connect() as connection:
        connection.execute(text(statement))
    server.dispose()
