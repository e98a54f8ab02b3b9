"""What an editor fills in for each kind of item: the fields, how they are shown, and how they are read back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.documents.models import KIND, DocumentKind
from portal.lib import clock
from portal.publishing.checks.shapes import CODE, NAME, OPEN_POINT, Shape
from portal.publishing.checks.tables import FEWEST_SYNONYMS, MAIL, PHONE, euros, is_amount, says_of_what
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
    fits: Callable[[Any], object] = bool
    """Whether what was filled in can be right; ``wrong`` says how it should be."""
    wrong: str = ""


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
    is_de: bool = False
    """Whether the row is a de-word, such as "de groep"; the others are het-words."""
    fixed: bool = False
    """Whether which rows there are is not for an editor to say; then people know a row by its number too."""

    @property
    def new(self) -> str:
        """Return what a row that is not there yet is called."""
        return f"{'Nieuwe' if self.is_de else 'Nieuw'} {self.one}"

    def call(self, row: Mapping[str, Any]) -> str:
        """Return how a row is called in the list and above its page."""
        name = str(row.get(self.name) or "")
        return f"{row[self.number]}: {name}" if self.fixed else name

    @property
    def this(self) -> str:
        """Return how a sentence points at a row."""
        return f"{'deze' if self.is_de else 'dit'} {self.one}"


def each(shape: Shape) -> Callable[[Any], bool]:
    """Return what tells whether every line has a shape."""
    return lambda lines: not any(list(shape.misfits(line, "", "")) for line in lines)


def _short_name(example: str, use: str) -> Field:
    """Return the field for the id of a row; ``use`` says what hangs on it."""
    return Field("id", "Korte naam", hint=f"Met kleine letters en streepjes, zoals {example}. {use}")


COVENANT = Field(
    "convenant",
    "Onderdelen van het convenant",
    Way.LINES,
    "Waar dit in het convenant staat. Eén nummer per regel, zoals 6.4 of voetnoot 5.",
    optional=True,
)
GROUND = Field(
    "grond",
    "Hoe zeker is dit?",
    Way.CHOICE,
    "Staat dit zo in het convenant, of is het een voorstel om mee te werken? Lezers zien dit.",
    options=GROUNDING,
)
STEPS = Field(
    "stappen",
    "Stappen",
    Way.LINES,
    "De stappen waar dit bij hoort. Eén code per regel, zoals CON-05.",
    optional=True,
    fits=each(CODE),
    wrong="Schrijf elke code als CON-05, één per regel.",
)
OPEN = Field(
    "open_punten",
    "Open punten",
    Way.LINES,
    "Vragen hierover die de partners nog moeten beslissen. De nummers staan in de lijst Open punten. Eén per regel, "
    "zoals O12.",
    optional=True,
    fits=each(OPEN_POINT),
    wrong="Schrijf elk nummer als O12, één per regel.",
)


DERIVED = Field(
    "afgeleid",
    "Bedragen die hieruit volgen",
    Way.LINES,
    "Bedragen in teksten die u uit dit bedrag uitrekent, zoals het dubbele. Verandert dit bedrag, dan noemt de "
    "controle ze. Eén per regel, zoals €\N{NO-BREAK SPACE}1.247,50.",
    optional=True,
    absent=True,
    fits=lambda amounts: all(euros(one) and is_amount(one) for one in amounts),
    wrong="Schrijf elk bedrag als €\N{NO-BREAK SPACE}1.247,50, één per regel.",
)


AMOUNT = Field(
    "waarde",
    "Bedrag of termijn",
    hint="Zoals €\N{NO-BREAK SPACE}1.250 of 1/3.",
    fits=is_amount,
    wrong="Schrijf een bedrag met een euroteken ervoor, zoals €\N{NO-BREAK SPACE}650 of "
    "€\N{NO-BREAK SPACE}1.247,50, en een deel als 5% of 1/3.",
)
TERM = Field(
    "waarde",
    "Bedrag of termijn",
    hint="Zoals 14 dagen.",
    fits=says_of_what,
    wrong="Schrijf erbij wat het getal telt, zoals 14 dagen of binnen 4 weken.",
)


def _amount_fields(example: str, *values: Field) -> tuple[Field, ...]:
    """Return the fields of an amount or a term, of which ``values`` are its own; ``example`` is a short name."""
    return (
        _short_name(
            example, "Hieraan herkent het portaal deze regel, ook bij zoeken. Verander haar niet zonder reden."
        ),
        Field("omschrijving", "Omschrijving"),
        *values,
        Field("geldig_vanaf", "Geldig vanaf", Way.DAY, "Zoals 1-1-2027.", optional=True),
        Field("prijspeil", "Prijspeil", hint="Het jaar waarin deze prijs is berekend, zoals 2026.", optional=True),
        COVENANT,
        GROUND,
        STEPS,
        OPEN,
    )


LISTS: Mapping[ItemKind, tuple[Rows, ...]] = {
    ItemKind.FLOW: (Rows("stappen", "Stappen", "stap", "titel", (), ids=CODE, is_de=True, fixed=True),),
    ItemKind.GLOSSARY: (
        Rows(
            "begrippen",
            "Begrippen",
            "begrip",
            "term",
            (
                _short_name(
                    "casusregisseur",
                    "Links in teksten leiden naar deze naam. Verandert u haar, dan werken die links niet meer.",
                ),
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
            (
                _short_name("huurachterstand", "Zo staat de groep in de lijst van de redactie. Lezers zien haar niet."),
                Field(
                    "woorden",
                    "Woorden",
                    Way.LINES,
                    "Minstens twee, één per regel. Wie het ene woord zoekt, vindt ook het andere.",
                    fits=lambda words: len({word.casefold() for word in words}) >= FEWEST_SYNONYMS,
                    wrong="Schrijf minstens twee verschillende woorden, elk op een eigen regel.",
                ),
            ),
            is_de=True,
        ),
    ),
    ItemKind.AMOUNTS: (
        Rows("bedragen", "Bedragen", "bedrag", "omschrijving", _amount_fields("vergoeding-jaar", AMOUNT, DERIVED)),
        Rows("termijnen", "Termijnen", "termijn", "omschrijving", _amount_fields("start-melden", TERM), is_de=True),
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
                _short_name("contact-meldpunt", "Daaraan herkent de redactie het punt. Lezers zien deze naam niet."),
                Field("wat", "Wat moet worden ingevuld", Way.TEXT),
                Field(
                    "waar",
                    "Waar",
                    Way.LINES,
                    "Codes van stappen of documenten, één per regel.",
                    fits=each(CODE),
                    wrong="Schrijf elke code als CON-05 of PR-02, één per regel.",
                ),
            ),
        ),
    ),
}
"""Kinds of items that are lists; the fields of a step depend on who takes part in it (``publishing.steps``)."""


TO_FILL_IN = "Lezers vullen dit document in"
TO_FILL_IN_HINT = (
    "Alleen als lezers er zelf iets in zetten. Een Word-bestand heeft dan minstens vijf invulvelden nodig, een pagina "
    "een tabel met lege cellen. Hoe u die maakt, staat in de handleiding."
)


def document_fields(roles: Sequence[tuple[str, str]]) -> tuple[Field, ...]:
    """Return the metadata of a document; ``roles`` are the roles it can be for, with their names."""
    kinds = [(kind.value, KIND[kind]) for kind in DocumentKind]
    return (
        Field("titel", "Titel", Way.LINE, "Zoals lezers het document noemen, zonder code."),
        Field("soort", "Soort", Way.CHOICE, options=kinds),
        Field("doelgroep", "Voor welke rol is dit document?", Way.CHOICES, options=roles),
        Field("invulbaar", TO_FILL_IN, Way.FLAG, TO_FILL_IN_HINT),
        Field("eigenaar", "Eigenaar", Way.LINE, "De organisatie of rol die dit document bijhoudt.", True, absent=True),
        Field("inhoud", "Wat staat erin?", Way.LINES, "Eén onderwerp per regel."),
        Field("zoekwoorden", "Zoekwoorden", Way.LINES, "Woorden die niet in de tekst staan, één per regel.", True),
        COVENANT,
        GROUND,
        replace(OPEN, absent=True),
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
    Field("telefoon", "Telefoon", fits=PHONE.fullmatch, wrong="Vul het hele telefoonnummer in, zoals 035 123 45 67."),
    Field("email", "E-mail", fits=MAIL.fullmatch, wrong="Vul het hele mailadres in, zoals meldpunt@organisatie.nl."),
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


def too_long(name: str, way: Way, value: str) -> str:
    """Return what is wrong when there is more in a field than fits; nothing otherwise."""
    most = LONGEST.get(way, len(value))
    return f"Maak korter: {name}. Het zijn {len(value)} tekens en er passen er {most}." if len(value) > most else ""


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
        return clock.fault_of_day(str(value), "Vul een datum in zoals 1-1-2027.")
    if long := too_long(words, one.way, shown(one, value)):
        return long
    return one.wrong if one.wrong and value and not one.fits(value) else ""
