"""What the rules found, as an editor knows it: names of items and not of files, each with the way to mend it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import shorten
from typing import Any, Self

from flask import url_for

from portal import db
from portal.desk.pages import KIND_TITLES, everything
from portal.documents.intake.reasons import NO_DEVELOPERS_TAB
from portal.handbook import lens
from portal.lib import clock
from portal.publishing.checks import Finding
from portal.publishing.checks.shapes import FILE, NAME
from portal.publishing.consequences import OLD_TERM, OLD_TERM_ELSEWHERE, WITHDRAWN
from portal.publishing.content import SINGLES
from portal.publishing.fields import LISTS, TO_FILL_IN, Rows
from portal.publishing.judging import OTHER_AMOUNT, Judgement
from portal.releases.models import ItemKind, Release, Version
from portal.releases.queries import data_in_force
from portal.releases.view import View

NOT_HERE = "Dit kunt u hier niet wijzigen. Een beheerder van de server leest trajecten en rollen in als bestand."
FLOW, AMOUNTS = SINGLES[ItemKind.FLOW], SINGLES[ItemKind.AMOUNTS]
NAMES = {code: KIND_TITLES[kind.value] for kind, code in SINGLES.items()}
NO_FORM = (
    "Hoeft er niets te worden ingevuld? Kies in het concept “Bewerk verder” en haal bij “Gegevens van het document” "
    f"het vinkje weg bij “{TO_FILL_IN}”."
)
IN_WORD = (
    "Ga in Word naar het tabblad Ontwikkelaars en kies “Besturingselement voor tekst zonder opmaak”. Kies daarna "
    "“Eigenschappen”, vul bij Titel en bij Label (of Tag) een naam in, en upload het bestand opnieuw. "
    f"{NO_DEVELOPERS_TAB}"
)
IN_NO_STEP = "DOC-02"
OF_WORDS = frozenset({OTHER_AMOUNT, OLD_TERM, OLD_TERM_ELSEWHERE, WITHDRAWN})
"""Rules about words somewhere in an item, for which an editor has to look."""
OVERTAKEN = "Intussen is versie {0} gepubliceerd. Wat daarin staat, zit niet in dit concept. Neem versie {0} mee."
HOW = {
    "DOC-04": "Wijzig het document in dit concept, en vink de rol aan bij “Voor welke rol is dit document?”.",
    "DOC-06": f"{IN_WORD} {NO_FORM}",
    "DOC-07": IN_WORD,
    "DOC-08": NO_FORM,
    "PAGINA-04": NO_FORM,
    IN_NO_STEP: "Hoort het bij een stap? Wijzig dan het stroomschema in dit concept, en zet de code bij die stap.",
}
"""What an editor does about what a rule found, when its sentence is not enough for who sees no file."""
FILE_NAME = re.compile(rf"\b({'|'.join(NAMES)})\.yaml")


@dataclass(frozen=True)
class Line:
    """One thing to mend: where, what about it, the page where an editor does so, and who can when no editor can."""

    name: str
    sentence: str
    href: str | None = None
    who: str = ""
    amounts: str | None = None
    """Address of the list of amounts, when it can be mended there as well."""


@dataclass(frozen=True)
class Group:
    """Places with one thing to do about them; what is left over of them is less likely meant."""

    title: str
    sentence: str
    lines: tuple[Line, ...]
    others: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Found:
    """Everything the rules found about a draft, as its pages show it; every place stands there once."""

    stops: tuple[Line, ...] = ()
    behind: tuple[Group, ...] = ()
    """Places that have, or may have, to follow what the draft changes."""
    notices: tuple[Line, ...] = ()
    already: tuple[Line, ...] = ()

    @classmethod
    def of(cls, judgement: Judgement, draft: Release, newer: Mapping[str, Version], on: date) -> Self:
        """Word what was found; without the note for readers, which the page of publishing itself asks for.

        ``newer`` is what overtakes the draft, by item; what takes effect after a day does not stop it before.
        """
        if judgement == Judgement() and not newer:
            return cls()
        words = Words(draft)
        stopping = [one for one in newer.values() if holds_by(one, on)]
        later = [one for one in newer.values() if one not in stopping]
        return cls(
            stops=(
                *(words.overtaken(one, OVERTAKEN) for one in stopping),
                *words.lines(one for one in judgement.stops if one.rule != "UITGAVE-03"),
            ),
            behind=(*_with_amounts(words, judgement.behind), *_following(words, judgement.follows)),
            notices=(*(words.overtaken(one, _when(one)) for one in later), *words.lines(judgement.notices)),
            already=words.lines(judgement.already),
        )


class Words:
    """Words what was found in the handbook with a draft."""

    def __init__(self, draft: Release) -> None:
        """Look up the names of steps and documents, also of documents that only the draft has."""
        view = everything()
        self._draft, self._steps = draft, lens.flow(view).steps
        drafted = {one.item.code: one for one in draft.versions if one.item.kind == ItemKind.DOCUMENT}
        self._titles = {code: one.title for code, one in lens.documents(view).items()}
        self._titles |= {code: one.data.get("titel", "") for code, one in drafted.items()}
        self._rows = dict(_rows(draft, view))

    def lines(self, findings: Iterable[Finding], sentence: str | None = None) -> tuple[Line, ...]:
        """Return a line for every finding, perhaps all of one sentence; the same about the same item is one line."""
        found = list(findings)
        return tuple(dict.fromkeys(self._line(one, sentence, _where(one, found)) for one in found))

    def overtaken(self, newer: Version, sentence: str) -> Line:
        """Return the line for a change that goes on from an older version than it should."""
        name = self._name(newer.item.code, "")
        return Line(name, sentence.format(newer.number), where_newer(self._draft, newer))

    def _line(self, finding: Finding, sentence: str | None, where: str) -> Line:
        name, amounts = self._name(finding.item, finding.row), None
        if finding.rule == OTHER_AMOUNT and sentence is None:
            sentence, amounts = self._about_amount(finding, name)
        name += where
        words = f"{_plain(finding.sentence)} {HOW.get(finding.rule, '')}".strip() if sentence is None else sentence
        if finding.item == FLOW and finding.row not in self._steps:
            return Line(name, words, None, NOT_HERE, amounts)
        return Line(name, words, self._href(finding), "", amounts)

    def _about_amount(self, finding: Finding, name: str) -> tuple[str, str | None]:
        """Return what an editor can do about an amount in a text, and where it can be added."""
        if finding.item == AMOUNTS:
            return f"{finding.about} staat in de omschrijving, maar nergens als waarde. Verbeter een van beide.", None
        place = name.partition(":")[0]
        return f"{finding.about} staat in {place}, maar niet bij {NAMES[AMOUNTS]}.", url_for("desk.item", code=AMOUNTS)

    def _href(self, finding: Finding) -> str:
        if finding.item is None:
            return url_for("desk.release", number=self._draft.id, _anchor="naam")
        if finding.rule == IN_NO_STEP:
            return url_for("desk.item", code=FLOW)
        return url_for("desk.item", code=finding.item, stap=finding.row if finding.item == FLOW else None)

    def _name(self, code: str | None, row: str) -> str:
        """Return how an editor calls the place: PR-04 with its title, a step, or a row of a list."""
        if code is None:
            return "Naam en toelichting van dit concept"
        if code == FLOW and row in self._steps:
            return f"Stap {row}: {self._steps[row].title}"
        if code in NAMES:
            return f"{NAMES[code]}: {self._rows.get((code, row), row)}" if row else NAMES[code]
        return f"{code}: {self._titles[code]}" if self._titles.get(code) else code


def _where(finding: Finding, found: Sequence[Finding]) -> str:
    """Return where in a document to look for words, when that is not (only) its text."""
    of_item = [one for one in found if one.item == finding.item]
    in_data = [one.place.startswith(f"{FILE[ItemKind.DOCUMENT]} ") for one in of_item]
    if finding.rule not in OF_WORDS or not any(in_data):
        return ""
    return f" ({'' if all(in_data) else 'ook '}bij Gegevens van het document)"


def _rows(draft: Release, view: View) -> Iterator[tuple[tuple[str, str], str]]:
    """Give how each row of a list is called, by the code of the list and the id of the row; the draft's own last."""
    drafted = {one.item.code: one.data for one in draft.versions}
    for kind in LISTS.keys() - {ItemKind.FLOW}:
        code = SINGLES[kind]
        for data in filter(None, (data_in_force(db.session(), view, kind), drafted.get(code))):
            yield from (((code, row["id"]), _called(rows, row)) for rows in LISTS[kind] for row in data[rows.key])


