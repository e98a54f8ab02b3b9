"""A Word file with footnotes, which python-docx does not write."""

import io
import zipfile
from collections.abc import Sequence

import docx

FOOTNOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
PLACES = (
    "3.1 De kale huurprijs is € 612,50# per maand.",
    "3.2 De huur gaat elk jaar omhoog met de index# van dat jaar.",
)


def contract_with_notes(notes: Sequence[str | None]) -> bytes:
    """Return a contract in which a footnote is called in two places; None leaves the note of that place out."""
    document = docx.Document()
    document.add_paragraph("Partijen spreken af hoe de huurder woont.")
    document.add_heading("Artikel 3 Huurprijs", 1)
    for place in PLACES[: len(notes)]:
        document.add_paragraph(place)
    document.add_heading("Artikel 4 Kosten", 1)
    document.add_paragraph("4.1 Naast de huur betalen partijen niets.")
    target = io.BytesIO()
    document.save(target)
    return _with_notes(target.getvalue(), notes)


def _with_notes(data: bytes, notes: Sequence[str | None]) -> bytes:
    given = list(enumerate(notes, 2))
    body = "".join(
        f'<w:footnote w:id="{n}"><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:footnote>' for n, text in given if text
    )
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            part = old.read(name).decode() if name.endswith((".xml", ".rels")) else old.read(name)
            if name == "word/document.xml" and isinstance(part, str):
                for n, text in given:
                    call = f'</w:t></w:r><w:r><w:footnoteReference w:id="{n}"/></w:r><w:r><w:t xml:space="preserve">'
                    part = part.replace("#", call if text else "", 1)
            elif name == "[Content_Types].xml" and isinstance(part, str):
                override = f'<Override PartName="/word/footnotes.xml" ContentType="{TYPE}"/>'
                part = part.replace("</Types>", f"{override}</Types>")
            elif name == "word/_rels/document.xml.rels" and isinstance(part, str):
                link = f'<Relationship Id="rIdNoten" Type="{FOOTNOTES}" Target="footnotes.xml"/>'
                part = part.replace("</Relationships>", f"{link}</Relationships>")
            new.writestr(name, part)
        new.writestr("word/footnotes.xml", f"<w:footnotes {WORD}>{body}</w:footnotes>")
    return target.getvalue()
