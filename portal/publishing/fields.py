"""What an editor fills in for each kind of item: the fields, how they are shown, and how they are read back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.documents.models import KIND, DocumentKind
from portal.lib import clock
from portal.publishing.checks.shapes import CODE, NAME, OPEN_POINT
from portal.releases.models import ItemKind

GROUNDING = (("genoemd", "Staat in het convenant"), ("deels", "Staat er deels in"), ("aangenomen", "Aangenomen"))


class Way(Enum):
    """How a field is filled in."""

    LINE = "regel"
    TEXT = "tekst"
    LINES = "regels"
    CHOICE = "keuze"
    CHOICES = "keuzes"
    FLAG = "vinkje"
    DAY = "dag"


LONGEST = {Way.LINE: 200, Way.TEXT: 5_000, Way.LINES: 20_000}
"""Characters in one field."""


@dataclass(frozen=True)
class Field:
    """One field: the key in the data, what it is called, and what is asked of it."""

    key: str
    label: str
    way: Way = Way.LINE
    hint: str = ""
    optional: bool = False
    options: Sequence[tuple[str, str]] = ()
    absent: bool = False
    """Whether the key is left out of the data when it is empty."""


@dataclass(frozen=True)
class Rows:
    """A list in the data of an item, of which one row is edited at a time."""

    key: str
    title: str
    one: str
    """What one row is called."""
    name: str
    """The key by which a row is called in the list."""
    fields: tuple[Field, ...]
    number: str = "id"
    ids: Any = field(default=NAME)
    """The shape of the id of a row."""


COVENANT = Field(
    "convenant", "Onderdelen van het convenant", Way.LINES, "Eén per regel, zoals 6.4 of voetnoot 5.", optional=True
)
GROUND = Field("grond", "Hoe zeker is dit?", Way.CHOICE, options=GROUNDING)
STEPS = Field("stappen", "Stappen", Way.LINES, "Eén code per regel, zoals CON-05.", optional=True)
OPEN = Field("open_punten", "Open punten", Way.LINES, "Eén nummer per regel, zoals O12.", optional=True)
ID = Field(
    "id",
    "Korte naam",
    Way.LINE,
    "Zoals: vergoeding per jaar. Links gebruiken deze naam, met kleine letters en streepjes.",
)

AMOUNT_FIELDS = (
    ID,
    Field("omschrijving", "Omschrijving"),
    Field("waarde", "Bedrag of termijn", Way.LINE, "Zoals € 1.250 of 14 dagen."),
    Field("geldig_vanaf", "Geldig vanaf", Way.DAY, "Zoals 1-1-2027.", optional=True),
    Field("prijspeil", "Prijspeil", Way.LINE, "Het jaar waarin dit bedrag is berekend.", optional=True),
    COVENANT,
    GROUND,
    STEPS,
    OPEN,
)
LISTS: Mapping[ItemKind, tuple[Rows, ...]] = {
    ItemKind.GLOSSARY: (
        Rows(
            "begrippen",
            "Begrippen",
            "begrip",
            "term",
            (
                ID,
                Field("term", "Begrip"),
                Field("uitleg", "Uitleg", Way.TEXT, "Eén of twee zinnen in gewone taal."),
                Field("ook", "Andere woorden", Way.LINES, "Eén per regel. Zoeken vindt ze ook.", optional=True),
                COVENANT,
                GROUND,
            ),
        ),
    ),
    ItemKind.SYNONYMS: (
        Rows(
            "synoniemen",
            "Woorden die hetzelfde betekenen",
            "groep",
            "id",
            (ID, Field("woorden", "Woorden", Way.LINES, "Minstens twee, één per regel.")),
        ),
    ),
    ItemKind.AMOUNTS: (
        Rows("bedragen", "Bedragen", "bedrag", "omschrijving", AMOUNT_FIELDS),
        Rows("termijnen", "Termijnen", "termijn", "omschrijving", AMOUNT_FIELDS),
    ),
    ItemKind.OPEN_POINTS: (
        Rows(
            "open_punten",
            "Open punten",
            "open punt",
            "vraag",
            (
                Field("id", "Nummer", Way.LINE, "Zoals O12."),
                Field("vraag", "Vraag", Way.TEXT),
                Field("zo_gaan_we_ermee_om", "Zo gaan we ermee om", Way.TEXT),
                Field("wie", "Wie beslist"),
            ),
            ids=OPEN_POINT,
        ),
        Rows(
            "in_te_vullen",
            "Nog in te vullen",
            "punt",
            "wat",
            (
                ID,
                Field("wat", "Wat moet worden ingevuld", Way.TEXT),
                Field("waar", "Waar", Way.LINES, "Codes van stappen of documenten, één per regel."),
            ),
        ),
    ),
}
"""Kinds of items that are lists."""


def document_fields(roles: Sequence[tuple[str, str]]) -> tuple[Field, ...]:
    """Return the metadata of a document; ``roles`` are the roles it can be for, with their names."""
    kinds = [(kind.value, KIND[kind]) for kind in DocumentKind]
    return (
        Field("titel", "Titel", Way.LINE, "Zoals lezers het document noemen, zonder code."),
        Field("soort", "Soort", Way.CHOICE, options=kinds),
        Field("doelgroep", "Voor welke rol is dit document?", Way.CHOICES, options=roles),
        Field("invulbaar", "Dit is een model om in te vullen", Way.FLAG),
        Field("eigenaar", "Eigenaar", Way.LINE, "De organisatie of rol die dit document bijhoudt.", True, absent=True),
        Field("inhoud", "Wat staat erin?", Way.LINES, "Eén onderwerp per regel."),
        Field("zoekwoorden", "Zoekwoorden", Way.LINES, "Woorden die niet in de tekst staan, één per regel.", True),
        COVENANT,
        GROUND,
        Field("open_punten", "Open punten", Way.LINES, "Eén nummer per regel, zoals O12.", True, absent=True),
        Field("waarschuwing", "Waarschuwing", Way.TEXT, "Staat boven het document en op stappen.", True, absent=True),
    )


COLOPHON_FIELDS = (
    Field("naam", "Naam van het handboek"),
    Field("ondertitel", "Ondertitel"),
    Field("gebied", "Gebied"),
    Field("convenant_status", "Stand van het convenant", Way.TEXT),
)
MELDPUNT_FIELDS = (
    Field("naam", "Naam van het meldpunt"),
    Field("telefoon", "Telefoon"),
    Field("email", "E-mail"),
    Field("bereikbaar", "Bereikbaar", Way.LINE, "Zoals: op werkdagen van 9 tot 17 uur."),
    Field("voorlopig", "Deze gegevens zijn nog voorlopig", Way.FLAG),
)


def sent(
    fields: Sequence[Field], form: MultiDict[str, str], prefix: str = "", was: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the data that was filled in, by key. Nothing is refused here: ``faults`` tells what is wrong.

    Boxes have no order: what was ticked before keeps the place it had in ``was``.
    """
    found: dict[str, Any] = {}
    for one in fields:
        value = _read(one, form, f"{prefix}{one.key}")
        if one.way is Way.CHOICES and was:
            before = [option for option in was.get(one.key, ()) if option in value]
            value = [*before, *(option for option in value if option not in before)]
        if value or not one.absent:
            found[one.key] = value
    return found


