"""The program that judges a PDF: whatever runs, sends, fetches or carries another file is a reason not to take it in.

The objects are judged as a PDF reader sees them: names decoded, object streams opened (ISO 32000-1, section 7). Readers
repair a damaged file each in their own way and may then see other objects, so a damaged file is refused.
It is started by ``process`` for one file and has the rights of ``child``.
"""

import io
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.errors import LimitReachedError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, NumberObject, StreamObject

from portal.documents.intake import images
from portal.documents.intake.answers import Answer
from portal.documents.intake.child import main
from portal.documents.intake.fields import leads_to_the_web
from portal.documents.intake.reasons import FileRefused, Reason
from portal.documents.intake.samples import pdf_sample
from portal.documents.pdf import pdf_preview

MAX_OBJECTS = 100_000
MAX_PAGES = 2_000
MAX_DEPTH = 50
"""Levels of the tree of pages."""
MAX_SIDE = 20_000
"""Points along a side of a page; Acrobat stops at 14,400, which is five metres."""
MAX_INFLATED = 200_000_000
"""Bytes in all compressed streams together, counted while unpacking."""
MAX_FILTERS = 3
PIECE = 1 << 20
TAIL = 1024
"""Bytes from the end in which a PDF must say that it ends (ISO 32000-1, annex H)."""

NAMES = {
    **dict.fromkeys(("/JavaScript", "/JS", "/AA", "/Rendition", "/RichMedia", "/RichMediaContent"), Reason.SCRIPT),
    **dict.fromkeys(("/RichMediaExecute", "/3D", "/GoTo3DView", "/Movie", "/Sound", "/Screen"), Reason.SCRIPT),
    **dict.fromkeys(("/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE"), Reason.ACTION),
    **dict.fromkeys(("/EmbeddedFile", "/EmbeddedFiles", "/EF", "/FileAttachment"), Reason.ATTACHMENT),
    "/XFA": Reason.XFA,
}
"""Names that no object may hold, as key or as value."""
TELLING = {name: reason for name, reason in NAMES.items() if len(name) > 6}
"""Those long enough to be no accident anywhere in the bytes of a file."""
WRITTEN = re.compile(
    b"|".join(re.escape(name.encode()) for name in sorted(TELLING, key=len, reverse=True)) + rb"|/[\w#]*#[\w#]*"
)
"""Such a name as it stands, or any name with a letter written as a number."""


def judge(data: bytes, title: str) -> Answer:
    """Return what a PDF says. Raises FileRefused."""
    if b"%%EOF" not in data[-TAIL:]:
        raise FileRefused(Reason.BROKEN_PDF)
    try:
        reader = PdfReader(io.BytesIO(data), strict=True)
        if reader.is_encrypted:
            raise FileRefused(Reason.LOCKED_PDF)
        _judge_objects(reader)
        _judge_pages(reader)
    except LimitReachedError:
        raise FileRefused(Reason.LARGE_PDF) from None
    _judge_bytes(data)
    shown = pdf_preview(data)
    answer = Answer.of(shown, shown.text)
    _ = shown.html  # cleaning is part of showing
    return answer


def _judge_objects(reader: PdfReader) -> None:
    numbers = [(number, generation) for generation, found in reader.xref.items() for number in found]
    numbers += [(number, 0) for number in reader.xref_objStm]
    if len(numbers) > MAX_OBJECTS:
        raise FileRefused(Reason.LARGE_PDF)
    left = MAX_INFLATED
    for number, generation in numbers:
        for value in _inside(reader.get_object(IndirectObject(number, generation, reader))):
            if isinstance(value, NameObject) and value in NAMES:
                raise FileRefused(NAMES[value])
            if isinstance(value, DictionaryObject):
                _judge_dictionary(value)
            if isinstance(value, StreamObject):
                left -= _judge_stream(value, left)
    for value in _inside(reader.trailer):
        if isinstance(value, NameObject) and value in NAMES:
            raise FileRefused(NAMES[value])


def _inside(value: Any) -> Iterator[Any]:
    """Give a value and all that lies in it; what it refers to is an object of its own."""
    todo = [value]
    while todo:
        value = todo.pop()
        yield value
        if isinstance(value, DictionaryObject):
            todo += [*value.keys(), *(dict.__getitem__(value, key) for key in value)]
        elif isinstance(value, ArrayObject):
            todo += list.__iter__(value)


def _of(found: DictionaryObject, key: str) -> Any:
    """Return what a dictionary holds under a key, also when it only refers to it; None when there is nothing."""
    value = found.get(key)
    return value.get_object() if isinstance(value, IndirectObject) else value


