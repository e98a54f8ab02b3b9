"""Every rule finds exactly its own fault, planted in the starter handbook; no data, however odd, make a check raise."""

import functools
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.documents import pages
from portal.documents.controls import WordFile
from portal.publishing.checks import RULES, Finding, book, check
from portal.publishing.checks.documents import KEEP_ELSEWHERE
from portal.publishing.content import Handbook, ItemContent, read
from portal.releases.models import ItemKind, Visibility
from portal.releases.operations import Content
from tests.conftest import CONTENT, LONG
from tests.documents.pdf_file import pdf

PAGE = "Dit is een pagina.\n"
EXAMPLES = 1000 if LONG else 60


class Draft:
    """A copy of a handbook to plant a fault in."""

    def __init__(self, handbook: Handbook) -> None:
        self.handbook = handbook
        self.items: dict[str, ItemContent] = {item.code: item for item in handbook.items}
        self.rows: dict[str, dict[str, Any]] = {item.code: deepcopy(item.content.data) for item in handbook.items}
        self.texts: dict[str, str | None] = {item.code: item.content.text for item in handbook.items}
        self.files: dict[str, bytes | None] = {item.code: item.content.original for item in handbook.items}

    def step(self, code: str) -> dict[str, Any]:
        return next(row for row in self.rows["stroomschema"]["stappen"] if row["id"] == code)

    def role(self, name: str) -> dict[str, Any]:
        return next(row for row in self.rows["stroomschema"]["rollen"] if row["id"] == name)

    def item(self, code: str, **changes: Any) -> None:
        self.items[code] = replace(self.items[code], **changes)

    def copy(self, code: str, new: str) -> None:
        """Add a document with the words of another."""
        self.items[new] = replace(self.items[code], code=new)
        self.rows[new] = self.rows[code] | {"code": new}
        self.texts[new], self.files[new] = self.texts[code], self.files[code]

    def word(self, code: str, change: Callable[[Any], object]) -> None:
        """Change the main part of a Word file."""
        file = WordFile(self.files[code] or b"")
        change(file.document)
        file.put(file.main, file.document)
        self.files[code] = file.to_bytes()

    def say(self, code: str, words: str) -> None:
        """Say something on a page."""
        self.texts[code] = f"{self.texts[code]}\n{words}\n"

    def built(self) -> Handbook:
        return replace(self.handbook, items=tuple(self._built(item) for item in self.items.values()))

    def _built(self, item: ItemContent) -> ItemContent:
        return replace(item, content=Content(self.rows[item.code], self.texts[item.code], self.files[item.code]))


Plant = Callable[[Draft], object]
FAULTS: list[tuple[str, Plant]] = []


def plants(rule: str) -> Callable[[Plant], Plant]:
    """Register what plants a fault against this rule and no other."""

    def register(plant: Plant) -> Plant:
        FAULTS.append((rule, plant))
        return plant

    return register


def set_value(element: Any, name: str, value: str) -> None:
    next(element.iter(qn(name))).set(qn("w:val"), value)


def add_words(root: Any, words: str) -> None:
    text = next(root.iter(qn("w:t")))
    text.text = f"{text.text} {words}"


