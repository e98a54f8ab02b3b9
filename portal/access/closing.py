"""People are closed off: what they left undone ends or goes to others, and is counted.

Packages above this one say what that is with a step of their own (``when_closed_off``). A step runs in the same
transaction, for people who were closed off before too; it loses nothing that anybody wrote.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit.operations import Actor


@dataclass(frozen=True)
class Ended:
    """How many of one thing ended; ``key`` is what the log calls it, ``one`` and ``more`` are its Dutch names."""

    key: str
    one: str
    more: str
    count: int

    @property
    def words(self) -> str:
        """The count with its noun: "3 sessies", "geen sessies"."""
        return f"{self.count or 'geen'} {self.one if self.count == 1 else self.more}"


Step = Callable[[Session, Collection[int], Actor, datetime], Iterable[Ended]]
_steps: list[Step] = []


def when_closed_off(step: Step) -> Step:
    """Add what a package ends for people who are closed off."""
    _steps.append(step)
    return step


def let_go(session: Session, person_ids: Collection[int], *, by: Actor, at: datetime) -> list[Ended]:
    """End what these people left undone, and return what that was."""
    return [ended for step in _steps for ended in step(session, person_ids, by, at)]


def counted(ended: Iterable[Ended]) -> dict[str, int]:
    """Return what the log tells of it: the counts that are not nought."""
    return {one.key: one.count for one in ended if one.count}
