"""How words of a handbook are compared and searched for codes."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable


def repeated(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that occur more than once."""
    return tuple(name for name, count in Counter(names).items() if count > 1)


def codes_in(words: str) -> list[str]:
    """Return the codes in a sentence; not the target of a link, which has a rule of its own."""
    return re.findall(r"(?<![\w:-])[A-Z]{2,6}-[0-9]{2,3}(?![\w-])", words)


def spaced(words: str) -> str:
    """Return words with single spaces between them."""
    return " ".join(words.split())


def code_pattern(code: str) -> re.Pattern[str]:
    """Return what finds a code in folded words, however its parts are joined."""
    letters, _, digits = code.casefold().rpartition("-")
    return re.compile(rf"(?<![^\W_]){letters}[-_\s]*{digits}(?![^\W_])")


SIGNS = str.maketrans(
    dict.fromkeys("\u2010\u2012\u2013\u2014\u2015\u2212", "-") | dict.fromkeys("\xad\u200b\u200c\u200d\u2060\ufeff")
)
"""Dashes as one, and signs that nobody sees as none."""


def folded(words: str) -> str:
    """Return words as they compare: without case, invisible signs, and kinds of spaces and dashes."""
    return spaced(unicodedata.normalize("NFKC", words).translate(SIGNS).casefold())
