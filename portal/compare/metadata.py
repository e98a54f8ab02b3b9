"""What changed in the facts about a document: its title, its kind, for whom it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from portal.compare.models import Op, Piece, Pieces
from portal.compare.words import compare_words, replaced
from portal.documents.models import KIND, DocumentKind

LABELS = {
    "titel": "Titel",
    "soort": "Soort",
    "doelgroep": "Voor wie",
    "invulbaar": "In te vullen",
    "eigenaar": "Eigenaar",
    "inhoud": "Wat erin staat",
    "convenant": "Onderdelen van het convenant",
    "grond": "Staat het in het convenant?",
    "open_punten": "Open punten",
    "waarschuwing": "Waarschuwing",
    "zoekwoorden": "Zoekwoorden",
}
GROUNDING = {"genoemd": "ja", "deels": "deels", "aangenomen": "nee, aangenomen"}
WITHOUT = {"code", "zichtbaar"}
"""A code never changes, and visibility is no part of a version."""


@dataclass(frozen=True)
class FactChange:
    """One fact that changed; of a list each entry that went, came or changed is a line."""

    label: str
    lines: tuple[Pieces, ...]


def compare_facts(
    old: Mapping[str, Any], new: Mapping[str, Any], role_titles: Mapping[str, str]
) -> tuple[FactChange, ...]:
    """Return the facts in the data of two versions that differ, in Dutch words; ``role_titles`` names the audience."""
    known = [*LABELS, *sorted({*old, *new} - set(LABELS) - WITHOUT)]
    changed = [key for key in known if old.get(key) != new.get(key)]
    return tuple(
        FactChange(
            LABELS.get(key, key.replace("_", " ").capitalize()),
            compare_entries(_words(key, old.get(key), role_titles), _words(key, new.get(key), role_titles)),
        )
        for key in changed
    )


def _words(key: str, value: Any, role_titles: Mapping[str, str]) -> list[str]:
    """Return a value as a reader would say it: one text, or the entries of a list."""
    if isinstance(value, list | tuple):
        return [role_titles.get(entry, str(entry)) if key == "doelgroep" else str(entry) for entry in value]
    if value is None or value == "":
        return []
    if isinstance(value, bool):
        return ["ja" if value else "nee"]
    if key == "soort" and value in list(DocumentKind):
        return [KIND[DocumentKind(value)]]
    return [GROUNDING.get(value, str(value)) if key == "grond" else str(value)]


def compare_entries(old: Sequence[str], new: Sequence[str]) -> tuple[Pieces, ...]:
    """Return a line for each entry of a list that differs: its words when it was changed, or that it went or came."""
    if sorted(old) == sorted(new):
        return (replaced(", ".join(old), ", ".join(new)),)
    found: list[Pieces] = []
    for what, start, end, other_start, other_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = old[start:end], new[other_start:other_end]
        if what == "replace" and len(gone) == len(come):
            found += [compare_words(before, after) for before, after in zip(gone, come, strict=True)]
        elif what != "equal":
            found += [(Piece(Op.DELETED, entry),) for entry in gone]
            found += [(Piece(Op.INSERTED, entry),) for entry in come]
    return tuple(found)
