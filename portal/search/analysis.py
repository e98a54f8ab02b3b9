"""An entry as the engines store it: stems per field, and per section the stems and places of its words."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from portal.search.dutch import Token, parts, stem, tokens
from portal.search.entries import Entry

LONGEST_WORD = 60
"""Letters; what is longer is no word anybody would look for."""
BREAK = "\u00b6"
"""Stands between two texts in the place of a word: no phrase goes on across it, and nobody can ask for it."""


@dataclass(frozen=True)
class TextWords:
    """The words of one text as they are stored to be marked in it."""

    stems: str
    """Per stem of a word or of a part of one a line with the numbers of those words, after an empty line."""
    offsets: bytes
    """Where each word begins and ends in the text: pairs of unsigned integers of four bytes."""


@dataclass(frozen=True)
class Fields:
    """What an engine indexes of an entry. ``BREAK`` separates texts that do not go on in each other."""

    title: tuple[str, ...]
    keywords: tuple[str, ...]
    body: tuple[str, ...]
    title_parts: tuple[str, ...]
    body_parts: tuple[str, ...]
    words: tuple[str, ...]
    """Every word as spelled, once."""


@lru_cache(maxsize=100_000)
def stems_of(word: str) -> tuple[str, ...]:
    """Return the stem of a word and, for a compound, those of its parts in every way they may be written."""
    split = (stem(way) for ways in parts(word) for way in ways)
    return tuple(dict.fromkeys((stem(word), *split)))


def code_stem(code: str) -> str:
    """Return the one word as which a code is indexed: ZC-01 is zc01."""
    return code.replace("-", "").lower()


def text_words(text: str) -> TextWords:
    """Return the words of a text with their places."""
    found = _words(text)
    offsets = array("I", (place for token in found for place in (token.start, token.end)))
    numbers: dict[str, list[str]] = {}
    for number, token in enumerate(found):
        for one in stems_of(token.word):
            numbers.setdefault(one, []).append(str(number))
    lines = (f"{one} {' '.join(of_words)}\n" for one, of_words in numbers.items())
    return TextWords("\n" + "".join(lines), offsets.tobytes())


def fields_of(entry: Entry) -> Fields:
    """Return what an engine indexes of an entry. Its own code stands in its title; codes in texts are left out."""
    title = [token.word for token in _words(entry.title)]
    keywords = [[token.word for token in _words(words)] for words in entry.keywords]
    texts = [text for section in entry.sections for text in (section.heading, section.text)]
    body = [[token.word for token in _words(text)] for text in texts if text]
    everything = [*title, *(word for words in (*keywords, *body) for word in words)]
    return Fields(
        title=(code_stem(entry.code), BREAK, *map(stem, title)),
        keywords=_joined(keywords),
        body=_joined(body),
        title_parts=_parts([*title, *(word for words in keywords for word in words)]),
        body_parts=_parts(word for words in body for word in words),
        words=tuple(dict.fromkeys(everything)),
    )


def _words(text: str) -> list[Token]:
    return [token for token in tokens(text) if token.word and len(token.word) <= LONGEST_WORD]


def _joined(texts: Iterable[list[str]]) -> tuple[str, ...]:
    stems = [one for words in texts for one in (*(stem(word) for word in words), BREAK)]
    return tuple(stems[:-1])


def _parts(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(one for word in words for one in stems_of(word)[1:])
