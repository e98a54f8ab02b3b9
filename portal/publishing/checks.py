"""The rules a handbook must hold to before it is imported or published: ``portal check`` says what does not.

First the shape of every file (VORM): which keys there are and what is in them. Rules that need a file of a wrong shape
are skipped, so that all rules may trust their data. Then the rules themselves, each a generator of a place and a
sentence; the table ``RULES`` at the bottom gives their ids, their order and the files they need. Ids are stable: people
look them up.

Sources in the docstrings: "DOMAIN" and "DESIGN" are the founding papers of the product, "check.py" is the consistency
check that came with the first flow; a number such as 5.4 is a section of the covenant.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from html import unescape
from itertools import pairwise
from typing import Any, Protocol

from portal.documents.controls import Control, WordError, WordFile, controls, headings, plain_text
from portal.documents.models import DocumentKind
from portal.documents.pages import Block, Heading, PageError, Table, lines, links, parse, plain
from portal.flow.models import END, Flow, Step, read_flow
from portal.publishing.content import SCHEMA, SINGLES, Handbook, ItemContent
from portal.releases.models import ItemKind, Visibility

KEEP_ELSEWHERE = "Bewaar dit ingevulde stuk in uw eigen systeem, niet in het portaal."
"""Stands in every fillable document: the handbook holds no tenant data (5.4)."""
LEGAL = "juridisch nalopen"
FEWEST_CONTROLS = 5
LONGEST_TITLE = 200
"""What the column for it holds."""
NAMELESS = frozenset({"FO-06", "FO-07", "FO-10", "FO-11", "PR-04"})
"""Documents that use a trajectkenmerk instead of a name (DOMAIN section 6)."""

Problem = tuple[str, str]
"""Where, and what is wrong."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: by which rule, what to do about it, and in which file at which id."""

    rule: str
    sentence: str
    place: str

    def __str__(self) -> str:
        """Return the line ``portal check`` prints."""
        return f"{self.rule} {self.place}: {self.sentence}"


def check(handbook: Handbook) -> list[Finding]:
    """Return everything that is wrong with a handbook; nothing when it is consistent. Never raises."""
    book = Book(handbook)
    return [
        Finding(rule.id, sentence, place)
        for rule in RULES
        if rule.needs <= book.sound
        for place, sentence in rule.find(book)
    ]


# --- Shapes: which keys a file has and what is in them ----------------------------------------------------------------


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
        {"open_punten": Many(OPEN_POINT), "waarschuwing": TEXT},
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


# --- The handbook laid out for the rules ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Word:
    """What the rules need of a Word file."""

    controls: tuple[Control, ...]
    headings: tuple[str, ...]
    text: str
    everything: str
    """The words of all its parts, also properties and words a reader has to look for."""


def _read_word(data: bytes) -> Word:
    parts = (part for name, part in WordFile(data).parts.items() if name.endswith(".xml"))
    everything = _spaced(unescape(" ".join(re.sub("<[^>]*>", " ", part.decode(errors="replace")) for part in parts)))
    return Word(tuple(controls(data)), tuple(headings(data)), plain_text(data), everything)


@dataclass(frozen=True)
class Blank:
    """A place to fill in: all words that name it, those that are its own, and whether it is a box to tick."""

    words: str
    own: str
    ticked: bool


