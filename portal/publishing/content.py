"""The handbook as files: what ``content/`` holds, what import reads and export writes.

``uitgave.yaml`` names the release and the version of every item; ``documenten.yaml`` the metadata of all documents;
``documenten/`` their texts (``.md``) and files (``.docx``, ``.pdf``); the other items are one YAML file each.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

from portal.documents.models import DocumentKind
from portal.lib import clock
from portal.lib.errors import OperatorError
from portal.lib.yamlfile import dump, load
from portal.releases.models import ItemKind, Visibility
from portal.releases.operations import Content

SCHEMA = 1
Gone = TypeVar("Gone", "DestroyedItem", "WithdrawnItem")
ACCORD_STATUS = "model, nog niet geaccordeerd"
SINGLES = {
    ItemKind.FLOW: "stroomschema",
    ItemKind.GLOSSARY: "begrippen",
    ItemKind.SYNONYMS: "synoniemen",
    ItemKind.AMOUNTS: "bedragen",
    ItemKind.OPEN_POINTS: "open-punten",
    ItemKind.COLOPHON: "colofon",
}
"""Kinds of which the handbook has one item, with its code, which is also the name of its file."""
FILE_TYPES = (".docx", ".pdf")


class ContentError(OperatorError):
    """The files cannot be read as a handbook; the message names the file and what is wrong."""


@dataclass(frozen=True)
class ItemContent:
    """One item with the version of it that this handbook holds."""

    code: str
    kind: ItemKind
    visibility: Visibility
    version: int
    change_note: str
    content: Content


@dataclass(frozen=True)
class DestroyedItem:
    """A document that would be in this handbook if its text had not been destroyed: what is left to say so."""

    code: str
    title: str
    kind: str
    """One of ``DocumentKind``."""
    visibility: Visibility
    version: int
    destroyed_at: datetime
    content_hash: str

    def __str__(self) -> str:
        """Return the line that commands print: such a document must not be missed by accident."""
        day = clock.in_words(clock.day_of(self.destroyed_at))
        return f"Zonder tekst: {self.code}, versie {self.version}, vernietigd op {day}."


@dataclass(frozen=True)
class WithdrawnItem:
    """A document that this handbook withdrew: steps and texts may still lead to what says so."""

    code: str
    title: str
    kind: str
    """One of ``DocumentKind``."""
    visibility: Visibility
    version: int
    change_note: str
    successor: str | None


def bare_data(code: str, title: str, kind: str) -> dict[str, Any]:
    """Return the metadata of a version without a text: those every document has, and nothing anybody wrote."""
    return {
        "code": code,
        "titel": title,
        "soort": kind,
        "doelgroep": [],
        "invulbaar": False,
        "inhoud": [],
        "convenant": [],
        "grond": "aangenomen",
        "zoekwoorden": [],
    }


@dataclass(frozen=True)
class Handbook:
    """A whole handbook as one release."""

    number: int
    title: str
    note: str
    decided_on: date
    effective_on: date
    items: tuple[ItemContent, ...]
    destroyed: tuple[DestroyedItem, ...] = ()
    withdrawn: tuple[WithdrawnItem, ...] = ()

    @property
    def gone(self) -> tuple[DestroyedItem | WithdrawnItem, ...]:
        """The documents that are not to be had any more; steps and texts may still lead to what says so."""
        return tuple(itertools.chain[DestroyedItem | WithdrawnItem](self.destroyed, self.withdrawn))

    def of_kind(self, kind: ItemKind) -> tuple[ItemContent, ...]:
        """Return the items of one kind, by code."""
        return tuple(item for item in self.items if item.kind is kind)

    def single(self, kind: ItemKind) -> Mapping[str, Any]:
        """Return the data of the one item of a kind."""
        return self.of_kind(kind)[0].content.data


def read(folder: Path) -> Handbook:
    """Return the handbook in a folder. Raises ContentError naming the file that is missing or wrong."""
    release = _load(folder / "uitgave.yaml")
    stated = _rows(release, "onderdelen", folder / "uitgave.yaml")
    versions = {row.get("code"): row for row in stated}
    items = [*_documents(folder, versions), *_singles(folder, versions)]
    if extra := sorted(str(code) for code in set(versions) - {item.code for item in items}):
        raise ContentError(f"{folder / 'uitgave.yaml'}: {extra[0]} staat bij onderdelen, maar is er niet")
    try:
        return Handbook(
            number=int(release["nummer"]),
            title=str(release["titel"]),
            note=str(release["toelichting"]),
            decided_on=_day(release["besloten_op"]),
            effective_on=_day(release["gaat_in_op"]),
            items=tuple(sorted(items, key=lambda item: item.code)),
            destroyed=_left_out(folder / "uitgave.yaml", release, "vernietigd", items, _destroyed),
            withdrawn=_left_out(folder / "uitgave.yaml", release, "ingetrokken", items, _withdrawn),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ContentError(f"{folder / 'uitgave.yaml'}: {error} ontbreekt of klopt niet") from error


def write(handbook: Handbook, folder: Path) -> None:
    """Write a handbook to an empty or new folder; the same handbook always gives the same bytes.

    Raises ContentError when the folder holds anything already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ContentError(f"de map {folder} is niet leeg; kies een nieuwe map")
    texts = folder / "documenten"
    texts.mkdir(parents=True, exist_ok=True)
    for name, data in files_of(handbook).items():
        (folder / name).write_bytes(data)


