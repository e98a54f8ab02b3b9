"""The smallest file of each kind, which a parser reads before it is locked up.

Libraries load some of their modules only when they first need them; after ``lock_up`` that is too late.
"""

import io
import zipfile

from portal.documents.controls import CONTENT_TYPES, LINKS, OFFICE, TYPES, links_part

MAIN = "word/document.xml"
PARTS = {
    CONTENT_TYPES: (
        f'<Types xmlns="{TYPES[1:-1]}"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    ),
    links_part(""): (
        f'<Relationships xmlns="{LINKS[1:-1]}">'
        f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="{MAIN}"/></Relationships>'
    ),
    MAIN: (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
        "<w:p><w:r><w:t>Tekst</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>"
        "</w:body></w:document>"
    ),
}
OBJECTS = (
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
    "<< /Length 22 >>\nstream\nBT /F 9 Tf (Aa) Tj ET \nendstream",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
)


def word_sample() -> bytes:
    """Return a Word file with one word and one table."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in PARTS.items():
            package.writestr(name, part)
    return target.getvalue()


def pdf_sample() -> bytes:
    """Return a PDF of one page with one word."""
    written, places = b"%PDF-1.7\n", []
    for number, body in enumerate(OBJECTS, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n{body}\nendobj\n".encode()
    size = len(OBJECTS) + 1
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(written)}\n%%EOF\n"
    return written + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()
