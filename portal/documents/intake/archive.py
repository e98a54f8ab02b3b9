"""The ZIP file around a Word file, judged before anything in it is believed (APPNOTE.TXT of PKWARE, ECMA-376 part 2).

A ZIP file says everything twice: before each entry, and in the directory at its end. Programs differ in which they
believe, so a file is only taken when both say the same, and when the entries fill it without gaps or overlaps.
"""

import io
import re
import stat
import struct
import zipfile
import zlib

from portal.documents.controls import CONTENT_TYPES, MAX_PARTS
from portal.documents.intake.reasons import FileRefused, Reason

MAX_UNPACKED = 100_000_000
"""Bytes in all parts together, counted while unpacking and not as the file says."""
MAX_RATIO = 200
"""Bytes a part may become per byte it takes, once it is larger than ``RATIO_FROM``; text stays below 30."""
RATIO_FROM = 5_000_000
UNPACK_AT_ONCE = 1 << 20

LOCAL = struct.Struct("<4s5H3L2H")
END = struct.Struct("<4s4H2LH")
LOCAL_SIGN, END_SIGN = b"PK\x03\x04", b"PK\x05\x06"
ENCRYPTED, SIZES_FOLLOW = 0x1, 0x8
SIZE_ELSEWHERE = 0xFFFFFFFF
DESCRIPTORS = {0, 12, 16, 20, 24}
"""Bytes that may stand after an entry whose sizes follow it."""
SAFE_NAME = re.compile(r"[^\\:\x00-\x1f\x7f]+")


def unpacked(data: bytes) -> dict[str, bytes]:
    """Return the parts of a package by name. Raises FileRefused."""
    entries = _entries(data)
    _judge_names(entries)
    _judge_layout(data, entries)
    parts: dict[str, bytes] = {}
    left = MAX_UNPACKED
    for entry in entries:
        part = _unpack(data, entry, left)
        left -= len(part)
        if not entry.is_dir():
            parts[entry.filename] = part
    return parts


def _entries(data: bytes) -> list[zipfile.ZipInfo]:
    """Return the entries in the order in which they lie in the file; there must be nothing before or behind them."""
    place = data.rfind(END_SIGN)
    if place < 0 or len(data) < place + END.size:
        raise FileRefused(Reason.BROKEN_WORD)
    *_, count, size, start, comment = END.unpack_from(data, place)
    if place + END.size + comment != len(data) or start + size != place:  # not so with ZIP64, which no text needs
        raise FileRefused(Reason.BROKEN_WORD)
    if count > MAX_PARTS:
        raise FileRefused(Reason.LARGE_WORD)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = sorted(package.infolist(), key=lambda entry: entry.header_offset)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        raise FileRefused(Reason.BROKEN_WORD) from None
    if len(entries) > MAX_PARTS:
        raise FileRefused(Reason.LARGE_WORD)
    if len(entries) != count or not entries:
        raise FileRefused(Reason.BROKEN_WORD)
    return entries


def _judge_names(entries: list[zipfile.ZipInfo]) -> None:
    """Refuse names that lead out of a folder, that end early for some programs, or that occur twice."""
    for entry in entries:
        name = entry.filename
        if name != entry.orig_filename or not SAFE_NAME.fullmatch(name) or ".." in name.split("/"):
            raise FileRefused(Reason.BROKEN_WORD)
        if name.startswith("/") or stat.S_ISLNK(entry.external_attr >> 16):
            raise FileRefused(Reason.BROKEN_WORD)
    if len({_plain(entry.filename) for entry in entries}) < len(entries):
        raise FileRefused(Reason.BROKEN_WORD)
    if CONTENT_TYPES not in {entry.filename for entry in entries}:
        open_document = any(entry.filename == "mimetype" for entry in entries)
        raise FileRefused(Reason.OPEN_DOCUMENT if open_document else Reason.UNKNOWN)


def _plain(name: str) -> str:
    """Return a name as a package knows it: without upper case and without steps that lead nowhere."""
    return "/".join(step for step in name.casefold().split("/") if step not in ("", "."))


def _judge_layout(data: bytes, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse entries whose two descriptions differ, that overlap, or that leave room between them."""
    here, gaps = 0, {0}
    for entry in entries:
        if entry.header_offset - here not in gaps:
            raise FileRefused(Reason.BROKEN_WORD)
        here = _start(data, entry) + entry.compress_size
        gaps = DESCRIPTORS if entry.flag_bits & SIZES_FOLLOW else {0}
    directory: int = END.unpack_from(data, data.rfind(END_SIGN))[6]
    if directory - here not in gaps:
        raise FileRefused(Reason.BROKEN_WORD)


def _start(data: bytes, entry: zipfile.ZipInfo) -> int:
    """Return where the bytes of an entry begin, after judging what stands before them."""
    head = data[entry.header_offset : entry.header_offset + LOCAL.size]
    if len(head) < LOCAL.size or not head.startswith(LOCAL_SIGN):
        raise FileRefused(Reason.BROKEN_WORD)
    _, _, flags, method, _, _, crc, packed, size, name_length, extra = LOCAL.unpack(head)
    if (flags | entry.flag_bits) & ENCRYPTED:
        raise FileRefused(Reason.LOCKED_WORD)
    start: int = entry.header_offset + LOCAL.size + name_length + extra
    name = data[entry.header_offset + LOCAL.size : start - extra]
    told = {(entry.CRC, entry.compress_size, entry.file_size)}
    if flags & SIZES_FOLLOW:
        told |= {(0, 0, 0), (0, SIZE_ELSEWHERE, SIZE_ELSEWHERE)}
    same = (flags, method) == (entry.flag_bits, entry.compress_type) and (crc, packed, size) in told
    if not same or name != entry.orig_filename.encode("utf-8" if flags & 0x800 else "cp437"):
        raise FileRefused(Reason.BROKEN_WORD)
    return start


def _unpack(data: bytes, entry: zipfile.ZipInfo, most: int) -> bytes:
    """Return the bytes of an entry, at most so many in number; they must be what the directory says."""
    start = _start(data, entry)
    packed = data[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        part = packed
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        part = _inflate(packed, min(most, max(RATIO_FROM, MAX_RATIO * len(packed))))
    else:
        raise FileRefused(Reason.BROKEN_WORD)
    if len(part) > most:
        raise FileRefused(Reason.LARGE_WORD)
    if (len(part), zlib.crc32(part)) != (entry.file_size, entry.CRC):
        raise FileRefused(Reason.BROKEN_WORD)
    return part


def _inflate(packed: bytes, most: int) -> bytes:
    engine, found = zlib.decompressobj(-zlib.MAX_WBITS), bytearray()
    try:
        while not engine.eof:
            piece = engine.decompress(packed, UNPACK_AT_ONCE)
            found += piece
            packed = engine.unconsumed_tail
            if len(found) > most:
                raise FileRefused(Reason.LARGE_WORD)
            if not piece and not packed and not engine.eof:
                raise FileRefused(Reason.BROKEN_WORD)
    except zlib.error:
        raise FileRefused(Reason.BROKEN_WORD) from None
    if engine.unused_data or packed:
        raise FileRefused(Reason.BROKEN_WORD)
    return bytes(found)
