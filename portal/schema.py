"""The tables of the database: made and changed by the migrations, never by hand."""

from collections.abc import Sequence

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

# Importing the models registers their tables, so that migrations and models can be compared.
from portal.access import models as _access
from portal.audit import models as _audit
from portal.db import Database
from portal.notifications import models as _notifications
from portal.releases import models as _releases
from portal.web import ROOT

MODELS: Sequence[object] = (_access, _audit, _notifications, _releases)


class SchemaError(Exception):
    """The tables are not those this program needs; the message says what to do."""


def alembic_config(database: Database) -> AlembicConfig:
    """Return the settings with which Alembic finds the migrations and this database."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["engine"] = database.writing_engine
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the tables up to a revision; nothing happens when they are there already."""
    command.upgrade(alembic_config(database), revision)


def ready(database: Database) -> None:
    """Make the tables in an empty database. Raises SchemaError when they are of another version of the program."""
    if not inspect(database.engine).get_table_names():
        upgrade(database)
        return
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    newest = ScriptDirectory.from_config(alembic_config(database)).get_current_head()
    if current != newest:
        raise SchemaError(
            f"de database staat op versie {current or 'onbekend'} en dit programma verwacht {newest}; "
            "voer 'portal migrate' uit, of gebruik de nieuwere versie van het programma"
        )
