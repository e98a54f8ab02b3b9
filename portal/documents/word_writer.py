"""Writing Word files: headings, paragraphs, lists, tables and named content controls.

A content control (Word: "inhoudsbesturingselement") is what makes a template fillable. Each has a *tag*, the name by
which a program finds the field, and an *alias*, what a person sees. ECMA-376 part 1, section 17.5.2.
"""

import io
import re
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from textwrap import shorten
from typing import Any

from docx import Document as new_document
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from portal.lib.packages import repack

INK = RGBColor(0x0D, 0x2B, 0x33)
FIELD_STYLE = "Invulveld"
TABLE_STYLES = ("Normal Table", "Table Grid")
OLDER_STYLES = "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects"
"""A second copy of all styles, which only Word 2010 reads, and only in its compatibility mode."""
FIXED_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""Word wants a creation time; a real one would make every download different."""


@dataclass(frozen=True)
class Text:
    """Words in a line, bold or not."""

    text: str
    bold: bool = False


@dataclass(frozen=True)
class Field:
    """A place to fill in: a content control with a name for programs and a label for people."""

    tag: str
    label: str
    kind: str = "text"
    options: tuple[str, ...] = ()


Span = Text | Field

LONGEST_NAME = 64
"""Characters Word allows in the tag and in the alias of a content control (StringValidator in the Open XML SDK)."""


def field_name(label: str) -> str:
    """Return a tag for a label: lower case letters, digits and underscores, at most 60 characters."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:60].rstrip("_") or "veld"


def _element(name: str, **attributes: str) -> Any:
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


