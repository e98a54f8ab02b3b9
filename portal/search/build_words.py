"""Builds the word list: ``python -m portal.search.build_words``. A process of its own, for what this loads is large.

The source is wordfreq, the most frequent Dutch words; docs/zoeken.md has what was measured with this list and others.
"""

import os

import marisa_trie
import wordfreq

from portal.search.words import FILE, SHORTEST, fold

MOST_FREQUENT = 120_000


def main() -> None:
    """Write the list in one go: a list that is half there would take compounds apart in another way."""
    words = {fold(word) for word in wordfreq.top_n_list("nl", MOST_FREQUENT) if word.isalpha()}
    unfinished = FILE.with_suffix(f".{os.getpid()}")
    marisa_trie.Trie(sorted(word for word in words if len(word) >= SHORTEST)).save(str(unfinished))
    unfinished.replace(FILE)


if __name__ == "__main__":
    main()
