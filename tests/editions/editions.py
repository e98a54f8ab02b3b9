"""Editions to judge: a real one, and small ones made by hand, sound or not."""

import io
import json
import zipfile
from collections.abc import Mapping
from functools import cache
from typing import Any

from portal.db import Database
from portal.editions.book import gather
from portal.editions.bundle import KEY, MANIFEST, SIGNATURE, edition_of, file_entry, pack
from portal.editions.signing import SigningKey, signing_key
from tests.conftest import NOW

SECRET = "a key for tests only, 32 characters or more"
OTHER = "another key for tests, also 32 characters or more"


def made(database: Database, *, number: int | None = None, everything: bool = False, at: Any = NOW) -> bytes:
    """Return the edition of a release, made with the key of the tests."""
    with database.reading() as session:
        book = gather(session, at=at, number=number, everything=everything)
        assert book
        return edition_of(book, signing_key(SECRET))


def made_of(url: str, *, everything: bool = False) -> bytes:
    """Return the edition of what is in the database at this address."""
    database = Database(url)
    try:
        return made(database, everything=everything)
    finally:
        database.engine.dispose()


def unpacked(data: bytes) -> dict[str, bytes]:
    """Return the files in a ZIP file."""
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


def texts(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return everything in files that can be read, also what is inside Word files."""
    read: dict[str, str] = {}
    for name, data in files.items():
        if name.endswith(".docx"):
            read |= {f"{name}/{part}": text for part, text in texts(unpacked(data)).items()}
        elif not name.endswith((".ttf", ".sig", ".jpeg")):
            read[name] = data.decode()
    return read


@cache
def keys() -> tuple[SigningKey, SigningKey]:
    """Return the key of the tests and one of somebody else."""
    return SigningKey(SECRET), SigningKey(OTHER)


def signed(files: Mapping[str, bytes], key: SigningKey | None = None, **said: Any) -> dict[str, bytes]:
    """Return files with a manifest that lists them, signed; ``said`` takes the place of what it would say."""
    key = key or keys()[0]
    manifest = {
        "schema": 1,
        "uitgave": 1,
        "gaat_in_op": "2026-12-01",
        "inhoud": "lezers",
        "sleutel": key.public.fingerprint,
        "bestanden": [file_entry(name, files[name]) for name in sorted(files)],
    }
    return sealed(files, json.dumps(manifest | said).encode(), key)


def sealed(files: Mapping[str, bytes], manifest: bytes, key: SigningKey) -> dict[str, bytes]:
    """Return files with a manifest of any kind, signed."""
    return {**files, MANIFEST: manifest, SIGNATURE: key.sign(manifest), KEY: key.public.pem}


FILES = {"index.html": b"<!doctype html><title>Handboek</title>", "bestanden/ZC-01-v1.docx": b"PK inhoud"}


def tiny() -> bytes:
    """Return the smallest sound edition."""
    return pack(signed(FILES))
