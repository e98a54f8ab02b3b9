"""The traces of destroyed versions outside the tables: kept editions, the files of Whoosh, and free space in SQLite.

They are cleared after the commit, for they must not be made again from what is still there. A process that is killed in
between leaves the row of the destruction as it is, and the worker beside the web processes clears what is left.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from portal.compare import words
from portal.config import Config
from portal.db import Database
from portal.documents import clean, pages, reading
from portal.editions import keeping
from portal.publishing.checks import book
from portal.releases.models import Destruction, Outcome
from portal.search import snippets
from portal.search.engines import choice

log = logging.getLogger("portal.destruction")
CACHES: tuple[Callable[[], None], ...] = (
    reading.forget,
    pages.parse.cache_clear,
    clean.clean.cache_clear,
    words.words.cache_clear,
    book.forget,
    snippets.forget,
)
"""What keeps texts in memory. Other processes of the server keep theirs until these are full or they end; no address
leads there."""


def clear(database: Database, config: Config, at: datetime) -> bool:
    """Clear the traces of everything that was destroyed; nothing happens when there are none.

    Call it without a transaction. Returns False when something stood in the way, such as a full disk or a reader who
    takes long; the log says so, and the next call tries again.
    """
    with database.reading() as session:
        destroyed = select(Destruction.id).where(Destruction.outcome == Outcome.DESTROYED.value)
        numbers = list(session.scalars(destroyed.where(Destruction.cleared_at.is_(None))))
    if not numbers:
        return True
    for forget in CACHES:
        forget()
    try:
        keeping.forget(config)
        choice.forget_files(config)
        done = database.rewrite()
        if done:
            with database.transaction() as session:
                session.execute(update(Destruction).where(Destruction.id.in_(numbers)).values(cleared_at=at))
    except (OSError, DBAPIError) as error:
        log.warning("traces of a destroyed version not cleared yet", extra={"fault": type(error).__name__})
        return False
    return done
