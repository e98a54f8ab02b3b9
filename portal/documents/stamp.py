"""The stamp on a download: which document, version and release it is, and whether the partners agreed to it.

It stands in the properties of the file and as the last line of every footer. Nothing else in the file changes.
"""

import posixpath
import re
from typing import Any

from docx.oxml.ns import qn
from lxml import etree

from portal.documents.controls import CONTENT_TYPES, LINKS, OFFICE, TYPES, WordFile, is_on, links_part, words

STAMP = re.compile(r"\S+, versie \d+, uitgave \d+\. .+\.")
"""How a stamp is known again, also after somebody changed and saved the copy in Word."""
SIZE = "16"
"""Half points: 8 points."""

CORE_PART = "docProps/core.xml"
CORE_LINK = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
CORE_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
CORE = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
FOOTER_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"


def stamp(docx: bytes, *, code: str, title: str, version: int, release: int, status: str) -> bytes:
    """Return a stamped copy of a Word file; the same input always gives the same bytes.

    A stamp that is there already is replaced. ``status`` is a phrase such as "model, nog niet geaccordeerd". Parts that
    need no change keep their bytes. Raises WordError when the file cannot be read.
    """
    file = WordFile(docx)
    which = f"{code}, versie {version}, uitgave {release}"
    _stamp_properties(file, title=title, subject=code, keywords=f"{which}, {status}", version=str(version))
    _stamp_footers(file, f"{which}. {status[:1].upper()}{status[1:]}.")
    return file.to_bytes()


def stamped_name(code: str, version: int, extension: str = ".docx") -> str:
    """Return the file name of a download, such as ``ZC-01-v1.docx``."""
    return f"{code}-v{version}{extension}"


def _stamp_properties(file: WordFile, *, title: str, subject: str, keywords: str, version: str) -> None:
    names = file.related("", "core-properties")
    if names:
        name, root = names[0], file.xml(names[0])
    else:
        name, root = (
            CORE_PART,
            etree.Element(f"{CORE}coreProperties", nsmap={"cp": CORE[1:-1], "dc": DUBLIN_CORE[1:-1]}),
        )
        _add_part(file, "", name, CORE_LINK, CORE_TYPE)
    for tag, text in (
        (f"{DUBLIN_CORE}title", title),
        (f"{DUBLIN_CORE}subject", subject),
        (f"{CORE}keywords", keywords),
        (f"{CORE}version", version),
    ):
        element = root.find(tag)
        if element is None:
            element = etree.SubElement(root, tag)
        element.text = text
    file.put(name, root)


def _stamp_footers(file: WordFile, line: str) -> None:
    """Put the line in every footer in use; a section without one takes that of the section before it, as in Word."""
    sections = _sections(file.document)
    links = file.links(file.main)
    even = is_on(file.part("settings"), "w:evenAndOddHeaders")
    in_force: dict[str, str] = {}
    footers: set[str] = set()
    new = False
    for section in sections:
        for reference in section.iterfind(qn("w:footerReference")):
            _, name = links.get(reference.get(qn("r:id"), ""), ("", ""))
            if name in file.parts:
                in_force[reference.get(qn("w:type"), "default")] = name
        first = is_on(section, "w:titlePg")
        for kind in ("default", *(["first"] if first else []), *(["even"] if even else [])):
            if kind not in in_force:
                in_force[kind] = _add_footer(file, section, kind)
                new = True
            footers.add(in_force[kind])
    for name in sorted(footers):
        root = file.xml(name)
        _write_line(root, line)
        file.put(name, root)
    if new:
        file.put(file.main, file.document)


def _sections(document: Any) -> list[Any]:
    """Return the properties of all sections in order; those of the last are made when there are none."""
    changed = qn("w:sectPrChange")
    sections = [s for s in document.iter(qn("w:sectPr")) if s.getparent().tag != changed]
    body = document.find(qn("w:body"))
    if body.find(qn("w:sectPr")) is None:
        sections.append(etree.SubElement(body, qn("w:sectPr")))
    return sections


def _write_line(footer: Any, line: str) -> None:
    for paragraph in footer.findall(qn("w:p")):
        if STAMP.fullmatch(words(paragraph)):
            footer.remove(paragraph)
    paragraph = etree.SubElement(footer, qn("w:p"))
    run = etree.SubElement(paragraph, qn("w:r"))
    etree.SubElement(etree.SubElement(run, qn("w:rPr")), qn("w:sz")).set(qn("w:val"), SIZE)
    etree.SubElement(run, qn("w:t")).text = line


def _add_footer(file: WordFile, section: Any, kind: str) -> str:
    """Make an empty footer for a section, and return the name of its part."""
    name = _free_name(file, posixpath.join(posixpath.dirname(file.main), f"footer-{kind}"))
    file.put(name, etree.Element(qn("w:ftr"), nsmap={"w": qn("w:ftr")[1:].partition("}")[0]}))
    number = _add_part(file, file.main, name, f"{OFFICE}/footer", FOOTER_TYPE)
    reference = etree.Element(qn("w:footerReference"))
    reference.set(qn("w:type"), kind)
    reference.set(qn("r:id"), number)
    section.insert(0, reference)  # references come first (ECMA-376 part 1, section 17.6.17)
    return name


def _free_name(file: WordFile, wanted: str) -> str:
    taken = {name.lower() for name in file.parts}
    number = 1
    while f"{wanted}{number}.xml".lower() in taken:
        number += 1
    return f"{wanted}{number}.xml"


def _add_part(file: WordFile, source: str, name: str, kind: str, content_type: str) -> str:
    """Tell the file of a new part: its type, and the link of this kind from ``source``. Return the id of the link."""
    types = file.xml(CONTENT_TYPES)
    etree.SubElement(types, f"{TYPES}Override", PartName=f"/{name}", ContentType=content_type)
    file.put(CONTENT_TYPES, types)
    part = links_part(source)
    links = file.xml(part) if part in file.parts else etree.Element(f"{LINKS}Relationships", nsmap={None: LINKS[1:-1]})
    number = 1
    while f"rIdPortal{number}" in {link.get("Id") for link in links}:
        number += 1
    etree.SubElement(links, f"{LINKS}Relationship", Id=f"rIdPortal{number}", Type=kind, Target=f"/{name}")
    file.put(part, links)
    return f"rIdPortal{number}"
