import io
from collections.abc import Sequence

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from portal.documents.controls import WordFile, words
from portal.documents.numbering import numbered, written

ARTICLES = [("decimal", "Artikel %1"), ("decimal", "%1.%2"), ("lowerLetter", "%3.")]


def level(number: int, form: str, text: str, more: str = "", start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def levels(forms: Sequence[tuple[str, str]]) -> str:
    return "".join(level(number, form, text) for number, (form, text) in enumerate(forms))


class Lists:
    """A document with lists of its own; numbers from 90, so that they do not meet those of the template."""

    def __init__(self) -> None:
        self.document = docx.Document()
        self.numbering = self.document.part.numbering_part.element

    def abstract(self, content: str, number: int = 90) -> None:
        self.numbering.insert(
            0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}">{content}</w:abstractNum>')
        )

    def num(self, number: int, abstract: int = 90, more: str = "") -> None:
        xml = f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{abstract}"/>{more}</w:num>'
        self.numbering.append(parse_xml(xml))

    def add(self, place: str, style: str | None = None) -> None:
        """Add a paragraph at a place such as "90/1": list 90, level 1; "90" leaves the level out."""
        number, _, lvl = place.partition("/")
        paragraph = self.document.add_paragraph(place or "-", style=style)
        if number:
            holder = paragraph._p.get_or_add_pPr().get_or_add_numPr()
            holder.get_or_add_numId().val = int(number)
            if lvl:
                holder.get_or_add_ilvl().val = int(lvl)

    def numbers(self, *places: str) -> list[str]:
        for place in places:
            self.add(place)
        target = io.BytesIO()
        self.document.save(target)
        return [label for _, label in numbered(WordFile(target.getvalue()))]


@pytest.fixture
def lists() -> Lists:
    lists = Lists()
    lists.abstract(levels(ARTICLES))
    lists.num(90)
    return lists


def test_articles_clauses_and_letters(lists: Lists) -> None:
    places = ("90/0", "90/1", "90/1", "90/2", "90/2", "90/1", "90/2", "90/0", "90/1", "90")
    expected = ["Artikel 1", "1.1", "1.2", "a.", "b.", "1.3", "a.", "Artikel 2", "2.1", "Artikel 3"]
    assert lists.numbers(*places) == expected


def test_words_between_do_not_restart(lists: Lists) -> None:
    assert lists.numbers("90/0", "", "90/1", "", "90/1") == ["Artikel 1", "1.1", "1.2"]


def test_a_level_above_that_was_skipped_shows_its_start(lists: Lists) -> None:
    assert lists.numbers("90/1", "90/1", "90/0", "90/1") == ["1.1", "1.2", "Artikel 1", "1.1"]


def test_two_lists_of_one_kind_count_on(lists: Lists) -> None:
    lists.num(91)
    assert lists.numbers("90/0", "91/0", "91/1", "90/1") == ["Artikel 1", "Artikel 2", "2.1", "2.2"]


def test_a_list_with_its_own_start(lists: Lists) -> None:
    lists.num(91, more='<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>')
    assert lists.numbers("90/0", "90/1", "91/0", "91/1", "91/0") == [
        "Artikel 1", "1.1", "Artikel 5", "5.1", "Artikel 6"
    ]  # fmt: skip


def test_an_own_start_holds_again_after_a_restart(lists: Lists) -> None:
    lists.num(91, more='<w:lvlOverride w:ilvl="1"><w:startOverride w:val="4"/></w:lvlOverride>')
    assert lists.numbers("91/0", "91/1", "91/1", "91/0", "91/1") == ["Artikel 1", "1.4", "1.5", "Artikel 2", "2.4"]


def test_a_list_with_its_own_level(lists: Lists) -> None:
    lists.num(91, more=f'<w:lvlOverride w:ilvl="0">{level(0, "upperRoman", "Deel %1", start=3)}</w:lvlOverride>')
    assert lists.numbers("91/0", "91/1", "91/0") == ["Deel III", "III.1", "Deel IV"]


@pytest.mark.parametrize(("restart", "expected"), [("0", ["a.", "b.", "c."]), ("1", ["a.", "b.", "a."])])
def test_when_a_lower_level_restarts(restart: str, expected: list[str]) -> None:
    lists = Lists()
    lists.abstract(levels(ARTICLES[:2]) + level(2, "lowerLetter", "%3.", f'<w:lvlRestart w:val="{restart}"/>'))
    lists.num(90)
    numbers = lists.numbers("90/0", "90/1", "90/2", "90/1", "90/2", "90/0", "90/1", "90/2")
    assert [number for number in numbers if number.isalpha() or number[-1] == "."] == expected


