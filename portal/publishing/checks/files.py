"""VORM and UITGAVE: the files have their shape, and the release says what it brings."""

from collections.abc import Iterator

from portal.publishing.checks.book import Book, Problem
from portal.publishing.checks.shapes import RELEASE_FILE

LONGEST_TITLE = 200
"""What the column for it holds."""


def missing_keys(book: Book) -> Iterator[Problem]:
    """Every row has the keys its file needs (DESIGN section 4: files keep the keys of the domain)."""
    yield from _misfits(book, "VORM-01")


def wrong_values(book: Book) -> Iterator[Problem]:
    """Every value is of the kind its key asks for."""
    yield from _misfits(book, "VORM-02")


def unknown_keys(book: Book) -> Iterator[Problem]:
    """No row has a key that nobody reads."""
    yield from _misfits(book, "VORM-03")


def unknown_words(book: Book) -> Iterator[Problem]:
    """Kinds and groundings are words from their list (DOMAIN: genoemd, deels, aangenomen)."""
    yield from _misfits(book, "VORM-04")


def missing_items(book: Book) -> Iterator[Problem]:
    """Handbooks have one flow, one glossary, and one of each other kind that is no document."""
    yield from _misfits(book, "VORM-05")


def _misfits(book: Book, rule: str) -> Iterator[Problem]:
    for misfits in book.misfits.values():
        yield from ((misfit.place, misfit.sentence) for misfit in misfits if misfit.rule == rule)


def changes_noted(book: Book) -> Iterator[Problem]:
    """Every item is in the list of the release, with what changed (DESIGN section 3; 5.1)."""
    for item in book.handbook.items:
        if not item.change_note.strip():
            yield f"{RELEASE_FILE} {item.code}", "dit onderdeel of zijn wijziging ontbreekt bij onderdelen; vul het in."


def numbers_from_one(book: Book) -> Iterator[Problem]:
    """Releases and versions count from 1."""
    if book.handbook.number < 1:
        yield RELEASE_FILE, f"nummer {book.handbook.number} kan niet; uitgaven tellen vanaf 1."
    for item in book.handbook.items:
        if item.version < 1:
            yield f"{RELEASE_FILE} {item.code}", f"versie {item.version} kan niet; versies tellen vanaf 1."


def release_titled(book: Book) -> Iterator[Problem]:
    """Releases have a title of at most 200 characters, and a note on what they bring (DESIGN section 3)."""
    if not book.handbook.title.strip() or len(book.handbook.title) > LONGEST_TITLE:
        yield RELEASE_FILE, f"de titel is leeg of langer dan {LONGEST_TITLE} tekens; schrijf een korte titel."
    if not book.handbook.note.strip():
        yield RELEASE_FILE, "de toelichting is leeg; schrijf wat deze uitgave brengt."