def files_of(handbook: Handbook) -> dict[str, bytes]:
    """Return the files of a handbook by their name within its folder."""
    documents = handbook.of_kind(ItemKind.DOCUMENT)
    rows = [item.content.data | {"zichtbaar": item.visibility.value} for item in documents]
    files = {
        "uitgave.yaml": _yaml(_release_data(handbook)),
        "documenten.yaml": _yaml({"schema": SCHEMA, "status": ACCORD_STATUS, "documenten": rows}),
    }
    for item in documents:
        if item.content.text is not None:
            files[f"documenten/{item.code}.md"] = item.content.text.encode()
        else:
            files[f"documenten/{item.code}{_extension(item)}"] = item.content.original or b""
    for kind, code in SINGLES.items():
        files |= {f"{code}.yaml": _yaml(item.content.data) for item in handbook.of_kind(kind)}
    return files


def _release_data(handbook: Handbook) -> dict[str, Any]:
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "nummer": handbook.number,
        "titel": handbook.title,
        "besloten_op": handbook.decided_on.isoformat(),
        "gaat_in_op": handbook.effective_on.isoformat(),
        "toelichting": handbook.note,
        "onderdelen": [
            {"code": item.code, "versie": item.version, "wijziging": item.change_note} for item in handbook.items
        ],
    }
    if handbook.destroyed:
        data["vernietigd"] = [
            {
                **_named_row(one),
                "vernietigd_op": one.destroyed_at.astimezone(UTC).isoformat(),
                "sha256": one.content_hash,
            }
            for one in handbook.destroyed
        ]
    if handbook.withdrawn:
        data["ingetrokken"] = [
            {
                **_named_row(one),
                "wijziging": one.change_note,
                **({"opvolger": one.successor} if one.successor else {}),
            }
            for one in handbook.withdrawn
        ]
    return data


def _named_row(one: DestroyedItem | WithdrawnItem) -> dict[str, Any]:
    return {
        "code": one.code,
        "titel": one.title,
        "soort": one.kind,
        "zichtbaar": one.visibility.value,
        "versie": one.version,
    }


def _extension(item: ItemContent) -> str:
    original = item.content.original or b""
    return ".pdf" if original.startswith(b"%PDF-") else ".docx"


def _yaml(data: Mapping[str, Any]) -> bytes:
    return dump(data).encode()