@dataclass(frozen=True)
class Paper:
    """One document with what could be read of its text or file; what could not be read is None."""

    item: ItemContent

    @property
    def code(self) -> str:
        """The code of the document."""
        return self.item.code

    @property
    def row(self) -> Mapping[str, Any]:
        """Its line in ``documenten.yaml``."""
        return self.item.content.data

    @property
    def place(self) -> str:
        """Where its line stands."""
        return f"documenten.yaml {self.code}"

    @property
    def file(self) -> str:
        """Where its text or file stands."""
        suffix = ".md" if self.is_page else ".pdf" if self.is_pdf else ".docx"
        return f"documenten/{self.code}{suffix}"

    @property
    def is_page(self) -> bool:
        """Whether it is a page of text; otherwise it is a file."""
        return self.item.content.text is not None

    @property
    def is_pdf(self) -> bool:
        """Whether the file is a PDF; otherwise it is a Word file."""
        return (self.item.content.original or b"").startswith(b"%PDF-")

    @cached_property
    def page(self) -> tuple[Block, ...] | PageError | None:
        """The blocks of the page, or why it has none."""
        try:
            return parse(self.item.content.text) if self.item.content.text is not None else None
        except PageError as error:
            return error
        except RecursionError:
            return PageError(1, "deze tekst heeft te veel lijsten in lijsten; maak er gewone lijsten van")

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of a page; none for a file or an unreadable page."""
        return self.page if isinstance(self.page, tuple) else ()

    @cached_property
    def read_file(self) -> Word | WordError | None:
        """What could be read of a Word file, or why not; None for a page and for a PDF."""
        data = self.item.content.original
        if self.is_page or self.is_pdf or data is None:
            return None
        try:
            return _read_word(data)
        except WordError as error:
            return error

    @property
    def word(self) -> Word | None:
        """The Word file, when it is one that opens."""
        return self.read_file if isinstance(self.read_file, Word) else None

    @cached_property
    def text(self) -> str:
        """All its words; none of a PDF, which nothing reads yet."""
        return self.word.text if self.word else "\n".join(plain(line) for line in lines(self.blocks))

    @cached_property
    def blanks(self) -> tuple[Blank, ...]:
        """What can be filled in: the controls of a Word file, the empty cells of a page."""
        if self.word:
            named = ((f"{control.tag} {control.alias}", control.kind) for control in self.word.controls)
            return tuple(Blank(words, words, kind == "check") for words, kind in named)
        return tuple(blank for block in self.blocks if isinstance(block, Table) for blank in _empty_cells(block))

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """The words of its headings."""
        if self.word:
            return self.word.headings
        return tuple(plain(block.line) for block in self.blocks if isinstance(block, Heading))


def _empty_cells(table: Table) -> Iterator[Blank]:
    for row in table.rows:
        label = plain(row[0])
        for column, cell in zip(table.header, row, strict=False):
            if not cell:
                yield Blank(f"{label} {plain(column)}".strip(), label or plain(column), ticked=False)


@dataclass(frozen=True)
class Said:
    """Words somewhere in the handbook, and whether everybody signed in may read them."""

    place: str
    words: str
    for_all: bool = True


class Book:
    """A handbook laid out for the rules; everything is read at most once."""

    def __init__(self, handbook: Handbook) -> None:
        """Take a handbook; nothing is read yet."""
        self.handbook = handbook
        self.papers = tuple(Paper(item) for item in handbook.of_kind(ItemKind.DOCUMENT))

    @cached_property
    def misfits(self) -> Mapping[ItemKind, tuple[Misfit, ...]]:
        """Everything that has a wrong shape, by file."""
        found = {kind: list(self._miscounted(kind)) for kind in ItemKind}
        for item in self.handbook.items:
            place = f"{FILE[item.kind]} {item.code}" if item.kind is ItemKind.DOCUMENT else FILE[item.kind]
            found[item.kind].extend(SHAPES[item.kind].misfits(item.content.data, place, ""))
        return {kind: tuple(misfits) for kind, misfits in found.items()}

    def _miscounted(self, kind: ItemKind) -> Iterator[Misfit]:
        there = [item.code for item in self.handbook.of_kind(kind)]
        if kind in SINGLES and there != [SINGLES[kind]]:
            yield Misfit(
                "VORM-05", FILE[kind], f"er moet één onderdeel {SINGLES[kind]} zijn, maar er zijn er {len(there)}."
            )

    @cached_property
    def sound(self) -> frozenset[ItemKind]:
        """The kinds whose data have their shape."""
        return frozenset(kind for kind, misfits in self.misfits.items() if not misfits)

    @cached_property
    def flow(self) -> Flow:
        """The flow."""
        return read_flow(self.data(ItemKind.FLOW))

    @property
    def steps(self) -> Iterable[Step]:
        """All steps."""
        return self.flow.steps.values()

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of all documents."""
        return frozenset(paper.code for paper in self.papers)

    def data(self, kind: ItemKind) -> Mapping[str, Any]:
        """Return the data of the one item of a kind."""
        return self.handbook.single(kind)

    @cached_property
    def amounts(self) -> tuple[Mapping[str, Any], ...]:
        """All amounts and terms."""
        data = self.data(ItemKind.AMOUNTS)
        return (*data["bedragen"], *data["termijnen"])

    @cached_property
    def said(self) -> tuple[Said, ...]:
        """Everything readers can read, from every file that has its shape."""
        return (*self._said_of_release(), *self._said_in_data(), *self._said_in_documents())

    def _said_of_release(self) -> Iterator[Said]:
        yield Said(RELEASE_FILE, f"{self.handbook.title}\n{self.handbook.note}")
        for item in self.handbook.items:
            yield Said(f"{RELEASE_FILE} {item.code}", item.change_note, item.visibility is Visibility.ALLE)

    def _said_in_data(self) -> Iterator[Said]:
        for kind in SINGLES:
            if kind in self.sound:
                for place, words in _words_in(self.data(kind), FILE[kind]):
                    yield Said(place, words)

    def _said_in_documents(self) -> Iterator[Said]:
        for paper in self.papers:
            for_all = paper.item.visibility is Visibility.ALLE
            if ItemKind.DOCUMENT in self.sound:
                yield from (Said(paper.place, words, for_all) for _, words in _words_in(paper.row, ""))
            raw = (paper.item.content.text or "", paper.word.everything if paper.word else "")
            for words in (*raw, paper.text, *paper.headings, *(blank.words for blank in paper.blanks)):
                yield Said(paper.file, words, for_all)


