"""The piece of an entry that shows why it was found: the best section, and the best words in it, with what to mark."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

from portal.search.analysis import stems_of
from portal.search.dutch import tokens
from portal.search.question import Term

WINDOW = 34
"""Words in a snippet."""
LEAD = 6
"""Words before the first one that is marked."""


@dataclass(frozen=True)
class Piece:
    """A piece of text, marked or not."""

    text: str
    marked: bool


@dataclass(frozen=True)
class Snippet:
    """Where in an entry the words stand, and the text around them."""

    anchor: str
    heading: str
    pieces: tuple[Piece, ...]


class SectionText(Protocol):
    """What is stored of a section: its text and the words in it (``models.SearchSection``)."""

    anchor: str
    heading: str
    text: str
    stems: str
    offsets: bytes


class Places(NamedTuple):
    """The words of a text that answer something: which terms each answers, as bits, by its place among the words."""

    answers: dict[int, int]
    whole: int
    """The terms that are answered by a word, as bits; of the others there are only the words a compound is made of."""

    @property
    def terms(self) -> int:
        """The terms that are answered, as bits."""
        return _together(self.answers.values())


class Marker:
    """Knows which words of a text answer which terms."""

    def __init__(self, terms: Sequence[Term]) -> None:
        """Note the stems of each term; a term is a bit in a number."""
        self._whole = _bits(term.marked for term in terms)
        self._apart = _bits(term.marked_apart for term in terms)

    def snippet(self, sections: Sequence[SectionText]) -> Snippet | None:
        """Return the best piece of the best section; of equal ones the first. None when there is no text at all."""
        best, best_worth = None, (-1, -1, -1)
        for section in sections:
            places, heading = self._places(section.stems), self._places(_analysed(section.heading)[0])
            worth = (_count(places.whole) + _count(heading.whole), _count(places.terms), len(places.answers))
            if section.text and worth > best_worth:
                best, best_worth = (section, places), worth
        if best is None:
            return None
        section, places = best
        found = best_worth[:2] != (0, 0)
        return Snippet(section.anchor if found else "", section.heading if found else "", _cut(section, places))

    def in_title(self, title: str) -> tuple[Piece, ...]:
        """Return a title with its words marked."""
        stems, words = _analysed(title)
        return _pieces(title, words, self._places(stems), 0, 0, len(title))

    def _places(self, stems: str) -> Places:
        """Find the words that answer; of a compound its parts only where the compound itself is nowhere in the text."""
        found = _find(stems, self._whole)
        whole = _together(found.values())
        for place, terms in _find(stems, self._apart).items():
            if terms & ~whole:
                found[place] = found.get(place, 0) | terms & ~whole
        return Places(dict(sorted(found.items())), whole)


def _bits(of_terms: Iterable[Iterable[str]]) -> dict[str, int]:
    bits: dict[str, int] = {}
    for place, stems in enumerate(of_terms):
        for stem in stems:
            bits[stem] = bits.get(stem, 0) | 1 << place
    return bits


def _find(stems: str, wanted: Mapping[str, int]) -> dict[int, int]:
    """Look for each stem in the words as they are stored; much faster than looking at each word."""
    text = f" {stems} "
    found: dict[int, int] = {}
    for stem, terms in wanted.items():
        begin, counted, word = text.find(stem), 0, -1
        while begin >= 0:
            end = begin + len(stem)
            if text[begin - 1] in " |" and text[end] in " |":
                word += text.count(" ", counted, begin)
                counted = begin
                found[word] = found.get(word, 0) | terms
            begin = text.find(stem, end)
    return found


@lru_cache(maxsize=5000)
def _analysed(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return the stems of a short text as they are stored for a section, and where its words stand."""
    found = list(tokens(text))
    return " ".join("|".join(stems_of(one.word)) for one in found), tuple((one.start, one.end) for one in found)


def _together(answers: Iterable[int]) -> int:
    together = 0
    for answer in answers:
        together |= answer
    return together


def _count(terms: int) -> int:
    return terms.bit_count()


def _cut(section: SectionText, places: Places) -> tuple[Piece, ...]:
    """Return the window of the text with the most terms in it, then the most marked words; of equal ones the first."""
    hits = list(places.answers.items())
    start, best = 0, (0, 0)
    for number, (hit, _answers) in enumerate(hits):
        window = [answers for place, answers in hits[number : number + WINDOW] if place < hit + WINDOW - LEAD]
        worth = (_count(_together(window)), len(window))
        if worth > best:
            start, best = max(0, hit - LEAD), worth
    offsets = array("I", section.offsets)
    count = len(offsets) // 2
    stop = min(start + WINDOW, count)
    words = list(zip(offsets[2 * start : 2 * stop : 2], offsets[2 * start + 1 : 2 * stop : 2], strict=True))
    first = words[0][0] if start else 0
    last = words[-1][1] if stop < count else len(section.text)
    pieces = _pieces(section.text, words, places, start, first, last)
    before = (Piece("… ", marked=False),) if start else ()
    after = (Piece(" …", marked=False),) if stop < count else ()
    return (*before, *pieces, *after)


def _pieces(
    text: str, words: Sequence[tuple[int, int]], places: Places, start: int, first: int, last: int
) -> tuple[Piece, ...]:
    """Cut a text from ``first`` to ``last`` at the marked words; the first of the words given is number ``start``."""
    found: list[Piece] = []
    for number, (begin, end) in enumerate(words, start):
        if number in places.answers:
            found += [Piece(text[first:begin], marked=False), Piece(text[begin:end], marked=True)]
            first = end
    found.append(Piece(text[first:last], marked=False))
    return tuple(piece for piece in found if piece.text)
