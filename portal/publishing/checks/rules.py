"""RULES"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from portal.publishing.checks.book import Book, Problem
from portal.publishing.checks.documents import audience_complete, audience_exists, contracts_warned, controls_named, document_codes, documents_used, enough_controls, files_open, headings_in_order, kept_elsewhere, links_lead_somewhere, mentioned_codes_exist, pages_in_subset, pages_to_fill_in, pdf_not_fillable, warning_in_text
from portal.publishing.checks.files import changes_noted, missing_items, missing_keys, numbers_from_one, release_titled, unknown_keys, unknown_words, wrong_values
from portal.publishing.checks.flow import decisions_ask, documents_exist, documents_for_portal_roles, documents_for_roles_in_step, ends_end, flow_ids, how_for_portal_roles, mentioned_documents_given, next_steps_exist, others_go_on, parents_exist, roles_exist, roles_once, routes_exist, start_exists, steps_named_by_route, steps_reachable, tasks_for_portal_roles, texts_for_roles_in_step
from portal.publishing.checks.tables import amount_ids, amounts_from_table, amounts_in_steps, gaps_have_places, meldpunt_reachable, meldpunt_real, open_point_ids, open_points_exist, synonyms_are_several, synonyms_in_one_group, term_ids, terms_sorted
from portal.publishing.checks.texts import no_medical_fields, no_names_of_tenants, regio_items_unnamed
from portal.publishing.content import Handbook
from portal.releases.models import ItemKind


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
    Rule("VORM-01", missing_keys),
    Rule("VORM-02", wrong_values),
    Rule("VORM-03", unknown_keys),
    Rule("VORM-04", unknown_words),
    Rule("VORM-05", missing_items),
    Rule("FLOW-01", flow_ids, FLOW),
    Rule("FLOW-02", routes_exist, FLOW),
    Rule("FLOW-03", roles_exist, FLOW),
    Rule("FLOW-04", documents_exist, FLOW | DOCUMENTS),
    Rule("FLOW-05", documents_for_roles_in_step, FLOW),
    Rule("FLOW-06", documents_for_portal_roles, FLOW),
    Rule("FLOW-07", next_steps_exist, FLOW),
    Rule("FLOW-08", decisions_ask, FLOW),
    Rule("FLOW-09", ends_end, FLOW),
    Rule("FLOW-10", others_go_on, FLOW),
    Rule("FLOW-11", steps_reachable, FLOW),
    Rule("FLOW-12", steps_named_by_route, FLOW),
    Rule("FLOW-13", start_exists, FLOW),
    Rule("FLOW-14", tasks_for_portal_roles, FLOW),
    Rule("FLOW-15", how_for_portal_roles, FLOW),
    Rule("FLOW-16", texts_for_roles_in_step, FLOW),
    Rule("FLOW-17", mentioned_documents_given, FLOW | DOCUMENTS),
    Rule("FLOW-18", parents_exist, FLOW),
    Rule("FLOW-19", roles_once, FLOW),
    Rule("DOC-01", document_codes, FLOW | DOCUMENTS),
    Rule("DOC-02", documents_used, FLOW | DOCUMENTS),
    Rule("DOC-03", audience_exists, FLOW | DOCUMENTS),
    Rule("DOC-04", audience_complete, FLOW | DOCUMENTS),
    Rule("DOC-05", files_open),
    Rule("DOC-06", enough_controls, DOCUMENTS),
    Rule("DOC-07", controls_named),
    Rule("DOC-08", pdf_not_fillable, DOCUMENTS),
    Rule("DOC-09", kept_elsewhere, DOCUMENTS),
    Rule("DOC-10", warning_in_text, DOCUMENTS),
    Rule("DOC-11", contracts_warned, DOCUMENTS),
    Rule("DOC-12", mentioned_codes_exist, FLOW | DOCUMENTS),
    Rule("PAGINA-01", pages_in_subset),
    Rule("PAGINA-02", links_lead_somewhere, FLOW | DOCUMENTS | GLOSSARY),
    Rule("PAGINA-03", headings_in_order),
    Rule("PAGINA-04", pages_to_fill_in, DOCUMENTS),
    Rule("ZICHT-01", regio_items_unnamed, DOCUMENTS),
    Rule("PRIV-01", no_medical_fields),
    Rule("PRIV-02", no_names_of_tenants),
    Rule("BEDRAG-01", amounts_from_table, AMOUNTS),
    Rule("BEDRAG-02", amounts_in_steps, AMOUNTS | FLOW),
    Rule("BEDRAG-03", amount_ids, AMOUNTS),
    Rule("BEGRIP-01", term_ids, GLOSSARY),
    Rule("BEGRIP-02", terms_sorted, GLOSSARY),
    Rule("SYN-01", synonyms_are_several, SYNONYMS),
    Rule("SYN-02", synonyms_in_one_group, SYNONYMS),
    Rule("OPEN-01", open_points_exist, OPEN_POINTS),
    Rule("OPEN-02", gaps_have_places, OPEN_POINTS | FLOW | DOCUMENTS),
    Rule("OPEN-03", open_point_ids, OPEN_POINTS),
    Rule("COLOFON-01", meldpunt_reachable, COLOPHON),
    Rule("COLOFON-02", meldpunt_real, COLOPHON),
    Rule("UITGAVE-01", changes_noted),
    Rule("UITGAVE-02", numbers_from_one),
    Rule("UITGAVE-03", release_titled),
)
