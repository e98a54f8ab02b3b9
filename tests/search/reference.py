"""A slow search that is plainly right: a loop over the texts somebody may see. It shares stemmer and word list only.

What the search leaves open is decided here as the search does it; each such choice says "by choice".
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from portal.releases.view import View
from portal.search.dutch import STOP_WORDS, parts, porter, stem, tokens
from portal.search.facets import Facets, Filters
from portal.search.words import fold

LONGEST_QUESTION, MOST_TERMS, LONGEST_WORD, MOST_NEIGHBOURS = 200, 12, 60, 3
QUOTES = '"“”„«»'
CODE = re.compile(r"(?<!\w)([A-Za-z]{2,3})(-|\s|)0?([0-9]{1,2})(?!\w)")
Phrase = tuple[str, ...]


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def words_of(text: str) -> Phrase:
    """Return the words of a text; codes of items are no words."""
    return tuple(token.word for token in tokens(composed(text)) if token.word and len(token.word) <= LONGEST_WORD)


def stems_of(word: str) -> set[str]:
    """Return what a word in a text answers to: its stem, and for a compound the stem of each part."""
    return {stem(word)} | {stem(way) for ways in parts(word) for way in ways}


@dataclass(frozen=True)
class Text:
    """Something to find, as an editor wrote it; ``sections`` are headings with texts."""

    code: str
    kind: str
    title: str
    keywords: Phrase = ()
    sections: tuple[tuple[str, str], ...] = ()

    @cached_property
    def runs(self) -> list[Phrase]:
        """The words of each piece; no phrase goes on from one into the next."""
        pieces = [self.title, *self.keywords, *(piece for section in self.sections for piece in section)]
        return [words_of(piece) for piece in pieces]

    @cached_property
    def title_stems(self) -> set[str]:
        """The stems in the title, in which an entry's own code stands as one word."""
        return {self.code.replace("-", "").lower()} | {stem(word) for word in self.runs[0]}

    @cached_property
    def stems(self) -> set[str]:
        return self.title_stems.union(*(stems_of(word) for run in self.runs for word in run))

    def has(self, phrase: Phrase) -> bool:
        """Tell whether these stems stand side by side, as words of their own."""
        for run in self.runs:
            stems = tuple(map(stem, run))
            if any(stems[at : at + len(phrase)] == phrase for at in range(len(stems))):
                return True
        return False


@dataclass(frozen=True)
class Written:
    """One version of an item in a release; without a number the release is a draft."""

    item: str
    release: int
    number: int | None
    published: datetime
    effective: date
    texts: tuple[Text, ...] = ()
    synonyms: tuple[Phrase, ...] = ()


def held(written: Iterable[Written], closed: Iterable[str], view: View) -> list[Written]:
    """Return per item the version that holds in a view, by reading DESIGN section 3 word by word."""
    best: dict[str, Written] = {}
    for version in written:
        if version.item in closed and not view.sees_regio:
            continue
        if version.number is None and version.release != view.draft:
            continue
        if version.number is not None and (version.published > view.known or version.effective > view.on):
            continue
        if version.item not in best or _goes_before(version, best[version.item]):
            best[version.item] = version
    return list(best.values())


def _goes_before(one: Written, other: Written) -> bool:
    if one.number is None or other.number is None:
        return one.number is None
    return (one.effective, one.number) > (other.effective, other.number)


@dataclass
class Meaning:
    """One term of a question, with everything it may mean. ``word`` is empty for a phrase or a code."""

    words: Phrase
    stems: set[str] = field(default_factory=set)
    phrases: set[Phrase] = field(default_factory=set)
    parts: list[set[str]] = field(default_factory=list)
    neighbours: list[str] = field(default_factory=list)

    @property
    def word(self) -> str:
        return self.words[0] if len(self.words) == 1 else ""

    def is_known_in(self, text: Text) -> bool:
        """Tell whether a text answers this as it was typed, be it in another form."""
        together = bool(self.parts) and all(ways & text.stems for ways in self.parts)
        return bool(self.stems & text.stems) or any(map(text.has, self.phrases)) or together

    def is_answered_by(self, text: Text) -> bool:
        return self.is_known_in(text) or bool(set(map(stem, self.neighbours)) & text.stems)

    def is_touched_by(self, text: Text) -> bool:
        """Tell whether a text answers at least a part of this."""
        return self.is_answered_by(text) or any(ways & text.stems for ways in self.parts)

    def must_mark(self, word: str) -> bool:
        """Tell whether a word of a text answers this, or belongs to a phrase that does."""
        return bool(stems_of(word) & self.stems.union(*self.phrases, map(stem, self.neighbours)))

    def may_mark(self, word: str) -> bool:
        """Tell whether a word answers this or a part of it; by choice parts are not always marked."""
        return self.must_mark(word) or any(stems_of(word) & ways for ways in self.parts)