def _documents(folder: Path, versions: Mapping[Any, Mapping[str, Any]]) -> Iterable[ItemContent]:
    place = folder / "documenten.yaml"
    for row in _rows(_load(place), "documenten", place):
        code, metadata = row.get("code"), dict(row)
        if not isinstance(code, str) or not code:
            raise ContentError(f"{place}: een document heeft geen code")
        try:
            visibility = Visibility(metadata.pop("zichtbaar", Visibility.ALLE.value))
        except ValueError:
            raise ContentError(f"{place}: zichtbaar van {code} moet alle of regio zijn") from None
        yield _item(code, ItemKind.DOCUMENT, visibility, versions, _document_content(folder, code, metadata))


def _document_content(folder: Path, code: str, metadata: dict[str, Any]) -> Content:
    found = [file for suffix in (".md", *FILE_TYPES) if (file := folder / "documenten" / f"{code}{suffix}").is_file()]
    if len(found) != 1:
        raise ContentError(f"{folder / 'documenten'}: {code} heeft {len(found)} bestanden; er hoort er één te zijn")
    data = found[0].read_bytes()
    if found[0].suffix == ".md":
        try:
            return Content(metadata, text=data.decode())
        except UnicodeDecodeError as error:
            raise ContentError(f"{found[0]}: geen UTF-8 bij byte {error.start}") from error
    return Content(metadata, original=data)


def _left_out(
    place: Path,
    release: Mapping[str, Any],
    key: str,
    items: Iterable[ItemContent],
    make: Callable[[Mapping[str, Any]], Gone],
) -> tuple[Gone, ...]:
    """Return the documents without a text; their rows are written by us, so one that is wrong is told in few words."""
    found, there = [], {item.code for item in items}
    for row in _rows(release, key, place) if key in release else ():
        try:
            one = make(row)
        except (KeyError, TypeError, ValueError) as error:
            raise ContentError(f"{place}: {error} ontbreekt of klopt niet bij {key}") from error
        if one.code in there or one.version < 1:
            raise ContentError(f"{place}: {one.code} kan zo niet bij {key} staan; haal die regel weg")
        found.append(one)
    return tuple(found)


def _destroyed(row: Mapping[str, Any]) -> DestroyedItem:
    destroyed_at, content_hash = datetime.fromisoformat(str(row["vernietigd_op"])), str(row["sha256"])
    if destroyed_at.tzinfo is None or len(content_hash) != 64:
        raise ValueError("vernietigd_op of sha256")
    return DestroyedItem(**_named(row), destroyed_at=destroyed_at, content_hash=content_hash)


def _withdrawn(row: Mapping[str, Any]) -> WithdrawnItem:
    successor = row.get("opvolger")
    return WithdrawnItem(
        **_named(row), change_note=str(row["wijziging"]), successor=str(successor) if successor else None
    )


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": str(row["code"]),
        "title": str(row["titel"]),
        "kind": DocumentKind(row["soort"]).value,
        "visibility": Visibility(row["zichtbaar"]),
        "version": int(row["versie"]),
    }


def _singles(folder: Path, versions: Mapping[Any, Mapping[str, Any]]) -> Iterable[ItemContent]:
    for kind, code in SINGLES.items():
        yield _item(code, kind, Visibility.ALLE, versions, Content(_load(folder / f"{code}.yaml")))


def _item(
    code: str, kind: ItemKind, visibility: Visibility, versions: Mapping[Any, Mapping[str, Any]], content: Content
) -> ItemContent:
    stated = versions.get(code, {})
    version = stated.get("versie", 1)
    if not isinstance(version, int) or version < 1:
        raise ContentError(f"uitgave.yaml: de versie van {code} moet een heel getal vanaf 1 zijn")
    return ItemContent(code, kind, visibility, version, str(stated.get("wijziging", "")), content)


def _load(file: Path) -> dict[str, Any]:
    try:
        data = load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ContentError(f"{file} ontbreekt") from None
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise ContentError(f"{file}: {error}") from error
    if data.get("schema") != SCHEMA:
        raise ContentError(f"{file}: schema moet {SCHEMA} zijn")
    return data


def _rows(data: Mapping[str, Any], key: str, place: Path) -> list[Mapping[str, Any]]:
    rows = data.get(key)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ContentError(f"{place}: {key} moet een lijst zijn")
    return rows


def _day(value: object) -> date:
    return date.fromisoformat(str(value))
