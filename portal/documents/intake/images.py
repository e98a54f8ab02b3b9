"""How large an image says it is, from its header alone: nothing is decoded."""

import struct
from collections.abc import Callable

MAX_PIXELS = 60_000_000
"""A sheet of A4 at 600 dots an inch is 35 million."""
MAX_SIDE = 30_000


class ImageError(ValueError):
    """An image is of a kind we do not know, or is damaged."""


def too_large(width: int, height: int) -> bool:
    """Tell whether an image of this size would flood the memory of who looks at it."""
    return width * height > MAX_PIXELS or max(width, height) > MAX_SIDE


def size(data: bytes) -> tuple[int, int]:
    """Return width and height in pixels of a PNG, JPEG, GIF or BMP; (0, 0) for a drawing (EMF, WMF), which has none.

    Raises ImageError.
    """
    for starts, measure in KINDS:
        if data.startswith(starts):
            try:
                return measure(data)
            except (struct.error, IndexError):
                break
    raise ImageError


def _png(data: bytes) -> tuple[int, int]:
    if data[12:16] != b"IHDR":
        raise ImageError
    width, height = struct.unpack_from(">LL", data, 16)
    return width, height


def _jpeg(data: bytes) -> tuple[int, int]:
    """Walk over the segments to the frame header (ITU-T T.81, annex B)."""
    place = 2
    while True:
        while data[place] == 0xFF:
            place += 1
        marker, (length,) = data[place], struct.unpack_from(">H", data, place + 1)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, place + 4)
            return width, height
        place += 1 + length
        if data[place] != 0xFF:
            raise ImageError


def _gif(data: bytes) -> tuple[int, int]:
    """Return the size of the largest of the screen and the images on it (GIF89a, sections 18 to 26)."""
    width, height, packed = struct.unpack_from("<HHB", data, 6)
    place = 13 + _colours(packed)
    while data[place] != 0x3B:
        if data[place] == 0x2C:
            wide, high, packed = struct.unpack_from("<HHB", data, place + 5)
            width, height = max(width, wide), max(height, high)
            place += 11 + _colours(packed)
        elif data[place] == 0x21:
            place += 2
        else:
            raise ImageError
        while data[place]:
            place += 1 + data[place]
        place += 1
    return width, height


def _colours(packed: int) -> int:
    """Return how many bytes a table of colours takes."""
    return 3 << (packed & 7) + 1 if packed & 0x80 else 0


def _bmp(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<ll" if data[14] >= 40 else "<HH", data, 18)
    return abs(width), abs(height)


def _emf(data: bytes) -> tuple[int, int]:
    if data[40:44] != b" EMF":
        raise ImageError
    return 0, 0


def _wmf(data: bytes) -> tuple[int, int]:
    return 0, 0


KINDS: tuple[tuple[bytes, Callable[[bytes], tuple[int, int]]], ...] = (
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"\xff\xd8\xff", _jpeg),
    (b"GIF8", _gif),
    (b"BM", _bmp),
    (b"\x01\x00\x00\x00", _emf),
    (b"\xd7\xcd\xc6\x9a", _wmf),
    (b"\x01\x00\x09\x00", _wmf),
)
