import io
import re
from itertools import pairwise
from pathlib import Path

import docx
import mammoth
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from portal.documents.clean import clean
from portal.documents.controls import WordError
from portal.documents.preview import Preview, preview
from portal.documents.word_writer import Field, Text, WordWriter

WORD_FILES = sorted(Path(__file__).parents[2].glob("content/documenten/*.docx"))
PIXEL = b"GIF89a\x01\x00\x01\x00\x00\x00\x00"


def shown(document: docx.document.Document, title: str = "") -> Preview:
    target = io.BytesIO()
    document.save(target)
    return preview(target.getvalue(), title)


def real(code: str) -> Preview:
    path = next(path for path in WORD_FILES if path.stem == code)
    return preview(path.read_bytes(), docx.Document(str(path)).core_properties.title)


def test_the_title_of_the_page_is_not_repeated() -> None:
    document = docx.Document()
    document.add_heading("Mijn  Contract", 0)
    document.add_heading("Ander opschrift", 0)
    document.add_heading("Kop", 1)
    assert shown(document, "Mijn contract").html == (
        '<h2 id="kop-ander-opschrift">Ander opschrift</h2>\n<h2 id="kop-kop">Kop</h2>'
    )


def test_headings_begin_at_two_and_skip_no_level() -> None:
    document = docx.Document()
    own = document.styles.add_style("Artikelkop", 1)
    own.base_style = document.styles["Heading 4"]
    for style in ("Heading 2", "Heading 1", "Artikelkop", "Heading 1"):
        document.add_paragraph("Kop", style=style)
    document.add_paragraph("  ", style="Heading 1")
    assert shown(document).contents == (
        ("kop-kop", "Kop", 2),
        ("kop-kop-2", "Kop", 2),
        ("kop-kop-3", "Kop", 3),
        ("kop-kop-4", "Kop", 2),
    )


def test_automatic_numbers_are_words_and_bullets_stay_bullets() -> None:
    writer = WordWriter("x")
    writer.numbers([[Text("een")], [Text("twee")]])
    writer.bullets([[Text("punt")]])
    writer.numbers([[Text("weer een")]])
    assert preview(writer.to_bytes(), "").html == (
        '<p class="bepaling"><span class="nummer">1.</span> een</p>\n'
        '<p class="bepaling"><span class="nummer">2.</span> twee</p>\n'
        "<ul><li>punt</li></ul>\n"
        '<p class="bepaling"><span class="nummer">1.</span> weer een</p>'
    )


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("3.1 De huurder", "3.1"),
        ("12.10.2.\tDe huurder", "12.10.2."),
        ("10.000 euro", None),
        ("3 weken", None),
        ("1.7.2024 is de datum", None),
        ("Zie 3.1 hierboven", None),
    ],
)
def test_a_typed_number_is_a_number(typed: str, number: str | None) -> None:
    document = docx.Document()
    document.add_paragraph(typed)
    found = re.match('<p class="bepaling"><span class="nummer">(.*)</span> De huurder</p>', shown(document).html)
    assert (found and found[1]) == number


def test_a_deeper_bullet_under_a_numbered_clause_is_one_list() -> None:
    document = docx.Document()
    document.add_paragraph("clausule", style="List Number")
    properties = document.add_paragraph("onderdeel", style="List Bullet")._p.get_or_add_pPr().get_or_add_numPr()
    numbering = document.part.numbering_part.element
    level = '<w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/><w:lvlText w:val="-"/></w:lvl>'
    abstract = f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{level}</w:abstractNum>'
    numbering.insert(0, parse_xml(abstract))
    numbering.append(
        parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'),
    )
    properties.get_or_add_numId().val, properties.get_or_add_ilvl().val = 90, 1
    assert shown(document).html.endswith("<ul><li>onderdeel</li></ul>")


def test_fields_and_boxes() -> None:
    writer = WordWriter("x")
    writer.paragraph([Text("Naam: "), Field("naam", "uw naam"), Text(". "), Field("ja", "Ja", "check"), Text(" Ja")])
    assert preview(writer.to_bytes(), "").html == ('<p>Naam: <span class="invulveld">[uw naam]</span>. ☐ Ja</p>')


def test_a_field_of_any_style_and_a_ticked_box() -> None:
    document = docx.Document()
    names = f'{nsdecls("w")} xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
    ticked = '<w14:checkbox><w14:checked w14:val="1"/></w14:checkbox>'
    for properties, text in (("<w:text/>", "Klik hier"), (ticked, "☒")):
        document.add_paragraph()._p.append(
            parse_xml(
                f"<w:sdt {names}><w:sdtPr>{properties}</w:sdtPr>"
                f"<w:sdtContent><w:r><w:t>{text}</w:t></w:r></w:sdtContent></w:sdt>"
            )
        )
    assert shown(document).html == '<p><span class="invulveld">Klik hier</span></p>\n<p>☒</p>'


def test_tables() -> None:
    writer = WordWriter("x")
    writer.heading([Text("Rollen")], 1)
    writer.table([[Text("Wie")], [Text("Wat")]], [[[Text("U")], [Text("alles")]], [[Text("Wij")], []]])
    assert preview(writer.to_bytes(), "").html.endswith(
        '<div class="tablebox" tabindex="0" role="region" aria-label="Tabel: Rollen"><table><thead><tr>'
        '<th scope="col">Wie</th><th scope="col">Wat</th></tr></thead><tbody>'
        '<tr><th scope="row">U</th><td>alles</td></tr><tr><th scope="row">Wij</th><td></td></tr></tbody></table></div>'
    )


