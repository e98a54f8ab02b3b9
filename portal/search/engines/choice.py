"""Which engine answers, by the settings (PORTAL_SEARCH_ENGINE)."""

from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from portal.config import Config
from portal.search.engines.base import Engine
from portal.search.engines.whoosh import WhooshEngine
from portal.search.index import database_engine

FOLDER = "zoeken"
"""In the data folder, for Whoosh."""


def engine_of(session: Session, config: Config) -> Engine:
    """Return the engine of an installation: the database of this session itself, or Whoosh beside it."""
    return _whoosh(config.data_dir / FOLDER) if config.search_engine == "whoosh" else database_engine(session)


def forget_files(config: Config) -> None:
    """Throw away what Whoosh keeps beside the database, also when it is not in use now. Raises OSError."""
    _whoosh(config.data_dir / FOLDER).forget()


@cache
def _whoosh(folder: Path) -> WhooshEngine:
    """Return the one engine of this process for a folder, which keeps its index open between questions."""
    return WhooshEngine(folder)
