"""A page, a Word file and a PDF with the same words are the same text."""

import io

import docx
import pytest

from portal.compare.comparison import compare
from portal.compare.metadata import compare_facts
from portal.compare.models import Kind
from portal.compare.reading import blocks_of
from portal.compare.words import compare_words
from portal.documents.page_word import page_word
from portal.documents.pages import parse
from portal.releases.operations import Content
from tests.compare.contract import CHANGES, CONTRACT
from tests.compare.marked import marked, words
from tests.documents.pdf_file import pdf


def as_word(text: str) -> Content:
    return Content({"titel": "Contract"}, original=page_word("Contract", "ZC-01", parse(text)))


def test_a_page_and_a_word_file_of_it_are_the_same_text() -> None:
    page = Content({"titel": "Contract"}, text=CONTRACT)
    assert [block.kind for block in blocks_of(page, "Contract") if block.kind is Kind.TABLE]
    assert compare(page, as_word(CONTRACT)).same
    assert not compare(page, as_word(CHANGES["kop-hernoemd"])).same


@pytest.mark.parametrize("name", ["artikel-verplaatst", "tabel-gewijzigd", "lijstpunt-gesplitst"])
def test_a_change_is_marked_the_same_in_word_as_in_a_page(name: str) -> None:
    as_page = compare(Content({}, text=CONTRACT), Content({}, text=CHANGES[name]))
    assert marked(compare(as_word(CONTRACT), as_word(CHANGES[name]))) == marked(as_page)


def test_a_pdf_is_its_paragraphs_wherever_its_lines_and_pages_end() -> None:
    text = "## Artikel 3 Huurprijs\n\n3.1 De kale huurprijs is 612 euro per maand.\n\n3.2 De huurder betaalt op tijd.\n"
    in_lines = pdf(
        "Artikel 3 Huurprijs\n3.1 De kale huurprijs is\n612 euro per maand.\n3.2 De huurder", "betaalt op tijd."
    )
    assert compare(Content({}, text=text), Content({}, original=in_lines)).same


def test_headings_by_number_only_and_frames_in_a_word_file() -> None:
    document = docx.Document()
    for line in (
        "Contract",
        "Artikel 1. Begrippen",
        "1.1 Een huurder huurt.",
        "Artikel 2: Duur",
        "Artikel 2 geldt niet.",
    ):
        document.add_paragraph(line)
    document.add_table(1, 1).cell(0, 0).text = "Juridisch nalopen"
    document.add_paragraph("2.1 De huur duurt twee jaar.")
    target = io.BytesIO()
    document.save(target)
    read = [(block.kind, block.number, block.text) for block in blocks_of(Content({}, original=target.getvalue()), "")]
    assert read == [
        (Kind.PARAGRAPH, "", "Contract"),
        (Kind.HEADING, "Artikel 1", "Begrippen"),
        (Kind.PARAGRAPH, "1.1", "Een huurder huurt."),
        (Kind.HEADING, "Artikel 2", "Duur"),
        (Kind.PARAGRAPH, "", "Artikel 2 geldt niet."),
        (Kind.PARAGRAPH, "", "Juridisch nalopen"),
        (Kind.PARAGRAPH, "2.1", "De huur duurt twee jaar."),
    ]


def test_another_title_is_no_change_of_the_text() -> None:
    old = as_word(CONTRACT)
    assert compare(old, Content({"titel": "Contract (model)"}, original=old.original)).same


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "Dit kost € 1.250,- per jaar.",
            "Dit kost € 1.300,- per jaar.",
            "Dit kost [-€ 1.250,--]{+€ 1.300,-+} per jaar.",
        ),
        ("Het is 12,5% van de huur.", "Het is 13 % van de huur.", "Het is [-12,5%-]{+13 %+} van de huur."),
        ("Op 1 mei 2026 om 9.30 uur.", "Op 1 mei 2027 om 9.30 uur.", "Op [-1 mei 2026-]{+1 mei 2027+} om 9.30 uur."),
        ("De huur is laag. De huur stijgt.", "De huur is laag. De huur is vast. De huur stijgt.", None),
        ("Mail a@b.nl of bel.", "Mail c@b.nl of bel.", "Mail [-a@b.nl-]{+c@b.nl+} of bel."),
        ("Zie artikel 7:230 BW.", "Zie artikel 7:232 BW.", "Zie artikel [-7:230-]{+7:232+} BW."),
        ("het zorg- en hulpplan", "het zorgplan", "het [-zorg- en hulpplan-]{+zorgplan+}"),
    ],
)
def test_words_that_belong_together_stay_whole(old: str, new: str, expected: str | None) -> None:
    expected = expected or "De huur is laag. {+De huur is vast.+} De huur stijgt."
    assert words(compare_words(old, new)) == expected


def test_a_column_that_was_added_changes_no_other_cell() -> None:
    old = Content({}, text="| Wat | Bedrag |\n| --- | --- |\n| Huur | € 600 |\n")
    new = Content({}, text="| Wat | Wie | Bedrag |\n| --- | --- | --- |\n| Huur | huurder | € 600 |\n")
    assert marked(compare(old, new)) == (
        "## (begin) [gewijzigd]\n| Wat | {+Wie+} | Bedrag |\n| Huur | {+huurder+} | € 600 |\n"
    )


def test_facts_are_told_in_dutch_words() -> None:
    old = {"code": "A", "titel": "Brief", "soort": "brief", "doelgroep": ["corporatie"], "invulbaar": True}
    new = {"code": "A", "titel": "Brieven", "soort": "formulier", "doelgroep": ["gemeente", "corporatie"], "noot": "x"}
    changes = compare_facts(old, new | {"grond": "deels"}, {"gemeente": "Gemeente"})
    assert [(change.label, [words(line) for line in change.lines]) for change in changes] == [
        ("Titel", ["[-Brief-]{+Brieven+}"]),
        ("Soort", ["[-Brief-]{+Formulier+}"]),
        ("Voor wie", ["{+Gemeente+}"]),
        ("In te vullen", ["[-ja-]"]),
        ("Staat het in het convenant?", ["{+deels+}"]),
        ("Noot", ["{+x+}"]),
    ]
    assert compare_facts({"zoekwoorden": ["a", "b"]}, {"zoekwoorden": ["b", "a"]}, {})[0].lines
    assert not compare_facts(old, dict(old), {})
