"""ZICHT and PRIV: nobody reads of what is closed to them, and no field asks for what the handbook may not hold."""

import re
import unicodedata
from collections.abc import Iterator

from portal.publishing.checks.book import Blank, Book, Problem
from portal.publishing.checks.words import code_pattern, folded
from portal.releases.models import Visibility

NAMELESS = frozenset({"FO-06", "FO-07", "FO-10", "FO-11", "PR-04"})
"""Documents that use a trajectkenmerk instead of a name (DOMAIN section 6)."""


def regio_items_unnamed(book: Book) -> Iterator[Problem]:
    """Texts that everybody may read never name a regio item by code or title (DESIGN section 3)."""
    hidden = [paper for paper in book.papers if paper.item.visibility is Visibility.REGIO]
    names = [(paper.code, code_pattern(paper.row["code"]), folded(paper.row["titel"])) for paper in hidden]
    unreadable = [one.code for one in book.handbook.gone if one.visibility is Visibility.REGIO]
    public = [(said.place, folded(said.words)) for said in book.said if said.for_all]
    for code, pattern, title in (*names, *((code, code_pattern(code), None) for code in unreadable)):
        named = (place for place, words in public if pattern.search(words) or (title and title in words))
        for place in dict.fromkeys(named):
            yield place, f"de tekst noemt {code}, dat alleen de regio mag zien; haal de code of de titel weg."


MEDICAL = re.compile(r"(?<![^\W_])(bsn|dsm)(?![^\W\d_])|burgerservicenummer|diagnose|medicatie", re.IGNORECASE)
TENANT = frozenset({"huurder", "huurders", "onderhuurder", "client", "clienten", "bewoner", "bewoners", "kandidaat"})
IDENTITY = ("naam", "namen", "adres", "geboorte")


def no_medical_fields(book: Book) -> Iterator[Problem]:
    """No field asks for a citizen number or for health (5.4, 8; DOMAIN sections 6 and 10)."""
    for paper in book.papers:
        for blank in paper.blanks:
            if found := MEDICAL.search(blank.words):
                yield paper.file, f"het veld “{blank.words}” vraagt naar {found[0]}; haal het weg."


def no_names_of_tenants(book: Book) -> Iterator[Problem]:
    """Names, birth dates and addresses of tenants are not asked where a trajectkenmerk stands for them (DOMAIN 6)."""
    for paper in book.papers:
        for blank in paper.blanks if paper.code in NAMELESS else ():
            if not blank.ticked and _asks_who(blank):
                yield paper.file, f"het veld “{blank.words}” vraagt wie de huurder is; gebruik het trajectkenmerk."


def _asks_who(blank: Blank) -> bool:
    words, own = _plain_words(blank.words), _plain_words(blank.own)
    identity = {word for word in words if any(part in word for part in IDENTITY)}
    return any("geboorte" in word for word in identity) or bool(identity and (words & TENANT or own <= identity))


def _plain_words(words: str) -> set[str]:
    plain_letters = unicodedata.normalize("NFKD", words.casefold()).encode("ascii", "ignore").decode()
    return set(re.findall("[a-z]+", plain_letters))
