"""How wide words are, and how they are broken into lines."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

_GLYPHS = {
    24: " ",
    28: "',.:;`i|\u2018\u2019\u00b7",
    32: "!Ij",
    36: "()[]l",
    40: "-/\\f{}ï",
    44: "1Jrt",
    48: '"*“”',
    52: "^z",
    56: "?_csvç",
    60: "+<=>Laehknouxyéèëöüáà\u2013",
    64: "27#EFTbdgpq~ÉË",
    68: "0345689PYZ€",
    72: "$BCKRSVX",
    76: "ADGU",
    80: "&HNOQw",
    84: "@",
    92: "Mm…",
    96: "%",
    100: "W",
}
_EM = {glyph: width / 100 for width, glyphs in _GLYPHS.items() for glyph in glyphs}
"""Widths in em of Public Sans 600 and 700, rounded up, so that text also fits in a somewhat wider fallback font."""
_UNKNOWN_EM = 1.0

TITLE_SIZE = 14.5
QUESTION_SIZE = 14.0
NUMBER_SIZE = 19.0
LABEL_SIZE = 13.0
LEADING = 18.0
_ROUNDING = 0.01
_BALANCE = (0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)
"""Shares of the room that are tried first, so that lines get about the same length."""


@lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """Return about how wide this text is in Public Sans, rather too much than too little."""
    return sum(_EM.get(glyph, _UNKNOWN_EM) for glyph in text) * size


def _fill(words: Sequence[str], size: float, rooms: Sequence[float]) -> tuple[str, ...] | None:
    """Put the words on lines with these widths; None when they do not fit or leave a line empty."""
    space = text_width(" ", size)
    lines: list[str] = []
    rest = list(words)
    for room in rooms:
        line: list[str] = []
        used = -space
        while rest and used + space + text_width(rest[0], size) <= room + _ROUNDING:
            used += space + text_width(rest[0], size)
            line.append(rest.pop(0))
        if not line:
            return None
        lines.append(" ".join(line))
    return None if rest else tuple(lines)


def wrap(text: str, size: float, rooms_for: Callable[[int], Sequence[float]]) -> tuple[str, ...]:
    """Break a text into the fewest lines that fit, evenly; no word is ever cut. Empty when no number of lines fits."""
    words = text.split() or [""]
    for count in range(1, len(words) + 1):
        rooms = rooms_for(count)
        for share in _BALANCE:
            lines = _fill(words, size, [room * share for room in rooms])
            if lines is not None:
                return lines
    return ()


def longest_word(texts: Iterable[str], size: float) -> float:
    """Return the width of the longest word in these texts."""
    return max((text_width(word, size) for text in texts for word in text.split()), default=0.0)
