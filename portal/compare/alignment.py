"""Which things of an old list became which of a new one: in their order, and also across it."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from difflib import SequenceMatcher
from itertools import product

from portal.compare.words import Budget, matches

WIDEST = 2_500
"""Pairs in one gap between things that stayed; above it, what changed there is not paired."""
COSTLY = 400_000
"""Pairs of equal things; above it only what occurs once on both sides is paired."""

Pair = tuple[int, int]
Match = tuple[tuple[int, ...], tuple[int, ...]]
"""Places in the old list and places in the new one that belong together; one of both may be empty."""
Likeness = Callable[[tuple[int, ...], tuple[int, ...]], float]
"""How much is gained by pairing these places; 0 when they do not belong together."""


def align(
    old: Sequence[Hashable], new: Sequence[Hashable], likeness: Likeness, budget: Budget, *, split: bool = False
) -> list[Match]:
    """Return in order what became of each thing, given the keys by which equal things are known.

    With ``split`` one may have become two, and two one. Everything is in order here: what moved is both gone and new.
    """
    found: list[Match] = []
    i = k = 0
    for same_old, same_new in [*_same(old, new, budget), (len(old), len(new))]:
        found += _gap(range(i, same_old), range(k, same_new), likeness, budget, split)
        if same_old < len(old):
            found.append(((same_old,), (same_new,)))
        i, k = same_old + 1, same_new + 1
    return found


def _same(old: Sequence[Hashable], new: Sequence[Hashable], budget: Budget) -> list[Pair]:
    """Return the pairs of equal things, in order."""
    if budget.spend(matches(old, new), COSTLY):
        blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
        return [(i + n, k + n) for i, k, size in blocks for n in range(size)]
    times_old, times_new = Counter(old), Counter(new)
    place = {thing: k for k, thing in enumerate(new) if times_new[thing] == 1}
    return heaviest([(i, place[thing], 1) for i, thing in enumerate(old) if thing in place and times_old[thing] == 1])


def _gap(olds: range, news: range, likeness: Likeness, budget: Budget, split: bool) -> list[Match]:
    """Return the best pairing between two stretches in which nothing is equal."""
    spans = ((1, 1), (1, 2), (2, 1)) if split else ((1, 1),)
    n, m = len(olds), len(news)
    if not (n and m and budget.spend(n * m * len(spans) * 10, WIDEST * 30)):
        return [*(((i,), ()) for i in olds), *(((), (k,)) for k in news)]
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    step: dict[Pair, Pair] = {}
    for i, k in product(range(n, -1, -1), range(m, -1, -1)):
        choices = [(best[i + 1][k], (1, 0))] if i < n else []
        choices += [(best[i][k + 1], (0, 1))] if k < m else []
        for down, right in spans:
            if i + down <= n and k + right <= m:
                gain = likeness(tuple(olds[i : i + down]), tuple(news[k : k + right]))
                choices += [(gain + best[i + down][k + right], (down, right))] if gain > 0 else []
        if choices:
            best[i][k], step[i, k] = max(choices, key=lambda choice: choice[0])
    found, at = [], (0, 0)
    while at in step:
        (i, k), (down, right) = at, step[at]
        found.append((tuple(olds[i : i + down]), tuple(news[k : k + right])))
        at = (i + down, k + right)
    return found


def best_pairs(scores: dict[Pair, float]) -> list[Pair]:
    """Return pairs in which nothing occurs twice, the most alike first; those at the same place go before others."""
    order = sorted(scores, key=lambda pair: (-scores[pair], abs(pair[0] - pair[1]), pair))
    taken_old, taken_new, found = set(), set(), []
    for i, k in order:
        if i not in taken_old and k not in taken_new:
            taken_old.add(i)
            taken_new.add(k)
            found.append((i, k))
    return sorted(found)


def heaviest(pairs: Sequence[tuple[int, int, int]]) -> list[Pair]:
    """Return of (old, new, weight) the heaviest set that keeps its order; the others are those that moved.

    The chains by their last new place, in which a heavier chain that ends earlier replaces all lighter after it.
    """
    ends: list[int] = []
    totals: list[int] = []
    last: list[Pair] = []
    links: dict[Pair, Pair | None] = {}
    for old, new, weight in sorted(pairs):
        place = bisect_left(ends, new)
        total = weight + (totals[place - 1] if place else 0)
        links[old, new] = last[place - 1] if place else None
        stop = place
        while stop < len(ends) and totals[stop] <= total:
            stop += 1
        ends[place:stop], totals[place:stop], last[place:stop] = [new], [total], [(old, new)]
    at = last[-1] if last else None
    found: list[Pair] = []
    while at is not None:
        found.append(at)
        at = links[at]
    return found[::-1]
