"""From what somebody typed to what an engine is asked: phrases, codes, synonyms, compounds and near misses.

Every word means: its stem, or a stem of the same Porter class, or the words it is made of together, or a synonym. A
title with the compound of two words asked for is as good as one with both. A word that nothing in this view answers to
means its nearest neighbours.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property

from rapidfuzz.distance import OSA

from portal.search.analysis import LONGEST_WORD
from portal.search.dutch import LINKS, STOP_WORDS, parts, stem, tokens
from portal.search.trees import Phrase, Stem, Tree, Where, every, some
from portal.search.words import fold

LONGEST, MOST_TERMS = 200, 12
"""How much of what was typed counts: characters, and words or phrases."""
QUOTED = re.compile(r'["“”„«»]([^"“”„«»]*)["“”„«»]')
CODE = re.compile(r"(?<!\w)([a-z]{2,3})(?:-|\s)?0?(\d{1,2})(?!\w)", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""Characters that nobody types; PostgreSQL keeps no text with the first of them."""
SHORTEST_NEAR, TWO_ERRORS_FROM = 4, 8
"""Letters in a word that is allowed to have one typing error, and in one that is allowed to have two."""
MOST_NEAR = 3


@dataclass(frozen=True)
class Term:
    """One word or phrase, with everything it may mean."""

    typed: str
    words: tuple[str, ...] = ()
    """The folded words of it; more than one for a phrase."""
    stems: tuple[str, ...] = ()
    """Each of these alone answers the term."""
    phrases: tuple[tuple[str, ...], ...] = ()
    """Each of these alone answers the term."""
    synonyms: tuple[str, ...] = ()
    """Stems of other words for the same; they answer too, but a title with one is no better than any other text."""
    phrases_meant: tuple[tuple[str, ...], ...] = ()
    """Phrases for the same."""
    parts: tuple[tuple[str, ...], ...] = ()
    """One stem of each of these together answer the term."""
    compounds: tuple[str, ...] = ()
    """Compounds of this word with another one of the question; in a title they are as good as the word itself."""
    near: tuple[str, ...] = ()
    """Words that may have been meant, when the word itself is nowhere; the nearest first."""

    def tree(self, where: Where) -> Tree:
        """Return what answers this term, somewhere."""
        meant = self.compounds if where is Where.TITLE else self.synonyms
        stems = [*self.stems, *meant, *map(stem, self.near)]
        ways: list[Tree] = [Stem(one, where) for one in dict.fromkeys(stems)]
        ways += [Phrase(phrase, where) for phrase in self.phrases]
        if where is not Where.TITLE:
            ways += [Phrase(phrase, where) for phrase in self.phrases_meant]
        if self.parts:
            ways.append(every(some(Stem(one, where) for one in stems) for stems in self.parts))
        return some(ways)

    def loose(self, where: Where) -> tuple[Tree, ...]:
        """Return what comes close to this term: itself, and for a compound each word it is made of."""
        return (self.tree(where), *(some(Stem(one, where) for one in stems) for stems in self.parts))

    @cached_property
    def marked(self) -> frozenset[str]:
        """The stems that are marked in a text because of this term."""
        groups = (self.stems, self.synonyms, *self.phrases, *self.phrases_meant, map(stem, self.near))
        return frozenset(one for group in groups for one in group)

    @cached_property
    def marked_apart(self) -> frozenset[str]:
        """The stems that are marked where none of ``marked`` is there: the words a compound is made of."""
        return frozenset(one for stems in self.parts for one in stems)


@dataclass(frozen=True)
class Asked:
    """What was typed, as terms. ``too_long`` tells that not all of it counts."""

    typed: str
    terms: tuple[Term, ...] = ()
    too_long: bool = False
    suggestion: str | None = None
    """The question with every word that is nowhere replaced by its nearest neighbour."""


@dataclass(frozen=True)
class Knowledge:
    """What the handbook knows about words, in one view."""

    synonyms: Sequence[Sequence[str]] = ()
    """Groups of words and phrases that mean the same, as an editor wrote them."""
    class_of: Callable[[Set[str], Set[str]], Mapping[str, Sequence[str]]] = field(default=lambda *words: {})
    """For words and for compounds that may not exist, by word: the stems in this view of the same Porter class."""
    answered: Callable[[Tree], bool] = field(default=lambda tree: True)
    """Whether anything in this view answers a tree."""
    near: Callable[[str], Sequence[str]] = field(default=lambda word: ())
    """Words of this view that are spelled almost like a word, the nearest first."""


def ask(typed: str, knowledge: Knowledge) -> Asked:
    """Return what somebody typed as terms; any text will do, and text without words gives no terms."""
    text = unicodedata.normalize("NFC", CONTROL.sub(" ", typed))
    pieces = _pieces(text[:LONGEST])
    chosen = pieces[:MOST_TERMS]
    terms = _expanded(chosen, knowledge)
    corrected = tuple(_with_neighbours(term, knowledge) for term in terms)
    return Asked(
        typed=text[:LONGEST].strip(),
        terms=corrected,
        too_long=len(text) > LONGEST or len(pieces) > MOST_TERMS,
        suggestion=_suggestion(text[:LONGEST], [t for t in corrected if t.near and not _known(t, knowledge)]),
    )


def _pieces(text: str) -> list[Term]:
    """Return the words, phrases in quotes and codes of a text, each once; small words only if there is nothing else."""
    found: list[Term] = []
    rest = QUOTED.sub(lambda quoted: _keep_phrase(quoted[1], found), text)
    rest = CODE.sub(lambda code: _keep_code(code, found), rest)
    words = [Term(word, (word,)) for word in _words(rest)]
    useful = [term for term in words if term.words[0] not in STOP_WORDS]
    return list({term.words: term for term in [*found, *(useful or ([] if found else words))]}.values())


