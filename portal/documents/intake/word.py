"""The program that judges a Word file: everything in it that runs, fetches or hides is a reason not to take it in.

It is started by ``process`` for one file and has the rights of ``child``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from portal.documents.controls import CONTENT_TYPES, WordError, controls, plain_text
from portal.documents.intake import images
from portal.documents.intake.answers import Answer
from portal.documents.intake.archive import unpacked
from portal.documents.intake.child import main
from portal.documents.intake.fields import Fields, UnsafeField, UnsafeLink, leads_to_the_web
from portal.documents.intake.reasons import FileRefused, Reason
from portal.documents.intake.samples import word_sample
from portal.documents.preview import preview
from portal.documents.stamp import stamp

XML_NAMES = (".xml", ".rels", ".vml", ".svg")
FONTS, PRINTERS = (".odttf", ".fntdata"), "/printersettings/"
ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
    b"BZh",
    b"\xfd7zXZ",
    b"\xd0\xcf\x11\xe0",
    b"MZ",
)
"""How files begin that hold other files or are programs: ZIP, gzip, 7-Zip, RAR, bzip2, xz, OLE and EXE."""
MAIN_TYPE = "wordprocessingml.document.main+xml"
TYPES = {
    "macroenabled": Reason.MACROS,
    "vbaproject": Reason.MACROS,
    "vbadata": Reason.MACROS,
    "wordprocessingml.template.main": Reason.TEMPLATE,
    "spreadsheetml.sheet.main": Reason.OTHER_OFFICE,
    "presentationml": Reason.OTHER_OFFICE,
    "activex": Reason.CONTROLS,
    "webextension": Reason.CONTROLS,
    "oleobject": Reason.EMBEDDED,
    "officedocument.package": Reason.EMBEDDED,
    "spreadsheetml.sheet": Reason.EMBEDDED,
}
"""Pieces of content types that a file may not name at all, most telling first."""
LINKS = {
    "vbaproject": Reason.MACROS,
    "wordvbadata": Reason.MACROS,
    "attachedtoolbars": Reason.MACROS,
    "extensibility": Reason.MACROS,
    "control": Reason.CONTROLS,
    "activexcontrolbinary": Reason.CONTROLS,
    "webextension": Reason.CONTROLS,
    "webextensiontaskpanes": Reason.CONTROLS,
    "afchunk": Reason.EMBEDDED,
    "oleobject": Reason.EMBEDDED,
    "package": Reason.EMBEDDED,
}
"""Kinds of links between parts that a file may not have."""
ELEMENTS = {
    "altChunk": Reason.EMBEDDED,
    "object": Reason.EMBEDDED,
    "OLEObject": Reason.EMBEDDED,
    "objectEmbed": Reason.EMBEDDED,
    "objectLink": Reason.EMBEDDED,
    "binData": Reason.EMBEDDED,
    "control": Reason.CONTROLS,
    "subDoc": Reason.OUTSIDE_CONTENT,
    "mailMerge": Reason.OUTSIDE_CONTENT,
}
"""Elements of Word that a part may not hold; without namespace, since there are two kinds of Word file."""
OF_WORD = ("wordprocessingml", "urn:schemas-microsoft-com:")
DRAWING, SVG = "urn:schemas-microsoft-com:", "http://www.w3.org/2000/svg"


def judge(data: bytes, title: str) -> Answer:
    """Return what a Word file says. Raises FileRefused.

    Everything that later reads this file in the portal is run here first, within the limits of this process.
    """
    parts = unpacked(data)
    roots = {name: _root(part) for name, part in parts.items() if _is_xml(name, part)}
    _judge_types(roots)
    _judge_links(roots)
    for name, root in roots.items():
        _judge_part(root, ours=not name.startswith("customXml/"))
    for name in parts.keys() - roots.keys():
        _judge_media(name, parts[name])
    del parts, roots
    try:
        answer = Answer.of(preview(data, title), plain_text(data), controls(data))
        _ = answer.preview.html  # cleaning is part of showing
        stamp(data, code="A", title=title, version=1, release=1, status="concept")
        return answer
    except WordError as error:
        raise FileRefused(Reason(str(error))) from None


def _is_xml(name: str, part: bytes) -> bool:
    return name.lower().endswith(XML_NAMES) or part.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<")


def _root(part: bytes) -> Any:
    """Return the root of a part. Nothing is fetched, and a part that declares anything of its own is refused."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(part, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise FileRefused(Reason.BROKEN_WORD) from None
    if root.getroottree().docinfo.doctype:
        raise FileRefused(Reason.BROKEN_WORD)
    return root