@dataclass(frozen=True)
class Expected:
    """What must come out: the codes that answer, after the filters, and what may fill up a page."""

    meanings: list[Meaning]
    all_words: bool
    hits: set[str]
    others: set[str]
    kinds: Mapping[str, int]
    roles: Mapping[str, int]
    routes: Mapping[str, int]
    suggestion: str | None


class Reference:
    """The handbook as one view has it."""

    def __init__(self, versions: Sequence[Written], searchable: Callable[[Written], bool]) -> None:
        """Read the texts that can be found and the groups of synonyms."""
        self.texts = {text.code: text for version in versions if searchable(version) for text in version.texts}
        self.spelled = {word for text in self.texts.values() for run in text.runs for word in run}
        groups = [group for version in versions for group in version.synonyms]
        self._groups = [[tuple(map(stem, words_of(words.replace("-", " ")))) for words in group] for group in groups]

    def search(self, typed: str, facets: Mapping[str, Facets], filters: Filters) -> Expected:
        """Return what a question must bring."""
        question = composed(typed)[:LONGEST_QUESTION]
        meanings = [self._with_neighbours(one) for one in self._meanings(question)]
        every = [text for text in self.texts.values() if meanings and all(m.is_answered_by(text) for m in meanings)]
        some = [text for text in self.texts.values() if any(m.is_touched_by(text) for m in meanings)]
        several = sum(1 + len(meaning.parts) for meaning in meanings) > 1
        all_words = bool(every) or not several
        found = every if all_words else some
        of = {text.code: facets.get(text.code) or Facets(text.kind) for text in self.texts.values()}
        hits = {text.code for text in found if passes(of[text.code], filters)}
        others = {text.code for text in some if passes(of[text.code], filters) and text not in found}
        return Expected(
            meanings,
            all_words,
            hits,
            others if all_words else set(),
            *_counts([of[text.code] for text in found], filters),
            suggestion=self._suggestion(question, meanings),
        )

    def _meanings(self, question: str) -> list[Meaning]:
        terms = self._joined(_terms(question)[:MOST_TERMS])
        return [self._with_synonyms(self._expanded(term)) for term in terms]

    def _joined(self, terms: list[Meaning]) -> list[Meaning]:
        """Make one phrase of words side by side that an editor wrote as one; by choice of three words or two."""
        known = {phrase for group in self._groups for phrase in group if len(phrase) > 1}
        joined: list[Meaning] = []
        while terms:
            length = next((n for n in (3, 2) if _stems_side_by_side(terms[:n], n) in known), 1)
            if length == 1:
                joined.append(terms[0])
            else:
                phrase = _stems_side_by_side(terms[:length], length)
                words = tuple(term.word for term in terms[:length])
                joined.append(Meaning(words, phrases={phrase}, parts=[{one} for one in phrase]))
            terms = terms[length:]
        return joined

    def _expanded(self, term: Meaning) -> Meaning:
        if term.word:
            term.stems = {stem(term.word)} | self._of_class(term.word)
            ways = parts(term.word)
            term.parts = [{one for way in part for one in (stem(way), *self._of_class(way))} for part in ways]
        elif any(term.stems & text.title_stems for text in self.texts.values()):
            term.parts = []  # a code there is; then it is not two words
        return term

    def _of_class(self, word: str) -> set[str]:
        return {stem(other) for other in self.spelled if porter(other) == porter(word)}

    def _with_synonyms(self, term: Meaning) -> Meaning:
        own = {(one,) for one in term.stems} | term.phrases
        meant = {phrase for group in self._groups if own & set(group) for phrase in group if phrase}
        term.stems |= {phrase[0] for phrase in meant if len(phrase) == 1}
        term.phrases |= {phrase for phrase in meant if len(phrase) > 1}
        return term

    def _with_neighbours(self, term: Meaning) -> Meaning:
        if len(term.word) >= 4 and term.word not in self.spelled:
            near = [(errors(term.word, other), other) for other in self.spelled if _halves_agree(term.word, other)]
            allowed = 2 if len(term.word) >= 8 else 1
            term.neighbours = [other for error, other in sorted(near) if error <= allowed][:MOST_NEIGHBOURS]
        return term

    def _suggestion(self, question: str, meanings: Iterable[Meaning]) -> str | None:
        better = {
            meaning.word: meaning.neighbours[0]
            for meaning in meanings
            if meaning.neighbours and not any(map(meaning.is_known_in, self.texts.values()))
        }
        pieces, last = [], 0
        for token in tokens(question):
            if token.word in better:
                pieces += [question[last : token.start], better[token.word]]
                last = token.end
        return "".join([*pieces, question[last:]]).strip() if pieces else None


