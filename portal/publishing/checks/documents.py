"""DOC and PAGINA: documents are complete and used, and their links and codes lead somewhere."""

import re
from collections.abc import Iterator

from portal.documents.controls import WordError
from portal.documents.models import DocumentKind
from portal.documents.pages import Heading, PageError, links, plain
from portal.publishing.checks.book import Book, Problem
from portal.publishing.checks.words import code_pattern, codes_in, folded, repeated, spaced
from portal.releases.models import ItemKind

KEEP_ELSEWHERE = "Bewaar dit ingevulde stuk in uw eigen systeem, niet in het portaal."
"""Stands in every fillable document: the handbook holds no tenant data (5.4)."""
LEGAL = "juridisch nalopen"
FEWEST_CONTROLS = 5
NOT_THERE = {
    "doc": "dat document is er niet (meer). Kies een ander document of haal de link weg.",
    "stap": "die stap is er niet (meer). Kies een andere stap of haal de link weg.",
    "begrip": "dat begrip is er niet (meer). Is de korte naam veranderd? Verbeter dan de link.",
}
"""What is said of a link by the kind of what it should lead to."""


def document_codes(book: Book) -> Iterator[Problem]:
    """Every document has a code of its own, that no step has."""
    steps = {row["id"] for row in book.data(ItemKind.FLOW)["stappen"]}
    for code in repeated(paper.code for paper in book.papers):
        yield f"documenten.yaml {code}", f"code {code} staat vaker in de lijst; geef elk document een eigen code."
    for paper in book.papers:
        if paper.row["code"] != paper.code:
            yield paper.place, f"hier staat de code {paper.row['code']}; maak beide codes gelijk."
        if paper.code in steps:
            yield paper.place, f"{paper.code} is ook een stap; geef het document een andere code."


def documents_used(book: Book) -> Iterator[Problem]:
    """Every document is used in a step (check.py).

    A manual is not: it is about the handbook itself, and no tenant's route leads past it.
    """
    for paper in book.papers:
        if paper.row["soort"] != DocumentKind.HANDLEIDING and paper.code not in book.flow.steps_of_document:
            yield paper.place, "geen stap verwijst naar dit document. Lezers vinden het bij Documenten en met zoeken."


def audience_exists(book: Book) -> Iterator[Problem]:
    """Every document is meant for at least one role, and for roles that exist."""
    for paper in book.papers:
        if not paper.row["doelgroep"]:
            yield paper.place, "de doelgroep is leeg; noem minstens één rol."
        for role in paper.row["doelgroep"]:
            if role not in book.flow.roles:
                yield paper.place, f"rol {role} bij doelgroep bestaat niet; kies een rol uit het stroomschema."


def audience_complete(book: Book) -> Iterator[Problem]:
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


def files_open(book: Book) -> Iterator[Problem]:
    """Every document has a text or a file, and a Word file opens."""
    for paper in book.papers:
        if isinstance(paper.read_file, WordError):
            yield paper.file, str(paper.read_file)
        elif paper.item.content.text is None and paper.item.content.original is None:
            yield paper.file, "er is geen tekst en geen bestand; voeg een van beide toe."


def enough_controls(book: Book) -> Iterator[Problem]:
    """Word files to fill in have at least five fields with names of their own (DESIGN section 8)."""
    for paper in book.papers:
        if paper.word and paper.row["invulbaar"]:
            count = len({control.tag for control in paper.word.controls if control.tag})
            if count < FEWEST_CONTROLS:
                yield paper.file, f"er zijn {count} invulvelden met een eigen naam; maak er minstens {FEWEST_CONTROLS}."


def controls_named(book: Book) -> Iterator[Problem]:
    """Every field in a Word file has a tag and an alias (DESIGN section 8)."""
    for paper in book.papers:
        for number, control in enumerate(paper.word.controls if paper.word else (), 1):
            if not control.tag or not control.alias:
                name = control.tag or control.alias or f"nummer {number}"
                yield paper.file, f"invulveld {name} heeft geen titel of geen label; vul in Word beide in."


def pdf_not_fillable(book: Book) -> Iterator[Problem]:
    """Documents to fill in are Word files or pages, never PDFs (DESIGN section 8)."""
    for paper in book.papers:
        if paper.is_pdf and paper.row["invulbaar"]:
            yield (
                paper.place,
                "een PDF kan niet worden ingevuld; gebruik een Word-bestand of zeg dat lezers dit niet invullen.",
            )