def _called(rows: Rows, row: Mapping[str, Any]) -> str:
    """Return the name of a row as one line; editors know open points by their number too."""
    name = rows.call(row) if rows.ids is NAME else f"{row['id']}: {rows.call(row)}"
    return shorten(name, 80, placeholder="…")


def _with_amounts(words: Words, behind: Sequence[Finding]) -> Iterator[Group]:
    """Give the places that still have an amount, by that amount."""
    for amount in dict.fromkeys(one.about for one in behind):
        sentence = f"In deze stukken staat nog {amount}. Pas ze aan in dit concept, of zet ze erbij in een volgend."
        yield Group("Ook aanpassen", sentence, words.lines((one for one in behind if one.about == amount), ""))


def _following(words: Words, follows: Sequence[Finding]) -> Iterator[Group]:
    """Give the places that may have to follow, by what is said of them; a place stands in a group once."""
    for sentence in dict.fromkeys(one.sentence for one in follows):
        group = [one for one in follows if one.sentence == sentence]
        others = words.lines((one for one in group if one.rule == OLD_TERM_ELSEWHERE), "")
        lines = words.lines((one for one in group if one.rule != OLD_TERM_ELSEWHERE), "")
        yield Group(
            "Ook aanpassen" if group[0].rule == WITHDRAWN else "Misschien ook aanpassen", sentence, lines, others
        )


def where_newer(draft: Release, newer: Version) -> str:
    """Return the address where an editor brings a newer version into a draft."""
    return url_for("desk.newer", draft_id=draft.id, code=newer.item.code, number=newer.number)


def holds_by(version: Version, day: date) -> bool:
    """Tell whether a published version has taken effect by a day."""
    return version.release.effective_on is not None and version.release.effective_on <= day


def _when(newer: Version) -> str:
    day = clock.in_words(newer.release.effective_on) if newer.release.effective_on else ""
    return f"Versie {{0}} gaat in op {day}. Gaat dit concept dan of later in? Neem versie {{0}} dan eerst mee."


def _plain(words: str) -> str:
    """Return a sentence with a capital, and with names of lists for those of files."""
    named = FILE_NAME.sub(lambda found: NAMES[found[1]], words)
    return named[:1].upper() + named[1:]