def _words_in(value: object, place: str) -> Iterator[tuple[str, str]]:
    """Give every text in data, with the place of the row it is in; not the documents of a step, which are filtered."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        own = value.get("id")
        for name, part in value.items():
            if name != "documenten":
                yield from _words_in(part, f"{place} {own}" if own else place)
    elif isinstance(value, list):
        for part in value:
            yield from _words_in(part, place)


# --- VORM: the shape of the files -------------------------------------------------------------------------------------


def _missing_keys(book: Book) -> Iterator[Problem]:
    """Every row has the keys its file needs (DESIGN section 4: files keep the keys of the domain)."""
    yield from _misfits(book, "VORM-01")


def _wrong_values(book: Book) -> Iterator[Problem]:
    """Every value is of the kind its key asks for."""
    yield from _misfits(book, "VORM-02")


def _unknown_keys(book: Book) -> Iterator[Problem]:
    """No row has a key that nobody reads."""
    yield from _misfits(book, "VORM-03")


def _unknown_words(book: Book) -> Iterator[Problem]:
    """Kinds and groundings are words from their list (DOMAIN: genoemd, deels, aangenomen)."""
    yield from _misfits(book, "VORM-04")


def _missing_items(book: Book) -> Iterator[Problem]:
    """Handbooks have one flow, one glossary, and one of each other kind that is no document."""
    yield from _misfits(book, "VORM-05")


def _misfits(book: Book, rule: str) -> Iterator[Problem]:
    for misfits in book.misfits.values():
        yield from ((misfit.place, misfit.sentence) for misfit in misfits if misfit.rule == rule)


# --- FLOW: the flow ---------------------------------------------------------------------------------------------------


def _at(step: Step) -> str:
    return f"{FILE[ItemKind.FLOW]} {step.id}"


def _repeated(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name, count in Counter(names).items() if count > 1)


def _flow_ids(book: Book) -> Iterator[Problem]:
    """Roles, routes and steps have ids of their own, and routes an order of their own."""
    data = book.data(ItemKind.FLOW)
    for part in ("rollen", "trajecten", "stappen"):
        for name in _repeated(row["id"] for row in data[part]):
            yield f"{FILE[ItemKind.FLOW]} {name}", f"{name} staat vaker in {part}; geef elk een eigen id."
    for order in _repeated(str(row["volgorde"]) for row in data["trajecten"]):
        yield FILE[ItemKind.FLOW], f"volgorde {order} staat bij meer trajecten; geef elk traject een eigen nummer."


def _routes_exist(book: Book) -> Iterator[Problem]:
    """Every step is of a route that exists (check.py), and every route has a step."""
    for step in book.steps:
        if step.route not in book.flow.routes:
            yield _at(step), f"traject {step.route} bestaat niet; kies een traject uit de lijst trajecten."
    for route in book.flow.routes.values():
        if not route.steps:
            yield f"{FILE[ItemKind.FLOW]} {route.id}", "dit traject heeft geen stap; voeg er een toe of haal het weg."


def _roles_exist(book: Book) -> Iterator[Problem]:
    """Every role a step names exists (check.py)."""
    for step in book.steps:
        for role in dict.fromkeys([*step.roles, *step.documents, *step.tasks, *step.how]):
            if role not in book.flow.roles:
                yield _at(step), f"rol {role} bestaat niet; kies een rol uit de lijst rollen."


def _documents_exist(book: Book) -> Iterator[Problem]:
    """Every document a step gives exists (check.py)."""
    for step in book.steps:
        for code in step.documents_for(step.documents):
            if code not in book.codes:
                yield _at(step), f"document {code} bestaat niet; verbeter de code of voeg het document toe."


def _documents_for_roles_in_step(book: Book) -> Iterator[Problem]:
    """Only a role in a step has documents there (check.py)."""
    for step in book.steps:
        for role in step.documents:
            if role not in step.roles:
                yield _at(step), f"{role} heeft documenten, maar doet niet mee; voeg de rol toe of haal dit weg."


def _documents_for_portal_roles(book: Book) -> Iterator[Problem]:
    """Every role that uses the portal has a document in each of its steps (check.py; DESIGN section 1)."""
    for step, role in _portal_roles(book):
        if not step.documents.get(role):
            yield _at(step), f"{role} heeft geen document; noem bij documenten wat deze rol hier gebruikt."


def _portal_roles(book: Book) -> Iterator[tuple[Step, str]]:
    for step in book.steps:
        for role in dict.fromkeys(step.roles):
            if role in book.flow.roles and book.flow.roles[role].in_portal:
                yield step, role


def _next_steps_exist(book: Book) -> Iterator[Problem]:
    """Every way on leads to a step or to the end (check.py)."""
    for step in book.steps:
        for answer in step.answers:
            if answer.to != END and answer.to not in book.flow.steps:
                yield _at(step), f"volgende stap {answer.to} bestaat niet; kies een stap of {END}."


def _decisions_ask(book: Book) -> Iterator[Problem]:
    """Every decision has a question and at least two answers (check.py)."""
    for step in book.steps:
        if step.kind == "besluit" and (not step.question or len(step.answers) < 2):
            yield _at(step), "een besluit heeft een vraag en minstens twee antwoorden; vul vraag en volgende aan."


def _ends_end(book: Book) -> Iterator[Problem]:
    """No step of kind einde leads on (check.py)."""
    for step in book.steps:
        if step.kind == "einde" and step.answers:
            yield _at(step), "een einde heeft geen volgende stap; haal die weg of kies een andere soort."


def _others_go_on(book: Book) -> Iterator[Problem]:
    """Every other step leads on (check.py)."""
    for step in book.steps:
        if step.kind != "einde" and not step.answers:
            yield _at(step), f"deze stap heeft geen volgende stap; noem die bij volgende, of kies {END}."


def _steps_reachable(book: Book) -> Iterator[Problem]:
    """Every step can be reached from the start (check.py)."""
    steps, seen, waiting = book.flow.steps, set[str](), [book.flow.start]
    while waiting:
        code = waiting.pop()
        if code in steps and code not in seen:
            seen.add(code)
            waiting.extend(answer.to for answer in steps[code].answers)
    if seen:
        for step in book.steps:
            if step.id not in seen:
                yield _at(step), f"geen weg leidt van {book.flow.start} hierheen; laat een andere stap hierheen wijzen."


def _steps_named_by_route(book: Book) -> Iterator[Problem]:
    """Ids of steps begin with their route: KAN-07 is a step of KAN (DESIGN section 10, addresses)."""
    for step in book.steps:
        if step.route in book.flow.routes and step.id.rpartition("-")[0] != step.route:
            yield _at(step), f"de stap hoort bij traject {step.route}; laat haar id met {step.route}- beginnen."


def _start_exists(book: Book) -> Iterator[Problem]:
    """There is a step where the flow begins (check.py)."""
    if book.flow.start not in book.flow.steps:
        yield FILE[ItemKind.FLOW], f"start {book.flow.start} bestaat niet; kies een stap uit de lijst stappen."


def _tasks_for_portal_roles(book: Book) -> Iterator[Problem]:
    """Every role that uses the portal reads in each of its steps what it does (DESIGN section 1)."""
    for step, role in _portal_roles(book):
        if role not in step.tasks:
            yield _at(step), f"{role} heeft geen taak; schrijf bij wat_doet_wie wat deze rol hier doet."


def _how_for_portal_roles(book: Book) -> Iterator[Problem]:
    """Every role that uses the portal reads in each of its steps how it does that."""
    for step, role in _portal_roles(book):
        if not step.how.get(role):
            yield _at(step), f"{role} heeft geen werkwijze; schrijf hoe deze rol hier te werk gaat."


def _texts_for_roles_in_step(book: Book) -> Iterator[Problem]:
    """Only a role in a step has a task and a way of working there."""
    for step in book.steps:
        for key, texts in (("wat_doet_wie", step.tasks), ("werkwijze", step.how)):
            for role in texts:
                if role not in step.roles:
                    yield _at(step), f"{role} staat bij {key}, maar doet niet mee; voeg de rol toe of haal dit weg."


def _mentioned_documents_given(book: Book) -> Iterator[Problem]:
    """Documents named in a way of working are given to that role in that step."""
    for step in book.steps:
        for role, sentences in step.how.items():
            given = set(step.documents.get(role, ()))
            for code in dict.fromkeys(_codes_in(" ".join(sentences))):
                if code in book.codes and code not in given:
                    yield _at(step), f"de werkwijze van {role} noemt {code}; geef dit document ook bij documenten."


def _codes_in(words: str) -> list[str]:
    """Return the codes in a sentence; not the target of a link, which has a rule of its own."""
    return re.findall(r"(?<![\w:-])[A-Z]{2,6}-[0-9]{2,3}(?![\w-])", words)


def _parents_exist(book: Book) -> Iterator[Problem]:
    """Roles fall under a role that exists and itself falls under none (DOMAIN section 2)."""
    for role in book.flow.roles.values():
        if role.under is not None and (role.under not in book.flow.roles or book.flow.roles[role.under].under):
            sentence = f"valt_onder {role.under} kan niet; kies een rol die bestaat en zelf nergens onder valt."
            yield f"{FILE[ItemKind.FLOW]} {role.id}", sentence


def _roles_once(book: Book) -> Iterator[Problem]:
    """Roles take part in a step once: as the responsible one or as involved."""
    for step in book.steps:
        for role in _repeated(step.roles):
            yield _at(step), f"{role} staat vaker bij verantwoordelijk en betrokken; noem elke rol één keer."


# --- DOC: the documents -----------------------------------------------------------------------------------------------


def _document_codes(book: Book) -> Iterator[Problem]:
    """Every document has a code of its own, that no step has."""
    steps = {row["id"] for row in book.data(ItemKind.FLOW)["stappen"]}
    for code in _repeated(paper.code for paper in book.papers):
        yield f"documenten.yaml {code}", f"code {code} staat vaker in de lijst; geef elk document een eigen code."
    for paper in book.papers:
        if paper.row["code"] != paper.code:
            yield paper.place, f"hier staat de code {paper.row['code']}; maak beide codes gelijk."
        if paper.code in steps:
            yield paper.place, f"{paper.code} is ook een stap; geef het document een andere code."


def _documents_used(book: Book) -> Iterator[Problem]:
    """Every document is used in a step (check.py)."""
    for paper in book.papers:
        if paper.code not in book.flow.steps_of_document:
            yield paper.place, "geen stap gebruikt dit document; noem het bij een stap of haal het weg."


def _audience_exists(book: Book) -> Iterator[Problem]:
    """Every document is meant for at least one role, and for roles that exist."""
    for paper in book.papers:
        if not paper.row["doelgroep"]:
            yield paper.place, "de doelgroep is leeg; noem minstens één rol."
        for role in paper.row["doelgroep"]:
            if role not in book.flow.roles:
                yield paper.place, f"rol {role} bij doelgroep bestaat niet; kies een rol uit het stroomschema."


def _audience_complete(book: Book) -> Iterator[Problem]:
    """Documents are meant for every role that uses them, or for the role that one falls under (check.py)."""
    for paper in book.papers:
        users = {
            role
            for step in book.flow.steps_of_document.get(paper.code, ())
            for role, codes in step.documents.items()
            if paper.code in codes
        }
        missing = {_top(book, role) for role in users} - {_top(book, role) for role in paper.row["doelgroep"]}
        for role in sorted(missing):
            yield paper.place, f"{role} gebruikt dit document in een stap; zet de rol bij doelgroep."


def _top(book: Book, role: str) -> str:
    found = book.flow.roles.get(role)
    return found.under or role if found else role


def _files_open(book: Book) -> Iterator[Problem]:
    """Every document has a text or a file, and a Word file opens."""
    for paper in book.papers:
        if isinstance(paper.read_file, WordError):
            yield paper.file, str(paper.read_file)
        elif paper.item.content.text is None and paper.item.content.original is None:
            yield paper.file, "er is geen tekst en geen bestand; voeg een van beide toe."


def _enough_controls(book: Book) -> Iterator[Problem]:
    """Word files to fill in have at least five fields with names of their own (DESIGN section 8)."""
    for paper in book.papers:
        if paper.word and paper.row["invulbaar"]:
            count = len({control.tag for control in paper.word.controls if control.tag})
            if count < FEWEST_CONTROLS:
                yield paper.file, f"er zijn {count} invulvelden met een eigen naam; maak er minstens {FEWEST_CONTROLS}."


def _controls_named(book: Book) -> Iterator[Problem]:
    """Every field in a Word file has a tag and an alias (DESIGN section 8)."""
    for paper in book.papers:
        for number, control in enumerate(paper.word.controls if paper.word else (), 1):
            if not control.tag or not control.alias:
                name = control.tag or control.alias or f"nummer {number}"
                yield paper.file, f"invulveld {name} heeft geen titel of geen code; vul in Word beide in."


def _pdf_not_fillable(book: Book) -> Iterator[Problem]:
    """Documents to fill in are Word files or pages, never PDFs (DESIGN section 8)."""
    for paper in book.papers:
        if paper.is_pdf and paper.row["invulbaar"]:
            yield paper.place, "een PDF kan niet worden ingevuld; gebruik een Word-bestand of zet invulbaar op false."


def _kept_elsewhere(book: Book) -> Iterator[Problem]:
    """Documents to fill in say that they are kept elsewhere (5.4; DOMAIN section 6)."""
    for paper in book.papers:
        readable = bool(paper.word or paper.blocks)
        if readable and paper.row["invulbaar"] and KEEP_ELSEWHERE not in _spaced(paper.text):
            yield paper.file, f"deze zin ontbreekt; zet hem bovenaan: “{KEEP_ELSEWHERE}”"


def _spaced(words: str) -> str:
    return " ".join(words.split())


def _warning_in_text(book: Book) -> Iterator[Problem]:
    """Documents marked "juridisch nalopen" say so in their own text (DESIGN section 3)."""
    for paper in book.papers:
        marked = paper.row.get("waarschuwing", "").casefold().startswith(LEGAL)
        if marked and LEGAL not in _spaced(paper.text).casefold():
            yield paper.file, f"de waarschuwing zegt “{LEGAL}”, de tekst niet; zet daar een blok met die kop."


def _contracts_warned(book: Book) -> Iterator[Problem]:
    """Contracts with a block "juridisch nalopen" are marked so, for the step cards (DESIGN section 3)."""
    for paper in book.papers:
        named = any(LEGAL in heading.casefold() for heading in paper.headings)
        if named and paper.row["soort"] == DocumentKind.HUURCONTRACT and not paper.row.get("waarschuwing"):
            yield paper.place, f"de tekst heeft een blok “{LEGAL}”; vul de sleutel waarschuwing in."


def _mentioned_codes_exist(book: Book) -> Iterator[Problem]:
    """Codes in a text are of documents or steps; what has first letters that none of these has is no code."""
    known = book.codes | set(book.flow.steps)
    families = {code.rpartition("-")[0] for code in known}
    sentences = (said for said in book.said if not re.fullmatch("[A-Z0-9-]+", said.words))  # what is but a code is data
    for place, code in dict.fromkeys((said.place, code) for said in sentences for code in _codes_in(said.words)):
        if code not in known and code.rpartition("-")[0] in families:
            yield place, f"de tekst noemt {code}, maar dat bestaat niet; verbeter de code."


# --- PAGINA: pages of text --------------------------------------------------------------------------------------------


def _pages_in_subset(book: Book) -> Iterator[Problem]:
    """Texts of pages are in the subset (DESIGN section 4)."""
    for paper in book.papers:
        if isinstance(paper.page, PageError):
            yield f"{paper.file} regel {paper.page.line}", f"{paper.page.message}."


def _links_lead_somewhere(book: Book) -> Iterator[Problem]:
    """Every link in a page leads to a document, a step or a term that exists."""
    targets = {
        "doc": book.codes,
        "stap": frozenset(book.flow.steps),
        "begrip": frozenset(row["id"] for row in book.data(ItemKind.GLOSSARY)["begrippen"]),
    }
    for paper in book.papers:
        for link in links(paper.blocks):
            if link.target not in targets[link.kind]:
                yield paper.file, f"de link “{link.text}” leidt naar {link.kind}:{link.target}; dat bestaat niet."


def _headings_in_order(book: Book) -> Iterator[Problem]:
    """Headings skip no level: the first is of level 2, one of level 3 stands under one of level 2 (WCAG 1.3.1)."""
    for paper in book.papers:
        level = 1
        for block in paper.blocks:
            if isinstance(block, Heading):
                if block.level > level + 1:
                    yield paper.file, f"boven de kop “{plain(block.line)}” ontbreekt een kop met ##; voeg die toe."
                level = block.level


def _pages_to_fill_in(book: Book) -> Iterator[Problem]:
    """Pages to fill in have empty cells in a table: those are their fields (DESIGN section 8)."""
    for paper in book.papers:
        if paper.blocks and paper.row["invulbaar"] and not paper.blanks:
            yield paper.file, "er is niets in te vullen; maak een tabel met lege cellen of zet invulbaar op false."


# --- ZICHT, PRIV: who may know what -----------------------------------------------------------------------------------


def _regio_items_unnamed(book: Book) -> Iterator[Problem]:
    """Texts that everybody may read never name a regio item by code or title (DESIGN section 3)."""
    hidden = [paper for paper in book.papers if paper.item.visibility is Visibility.REGIO]
    names = [(paper.code, _code_pattern(paper.row["code"]), _folded(paper.row["titel"])) for paper in hidden]
    public = [(said.place, _folded(said.words)) for said in book.said if said.for_all]
    for code, pattern, title in names:
        for place in dict.fromkeys(place for place, words in public if pattern.search(words) or title in words):
            yield place, f"de tekst noemt {code}, dat alleen de regio mag zien; haal de code of de titel weg."


def _code_pattern(code: str) -> re.Pattern[str]:
    letters, _, digits = code.casefold().rpartition("-")
    return re.compile(rf"(?<![^\W_]){letters}[-_\s]*{digits}(?![^\W_])")


SIGNS = str.maketrans(
    dict.fromkeys("\u2010\u2012\u2013\u2014\u2015\u2212", "-") | dict.fromkeys("\xad\u200b\u200c\u200d\u2060\ufeff")
)
"""Dashes as one, and signs that nobody sees as none."""


def _folded(words: str) -> str:
    """Return words as they compare: without case, invisible signs, and kinds of spaces and dashes."""
    return _spaced(unicodedata.normalize("NFKC", words).translate(SIGNS).casefold())


MEDICAL = re.compile(r"(?<![^\W_])(bsn|dsm)(?![^\W\d_])|burgerservicenummer|diagnose|medicatie", re.IGNORECASE)
TENANT = frozenset({"huurder", "huurders", "onderhuurder", "client", "clienten", "bewoner", "bewoners", "kandidaat"})
IDENTITY = ("naam", "namen", "adres", "geboorte")


def _no_medical_fields(book: Book) -> Iterator[Problem]:
    """No field asks for a citizen number or for health (5.4, 8; DOMAIN sections 6 and 10)."""
    for paper in book.papers:
        for blank in paper.blanks:
            if found := MEDICAL.search(blank.words):
                yield paper.file, f"het veld “{blank.words}” vraagt naar {found[0]}; haal het weg."


def _no_names_of_tenants(book: Book) -> Iterator[Problem]:
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


# --- BEDRAG, BEGRIP, SYN, OPEN: the tables ----------------------------------------------------------------------------

NUMBER = r"(\d+(?:\.\d{3})*(?:,\d{2})?)"
EURO = re.compile(rf"(?:€|\beuro?\b)\s*{NUMBER}|{NUMBER}\s*euro\b", re.IGNORECASE)


def _euros(words: str) -> dict[Decimal, str]:
    """Return the amounts in words, each with how it is written."""
    found = (match[1] or match[2] for match in EURO.finditer(words))
    return {Decimal(amount.replace(".", "").replace(",", ".")): amount for amount in found}


def _amounts_from_table(book: Book) -> Iterator[Problem]:
    """Every amount in a text stands in the table of amounts, or follows from one there (DESIGN section 3)."""
    stated = [words for row in book.amounts for words in (row["waarde"], *row.get("afgeleid", ()))]
    known = {amount for words in stated for amount in _euros(words)}
    found = ((said.place, *pair) for said in book.said for pair in _euros(said.words).items())
    for place, written in dict.fromkeys((place, written) for place, amount, written in found if amount not in known):
        yield place, f"€ {written} staat niet in bedragen.yaml; verbeter het bedrag of voeg het daar toe."


def _amounts_in_steps(book: Book) -> Iterator[Problem]:
    """Every step an amount or a term belongs to exists."""
    for row in book.amounts:
        for step in row["stappen"]:
            if step not in book.flow.steps:
                yield f"{FILE[ItemKind.AMOUNTS]} {row['id']}", f"stap {step} bestaat niet; verbeter de lijst stappen."


def _amount_ids(book: Book) -> Iterator[Problem]:
    """Amounts and terms have ids of their own."""
    for name in _repeated(row["id"] for row in book.amounts):
        yield f"{FILE[ItemKind.AMOUNTS]} {name}", f"{name} staat er vaker; geef elke regel een eigen id."


def _term_ids(book: Book) -> Iterator[Problem]:
    """Terms have ids and words of their own."""
    rows = book.data(ItemKind.GLOSSARY)["begrippen"]
    for key in ("id", "term"):
        for name in _repeated(row[key].casefold() for row in rows):
            yield f"{FILE[ItemKind.GLOSSARY]} {name}", f"{key} {name} staat er vaker; voeg de begrippen samen."


def _terms_sorted(book: Book) -> Iterator[Problem]:
    """Terms stand in the order of the alphabet."""
    rows = book.data(ItemKind.GLOSSARY)["begrippen"]
    for before, row in pairwise(rows):
        if _sort_key(row["term"]) < _sort_key(before["term"]):
            sentence = f"“{row['term']}” hoort voor “{before['term']}”; zet de begrippen op alfabet."
            yield f"{FILE[ItemKind.GLOSSARY]} {row['id']}", sentence


def _sort_key(words: str) -> str:
    letters = unicodedata.normalize("NFKD", words.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _synonyms_are_several(book: Book) -> Iterator[Problem]:
    """Synonyms come in groups of at least two words, each with an id of its own."""
    rows = book.data(ItemKind.SYNONYMS)["synoniemen"]
    for name in _repeated(row["id"] for row in rows):
        yield f"{FILE[ItemKind.SYNONYMS]} {name}", f"{name} staat er vaker; geef elke groep een eigen id."
    for row in rows:
        if len(row["woorden"]) < 2:
            sentence = "een groep heeft minstens twee woorden; voeg er een toe of haal de groep weg."
            yield f"{FILE[ItemKind.SYNONYMS]} {row['id']}", sentence


def _synonyms_in_one_group(book: Book) -> Iterator[Problem]:
    """Words stand once, in one group of synonyms (DOMAIN section 8)."""
    words = (word.casefold() for row in book.data(ItemKind.SYNONYMS)["synoniemen"] for word in row["woorden"])
    for word in _repeated(words):
        yield FILE[ItemKind.SYNONYMS], f"“{word}” staat er vaker; zet het woord in één groep."


def _open_points_exist(book: Book) -> Iterator[Problem]:
    """Every open point that a step, document, amount or text names is in the list (DOMAIN section 4.2)."""
    known = {row["id"] for row in book.data(ItemKind.OPEN_POINTS)["open_punten"]}
    named = ((said.place, point) for said in book.said for point in re.findall(r"\bO[1-9][0-9]{0,2}\b", said.words))
    for place, point in dict.fromkeys(named):
        if point not in known:
            yield place, f"open punt {point} staat niet in open-punten.yaml; verbeter het nummer of voeg het toe."


def _gaps_have_places(book: Book) -> Iterator[Problem]:
    """Gaps to be filled in are at steps and documents that exist (DOMAIN section 11)."""
    for row in book.data(ItemKind.OPEN_POINTS)["in_te_vullen"]:
        for code in row["waar"]:
            if code not in book.codes and code not in book.flow.steps:
                yield f"{FILE[ItemKind.OPEN_POINTS]} {row['id']}", f"{code} bij waar bestaat niet; verbeter de code."


def _open_point_ids(book: Book) -> Iterator[Problem]:
    """Open points, and what is to be filled in, have ids of their own."""
    data = book.data(ItemKind.OPEN_POINTS)
    for part in ("open_punten", "in_te_vullen"):
        for name in _repeated(row["id"] for row in data[part]):
            yield f"{FILE[ItemKind.OPEN_POINTS]} {name}", f"{name} staat vaker in {part}; geef elk een eigen id."


# --- COLOFON, UITGAVE -------------------------------------------------------------------------------------------------


def _meldpunt_reachable(book: Book) -> Iterator[Problem]:
    """Telephone and mail of the info- en meldpunt can be right (4.5)."""
    desk = book.data(ItemKind.COLOPHON)["meldpunt"]
    if not re.fullmatch(r"\+?[0-9][0-9 ()-]{7,}", desk["telefoon"]):
        yield FILE[ItemKind.COLOPHON], f"telefoon “{desk['telefoon']}” is geen telefoonnummer; vul het hele nummer in."
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", desk["email"], re.IGNORECASE):
        yield FILE[ItemKind.COLOPHON], f"email “{desk['email']}” is geen mailadres; vul het hele adres in."


def _meldpunt_real(book: Book) -> Iterator[Problem]:
    """Invented contact data are marked as such."""
    desk = book.data(ItemKind.COLOPHON)["meldpunt"]
    invented = desk["email"].casefold().endswith(".example") or not re.search("[1-9]", desk["telefoon"])
    if invented and not desk["voorlopig"]:
        yield FILE[ItemKind.COLOPHON], "deze gegevens zijn verzonnen; vul de echte in of zet voorlopig op true."


def _changes_noted(book: Book) -> Iterator[Problem]:
    """Every item is in the list of the release, with what changed (DESIGN section 3; 5.1)."""
    for item in book.handbook.items:
        if not item.change_note.strip():
            yield f"{RELEASE_FILE} {item.code}", "dit onderdeel of zijn wijziging ontbreekt bij onderdelen; vul het in."


def _numbers_from_one(book: Book) -> Iterator[Problem]:
    """Releases and versions count from 1."""
    if book.handbook.number < 1:
        yield RELEASE_FILE, f"nummer {book.handbook.number} kan niet; uitgaven tellen vanaf 1."
    for item in book.handbook.items:
        if item.version < 1:
            yield f"{RELEASE_FILE} {item.code}", f"versie {item.version} kan niet; versies tellen vanaf 1."


def _release_titled(book: Book) -> Iterator[Problem]:
    """Releases have a title of at most 200 characters, and a note on what they bring (DESIGN section 3)."""
    if not book.handbook.title.strip() or len(book.handbook.title) > LONGEST_TITLE:
        yield RELEASE_FILE, f"de titel is leeg of langer dan {LONGEST_TITLE} tekens; schrijf een korte titel."
    if not book.handbook.note.strip():
        yield RELEASE_FILE, "de toelichting is leeg; schrijf wat deze uitgave brengt."


# --- The table of rules -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """One rule: its stable id, what finds its problems, and the files that must have their shape first."""

    id: str
    find: Callable[[Book], Iterator[Problem]]
    needs: frozenset[ItemKind] = frozenset()


FLOW = frozenset({ItemKind.FLOW})
DOCUMENTS = frozenset({ItemKind.DOCUMENT})
GLOSSARY = frozenset({ItemKind.GLOSSARY})
SYNONYMS = frozenset({ItemKind.SYNONYMS})
AMOUNTS = frozenset({ItemKind.AMOUNTS})
OPEN_POINTS = frozenset({ItemKind.OPEN_POINTS})
COLOPHON = frozenset({ItemKind.COLOPHON})

RULES: tuple[Rule, ...] = (
    Rule("VORM-01", _missing_keys),
    Rule("VORM-02", _wrong_values),
    Rule("VORM-03", _unknown_keys),
    Rule("VORM-04", _unknown_words),
    Rule("VORM-05", _missing_items),
    Rule("FLOW-01", _flow_ids, FLOW),
    Rule("FLOW-02", _routes_exist, FLOW),
    Rule("FLOW-03", _roles_exist, FLOW),
    Rule("FLOW-04", _documents_exist, FLOW | DOCUMENTS),
    Rule("FLOW-05", _documents_for_roles_in_step, FLOW),
    Rule("FLOW-06", _documents_for_portal_roles, FLOW),
    Rule("FLOW-07", _next_steps_exist, FLOW),
    Rule("FLOW-08", _decisions_ask, FLOW),
    Rule("FLOW-09", _ends_end, FLOW),
    Rule("FLOW-10", _others_go_on, FLOW),
    Rule("FLOW-11", _steps_reachable, FLOW),
    Rule("FLOW-12", _steps_named_by_route, FLOW),
    Rule("FLOW-13", _start_exists, FLOW),
    Rule("FLOW-14", _tasks_for_portal_roles, FLOW),
    Rule("FLOW-15", _how_for_portal_roles, FLOW),
    Rule("FLOW-16", _texts_for_roles_in_step, FLOW),
    Rule("FLOW-17", _mentioned_documents_given, FLOW | DOCUMENTS),
    Rule("FLOW-18", _parents_exist, FLOW),
    Rule("FLOW-19", _roles_once, FLOW),
    Rule("DOC-01", _document_codes, FLOW | DOCUMENTS),
    Rule("DOC-02", _documents_used, FLOW | DOCUMENTS),
    Rule("DOC-03", _audience_exists, FLOW | DOCUMENTS),
    Rule("DOC-04", _audience_complete, FLOW | DOCUMENTS),
    Rule("DOC-05", _files_open),
    Rule("DOC-06", _enough_controls, DOCUMENTS),
    Rule("DOC-07", _controls_named),
    Rule("DOC-08", _pdf_not_fillable, DOCUMENTS),
    Rule("DOC-09", _kept_elsewhere, DOCUMENTS),
    Rule("DOC-10", _warning_in_text, DOCUMENTS),
    Rule("DOC-11", _contracts_warned, DOCUMENTS),
    Rule("DOC-12", _mentioned_codes_exist, FLOW | DOCUMENTS),
    Rule("PAGINA-01", _pages_in_subset),
    Rule("PAGINA-02", _links_lead_somewhere, FLOW | DOCUMENTS | GLOSSARY),
    Rule("PAGINA-03", _headings_in_order),
    Rule("PAGINA-04", _pages_to_fill_in, DOCUMENTS),
    Rule("ZICHT-01", _regio_items_unnamed, DOCUMENTS),
    Rule("PRIV-01", _no_medical_fields),
    Rule("PRIV-02", _no_names_of_tenants),
    Rule("BEDRAG-01", _amounts_from_table, AMOUNTS),
    Rule("BEDRAG-02", _amounts_in_steps, AMOUNTS | FLOW),
    Rule("BEDRAG-03", _amount_ids, AMOUNTS),
    Rule("BEGRIP-01", _term_ids, GLOSSARY),
    Rule("BEGRIP-02", _terms_sorted, GLOSSARY),
    Rule("SYN-01", _synonyms_are_several, SYNONYMS),
    Rule("SYN-02", _synonyms_in_one_group, SYNONYMS),
    Rule("OPEN-01", _open_points_exist, OPEN_POINTS),
    Rule("OPEN-02", _gaps_have_places, OPEN_POINTS | FLOW | DOCUMENTS),
    Rule("OPEN-03", _open_point_ids, OPEN_POINTS),
    Rule("COLOFON-01", _meldpunt_reachable, COLOPHON),
    Rule("COLOFON-02", _meldpunt_real, COLOPHON),
    Rule("UITGAVE-01", _changes_noted),
    Rule("UITGAVE-02", _numbers_from_one),
    Rule("UITGAVE-03", _release_titled),
)
