"""PDF files that run, send, fetch or carry something, or that are not what they say."""

import struct
import zlib
from collections.abc import Sequence

from portal.documents.intake.reasons import Reason as R
from tests.documents.hostile import deflated, kind
from tests.documents.pdf_file import pdf

Body = str | bytes
PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
PAGES = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
BEFORE_TEXT: tuple[Body, ...] = ("<< /Type /Catalog /Pages 2 0 R >>", PAGES, PAGE)
TEXT = b"BT /F1 12 Tf 72 720 Td (Zorgcontract) Tj ET"


def stream(data: bytes, more: str = "") -> bytes:
    return f"<< /Length {len(data)} {more} >>\nstream\n".encode() + data + b"\nendstream"


ORDINARY: tuple[Body, ...] = (*BEFORE_TEXT, stream(TEXT), FONT)


def packed(data: bytes, more: str = "") -> bytes:
    return stream(zlib.compress(data, 1), f"/Filter /FlateDecode {more}")


def numbered(objects: Sequence[Body]) -> tuple[bytes, list[int]]:
    """Return the first part of a PDF, with these objects numbered from 1, and the place of each."""
    data, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n".encode() + (body.encode() if isinstance(body, str) else body) + b"\nendobj\n"
    return bytes(data), places


def written(objects: Sequence[Body], trailer: str = "") -> bytes:
    """Return a PDF with these objects, numbered from 1; the first is the catalog."""
    data, places = numbered(objects)
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\n"
    return data + f"{end}startxref\n{len(data)}\n%%EOF\n".encode()


def zlib_bomb(megabytes: int) -> bytes:
    """Return a stream of zlib that becomes so many megabytes."""
    return b"\x78\x9c" + deflated(megabytes)


def made(catalog: str = "", page: str = "", *more: Body, text: bytes | None = None) -> bytes:
    """Return an ordinary PDF with something more in its catalog, its page, or as objects from 6 on."""
    objects: list[Body] = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        PAGES,
        PAGE.replace("/Parent", f"{page} /Parent"),
        stream(TEXT) if text is None else text,
        FONT,
    ]
    return written([*objects, *more])


def plain(pages: str = PAGES, page: str = PAGE) -> bytes:
    """Return an ordinary PDF with another tree of pages, or another page."""
    return written([BEFORE_TEXT[0], pages, page, stream(TEXT), FONT])


def annotated(annotation: str, *more: Body) -> bytes:
    return made("", f"/Annots [<< /Type /Annot /Rect [0 0 9 9] {annotation} >>]", *more)


def in_object_stream(objects: Sequence[str], first: int, bodies: Sequence[Body], head: str = "") -> bytes:
    """Return a PDF whose last objects, from number ``first`` on, are inside a compressed object stream."""
    data, places = numbered(bodies)
    heads, inside = "", ""
    for number, text in enumerate(objects, first):
        heads += f"{number} {len(inside)} "
        inside += f"{text} "
    holder, table = first + len(objects), first + len(objects) + 1
    places.append(len(data))
    more = f"/Type /ObjStm /N {len(objects)} /First {len(heads)} {head}"
    data += f"{holder} 0 obj\n".encode() + packed((heads + inside).encode(), more) + b"\nendobj\n"
    rows = [struct.pack(">BLH", 0, 0, 65535), *(struct.pack(">BLH", 1, place, 0) for place in places[: first - 1])]
    rows += [struct.pack(">BLH", 2, holder, index) for index in range(len(objects))]
    rows += [struct.pack(">BLH", 1, places[-1], 0), struct.pack(">BLH", 1, len(data), 0)]
    more = f"/Type /XRef /Size {table + 1} /W [1 4 2] /Root 1 0 R"
    start = len(data)
    data += f"{table} 0 obj\n".encode() + packed(b"".join(rows), more) + b"\nendobj\n"
    return data + f"startxref\n{start}\n%%EOF\n".encode()


# --- What runs or sends ---


@kind(R.SCRIPT)
def script_when_opened(home: str) -> bytes:
    return made("/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>")


@kind(R.SCRIPT)
def script_with_numbers_for_letters(home: str) -> bytes:
    return made("/OpenAction << /S /J#61vaScr#69pt /#4AS (app.alert\\(1\\)) >>")


@kind(R.SCRIPT)
def script_elsewhere(home: str) -> bytes:
    return made("/OpenAction 6 0 R", "", "<< /S 7 0 R /JS 8 0 R >>", "/JavaScript", stream(b"app.alert(1)"))