class WordWriter:
    """Builds one Word file from top to bottom; ``to_bytes`` gives the same bytes for the same calls."""

    def __init__(self, title: str, *, subject: str = "") -> None:
        """Start an empty A4 document in Dutch with the house styles."""
        self.document: WordDocument = new_document()
        self._controls = 0
        self._drop_unused()
        self._set_up_page()
        self._set_up_styles()
        properties = self.document.core_properties
        properties.title, properties.subject, properties.language = title, subject, "nl-NL"
        properties.author = properties.last_modified_by = properties.comments = ""
        properties.created = properties.modified = FIXED_TIME

    def _drop_unused(self) -> None:
        """Leave out what python-docx puts in every new file and nothing here uses: nine tenths of its bytes."""
        for style in list(self.document.styles):
            if style.type is WD_STYLE_TYPE.TABLE and style.name not in TABLE_STYLES:
                style.delete()
        part = self.document.part
        for number, link in list(part.rels.items()):
            if link.reltype == OLDER_STYLES:
                part.rels.pop(number)

    def _set_up_page(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.5)
        section.top_margin, section.bottom_margin = Cm(2.3), Cm(2.3)

    def _set_up_styles(self) -> None:
        styles = self.document.styles
        normal = styles["Normal"]
        normal.font.name, normal.font.size = "Calibri", Pt(11)
        normal.element.rPr.append(_element("w:lang", val="nl-NL"))
        normal.paragraph_format.space_after = Pt(6)
        normal.paragraph_format.line_spacing_rule = WD_LINE_SPACING.MULTIPLE
        normal.paragraph_format.line_spacing = 1.12
        for name, size in (("Title", 22), ("Heading 1", 14), ("Heading 2", 12), ("Heading 3", 11)):
            style = styles[name]
            style.font.size, style.font.bold, style.font.color.rgb = Pt(size), True, INK
            fonts = style.element.rPr.find(qn("w:rFonts"))
            if fonts is not None:
                style.element.rPr.remove(fonts)
            style.font.name = "Calibri"
            style.paragraph_format.keep_with_next = True
        styles["Title"].paragraph_format.space_after = Pt(10)
        for name in ("Heading 1", "Heading 2", "Heading 3"):
            styles[name].paragraph_format.space_before = Pt(12)
            styles[name].paragraph_format.space_after = Pt(4)
        field = styles.add_style(FIELD_STYLE, 2)  # 2 = character style
        field.font.color.rgb = RGBColor(0x08, 0x49, 0x6E)

    def title(self, text: str) -> None:
        """Add the title of the document."""
        self.document.add_paragraph(text, style="Title")

    def heading(self, spans: Sequence[Span], level: int) -> Paragraph:
        """Add a heading; level 1 is the highest."""
        return self.fill(self.document.add_paragraph(style=f"Heading {level}"), spans)

    def paragraph(self, spans: Sequence[Span], style: str | None = None) -> Paragraph:
        """Add a paragraph in the given named style, by default the normal one."""
        return self.fill(self.document.add_paragraph(style=style), spans)

    def bullets(self, items: Iterable[Sequence[Span]]) -> None:
        """Add a list with bullets."""
        for spans in items:
            self.paragraph(spans, "List Bullet")

    def numbers(self, items: Iterable[Sequence[Span]]) -> None:
        """Add a numbered list that starts at 1."""
        number = self._restarted_list()
        for spans in items:
            properties = self.paragraph(spans, "List Number")._p.get_or_add_pPr().get_or_add_numPr()
            properties.get_or_add_ilvl().val = 0
            properties.get_or_add_numId().val = number

    def _restarted_list(self) -> int:
        numbering = self.document.part.numbering_part.element
        style = self.document.styles["List Number"].element
        base = style.pPr.numPr.numId.val
        abstract = next(n.abstractNumId.val for n in numbering.num_lst if n.numId == base)
        number = numbering.add_num(abstract)
        number.add_lvlOverride(ilvl=0).add_startOverride(1)
        return int(number.numId)

    def table(self, header: Sequence[Sequence[Span]], rows: Iterable[Sequence[Sequence[Span]]]) -> None:
        """Add a table with a header row that Word repeats on every page."""
        table = self.document.add_table(rows=1, cols=len(header), style="Table Grid")
        properties = table.rows[0]._tr.get_or_add_trPr()
        properties.append(_element("w:tblHeader", val="true"))
        for cell, spans in zip(table.rows[0].cells, header, strict=True):
            bold = [Text(s.text, bold=True) if isinstance(s, Text) else s for s in spans]
            self.fill(cell.paragraphs[0], bold)
            cell._tc.get_or_add_tcPr().append(_element("w:shd", val="clear", color="auto", fill="E2EFF0"))
        for row in rows:
            for cell, spans in zip(table.add_row().cells, row, strict=True):
                self.fill(cell.paragraphs[0], spans)
        self.document.add_paragraph()

    def fill(self, paragraph: Paragraph, spans: Sequence[Span]) -> Paragraph:
        """Put words and fields into a paragraph."""
        for span in spans:
            if isinstance(span, Text):
                paragraph.add_run(span.text).bold = span.bold or None
            else:
                paragraph._p.append(self._control(span))
        return paragraph

    def _control(self, field: Field) -> Any:
        self._controls += 1
        control, properties, content = (_element(f"w:{n}") for n in ("sdt", "sdtPr", "sdtContent"))
        properties.append(_element("w:alias", val=shorten(field.label, LONGEST_NAME, placeholder="…")))
        properties.append(_element("w:tag", val=field.tag))
        properties.append(_element("w:id", val=str(1 + zlib.crc32(f"{field.tag}/{self._controls}".encode()) % 2**30)))
        shown = f"[{field.label}]"
        if field.kind == "check":
            shown = "☐"
            box = OxmlElement("w14:checkbox", nsdecls={"w14": "http://schemas.microsoft.com/office/word/2010/wordml"})
            properties.append(box)
        elif field.kind == "choice":
            properties.append(_element("w:showingPlcHdr"))
            choices = _element("w:dropDownList")
            for option in field.options:
                choices.append(_element("w:listItem", displayText=option, value=option))
            properties.append(choices)
            shown = f"[kies: {' / '.join(field.options)}]"
        elif field.kind == "date":
            properties.append(_element("w:showingPlcHdr"))
            date = _element("w:date")
            date.append(_element("w:dateFormat", val="d MMMM yyyy"))
            date.append(_element("w:lid", val="nl-NL"))
            properties.append(date)
        else:
            properties.append(_element("w:showingPlcHdr"))
            properties.append(_element("w:text", multiLine="1"))
        run, run_properties, text = (_element(f"w:{n}") for n in ("r", "rPr", "t"))
        run_properties.append(_element("w:rStyle", val=FIELD_STYLE))
        text.text = shown
        run.append(run_properties)
        run.append(text)
        content.append(run)
        control.append(properties)
        control.append(content)
        return control

    def to_bytes(self) -> bytes:
        """Return the file."""
        target = io.BytesIO()
        self.document.save(target)
        return repack(target.getvalue())