def _read(one: Field, form: MultiDict[str, str], name: str) -> Any:
    if one.way is Way.FLAG:
        return form.get(name) == "ja"
    if one.way is Way.CHOICES:
        return [value for value, _label in one.options if value in form.getlist(name)]
    typed = form.get(name, "").replace("\r\n", "\n").strip()
    if one.way is Way.LINES:
        return [line for line in (" ".join(part.split()) for part in typed.split("\n")) if line]
    if one.way is Way.DAY:
        day = clock.day_typed(typed)
        return day.isoformat() if day else typed or None
    typed = " ".join(typed.split())
    return typed or (None if one.optional and not one.absent else "")


def shown(one: Field, value: Any) -> str:
    """Return a value as it stands in its field."""
    if one.way is Way.LINES:
        return "\n".join(value or ())
    if one.way is Way.DAY and isinstance(value, str):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return value
        return clock.in_figures(day)
    return "" if value is None else str(value)


SHAPES = {
    "stappen": (CODE, "Schrijf elke code als CON-05, één per regel."),
    "open_punten": (OPEN_POINT, "Schrijf elk nummer als O12, één per regel."),
}
"""What the lines of a field look like, by its key."""


def too_long(one: Way, value: str) -> str:
    """Return what is wrong when there is more in a field than fits; nothing otherwise."""
    most = LONGEST.get(one, len(value))
    return f"Schrijf hoogstens {most} tekens. Het zijn er nu {len(value)}." if len(value) > most else ""


def faults(fields: Sequence[Field], data: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return by the name of the field what is wrong with it."""
    found = {f"{prefix}{one.key}": _fault(one, data.get(one.key)) for one in fields}
    return {name: sentence for name, sentence in found.items() if sentence}


def _fault(one: Field, value: Any) -> str:
    words = f"{one.label[0].lower()}{one.label[1:].rstrip('?')}"
    if not one.optional and one.way is not Way.FLAG and not value:
        return f"Vul in: {words}."
    if one.way is Way.CHOICE and value not in [option for option, _label in one.options]:
        return f"Kies iets bij: {words}."
    if one.way is Way.DAY and value and clock.day_typed(str(value)) is None:
        return "Vul een datum in zoals 1-1-2027."
    if one.key in SHAPES and value:
        shape, sentence = SHAPES[one.key]
        if any(list(shape.misfits(code, "", "")) for code in value):
            return sentence
    return too_long(one.way, shown(one, value))