def _judge_types(roots: Mapping[str, Any]) -> None:
    if CONTENT_TYPES not in roots:
        raise FileRefused(Reason.UNKNOWN)
    named = [str(element.get("ContentType", "")).lower() for element in roots[CONTENT_TYPES].iter("{*}*")]
    for piece, reason in TYPES.items():
        if any(piece in name for name in named):
            raise FileRefused(reason)
    if not any(MAIN_TYPE in name for name in named):
        raise FileRefused(Reason.UNKNOWN)


def _judge_links(roots: Mapping[str, Any]) -> None:
    for name, root in roots.items():
        if not name.lower().endswith(".rels"):
            continue
        found = list(root.iter("{*}Relationship"))
        if len({link.get("Id") for link in found}) < len(found):  # programs differ in which of two they follow
            raise FileRefused(Reason.BROKEN_WORD)
        for link in found:
            _judge_link(link)


def _judge_link(link: Any) -> None:
    kind = str(link.get("Type", "")).rstrip("/").rpartition("/")[2].lower()
    target = str(link.get("Target", ""))
    if kind in LINKS:
        raise FileRefused(LINKS[kind])
    outside = str(link.get("TargetMode", "")).strip().lower() == "external"
    if not outside and not _stays_inside(target):
        raise FileRefused(Reason.OUTSIDE_CONTENT)
    if outside and kind == "attachedtemplate":
        raise FileRefused(Reason.OUTSIDE_TEMPLATE)
    if outside and kind != "hyperlink":
        raise FileRefused(Reason.OUTSIDE_CONTENT)
    if outside and not leads_to_the_web(target):
        raise FileRefused(Reason.UNSAFE_LINK)


def _stays_inside(target: str) -> bool:
    return ":" not in target.partition("#")[0] and "\\" not in target and not target.startswith("//")


def _judge_part(root: Any, *, ours: bool) -> None:
    """Judge the elements of a part; ``ours`` is whether Word reads it as its own (and not as somebody's data)."""
    fields = Fields()
    for element in _elements(root):
        name = etree.QName(element)
        space = name.namespace or ""
        if ours and name.localname in ELEMENTS and space.startswith(OF_WORD) | (OF_WORD[0] in space):
            raise FileRefused(ELEMENTS[name.localname])
        if space.startswith((DRAWING, SVG)):
            _judge_drawing(element, name.localname)
        try:
            fields.meet(element)
        except UnsafeField:
            raise FileRefused(Reason.OUTSIDE_FIELD) from None
        except UnsafeLink:
            raise FileRefused(Reason.UNSAFE_LINK) from None
    try:
        fields.end()
    except (UnsafeField, UnsafeLink):
        raise FileRefused(Reason.OUTSIDE_FIELD) from None


def _elements(root: Any) -> Iterator[Any]:
    return (element for element in root.iter() if isinstance(element.tag, str))


def _judge_drawing(element: Any, name: str) -> None:
    """Refuse a drawing that runs something, or whose picture is somewhere else."""
    if name in ("script", "foreignObject"):
        raise FileRefused(Reason.CONTROLS)
    for key, value in element.attrib.items():
        attribute = etree.QName(key).localname.lower()
        fetches = attribute == "src" or (attribute == "href" and name in ("image", "use", "imagedata", "fill"))
        if fetches and value and not str(value).startswith(("#", "data:image/")):
            raise FileRefused(Reason.OUTSIDE_CONTENT)


def _judge_media(name: str, part: bytes) -> None:
    """Refuse a part that is no XML unless it is a picture of a bearable size, a font or printer settings."""
    place = f"/{name.lower()}"
    if "vba" in place:
        raise FileRefused(Reason.MACROS)
    if "/embeddings/" in place or part.startswith(ARCHIVES):
        raise FileRefused(Reason.EMBEDDED)
    if place.endswith(FONTS) or PRINTERS in place:
        return
    try:
        width, height = images.size(part)
    except images.ImageError:
        raise FileRefused(Reason.PICTURE if "/media/" in place else Reason.EMBEDDED) from None
    if images.too_large(width, height):
        raise FileRefused(Reason.HUGE_PICTURE)


if __name__ == "__main__":
    main(judge, word_sample())
