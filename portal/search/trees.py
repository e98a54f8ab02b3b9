"""What an engine is asked: words and phrases joined by all and any. Each engine turns it into its own query."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Where(enum.StrEnum):
    """In which part of an entry a word must stand. As text it is compared quickly, and trees are compared a lot."""

    ANYWHERE = enum.auto()
    """Title, keywords and text, also as part of a compound."""
    NAME = enum.auto()
    """Title and keywords, also as part of a compound in the title."""
    TITLE = enum.auto()
    """The title itself."""


class Stem(NamedTuple):
    """A stem that stands somewhere."""

    stem: str
    where: Where


class Phrase(NamedTuple):
    """Stems that stand next to each other, in this order, as words of their own."""

    stems: tuple[str, ...]
    where: Where


class Spelled(NamedTuple):
    """A word that stands somewhere in exactly this spelling, apart from capitals and accents."""

    word: str


@dataclass(frozen=True)
class All:
    """Everything in it holds."""

    trees: tuple["Tree", ...]


@dataclass(frozen=True)
class Any:
    """At least one thing in it holds."""

    trees: tuple["Tree", ...]


Tree = Stem | Phrase | Spelled | All | Any


def every(trees: Iterable[Tree]) -> Tree:
    """Return the tree that holds where all of these do."""
    found = tuple(dict.fromkeys(trees))
    return found[0] if len(found) == 1 else All(found)


def some(trees: Iterable[Tree]) -> Tree:
    """Return the tree that holds where one of these does."""
    found = tuple(dict.fromkeys(trees))
    return found[0] if len(found) == 1 else Any(found)