@pytest.fixture(scope="module", autouse=True)
def _read_files_once() -> Iterator[None]:
    """Read equal texts and files once for all tests here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(book, "_read_word", functools.cache(book._read_word))
        patch.setattr(book, "parse", functools.cache(pages.parse))
        yield


# VORM


@plants("VORM-01")
def a_key_is_missing(draft: Draft) -> None:
    del draft.step("KAN-07")["titel"]


@plants("VORM-01")
def a_key_of_a_document_is_missing(draft: Draft) -> None:
    del draft.rows["ZC-01"]["invulbaar"]


@plants("VORM-02")
def a_section_is_a_number(draft: Draft) -> None:
    draft.step("KAN-07")["convenant"] = [4.3]


@plants("VORM-02")
def a_text_is_empty(draft: Draft) -> None:
    draft.rows["colofon"]["naam"] = " "


@plants("VORM-02")
def a_code_is_a_path(draft: Draft) -> None:
    draft.rows["ZC-01"]["code"] = "../../ZC-01"


@plants("VORM-02")
def a_list_is_a_text(draft: Draft) -> None:
    draft.rows["synoniemen"]["synoniemen"][0]["woorden"] = "huurcontract, contract"


@plants("VORM-02")
def a_date_is_in_another_order(draft: Draft) -> None:
    draft.rows["bedragen"]["bedragen"][0]["geldig_vanaf"] = "01-12-2026"


@plants("VORM-02")
def a_row_is_a_text(draft: Draft) -> None:
    draft.rows["begrippen"]["begrippen"][0] = "casusregisseur"


@plants("VORM-03")
def a_key_is_unknown(draft: Draft) -> None:
    draft.step("KAN-07")["verantwoordelijke"] = "corporatie"


@plants("VORM-04")
def a_kind_of_step_is_unknown(draft: Draft) -> None:
    draft.step("KAN-07")["soort"] = "keuze"


@plants("VORM-04")
def a_kind_of_document_is_unknown(draft: Draft) -> None:
    draft.rows["ZC-01"]["soort"] = "contract"


@plants("VORM-04")
def a_grounding_is_unknown(draft: Draft) -> None:
    draft.rows["begrippen"]["begrippen"][0]["grond"] = "zeker"


@plants("VORM-05")
def the_colophon_is_missing(draft: Draft) -> None:
    del draft.items["colofon"]


# FLOW


@plants("FLOW-01")
def two_steps_have_one_id(draft: Draft) -> None:
    draft.rows["stroomschema"]["stappen"].append(deepcopy(draft.step("KAN-07")))


@plants("FLOW-01")
def two_roles_have_one_id(draft: Draft) -> None:
    draft.rows["stroomschema"]["rollen"].append(deepcopy(draft.role("huurder")))


@plants("FLOW-01")
def two_routes_have_one_place(draft: Draft) -> None:
    draft.rows["stroomschema"]["trajecten"][1]["volgorde"] = 1


@plants("FLOW-02")
def a_route_does_not_exist(draft: Draft) -> None:
    draft.step("KAN-07")["traject"] = "WEG"


@plants("FLOW-02")
def a_route_has_no_steps(draft: Draft) -> None:
    route = {"id": "WEG", "volgorde": 12, "titel": "Verhuizen", "convenant": []}
    draft.rows["stroomschema"]["trajecten"].append(route)


@plants("FLOW-03")
def an_unknown_role_is_involved(draft: Draft) -> None:
    draft.step("KAN-07")["betrokken"].append("wethouder")


@plants("FLOW-04")
def a_step_gives_an_unknown_document(draft: Draft) -> None:
    draft.step("KAN-07")["documenten"]["uitvoeringsdienst"].append("ZC-09")


@plants("FLOW-05")
def a_role_has_documents_but_no_part(draft: Draft) -> None:
    draft.step("INS-01")["documenten"]["regio"] = ["OV-01"]


@plants("FLOW-06")
def a_portal_role_has_no_document(draft: Draft) -> None:
    draft.step("INS-01")["documenten"]["info_meldpunt"] = []
    draft.step("INS-01")["werkwijze"]["info_meldpunt"] = ["Vraag naar de woonsituatie."]


@plants("FLOW-07")
def a_next_step_does_not_exist(draft: Draft) -> None:
    draft.step("INS-01")["volgende"].append({"als": "Anders", "naar": "INS-09"})


@plants("FLOW-08")
def a_decision_has_no_question(draft: Draft) -> None:
    draft.step("INS-01")["vraag"] = None


@plants("FLOW-08")
def a_decision_has_one_answer(draft: Draft) -> None:
    draft.step("LOO-05").update(soort="besluit", vraag="Gaat het beter?")
    answers = draft.step("LOO-05")["volgende"]
    draft.step("LOO-01")["volgende"].extend(answers[1:])
    del answers[1:]


@plants("FLOW-09")
def an_end_goes_on(draft: Draft) -> None:
    draft.step("INS-03")["volgende"] = [{"als": "Toch", "naar": "INS-01"}]


@plants("FLOW-10")
def a_step_leads_nowhere(draft: Draft) -> None:
    draft.step("INS-03")["soort"] = "actie"


@plants("FLOW-11")
def a_step_cannot_be_reached(draft: Draft) -> None:
    for row in draft.rows["stroomschema"]["stappen"]:
        for answer in row["volgende"]:
            if answer["naar"] == "INS-03":
                answer["naar"] = "EINDE"


@plants("FLOW-12")
def a_step_is_named_after_another_route(draft: Draft) -> None:
    draft.step("KAN-07")["traject"] = "ZIT"


@plants("FLOW-13")
def the_start_does_not_exist(draft: Draft) -> None:
    draft.rows["stroomschema"]["start"] = "INS-09"


@plants("FLOW-14")
def a_portal_role_has_no_task(draft: Draft) -> None:
    del draft.step("INS-01")["wat_doet_wie"]["info_meldpunt"]


@plants("FLOW-15")
def a_portal_role_has_no_way_of_working(draft: Draft) -> None:
    del draft.step("INS-01")["werkwijze"]["info_meldpunt"]


@plants("FLOW-15")
def nobody_has_a_way_of_working(draft: Draft) -> None:
    del draft.step("INS-01")["werkwijze"]


@plants("FLOW-16")
def a_role_without_a_part_has_a_task(draft: Draft) -> None:
    draft.step("INS-01")["wat_doet_wie"]["regio"] = "Kijkt mee."


@plants("FLOW-16")
def a_role_without_a_part_has_a_way_of_working(draft: Draft) -> None:
    draft.step("INS-01")["werkwijze"]["regio"] = ["Kijk mee."]


@plants("FLOW-17")
def a_way_of_working_names_a_document_not_given(draft: Draft) -> None:
    draft.step("INS-01")["werkwijze"]["corporatie"].append("Vul het zorgcontract in (ZC-01).")


@plants("FLOW-18")
def a_role_falls_under_nothing(draft: Draft) -> None:
    draft.role("urgentiecommissie")["valt_onder"] = "wethouder"


@plants("FLOW-18")
def a_role_falls_under_one_that_falls_under_another(draft: Draft) -> None:
    draft.role("urgentiecommissie")["valt_onder"] = "urgentiebureau"


@plants("FLOW-19")
def a_role_takes_part_twice(draft: Draft) -> None:
    draft.step("INS-01")["betrokken"].append("corporatie")


# DOC


@plants("DOC-01")
def a_document_has_two_codes(draft: Draft) -> None:
    draft.rows["FO-01"]["code"] = "FO-91"


@plants("DOC-02")
def a_document_is_not_used(draft: Draft) -> None:
    draft.copy("WI-06", "WI-07")


@plants("DOC-03")
def a_document_is_meant_for_an_unknown_role(draft: Draft) -> None:
    draft.rows["FO-01"]["doelgroep"].append("wethouder")


@plants("DOC-04")
def a_document_is_not_meant_for_who_uses_it(draft: Draft) -> None:
    draft.rows["FO-01"]["doelgroep"].remove("uitvoeringsdienst")


@plants("DOC-05")
def a_file_does_not_open(draft: Draft) -> None:
    draft.files["FO-01"] = b"geen Word"


@plants("DOC-05")
def a_document_has_no_text_and_no_file(draft: Draft) -> None:
    draft.files["FO-01"] = None


@plants("DOC-06")
def all_fields_have_one_name(draft: Draft) -> None:
    def rename(root: Any) -> None:
        for tag in root.iter(qn("w:tag")):
            tag.set(qn("w:val"), "veld")

    draft.word("FO-01", rename)


@plants("DOC-07")
def a_field_has_no_alias(draft: Draft) -> None:
    draft.word("FO-01", lambda root: set_value(root, "w:alias", ""))


@plants("DOC-08")
def a_pdf_is_to_be_filled_in(draft: Draft) -> None:
    draft.files["FO-01"] = pdf("Een formulier")


@plants("DOC-09")
def a_form_does_not_say_where_to_keep_it(draft: Draft) -> None:
    def forget(root: Any) -> None:
        for text in root.iter(qn("w:t")):
            text.text = (text.text or "").replace("niet in het portaal", "goed")

    draft.word("FO-01", forget)


@plants("DOC-10")
def a_warning_is_not_in_the_text(draft: Draft) -> None:
    draft.rows["FO-01"]["waarschuwing"] = "Juridisch nalopen: dit is nieuw."


@plants("DOC-11")
def a_contract_has_no_warning(draft: Draft) -> None:
    del draft.rows["HC-01"]["waarschuwing"]


@plants("DOC-12")
def a_term_names_an_unknown_document(draft: Draft) -> None:
    draft.rows["begrippen"]["begrippen"][0]["uitleg"] = "Zie het zorgcontract (ZC-09)."


@plants("DOC-12")
def a_word_file_names_an_unknown_step(draft: Draft) -> None:
    draft.word("FO-01", lambda root: add_words(root, "stap KAN-99"))


# PAGINA


@plants("PAGINA-01")
def a_page_has_other_markup(draft: Draft) -> None:
    draft.say("WI-01", "Dit is *schuin*.")


@plants("PAGINA-01")
def a_page_has_lists_in_lists_in_lists(draft: Draft) -> None:
    draft.say("WI-01", "- " * 3000 + "a")


@plants("PAGINA-02")
def a_link_leads_to_no_document(draft: Draft) -> None:
    draft.say("WI-01", "Zie [het contract](doc:ZC-09).")


@plants("PAGINA-02")
def a_link_leads_to_no_step(draft: Draft) -> None:
    draft.say("WI-01", "Zie [de stap](stap:KAN-99).")


@plants("PAGINA-02")
def a_link_leads_to_no_term(draft: Draft) -> None:
    draft.say("WI-01", "Zie [het woord](begrip:zomaar).")


@plants("PAGINA-03")
def a_heading_skips_a_level(draft: Draft) -> None:
    draft.texts["WI-01"] = "### Kop\n\nTekst.\n"


@plants("PAGINA-04")
def a_page_to_fill_in_has_nothing_to_fill_in(draft: Draft) -> None:
    draft.texts["PR-05"] = f"{KEEP_ELSEWHERE}\n"


@plants("PAGINA-05")
def a_link_says_the_code_of_its_document(draft: Draft) -> None:
    draft.say("WI-01", "Zie [het zorgcontract (ZC-01)](doc:ZC-01).")


@plants("PAGINA-05")
def a_link_in_a_cell_says_a_code_in_another_way(draft: Draft) -> None:
    draft.say("WI-01", "| Stuk |\n| --- |\n| [zc\N{NON-BREAKING HYPHEN}01](doc:ZC-01) |")


# ZICHT: every way to name what only the regio may see


@plants("ZICHT-01")
def a_task_names_a_regio_document(draft: Draft) -> None:
    draft.step("URG-03")["wat_doet_wie"]["urgentiebureau"] = "Zoekt een naam op in OV-03."


@plants("ZICHT-01")
def a_title_of_a_step_names_a_regio_title(draft: Draft) -> None:
    draft.step("URG-03")["titel"] = "De contactpersonenlijst  directe bemiddeling"


@plants("ZICHT-01")
def a_page_names_a_regio_document(draft: Draft) -> None:
    draft.say("WI-01", "Kijk in ov-03 wie u belt.")


@plants("ZICHT-01")
def a_page_names_it_with_another_dash(draft: Draft) -> None:
    draft.say("WI-01", "Kijk in OV\N{NON-BREAKING HYPHEN}03 wie u belt.")


@plants("ZICHT-01")
def a_page_names_it_with_an_invisible_sign(draft: Draft) -> None:
    draft.say("WI-01", "Kijk in OV-\N{ZERO WIDTH SPACE}03 wie u belt.")


@plants("ZICHT-01")
def a_page_links_to_a_regio_document(draft: Draft) -> None:
    draft.say("WI-01", "Kijk in [de lijst](doc:OV-03).")


@plants("ZICHT-01")
def a_page_names_a_title_partly_in_bold(draft: Draft) -> None:
    draft.say("WI-01", "Kijk in de Contactpersonenlijst **directe** bemiddeling.")


@plants("ZICHT-01")
def a_search_word_names_a_regio_title(draft: Draft) -> None:
    draft.rows["WI-01"]["zoekwoorden"].append("toetslijst en advies aan de urgentiecommissie")


@plants("ZICHT-01")
def a_word_file_names_a_regio_document(draft: Draft) -> None:
    draft.word("FO-01", lambda root: add_words(root, "en FO-05"))


@plants("ZICHT-01")
def a_field_names_a_regio_document(draft: Draft) -> None:
    draft.word("FO-01", lambda root: set_value(root, "w:alias", "nummer uit FO-05"))


@plants("ZICHT-01")
def a_property_of_a_word_file_names_a_regio_title(draft: Draft) -> None:
    file = WordFile(draft.files["FO-01"] or b"")
    name = next(name for name in file.parts if name.endswith("core.xml"))
    title = b"<dc:title>Toetslijst en advies aan de urgentiecommissie</dc:title>"
    file.parts[name] = file.parts[name].replace(b"</cp:coreProperties>", title + b"</cp:coreProperties>")
    draft.files["FO-01"] = file.to_bytes()


@plants("ZICHT-01")
def a_term_names_a_regio_document(draft: Draft) -> None:
    draft.rows["begrippen"]["begrippen"][0]["uitleg"] = "Zie FO-05."


@plants("ZICHT-01")
def an_amount_names_a_regio_document(draft: Draft) -> None:
    draft.rows["bedragen"]["bedragen"][0]["omschrijving"] = "Zie FO-05."


@plants("ZICHT-01")
def an_open_point_names_a_regio_document(draft: Draft) -> None:
    draft.rows["open-punten"]["in_te_vullen"][0]["waar"].append("OV-03")


@plants("ZICHT-01")
def a_title_of_a_document_names_a_regio_document(draft: Draft) -> None:
    draft.rows["WI-01"]["titel"] = "Werken met OV-03"


@plants("ZICHT-01")
def a_change_note_names_a_regio_document(draft: Draft) -> None:
    draft.item("WI-01", change_note="OV-03 staat er niet meer in.")


@plants("ZICHT-01")
def the_note_of_the_release_names_a_regio_document(draft: Draft) -> None:
    draft.handbook = replace(draft.handbook, note="Met een nieuwe OV-03.")


@plants("ZICHT-01")
def a_document_named_by_others_is_closed(draft: Draft) -> None:
    draft.item("FO-12", visibility=Visibility.REGIO)


# PRIV


@plants("PRIV-01")
def a_field_asks_for_a_citizen_number(draft: Draft) -> None:
    draft.word("FO-01", lambda root: set_value(root, "w:tag", "bsn_huurder"))


@plants("PRIV-01")
def a_field_asks_for_a_diagnosis(draft: Draft) -> None:
    draft.word("FO-01", lambda root: set_value(root, "w:alias", "Diagnoses volgens de DSM-5"))


@plants("PRIV-01")
def a_cell_asks_for_medication(draft: Draft) -> None:
    draft.say("PR-05", "| Regel | Invullen |\n| --- | --- |\n| Medicatie |  |")


@plants("PRIV-01")
def a_column_asks_for_a_citizen_number(draft: Draft) -> None:
    draft.say("PR-05", "| Regel | BSN |\n| --- | --- |\n| Eerste |  |")


@plants("PRIV-02")
def a_field_asks_for_the_name_of_a_tenant(draft: Draft) -> None:
    draft.word("FO-07", lambda root: set_value(root, "w:alias", "naam kandidaat-huurder"))


@plants("PRIV-02")
def a_field_asks_for_a_birth_date(draft: Draft) -> None:
    draft.word("FO-06", lambda root: set_value(root, "w:alias", "geboortedatum"))


@plants("PRIV-02")
def a_cell_asks_for_an_address_of_nobody_in_particular(draft: Draft) -> None:
    draft.say("PR-04", "| Regel | Invullen |\n| --- | --- |\n| Adres |  |")


# BEDRAG, BEGRIP, SYN, OPEN


@plants("BEDRAG-01")
def a_step_has_another_amount(draft: Draft) -> None:
    draft.step("RIS-03")["wat_doet_wie"]["regio"] = "Betaalt per claim hoogstens EUR 12.000."


@plants("BEDRAG-01")
def a_page_has_another_amount(draft: Draft) -> None:
    draft.say("WI-01", "De vergoeding is €\N{NO-BREAK SPACE}623,76 per jaar.")


@plants("BEDRAG-01")
def a_page_has_an_amount_before_its_coin(draft: Draft) -> None:
    draft.say("WI-01", "De vergoeding is 1.300 euro.")


@plants("BEDRAG-02")
def an_amount_belongs_to_an_unknown_step(draft: Draft) -> None:
    draft.rows["bedragen"]["bedragen"][0]["stappen"].append("CON-99")


@plants("BEDRAG-03")
def a_term_has_the_id_of_an_amount(draft: Draft) -> None:
    draft.rows["bedragen"]["termijnen"][0]["id"] = draft.rows["bedragen"]["bedragen"][0]["id"]


@plants("BEGRIP-01")
def a_term_stands_twice(draft: Draft) -> None:
    terms = draft.rows["begrippen"]["begrippen"]
    terms.insert(1, deepcopy(terms[0]))


@plants("BEGRIP-02")
def terms_are_not_sorted(draft: Draft) -> None:
    draft.rows["begrippen"]["begrippen"].reverse()


@plants("SYN-01")
def a_word_is_alone_in_its_group(draft: Draft) -> None:
    del draft.rows["synoniemen"]["synoniemen"][0]["woorden"][1:]


@plants("SYN-01")
def two_groups_have_one_id(draft: Draft) -> None:
    draft.rows["synoniemen"]["synoniemen"][0]["id"] = draft.rows["synoniemen"]["synoniemen"][1]["id"]


@plants("SYN-02")
def a_word_is_in_two_groups(draft: Draft) -> None:
    draft.rows["synoniemen"]["synoniemen"][0]["woorden"].append("Zorgcontract")


@plants("OPEN-01")
def a_step_has_an_unknown_open_point(draft: Draft) -> None:
    draft.step("KAN-07")["open_punten"] = ["O99"]


@plants("OPEN-01")
def a_document_has_an_unknown_open_point(draft: Draft) -> None:
    draft.rows["FO-01"]["open_punten"] = ["O99"]


@plants("OPEN-01")
def an_amount_has_an_unknown_open_point(draft: Draft) -> None:
    draft.rows["bedragen"]["bedragen"][0]["open_punten"] = ["O99"]


@plants("OPEN-01")
def a_page_names_an_unknown_open_point(draft: Draft) -> None:
    draft.say("WI-01", "Dit is nog open (open punt O99).")


@plants("OPEN-02")
def a_gap_is_nowhere(draft: Draft) -> None:
    draft.rows["open-punten"]["in_te_vullen"][0]["waar"].append("KAN-99")


@plants("OPEN-03")
def two_open_points_have_one_number(draft: Draft) -> None:
    points = draft.rows["open-punten"]["open_punten"]
    points.append(deepcopy(points[0]))


# COLOFON, UITGAVE


@plants("COLOFON-01")
def the_mail_address_is_none(draft: Draft) -> None:
    draft.rows["colofon"]["meldpunt"]["email"] = "meldpunt"


@plants("COLOFON-01")
def the_telephone_number_is_none(draft: Draft) -> None:
    draft.rows["colofon"]["meldpunt"]["telefoon"] = "volgt"


@plants("COLOFON-02")
def invented_contact_data_pass_for_real(draft: Draft) -> None:
    draft.rows["colofon"]["meldpunt"].update(email="meldpunt@handboek.example", voorlopig=False)


@plants("UITGAVE-01")
def an_item_is_not_in_the_release(draft: Draft) -> None:
    draft.item("ZC-01", change_note="")


@plants("UITGAVE-02")
def a_release_has_number_zero(draft: Draft) -> None:
    draft.handbook = replace(draft.handbook, number=0)


@plants("UITGAVE-02")
def a_version_has_number_zero(draft: Draft) -> None:
    draft.item("ZC-01", version=0)


@plants("UITGAVE-03")
def a_release_has_no_title(draft: Draft) -> None:
    draft.handbook = replace(draft.handbook, title="")


@plants("UITGAVE-03")
def a_release_has_no_note(draft: Draft) -> None:
    draft.handbook = replace(draft.handbook, note="")


# The tests


def test_the_starter_handbook_is_consistent(handbook: Handbook) -> None:
    assert [str(finding) for finding in check(handbook)] == []


@pytest.mark.parametrize(("rule", "plant"), FAULTS, ids=[f"{rule}-{plant.__name__}" for rule, plant in FAULTS])
def test_a_fault_is_found_by_its_own_rule_only(handbook: Handbook, rule: str, plant: Plant) -> None:
    draft = Draft(handbook)
    plant(draft)
    found = check(draft.built())
    assert {finding.rule for finding in found} == {rule}, [str(finding) for finding in found]
    assert all(finding.place and finding.sentence.rstrip("”").endswith((".", "?")) for finding in found)


def test_every_rule_has_an_id_of_its_own_a_fault_and_a_reason() -> None:
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert {rule for rule, _ in FAULTS} == set(ids)
    assert all(rule.find.__doc__ for rule in RULES)


def test_a_finding_reads_as_one_line(handbook: Handbook) -> None:
    draft = Draft(handbook)
    draft.step("KAN-07")["documenten"]["uitvoeringsdienst"].append("ZC-09")
    sentence = "document ZC-09 bestaat niet; verbeter de code of voeg het document toe."
    assert check(draft.built()) == [Finding("FLOW-04", sentence, "stroomschema.yaml KAN-07")]
    assert str(check(draft.built())[0]) == f"FLOW-04 stroomschema.yaml KAN-07: {sentence}"


def test_a_shape_fault_says_where_and_what(handbook: Handbook) -> None:
    draft = Draft(handbook)
    draft.step("KAN-07")["volgende"][0]["naar"] = None
    draft.rows["ZC-01"]["titel"] = 12
    assert [str(finding) for finding in check(draft.built())] == [
        "VORM-02 documenten.yaml ZC-01: titel moet een tekst zijn, maar is een getal.",
        "VORM-02 stroomschema.yaml KAN-07: volgende 1: naar moet een tekst zijn, maar is leeg.",
    ]


def test_a_page_fault_says_in_which_line(handbook: Handbook) -> None:
    draft = Draft(handbook)
    draft.texts["WI-01"] = "Goed.\n\nDit is *schuin*.\n"
    assert [finding.place for finding in check(draft.built())] == ["documenten/WI-01.md regel 3"]


def test_rules_go_on_for_files_that_have_their_shape(handbook: Handbook) -> None:
    draft = Draft(handbook)
    del draft.rows["colofon"]["naam"]
    draft.step("INS-01")["vraag"] = None
    assert {finding.rule for finding in check(draft.built())} == {"VORM-01", "FLOW-08"}


def test_a_regio_document_may_name_itself(handbook: Handbook) -> None:
    draft = Draft(handbook)
    draft.item("OV-03", change_note="OV-03 is nagekeken.")
    draft.say("OV-03", "Dit is OV-03, naast FO-05.")
    assert check(draft.built()) == []


def test_a_longer_code_does_not_name_a_regio_document(handbook: Handbook) -> None:
    draft = Draft(handbook)
    draft.say("WI-01", "Type COV-03 en HOV-031.")
    assert check(draft.built()) == []


def test_what_a_release_says_of_its_changes_is_no_text_with_an_amount(handbook: Handbook) -> None:
    draft = Draft(handbook)
    draft.item("PR-04", change_note="Van € 23,10 naar € 1.250.")
    draft.handbook = replace(draft.handbook, note="Het was € 24,10.")
    assert check(draft.built()) == []


def test_a_finding_names_its_item_and_means_the_same_in_another_line() -> None:
    shifted = Finding("PAGINA-01", "Dit kan niet.", "documenten/PR-04.md regel 9")
    assert (shifted.item, shifted.row) == ("PR-04", "")
    assert shifted.meaning == replace(shifted, place="documenten/PR-04.md regel 12").meaning
    assert shifted.meaning != replace(shifted, place="documenten/PR-05.md regel 9").meaning
    places = ("documenten.yaml PR-04", "uitgave.yaml PR-04", "uitgave.yaml", "stroomschema.yaml KAN-07", "colofon.yaml")
    found = [(one.item, one.row) for one in (replace(shifted, place=place) for place in places)]
    assert found == [("PR-04", ""), ("PR-04", ""), (None, ""), ("stroomschema", "KAN-07"), ("colofon", "")]


def test_a_derived_amount_may_stand_in_a_text(handbook: Handbook) -> None:
    draft = Draft(handbook)
    draft.say("WI-01", "Twee keer is € 20.000.")
    draft.rows["bedragen"]["bedragen"][4]["afgeleid"] = ["€ 20.000"]
    assert check(draft.built()) == []


def test_a_box_to_tick_asks_for_no_name(handbook: Handbook) -> None:
    boxes = [
        blank for item in handbook.items if item.code == "FO-07" for blank in book.Paper(item).blanks if blank.ticked
    ]
    assert any("naam" in blank.words and "huurder" in blank.words for blank in boxes)


# No data make a check raise


Place = tuple[str | int, ...]


def paths(value: object, path: Place = ()) -> Iterator[Place]:
    """Give every place in data."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield (*path, key)
        yield from paths(part, (*path, key))


