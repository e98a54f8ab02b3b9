"""The tables of the database: made and changed by the migrations, never by hand."""

from collections.abc import Sequence

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.util import CommandError

# Importing the models registers their tables, so that migrations and models can be compared.
from portal.access import models as _access
from portal.audit import models as _audit
from portal.db import Database
from portal.factors import models as _factors
from portal.links import models as _links
from portal.notifications import models as _notifications
from portal.publishing import models as _publishing
from portal.releases import models as _releases
from portal.revision import SchemaError, Tables, tables_of
from portal.search import models as _search
from portal.sso import models as _sso
from portal.web import ROOT

MODELS: Sequence[object] = (_access, _audit, _factors, _links, _notifications, _publishing, _releases, _search, _sso)


def alembic_config(database: Database) -> AlembicConfig:
    """Return the settings with which Alembic finds the migrations and this database."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(ROOT / "migrations").replace("%", "%%"))  # % is its own sign
    config.attributes["engine"] = database.writing_engine
    return config


def upgrade(database: Database) -> None:
    """Bring the tables up to this program, all or nothing; nothing happens when they are there already.

    Raises SchemaError when a newer program or another program made them.
    """
    if tables_of(database) is Tables.CURRENT:
        return
    try:
        command.upgrade(alembic_config(database), "head")
    except CommandError as error:  # a version that none of the migrations made
        raise SchemaError(f"de tabellen kunnen niet worden bijgewerkt: {error}") from error
