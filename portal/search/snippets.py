"""The piece of an entry that shows why it was found: the best section, and the best words in it, with what to mark."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, reduce
from operator import or_
from typing import NamedTuple

from portal.search.analysis import text_words
from portal.search.question import Term

WINDOW = 34
"""Words in a snippet."""
LEAD = 6
"""Words before the first one that is marked."""


class Piece(NamedTuple):
    """A piece of text, marked or not."""

    text: str
    marked: bool


class Snippet(NamedTuple):
    """Where in an entry the words stand, and the text around them."""

    anchor: str
    heading: str
    pieces: tuple[Piece, ...]


class Section(NamedTuple):
    """A section with the title of its entry, as ``SearchEntry`` and ``SearchSection`` have them."""

    entry_id: int
    title: str
    title_stems: str
    title_offsets: bytes
    anchor: str
    heading: str
    text: str
    stems: str
    offsets: bytes


class Places(NamedTuple):
    """The words of a text that answer something: which terms each answers, as bits, by its place among the words."""

    answers: dict[int, int]
    terms: int
    """The terms that are answered, as bits."""
    whole: int
    """Those that are answered by a word; of the others there are only the words a compound is made of."""


class Marker:
    """Knows which words of a text answer which terms."""

    def __init__(self, terms: Sequence[Term]) -> None:
        """Note the stems of each term; a term is a bit in a number."""
        self._whole = _bits(term.marked for term in terms)
        self._apart = _bits(term.marked_apart for term in terms)

    def snippet(self, sections: Sequence[Section]) -> Snippet | None:
        """Return the best piece of the best section; of equal ones the first. None when there is no text at all."""
        best, best_worth = None, (-1, -1, -1)
        for section in sections:
            places = self._places(section.stems)
            whole = places.whole.bit_count()
            if section.heading:
                whole += self._places(_stems(section.heading)).whole.bit_count()
            worth = (whole, places.terms.bit_count(), len(places.answers))
            if section.text and worth > best_worth:
                best, best_worth = (section, places), worth
        if best is None:
            return None
        section, places = best
        found = best_worth[:2] != (0, 0)
        return Snippet(section.anchor if found else "", section.heading if found else "", _cut(section, places))

    def in_title(self, entry: Section) -> tuple[Piece, ...]:
        """Return a title with its words marked."""
        marked = self._places(entry.title_stems).answers
        return tuple(_pieces(entry.title, array("I", entry.title_offsets), marked, 0, len(entry.title)))

    def _places(self, stems: str) -> Places:
        """Find the words that answer; of a compound its parts only where the compound itself is nowhere in the text."""
        found = _find(stems, self._whole)
        terms = whole = _together(found.values())
        apart = {line: terms & ~whole for line, terms in self._apart.items() if terms & ~whole}
        if apart:
            parts = _find(stems, apart)
            terms |= _together(parts.values())
            found = {place: found.get(place, 0) | parts.get(place, 0) for place in found.keys() | parts.keys()}
        return Places({place: found[place] for place in sorted(found)}, terms, whole)


def _bits(of_terms: Iterable[Iterable[str]]) -> dict[str, int]:
    """Return per stem the terms it is of, as bits, under how its line begins (``TextWords``)."""
    bits: dict[str, int] = {}
    for place, stems in enumerate(of_terms):
        for stem in stems:
            line = f"\n{stem} "
            bits[line] = bits.get(line, 0) | 1 << place
    return bits


def _find(stems: str, wanted: Mapping[str, int]) -> dict[int, int]:
    """Look up the lines of the stems that are wanted; much faster than looking at each word."""
    found: dict[int, int] = {}
    for line, terms in wanted.items():
        begin = stems.find(line)
        if begin >= 0:
            begin += len(line)
            for word in map(int, stems[begin : stems.index("\n", begin)].split(" ")):
                found[word] = found.get(word, 0) | terms
    return found


@lru_cache(maxsize=5000)
def _stems(heading: str) -> str:
    return text_words(heading).stems


def forget() -> None:
    """Drop the headings that are kept."""
    _stems.cache_clear()


def _together(answers: Iterable[int]) -> int:
    return reduce(or_, answers, 0)


def _cut(section: Section, places: Places) -> tuple[Piece, ...]:
    """Return the best window of a text, with what goes before and after it left out."""
    hits = list(places.answers)
    start = _start(hits, list(places.answers.values()), places.terms.bit_count())
    offsets = array("I", section.offsets)
    count = len(offsets) // 2
    stop = min(start + WINDOW, count)
    first = offsets[2 * start] if start else 0
    last = offsets[2 * stop - 1] if stop < count else len(section.text)
    shown = hits[bisect_left(hits, start) : bisect_left(hits, stop)]
    pieces = _pieces(section.text, offsets, shown, first, last)
    before = (Piece("… ", marked=False),) if start else ()
    after = (Piece(" …", marked=False),) if stop < count else ()
    return (*before, *pieces, *after)


def _start(hits: Sequence[int], answers: Sequence[int], terms: int) -> int:
    """Return where the window begins with the most terms in it, then the most marked words; of equal ones the first.

    ``hits`` are the places of words that answer some of all ``terms``, and ``answers`` which those are, as bits.
    """
    start, best, end = 0, (0, 0), 0
    for number, hit in enumerate(hits):
        end = bisect_left(hits, hit + WINDOW - LEAD, end)
        if (terms, end - number) > best:  # or it cannot be better
            worth = (_together(answers[number:end]).bit_count(), end - number)
            if worth > best:
                start, best = max(0, hit - LEAD), worth
    return start


def _pieces(text: str, offsets: Sequence[int], marked: Iterable[int], first: int, last: int) -> Iterator[Piece]:
    """Cut a text from ``first`` to ``last`` at the words that are marked, given by their numbers."""
    for number in marked:
        begin, end = offsets[2 * number], offsets[2 * number + 1]
        if first < begin:
            yield Piece(text[first:begin], marked=False)
        yield Piece(text[begin:end], marked=True)
        first = end
    if first < last:
        yield Piece(text[first:last], marked=False)
