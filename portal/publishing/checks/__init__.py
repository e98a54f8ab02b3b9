"""The rules a handbook must hold to before it is imported or published: ``portal check`` says what does not.

First the shape of every file (VORM, in ``shapes``): which keys there are and what is in them. Rules that need a file of
a wrong shape are skipped, so that all rules may trust their data; ``book`` lays these out. Then the rules themselves,
each a generator of a place and a sentence; the table ``RULES`` at the bottom gives their ids, their order and the files
they need. Ids are stable: people look them up.

Sources in the docstrings: "DOMAIN" and "DESIGN" are the founding papers of the product, "check.py" is the consistency
check that came with the first flow; a number such as 5.4 is a section of the covenant.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from portal.publishing.checks import documents, files, flow, tables, texts
from portal.publishing.checks.book import Book, Problem
from portal.publishing.checks.shapes import FILE, RELEASE_FILE
from portal.publishing.content import Handbook
from portal.releases.models import ItemKind


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: by which rule, what to do about it, and in which file at which id."""

    rule: str
    sentence: str
    place: str
    stops: bool = True
    """Whether a handbook with this may not be imported or published; an editor is told of the rest."""
    about: str = ""
    """What in that place is meant, when a page words it anew: the amount."""

    @property
    def item(self) -> str | None:
        """Return the code of the item it is about; None when that is the release itself."""
        file, _, found = self.place.partition(" ")
        if file in (RELEASE_FILE, FILE[ItemKind.DOCUMENT]):
            return found.partition(" ")[0] or None
        return PurePosixPath(file).stem

    @property
    def row(self) -> str:
        """Return the id of the row in that item, such as a step in the flow; empty for a document."""
        file, _, found = self.place.partition(" ")
        return found if self.item == PurePosixPath(file).stem and file in FILE.values() else ""

    @property
    def meaning(self) -> tuple[str, ...]:
        """Return by what it is the same in another handbook: the lines of a text move when others come above it."""
        return self.rule, re.sub(r" regel \d+$", "", self.place), self.sentence

    def __str__(self) -> str:
        """Return the line ``portal check`` prints."""
        return f"{self.rule} {self.place}: {self.sentence}"


def check(handbook: Handbook) -> list[Finding]:
    """Return everything that is wrong with a handbook; nothing when it is consistent. Never raises."""
    return check_book(Book(handbook))


def check_book(book: Book) -> list[Finding]:
    """Return what ``check`` does of a handbook that is laid out already."""
    return [
        Finding(rule.id, sentence, place, rule.stops, *about)
        for rule in RULES
        if rule.needs <= book.sound
        for place, sentence, *about in rule.find(book)
    ]


@dataclass(frozen=True)
class Rule:
    """One rule: its stable id, what finds its problems, and the files that must have their shape first."""

    id: str
    find: Callable[[Book], Iterator[Problem]]
    needs: frozenset[ItemKind] = frozenset()
    stops: bool = True


FLOW = frozenset({ItemKind.FLOW})
DOCUMENTS = frozenset({ItemKind.DOCUMENT})
GLOSSARY = frozenset({ItemKind.GLOSSARY})
SYNONYMS = frozenset({ItemKind.SYNONYMS})
AMOUNTS = frozenset({ItemKind.AMOUNTS})
OPEN_POINTS = frozenset({ItemKind.OPEN_POINTS})
COLOPHON = frozenset({ItemKind.COLOPHON})

