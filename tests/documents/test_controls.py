import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from portal.documents import controls as word
from portal.documents.controls import Control, WordError, WordFile, controls, headings, plain_text
from portal.documents.word_writer import Field, Text, WordWriter

WORD_FILES = sorted(Path(__file__).parents[2].glob("content/documenten/*.docx"))


def changed(docx_: bytes, **parts: bytes) -> bytes:
    """Return the file with other bytes for these parts; word_document__xml stands for word/document.xml."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx_)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name.replace("/", "_").replace(".", "__"), old.read(name)))
    return target.getvalue()


def saved(document: docx.document.Document) -> bytes:
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def form() -> bytes:
    writer = WordWriter("Formulier")
    writer.title("Formulier")
    writer.heading([Text("Kop 1")], 1)
    writer.paragraph([Text("Naam: "), Field("naam", "Uw naam"), Text(".")])
    cells = [[Field("akkoord", "Akkoord", "check")], [Field("dag", "Dag", "date")]]
    writer.table([[Text("A")], [Text("B")]], [cells])
    writer.paragraph([Field("keus", "Keus", "choice", ("ja", "nee"))])
    return writer.to_bytes()


def test_controls_in_reading_order() -> None:
    assert controls(form()) == [
        Control("naam", "Uw naam", "text"),
        Control("akkoord", "Akkoord", "check"),
        Control("dag", "Dag", "date"),
        Control("keus", "Keus", "choice"),
    ]


def test_controls_of_headers_and_galleries() -> None:
    document = docx.Document()
    control = "<w:sdt {}><w:sdtPr>{}</w:sdtPr><w:sdtContent><w:r><w:t>x</w:t></w:r></w:sdtContent></w:sdt>"
    header = document.sections[0].header.paragraphs[0]._p
    header.append(parse_xml(control.format(nsdecls("w"), '<w:tag w:val="kenmerk"/><w:text/>')))
    header.append(parse_xml(control.format(nsdecls("w"), "<w:docPartObj/>")))
    assert controls(saved(document)) == [Control("kenmerk", "", "text")]


def test_headings_also_inside_tables_and_by_other_styles() -> None:
    document = docx.Document()
    document.add_heading("Een", 1)
    document.add_heading("Titel", 0)
    document.add_table(1, 1).cell(0, 0).paragraphs[0].style = "Heading 2"
    document.tables[0].cell(0, 0).paragraphs[0].add_run("Twee")
    own = document.styles.add_style("Artikelkop", 1)
    own.base_style = document.styles["Heading 3"]
    document.add_paragraph("Drie", style="Artikelkop")
    document.add_paragraph("  ", style="Heading 1")
    document.add_paragraph("geen kop")
    assert headings(saved(document)) == ["Een", "Twee", "Drie"]


def test_plain_text_is_everything_a_reader_can_find() -> None:
    document = docx.Document()
    document.add_paragraph("een\ttwee\ndrie  vier")
    document.add_table(1, 2).cell(0, 1).text = "cel"
    document.sections[0].header.paragraphs[0].text = "kop"
    document.sections[0].footer.paragraphs[0].text = "voet"
    document.add_comment(document.paragraphs[0].runs[0], text="opmerking")
    deleted = '<w:del {} w:id="1" w:author="x"><w:r><w:delText>weg</w:delText></w:r></w:del>'
    document.paragraphs[0]._p.append(parse_xml(deleted.format(nsdecls("w"))))
    assert plain_text(saved(document)).splitlines() == ["een twee drie vier", "cel", "kop", "voet", "opmerking"]


def test_words_written_twice_for_old_programs_count_once() -> None:
    document = docx.Document()
    names = f'{nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    box = "<w:txbxContent><w:p><w:r><w:t>kader</w:t></w:r></w:p></w:txbxContent>"
    document.add_paragraph("buiten").add_run()._r.append(
        parse_xml(
            f'<mc:AlternateContent {names}><mc:Choice Requires="wps">{box}</mc:Choice>'
            f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent>"
        )
    )
    assert plain_text(saved(document)) == "buiten\nkader"


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><w:document xmlns:w="x">&a;</w:document>'
STRICT = b'<w:document xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"><w:body/></w:document>'
BODILESS = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>'


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", word.BROKEN),
        (b"geen zip", word.BROKEN),
        (form()[:-200], word.BROKEN),
        (form()[: len(form()) // 2] + bytes(500) + form()[len(form()) // 2 + 500 :], word.BROKEN),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), word.LOCKED),
        (changed(form(), word_document__xml=b"<x"), word.BROKEN),
        (changed(form(), word_document__xml=b"<x/>"), word.BROKEN),
        (changed(form(), word_document__xml=BOMB), word.BROKEN),
        (changed(form(), word_document__xml=STRICT), word.STRICT),
        (changed(form(), word_document__xml=BODILESS), word.BROKEN),
        (changed(form(), _rels___rels=b"<x/>"), word.BROKEN),
    ],
)
def test_what_is_no_word_file_is_refused_in_dutch(data: bytes, sentence: str) -> None:
    with pytest.raises(WordError, match="Dit ") as refused:
        controls(data)
    assert str(refused.value) == sentence


def test_a_file_that_unpacks_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word, "MAX_UNPACKED", 50_000)
    with pytest.raises(WordError) as refused:
        headings(form())
    assert str(refused.value) == word.TOO_LARGE


def test_two_parts_of_one_name_are_refused() -> None:
    target = io.BytesIO(form())
    with zipfile.ZipFile(target, "a") as package, pytest.warns(UserWarning, match="Duplicate"):
        package.writestr("word/document.xml", "<x/>")
    with pytest.raises(WordError):
        plain_text(target.getvalue())


def test_writing_what_was_read_changes_nothing() -> None:
    file = WordFile(form())
    assert WordFile(file.to_bytes()).parts == file.parts
    assert file.to_bytes() == form()


@pytest.mark.parametrize("path", WORD_FILES, ids=lambda path: path.name)
def test_the_real_files(path: Path) -> None:
    data = path.read_bytes()
    assert controls(data)
    assert all(control.tag and control.alias for control in controls(data))
    assert len(headings(data)) > 1
    assert all(heading in plain_text(data) for heading in headings(data))