@kind(R.SCRIPT)
def script_in_an_object_stream(home: str) -> bytes:
    objects = ["<< /S /JavaScript /JS (app.alert\\(1\\)) >>"]
    bodies: list[Body] = ["<< /Type /Catalog /Pages 2 0 R /OpenAction 6 0 R >>", PAGES, PAGE, stream(TEXT), FONT]
    return in_object_stream(objects, 6, bodies)


@kind(R.SCRIPT)
def script_in_the_list_of_names(home: str) -> bytes:
    return made("/Names << /JavaScript << /Names [(a) 6 0 R] >> >>", "", "<< /S /JavaScript /JS (1) >>")


@kind(R.SCRIPT)
def script_in_an_earlier_state(home: str) -> bytes:
    """The catalog was replaced by a harmless one; a reader that repairs the file may still find the old one."""
    old = made("/OpenAction << /S /JavaScript /JS (1) >>")
    body = b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    table = f"xref\n1 1\n{len(old):010} 00000 n \n"
    end = f"trailer\n<< /Size 6 /Root 1 0 R /Prev {old.rindex(b'xref', 0, old.rindex(b'startxref'))} >>\n"
    return old + body + f"{table}{end}startxref\n{len(old) + len(body)}\n%%EOF\n".encode()


@kind(R.SCRIPT)
def action_when_a_page_opens(home: str) -> bytes:
    return made("", "/AA << /O << /S /Named /N /Print >> >>")


@kind(R.ACTION)
def prints_when_opened(home: str) -> bytes:
    return made("/OpenAction << /S /Named /N /Print >>")


@kind(R.ACTION)
def launch(home: str) -> bytes:
    return annotated("/Subtype /Link /A << /S /Launch /F (cmd.exe) >>")


@kind(R.ACTION)
def launch_with_numbers_for_letters(home: str) -> bytes:
    return annotated("/Subtype /Link /A << /S /L#61unch /F (cmd.exe) >>")


@kind(R.ACTION)
def sends_a_form(home: str) -> bytes:
    return annotated(f"/Subtype /Widget /A << /S /SubmitForm /F ({home}) >>")


@kind(R.ACTION)
def imports_data(home: str) -> bytes:
    return annotated("/Subtype /Widget /A << /S /ImportData /F (a.fdf) >>")


@kind(R.ACTION)
def goes_to_another_file(home: str) -> bytes:
    return annotated("/Subtype /Link /A << /S /GoToR /F (\\\\\\\\server\\\\a.pdf) /D [0 /Fit] >>")


@kind(R.ACTION)
def goes_to_a_file_inside(home: str) -> bytes:
    return annotated("/Subtype /Link /A << /S /GoToE /T << /R /C >> >>")


@kind(R.UNSAFE_LINK)
def pdf_link_to_a_file(home: str) -> bytes:
    return annotated("/Subtype /Link /A << /S /URI /URI (file:///c:/windows/system32/calc.exe) >>")


@kind(R.UNSAFE_LINK)
def link_to_a_share_elsewhere(home: str) -> bytes:
    return annotated("/Subtype /Link /A << /S /URI /URI 6 0 R >>", "(\\\\\\\\server\\\\share)")


@kind(R.UNSAFE_LINK)
def links_begin_at_a_file(home: str) -> bytes:
    return made("/URI << /Base (file:///c:/) >>")


@kind(R.SCRIPT)
def film(home: str) -> bytes:
    return annotated(f"/Subtype /Movie /Movie << /F ({home}/a.avi) >>")


@kind(R.SCRIPT)
def sound(home: str) -> bytes:
    return annotated("/Subtype /Sound /Sound 6 0 R", stream(b"a", "/Type /Sound /R 8000"))


@kind(R.SCRIPT)
def rich_media(home: str) -> bytes:
    return annotated("/Subtype /RichMedia /RichMediaContent << >>")


@kind(R.SCRIPT)
def three_dimensions(home: str) -> bytes:
    return annotated("/Subtype /3D /3DD 6 0 R", stream(b"U3D", "/Type /3D /Subtype /U3D"))


@kind(R.SCRIPT)
def rendition(home: str) -> bytes:
    return annotated("/Subtype /Screen /A << /S /Rendition /OP 0 >>")


# --- What carries or fetches another file ---


