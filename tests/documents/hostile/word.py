"""Word files that run, carry or fetch something, and some that only look as if they do."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache

from portal.documents.intake.reasons import Reason as R
from portal.documents.intake.samples import PARTS, word_sample
from tests.documents.hostile import kind

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R_NS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
V = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MICROSOFT = "http://schemas.microsoft.com/office"
TYPES, MAIN = "[Content_Types].xml", "word/document.xml"
MAIN_LINKS, SETTINGS_LINKS = "word/_rels/document.xml.rels", "word/_rels/settings.xml.rels"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
LINKS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@cache
def good() -> bytes:
    """Return a small Word file with a picture, a header, a style and a link of its own: what the others change."""
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(
            (("header", "header1.xml"), ("image", "media/a.png"), ("styles", "styles.xml"))
        )
    )
    more: dict[str, bytes | str] = {
        MAIN_LINKS: LINKS.format(links),
        "word/header1.xml": f"<w:hdr {W}><w:p><w:r><w:t>kop</w:t></w:r></w:p></w:hdr>",
        "word/styles.xml": f"<w:styles {W}></w:styles>",
        "word/media/a.png": png(2, 2),
    }
    return packed({**PARTS, **more})


def png(width: int, height: int) -> bytes:
    """Return a picture that says it has this size, and holds next to nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))

    head = struct.pack(">LLBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(min((width + 1) * height, 1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(parts: Mapping[str, bytes | str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return target.getvalue()


def with_parts(**changes: Callable[[bytes], bytes] | bytes) -> bytes:
    """Return the good file with parts changed by a function, or put in anew; `` stands for the names below."""
    names = {"types": TYPES, "main": MAIN, "links": MAIN_LINKS, "settings_links": SETTINGS_LINKS}
    parts = parts_of(good())
    for key, change in changes.items():
        name = names.get(key, key)
        parts[name] = change if isinstance(change, bytes) else change(parts[name])
    return packed(parts)


def in_body(xml: str, **more: Callable[[bytes], bytes] | bytes) -> bytes:
    """Return the good file with something at the beginning of its text."""
    return with_parts(main=lambda part: part.replace(b"<w:body>", b"<w:body>" + xml.encode(), 1), **more)


def in_paragraph(xml: str) -> bytes:
    return in_body(f"<w:p>{xml}</w:p>")


def a_link(kind: str, target: str, *, outside: bool = True) -> Callable[[bytes], bytes]:
    mode = ' TargetMode="External"' if outside else ""
    full = kind if ":" in kind else f"{OFFICE}/{kind}"
    link = f'<Relationship Id="rIdX" Type="{full}" Target="{target}"{mode}/></Relationships>'
    return lambda part: part.replace(b"</Relationships>", link.encode())


def a_type(name: str, content_type: str) -> Callable[[bytes], bytes]:
    row = f'<Override PartName="/{name}" ContentType="{content_type}"/></Types>'
    return lambda part: part.replace(b"</Types>", row.encode())


def linked(kind: str, target: str, *, outside: bool = True) -> bytes:
    return with_parts(links=a_link(kind, target, outside=outside))


def fields(*pieces: str) -> str:
    """Return runs: ``{`` and ``}`` begin and end a field, ``|`` separates code and result, the rest is code."""
    marks = {"{": "begin", "}": "end", "|": "separate"}
    return "".join(
        f'<w:r><w:fldChar w:fldCharType="{marks[piece]}"/></w:r>'
        if piece in marks
        else f"<w:r><w:instrText>{piece}</w:instrText></w:r>"
        for piece in pieces
    )


def a_settings_link(target: str) -> bytes:
    row = f'<Relationship Id="r1" Type="{OFFICE}/attachedTemplate" Target="{target}" TargetMode="External"/>'
    return LINKS.format(row).encode()


def main_part(xml: str) -> bytes:
    return packed({**PARTS, MAIN: xml})


def body(inside: str) -> str:
    return f"<w:document {W}><w:body>{inside}</w:body></w:document>"


# --- What runs ---


@kind(R.MACROS)
def macros(home: str) -> bytes:
    extra = {"word/vbaProject.bin": OLE}
    name = f"{MICROSOFT}/2006/relationships/vbaProject"
    types = a_type("word/vbaProject.bin", "application/vnd.ms-office.vbaProject")
    return with_parts(links=a_link(name, "vbaProject.bin", outside=False), types=types, **extra)


@kind(R.MACROS)
def macros_under_another_name(home: str) -> bytes:
    extra = {"word/media/plaatje.png": OLE}
    name = f"{MICROSOFT}/2006/relationships/vbaProject"
    return with_parts(links=a_link(name, "media/plaatje.png", outside=False), **extra)


@kind(R.MACROS)
def macros_without_a_link(home: str) -> bytes:
    return with_parts(**{"word/vbaProject.bin": OLE})


@kind(R.MACROS)
def docm_with_another_name(home: str) -> bytes:
    other = b"application/vnd.ms-word.document.macroEnabled.main+xml"
    return with_parts(types=lambda part: part.replace(f"{WORD_TYPE}.document.main+xml".encode(), other))


@kind(R.TEMPLATE)
def dotx_with_another_name(home: str) -> bytes:
    return with_parts(types=lambda part: part.replace(b"document.main+xml", b"template.main+xml"))


@kind(R.MACROS)
def ribbon_with_calls(home: str) -> bytes:
    kind = f"{MICROSOFT}/2006/relationships/ui/extensibility"
    parts = parts_of(good())
    parts["_rels/.rels"] = a_link(kind, "customUI/customUI.xml", outside=False)(parts["_rels/.rels"])
    return packed(parts | {"customUI/customUI.xml": b"<customUI onLoad='x'/>"})


@kind(R.CONTROLS)
def activex(home: str) -> bytes:
    return linked("control", "activeX/activeX1.xml", outside=False)


@kind(R.CONTROLS)
def activex_element(home: str) -> bytes:
    return in_paragraph(f'<w:r><w:pict><w:control {R_NS} r:id="r1" w:name="knop"/></w:pict></w:r>')


@kind(R.CONTROLS)
def web_addin(home: str) -> bytes:
    kind = f"{MICROSOFT}/2011/relationships/webextensiontaskpanes"
    parts = parts_of(good())
    parts["_rels/.rels"] = a_link(kind, "word/webextensions/taskpanes.xml", outside=False)(parts["_rels/.rels"])
    return packed(parts)


@kind(R.CONTROLS)
def svg_with_script(home: str) -> bytes:
    return with_parts(
        **{"word/media/a.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'}
    )


# --- What carries another file ---


@kind(R.EMBEDDED)
def ole_object(home: str) -> bytes:
    extra = {"word/embeddings/oleObject1.bin": OLE}
    return with_parts(links=a_link("oleObject", "embeddings/oleObject1.bin", outside=False), **extra)


@kind(R.EMBEDDED)
def ole_object_without_a_link(home: str) -> bytes:
    return with_parts(**{"word/media/image9.png": OLE})


@kind(R.EMBEDDED)
def excel_inside(home: str) -> bytes:
    extra = {"word/embeddings/a.xlsx": packed({"a": "b"})}
    return with_parts(links=a_link("package", "embeddings/a.xlsx", outside=False), **extra)


@kind(R.EMBEDDED)
def object_element(home: str) -> bytes:
    return in_paragraph(f'<w:r><w:object><o:OLEObject {V} Type="Embed" ProgID="Package"/></w:object></w:r>')


@kind(R.EMBEDDED)
def alt_chunk(home: str) -> bytes:
    extra = {"word/a.html": b"<html><script>alert(1)</script></html>"}
    return in_body(f'<w:altChunk {R_NS} r:id="rIdX"/>', links=a_link("aFChunk", "a.html", outside=False), **extra)


@kind(R.EMBEDDED)
def alt_chunk_element_only(home: str) -> bytes:
    return in_body(f'<w:altChunk {R_NS} r:id="rId1"/>')


@kind(R.EMBEDDED)
def zip_in_zip(home: str) -> bytes:
    inner = word_sample()
    for _ in range(10):
        inner = packed({"a.zip": inner})
    return with_parts(**{"word/media/a.png": inner})


@kind(R.EMBEDDED)
def program_as_picture(home: str) -> bytes:
    return with_parts(**{"word/media/a.png": b"MZ\x90\x00" + bytes(300)})


@kind(R.EMBEDDED)
def script_beside_the_parts(home: str) -> bytes:
    return with_parts(**{"word/a.vbs": b'CreateObject("WScript.Shell")'})


# --- What fetches ---


@kind(R.OUTSIDE_TEMPLATE)
def outside_template(home: str) -> bytes:
    return with_parts(settings_links=a_settings_link(f"{home}/sjabloon.dotm"))


@kind(R.OUTSIDE_TEMPLATE)
def template_on_a_share(home: str) -> bytes:
    return with_parts(settings_links=a_settings_link("file:///\\\\server\\map\\a.dotm"))


@kind(R.OUTSIDE_CONTENT)
def outside_picture(home: str) -> bytes:
    return linked("image", f"{home}/plaatje.png")


@kind(R.EMBEDDED)
def outside_ole(home: str) -> bytes:
    return linked("oleObject", f"mhtml:{home}/x.html!x-usc:{home}/x.html")


@kind(R.OUTSIDE_CONTENT)
def outside_frame(home: str) -> bytes:
    return linked("frame", f"{home}/kader.html")


@kind(R.OUTSIDE_CONTENT)
def outside_video(home: str) -> bytes:
    return linked("video", f"{home}/film.mp4")


@kind(R.OUTSIDE_CONTENT)
def sub_document(home: str) -> bytes:
    return linked("subDocument", "file:///C:/deel.docx")


@kind(R.OUTSIDE_CONTENT)
def mail_merge_source(home: str) -> bytes:
    return linked("mailMergeSource", f"{home}/lijst.csv")


@kind(R.OUTSIDE_CONTENT)
def outside_without_saying_so(home: str) -> bytes:
    return linked("image", f"{home}/plaatje.png", outside=False)


@kind(R.OUTSIDE_CONTENT)
def share_without_saying_so(home: str) -> bytes:
    return linked("image", "\\\\server\\map\\a.png", outside=False)


@kind(R.OUTSIDE_CONTENT)
def vml_source(home: str) -> bytes:
    return in_paragraph(f'<w:r><w:pict><v:shape {V}><v:imagedata src="{home}/a.png"/></v:shape></w:pict></w:r>')


@kind(R.OUTSIDE_CONTENT)
def svg_that_fetches(home: str) -> bytes:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{home}/a.png"/></svg>'
    return with_parts(**{"word/media/a.svg": svg.encode()})


@kind(R.UNSAFE_LINK)
def link_to_a_file(home: str) -> bytes:
    return linked("hyperlink", "file:///C:/Windows/System32/calc.exe")


@kind(R.UNSAFE_LINK)
def link_with_script(home: str) -> bytes:
    return linked("hyperlink", "jAvAsCrIpT:alert(1)")


@kind(R.UNSAFE_LINK)
def link_to_a_program(home: str) -> bytes:
    return linked("hyperlink", "ms-msdt:/id PCWDiagnostic")


@kind(R.OUTSIDE_FIELD)
def dde_in_one_piece(home: str) -> bytes:
    return in_paragraph('<w:fldSimple w:instr=" DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe &quot;/k calc&quot; "/>')


@kind(R.OUTSIDE_FIELD)
def dde_cut_in_pieces(home: str) -> bytes:
    return in_paragraph(fields("{", "D", "DEA", "UTO ", "cmd.exe", "|", "}"))


@kind(R.OUTSIDE_FIELD)
def dde_spelled_by_another_field(home: str) -> bytes:
    return in_paragraph(fields("{", "{", " QUOTE 68 68 69 65 85 84 79", "}", " cmd.exe", "|", "}"))


@kind(R.OUTSIDE_FIELD)
def dde_finished_by_another_field(home: str) -> bytes:
    return in_paragraph(fields("{", "DD", "{", " QUOTE 69", "}", " cmd.exe", "|", "}"))


@kind(R.OUTSIDE_FIELD)
def dde_never_closed(home: str) -> bytes:
    return in_paragraph(fields("{", " DDE excel blad1"))


@kind(R.OUTSIDE_FIELD)
def field_picture(home: str) -> bytes:
    return in_paragraph(fields("{", f' INCLUDEPICTURE "{home}/a.png" \\d', "}"))


@kind(R.OUTSIDE_FIELD)
def field_text_in_a_header(home: str) -> bytes:
    parts = parts_of(good())
    name = next(name for name in parts if name.startswith("word/header"))
    runs = fields("{", ' INCLUDETEXT "\\\\\\\\server\\\\a.docx"', "}").encode()
    return packed(parts | {name: parts[name].replace(b"</w:p>", runs + b"</w:p>", 1)})


@kind(R.OUTSIDE_FIELD)
def field_database(home: str) -> bytes:
    return in_paragraph(fields("{", ' DATABASE \\d "c:\\\\a.mdb"', "}"))


@kind(R.UNSAFE_LINK)
def field_link_to_a_file(home: str) -> bytes:
    return in_paragraph(fields("{", ' HYPERLINK "file:///c:/a.exe"', "}"))


# --- Other files ---


@kind(R.OTHER_OFFICE)
def excel(home: str) -> bytes:
    return packed({TYPES: PARTS[TYPES].replace("wordprocessingml.document.main", "spreadsheetml.sheet.main")})


@kind(R.OPEN_DOCUMENT)
def libre_office(home: str) -> bytes:
    return packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"})


@kind(R.UNKNOWN)
def any_zip(home: str) -> bytes:
    return packed({"a.txt": "b"})


@kind(R.BROKEN_WORD)
def without_a_text(home: str) -> bytes:
    return packed({name: part for name, part in PARTS.items() if name != MAIN})


@kind(R.STRICT)
def strict_word(home: str) -> bytes:
    return main_part(PARTS[MAIN].replace("http://schemas.openxmlformats.org", "http://purl.oclc.org/ooxml"))


# --- Odd, but harmless when judged: it must be shown safely ---


@kind()
def styles_that_follow_each_other(home: str) -> bytes:
    rows = "".join(
        f'<w:style w:type="paragraph" w:styleId="{one}"><w:name w:val="{one}"/><w:basedOn w:val="{other}"/></w:style>'
        for one, other in (("X1", "X2"), ("X2", "X1"))
    )
    change: Callable[[bytes], bytes] = lambda part: part.replace(b"</w:styles>", rows.encode() + b"</w:styles>")  # noqa: E731 - given to a keyword below
    return with_parts(**{"word/styles.xml": change})


@kind()
def words_that_look_like_html(home: str) -> bytes:
    return in_paragraph("<w:r><w:t>&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;</w:t></w:r>")


@kind()
def plain_fields_and_links(home: str) -> bytes:
    runs = fields(
        "{", ' HYPERLINK "https://example.nl"', "|", "}", "{", " PAGE ", "|", "}", "{", " MACROBUTTON NoMacro ", "}"
    )
    return with_parts(
        main=lambda part: part.replace(b"<w:body>", f"<w:body><w:p>{runs}</w:p>".encode(), 1),
        links=a_link("hyperlink", "mailto:meldpunt@example.nl"),
    )
