"""Judging a file that says it is an edition. It may be damaged, changed, huge or made to do harm.

Nothing is unpacked: limits are judged on the last bytes of the file before anything is read by them, what is stored is
as large as it says, and names only ever serve to be compared. An edition has exactly one form (``bundle.pack``), so at
the end the file must be, byte for byte, what its own contents make: nothing hides beside or between its files.
"""

import io
import json
import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from portal.editions.bundle import (
    BESIDE,
    EVERYTHING,
    KEY,
    MANIFEST,
    MOST_BYTES,
    MOST_FILES,
    NAME,
    READERS,
    SCHEMA,
    SIGNATURE,
    file_entry,
    pack,
)
from portal.editions.signing import PublicKey
from portal.lib.errors import OperatorError

END = struct.Struct("<4s4H2LH")
"""The end of a ZIP file without a comment (APPNOTE 4.3.16)."""
LARGE_END = 20
"""Bytes before that end where a ZIP64 file says so (APPNOTE 4.3.15)."""
MOST_PER_NAME = 46 + 120
"""Bytes of one line in the list of contents (APPNOTE 4.3.12) with the longest name."""
MOST_MANIFEST = 5_000_000


class NoEdition(OperatorError):
    """The file cannot be read as an edition at all; the message says why."""


@dataclass(frozen=True)
class Stated:
    """What the manifest of a sound edition says of it."""

    release: int
    effective_on: date
    everything: bool
    files: int


@dataclass(frozen=True)
class Verdict:
    """Everything that is wrong with a file. Only when nothing is, the fingerprint and what it states count."""

    faults: tuple[str, ...]
    fingerprint: str = ""
    stated: Stated | None = None


def examine_file(file: Path) -> Verdict:
    """Return the verdict on a file. Raises NoEdition when it is no file, or too large; OSError when it stays shut."""
    if not file.is_file():  # a device or a pipe could go on for ever
        raise NoEdition(f"{file} is er niet of is geen bestand")
    if file.stat().st_size > _most():
        raise NoEdition(f"{file} is te groot: een uitgave is hoogstens {_most() // 1_000_000} MB")
    return examine(file.read_bytes())


def examine(data: bytes) -> Verdict:
    """Return the verdict on the bytes of a file; whatever they are, this raises nothing."""
    try:
        files, damaged = _read(data)
    except NoEdition as error:
        return Verdict((str(error),))
    if damaged:
        return Verdict(tuple(damaged))
    try:
        key, manifest = _signed(files)
        stated = _stated(manifest)
        faults = list(_differences(files, manifest["bestanden"]))
    except NoEdition as error:
        return Verdict((str(error),))
    if not faults and pack(files) != data:
        faults = ["het ZIP-bestand is opnieuw ingepakt, of er staat iets bij dat er niet in hoort"]
    return Verdict(tuple(faults), key.fingerprint, stated)


def _most() -> int:
    """Return how many bytes an edition may be: its files, and twice the list of them."""
    return MOST_BYTES + 2 * MOST_FILES * MOST_PER_NAME + MOST_MANIFEST


def _read(data: bytes) -> tuple[dict[str, bytes], list[str]]:
    """Return the files by name, and a line for each that is damaged."""
    _refuse_form(data)
    files: dict[str, bytes] = {}
    damaged: list[str] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            _refuse_contents(bundle.infolist(), len(data))
            for info in bundle.infolist():
                try:
                    files[info.filename] = bundle.read(info)
                except zipfile.BadZipFile:
                    damaged.append(f"{info.filename} is veranderd of beschadigd")
    except NoEdition:
        raise
    except Exception as error:  # over a damaged file zipfile trips with errors of any kind
        raise NoEdition("het ZIP-bestand is beschadigd") from error
    return files, damaged


def _refuse_form(data: bytes) -> None:
    """Raise NoEdition when the end of the file is not that of an edition, or promises more than one can hold."""
    if len(data) < END.size or not data.startswith(b"PK"):
        raise NoEdition("dit is geen ZIP-bestand")
    signature, disk, start_disk, here, count, size, offset, comment = END.unpack(data[-END.size :])
    if signature != b"PK\5\6" or comment or disk or start_disk or here != count:
        raise NoEdition("het ZIP-bestand is niet heel, of er staat iets achter")
    if data[-END.size - LARGE_END :].startswith(b"PK\6\7") or not 0 < count <= MOST_FILES:
        raise NoEdition(f"het ZIP-bestand belooft te veel bestanden: een uitgave heeft er hoogstens {MOST_FILES}")
    if size > count * MOST_PER_NAME or offset + size + END.size != len(data):
        raise NoEdition("de inhoudsopgave van het ZIP-bestand klopt niet")