def test_a_table_of_one_cell_is_a_note() -> None:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.paragraphs[0].text = "Let op"
    cell.paragraphs[0].style = "Heading 2"
    cell.add_paragraph("Dit is een model.")
    assert shown(document).html == (
        '<div class="note note--warn"><h2 id="kop-let-op">Let op</h2><p>Dit is een model.</p></div>'
    )


def test_a_table_inside_a_table_is_in_one_box() -> None:
    document = docx.Document()
    outer = document.add_table(1, 2)
    outer.cell(0, 0).add_table(1, 2).cell(0, 1).text = "binnen"
    outer.cell(0, 1).text = "buiten"
    html = shown(document).html
    assert html.count("tablebox") == 1
    assert html.count("<table>") == 2


def test_merged_cells() -> None:
    document = docx.Document()
    table = document.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "breed"
    table.cell(1, 0).text, table.cell(1, 1).text = "a", "b"
    html = shown(document).html
    assert '<td colspan="2">breed</td>' in html
    assert "<th" not in html


def test_links_lead_nowhere_outside_the_text() -> None:
    document = docx.Document()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
    number = document.part.relate_to("https://evil.example/", kind, is_external=True)
    run = "<w:r><w:t>woorden</w:t></w:r>"
    for attribute in (f'r:id="{number}"', 'w:anchor="plek"', 'w:anchor="nergens"'):
        link = f"<w:hyperlink {nsdecls('w', 'r')} {attribute}>{run}</w:hyperlink>"
        document.add_paragraph()._p.append(parse_xml(link))
    mark = document.add_paragraph("Hier")._p
    mark.insert(0, parse_xml(f'<w:bookmarkStart {nsdecls("w")} w:id="1" w:name="plek"/>'))
    mark.insert(0, parse_xml(f'<w:bookmarkStart {nsdecls("w")} w:id="2" w:name="ongebruikt"/>'))
    assert shown(document).html == (
        '<p>woorden</p>\n<p><a href="#tekst-plek">woorden</a></p>\n<p>woorden</p>\n<p><a id="tekst-plek"></a>Hier</p>'
    )


def test_an_image_is_its_alternative_text() -> None:
    document = docx.Document()
    document.add_paragraph("Voor ").add_run().add_picture(io.BytesIO(PIXEL))
    document.paragraphs[0]._p.xpath(".//wp:docPr")[0].set("descr", "Logo <Regio>")
    assert shown(document).html == "<p>Voor Logo &lt;Regio&gt;</p>"


def test_text_is_a_line_for_each_paragraph_and_cell() -> None:
    document = docx.Document()
    document.add_heading("Kop", 1)
    document.add_paragraph("Regel een\nRegel twee")
    document.add_paragraph("punt", style="List Bullet")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "links", "rechts < 1 & 2"
    assert shown(document).text == "Kop\nRegel een\nRegel twee\npunt\nlinks\nrechts < 1 & 2"


def test_a_style_map_in_the_file_is_not_obeyed() -> None:
    document = docx.Document()
    document.add_paragraph("tekst")
    target = io.BytesIO()
    document.save(target)
    mammoth.embed_style_map(target, "p => h2.btn:fresh")
    assert preview(target.getvalue(), "").html == "<p>tekst</p>"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", WordWriter("x").to_bytes()[:-30]])
def test_broken_bytes_are_refused_in_dutch(data: bytes) -> None:
    with pytest.raises(WordError, match="Dit is geen leesbaar Word-bestand"):
        preview(data, "")


def test_what_mammoth_cannot_read_is_refused_in_dutch() -> None:
    document = docx.Document()
    document.add_paragraph("x").add_run()._r.append(
        parse_xml(f'<w:sym {nsdecls("w")} w:font="Wingdings" w:char="geen getal"/>')
    )
    with pytest.raises(WordError, match="Dit is geen leesbaar Word-bestand"):
        shown(document)


@pytest.mark.parametrize("path", WORD_FILES, ids=lambda path: path.name)
def test_the_real_files(path: Path) -> None:
    made = preview(path.read_bytes(), "")
    assert clean(made.html) == made.html
    levels = [1, *(int(level) for level in re.findall(r"<h([2-6])", made.html))]
    assert levels[1:] == [section.level for section in made.contents]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len({section.id for section in made.contents}) == len(made.contents)
    assert not re.search(r"<(p|h\d|li)[^>]*>\s*</", made.html)
    assert 'class="invulveld"' in made.html
    names = re.findall('aria-label="([^"]*)"', made.html)
    assert len(set(names)) == len(names) == made.html.count('class="tablebox"')
    assert all(section.title in made.text for section in made.contents)


def test_the_main_contract_shows_its_numbers() -> None:
    made = real("HC-01")
    assert "Artikel 1 " in made.text
    assert re.search(r'<h2 id="[^"]*"><span class="nummer">Artikel 1</span> ', made.html)
    assert '<p class="bepaling"><span class="nummer">1.2</span> ' in made.html
    assert '<div class="note note--warn"><h2 id="kop-juridisch-nalopen">Juridisch nalopen</h2>' in made.html


def test_the_care_contract_shows_its_boxes() -> None:
    assert "<p>☐ " in real("ZC-01").html