@kind(R.ATTACHMENT)
def embedded_file(home: str) -> bytes:
    names = "/Names << /EmbeddedFiles << /Names [(a) << /Type /Filespec /F (a.exe) /EF << /F 6 0 R >> >>] >> >>"
    return made(names, "", stream(b"MZ", "/Type /EmbeddedFile"))


@kind(R.ATTACHMENT)
def attachment_on_the_page(home: str) -> bytes:
    return annotated("/Subtype /FileAttachment /FS << /Type /Filespec /F (a.exe) >>")


@kind(R.ATTACHMENT)
def stream_that_is_elsewhere(home: str) -> bytes:
    return made(text=stream(b"", f"/F << /FS /URL /F ({home}/a) >>"))


@kind(R.XFA)
def xfa_form(home: str) -> bytes:
    return made("/AcroForm << /Fields [] /XFA 6 0 R >>", "", stream(b"<xdp/>"))


# --- What is locked or damaged ---


@kind(R.LOCKED_PDF, R.BROKEN_PDF)
def with_a_password(home: str) -> bytes:
    owner = "41" * 32
    lock = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{owner}> /U <{owner}> /P -4 >> /ID [<{owner}> <{owner}>]"
    return written([BEFORE_TEXT[0], PAGES, PAGE, stream(TEXT), FONT], lock)


@kind(R.BROKEN_PDF)
def pdf_cut_in_half(home: str) -> bytes:
    return pdf("Zorgcontract")[:400]


@kind(R.BROKEN_PDF)
def only_a_first_line(home: str) -> bytes:
    return b"%PDF-1.7\n%%EOF"


@kind(R.BROKEN_PDF)
def noise_after_the_first_line(home: str) -> bytes:
    return b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"%%EOF"


@kind(R.BROKEN_PDF)
def table_that_points_beside_the_objects(home: str) -> bytes:
    return made().replace(b"%PDF-1.7\n", b"%PDF-1.7\n%%\n")


@kind(R.BROKEN_PDF)
def zip_behind_it(home: str) -> bytes:
    return made() + b"PK\x03\x04" + bytes(3000)


@kind(R.UNKNOWN)
def html_before_it(home: str) -> bytes:
    return b"<script>alert(1)</script>" + made()


@kind(R.BROKEN_PDF)
def pages_in_a_circle(home: str) -> bytes:
    nodes = [
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Pages /Parent 2 0 R /Kids [2 0 R 3 0 R] /Count 1 >>",
    ]
    return written([BEFORE_TEXT[0], *nodes])


@kind(R.BROKEN_PDF)
def a_page_that_holds_itself(home: str) -> bytes:
    node = "<< /Type /Pages /Kids [2 0 R] /Count 1 >>"
    return written([BEFORE_TEXT[0], node])


@kind(R.BROKEN_PDF)
def one_page_a_thousand_times(home: str) -> bytes:
    many = PAGES.replace("[3 0 R]", f"[{'3 0 R ' * 1000}]").replace("/Count 1", "/Count 1000")
    return written([BEFORE_TEXT[0], many, PAGE, stream(TEXT), FONT])


@kind(R.BROKEN_PDF)
def a_thousand_levels_of_pages(home: str) -> bytes:
    nodes = [f"<< /Type /Pages /Kids [{number + 1} 0 R] /Count 1 >>" for number in range(2, 1002)]
    return written([BEFORE_TEXT[0], *nodes, "<< /Type /Page /MediaBox [0 0 9 9] >>"])


@kind(R.BROKEN_PDF)
def says_it_has_a_billion_pages(home: str) -> bytes:
    return plain(pages=PAGES.replace("/Count 1", "/Count 1000000000"))


@kind(R.BROKEN_PDF)
def without_pages(home: str) -> bytes:
    return written([BEFORE_TEXT[0], "<< /Type /Pages /Kids [] /Count 0 >>"])


@kind(R.BROKEN_PDF)
def lists_in_lists(home: str) -> bytes:
    return made("", "", "[" * 20_000 + "]" * 20_000)


# --- What is too much ---


@kind(R.LARGE_PDF, R.TOO_SLOW)
def bomb_in_an_object_stream(home: str) -> bytes:
    return in_object_stream([f"({'a' * 80_000_000})"], 6, ORDINARY)


@kind(R.LARGE_PDF, R.TOO_SLOW)
def bomb_in_the_text(home: str) -> bytes:
    return made(text=stream(zlib_bomb(400), "/Filter /FlateDecode"))