def _refuse_contents(entries: list[zipfile.ZipInfo], size: int) -> None:
    """Raise NoEdition when names or sizes are not those of an edition; nothing of them has been read yet."""
    names = [entry.filename for entry in entries]
    for name in names:
        if not NAME.fullmatch(name):
            raise NoEdition(f"een bestand heet {name[:60]!a}; zo heet geen bestand in een uitgave")
    if len({name.lower() for name in names}) != len(names):
        raise NoEdition("het ZIP-bestand heeft twee bestanden met dezelfde naam")
    if any(e.compress_type != zipfile.ZIP_STORED or e.compress_size != e.file_size for e in entries):
        raise NoEdition("het ZIP-bestand is opnieuw ingepakt: de bestanden van een uitgave zijn niet samengeperst")
    if sum(entry.file_size for entry in entries) > size:
        raise NoEdition("het ZIP-bestand belooft meer dan erin staat")


def _signed(files: Mapping[str, bytes]) -> tuple[PublicKey, dict[str, Any]]:
    """Return the key and the manifest it signed. Raises NoEdition when they do not belong together."""
    for name in BESIDE:
        if name not in files:
            raise NoEdition(f"{name} ontbreekt: zonder is niet te zien of deze uitgave echt is")
    try:
        key = PublicKey.read(files[KEY])
    except ValueError as error:
        raise NoEdition(f"{KEY} is geen sleutel van een uitgave") from error
    if not key.signed(files[MANIFEST], files[SIGNATURE]):
        raise NoEdition(f"de handtekening klopt niet: {MANIFEST}, {SIGNATURE} of {KEY} is veranderd")
    try:
        if len(files[MANIFEST]) > MOST_MANIFEST:
            raise ValueError("larger than any manifest")
        manifest = json.loads(files[MANIFEST])
    except (ValueError, RecursionError) as error:  # the last: brackets in brackets without end
        raise NoEdition(f"{MANIFEST} is niet te lezen") from error
    if not isinstance(manifest, dict) or manifest.get("sleutel") != key.fingerprint:
        raise NoEdition(f"{MANIFEST} noemt een andere sleutel dan {KEY}")
    return key, manifest


def _stated(manifest: Mapping[str, Any]) -> Stated:
    """Return what a manifest says. Raises NoEdition when that is not what a manifest says."""
    schema, release = manifest.get("schema"), manifest.get("uitgave")
    contents, rows = manifest.get("inhoud"), manifest.get("bestanden")
    if (type(schema), schema) != (int, SCHEMA):  # true is a 1 too, in Python
        raise NoEdition(f"{MANIFEST} is van een nieuwere versie van dit programma, of geen manifest")
    try:
        effective_on = date.fromisoformat(str(manifest.get("gaat_in_op")))
    except ValueError as error:
        raise NoEdition(f"{MANIFEST} noemt geen dag van ingang") from error
    if type(release) is not int or contents not in (READERS, EVERYTHING) or not isinstance(rows, list):
        raise NoEdition(f"{MANIFEST} is niet volledig")
    if not all(isinstance(row, dict) and isinstance(row.get("naam"), str) for row in rows):
        raise NoEdition(f"{MANIFEST} noemt geen bestanden")
    return Stated(release, effective_on, contents == EVERYTHING, len(rows))


def _differences(files: Mapping[str, bytes], rows: list[dict[str, Any]]) -> Iterator[str]:
    """Give a line for each file that is changed, missing or extra."""
    listed = {row["naam"]: row for row in rows}
    if len(listed) != len(rows):
        yield f"{MANIFEST} noemt een bestand twee keer"
    for name in sorted(listed):
        if name not in files:
            yield f"{ascii(name[:120])[1:-1]} ontbreekt"
        elif listed[name] != file_entry(name, files[name]):
            yield f"{name} is veranderd"
    for name in sorted(set(files) - set(listed) - set(BESIDE)):
        yield f"{name} hoort niet in deze uitgave"
