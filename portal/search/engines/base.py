"""What every engine can do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from sqlalchemy.orm import Session

from portal.releases.view import View
from portal.search.analysis import Fields
from portal.search.trees import Tree, every, some

WEIGHTS = {"title": 5.0, "keywords": 3.0, "body": 1.0, "title_parts": 3.0, "body_parts": 0.3}
"""How much a word counts by the field it stands in (measured: docs/zoeken.md)."""


@dataclass(frozen=True)
class Question:
    """What an engine is asked: the entries for which all ``terms`` hold, or with ``any_term`` at least one.

    ``names`` are trees for titles: entries for which more of them hold go before the rest. With ``most`` only the best
    few are wanted.
    """

    terms: tuple[Tree, ...]
    any_term: bool = False
    names: tuple[Tree, ...] = ()
    most: int | None = None

    @property
    def tree(self) -> Tree:
        """The terms as one tree."""
        return some(self.terms) if self.any_term else every(self.terms)


class Found(NamedTuple):
    """An entry that matches: its row, how many of the names asked for hold, and its score (more is better)."""

    entry_id: int
    code: str
    kind: str
    tier: int
    score: float


class Engine(Protocol):
    """Keeps the fields of entries and finds them again. The filter on visibility is part of every question."""

    def add(self, session: Session, entries: Sequence[tuple[int, Fields]]) -> None:
        """Index entries, given with their row ids, in the transaction of this session."""

    def remove(self, session: Session, entries: Sequence[int]) -> None:
        """Take entries out again, by their row ids; only of drafts."""

    def holding(self, session: Session, view: View, trees: Sequence[Tree]) -> set[Tree]:
        """Return those of these trees that hold for anything in this view."""

    def find(self, session: Session, view: View, question: Question) -> list[Found]:
        """Return the entries in this view that answer a question; whoever wants all must order them."""


def the_best(found: Iterable[Found], most: int | None) -> list[Found]:
    """Return the best few by tier, score and row, the best first; all of them in no order when there is no ``most``."""
    if most is None:
        return list(found)
    return sorted(found, key=lambda one: (-one.tier, -one.score, one.entry_id))[:most]