def _words(text: str) -> tuple[str, ...]:
    """Return the folded words of a text, without those that are too long to be in the index."""
    plain = unicodedata.normalize("NFC", text).replace("-", " ")
    return tuple(token.word for token in tokens(plain) if 0 < len(token.word) <= LONGEST_WORD)


def _keep_phrase(text: str, found: list[Term]) -> str:
    words = _words(text)
    if len(words) < 2 or CODE.fullmatch(text.strip()):
        return f" {text} "
    found.append(Term(text.strip(), words, phrases=(tuple(map(stem, words)),)))
    return " "


def _keep_code(code: re.Match[str], found: list[Term]) -> str:
    """Read "zc01", "ZC-1" and "KAN 7" as a code; with a space it may as well be a word and a number ("na 14")."""
    letters, number = fold(code[1]), code[2]
    apart = ((letters,), (number, number.zfill(2))) if code[0][len(code[1])].isspace() else ()
    found.append(Term(code[0], (letters, number), stems=(f"{letters}{number.zfill(2)}",), parts=apart))
    return " "


def _expanded(pieces: Sequence[Term], knowledge: Knowledge) -> tuple[Term, ...]:
    groups = [[tuple(map(stem, _words(words))) for words in group] for group in knowledge.synonyms]
    joined = _join_phrases(pieces, {phrase for group in groups for phrase in group if len(phrase) > 1})
    single = [term.words[0] for term in joined if len(term.words) == 1]
    ways = {way for word in single for part in parts(word) for way in part}
    classes = knowledge.class_of({*single, *ways}, {one for word in single for one in _compounds(word, single)})
    terms = []
    for term in joined:
        if len(term.words) == 1:
            term = _word(term, single, classes)
        elif term.stems and knowledge.answered(Stem(term.stems[0], Where.TITLE)):
            term = replace(term, parts=())  # a code there is; then it is not two words
        terms.append(_with_synonyms(term, groups))
    return tuple(terms)


def _join_phrases(pieces: Sequence[Term], known: set[tuple[str, ...]]) -> list[Term]:
    """Make one term of words that stand side by side and are one expression for an editor: gele kaart."""
    joined: list[Term] = []
    rest = list(pieces)
    while rest:
        for length in (3, 2):
            words = tuple(term.words[0] for term in rest[:length] if len(term.words) == 1)
            stems = tuple(map(stem, words))
            if len(words) == length and stems in known:
                joined.append(Term(" ".join(words), words, phrases=(stems,), parts=tuple((one,) for one in stems)))
                rest = rest[length:]
                break
        else:
            joined.append(rest.pop(0))
    return joined


def _word(term: Term, asked: Sequence[str], classes: Mapping[str, Sequence[str]]) -> Term:
    word = term.words[0]
    split = [[one for way in ways for one in (stem(way), *classes.get(way, ()))] for ways in parts(word)]
    return replace(
        term,
        stems=tuple(dict.fromkeys((stem(word), *classes.get(word, ())))),
        parts=tuple(tuple(dict.fromkeys(ways)) for ways in split),
        compounds=tuple({one: None for pair in _compounds(word, asked) for one in classes.get(pair, ())}),
    )


def _compounds(word: str, asked: Iterable[str]) -> list[str]:
    """Return what a word and another one that was asked for would make together; few of these exist."""
    pairs = [pair for other in asked if other != word for pair in ((word, other), (other, word))]
    return [f"{first}{link}{last}" for first, last in pairs for link in ("", *LINKS)]


def _with_synonyms(term: Term, groups: Sequence[Sequence[tuple[str, ...]]]) -> Term:
    own = {(one,) for one in term.stems} | set(term.phrases)
    for group in groups:
        if own & set(group):
            stems = (one[0] for one in group if len(one) == 1)
            phrases = (one for one in group if len(one) > 1)
            term = replace(
                term,
                synonyms=tuple(dict.fromkeys((*term.synonyms, *stems))),
                phrases_meant=tuple(dict.fromkeys((*term.phrases_meant, *phrases))),
            )
    return term


def _with_neighbours(term: Term, knowledge: Knowledge) -> Term:
    """Give a word that is spelled in a way nothing in this view is, its neighbours; never a phrase or a code."""
    if len(term.words) != 1 or len(term.words[0]) < SHORTEST_NEAR:
        return term
    near = knowledge.near(term.words[0])
    return replace(term, near=tuple(near)) if near else term


def _known(term: Term, knowledge: Knowledge) -> bool:
    """Tell whether a word is answered as it was typed, be it in another form."""
    return knowledge.answered(replace(term, near=()).tree(Where.ANYWHERE))


def nearest(word: str, candidates: Iterable[str]) -> list[str]:
    """Return the candidates within the allowed number of typing errors of a word, the nearest first (OSA distance)."""
    allowed = errors_allowed(word)
    distances = ((OSA.distance(word, one, score_cutoff=allowed), one) for one in candidates)
    return [one for distance, one in sorted(distances) if 0 < distance <= allowed]


def errors_allowed(word: str) -> int:
    """Return how many typing errors a word may hold."""
    return 2 if len(word) >= TWO_ERRORS_FROM else 1


def _suggestion(text: str, terms: Sequence[Term]) -> str | None:
    better = {term.words[0]: term.near[0] for term in terms}
    found = [(token, better[token.word]) for token in tokens(text) if token.word in better]
    for token, word in reversed(found):
        text = f"{text[: token.start]}{word}{text[token.end :]}"
    return text.strip() if found else None
