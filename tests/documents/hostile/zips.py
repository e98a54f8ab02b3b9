"""Word files whose ZIP file, XML or pictures lie."""

import io
import struct
import warnings
import zipfile
import zlib

from portal.documents.intake.reasons import Reason as R
from portal.documents.intake.samples import PARTS, word_sample
from tests.documents.hostile import deflated, kind
from tests.documents.hostile.word import MAIN, OFFICE, body, good, main_part, packed, png, with_parts

# --- A ZIP file that lies ---


def raw(*entries: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    """Return the sample with more entries, also with names and flags that a writer of good files would not give."""
    target = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        warnings.simplefilter("ignore")  # of names that occur twice
        for name, part in PARTS.items():
            package.writestr(name, part)
        for entry, data in entries:
            package.writestr(entry, data)
    return target.getvalue()


@kind(R.BROKEN_WORD)
def zip_slip(home: str) -> bytes:
    return raw(("../../../../../../tmp/intake-ontsnapt", b"x"))


@kind(R.BROKEN_WORD)
def zip_slip_backslash(home: str) -> bytes:
    return raw(("word\\..\\..\\intake-ontsnapt", b"x"))


@kind(R.BROKEN_WORD)
def absolute_name(home: str) -> bytes:
    return raw(("/tmp/intake-ontsnapt", b"x"))  # noqa: S108 - nothing is written there, which is what is tested


@kind(R.BROKEN_WORD)
def drive_name(home: str) -> bytes:
    return raw(("C:/intake-ontsnapt", b"x"))


@kind(R.BROKEN_WORD)
def name_with_nul(home: str) -> bytes:
    return raw(("word/media/a.pngXexe", b"x")).replace(b"a.pngXexe", b"a.png\0exe")


@kind(R.BROKEN_WORD)
def symbolic_link(home: str) -> bytes:
    entry = zipfile.ZipInfo("word/media/a.png")
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    return raw((entry, b"/etc/passwd"))


@kind(R.BROKEN_WORD)
def the_same_name_twice(home: str) -> bytes:
    return raw((MAIN, PARTS[MAIN].replace("Tekst", "Ander").encode()))


@kind(R.BROKEN_WORD)
def the_same_name_in_capitals(home: str) -> bytes:
    return raw(("WORD/Document.xml", PARTS[MAIN].encode()))


@kind(R.LARGE_WORD)
def sixty_thousand_entries(home: str) -> bytes:
    one = b"PK\x01\x02" + bytes(42)
    many = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 60_000, 60_000, 46 * 60_000, 30, 0)
    return b"PK\x03\x04" + bytes(26) + one * 60_000 + many


@kind(R.LARGE_WORD)
def sixty_thousand_entries_said_to_be_four(home: str) -> bytes:
    few = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 4, 4, 46 * 60_000, 30, 0)
    return b"PK\x03\x04" + bytes(26) + (b"PK\x01\x02" + bytes(42)) * 60_000 + few


def bomb(megabytes: int, *names: str, said: int | None = None) -> bytes:
    """Return the sample with parts that become so many megabytes each; ``said`` is what the file says they become."""
    packed_part, size = deflated(megabytes), megabytes * 1_000_000 if said is None else said
    check = zlib.crc32(b" " * size) if size < 10_000_000 else 0
    data = bytearray(word_sample())
    rows = bytes(data[directory(bytes(data)) : data.rindex(b"PK\x05\x06")])
    del data[directory(bytes(data)) :]
    for name in names:
        about = struct.pack("<5H3L", 20, 0, 8, 0, 33, check, len(packed_part), size) + struct.pack("<2H", len(name), 0)
        rows += b"PK\x01\x02\x14\x00" + about + bytes(10) + struct.pack("<L", len(data)) + name.encode()
        data += b"PK\x03\x04" + about + name.encode() + packed_part
    count = len(PARTS) + len(names)
    return bytes(data) + rows + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(rows), len(data), 0)


