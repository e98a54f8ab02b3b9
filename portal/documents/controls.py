"""Reading Word files: their parts, their fields, their headings and their words.

A Word file is a ZIP file of parts that point to each other (ECMA-376 part 2); the words are WordprocessingML (part 1).
Files come from outside, so reading is bounded: see MAX_PARTS and MAX_UNPACKED, and no part may declare entities.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn
from lxml import etree

from portal.lib.packages import EPOCH

MAX_PARTS = 2_000
MAX_UNPACKED = 200_000_000
"""Bytes in all parts together; a Word file of 20 MB that unpacks to more than this is not a text."""

CONTENT_TYPES = "[Content_Types].xml"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
LINKS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

BROKEN = "Dit is geen leesbaar Word-bestand. Open het in Word en sla het opnieuw op als Word-document (.docx)."
LOCKED = "Dit bestand heeft een wachtwoord of is een oud Word-bestand (.doc). Sla het zonder wachtwoord op als .docx."
STRICT = "Dit bestand is een 'Strict Open XML-document'. Sla het in Word op als gewoon Word-document (.docx)."
TOO_LARGE = "Dit Word-bestand is uitgepakt te groot. Maak de afbeeldingen kleiner en probeer het opnieuw."

WORDS_IN = ("header", "footer", "footnotes", "endnotes", "comments")
"""The parts beside the main one that hold words."""


class WordError(ValueError):
    """A file cannot be used as a Word file; the message is a Dutch sentence that says what to do."""


@dataclass(frozen=True)
class Control:
    """A place to fill in: its name for programs, its name for people; text, check, choice or date."""

    tag: str
    alias: str
    kind: str


class WordFile:
    """The parts of one Word file by name. What is not changed keeps its bytes."""

    def __init__(self, docx: bytes) -> None:
        """Unpack a file. Raises WordError when it is not a Word file, is locked, or is too large."""
        self.parts = _unpack(docx)
        self.main = next(iter(self.related("", "officeDocument")), "")
        self.document = self.xml(self.main)
        if self.document.tag != qn("w:document"):
            raise WordError(STRICT if self.document.tag.endswith("}document") else BROKEN)
        if self.document.find(qn("w:body")) is None:
            raise WordError(BROKEN)

    def xml(self, name: str) -> Any:
        """Return the root element of a part. Raises WordError when the part is missing or is not plain XML."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            root = etree.fromstring(self.parts[name], parser)
        except (KeyError, etree.XMLSyntaxError):
            raise WordError(BROKEN) from None
        if root.getroottree().docinfo.doctype:
            raise WordError(BROKEN)
        return root

    def put(self, name: str, root: Any) -> None:
        """Write a part."""
        self.parts[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)

    def related(self, source: str, kind: str) -> list[str]:
        """Return the names of the parts that ``source`` ("" for the file as a whole) points to, by kind of link."""
        links = self.links(source).values()
        return [name for type_, name in links if type_.endswith(f"/{kind}") and name in self.parts]

    def links(self, source: str) -> dict[str, tuple[str, str]]:
        """Return kind and part name by id, for every link inside the file that starts at ``source``."""
        name = links_part(source)
        if name not in self.parts:
            return {}
        folder = posixpath.dirname(source)
        return {
            link.get("Id", ""): (
                link.get("Type", ""),
                posixpath.normpath(posixpath.join("/", folder, link.get("Target", ""))).lstrip("/"),
            )
            for link in self.xml(name).iterfind(f"{LINKS}Relationship")
            if link.get("TargetMode") != "External"
        }

    def part(self, kind: str) -> Any | None:
        """Return the root of the part of this kind that the main part points to, such as ``styles``, or None."""
        names = self.related(self.main, kind)
        return self.xml(names[0]) if names else None

    def to_bytes(self) -> bytes:
        """Return the file; the same parts always give the same bytes."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as package:
            for name, data in self.parts.items():
                entry = zipfile.ZipInfo(name, EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                package.writestr(entry, data, compresslevel=9)
        return target.getvalue()


def links_part(source: str) -> str:
    """Return the name of the part that holds the links of ``source`` (ECMA-376 part 2)."""
    folder, name = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def controls(docx: bytes) -> list[Control]:
    """Return the fields of a Word file in reading order, those of headers and footers last. Raises WordError."""
    file = WordFile(docx)
    roots = [file.document, *_roots(file, ("header", "footer"))]
    found = (properties for root in roots for properties in root.iter(qn("w:sdtPr")))
    return [_control(properties) for properties in found if properties.find(qn("w:docPartObj")) is None]


def headings(docx: bytes) -> list[str]:
    """Return the words of every heading, also of those inside tables. Raises WordError."""
    file = WordFile(docx)
    levels = heading_levels(file.part("styles"))
    return [words(p) for p in paragraphs(file.document) if style_of(p) in levels and words(p)]


def plain_text(docx: bytes) -> str:
    """Return all words, a line for each paragraph; headers, footers, notes and comments too. Raises WordError."""
    file = WordFile(docx)
    lines = (words(p) for root in (file.document, *_roots(file, WORDS_IN)) for p in paragraphs(root))
    return "\n".join(line for line in lines if line)


def paragraphs(root: Any) -> Iterator[Any]:
    """Give the paragraphs of a part in order. What Word writes twice for old programs is given once (mc:Fallback)."""
    choice = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Choice"
    for paragraph in root.iter(qn("w:p")):
        if all(twice.getnext() is None for twice in paragraph.iterancestors(choice)):
            yield paragraph


def words(paragraph: Any) -> str:
    """Return the words of a paragraph as a reader sees them, white space made single; deleted words do not count."""
    signs = {qn("w:tab"): " ", qn("w:br"): " ", qn("w:cr"): " ", qn("w:noBreakHyphen"): "-"}
    parts = (
        signs.get(node.tag) or str(node.text or "")
        for node in paragraph.iter(qn("w:t"), *signs)
        if next(node.iterancestors(qn("w:p")), None) is paragraph
        and next(node.iterancestors(qn("w:del"), qn("w:moveFrom"), qn("w:pPr")), None) is None
    )
    return " ".join("".join(parts).split())


def style_of(paragraph: Any) -> str:
    """Return the id of the style of a paragraph, or an empty string."""
    return value(paragraph, "w:pPr", "w:pStyle")


def value(element: Any, *path: str) -> str:
    """Return the ``w:val`` of what is found along a path of child elements, or an empty string."""
    found = element.find("/".join(qn(name) for name in path))
    return "" if found is None else str(found.get(qn("w:val"), ""))


def is_on(holder: Any | None, switch: str) -> bool:
    """Whether a property that is on or off is there and on (ECMA-376 part 1, section 17.17.4)."""
    element = None if holder is None else holder.find(qn(switch))
    return element is not None and element.get(qn("w:val")) not in ("0", "false", "off")


def by_id(root: Any | None, tag: str, key: str) -> dict[str, Any]:
    """Return the children of a part with this tag by their identifying attribute; a missing part has none."""
    return {} if root is None else {str(element.get(qn(key))): element for element in root.iterfind(qn(tag))}


def style_chain(styles: dict[str, Any], style: str) -> Iterator[Any]:
    """Give a style and the styles it is based on, nearest first."""
    seen: set[str] = set()
    while style in styles and style not in seen:
        seen.add(style)
        yield styles[style]
        style = value(styles[style], "w:basedOn")


def heading_levels(styles: Any | None) -> dict[str, int]:
    """Return the level (1 is the highest) of every style that makes a heading: by name, outline level or its base."""
    known = by_id(styles, "w:style", "w:styleId")
    of_paragraphs = (name for name, style in known.items() if style.get(qn("w:type")) == "paragraph")
    return {name: level for name in of_paragraphs if (level := _level(style_chain(known, name)))}


def _level(chain: Iterator[Any]) -> int:
    for link in chain:
        outline = value(link, "w:pPr", "w:outlineLvl")
        if re.fullmatch("[0-9]", outline):  # 0 to 8 are headings, 9 is body text (ECMA-376 part 1, section 17.3.1.20)
            return (int(outline) + 1) % 10
        if found := re.fullmatch("heading ([1-9])", value(link, "w:name").lower()):
            return int(found[1])
    return 0


def _unpack(docx: bytes) -> dict[str, bytes]:
    if docx.startswith(b"\xd0\xcf\x11\xe0"):  # the container of .doc, and of .docx with a password
        raise WordError(LOCKED)
    try:
        with zipfile.ZipFile(io.BytesIO(docx)) as package:
            entries = package.infolist()
            if len(entries) > MAX_PARTS or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise WordError(TOO_LARGE)
            if len({entry.filename for entry in entries}) < len(entries):
                raise WordError(BROKEN)
            return {entry.filename: package.read(entry) for entry in entries if not entry.is_dir()}
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError, RuntimeError, NotImplementedError, zlib.error):
        raise WordError(BROKEN) from None


def _roots(file: WordFile, kinds: tuple[str, ...]) -> list[Any]:
    return [file.xml(name) for kind in kinds for name in file.related(file.main, kind)]


def _control(properties: Any) -> Control:
    kinds = {"checkbox": "check", "dropDownList": "choice", "comboBox": "choice", "date": "date"}
    names = [etree.QName(child).localname for child in properties if isinstance(child.tag, str)]
    return Control(
        tag=value(properties, "w:tag"),
        alias=value(properties, "w:alias"),
        kind=next((kinds[name] for name in names if name in kinds), "text"),
    )
