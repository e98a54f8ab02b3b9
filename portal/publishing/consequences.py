"""What the changes of a draft ask of other places, which shows only beside what the handbook said before."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from portal.lib import clock
from portal.publishing.checks import Finding
from portal.publishing.checks.book import Book, Paper, Said
from portal.publishing.checks.shapes import FILE, RELEASE_FILE
from portal.publishing.checks.tables import euros
from portal.publishing.checks.words import code_pattern, codes_in, folded
from portal.publishing.content import SINGLES
from portal.releases.models import ItemKind

OLD_TERM, OLD_TERM_ELSEWHERE = "TERMIJN-NABIJ", "TERMIJN-ELDERS"
"""A place with the words of a term that changes: about the subject of the term, or about something else."""
DERIVED, TOO_EARLY, WITHDRAWN = "BEDRAG-AFGELEID", "BEDRAG-VROEG", "DOC-VERVALT"
NUMBERS = ("nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf")
SEVERAL = {"dagen": "dag", "werkdagen": "werkdag", "weken": "week", "maanden": "maand", "jaren": "jaar", "procent": "%"}
UNITS = {one: one for one in ("uur", *SEVERAL.values())} | SEVERAL
"""How a unit may be written, and the one way by which it compares."""
MEASURE = re.compile(
    rf"\b(\d+|één|{'|'.join(NUMBERS)})\s*({'|'.join(UNITS)})(?!\w)|(?<![\d/])(\d/\d)(?![\d/])", re.IGNORECASE
)
STEP_LINK = re.compile(r"\(stap:([A-Z]+-\d+)\)")
Row = Mapping[str, Any]
Place = tuple[str | None, str]
"""The item and the row in it, as a finding names them."""


def old_terms(book: Book, before: Row) -> Iterator[Finding]:
    """Give every place with the words of a term that a draft changes; ``before`` is the table as it was.

    An amount stands out in a text, a term does not: "2 jaar" is the length of a contract, the period of an allowance
    and the year of a law, and in the starter it stands in 38 places. So these are places to look at, one remark for a
    term, and never faults. What is about the subject of the term comes first. The table says what that is: the steps
    and open points of the row. A text is about it when it is such a step or point, is given in such a step or names
    one; a term of the glossary has no steps and is about it when both rest on the same part of the covenant. In the
    starter that gives 5 to 13 places for a term, and 21 for the longest: "hoogstens 2 jaar" of a contract. The other
    places come after these, folded: some do mean this term. The words of its description tell less, for every text
    here speaks of contracts and tenants.

    "Meteen" and "bij de start" hold no number: these words stand everywhere and are not looked for.
    """
    rows = _rows_of(book.data(ItemKind.AMOUNTS))
    for name, was in _rows_of(before).items():
        now, old = rows.get(name), measures(was["waarde"])
        gone = [one for one in old if now is None or one not in measures(now["waarde"])]
        if gone:
            named = " en ".join(f"“{old[one]}”" for one in gone)
            becomes = f"wordt “{now['waarde']}”" if now else "gaat uit de lijst"
            sentence = (
                f"{was['omschrijving']}: “{was['waarde']}” {becomes}. "
                f"In deze stukken staat ook {named}. Kijk of daar hetzelfde is bedoeld, en pas het dan aan."
            )
            yield from _places_with(book, set(gone), _about(book, was), sentence)


def derived_amounts(book: Book, before: Row) -> Iterator[Finding]:
    """Give the rows that still have an amount that follows from one that a draft changes.

    What follows from an amount stands in its row, under "afgeleid"; it may also be the value of a row of its own. It is
    not computed: the table does not say how, and partners round it as they agreed.
    """
    rows = _rows_of(book.data(ItemKind.AMOUNTS))
    for name, was in _rows_of(before).items():
        now = rows.get(name, was)
        if euros(was["waarde"]).keys() != euros(now["waarde"]).keys():
            for words in was.get("afgeleid", ()):
                sentence = (
                    f"{was['omschrijving']} wordt {now['waarde']}. Daaruit volgt {words}, en dat staat hier nog. "
                    "Reken het na, en vul het nieuwe bedrag in."
                )
                at = [name] if words in now.get("afgeleid", ()) else []
                at += [row["id"] for row in book.amounts if euros(row["waarde"]).keys() & euros(words).keys()]
                yield from (Finding(DERIVED, sentence, f"{FILE[ItemKind.AMOUNTS]} {one}", stops=False) for one in at)


def amounts_too_early(book: Book, before: Row, day: date) -> Iterator[Finding]:
    """Give the rows that a draft changes and that say to hold only after the day it takes effect.

    Readers get the table of the day: from then on they see the new value, whatever day stands beside it.
    """
    rows = _rows_of(before)
    for row in book.amounts:
        was, start = rows.get(row["id"]), row["geldig_vanaf"]
        changed = was is None or (was["waarde"], was["geldig_vanaf"]) != (row["waarde"], start)
        if changed and start and date.fromisoformat(start) > day:
            told, value = clock.in_words(date.fromisoformat(start)), row["waarde"]
            instead = f" in plaats van {was['waarde']}" if was and was["waarde"] != value else ""
            sentence = (
                f"Dit geldt vanaf {told}. Gaat dit concept eerder in, dan zien lezers meteen al {value}{instead}, "
                f"met die datum erbij. Laat het concept ingaan op {told}, of zet deze regel in een eigen concept."
            )
            yield Finding(TOO_EARLY, sentence, f"{FILE[ItemKind.AMOUNTS]} {row['id']}", stops=False)


def _places_with(book: Book, gone: set[str], near: frozenset[Place], sentence: str) -> Iterator[Finding]:
    for said in _texts(book):
        if gone & measures(said.words).keys():
            one = Finding(OLD_TERM_ELSEWHERE, sentence, said.place, stops=False)
            yield replace(one, rule=OLD_TERM) if (one.item, one.row) in near else one


def names_of_withdrawn(book: Book, codes: Iterable[str]) -> Iterator[Finding]:
    """Give the places that name a document a draft withdraws, and the steps that give it.

    No rule refuses this: the old address goes on to say why the document went and what took its place.
    """
    for code in codes:
        sentence = (
            f"{code} vervalt met dit concept, maar staat nog in deze stukken. Wie daar klikt, leest dat het document "
            "is ingetrokken. Noem de opvolger, of haal de verwijzing weg, in dit concept of in een volgend."
        )
        pattern = code_pattern(code)
        naming = [said.place for said in _texts(book) if pattern.search(folded(said.words))]
        steps = [f"{FILE[ItemKind.FLOW]} {step.id}" for step in book.flow.steps_of_document.get(code, ())]
        yield from (Finding(WITHDRAWN, sentence, place, stops=False) for place in dict.fromkeys([*steps, *naming]))


def _about(book: Book, row: Row) -> frozenset[Place]:
    """Return the places that are about the subject of an amount or a term."""
    steps, points, parts = (set(row[key]) for key in ("stappen", "open_punten", "convenant"))
    lists = book.data(ItemKind.OPEN_POINTS)
    given = {code for step in book.steps if step.id in steps for code in step.documents_for(step.documents)}
    return frozenset(
        [(SINGLES[ItemKind.FLOW], step) for step in steps]
        + [(SINGLES[ItemKind.OPEN_POINTS], point) for point in points]
        + [(SINGLES[ItemKind.OPEN_POINTS], one["id"]) for one in lists["in_te_vullen"] if steps & set(one["waar"])]
        + [(SINGLES[ItemKind.AMOUNTS], one["id"]) for one in book.amounts if steps & set(one["stappen"])]
        + [
            (SINGLES[ItemKind.GLOSSARY], one["id"])
            for one in book.data(ItemKind.GLOSSARY)["begrippen"]
            if parts & set(one["convenant"])
        ]
        + [(paper.code, "") for paper in book.papers if paper.code in given or steps & _steps_in(paper)]
    )


def _steps_in(paper: Paper) -> set[str]:
    return {*STEP_LINK.findall(paper.item.content.text or ""), *codes_in(paper.text)}


def _texts(book: Book) -> Iterator[Said]:
    """Give what the handbook says; not what a release says of itself, where the old words are meant."""
    return (said for said in book.said if said.place.partition(" ")[0] != RELEASE_FILE)


def _rows_of(amounts: Row) -> dict[str, Row]:
    """Return all amounts and terms by their short name."""
    return {row["id"]: row for row in (*amounts["bedragen"], *amounts["termijnen"])}


def measures(words: str) -> dict[str, str]:
    """Return the terms and parts in words, such as "2 week" for "twee weken", each with how it is written."""
    found = {}
    for match in MEASURE.finditer(words):
        number, unit, part = ((one or "").casefold() for one in match.groups())
        if not number.isdecimal() and not part:
            number = str(NUMBERS.index(number.replace("é", "e")))
        found[part or f"{int(number)} {UNITS[unit]}"] = match[0]
    return found
