"""What a document says, whatever it is made of: its preview, and its text cut at the headings."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import lxml.html
from lxml import etree

from portal.documents.models import Document
from portal.documents.page_html import page_html
from portal.documents.pages import parse
from portal.documents.pdf import is_pdf, pdf_preview
from portal.documents.preview import BLOCKS, Preview, preview

CACHED = 200
_previews: dict[tuple[str, str], Preview] = {}


@dataclass(frozen=True)
class TextSection:
    """A part of a document under one heading; ``anchor`` is the id of that heading on the document's page."""

    anchor: str
    heading: str
    text: str


def file_preview(document: Document) -> Preview:
    """Return what the file of a document says. Raises WordError when it cannot be read."""
    version = document.version
    key = (version.original_sha256 or "", document.title)
    if key in _previews:
        return _previews[key]
    return preview_of(version.original.data if version.original else b"", document.title)


def preview_of(data: bytes, title: str) -> Preview:
    """Return what a file says, by its contents; made once per file, since Word takes up to half a second.

    Raises WordError when the file cannot be read.
    """
    key = (hashlib.sha256(data).hexdigest(), title)
    if key not in _previews:
        return remember(*key, pdf_preview(data) if is_pdf(data) else preview(data, title))
    return _previews[key]


def remember(sha256: str, title: str, made: Preview) -> Preview:
    """Keep the preview of a file under a title, so that it is not read again; return it."""
    if len(_previews) >= CACHED:
        _previews.pop(next(iter(_previews)))
    _previews[sha256, title] = made
    return made


def forget() -> None:
    """Drop every preview that is kept."""
    _previews.clear()


def sections(document: Document) -> tuple[TextSection, ...]:
    """Return the text of a document, cut at its headings; what stands before the first one has no heading."""
    if document.version.text is not None:
        html: str = page_html(parse(document.version.text), lambda link: None).html
    else:
        html = "\n".join(file_preview(document).blocks)
    return tuple(_cut(lxml.html.fragment_fromstring(html, create_parent="div")))


def _cut(root: lxml.html.HtmlElement) -> Iterator[TextSection]:
    anchor, heading, words, inside = "", "", [""], None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        is_heading = element.tag in ("h2", "h3", "h4", "h5", "h6") and element.get("id")
        edge = "\n" if element.tag in BLOCKS else ""
        if event == "start" and is_heading:
            yield from _section(anchor, heading, words)
            anchor, heading, words, inside = element.get("id"), " ".join(element.text_content().split()), [""], element
        elif event == "start" and inside is None:
            words.append(f"{edge}{element.text or ''}")
        elif event == "end":
            inside = None if element is inside else inside
            if inside is None and element is not root:
                words.append(f"{edge}{element.tail or ''}")
    yield from _section(anchor, heading, words)


def _section(anchor: str, heading: str, words: list[str]) -> Iterator[TextSection]:
    lines = (" ".join(line.split()) for line in "".join(words).splitlines())
    text = "\n".join(line for line in lines if line)
    if text or heading:
        yield TextSection(anchor, heading, text)
