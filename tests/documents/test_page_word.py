import io
from pathlib import Path

import docx
import pytest

from portal.documents.controls import controls, headings, plain_text
from portal.documents.page_word import page_word
from portal.documents.pages import Heading, parse, plain
from portal.documents.word_writer import LONGEST_NAME

PAGES = sorted(Path(__file__).parents[2].glob("content/documenten/*.md"))
TABLE = "| Gegeven | Invullen |\n| --- | --- |\n| Naam huurder |  |\n| Datum | 1-1-2026 |\n"


def word(text: str) -> bytes:
    return page_word("Titel & meer", "PR-99", parse(text))


def test_the_page_as_a_word_file() -> None:
    data = word("## Kop\n\n### Lager\n\nTekst met **vet**.\n\n- een\n\n1. twee\n")
    document = docx.Document(io.BytesIO(data))
    assert [(p.style.name, p.text) for p in document.paragraphs if p.style] == [
        ("Title", "Titel & meer"),
        ("Heading 1", "Kop"),
        ("Heading 2", "Lager"),
        ("Normal", "Tekst met vet."),
        ("List Bullet", "een"),
        ("List Number", "twee"),
    ]
    assert [run.text for run in document.paragraphs[3].runs if run.bold] == ["vet"]
    assert (document.core_properties.title, document.core_properties.subject) == ("Titel & meer", "PR-99")


def test_a_link_is_its_words() -> None:
    data = word("Zie [de lijst](doc:OV-03) en [deze stap](stap:KAN-07).\n")
    assert plain_text(data).endswith("Zie de lijst en deze stap.")
    assert "OV-03" not in plain_text(data)


def test_the_same_page_gives_the_same_bytes() -> None:
    assert word(TABLE) == word(TABLE)


def test_an_empty_cell_is_a_named_field() -> None:
    assert [(c.tag, c.alias, c.kind) for c in controls(word(TABLE))] == [
        ("naam_huurder_invullen", "Naam huurder", "text")
    ]


def test_fields_have_tags_of_their_own() -> None:
    text = f"{TABLE}\n{TABLE}\n| Wie | Naam | Mail |\n| --- | --- | --- |\n| Cliënt |  |  |\n|  |  |  |\n"
    found = controls(word(text))
    assert [c.tag for c in found[:2]] == ["naam_huurder_invullen", "naam_huurder_invullen_2"]
    assert [c.alias for c in found[2:]] == ["Cliënt, Naam", "Cliënt, Mail", "Wie", "Naam", "Mail"]
    assert len({c.tag for c in found}) == len(found)


def test_names_are_no_longer_than_word_allows() -> None:
    long = " ".join(["Een erg lange omschrijving van wat hier moet staan"] * 3)
    rows = f"| {long} |  |\n" * 12
    found = controls(word(f"| Gegeven | Invullen |\n| --- | --- |\n{rows}"))
    assert len({c.tag for c in found}) == 12
    assert all(max(len(c.alias), len(c.tag)) <= LONGEST_NAME for c in found)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_the_real_pages(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    blocks = parse(text)
    data = page_word(path.stem, path.stem, blocks)
    assert headings(data) == [plain(block.line) for block in blocks if isinstance(block, Heading)]
    assert len({c.tag for c in controls(data)}) == len(controls(data)) == text.count("|  ")
    assert data == page_word(path.stem, path.stem, blocks)


def test_the_worksheet_has_fields() -> None:
    path = next(path for path in PAGES if path.stem == "PR-03")
    assert len(controls(page_word("Rekenblad", "PR-03", parse(path.read_text(encoding="utf-8"))))) >= 5
