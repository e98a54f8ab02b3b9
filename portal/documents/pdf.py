"""What a PDF says, page by page, as a page to read; the file itself stays what readers download."""

import re
from itertools import chain

import pypdfium2
from markupsafe import Markup, escape

from portal.documents.controls import WordError
from portal.documents.outline import Section
from portal.documents.preview import Preview

MAGIC = b"%PDF-"
BROKEN = "Dit bestand is geen PDF die we kunnen lezen. Open het, sla het opnieuw op als PDF en probeer het nog eens."
HYPHENATED = re.compile(r"(?<=\w)[\u00ad\u0002\ufffe]\s*|(?<=[^\W\d_])-\n(?=[^\W\d_A-Z])")
"""A word cut in two at the end of a line, by a soft hyphen or by a hyphen that goes on in lower case."""

CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
"""Signs that no page can show and no database keep; a PDF may give any number to any letter."""


def is_pdf(data: bytes) -> bool:
    """Tell whether these bytes are a PDF, by what they are and not by a name."""
    return data.startswith(MAGIC)


def pdf_preview(data: bytes) -> Preview:
    """Return the words of a PDF under a heading for each page. Raises WordError when the file cannot be read."""
    try:
        with pypdfium2.PdfDocument(data) as document:
            pages = [_lines(page.get_textpage().get_text_bounded()) for page in document]
    except pypdfium2.PdfiumError as error:
        raise WordError(BROKEN) from error
    contents = tuple(Section(f"kop-pagina-{number}", f"Pagina {number}", 2) for number in range(1, len(pages) + 1))
    blocks = tuple(_page(section, lines) for section, lines in zip(contents, pages, strict=True))
    return Preview(blocks, contents, "\n".join(chain.from_iterable(pages)))


def _lines(text: str) -> list[str]:
    whole = CONTROL.sub("", HYPHENATED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    return [line for line in (" ".join(line.split()) for line in whole.split("\n")) if line]


def _page(section: Section, lines: list[str]) -> Markup:
    heading = Markup('<h2 id="{}">{}</h2>').format(section.id, section.title)
    return Markup("{}\n<p>{}</p>").format(heading, Markup("<br>").join(escape(line) for line in lines))
