import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.enum.section import WD_SECTION
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from portal.documents.controls import WordError, WordFile, controls, words
from portal.documents.stamp import stamp, stamped_name
from portal.documents.word_writer import Field, Text, WordWriter

WORD_FILES = sorted(Path(__file__).parents[2].glob("content/documenten/*.docx"))
LINE = "ZC-01, versie 1, uitgave 1. Model, nog niet geaccordeerd."


def stamped(data: bytes, version: int = 1, status: str = "model, nog niet geaccordeerd") -> bytes:
    return stamp(data, code="ZC-01", title="Zorgcontract & meer", version=version, release=1, status=status)


def saved(document: docx.document.Document) -> bytes:
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def opened(data: bytes) -> docx.document.Document:
    return docx.Document(io.BytesIO(data))


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def footers(data: bytes) -> dict[str, list[str]]:
    """Return the lines of every footer part."""
    file = WordFile(data)
    lines = {name: [words(p) for p in file.xml(name)] for name in file.related(file.main, "footer")}
    return dict(sorted(lines.items()))


def test_properties_say_which_document_this_is() -> None:
    properties = opened(stamped(WordWriter("Oud").to_bytes())).core_properties
    assert (properties.title, properties.subject, properties.version) == ("Zorgcontract & meer", "ZC-01", "1")
    assert properties.keywords == "ZC-01, versie 1, uitgave 1, model, nog niet geaccordeerd"


def test_a_file_without_properties_gets_them() -> None:
    file = WordFile(WordWriter("Oud").to_bytes())
    del file.parts["docProps/core.xml"]
    file.parts["_rels/.rels"] = file.parts["_rels/.rels"].replace(b"core-properties", b"niets")
    file.parts["[Content_Types].xml"] = file.parts["[Content_Types].xml"].replace(b"/docProps/core.xml", b"/x.xml")
    assert opened(stamped(file.to_bytes())).core_properties.subject == "ZC-01"


def test_a_file_without_footers_gets_one() -> None:
    data = stamped(WordWriter("x").to_bytes())
    assert footers(data) == {"word/footer-default1.xml": [LINE]}
    assert [p.text for p in opened(data).sections[0].footer.paragraphs] == [LINE]


def test_a_file_without_any_section_gets_a_footer() -> None:
    document = docx.Document()
    document.element.body.remove(document.element.body.sectPr)
    assert footers(stamped(saved(document))) == {"word/footer-default1.xml": [LINE]}


def test_footers_that_are_there_stay() -> None:
    document = docx.Document()
    document.sections[0].footer.paragraphs[0].text = "Van de Regio"
    document.add_section(WD_SECTION.NEW_PAGE)
    other = document.add_section(WD_SECTION.NEW_PAGE)
    other.footer.is_linked_to_previous = False
    other.footer.paragraphs[0].text = "Bijlage"
    sections = opened(stamped(saved(document))).sections
    assert [[p.text for p in section.footer.paragraphs] for section in sections] == [
        ["Van de Regio", LINE],
        ["Van de Regio", LINE],
        ["Bijlage", LINE],
    ]
    assert [section.footer.is_linked_to_previous for section in sections] == [False, True, False]


def test_first_and_even_pages_too_when_in_use() -> None:
    document = docx.Document()
    document.add_section(WD_SECTION.NEW_PAGE).different_first_page_header_footer = True
    document.settings.odd_and_even_pages_header_footer = True
    document.sections[0].even_page_footer.paragraphs[0].text = "even"
    first, second = opened(stamped(saved(document))).sections
    assert [p.text for p in first.even_page_footer.paragraphs] == ["even", LINE]
    assert first.first_page_footer.is_linked_to_previous
    assert [p.text for p in second.first_page_footer.paragraphs] == [LINE]
    assert second.footer.is_linked_to_previous


def test_first_and_even_pages_not_when_out_of_use() -> None:
    document = docx.Document()
    document.sections[0].first_page_footer.paragraphs[0].text = "eerste"
    assert list(footers(stamped(saved(document))).values()) == [[LINE], ["eerste"]]


def test_an_old_section_of_tracked_changes_is_no_section() -> None:
    document = docx.Document()
    change = f'<w:sectPrChange {nsdecls("w")} w:id="1" w:author="x"><w:sectPr/></w:sectPrChange>'
    document.sections[0]._sectPr.append(parse_xml(change))
    assert len(footers(stamped(saved(document)))) == 1


def test_a_new_stamp_takes_the_place_of_the_old() -> None:
    document = docx.Document()
    document.sections[0].footer.paragraphs[0].text = "Van de Regio"
    for data in (saved(document), WordWriter("x").to_bytes()):
        again = stamped(stamped(data), version=2, status="geaccordeerd op 1 januari 2027")
        assert again == stamped(data, version=2, status="geaccordeerd op 1 januari 2027")
        assert next(iter(footers(again).values()))[-1] == "ZC-01, versie 2, uitgave 1. Geaccordeerd op 1 januari 2027."
        assert sum("versie" in line for lines in footers(again).values() for line in lines) == 1
        assert stamped(again) == stamped(data)


def test_a_stamp_that_word_saved_in_pieces_is_known() -> None:
    document = opened(stamped(WordWriter("x").to_bytes()))
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.text = LINE[:9]
    paragraph.add_run(LINE[9:])
    assert list(footers(stamped(saved(document), version=2)).values()) == [[LINE.replace("versie 1", "versie 2")]]


def test_the_same_input_gives_the_same_bytes() -> None:
    data = WordWriter("x").to_bytes()
    assert stamped(data) == stamped(data)


def test_parts_that_need_no_change_keep_their_bytes() -> None:
    writer = WordWriter("x")
    writer.paragraph([Text("Naam: "), Field("naam", "naam")])
    before, after = parts(writer.to_bytes()), parts(stamped(writer.to_bytes()))
    assert {name for name in after if after[name] != before.get(name)} == {
        "docProps/core.xml",
        "[Content_Types].xml",
        "word/_rels/document.xml.rels",
        "word/document.xml",
        "word/footer-default1.xml",
    }
    twice = parts(stamped(stamped(writer.to_bytes()), version=2))
    assert {name for name in twice if twice[name] != after[name]} == {"docProps/core.xml", "word/footer-default1.xml"}


def test_a_footer_that_is_there_leaves_the_text_as_it_is() -> None:
    document = docx.Document()
    document.sections[0].footer.paragraphs[0].text = "Van de Regio"
    before, after = parts(saved(document)), parts(stamped(saved(document)))
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"docProps/core.xml", "word/footer1.xml"}


def test_what_is_no_word_file_is_refused() -> None:
    with pytest.raises(WordError):
        stamped(b"geen Word")


def test_names() -> None:
    assert stamped_name("ZC-01", 3) == "ZC-01-v3.docx"
    assert stamped_name("ZC-01", 3, ".pdf") == "ZC-01-v3.pdf"


@pytest.mark.parametrize("path", WORD_FILES, ids=lambda path: path.name)
def test_the_real_files(path: Path) -> None:
    data = path.read_bytes()
    copy = stamped(data)
    assert controls(copy) == controls(data)
    assert [p.text for p in opened(copy).paragraphs] == [p.text for p in opened(data).paragraphs]
    assert all(lines[-1] == LINE for lines in footers(copy).values())
    assert opened(copy).core_properties.subject == "ZC-01"
    assert stamped(copy) == copy