RULES: tuple[Rule, ...] = (
    Rule("VORM-01", files.missing_keys),
    Rule("VORM-02", files.wrong_values),
    Rule("VORM-03", files.unknown_keys),
    Rule("VORM-04", files.unknown_words),
    Rule("VORM-05", files.missing_items),
    Rule("FLOW-01", flow.flow_ids, FLOW),
    Rule("FLOW-02", flow.routes_exist, FLOW),
    Rule("FLOW-03", flow.roles_exist, FLOW),
    Rule("FLOW-04", flow.documents_exist, FLOW | DOCUMENTS),
    Rule("FLOW-05", flow.documents_for_roles_in_step, FLOW),
    Rule("FLOW-06", flow.documents_for_portal_roles, FLOW),
    Rule("FLOW-07", flow.next_steps_exist, FLOW),
    Rule("FLOW-08", flow.decisions_ask, FLOW),
    Rule("FLOW-09", flow.ends_end, FLOW),
    Rule("FLOW-10", flow.others_go_on, FLOW),
    Rule("FLOW-11", flow.steps_reachable, FLOW),
    Rule("FLOW-12", flow.steps_named_by_route, FLOW),
    Rule("FLOW-13", flow.start_exists, FLOW),
    Rule("FLOW-14", flow.tasks_for_portal_roles, FLOW),
    Rule("FLOW-15", flow.how_for_portal_roles, FLOW),
    Rule("FLOW-16", flow.texts_for_roles_in_step, FLOW),
    Rule("FLOW-17", flow.mentioned_documents_given, FLOW | DOCUMENTS),
    Rule("FLOW-18", flow.parents_exist, FLOW),
    Rule("FLOW-19", flow.roles_once, FLOW),
    Rule("DOC-01", documents.document_codes, FLOW | DOCUMENTS),
    # a document may be there before the flow names it: it is found in the library and by searching
    Rule("DOC-02", documents.documents_used, FLOW | DOCUMENTS, stops=False),
    Rule("DOC-03", documents.audience_exists, FLOW | DOCUMENTS),
    Rule("DOC-04", documents.audience_complete, FLOW | DOCUMENTS),
    Rule("DOC-05", documents.files_open),
    Rule("DOC-06", documents.enough_controls, DOCUMENTS),
    Rule("DOC-07", documents.controls_named),
    Rule("DOC-08", documents.pdf_not_fillable, DOCUMENTS),
    Rule("DOC-09", documents.kept_elsewhere, DOCUMENTS),
    Rule("DOC-10", documents.warning_in_text, DOCUMENTS),
    Rule("DOC-11", documents.contracts_warned, DOCUMENTS),
    Rule("DOC-12", documents.mentioned_codes_exist, FLOW | DOCUMENTS),
    Rule("PAGINA-01", documents.pages_in_subset),
    Rule("PAGINA-02", documents.links_lead_somewhere, FLOW | DOCUMENTS | GLOSSARY),
    Rule("PAGINA-03", documents.headings_in_order),
    Rule("PAGINA-04", documents.pages_to_fill_in, DOCUMENTS),
    Rule("PAGINA-05", documents.links_say_no_codes),
    Rule("ZICHT-01", texts.regio_items_unnamed, DOCUMENTS),
    Rule("PRIV-01", texts.no_medical_fields),
    Rule("PRIV-02", texts.no_names_of_tenants),
    Rule("BEDRAG-01", tables.amounts_from_table, AMOUNTS),
    Rule("BEDRAG-02", tables.amounts_in_steps, AMOUNTS | FLOW),
    Rule("BEDRAG-03", tables.amount_ids, AMOUNTS),
    Rule("BEGRIP-01", tables.term_ids, GLOSSARY),
    Rule("BEGRIP-02", tables.terms_sorted, GLOSSARY),
    Rule("SYN-01", tables.synonyms_are_several, SYNONYMS),
    Rule("SYN-02", tables.synonyms_in_one_group, SYNONYMS),
    Rule("OPEN-01", tables.open_points_exist, OPEN_POINTS),
    Rule("OPEN-02", tables.gaps_have_places, OPEN_POINTS | FLOW | DOCUMENTS),
    Rule("OPEN-03", tables.open_point_ids, OPEN_POINTS),
    Rule("COLOFON-01", tables.meldpunt_reachable, COLOPHON),
    Rule("COLOFON-02", tables.meldpunt_real, COLOPHON),
    Rule("UITGAVE-01", files.changes_noted),
    Rule("UITGAVE-02", files.numbers_from_one),
    Rule("UITGAVE-03", files.release_titled),
)
