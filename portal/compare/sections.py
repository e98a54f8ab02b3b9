"""Cutting a text into articles, and finding which article became which."""

from collections import Counter
from collections.abc import Sequence
from itertools import product

from portal.compare.alignment import Pair, best_pairs
from portal.compare.models import NOTES, Block, Kind, Section
from portal.compare.words import Budget, likeness, words

ALIKE = 0.4
"""How much of the longer words of two articles must be the same to be one article."""
LONGER = 4
"""Letters: shorter words say little, every article has them."""
SCORING = 25
"""What weighing two articles costs, beside comparing two words."""


def sections_of(blocks: Sequence[Block]) -> list[Section]:
    """Cut a text at its headings; footnotes get a part of their own."""
    sections: list[Section] = []
    heading, under = Block(Kind.HEADING), list[Block]()
    for block in blocks:
        first_note = block.kind is Kind.NOTE and heading.kind is not Kind.NOTE
        if block.kind is Kind.HEADING or first_note:
            _close(sections, heading, under)
            heading, under = Block(Kind.NOTE, NOTES, level=2) if first_note else block, []
        if block.kind is not Kind.HEADING:
            under.append(block)
    _close(sections, heading, under)
    return sections


def _close(sections: list[Section], heading: Block, under: list[Block]) -> None:
    if under or heading.text or heading.number:
        sections.append(Section(heading.text, heading.number, heading.level, tuple(under)))


def pair_sections(old: Sequence[Section], new: Sequence[Section], budget: Budget) -> list[Pair]:
    """Return which article became which, wherever it stands now; an article occurs in one pair at most."""
    if not budget.spend(len(old) * len(new) * SCORING, 1_000_000):
        return _same_only(old, new)
    words_old, words_new = ([_long_words(section) for section in text] for text in (old, new))
    scores = {
        (i, k): _score(old[i], new[k], _alike(words_old[i], words_new[k]))
        for i, k in product(range(len(old)), range(len(new)))
    }
    return best_pairs({pair: score for pair, score in scores.items() if score})


def _score(old: Section, new: Section, body: float) -> float:
    """Return how sure it is that one article became the other; 0 when it did not."""
    same_heading = old.heading.casefold() == new.heading.casefold() and bool(old.heading or old.number == new.number)
    if not (same_heading or body >= ALIKE):
        return 0
    heading = 1 if same_heading else likeness(old.heading.casefold(), new.heading.casefold())
    return 0.7 * body + 0.3 * heading + (0.05 if old.number == new.number else 0)


def _alike(old: Counter[str], new: Counter[str]) -> float:
    total = old.total() + new.total()
    return 2 * (old & new).total() / total if total else 0


def _long_words(section: Section) -> Counter[str]:
    every = [word.casefold() for block in section.blocks for word in words(block.words)]
    return Counter([word for word in every if len(word) >= LONGER or word[0].isdigit()] or every)


def _same_only(old: Sequence[Section], new: Sequence[Section]) -> list[Pair]:
    """Return the pairs of articles with the same number and heading, as far as these occur once."""
    names = [[(section.number, section.heading) for section in text] for text in (old, new)]
    once = [{name: place for place, name in enumerate(all_) if all_.count(name) == 1} for all_ in names]
    return sorted((place, once[1][name]) for name, place in once[0].items() if name in once[1])