def test_legal_numbers_are_decimal() -> None:
    lists = Lists()
    lists.abstract(level(0, "upperRoman", "%1.") + level(1, "decimal", "%1.%2", "<w:isLgl/>"))
    lists.num(90)
    assert lists.numbers("90/0", "90/0", "90/1") == ["I.", "II.", "2.1"]


def test_bullets_have_no_number_but_a_place(lists: Lists) -> None:
    lists.abstract(levels([("bullet", "•"), ("decimal", "%2)")]), 91)
    lists.num(91, 91)
    assert lists.numbers("91/0", "91/1", "91/0", "91/1") == ["1)", "1)"]


def test_a_list_by_style_on_the_level_that_names_the_style(lists: Lists) -> None:
    lists.abstract(level(0, "decimal", "%1.") + level(1, "decimal", "%1.%2", '<w:pStyle w:val="Lid"/>'), 91)
    lists.num(91, 91)
    for name in ("Lid", "Onderlid"):
        lists.document.styles.add_style(name, 1)
    lists.document.styles["Lid"].element.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = 91
    lists.document.styles["Onderlid"].base_style = lists.document.styles["Lid"]
    lists.add("91/0")
    lists.add("", style="Lid")
    lists.add("", style="Onderlid")
    lists.add("0", style="Lid")
    assert lists.numbers() == ["1.", "1.1", "1.2"]


def test_a_list_that_points_to_the_list_of_a_style(lists: Lists) -> None:
    lists.abstract('<w:numStyleLink w:val="Contract"/>', 91)
    lists.num(91, 91)
    xml = f'<w:style {nsdecls("w")} w:type="numbering" w:styleId="Contract"><w:name w:val="Contract"/><w:pPr><w:numPr>'
    lists.document.styles.element.append(parse_xml(f'{xml}<w:numId w:val="90"/></w:numPr></w:pPr></w:style>'))
    assert lists.numbers("91/0", "91/1", "90/1") == ["Artikel 1", "1.1", "1.2"]


def test_lists_that_point_in_a_circle_have_no_number(lists: Lists) -> None:
    lists.abstract('<w:numStyleLink w:val="Rond"/>', 91)
    lists.num(91, 91)
    xml = f'<w:style {nsdecls("w")} w:type="numbering" w:styleId="Rond"><w:name w:val="Rond"/><w:pPr><w:numPr>'
    lists.document.styles.element.append(parse_xml(f'{xml}<w:numId w:val="91"/></w:numPr></w:pPr></w:style>'))
    assert lists.numbers("91/0", "94/0") == []


def test_a_deleted_paragraph_does_not_count(lists: Lists) -> None:
    lists.add("90/0")
    mark = f'<w:rPr {nsdecls("w")}><w:del w:id="1" w:author="x"/></w:rPr>'
    lists.document.paragraphs[0]._p.get_or_add_pPr().append(parse_xml(mark))
    assert lists.numbers("90/0") == ["Artikel 1"]


def test_paragraphs_in_tables_count_too(lists: Lists) -> None:
    lists.add("90/0")
    lists.document.add_table(1, 1).cell(0, 0)._tc.append(lists.document.paragraphs[0]._p)
    assert lists.numbers("90/0") == ["Artikel 1", "Artikel 2"]


def test_a_file_without_lists_has_no_numbers() -> None:
    lists = Lists()
    assert lists.numbers("", "") == []


def test_numbers_belong_to_their_paragraphs(lists: Lists) -> None:
    lists.add("90/0")
    target = io.BytesIO()
    lists.document.save(target)
    assert [words(paragraph) for paragraph, _ in numbered(WordFile(target.getvalue()))] == ["90/0"]


@pytest.mark.parametrize(
    ("count", "form", "expected"),
    [
        (7, "decimal", "7"),
        (7, "decimalZero", "07"),
        (26, "lowerLetter", "z"),
        (27, "upperLetter", "AA"),
        (53, "lowerLetter", "aaa"),
        (0, "lowerLetter", "0"),
        (9999, "lowerLetter", "9999"),
        (1994, "upperRoman", "MCMXCIV"),
        (38, "lowerRoman", "xxxviii"),
        (4000, "lowerRoman", "4000"),
        (3, "none", ""),
        (3, "hebrew1", "3"),
    ],
)
def test_numbers_as_word_writes_them(count: int, form: str, expected: str) -> None:
    assert written(count, form) == expected
