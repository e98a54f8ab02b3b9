"""Bringing together what two editors made of one list, or of the flow, since the version both began with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.publishing.checks.tables import alphabetical
from portal.publishing.fields import LISTS
from portal.releases.models import ItemKind

ABSENT = object()
"""What stands for a key or a row that is not there; None is a value of its own."""


@dataclass(frozen=True)
class Together:
    """The data with the changes of both."""

    data: dict[str, Any]
    met: tuple[str, ...]
    """What rows are called in which both changed one field; there it holds what the editor behind this wrote."""


def bring_together(
    kind: ItemKind, base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> Together:
    """Return a list, or the flow, with what both changed since ``base``.

    A row that one took out and the other changed stays.
    """
    met: list[str] = []
    data: dict[str, Any] = {key: _both(base.get(key, ABSENT), mine[key], theirs.get(key, ABSENT), met) for key in mine}
    if kind is ItemKind.GLOSSARY:
        data["begrippen"].sort(key=lambda one: alphabetical(one["term"]))
    names = {row["id"]: rows.call(row) for rows in LISTS[kind] for row in data[rows.key]}
    return Together(data, tuple(names.get(row, row) for row in dict.fromkeys(met)))


def _both(base: Any, mine: Any, theirs: Any, met: list[str], row: str = "") -> Any:
    """Return a value with the changes of both; ``met`` gets the row when both changed it to something else."""
    if theirs in (mine, base):
        return mine
    if mine == base:
        return theirs
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return _by_key(base if isinstance(base, dict) else {}, mine, theirs, met, row)
    if _is_rows(mine) or _is_rows(theirs):
        was, own, other = ({one["id"]: one for one in rows} for rows in (base if _is_rows(base) else [], mine, theirs))
        return list(_by_key(was, own, other, met).values())
    met.append(row)
    return theirs if mine is ABSENT else mine


def _by_key(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any], met: list[str], row: str = ""
) -> dict[str, Any]:
    """Return the values of both by key, or rows by their id when they are not parts of one ``row``."""
    found = {
        key: _both(base.get(key, ABSENT), mine.get(key, ABSENT), theirs.get(key, ABSENT), met, row or key)
        for key in dict.fromkeys([*mine, *theirs])
    }
    return {key: value for key, value in found.items() if value is not ABSENT}


def _is_rows(value: Any) -> bool:
    return isinstance(value, Sequence) and bool(value) and all(isinstance(one, dict) and "id" in one for one in value)
