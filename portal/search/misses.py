"""Questions nothing was found for, kept without who asked them, so that an editor can add a synonym or a text."""

import re
from datetime import date, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.search.models import SearchMiss
from portal.search.question import Asked

KEPT = timedelta(days=90)
MOST = 1000
"""How many different questions are kept; somebody who types nonsense all day must not fill the database."""
PERSONAL = re.compile(r"@|\d{4}")
"""What looks like an address of a person or a number of one is never kept."""


def note_miss(session: Session, asked: Asked, day: date) -> None:
    """Remember that nothing answers these words; the words only, in lower case, and the day."""
    words = " ".join(term.typed for term in asked.terms).lower()[:100]
    if not words or PERSONAL.search(words):
        return
    known = session.get(SearchMiss, words)
    if known is not None:
        known.times, known.last_on = known.times + 1, day
    elif (session.scalar(select(func.count()).select_from(SearchMiss)) or 0) < MOST:
        session.add(SearchMiss(words=words, times=1, last_on=day))


def misses(session: Session, most: int) -> list[SearchMiss]:
    """Return what was asked for most often and not found."""
    return list(
        session.scalars(
            select(SearchMiss)
            .order_by(SearchMiss.times.desc(), SearchMiss.last_on.desc(), SearchMiss.words)
            .limit(most)
        )
    )


def forget_misses(session: Session, day: date) -> None:
    """Remove questions that were last asked too long ago."""
    session.execute(delete(SearchMiss).where(SearchMiss.last_on < day - KEPT))