@kind(R.LARGE_WORD, R.TOO_SLOW)
def bomb_of_256_mb(home: str) -> bytes:
    return bomb(256, "word/a.xml")


@kind(R.LARGE_WORD, R.TOO_SLOW)
def bomb_that_says_it_is_small(home: str) -> bytes:
    return bomb(256, "word/a.xml", said=1000)


@kind(R.LARGE_WORD, R.TOO_SLOW)
def bomb_of_ten_gigabyte(home: str) -> bytes:
    return bomb(10_000, "word/a.xml", said=1000)


@kind(R.LARGE_WORD, R.TOO_SLOW)
def bomb_in_many_parts(home: str) -> bytes:
    return bomb(4, *(f"word/a{number}.xml" for number in range(30)))


@kind(R.BROKEN_WORD)
def spaces_that_are_no_xml(home: str) -> bytes:
    return bomb(1, "word/a.xml")


def places(data: bytes) -> list[zipfile.ZipInfo]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.infolist()


@kind(R.BROKEN_WORD)
def entries_that_overlap(home: str) -> bytes:
    data = bytearray(raw(("word/media/a.png", b"a" * 500), ("word/media/b.png", b"a" * 500)))
    first = places(bytes(data))[-2]
    row = data.rindex(b"PK\x01\x02")
    data[row + 42 : row + 46] = struct.pack("<L", first.header_offset)
    return bytes(data)


@kind(R.BROKEN_WORD)
def an_entry_no_directory_knows(home: str) -> bytes:
    data = raw(("word/media/a.png", b"a"))
    row, start = data.rindex(b"PK\x01\x02"), directory(data)
    return data[:row] + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(PARTS), len(PARTS), row - start, start, 0)


def directory(data: bytes) -> int:
    return int(struct.unpack_from("<L", data, data.rindex(b"PK\x05\x06") + 16)[0])


@kind(R.BROKEN_WORD)
def two_names_for_one_entry(home: str) -> bytes:
    return word_sample().replace(b"word/document.xml", b"word/ocument0.xml", 1)


@kind(R.BROKEN_WORD)
def two_sizes_for_one_entry(home: str) -> bytes:
    data = bytearray(word_sample())
    data[22:26] = struct.pack("<L", 9)
    return bytes(data)


@kind(R.LOCKED_WORD)
def an_entry_with_a_password(home: str) -> bytes:
    data = bytearray(word_sample())
    data[6] |= 1
    data[directory(bytes(data)) + 8] |= 1
    return bytes(data)


