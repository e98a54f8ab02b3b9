"""BEDRAG, BEGRIP, SYN, OPEN and COLOFON: the tables agree with the rest."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from portal.publishing.checks.book import Book, Problem
from portal.publishing.checks.shapes import FILE, RELEASE_FILE
from portal.publishing.checks.words import repeated
from portal.releases.models import ItemKind

NUMBER = r"(\d+(?:\.\d{3})*(?:,\d{2})?)"
PHONE = re.compile(r"\+?[0-9][0-9 ()-]{7,}")
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE)
FEWEST_SYNONYMS = 2
EURO = re.compile(rf"(?:€|\beuro?\b)\s*{NUMBER}|(?<!\d){NUMBER}\s*euro\b", re.IGNORECASE)
BESIDE_EURO = re.compile(r"(?:€|\beuro?\b)\s*([\d.,]*\d)|(?<![\d.,])([\d.,]*\d)\s*euro\b", re.IGNORECASE)
BOUNDS = "max|maximaal|hoogstens|min|minimaal|minstens|ongeveer|circa|ca|afgerond|binnen|uiterlijk|na"
BARE = re.compile(rf"(?:(?:{BOUNDS})\.?\s+)?[\d.,]*\d(?:,?-+)?\s*€?", re.IGNORECASE)


def says_of_what(value: str) -> bool:
    """Tell whether a value is more than a number: "14 dagen", "1/3", "€ 650", and not "650" or "hoogstens 3"."""
    return not BARE.fullmatch(value)


def is_amount(value: str) -> bool:
    """Tell whether a value can be an amount, and ``euros`` reads all of each number beside a euro sign in it.

    "€ 650,-" and "650 euro" it reads too, so those are left as they were typed. "650 per jaar" says of what only by the
    euro sign that misses, and of "€ 1,250.00" it would read one euro.
    """
    numbers = (match[1] or match[2] for match in BESIDE_EURO.finditer(value))
    said = re.split(r"\s+(?:per|p\.)", value, maxsplit=1)[0]
    return says_of_what(said) and all(re.fullmatch(NUMBER, number) for number in numbers)


def euros(words: str) -> dict[Decimal, str]:
    """Return the amounts in words, each with how it is written."""
    found = (match[1] or match[2] for match in EURO.finditer(words))
    return {Decimal(amount.replace(".", "").replace(",", ".")): amount for amount in found}


def amounts_of(rows: Iterable[Mapping[str, Any]]) -> frozenset[Decimal]:
    """Return the amounts that rows of the table state, with what follows from them."""
    stated = (words for row in rows for words in (row["waarde"], *row.get("afgeleid", ())))
    return frozenset(amount for words in stated for amount in euros(words))


def amounts_from_table(book: Book) -> Iterator[Problem]:
    """Every amount in a text stands in the table of amounts, or follows from one there (DESIGN section 3).

    What a release and its changes say about themselves is no such text: "van € 623,75 naar € 640".
    """
    known = amounts_of(book.amounts)
    texts = (said for said in book.said if said.place.partition(" ")[0] != RELEASE_FILE)
    found = ((said.place, *pair) for said in texts for pair in euros(said.words).items())
    for place, written in dict.fromkeys((place, written) for place, amount, written in found if amount not in known):
        sentence = f"€ {written} staat niet in bedragen.yaml; verbeter het bedrag of voeg het daar toe."
        yield place, sentence, f"€\N{NO-BREAK SPACE}{written}"


def amounts_in_steps(book: Book) -> Iterator[Problem]:
    """Every step an amount or a term belongs to exists."""
    for row in book.amounts:
        for step in row["stappen"]:
            if step not in book.flow.steps:
                yield f"{FILE[ItemKind.AMOUNTS]} {row['id']}", f"stap {step} bestaat niet; verbeter de lijst stappen."


def amount_ids(book: Book) -> Iterator[Problem]:
    """Amounts and terms have ids of their own."""
    for name in repeated(row["id"] for row in book.amounts):
        yield f"{FILE[ItemKind.AMOUNTS]} {name}", f"{name} staat er vaker; geef elke regel een eigen id."


def term_ids(book: Book) -> Iterator[Problem]:
    """Terms have ids and words of their own."""
    rows = book.data(ItemKind.GLOSSARY)["begrippen"]
    for key in ("id", "term"):
        for name in repeated(row[key].casefold() for row in rows):
            yield f"{FILE[ItemKind.GLOSSARY]} {name}", f"{key} {name} staat er vaker; voeg de begrippen samen."


def terms_sorted(book: Book) -> Iterator[Problem]:
    """Terms stand in the order of the alphabet."""
    rows = book.data(ItemKind.GLOSSARY)["begrippen"]
    for before, row in pairwise(rows):
        if alphabetical(row["term"]) < alphabetical(before["term"]):
            sentence = f"“{row['term']}” hoort voor “{before['term']}”; zet de begrippen op alfabet."
            yield f"{FILE[ItemKind.GLOSSARY]} {row['id']}", sentence


def alphabetical(words: str) -> str:
    """Return by what words stand in the order of the alphabet: accents and capitals make no difference."""
    letters = unicodedata.normalize("NFKD", words.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def synonyms_are_several(book: Book) -> Iterator[Problem]:
    """Synonyms come in groups of at least two words, each with an id of its own."""
    rows = book.data(ItemKind.SYNONYMS)["synoniemen"]
    for name in repeated(row["id"] for row in rows):
        yield f"{FILE[ItemKind.SYNONYMS]} {name}", f"{name} staat er vaker; geef elke groep een eigen id."
    for row in rows:
        if len(row["woorden"]) < FEWEST_SYNONYMS:
            sentence = "een groep heeft minstens twee woorden; voeg er een toe of haal de groep weg."
            yield f"{FILE[ItemKind.SYNONYMS]} {row['id']}", sentence


def synonyms_in_one_group(book: Book) -> Iterator[Problem]:
    """Words stand once, in one group of synonyms (DOMAIN section 8)."""
    words = (word.casefold() for row in book.data(ItemKind.SYNONYMS)["synoniemen"] for word in row["woorden"])
    for word in repeated(words):
        yield FILE[ItemKind.SYNONYMS], f"“{word}” staat er vaker; zet het woord in één groep."


def open_points_exist(book: Book) -> Iterator[Problem]:
    """Every open point that a step, document, amount or text names is in the list (DOMAIN section 4.2)."""
    known = {row["id"] for row in book.data(ItemKind.OPEN_POINTS)["open_punten"]}
    named = ((said.place, point) for said in book.said for point in re.findall(r"\bO[1-9][0-9]{0,2}\b", said.words))
    for place, point in dict.fromkeys(named):
        if point not in known:
            yield place, f"open punt {point} staat niet in open-punten.yaml; verbeter het nummer of voeg het toe."


def gaps_have_places(book: Book) -> Iterator[Problem]:
    """Gaps to be filled in are at steps and documents that exist (DOMAIN section 11)."""
    for row in book.data(ItemKind.OPEN_POINTS)["in_te_vullen"]:
        for code in row["waar"]:
            if code not in book.codes and code not in book.flow.steps:
                yield f"{FILE[ItemKind.OPEN_POINTS]} {row['id']}", f"{code} bij waar bestaat niet; verbeter de code."


def open_point_ids(book: Book) -> Iterator[Problem]:
    """Open points, and what is to be filled in, have ids of their own."""
    data = book.data(ItemKind.OPEN_POINTS)
    for part in ("open_punten", "in_te_vullen"):
        for name in repeated(row["id"] for row in data[part]):
            yield f"{FILE[ItemKind.OPEN_POINTS]} {name}", f"{name} staat vaker in {part}; geef elk een eigen id."


def meldpunt_reachable(book: Book) -> Iterator[Problem]:
    """Telephone and mail of the info- en meldpunt can be right (4.5)."""
    desk = book.data(ItemKind.COLOPHON)["meldpunt"]
    if not PHONE.fullmatch(desk["telefoon"]):
        yield FILE[ItemKind.COLOPHON], f"telefoon “{desk['telefoon']}” is geen telefoonnummer; vul het hele nummer in."
    if not MAIL.fullmatch(desk["email"]):
        yield FILE[ItemKind.COLOPHON], f"email “{desk['email']}” is geen mailadres; vul het hele adres in."


def meldpunt_real(book: Book) -> Iterator[Problem]:
    """Invented contact data are marked as such."""
    desk = book.data(ItemKind.COLOPHON)["meldpunt"]
    invented = desk["email"].casefold().endswith(".example") or not re.search("[1-9]", desk["telefoon"])
    if invented and not desk["voorlopig"]:
        yield FILE[ItemKind.COLOPHON], "deze gegevens zijn verzonnen; vul de echte in of zet voorlopig aan."