@kind(R.LARGE_PDF, R.TOO_SLOW)
def bomb_in_a_bomb(home: str) -> bytes:
    return made(text=stream(zlib.compress(zlib_bomb(400)), "/Filter [/FlateDecode /FlateDecode]"))


@kind(R.LARGE_PDF, R.TOO_SLOW)
def many_filters(home: str) -> bytes:
    return made(text=stream(b"", f"/Filter [{'/FlateDecode ' * 50}]"))


@kind(R.LARGE_PDF, R.TOO_SLOW)
def a_hundred_thousand_objects(home: str) -> bytes:
    return made("", "", *["0"] * 100_001)


@kind(R.TOO_SLOW, R.LARGE_PDF, R.TOO_MUCH_TEXT)
def forms_in_forms(home: str) -> bytes:
    """Every form draws the next one ten times, ten levels deep."""
    forms = [
        stream(
            b"/X Do " * 10, f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {n} 0 R >> >>"
        )
        for n in range(7, 17)
    ]
    last = stream(TEXT, "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /Font << /F1 5 0 R >> >>")
    page = PAGE.replace("/Font <<", "/XObject << /X 6 0 R >> /Font <<")
    return written([BEFORE_TEXT[0], PAGES, page, stream(b"/X Do"), FONT, *forms, last])


@kind(R.HUGE_PICTURE)
def pixel_flood(home: str) -> bytes:
    return made("", "", stream(b"", "/Type /XObject /Subtype /Image /Width 60000 /Height 60000"))


@kind(R.HUGE_PICTURE)
def pixel_flood_in_a_jpeg(home: str) -> bytes:
    jpeg = b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03" + bytes(9)
    return made("", "", stream(jpeg, "/Subtype /Image /Width 9 /Height 9 /Filter /DCTDecode"))


@kind(R.HUGE_PICTURE)
def pixel_flood_in_a_jpeg_2000(home: str) -> bytes:
    header = b"\x00\x00\x00\x16ihdr" + struct.pack(">LL", 60_000, 60_000) + bytes(6)
    return made("", "", stream(header, "/Subtype /Image /Width 9 /Height 9 /Filter /JPXDecode"))


@kind(R.HUGE_PICTURE)
def a_page_of_a_kilometre(home: str) -> bytes:
    return plain(page=PAGE.replace("[0 0 595 842]", "[0 0 3000000 3000000]"))


@kind(R.BROKEN_PDF)
def a_picture_of_minus_one(home: str) -> bytes:
    return made("", "", stream(b"", "/Subtype /Image /Width -1 /Height -1"))


# --- Odd, but harmless when judged: it must be shown safely ---


@kind()
def text_that_looks_like_html(home: str) -> bytes:
    return pdf("<script>alert\\(1\\)</script><img src=x onerror=alert\\(1\\)>")


@kind()
def text_that_speaks_of_scripts(home: str) -> bytes:
    return pdf("JavaScript, Launch en EmbeddedFile")


@kind()
def plain_links_and_a_first_page(home: str) -> bytes:
    links = (
        "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (https://example.nl/?a=1) >> >>]"
    )
    return made("/OpenAction [3 0 R /Fit]", links)


@kind()
def letters_that_are_no_letters(home: str) -> bytes:
    """The font says that its letters stand for NUL, half a pair of surrogates, and a backspace."""
    pairs = b"<41> <0000> <42> <D800> <43> <0008>"
    codes = b"1 begincodespacerange <00> <ff> endcodespacerange 3 beginbfchar " + pairs + b" endbfchar"
    words = stream(b"BT /F1 12 Tf 72 720 Td (ABCDABCD) Tj ET")
    font = FONT.replace("/Subtype", "/ToUnicode 6 0 R /Subtype")
    return written([*BEFORE_TEXT, words, font, stream(b"begincmap " + codes + b" endcmap")])


@kind()
def tables_in_a_circle(home: str) -> bytes:
    data = made()
    place = data.rindex(b"xref", 0, data.rindex(b"startxref"))
    return data.replace(b"/Root 1 0 R", f"/Root 1 0 R /Prev {place}".encode())


@kind()
def an_object_stream_that_extends_itself(home: str) -> bytes:
    return in_object_stream(["<< >>"], 6, ORDINARY, "/Extends 7 0 R")