def _stems_side_by_side(terms: Sequence[Meaning], length: int) -> Phrase:
    words = [term.word for term in terms if term.word]
    return tuple(map(stem, words)) if len(words) == length else ()


def _terms(question: str) -> list[Meaning]:
    """Return phrases, then codes, then words, each once; small words by choice only when there is nothing else."""
    phrases, rest = _phrases(question)
    found = [Meaning(phrase, phrases={tuple(map(stem, phrase))}) for phrase in phrases]
    for code in CODE.finditer(rest):
        letters, between, number = fold(code[1]), code[2], code[3]
        two = number.zfill(2)
        apart = [{letters}, {number, two}] if between.isspace() else []
        found.append(Meaning((letters, number), stems={letters + two}, parts=apart))
    words = [Meaning((word,)) for word in words_of(CODE.sub(" ", rest).replace("-", " "))]
    useful = [term for term in words if term.word not in STOP_WORDS]
    return list({term.words: term for term in [*found, *(useful or ([] if found else words))]}.values())


def _phrases(question: str) -> tuple[list[Phrase], str]:
    """Return the phrases in quotes, and the text without them; one word or code in quotes is one like any other."""
    found, rest, at = [], "", 0
    while at < len(question):
        closing = next((place for place in range(at + 1, len(question)) if question[place] in QUOTES), None)
        if question[at] in QUOTES and closing is not None:
            quoted = question[at + 1 : closing]
            words = words_of(quoted.replace("-", " "))
            is_phrase = len(words) > 1 and not CODE.fullmatch(quoted.strip())
            if is_phrase:
                found.append(words)
            rest += " " if is_phrase else f" {quoted} "
            at = closing + 1
        else:
            rest += question[at]
            at += 1
    return found, rest


def _halves_agree(word: str, other: str) -> bool:
    """Tell whether the first or the last half of the other word stands in the word at that side."""
    half = len(other) // 2
    return half > 0 and (word.startswith(other[:half]) or word.endswith(other[-half:]))


def errors(one: str, other: str) -> int:
    """Return how many letters differ, are missing, are too many or have changed places (optimal string alignment)."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]


def passes(facets: Facets, filters: Filters) -> bool:
    if filters.kind and filters.kind != facets.kind:
        return False
    if filters.role and filters.role not in facets.roles:
        return False
    return not filters.route or filters.route in facets.routes


def _counts(found: Iterable[Facets], filters: Filters) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Return how many hits each kind, role and route would give with the other two filters as they are."""
    kinds: Counter[str] = Counter()
    roles: Counter[str] = Counter()
    routes: Counter[str] = Counter()
    for one in found:
        if passes(one, Filters(role=filters.role, route=filters.route)):
            kinds[one.kind] += 1
        if passes(one, Filters(kind=filters.kind, route=filters.route)):
            roles.update(one.roles)
        if passes(one, Filters(kind=filters.kind, role=filters.role)):
            routes.update(one.routes)
    return kinds, roles, routes
