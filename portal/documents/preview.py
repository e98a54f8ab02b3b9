"""What a Word file says, as a page: readable, with the numbers Word shows, and safe to show.

Mammoth turns the file into HTML. Before it, what mammoth cannot see is written out in a copy of the file: automatic
numbers, which styles make headings, and which words are fields. After it, the HTML gets what a page needs.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import lxml.html
import mammoth
from docx.oxml.ns import qn
from lxml import etree
from markupsafe import Markup

from portal.documents import controls as word
from portal.documents.clean import clean
from portal.documents.controls import BROKEN, WordError, WordFile
from portal.documents.numbering import numbered
from portal.documents.outline import Outline, Section, names_rows

ID_PREFIX = "tekst-"
NUMBER, FIELD, HEADING = "PortalNummer", "PortalVeld", "PortalKop"
"""Names of styles that exist only between the preparation of the copy and the reading of it by mammoth."""
STYLE_MAP = f"""
{"".join(f"p.{HEADING}{level} => h{level}:fresh{chr(10)}" for level in range(1, 10))}
r.{NUMBER} => span.nummer:fresh
r.{FIELD} => span.invulveld
r[style-name='Invulveld'] => span.invulveld
p[style-name^='toc '] => !
"""
HEADINGS = tuple(f"h{level}" for level in range(1, 10))
BLOCKS = ("p", "li", "td", "th", "tr", "table", "div", "br", *HEADINGS)
TYPED_NUMBER = re.compile(r"\s*(\d{1,2}(?:\.\d{1,2})+\.?)\s+")
"""A clause number that somebody typed, such as "3.1"; amounts and years have more digits."""


@dataclass(frozen=True)
class Preview:
    """A file as a page, with its contents; ``text`` is all its words, a line for each paragraph or cell.

    ``blocks`` are pieces of HTML as they were made, not yet safe to show: ``html`` is.
    """

    blocks: tuple[str, ...]
    contents: tuple[Section, ...]
    text: str

    @cached_property
    def html(self) -> Markup:
        """The page, cleaned; only when it is to be shown, for this takes a third of the time."""
        return Markup("\n").join(map(clean, self.blocks))


def preview(docx: bytes, title: str) -> Preview:
    """Return what a Word file says. A title in it that repeats ``title`` is left out, the page around it has that.

    Raises WordError when the file cannot be read.
    """
    file = WordFile(docx)
    _prepare(file, title)
    root = _converted(file)
    _signs(root)
    _drop_empty(root)
    _links(root)
    outline = _headings_and_tables(root)
    _lists(root)
    _clauses(root)
    blocks = tuple(_html(child) for child in root)
    return Preview(blocks, tuple(outline.sections), _text(root))


def _prepare(file: WordFile, title: str) -> None:
    """Write out in the main part what mammoth cannot see."""
    for paragraph, label in list(numbered(file)):
        _write_number(paragraph, label)
    for run in file.document.iterfind(f".//{qn('w:sdt')}/{qn('w:sdtContent')}/{qn('w:r')}"):
        _set_style(run, "w:rPr", "w:rStyle", FIELD)
    styles = file.part("styles")
    levels = word.heading_levels(styles)
    names = {
        key: word.value(style, "w:name").lower() for key, style in word.by_id(styles, "w:style", "w:styleId").items()
    }
    for paragraph in list(word.paragraphs(file.document)):
        style = word.style_of(paragraph)
        is_title = names.get(style) == "title"
        if is_title and word.words(paragraph).casefold() == " ".join(title.split()).casefold():
            paragraph.getparent().remove(paragraph)
        elif level := 1 if is_title else levels.get(style):
            _set_style(paragraph, "w:pPr", "w:pStyle", f"{HEADING}{level}")
    file.put(file.main, file.document)
    _shorten_styles(file)


def _shorten_styles(file: WordFile) -> None:
    """Drop the styles of tables, which mammoth reads and does not use: more than half of its time."""
    for name in file.related(file.main, "styles"):
        styles = file.xml(name)
        for style in styles.findall(qn("w:style")):
            if style.get(qn("w:type")) == "table":
                styles.remove(style)
        file.put(name, styles)


def _write_number(paragraph: Any, label: str) -> None:
    """Put a number into the words of a paragraph, and take the paragraph out of its list (list 0)."""
    properties = paragraph.find(qn("w:pPr"))
    for old in properties.findall(qn("w:numPr")):
        properties.remove(old)
    number = etree.SubElement(properties, qn("w:numPr"))
    for name in ("w:ilvl", "w:numId"):
        etree.SubElement(number, qn(name)).set(qn("w:val"), "0")
    for text in (" ", label):
        run = etree.Element(qn("w:r"))
        etree.SubElement(run, qn("w:t")).text = text
        properties.addnext(run)
    _set_style(run, "w:rPr", "w:rStyle", NUMBER)


def _set_style(element: Any, properties: str, kind: str, style: str) -> None:
    holder = element.find(qn(properties))
    if holder is None:
        holder = etree.Element(qn(properties))
        element.insert(0, holder)
    for old in holder.findall(qn(kind)):
        holder.remove(old)
    etree.SubElement(holder, qn(kind)).set(qn("w:val"), style)


@mammoth.images.img_element  # type: ignore[untyped-decorator]  # mammoth ships no types
def _only_alternative(image: Any) -> dict[str, str]:
    """Give an image nothing but the alternative text mammoth adds."""
    return {}


def _converted(file: WordFile) -> Any:
    try:
        html = mammoth.convert_to_html(
            io.BytesIO(file.to_bytes()),
            style_map=STYLE_MAP,
            include_embedded_style_map=False,
            id_prefix=ID_PREFIX,
            convert_image=_only_alternative,
        ).value
        return etree.fromstring(f"<div>{html}</div>", lxml.html.XHTMLParser(resolve_entities=False, no_network=True))
    except Exception as error:  # mammoth has no error of its own: what it trips over in a damaged file is anything
        raise WordError(BROKEN) from error


def _signs(root: Any) -> None:
    """Turn check boxes and images into words; the arrow back from a note too."""
    for element in list(root.iter("input", "img")):
        box = "☒" if element.get("checked") else "☐"
        span = element.getparent()
        _to_words(element, box if element.tag == "input" else element.get("alt", ""))
        if span.tag == "span" and span.text == box:
            span.drop_tag()
    for link in root.iter("a"):
        if link.text == "↑":
            link.text = "terug naar de tekst"


def _to_words(element: Any, text: str) -> None:
    element.tail = text + (element.tail or "")
    element.drop_tree()


def _drop_empty(root: Any) -> None:
    for element in list(root.iter("p", *HEADINGS)):
        if not element.text_content().strip():
            element.drop_tree()


def _links(root: Any) -> None:
    """Keep the links and marks that find each other inside the text; of the others only the words stay."""
    ids = {element.get("id") for element in root.iter() if element.get("id")}
    used = {link.get("href", "")[1:] for link in root.iter("a") if link.get("href", "").startswith("#")}
    for link in list(root.iter("a")):
        leads = link.get("href", "").startswith("#") and link.get("href")[1:] in ids
        if not leads and link.get("id") not in used:
            link.drop_tag()


def _headings_and_tables(root: Any) -> Outline:
    outline = Outline()
    for element in list(root.iter("table", *HEADINGS)):
        if element.tag == "table":
            _table(element, outline)
        else:
            section = outline.heading(" ".join(element.text_content().split()), int(element.tag[1]))
            element.tag = f"h{section.level}"
            element.set("id", section.id)
    return outline


def _table(table: Any, outline: Outline) -> None:
    cells = list(_own(table, "td", "th"))
    if len(cells) == 1:
        _notice(table, cells[0])
        return
    for cell in cells:
        _cell(cell)
    _name_rows(table)
    if next(table.iterancestors("table"), None) is None:
        box = lxml.html.Element("div")
        for name, text in (("class", "tablebox"), ("tabindex", "0"), ("role", "region")):
            box.set(name, text)
        box.set("aria-label", outline.table_name())
        box.tail, table.tail = table.tail, None
        table.getparent().replace(table, box)
        box.append(table)


def _own(table: Any, *tags: str) -> Iterator[Any]:
    """Give the rows or cells of a table, without those of tables inside it."""
    return (element for element in table.iter(*tags) if next(element.iterancestors("table"), None) is table)


def _notice(table: Any, cell: Any) -> None:
    """Turn a table of one cell, which is a frame around words, into a note."""
    cell.tag = "div"
    cell.attrib.clear()
    cell.set("class", "note note--warn")
    cell.tail = table.tail
    table.getparent().replace(table, cell)


def _cell(cell: Any) -> None:
    if len(cell) == 1 and cell[0].tag == "p":
        cell[0].drop_tag()
    if cell.tag == "th":
        for strong in list(cell.iter("strong")):  # a header is bold already
            strong.drop_tag()
        if cell.text_content().strip():
            cell.set("scope", "col")
        else:
            cell.tag = "td"


def _name_rows(table: Any) -> None:
    rows = [row for row in _own(table, "tr") if row.getparent().tag == "tbody" and len(row)]
    spans = any(cell.get("colspan") or cell.get("rowspan") for row in rows for cell in row)
    columns = min((len(row) for row in rows), default=0)
    if not spans and names_rows([row[0].text_content().strip() for row in rows], columns):
        for row in rows:
            row[0].tag = "th"
            row[0].set("scope", "row")


def _lists(root: Any) -> None:
    """Drop the empty outer list that stands around a list on a deeper level, when its own level is numbered."""
    for outer in list(root.iter("ul", "ol")):
        only = outer[0] if len(outer) == 1 else None
        if only is not None and len(only) == 1 and only[0].tag in ("ul", "ol") and not (only.text or "").strip():
            only.drop_tag()
            outer.drop_tag()


def _clauses(root: Any) -> None:
    """Mark paragraphs that begin with a number, also a number that was typed."""
    for paragraph in root.iter("p"):
        typed = TYPED_NUMBER.match(paragraph.text or "")
        if typed and next(paragraph.iterancestors("table"), None) is None:
            number = lxml.html.Element("span")
            number.set("class", "nummer")
            number.text, number.tail = typed[1], f" {paragraph.text[typed.end() :]}"
            paragraph.text = None
            paragraph.insert(0, number)
        if len(paragraph) and paragraph[0].get("class") == "nummer" and not (paragraph.text or "").strip():
            paragraph.set("class", "bepaling")


def _html(element: Any) -> str:
    return str(etree.tostring(element, method="html", encoding="unicode"))


def _text(root: Any) -> str:
    for block in root.iter(*BLOCKS):
        block.text, block.tail = f"\n{block.text or ''}", f"\n{block.tail or ''}"
    lines = (" ".join(line.split()) for line in root.text_content().splitlines())
    return "\n".join(line for line in lines if line)
