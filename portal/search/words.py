"""The list of Dutch words by which compounds are taken apart, and how words are folded.

``make`` builds the list once into a file that is mapped into memory (under 1 MB); without it the first use builds it.
"""

import subprocess
import sys
import unicodedata
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path

import marisa_trie

SHORTEST = 4
"""Letters in the shortest word a compound may be made of."""
FILE = Path(__file__).with_name("woorden.marisa")
VERSION = f"wordfreq {version('wordfreq')}"


@cache
def word_list() -> marisa_trie.Trie:
    """Return all known words, folded. Raises CalledProcessError when there is no list and none can be written."""
    if not FILE.exists():
        subprocess.run([sys.executable, "-m", "portal.search.build_words"], check=True)
    return marisa_trie.Trie().mmap(str(FILE))


@lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """Return a word in lower case without accents, one letter for each sound: Geëvalueerd is geevalueerd."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
    return "".join(sign for sign in apart if sign.isalnum())
