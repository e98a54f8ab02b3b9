"""The Dutch layer under every engine: words, stems, compounds and near misses. The same text gives the same, always.

What was measured stands in ``docs/zoeken.md``. Another stemmer or word list gives other stems: ``RECIPE`` then differs
from the one the index was made with, and the index is made anew.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

import Stemmer

from portal.search.words import SHORTEST, VERSION, fold, word_list

RECIPE = f"5; PyStemmer {Stemmer.version()}; {VERSION}"
"""What decides how texts are indexed; the number goes up when analysis, entries, an engine or this changes that."""
TOKEN = re.compile(r"(?P<code>\b[A-Z]{2,3}-\d{2}\b)|[^\W_]+")
LINKS = ("s", "en", "e")
"""What may stand between the words of a compound: huur-schade, zorg-s-..., woning-en-..."""
PARTICLES = frozenset(
    [
        "aaneen",
        "achter",
        "achterna",
        "beneden",
        "binnen",
        "boven",
        "buiten",
        "daar",
        "door",
        "elkaar",
        "heen",
        "heid",
        "heden",
        "hier",
        "langs",
        "ling",
        "loos",
        "lijk",
        "mede",
        "midden",
        "naar",
        "onder",
        "onderuit",
        "over",
        "rond",
        "samen",
        "schap",
        "tegen",
        "terug",
        "toch",
        "toen",
        "tussen",
        "vanaf",
        "veel",
        "verder",
        "vooraf",
        "voor",
        "vooruit",
        "voort",
        "waar",
        "weer",
        "zaam",
        "zelf",
    ]  # words, not a list to keep
)
"""Words that do not make a compound: onderhoud is not onder and houd."""
STOP_WORDS = frozenset(
    [
        "aan",
        "als",
        "bij",
        "dan",
        "dat",
        "de",
        "den",
        "der",
        "des",
        "die",
        "dit",
        "door",
        "een",
        "en",
        "er",
        "het",
        "hij",
        "hoe",
        "ik",
        "in",
        "is",
        "je",
        "kan",
        "maar",
        "me",
        "men",
        "met",
        "mijn",
        "moet",
        "na",
        "naar",
        "niet",
        "nog",
        "of",
        "om",
        "ons",
        "onze",
        "ook",
        "op",
        "over",
        "te",
        "tot",
        "u",
        "uit",
        "uw",
        "van",
        "voor",
        "waar",
        "wanneer",
        "wat",
        "we",
        "welk",
        "welke",
        "wie",
        "wij",
        "wordt",
        "ze",
        "zich",
        "zij",
        "zijn",
        "zo",
    ]  # words, not a list to keep
)
PARTICLE_LENGTHS = tuple(sorted({len(word) for word in PARTICLES}))
SMALL = STOP_WORDS | PARTICLES


class Token(NamedTuple):
    """One word of a text: where it stands, and how it reads without accents and capitals."""

    start: int
    end: int
    word: str


def tokens(text: str) -> Iterator[Token]:
    """Give the words of a text. Codes of other items ("ZC-01") are left out: who may not know of one cannot find it."""
    for found in TOKEN.finditer(text):
        if not found["code"]:
            yield Token(found.start(), found.end(), fold(found[0]))


@cache
def _stemmer(algorithm: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(algorithm)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return the Kraaij-Pohlmann stem of a folded word: huizen is huis."""
    return _meaningful(str(_stemmer("dutch").stemWord(word)), word)


def porter(word: str) -> str:
    """Return the Porter stem of a folded word; words of one Porter class mean each other when asked for."""
    return _meaningful(str(_stemmer("dutch_porter").stemWord(word)), word)


def _meaningful(stemmed: str, word: str) -> str:
    """Return the word itself where a stemmer leaves nothing but a small word: overheid is not over."""
    return word if stemmed in SMALL or len(stemmed) < 2 else stemmed


@lru_cache(maxsize=50_000)
def parts(word: str) -> tuple[tuple[str, ...], ...]:
    """Return the words a compound is made of, each as the ways it may be written, or nothing.

    Verzekeringsplicht is (verzekerings, verzekering) and (plicht): the letter between the two may be part of the first.
    """
    for cut in range(SHORTEST, len(word) - SHORTEST + 1):
        last = word[cut:]
        if not _is_part(last):
            continue
        written = word[:cut]
        bare = [written.removesuffix(link) for link in LINKS if written.endswith(link)]
        firsts = tuple(first for first in (written, *bare) if len(first) >= SHORTEST and _is_part(first))
        if firsts:
            return (tuple(dict.fromkeys(firsts)), *(parts(last) or ((last,),)))
    return ()


def _is_part(word: str) -> bool:
    """Tell whether a compound may be made of this: a known word, also with a small word before it (onderhuur)."""
    if word in PARTICLES:
        return False
    known = word_list()
    return word in known or any(
        len(word) >= cut + SHORTEST and word[:cut] in PARTICLES and word[cut:] in known for cut in PARTICLE_LENGTHS
    )