@kind(R.BROKEN_WORD)
def packed_in_another_way(home: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as package:
        for name, part in PARTS.items():
            package.writestr(name, part)
    return target.getvalue()


@kind(R.BROKEN_WORD)
def something_behind_it(home: str) -> bytes:
    return good() + b"<script>alert(1)</script>"


@kind(R.UNKNOWN)
def a_program_before_it(home: str) -> bytes:
    return b"MZ\x90\x00" + bytes(100) + good()


@kind(R.BROKEN_WORD)
def cut_in_half(home: str) -> bytes:
    return good()[: len(good()) // 2]


@kind(R.BROKEN_WORD)
def damaged_inside(home: str) -> bytes:
    data = bytearray(word_sample())
    data[60] ^= 0xFF
    return bytes(data)


@kind(R.BROKEN_WORD)
def only_its_beginning(home: str) -> bytes:
    return b"PK\x03\x04"


# --- XML that lies ---

ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<!DOCTYPE w [<!ENTITY a0 "ha">{ENTITIES}]>'


@kind(R.BROKEN_WORD)
def a_billion_laughs(home: str) -> bytes:
    return main_part(LAUGHS + body("<w:p><w:r><w:t>&a9;</w:t></w:r></w:p>"))


@kind(R.BROKEN_WORD)
def laughs_in_attributes(home: str) -> bytes:
    return main_part(LAUGHS + body('<w:p w:a="&a9;"/>'))


@kind(R.BROKEN_WORD)
def one_long_entity_many_times(home: str) -> bytes:
    text = f"<w:p><w:r><w:t>{'&a;' * 20_000}</w:t></w:r></w:p>"
    return main_part(f'<!DOCTYPE w [<!ENTITY a "{"a" * 50_000}">]>{body(text)}')


@kind(R.BROKEN_WORD)
def entity_of_a_file(home: str) -> bytes:
    text = "<w:p><w:r><w:t>&a;</w:t></w:r></w:p>"
    return main_part(f'<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>{body(text)}')


@kind(R.BROKEN_WORD)
def entity_of_a_site(home: str) -> bytes:
    return main_part(f'<!DOCTYPE w [<!ENTITY % a SYSTEM "{home}/a.dtd"> %a;]>{body("<w:p/>")}')


@kind(R.BROKEN_WORD)
def declarations_elsewhere(home: str) -> bytes:
    return main_part(f'<!DOCTYPE w SYSTEM "{home}/a.dtd">{body("<w:p/>")}')


@kind(R.BROKEN_WORD)
def declarations_in_utf_16(home: str) -> bytes:
    xml = f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE w [<!ENTITY a "b">]>{body("<w:p/>")}'
    return packed({**PARTS, MAIN: xml.encode("utf-16")})


@kind(R.BROKEN_WORD)
def declarations_in_somebodys_data(home: str) -> bytes:
    return packed({**PARTS, "customXml/item1.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a/>'})


@kind(R.BROKEN_WORD)
def a_hundred_thousand_deep(home: str) -> bytes:
    return main_part(body("<w:p>" * 100_000 + "</w:p>" * 100_000))


@kind(R.BROKEN_WORD)
def tables_in_tables(home: str) -> bytes:
    return main_part(body("<w:tbl><w:tr><w:tc>" * 80 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 80))


@kind(R.TOO_MUCH_TEXT, R.TOO_SLOW)
def too_much_text(home: str) -> bytes:
    return main_part(body(f"<w:p><w:r><w:t>{'woord ' * 400_000}</w:t></w:r></w:p>"))


@kind(R.LARGE_WORD, R.TOO_SLOW)
def a_million_paragraphs(home: str) -> bytes:
    return main_part(body("<w:p/>" * 1_500_000))


@kind(R.BROKEN_WORD)
def not_xml(home: str) -> bytes:
    return main_part("dit is geen XML")


@kind(R.BROKEN_WORD)
def two_links_with_one_id(home: str) -> bytes:
    row = f'<Relationship Id="rId1" Type="{OFFICE}/image" Target="media/b.png"/></Relationships>'.encode()
    return with_parts(links=lambda part: part.replace(b"</Relationships>", row))


# --- Pictures that lie ---


def picture(data: bytes) -> bytes:
    return packed({**PARTS, "word/media/a.png": data})


@kind(R.HUGE_PICTURE)
def pixel_flood_png(home: str) -> bytes:
    return picture(png(60_000, 60_000))


@kind(R.HUGE_PICTURE)
def pixel_flood_jpeg(home: str) -> bytes:
    return picture(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(10) + b"\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03" + bytes(9))


@kind(R.HUGE_PICTURE)
def pixel_flood_gif(home: str) -> bytes:
    frame = struct.pack("<sHHHHB", b",", 0, 0, 60_000, 60_000, 0) + b"\x02\x00;"
    return picture(b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0, 0, 0) + frame)


@kind(R.HUGE_PICTURE)
def pixel_flood_bmp(home: str) -> bytes:
    return picture(b"BM" + bytes(12) + struct.pack("<Lll", 40, 50_000, -50_000) + bytes(30))


@kind(R.PICTURE)
def picture_of_another_kind(home: str) -> bytes:
    return picture(b"II*\0" + bytes(100))


@kind(R.PICTURE)
def picture_cut_short(home: str) -> bytes:
    return picture(b"\xff\xd8\xff\xe0\x00\x10JFIF")
