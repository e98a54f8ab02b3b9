"""The shape of every file: which keys it has and what is in them."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from portal.documents.models import DocumentKind
from portal.publishing.content import SCHEMA, SINGLES
from portal.releases.models import ItemKind


@dataclass(frozen=True)
class Misfit:
    """A place where the data does not have its shape."""

    rule: str
    place: str
    sentence: str


class Shape(Protocol):
    """What a value must look like."""

    def misfits(self, value: object, place: str, name: str) -> Iterator[Misfit]:
        """Give everything in which this value, called ``name``, differs from the shape."""


@dataclass(frozen=True)
class One:
    """A single value."""

    words: str
    fits: Callable[[Any], bool]

    def misfits(self, value: object, place: str, name: str) -> Iterator[Misfit]:
        """Give a misfit when the value is another."""
        if not self.fits(value):
            yield Misfit("VORM-02", place, f"{name} moet {self.words} zijn, maar is {_shown(value)}.")


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def misfits(self, value: object, place: str, name: str) -> Iterator[Misfit]:
        """Give a misfit when it is no text or another word."""
        if not isinstance(value, str):
            yield from TEXT.misfits(value, place, name)
        elif value not in self.words:
            yield Misfit("VORM-04", place, f"{name} is {_shown(value)}; kies uit: {', '.join(self.words)}.")


@dataclass(frozen=True)
class Many:
    """A list of values of one shape."""

    shape: Shape

    def misfits(self, value: object, place: str, name: str) -> Iterator[Misfit]:
        """Give the misfits of all values; a row with an id or a code is named by it."""
        if not isinstance(value, list):
            yield Misfit("VORM-02", place, f"{name} moet een lijst zijn, maar is {_shown(value)}.")
            return
        for number, part in enumerate(value, 1):
            own = (part.get("id") or part.get("code")) if isinstance(part, dict) else None
            if isinstance(own, str):
                yield from self.shape.misfits(part, f"{place} {own[:40]}", "")
            else:
                yield from self.shape.misfits(part, place, f"{name} {number}")


@dataclass(frozen=True)
class PerRole:
    """Values of one shape by the id of a role."""

    shape: Shape

    def misfits(self, value: object, place: str, name: str) -> Iterator[Misfit]:
        """Give the misfits of all values and of their keys."""
        if not isinstance(value, dict):
            yield Misfit("VORM-02", place, f"{name} moet een lijst per rol zijn, maar is {_shown(value)}.")
            return
        for role, part in value.items():
            yield from ROLE.misfits(role, place, f"{name}: een rol")
            yield from self.shape.misfits(part, place, f"{name} {str(role)[:40]}")


@dataclass(frozen=True)
class Row:
    """Named values: the keys that must be there, and those that may."""

    required: Mapping[str, Shape]
    optional: Mapping[str, Shape]

    def misfits(self, value: object, place: str, name: str) -> Iterator[Misfit]:
        """Give keys that miss, keys that are unknown, and the misfits of all values."""
        if not isinstance(value, dict):
            yield Misfit("VORM-02", place, f"{name or 'dit'} moet sleutels met waarden zijn, maar is {_shown(value)}.")
            return
        shapes = {**self.required, **self.optional}
        for key in self.required:
            if key not in value:
                yield Misfit("VORM-01", place, f"{_join(name, key)} ontbreekt; vul deze sleutel in.")
        for key, part in value.items():
            if key in shapes:
                yield from shapes[key].misfits(part, place, _join(name, key))
            else:
                known = ", ".join(shapes)
                yield Misfit("VORM-03", place, f"sleutel {_join(name, str(key)[:40])} is onbekend; kies uit: {known}.")


def _join(name: str, key: str) -> str:
    return f"{name}: {key}" if name else key


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f"“{value[:40]}”" if value.strip() else "leeg"
    words: dict[type, str] = {bool: "true of false", int: "een getal", float: "een getal", list: "een lijst"}
    return "leeg" if value is None else words.get(type(value), "iets anders")


def _matching(words: str, pattern: str) -> One:
    return One(words, lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


TEXT = One("een tekst", _is_text)
TEXT_OR_NONE = One("een tekst of leeg (null)", lambda value: value is None or _is_text(value))
TEXTS = Many(TEXT)
FLAG = One("true of false", lambda value: isinstance(value, bool))
ORDER = One("een heel getal van 1 tot en met 99", lambda value: type(value) is int and 1 <= value <= 99)
DAY_OR_NONE = One("een datum als '2026-12-01' of leeg (null)", lambda value: value is None or _is_day(value))
SCHEMA_NUMBER = One(f"{SCHEMA}", lambda value: type(value) is int and value == SCHEMA)
CODE = _matching("een code als ZC-01 of KAN-07", "[A-Z]{2,6}-[0-9]{2,3}")
ROUTE = _matching("een code van hoofdletters, zoals KAN", "[A-Z]{2,6}")
ROLE = _matching("een naam van kleine letters, zoals info_meldpunt", "[a-z]+(_[a-z]+)*")
NAME = _matching("een naam van kleine letters en streepjes, zoals goed-huurderschap", "[a-z0-9]+(-[a-z0-9]+)*")
OPEN_POINT = _matching("een nummer als O12", "O[1-9][0-9]{0,2}")
GROUNDING = Choice(("genoemd", "deels", "aangenomen"))
STEP_KIND = Choice(("actie", "besluit", "einde"))
DOCUMENT_KIND = Choice(tuple(DocumentKind))

AMOUNT = Row(
    {
        "id": NAME,
        "omschrijving": TEXT,
        "waarde": TEXT,
        "geldig_vanaf": DAY_OR_NONE,
        "prijspeil": TEXT_OR_NONE,
        "convenant": TEXTS,
        "grond": GROUNDING,
        "stappen": Many(CODE),
        "open_punten": Many(OPEN_POINT),
    },
    {"afgeleid": TEXTS},
)
STEP = Row(
    {
        "id": CODE,
        "traject": ROUTE,
        "titel": TEXT,
        "soort": STEP_KIND,
        "verantwoordelijk": ROLE,
        "betrokken": Many(ROLE),
        "vraag": TEXT_OR_NONE,
        "termijn": TEXT_OR_NONE,
        "wat_doet_wie": PerRole(TEXT),
        "documenten": PerRole(Many(CODE)),
        "volgende": Many(Row({"als": TEXT, "naar": TEXT}, {})),
        "convenant": TEXTS,
        "grond": GROUNDING,
    },
    {
        "werkwijze": PerRole(TEXTS),
        "klaar_als": TEXT,
        "toelichting": TEXT,
        "open_punten": Many(OPEN_POINT),
        "huurder_vertellen": TEXTS,
    },
)
SHAPES: Mapping[ItemKind, Row] = {
    ItemKind.DOCUMENT: Row(
        {
            "code": CODE,
            "titel": TEXT,
            "soort": DOCUMENT_KIND,
            "doelgroep": Many(ROLE),
            "invulbaar": FLAG,
            "inhoud": TEXTS,
            "convenant": TEXTS,
            "grond": GROUNDING,
            "zoekwoorden": TEXTS,
        },
        {"open_punten": Many(OPEN_POINT), "waarschuwing": TEXT, "eigenaar": TEXT},
    ),
    ItemKind.FLOW: Row(
        {
            "schema": SCHEMA_NUMBER,
            "status": TEXT,
            "convenant": TEXT,
            "start": CODE,
            "rollen": Many(
                Row(
                    {"id": ROLE, "titel": TEXT, "portaalgebruiker": FLAG, "convenant": TEXTS},
                    {"valt_onder": ROLE, "redacteur": FLAG},
                )
            ),
            "trajecten": Many(
                Row({"id": ROUTE, "volgorde": ORDER, "titel": TEXT, "convenant": TEXTS}, {"samenvatting": TEXT})
            ),
            "stappen": Many(STEP),
        },
        {},
    ),
    ItemKind.GLOSSARY: Row(
        {
            "schema": SCHEMA_NUMBER,
            "begrippen": Many(
                Row(
                    {
                        "id": NAME,
                        "term": TEXT,
                        "uitleg": TEXT,
                        "ook": TEXTS,
                        "convenant": TEXTS,
                        "grond": GROUNDING,
                    },
                    {},
                )
            ),
        },
        {},
    ),
    ItemKind.SYNONYMS: Row(
        {"schema": SCHEMA_NUMBER, "synoniemen": Many(Row({"id": NAME, "woorden": TEXTS}, {}))},
        {},
    ),
    ItemKind.AMOUNTS: Row({"schema": SCHEMA_NUMBER, "bedragen": Many(AMOUNT), "termijnen": Many(AMOUNT)}, {}),
    ItemKind.OPEN_POINTS: Row(
        {
            "schema": SCHEMA_NUMBER,
            "open_punten": Many(Row({"id": OPEN_POINT, "vraag": TEXT, "zo_gaan_we_ermee_om": TEXT, "wie": TEXT}, {})),
            "in_te_vullen": Many(Row({"id": NAME, "wat": TEXT, "waar": Many(CODE)}, {})),
        },
        {},
    ),
    ItemKind.COLOPHON: Row(
        {
            "schema": SCHEMA_NUMBER,
            "naam": TEXT,
            "ondertitel": TEXT,
            "gebied": TEXT,
            "convenant_status": TEXT,
            "meldpunt": Row(
                {"naam": TEXT, "telefoon": TEXT, "email": TEXT, "bereikbaar": TEXT, "voorlopig": FLAG},
                {},
            ),
        },
        {},
    ),
}
"""The keys of every kind of item; ``documenten.yaml`` has one row per document."""

FILE = {kind: f"{code}.yaml" for kind, code in SINGLES.items()} | {ItemKind.DOCUMENT: "documenten.yaml"}
RELEASE_FILE = "uitgave.yaml"
