"""An edition as one ZIP file: its files, the manifest that lists them, and the signature over the manifest.

The files are stored and not compressed. So an edition has the same bytes whatever library packs it, a file that claims
to be one cannot be a bomb, and it can be judged to its last byte (``verifying``). It is twice as large for it.
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from datetime import UTC, date
from typing import Any

from portal.editions.book import Book, downloaded
from portal.editions.pages import pages
from portal.editions.places import file_name
from portal.editions.signing import SigningKey
from portal.lib.errors import PortalError
from portal.lib.packages import EPOCH
from portal.publishing.content import ACCORD_STATUS, files_of

MANIFEST, SIGNATURE, KEY = "manifest.json", "manifest.sig", "sleutel.pem"
BESIDE = (MANIFEST, SIGNATURE, KEY)
"""Files that no manifest can list: itself, its signature, and the key that both are judged by."""
SCHEMA = 1
READERS, EVERYTHING = "lezers", "alles"
"""For whom the contents are, as the manifest says it."""

MOST_BYTES = 250_000_000
"""Of a whole edition: it is made and judged in memory."""
MOST_FILES = 10_000
NAME = re.compile(r"(?=.{1,120}\Z)[A-Za-z0-9][A-Za-z0-9_-]*(?:[./][A-Za-z0-9][A-Za-z0-9_-]*)*")
"""Names that every computer can unpack: no way up, no root, no drive, nothing hidden."""


class TooLarge(PortalError):
    """The files of a release do not fit in one edition."""

    status = 413
    title = "Deze uitgave is te groot voor één bestand"


def edition_of(book: Book, key: SigningKey) -> bytes:
    """Return the edition of a release; the same release gives the same bytes. Raises TooLarge."""
    files = {**pages(book, key.public.fingerprint), **_downloads(book), **_content(book)}
    if sum(map(len, files.values())) > MOST_BYTES:
        raise TooLarge(
            f"De bestanden zijn samen groter dan {MOST_BYTES // 1_000_000} MB. Haal de documenten één voor één op."
        )
    manifest = _json(_manifest(book, key, files))
    return pack({**files, MANIFEST: manifest, SIGNATURE: key.sign(manifest), KEY: key.public.pem})


def edition_name(number: int, *, everything: bool) -> str:
    """Return the file name of an edition, such as ``handboek-uitgave-1.zip``."""
    return f"handboek-uitgave-{number}{'-alles' if everything else ''}.zip"


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return files as a ZIP file; the same files always give the same bytes, byte for byte, in any order."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as bundle:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # else it depends on the computer; Unix, as the rights below need
            entry.external_attr = 0o100644 << 16
            bundle.writestr(entry, files[name])
    return target.getvalue()


def file_entry(name: str, data: bytes) -> dict[str, Any]:
    """Return what a manifest says of a file; its size is in bytes."""
    return {"naam": name, "grootte": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _downloads(book: Book) -> dict[str, bytes]:
    return {file_name(document): downloaded(document) for document in book.documents.values()}


def _content(book: Book) -> dict[str, bytes]:
    return {f"handboek/{name}": data for name, data in files_of(book.handbook).items()}


def _manifest(book: Book, key: SigningKey, files: Mapping[str, bytes]) -> dict[str, Any]:
    handbook, published = book.handbook, book.release.published_at
    return {
        "schema": SCHEMA,
        "soort": "offline uitgave",
        "uitgave": handbook.number,
        "titel": handbook.title,
        "besloten_op": _day(handbook.decided_on),
        "gaat_in_op": _day(handbook.effective_on),
        "gepubliceerd_op": published and published.astimezone(UTC).isoformat(timespec="seconds"),
        "stand_van": book.stand.astimezone(UTC).isoformat(timespec="seconds"),
        "inhoud": EVERYTHING if book.everything else READERS,
        "status": ACCORD_STATUS,
        "sleutel": key.public.fingerprint,
        "bestanden": [file_entry(name, files[name]) for name in sorted(files)],
    }


def _day(day: date) -> str:
    return day.isoformat()


def _json(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n"
