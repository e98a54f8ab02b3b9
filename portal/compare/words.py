"""Two texts word by word, as a lawyer would mark them."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from rapidfuzz.distance import LCSseq

from portal.compare.models import BREAK, Op, Piece, Pieces

MONTHS = "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december"
TOKEN = re.compile(
    rf"""
      €\s?\d+(?:\.\d+)*(?:,(?:\d+|-))?                    # € 1.250, € 612,50, € 100,-
    | \d{{1,2}}\s(?:{MONTHS})(?:\s\d{{4}})?\b             # 1 december 2026
    | \d+(?:[.,:/-]\d+)*\s?%                              # 2,5%
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)+                        # een mailadres
    | \d+(?:[.,:/-]\d+)*(?![\w])                          # 1-12-2026, 1.250, 7:230, 9.30
    | \w+(?:[-\u2010\u2011'\u2019/]\w+)*(?:-(?=\s))?      # zorg-, HOV-contract, foto's, en/of
    | [^\w\s]
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What stays whole: amounts, dates, percentages, numbers, hyphenated words; any other sign is a token of its own."""
STRAY = 3
"""Letters: an equal word this short between two changes is a coincidence, such as "per"."""
ISLAND = 4
"""Equal words between two changes are read as a part of them when both changes have this many times more words."""
COSTLY = 200_000
"""Pairs of equal tokens in one comparison; above it a paragraph is shown as replaced. Some 2,000 words are half."""
WITHIN = 0.75
LONG_ENOUGH = 6
"""A text of so many words, of which so much stands in a longer one, is that text with something added."""
SENTENCE_ENDS = ".:;?!"


@dataclass
class Budget:
    """How much work one comparison may do, so that no text, however made, keeps the portal busy for long.

    It counts and never looks at a clock: the same two texts always give the same answer.
    """

    left: int = 3_000_000
    exceeded: bool = False

    def spend(self, cost: int, most: int = COSTLY) -> bool:
        """Take this much, and tell whether it may be done."""
        if cost > min(most, self.left):
            self.exceeded = True
            return False
        self.left -= cost
        return True


@dataclass(frozen=True)
class Token:
    """A word or sign, with the space before it."""

    space: str
    word: str

    @property
    def text(self) -> str:
        """Both."""
        return self.space + self.word


@dataclass
class _Step:
    """A stretch of tokens, from ``i`` to ``j`` in the old and from ``k`` to ``m`` in the new text."""

    equal: bool
    i: int
    j: int
    k: int
    m: int


@lru_cache(maxsize=4_000)
def words(text: str) -> tuple[str, ...]:
    """Return the words and signs of a text."""
    return tuple(TOKEN.findall(text))


def common(old: str, new: str) -> int:
    """Return how many words and signs two texts have in common, in the same order."""
    return int(LCSseq.similarity(words(old), words(new)))


def likeness(old: str, new: str) -> float:
    """Return how much of two texts is the same, from 0 to 1; a text that went into a longer one counts as well."""
    shorter, longer = sorted((len(words(old)), len(words(new))))
    if not shorter:
        return float(shorter == longer)
    same = common(old, new)
    within = same / shorter
    return max(2 * same / (shorter + longer), WITHIN * within if within >= WITHIN and shorter >= LONG_ENOUGH else 0)


def matches(old: Sequence[object], new: Sequence[object]) -> int:
    """Return how many pairs of equal things two sequences have: what comparing them costs."""
    counts = Counter(new)
    return sum(times * counts[thing] for thing, times in Counter(old).items())


def compare_words(old: str, new: str, budget: Budget | None = None) -> Pieces:
    """Return the differences between two texts; equal and deleted pieces give ``old`` back, equal and inserted ``new``.

    Above the budget the whole text is one deletion and one insertion, and the budget says so.
    """
    if old == new:
        return (Piece(Op.EQUAL, old),) if old else ()
    if not old or not new:
        return replaced(old, new)
    a, b = tokens(old), tokens(new)
    left, right = [token.word for token in a], [token.word for token in b]
    if not (budget or Budget()).spend(matches(left, right)):
        return replaced(old, new)
    steps = _steps(left, right)
    _slide(steps, left, right)
    _absorb(steps, left, right)
    return _pieces(steps, a, b)


def replaced(old: str, new: str) -> Pieces:
    """Return the pieces of a text that was replaced as a whole; either may be empty."""
    return tuple(Piece(op, text) for op, text in ((Op.DELETED, old), (Op.INSERTED, new)) if text)


def tokens(text: str) -> list[Token]:
    """Return the tokens of a text; what stands after the last one is a space before nothing."""
    found, end = [], 0
    for match in TOKEN.finditer(text):
        found.append(Token(text[end : match.start()], match[0]))
        end = match.end()
    return [*found, Token(text[end:], "")] if end < len(text) else found


def _steps(a: list[str], b: list[str]) -> list[_Step]:
    codes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return [_Step(tag == "equal", i, j, k, m) for tag, i, j, k, m in codes]


def _slide(steps: list[_Step], a: list[str], b: list[str]) -> None:
    """Let words that only came or only went begin at a sentence, where more than one place would be true.

    "De huur is laag. [De huur is] hoog" and "[De huur is laag.] De huur is hoog" are the same change.
    """
    for before, step, after in zip(steps, steps[1:], steps[2:], strict=False):
        only_new, only_old = step.i == step.j, step.k == step.m
        if not (before.equal and after.equal and only_new != only_old):
            continue
        text, start, end = (b, step.k, step.m) if only_new else (a, step.i, step.j)
        back = 0
        while back < before.j - before.i and text[start - 1 - back] == text[end - 1 - back]:
            back += 1
        forth = 0
        while forth < after.j - after.i and text[start + forth] == text[end + forth]:
            forth += 1
        by = max(range(-back, forth + 1), key=lambda by: (_begins(text, start + by), -abs(by)))
        before.j, before.m, after.i, after.k = before.j + by, before.m + by, after.i + by, after.k + by
        step.i, step.j, step.k, step.m = step.i + by, step.j + by, step.k + by, step.m + by
    joined: list[_Step] = []
    for step in steps:
        if joined and not joined[-1].equal and (not step.equal or step.i == step.j):
            joined[-1].j, joined[-1].m = step.j, step.m
        elif step.i < step.j or step.k < step.m:
            joined.append(step)
    steps[:] = joined


def _begins(text: list[str], place: int) -> int:
    """Return how well a change could begin at a token: best at a sentence, then after a comma."""
    before = text[place - 1] if place else "."
    return 2 if before and before in SENTENCE_ENDS else int(before == ",")


def _absorb(steps: list[_Step], a: list[str], b: list[str]) -> None:
    """Read equal words between two changes as a part of these, when they are there by coincidence."""
    place = 1
    while place < len(steps) - 1:
        before, step, after = steps[place - 1 : place + 2]
        if step.equal and not before.equal and not after.equal and _is_stray(a[step.i : step.j], before, after, a, b):
            steps[place - 1 : place + 2] = [_Step(False, before.i, after.j, before.k, after.m)]
            place = max(place - 2, 1)
        else:
            place += 1


def _is_stray(equal: list[str], before: _Step, after: _Step, a: list[str], b: list[str]) -> bool:
    only_new, only_old = before.i == before.j and after.i == after.j, before.k == before.m and after.k == after.m
    count = _count(equal)
    if only_new or only_old or not count:
        return False
    letters = "".join(equal)
    return (letters.isalpha() and count == 1 and len(letters) <= STRAY) or count * ISLAND <= min(
        _size(before, a, b), _size(after, a, b)
    )


def _size(step: _Step, a: list[str], b: list[str]) -> int:
    return max(_count(a[step.i : step.j]), _count(b[step.k : step.m]))


def _count(tokens: list[str]) -> int:
    return sum(any(c.isalnum() for c in token) for token in tokens)


def _pieces(steps: list[_Step], a: list[Token], b: list[Token]) -> Pieces:
    made: list[tuple[Op, str]] = []
    for step in steps:
        if step.equal:
            for old, new in zip(a[step.i : step.j], b[step.k : step.m], strict=True):
                made += _changed(old.space, new.space)
                made.append((Op.EQUAL, old.word))
        else:
            made += _changed("".join(t.text for t in a[step.i : step.j]), "".join(t.text for t in b[step.k : step.m]))
    return _merged(made)


def _changed(old: str, new: str) -> list[tuple[Op, str]]:
    """Return a change; a space or line end that both begin with stays outside of it."""
    if old == new:
        return [(Op.EQUAL, old)]
    kept = old[0] if old and new and old[0] == new[0] and old[0] in f" {BREAK}" else ""
    return [(Op.EQUAL, kept), (Op.DELETED, old[len(kept) :]), (Op.INSERTED, new[len(kept) :])]


def _merged(made: list[tuple[Op, str]]) -> Pieces:
    pieces: list[Piece] = []
    for op, text in made:
        if not text:
            continue
        if pieces and pieces[-1].op is op:
            pieces[-1] = Piece(op, pieces[-1].text + text)
        else:
            pieces.append(Piece(op, text))
    return tuple(pieces)
