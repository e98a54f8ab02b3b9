"""The automatic numbers of Word: what a reader sees before a paragraph, such as "Artikel 3" or "3.1".

Word keeps no numbers in the text, only which list and level a paragraph is in; numbers come from counting
(ECMA-376 part 1, section 17.9). Lists that share an abstract list share its counters, as they do in Word.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

from portal.documents.controls import WordFile, by_id, is_on, paragraphs, style_chain, style_of, value

LEVELS = 9
HIGHEST_ROMAN = 3_999
HIGHEST_LETTERS = 780
"""What Word can write: MMMCMXCIX, and z thirty times."""


@dataclass(frozen=True)
class Place:
    """Where a paragraph stands in its list: the list (``w:num``) and the level, from 0."""

    list: str
    level: int


@dataclass(frozen=True)
class Level:
    """How one level of a list counts and writes."""

    format: str = "decimal"
    text: str = ""
    start: int = 1
    starts_anew: bool = False
    """Whether the list has its own start, so that its first paragraph does not go on counting (``w:startOverride``)."""
    restart_after: int | None = None
    """The level (from 0) whose next number starts this one again; -1 is never, None is any higher level."""
    legal: bool = False
    """Write the numbers of all levels as 1, 2, 3."""


@dataclass
class _List:
    """The counters of one abstract list. A level that was not met since its last restart counts None."""

    counts: list[int | None] = field(default_factory=lambda: [None] * LEVELS)
    started: set[Place] = field(default_factory=set)


class Numbering:
    """Counts through one document; ``place`` and ``label`` take its paragraphs in order, each once."""

    def __init__(self, numbering: Any | None, styles: Any | None) -> None:
        """Take the roots of the numbering part and the styles part; either may be missing."""
        self._styles = by_id(styles, "w:style", "w:styleId")
        self._nums = by_id(numbering, "w:num", "w:numId")
        self._abstracts = by_id(numbering, "w:abstractNum", "w:abstractNumId")
        self._levels: dict[Place, Level] = {}
        self._lists: dict[str, _List] = {}

    def place(self, paragraph: Any) -> Place | None:
        """Return where a paragraph stands by itself or by its style, or None when it is in no list."""
        style = style_of(paragraph)
        holders = [paragraph, *style_chain(self._styles, style)]
        numbers = (value(holder, "w:pPr", "w:numPr", "w:numId") for holder in holders)
        number = next((n for n in numbers if n), "0")
        if self._abstract(number) is None:  # 0 is how Word takes a paragraph out of the list of its style
            return None
        levels = (value(holder, "w:pPr", "w:numPr", "w:ilvl") for holder in holders)
        level = value(paragraph, "w:pPr", "w:numPr", "w:ilvl") or self._level_of_style(number, holders[1:])
        return Place(number, min(_number(level or next((n for n in levels if n), "")), LEVELS - 1))

    def level(self, place: Place) -> Level:
        """Return how a list counts and writes at a level."""
        if place not in self._levels:
            shared = _of_level(self._abstract(place.list), "w:lvl", place.level)
            self._levels[place] = _read_level(shared, self._override(place))
        return self._levels[place]

    def label(self, place: Place) -> str:
        """Count a paragraph and return its number as Word writes it; bullets give an empty string.

        A higher level that was not met is written as its first number; whether Word then goes on with that number or
        the next is not specified, here it starts with the first.
        """
        counts = self._count(place)
        own = self.level(place)
        if own.format in ("bullet", "none"):
            return ""

        def write(found: re.Match[str]) -> str:
            shown = int(found[1]) - 1
            of = self.level(Place(place.list, shown))
            count = counts[shown]
            return written(of.start if count is None else count, "decimal" if own.legal else of.format)

        return re.sub(r"%([1-9])", write, own.text).strip()

    def _count(self, place: Place) -> list[int | None]:
        counters = self._lists.setdefault(self._shared_name(place.list), _List())
        counts, own = counters.counts, self.level(place)
        count = counts[place.level]
        starts = count is None or (own.starts_anew and place not in counters.started)
        counts[place.level] = own.start if count is None or starts else count + 1
        counters.started.add(place)
        for lower in range(place.level + 1, LEVELS):
            after = self.level(Place(place.list, lower)).restart_after
            if after is None or place.level <= after:
                counts[lower] = None
        return counts

    def _shared_name(self, number: str) -> str:
        abstract = self._abstract(number)
        return "" if abstract is None else str(abstract.get(qn("w:abstractNumId")))

    def _abstract(self, number: str) -> Any | None:
        for _ in range(LEVELS):  # a list may point to the list of a style, and so on; never in a circle
            if number not in self._nums:
                return None
            abstract = self._abstracts.get(value(self._nums[number], "w:abstractNumId"))
            linked = "" if abstract is None else value(abstract, "w:numStyleLink")
            if linked not in self._styles:
                return abstract
            number = value(self._styles[linked], "w:pPr", "w:numPr", "w:numId")
        return None

    def _level_of_style(self, number: str, chain: list[Any]) -> str:
        """Return the level that names the nearest of these styles (ECMA-376 part 1, section 17.9.23)."""
        abstract = self._abstract(number)
        levels = {} if abstract is None else {value(lvl, "w:pStyle"): lvl for lvl in abstract.iterfind(qn("w:lvl"))}
        named = (levels[name] for style in chain if (name := style.get(qn("w:styleId"))) in levels)
        return next((str(lvl.get(qn("w:ilvl"), "")) for lvl in named), "")

    def _override(self, place: Place) -> Any | None:
        return _of_level(self._nums.get(place.list), "w:lvlOverride", place.level)


def numbered(file: WordFile) -> Iterator[tuple[Any, str]]:
    """Give every paragraph of the main text that has an automatic number, with that number."""
    numbering = Numbering(file.part("numbering"), file.part("styles"))
    for paragraph in paragraphs(file.document):
        place = None if _deleted(paragraph) else numbering.place(paragraph)
        if place and (label := numbering.label(place)):
            yield paragraph, label


def written(count: int, format_: str) -> str:
    """Return a number in a format of Word (``w:numFmt``); formats of other scripts are written as 1, 2, 3."""
    return "" if format_ in ("bullet", "none") else _FORMATS.get(format_, str)(count)


def _letters(count: int) -> str:
    """Return a, b, ... z, aa, bb, ... as Word counts."""
    if not 0 < count <= HIGHEST_LETTERS:
        return str(count)
    times, letter = divmod(count - 1, 26)
    return chr(ord("a") + letter) * (times + 1)


def _roman(count: int) -> str:
    if not 0 < count <= HIGHEST_ROMAN:
        return str(count)
    signs = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"))
    text = ""
    for size, sign in (*signs, (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        times, count = divmod(count, size)
        text += sign * times
    return text


_FORMATS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda count: f"{count:02}",
    "lowerLetter": _letters,
    "upperLetter": lambda count: _letters(count).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda count: _roman(count).upper(),
}


def _read_level(shared: Any | None, override: Any | None) -> Level:
    own = None if override is None else override.find(qn("w:lvl"))
    lvl = shared if own is None else own
    if lvl is None:
        return Level(format="none")
    start = "" if override is None else value(override, "w:startOverride")
    restart = value(lvl, "w:lvlRestart")
    return Level(
        format=value(lvl, "w:numFmt") or "decimal",
        text=value(lvl, "w:lvlText"),
        start=_number(start or value(lvl, "w:start")),
        starts_anew=bool(start),
        restart_after=_number(restart) - 1 if restart else None,
        legal=is_on(lvl, "w:isLgl"),
    )


def _deleted(paragraph: Any) -> bool:
    """Whether the end of this paragraph was deleted in tracked changes, so that it has gone up into the next."""
    return paragraph.find("/".join(qn(name) for name in ("w:pPr", "w:rPr", "w:del"))) is not None


def _of_level(holder: Any | None, tag: str, level: int) -> Any | None:
    found = () if holder is None else holder.iterfind(qn(tag))
    return next((element for element in found if _number(element.get(qn("w:ilvl"))) == level), None)


def _number(text: str | None) -> int:
    """Return a count from the file; what is no count, or absurdly high, is 0."""
    return int(text) if text and re.fullmatch("[0-9]{1,5}", text) else 0
