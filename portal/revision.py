"""Which version of the tables a database has, against the one this program needs.

Read without Alembic, which takes a third of the time to start: it is only loaded (``schema``) to change tables.
"""

import enum

from sqlalchemy import MetaData, Table, inspect, select

from portal.db import Database
from portal.lib.errors import OperatorError
from portal.web import ROOT

VERSION_TABLE = "alembic_version"
NEWEST = max(file.name.partition("_")[0] for file in (ROOT / "migrations/versions").glob("[0-9]*_*.py"))
"""The revision of the newest migration: files are named after theirs, and revisions are counted."""


class SchemaError(OperatorError):
    """The tables are not those this program needs; the message says what to do."""


class Tables(enum.Enum):
    """How the tables of a database stand to this program."""

    NONE = enum.auto()
    OLDER = enum.auto()
    CURRENT = enum.auto()


def tables_of(database: Database) -> Tables:
    """Return how the tables stand. Raises SchemaError when a newer program or another program made them."""
    with database.engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
        if not names - {VERSION_TABLE}:
            return Tables.NONE
        if VERSION_TABLE not in names:
            raise SchemaError("in deze database staan tabellen van een ander programma; kies een lege database")
        table = Table(VERSION_TABLE, MetaData(), autoload_with=connection)
        current = str(connection.scalar(select(table.c.version_num)) or "")
    if current == NEWEST:
        return Tables.CURRENT
    if current.isdigit() and current < NEWEST:
        return Tables.OLDER
    raise SchemaError(
        f"de database staat op versie {current or 'onbekend'} en dit programma kent tot en met {NEWEST}; er is niets "
        "veranderd. Gebruik de nieuwere versie van het programma, of zet een reservekopie van vóór die versie terug"
    )
