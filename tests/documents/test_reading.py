"""What a document says, cut at its headings, whatever it is made of."""

import io
from datetime import UTC, date, datetime

import docx
import pytest

from portal.documents.controls import WordError
from portal.documents.models import Document, document_of
from portal.documents.pdf import is_pdf, pdf_preview
from portal.documents.reading import TextSection, sections
from portal.releases.models import Blob, Item, Release, Version
from tests.documents.pdf_file import pdf

NOTHING = b"%PDF-1.7\n"


def document(*, text: str | None = None, original: bytes | None = None) -> Document:
    day = date(2026, 1, 1)
    data = {"code": "WI-01", "titel": "Voorbeeld", "soort": "werkinstructie", "doelgroep": [], "invulbaar": False}
    release = Release(number=1, title="Eerste", created_at=datetime(2026, 1, 1, tzinfo=UTC), effective_on=day)
    sha256 = str(hash(original))
    return document_of(
        Version(
            item=Item(code="WI-01", kind="document"),
            release=release,
            number=1,
            data={**data, "convenant": [], "grond": "deels"},
            text=text,
            original=None if original is None else Blob(sha256=sha256, size=len(original), data=original),
            original_sha256=sha256,
        )
    )


def test_a_page_is_cut_at_its_headings() -> None:
    text = "Vooraf.\n\n## Eerst\n\nEen **woord** met [een link](stap:KAN-07).\n\n- punt\n\n### Dan\n\nSlot.\n"
    assert sections(document(text=text)) == (
        TextSection("", "", "Vooraf."),
        TextSection("kop-eerst", "Eerst", "Een woord met een link.\npunt"),
        TextSection("kop-dan", "Dan", "Slot."),
    )


def test_a_word_file_is_cut_at_its_headings_and_tables_count() -> None:
    file = docx.Document()
    file.add_heading("Artikel 1", 1)
    file.add_paragraph("De huur.")
    table = file.add_table(2, 2)
    for number, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = f"cel {number}"
    target = io.BytesIO()
    file.save(target)
    assert sections(document(original=target.getvalue())) == (
        TextSection("kop-artikel-1", "Artikel 1", "De huur.\ncel 0\ncel 1\ncel 2\ncel 3"),
    )


def test_a_pdf_has_a_section_for_each_page() -> None:
    data = pdf("Huur\nen schade", "De tweede bladzijde")
    assert is_pdf(data)
    assert sections(document(original=data)) == (
        TextSection("kop-pagina-1", "Pagina 1", "Huur\nen schade"),
        TextSection("kop-pagina-2", "Pagina 2", "De tweede bladzijde"),
    )
    shown = pdf_preview(data)
    assert [section.id for section in shown.contents] == ["kop-pagina-1", "kop-pagina-2"]
    assert '<h2 id="kop-pagina-2">Pagina 2</h2>' in shown.html


def test_a_word_cut_at_the_end_of_a_line_is_whole_again() -> None:
    assert pdf_preview(pdf("de huur-\nachterstand\nvan vandaag")).text == "de huurachterstand\nvan vandaag"


@pytest.mark.parametrize("data", [NOTHING, NOTHING + b"niets", pdf("x")[:200]])
def test_a_broken_pdf_says_what_to_do(data: bytes) -> None:
    with pytest.raises(WordError, match="sla het opnieuw op als PDF"):
        pdf_preview(data)
