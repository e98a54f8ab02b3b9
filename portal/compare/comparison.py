"""Comparing two texts: first which article became which, then paragraph by paragraph, then word by word."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from portal.compare.alignment import Match, align, best_pairs, heaviest
from portal.compare.models import (
    BREAK,
    Block,
    BlockChange,
    Comparison,
    Kind,
    Op,
    Pieces,
    RowChange,
    Section,
    SectionChange,
    Status,
)
from portal.compare.reading import blocks_of
from portal.compare.sections import pair_sections, sections_of
from portal.compare.tables import compare_tables, tables_alike
from portal.compare.words import Budget, common, compare_words, likeness, replaced, words
from portal.releases.operations import Content

ALIKE = 0.45
"""How much of two paragraphs must be the same to be one that changed."""
SPLIT_ALIKE = 0.7
"""How much of one paragraph must be the same as two others together, to have been split."""
SPLIT_PART = 0.6
"""How much of either of those two must come from it."""
MOVED_ALIKE = 0.65
"""How much of two paragraphs in different places must be the same; there it would sooner be a coincidence."""
MOVED_WORDS = 6
"""Words and signs: shorter paragraphs are not followed to another place."""
FOLLOWING = 15
"""What weighing two paragraphs costs, beside comparing two words."""

Place = tuple[int, int]
"""A paragraph: the number of its section and its number in it, from 0."""


def compare(old: Content, new: Content) -> Comparison:
    """Return the differences in the text of two contents of a document; neither needs to be stored.

    A page, a Word file and a PDF can be compared with each other. Raises WordError when a file cannot be read.
    """
    titles = [str(content.data.get("titel", "")) for content in (old, new)]
    was, now = (blocks_of(content, title, known_as=titles) for content, title in zip((old, new), titles, strict=True))
    return compare_blocks(was, now)


def compare_blocks(old: Sequence[Block], new: Sequence[Block]) -> Comparison:
    """Return the differences between two texts: always the same for the same texts, and nothing is raised."""
    return _Comparer(sections_of(old), sections_of(new)).comparison()


class _Comparer:
    """One comparison: the two texts, what it found of them so far, and what it may still spend on them."""

    def __init__(self, old: list[Section], new: list[Section]) -> None:
        self.old, self.new = old, new
        self.budget = Budget()
        self.pairs = pair_sections(old, new, self.budget)
        self.matches = {pair: self._match(*pair) for pair in self.pairs}
        self.came_from: dict[Place, Place] = {}
        self.went_to: dict[Place, Place] = {}
        self._follow(list(self._left_over(0)), list(self._left_over(1)))

    def comparison(self) -> Comparison:
        sections = tuple(self._section(i, k, moved) for i, k, moved in self._order())
        return Comparison(sections, rough=self.budget.exceeded)

    def _order(self) -> Iterator[tuple[int | None, int | None, bool]]:
        """Give all sections in the order of the new text, those that went where they stood, and whether they moved."""
        weights = (1 + sum(len(words(block.words)) for block in self.old[i].blocks) for i, _ in self.pairs)
        stayed = dict(heaviest([(i, k, weight) for (i, k), weight in zip(self.pairs, weights, strict=True)]))
        partner, paired = {k: i for i, k in self.pairs}, {i for i, _ in self.pairs}
        gone: dict[int | None, list[int]] = {}
        last: int | None = None
        for i in range(len(self.old)):
            last = i if i in stayed else last
            if i not in paired:
                gone.setdefault(last, []).append(i)
        yield from ((i, None, False) for i in gone.get(None, ()))
        for k in range(len(self.new)):
            before = partner.get(k)
            yield before, k, before is not None and before not in stayed
            if before in stayed:
                yield from ((i, None, False) for i in gone.get(before, ()))

    def _match(self, i: int, k: int) -> list[Match]:
        old, new = self.old[i].blocks, self.new[k].blocks

        def gain(olds: tuple[int, ...], news: tuple[int, ...]) -> float:
            return _gain([old[place] for place in olds], [new[place] for place in news])

        return align([_key(block) for block in old], [_key(block) for block in new], gain, self.budget, split=True)

    def _left_over(self, side: int) -> Iterator[Place]:
        """Give the paragraphs of the old text (0) or the new (1) for which there is none in its own article."""
        texts = (self.old, self.new)
        paired = {pair[side] for pair in self.pairs}
        for number, section in enumerate(texts[side]):
            if number not in paired:
                yield from ((number, place) for place in range(len(section.blocks)))
        for pair, found in self.matches.items():
            for match in found:
                yield from ((pair[side], place) for place in match[side] if not match[1 - side])

    def _follow(self, gone: list[Place], come: list[Place]) -> None:
        """Find where paragraphs went, first those that are exactly the same."""
        long = [
            [place for place in places if len(words(_at(text, place).words)) >= MOVED_WORDS]
            for places, text in ((gone, self.old), (come, self.new))
        ]
        waiting: dict[object, list[Place]] = {}
        for place in long[0]:
            waiting.setdefault(_key(_at(self.old, place)), []).append(place)
        for place in long[1]:
            if same := waiting.get(_key(_at(self.new, place))):
                self._moved(same.pop(0), place)
        olds = [place for place in long[0] if place not in self.went_to]
        news = [place for place in long[1] if place not in self.came_from]
        if not (olds and news and self.budget.spend(len(olds) * len(news) * FOLLOWING, 600_000)):
            return
        scores = {}
        for (i, old), (k, new) in product(enumerate(olds), enumerate(news)):
            alike = _alike(_at(self.old, old), _at(self.new, new))
            if alike >= MOVED_ALIKE:
                scores[i, k] = alike
        for i, k in best_pairs(scores):
            self._moved(olds[i], news[k])

    def _moved(self, old: Place, new: Place) -> None:
        self.went_to[old], self.came_from[new] = new, old

    def _section(self, i: int | None, k: int | None, moved: bool) -> SectionChange:
        old = self.old[i] if i is not None else None
        new = self.new[k] if k is not None else None
        heading = compare_words(old.heading if old else "", new.heading if new else "", self.budget)
        blocks = tuple(self._blocks(i, k))
        if old and new:
            same = all(block.status is Status.SAME and not block.moved for block in blocks)
            changed = not same or any(piece.op is not Op.EQUAL for piece in heading)
            status = Status.CHANGED if changed else Status.SAME
        else:
            status = Status.NEW if new else Status.REMOVED
        return SectionChange(
            status=status,
            heading=heading,
            old_number=old.number if old else "",
            new_number=new.number if new else "",
            level=new.level if new else old.level if old else 0,
            blocks=blocks,
            moved=moved,
        )

    def _blocks(self, i: int | None, k: int | None) -> Iterator[BlockChange]:
        if i is not None and k is not None:
            found: Iterable[Match] = self.matches[i, k]
        elif i is not None:
            found = [((place,), ()) for place in range(len(self.old[i].blocks))]
        else:
            found = [((), (place,)) for place in range(len(self.new[k or 0].blocks))]
        for olds, news in found:
            yield self._block([(i or 0, place) for place in olds], [(k or 0, place) for place in news])

    def _block(self, olds: list[Place], news: list[Place]) -> BlockChange:
        if not news and olds[0] in self.went_to:
            block, place = _at(self.old, olds[0]), self.went_to[olds[0]]
            where = _where(self.new, place)
            return BlockChange(Status.MOVED_AWAY, block.kind, old_number=block.number, elsewhere=where)
        elsewhere = ""
        if not olds and news[0] in self.came_from:
            olds = [self.came_from[news[0]]]
            elsewhere = _where(self.old, olds[0])
        before, after = [_at(self.old, place) for place in olds], [_at(self.new, place) for place in news]
        pieces, rows = self._content(before, after)
        return BlockChange(
            status=_status(olds, news, pieces, rows),
            kind=(after or before)[0].kind,
            pieces=pieces,
            rows=rows,
            old_number=before[0].number if before else "",
            new_number=after[0].number if after else "",
            renumbered=bool(olds and news) and not elsewhere and self._relative(olds, 0) != self._relative(news, 1),
            elsewhere=elsewhere,
            old=tuple(olds),
            new=tuple(news),
        )

    def _content(self, before: list[Block], after: list[Block]) -> tuple[Pieces, tuple[RowChange, ...]]:
        if (after or before)[0].kind is Kind.TABLE:
            was, now = (blocks[0].rows if blocks else () for blocks in (before, after))
            return (), compare_tables(was, now, self.budget)
        old, new = (BREAK.join(block.text for block in blocks) for blocks in (before, after))
        return (compare_words(old, new, self.budget) if before and after else replaced(old, new)), ()

    def _relative(self, places: list[Place], side: int) -> str:
        """Return the number of a paragraph without that of its article: of 3.1 in Artikel 3 only ".1"."""
        text = (self.old, self.new)[side]
        own, article = _at(text, places[0]).number, re.search(r"\w+$", text[places[0][0]].number)
        return own.removeprefix(article[0]) if article and own.startswith(f"{article[0]}.") else own


def _at(text: list[Section], place: Place) -> Block:
    return text[place[0]].blocks[place[1]]


def _where(text: list[Section], place: Place) -> str:
    return _at(text, place).number or text[place[0]].label


def _key(block: Block) -> tuple[bool, object]:
    """Return by what equal blocks are known: a list item and a paragraph with the same words are the same text."""
    return (True, block.rows) if block.kind is Kind.TABLE else (False, block.text)


def _alike(old: Block, new: Block) -> float:
    if (old.kind is Kind.TABLE) != (new.kind is Kind.TABLE):
        return 0
    return tables_alike(old.rows, new.rows) if old.kind is Kind.TABLE else likeness(old.text, new.text)


def _gain(old: list[Block], new: list[Block]) -> float:
    """Return how many words are kept by reading these blocks as one that changed, was split or was joined."""
    weight = sum(len(words(block.words)) for block in (*old, *new)) / 2
    if len(old) == len(new):
        alike = _alike(old[0], new[0])
        return alike * weight if alike >= ALIKE else 0
    if any(block.kind is Kind.TABLE for block in (*old, *new)):
        return 0
    [whole], parts = (old, new) if len(old) == 1 else (new, old)
    kept = common(whole.text, BREAK.join(part.text for part in parts))
    for part, other in (parts, parts[::-1]):
        if kept - common(whole.text, other.text) < SPLIT_PART * len(words(part.text)) or not part.text:
            return 0
    return kept if kept / weight >= SPLIT_ALIKE else 0


def _status(olds: list[Place], news: list[Place], pieces: Pieces, rows: tuple[RowChange, ...]) -> Status:
    if not olds or not news:
        return Status.NEW if news else Status.REMOVED
    same = all(piece.op is Op.EQUAL for piece in pieces) and all(row.status is Status.SAME for row in rows)
    return Status.SAME if same else Status.CHANGED