def small(handbook: Handbook) -> Handbook:
    """Return a handbook with the data of another, and hardly any text: quick to check."""
    items = (replace(item, content=replace(item.content, text=PAGE, original=None)) for item in handbook.items)
    return replace(handbook, items=tuple(items))


GOOD = small(read(CONTENT))
PLACES = [(item.code, path) for item in GOOD.items for path in [(), *paths(item.content.data)]]
SIMPLE = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.dates()
KEYS = st.sampled_from(["id", "code", "als", "naar", "stappen"]) | st.text(max_size=3) | st.integers()
JUNK = st.recursive(
    SIMPLE, lambda part: st.lists(part, max_size=3) | st.dictionaries(KEYS, part, max_size=3), max_leaves=6
)
REMOVE = object()


def put(data: Any, path: Place, value: object) -> Any:
    """Return data with another value at a place, or without the place; as it was where the place is gone."""
    if not path:
        return {} if value is REMOVE else value
    target = data
    try:
        for key in path[:-1]:
            target = target[key]
        if value is REMOVE:
            del target[path[-1]]
        else:
            target[path[-1]] = value
    except (KeyError, IndexError, TypeError):
        pass
    return data


@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK | st.just(REMOVE)), min_size=1, max_size=4))
@settings(max_examples=EXAMPLES)
def test_no_data_make_a_check_raise(mutations: list[tuple[tuple[str, Place], object]]) -> None:
    draft = Draft(GOOD)
    for (code, path), value in mutations:
        draft.rows[code] = put(draft.rows[code], path, value)
    assert all(isinstance(finding, Finding) for finding in check(draft.built()))


@given(st.text() | st.text(alphabet="|-#*[]() \n1.ab"), st.binary())
@settings(max_examples=EXAMPLES)
def test_no_text_or_file_makes_a_check_raise(text: str, file: bytes) -> None:
    items = tuple(
        replace(item, content=replace(item.content, text=text if item.code < "G" else None, original=file))
        for item in GOOD.items
        if item.kind is ItemKind.DOCUMENT and item.code in ("FO-01", "WI-01")
    )
    assert check(replace(GOOD, items=items))
