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

NOTHING = b"%PDF-1.7\n"


def pdf(*pages: str) -> bytes:
    """Return a PDF with these words on its pages, written out by hand: one object for each thing in it."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, words in enumerate(pages):
        lines = " T* ".join(f"({line}) Tj" for line in words.split("\n"))
        stream = f"BT /F1 12 Tf 14 TL 72 720 Td {lines} ET"
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            f"/Contents {5 + 2 * number} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    written, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return written + f"{end}startxref\n{len(written)}\n%%EOF".encode()


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