def kept_elsewhere(book: Book) -> Iterator[Problem]:
    """Documents to fill in say that they are kept elsewhere (5.4; DOMAIN section 6)."""
    for paper in book.papers:
        readable = bool(paper.word or paper.blocks)
        if readable and paper.row["invulbaar"] and KEEP_ELSEWHERE not in spaced(paper.text):
            yield paper.file, f"deze zin ontbreekt; zet hem bovenaan: “{KEEP_ELSEWHERE}”"


def warning_in_text(book: Book) -> Iterator[Problem]:
    """Documents marked "juridisch nalopen" say so in their own text (DESIGN section 3)."""
    for paper in book.papers:
        marked = paper.row.get("waarschuwing", "").casefold().startswith(LEGAL)
        if marked and LEGAL not in spaced(paper.text).casefold():
            yield paper.file, f"de waarschuwing zegt “{LEGAL}”, de tekst niet; zet daar een blok met die kop."


def contracts_warned(book: Book) -> Iterator[Problem]:
    """Contracts with a block "juridisch nalopen" are marked so, for the step cards (DESIGN section 3)."""
    for paper in book.papers:
        named = any(LEGAL in heading.casefold() for heading in paper.headings)
        if named and paper.row["soort"] == DocumentKind.HUURCONTRACT and not paper.row.get("waarschuwing"):
            yield paper.place, f"de tekst heeft een blok “{LEGAL}”; vul de waarschuwing in."


def mentioned_codes_exist(book: Book) -> Iterator[Problem]:
    """Codes in a text are of documents or steps; what has first letters that none of these has is no code."""
    known = book.codes | set(book.flow.steps)
    families = {code.rpartition("-")[0] for code in known}
    sentences = (said for said in book.said if not re.fullmatch("[A-Z0-9-]+", said.words))  # what is but a code is data
    for place, code in dict.fromkeys((said.place, code) for said in sentences for code in codes_in(said.words)):
        if code not in known and code.rpartition("-")[0] in families:
            yield place, f"de tekst noemt {code}, maar dat bestaat niet; verbeter de code."


def pages_in_subset(book: Book) -> Iterator[Problem]:
    """Texts of pages are in the subset (DESIGN section 4)."""
    for paper in book.papers:
        if isinstance(paper.page, PageError):
            yield f"{paper.file} regel {paper.page.line}", f"{paper.page.message}."


def links_lead_somewhere(book: Book) -> Iterator[Problem]:
    """Every link in a page leads to a document, a step or a term that exists."""
    targets = {
        "doc": book.codes,
        "stap": frozenset(book.flow.steps),
        "begrip": frozenset(row["id"] for row in book.data(ItemKind.GLOSSARY)["begrippen"]),
    }
    for paper in book.papers:
        for link in links(paper.blocks):
            if link.target not in targets[link.kind]:
                yield paper.file, f"de link “{link.text}” leidt naar {link.target}; {NOT_THERE[link.kind]}"


def headings_in_order(book: Book) -> Iterator[Problem]:
    """Headings skip no level: the first is of level 2, one of level 3 stands under one of level 2 (WCAG 1.3.1)."""
    for paper in book.papers:
        level = 1
        for block in paper.blocks:
            if isinstance(block, Heading):
                if block.level > level + 1:
                    yield paper.file, f"boven de kop “{plain(block.line)}” ontbreekt een kop met ##; voeg die toe."
                level = block.level


def pages_to_fill_in(book: Book) -> Iterator[Problem]:
    """Pages to fill in have empty cells in a table: those are their fields (DESIGN section 8)."""
    for paper in book.papers:
        if paper.blocks and paper.row["invulbaar"] and not paper.blanks:
            yield (
                paper.file,
                "er is niets in te vullen; maak een tabel met lege cellen of zeg dat lezers dit niet invullen.",
            )


def links_say_no_codes(book: Book) -> Iterator[Problem]:
    """Words of a link leave out the code of its document: who may not know the document reads them as plain words."""
    for paper in book.papers:
        for link in links(paper.blocks):
            is_document = link.kind == "doc" and link.target in book.codes
            if is_document and code_pattern(link.target).search(folded(link.text)):
                sentence = f"de link “{link.text}” noemt de code {link.target}; schrijf de titel van het document."
                yield paper.file, sentence