def _judge_dictionary(found: DictionaryObject) -> None:
    address = _of(found, "/URI")
    if isinstance(address, DictionaryObject):
        address = _of(address, "/Base")
    if address is not None and not leads_to_the_web(str(address)):
        raise FileRefused(Reason.UNSAFE_LINK)
    start = _of(found, "/OpenAction")
    if isinstance(start, DictionaryObject) and _of(start, "/S") != "/GoTo":
        raise FileRefused(NAMES.get(str(_of(start, "/S")), Reason.ACTION))
    for name in ("/MediaBox", "/CropBox"):
        box = _of(found, name)
        if isinstance(box, ArrayObject) and any(abs(float(side.get_object())) > MAX_SIDE for side in box):
            raise FileRefused(Reason.HUGE_PICTURE)


def _judge_stream(stream: StreamObject, most: int) -> int:
    """Judge a stream, and return how many bytes it really is when it is unpacked."""
    if "/F" in stream:  # its bytes are somewhere else (ISO 32000-1, table 5)
        raise FileRefused(Reason.ATTACHMENT)
    packed: bytes = stream._data  # get_data() would unpack all of it at once
    filters = _filters(stream)
    if _of(stream, "/Subtype") == "/Image":
        _judge_image(stream, packed, filters[-1:])
    if len(filters) > MAX_FILTERS:
        raise FileRefused(Reason.LARGE_PDF)
    pieces: Iterable[bytes] = (packed,)
    for name in filters:
        if name not in ("/FlateDecode", "/Fl"):
            break
        pieces = _inflated(pieces)
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise FileRefused(Reason.LARGE_PDF)
    return size


def _filters(stream: StreamObject) -> list[str]:
    named = _of(stream, "/Filter")
    return [str(named)] if isinstance(named, NameObject) else [str(name.get_object()) for name in named or ()]


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack piece by piece; what cannot be unpacked any more is left, as readers do."""
    engine = zlib.decompressobj()
    for piece in pieces:
        while piece and not engine.eof:
            try:
                yield engine.decompress(piece, PIECE)
            except zlib.error:
                return
            piece = engine.unconsumed_tail


def _judge_image(stream: StreamObject, packed: bytes, last: list[str]) -> None:
    """Judge the size that the PDF gives an image, and the one that the image itself gives."""
    sizes = [(_number(_of(stream, "/Width")), _number(_of(stream, "/Height")))]
    if last == ["/DCTDecode"] and packed.startswith(b"\xff\xd8"):
        try:
            sizes.append(images.size(packed))
        except images.ImageError:
            raise FileRefused(Reason.BROKEN_PDF) from None
    header = packed.find(b"ihdr", 0, TAIL) + 4
    if last == ["/JPXDecode"] and header > 3:  # ISO 15444-1, annex I.5.3.1: height and width
        sizes.append((int.from_bytes(packed[header + 4 : header + 8]), int.from_bytes(packed[header : header + 4])))
    if any(images.too_large(*size) for size in sizes):
        raise FileRefused(Reason.HUGE_PICTURE)


def _number(value: Any) -> int:
    if not isinstance(value, NumberObject) or value < 0:
        raise FileRefused(Reason.BROKEN_PDF)
    return int(value)


def _judge_pages(reader: PdfReader) -> None:
    """Walk over the tree of pages: each node once, not too deep, and as many pages as it says."""
    root = _of(reader.root_object, "/Pages")
    if not isinstance(root, DictionaryObject):
        raise FileRefused(Reason.BROKEN_PDF)
    seen: set[int] = set()
    pages, todo = 0, [(root, 0)]
    while todo:
        node, depth = todo.pop()
        if "/Kids" not in node:
            pages += 1
        elif depth > MAX_DEPTH:
            raise FileRefused(Reason.BROKEN_PDF)
        for kid in list.__iter__(_of(node, "/Kids") or ArrayObject()):
            below = kid.get_object()
            if not isinstance(kid, IndirectObject) or kid.idnum in seen or not isinstance(below, DictionaryObject):
                raise FileRefused(Reason.BROKEN_PDF)
            seen.add(kid.idnum)
            todo.append((below, depth + 1))
        if pages > MAX_PAGES:
            raise FileRefused(Reason.LARGE_PDF)
    if not pages or _of(root, "/Count") != pages:
        raise FileRefused(Reason.BROKEN_PDF)


def _judge_bytes(data: bytes) -> None:
    """Refuse a file that holds such a name anywhere, also in an earlier state that a reader may fall back on."""
    for found in WRITTEN.finditer(data):
        name = re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes((int(code[1], 16),)), found[0])
        if reason := TELLING.get(name.decode("latin-1")):
            raise FileRefused(reason)


if __name__ == "__main__":
    main(judge, pdf_sample())
