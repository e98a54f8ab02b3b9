"""Bringing together what two editors made of one item since the version both began with.

Three ways meet: what both began with, and what each made of it. What only one changed is there, what both changed alike
is there once. Where both changed one thing differently nothing is lost either: of a field the editor behind this sees
what the other wrote, and of a text both stand one below the other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from textwrap import shorten
from typing import Any

from portal.compare.metadata import LABELS
from portal.documents.pages import Block, ItemList, PageError, Table, parse, write
from portal.publishing.checks.tables import alphabetical
from portal.publishing.fields import LISTS
from portal.releases.models import ItemKind
from portal.releases.operations import Content

ABSENT = object()
"""What stands for a key or a row that is not there; None is a value of its own."""
Conflict = Callable[[Sequence[Any], Sequence[Any], Sequence[Any]], list[Any]]


@dataclass(frozen=True)
class Together:
    """The content with the changes of both."""

    content: Content
    met: tuple[str, ...]
    """Where both changed one thing differently: what a row or field is called, or how a piece of text begins."""


def bring_together(kind: ItemKind, base: Content, mine: Content, theirs: Content) -> Together | None:
    """Return the content with what both changed since ``base``; None when only an editor can do that: of two files.

    A row that one took out and the other changed stays.
    """
    met: list[str] = []
    text, original = mine.text, mine.original
    if (theirs.text, theirs.original) not in ((text, original), (base.text, base.original)):
        if (text, original) == (base.text, base.original):
            text, original = theirs.text, theirs.original
        elif base.text is None or text is None or theirs.text is None:
            return None
        else:
            try:
                blocks = _merged(parse(base.text), parse(text), parse(theirs.text), _both_blocks(met))
            except PageError:
                return None
            text = write(blocks)
    return Together(Content(_data(kind, base.data, mine.data, theirs.data, met), text, original), tuple(met))


def _data(
    kind: ItemKind, base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any], met: list[str]
) -> dict[str, Any]:
    ids: list[str] = []
    labels = LABELS if kind is ItemKind.DOCUMENT else {}
    found = {
        key: _both(base.get(key, ABSENT), mine.get(key, ABSENT), theirs.get(key, ABSENT), ids, labels.get(key, key))
        for key in dict.fromkeys([*mine, *theirs])
    }
    data = {key: value for key, value in found.items() if value is not ABSENT}
    if kind is ItemKind.GLOSSARY:
        data["begrippen"].sort(key=lambda one: alphabetical(one["term"]))
    names = {row["id"]: rows.call(row) for rows in LISTS.get(kind, ()) for row in data[rows.key]}
    met += [names.get(one, one) for one in dict.fromkeys(ids)]
    return data


def _both(base: Any, mine: Any, theirs: Any, met: list[str], row: str) -> Any:
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


def _both_blocks(met: list[str]) -> Conflict:
    """Return what becomes of blocks that both changed: of one list or table the parts, of others both."""

    def keep(base: Sequence[Block], mine: Sequence[Block], theirs: Sequence[Block]) -> list[Block]:
        if len(base) == len(mine) == len(theirs) == 1 and (found := _parts(base[0], mine[0], theirs[0], met)):
            return [found]
        kept = _with_new(base, mine, theirs)
        shown = " ".join(write(kept[:1]).split())
        met.append(f"“{shorten(shown, 60, placeholder='…')}”" if shown else "een stuk tekst")
        return kept

    return keep


def _parts(base: Block, mine: Block, theirs: Block, met: list[str]) -> Block | None:
    """Return one list or table with the points or rows of both; None of what has no parts, or other columns."""

    def keep(was: Sequence[Any], own: Sequence[Any], other: Sequence[Any]) -> list[Any]:
        met.append(f"een {'rij van de tabel' if isinstance(mine, Table) else 'punt van de lijst'}")
        return _with_new(was, own, other)

    if isinstance(base, ItemList) and isinstance(mine, ItemList) and isinstance(theirs, ItemList):
        return replace(mine, items=tuple(_merged(base.items, mine.items, theirs.items, keep)))
    if isinstance(base, Table) and isinstance(mine, Table) and isinstance(theirs, Table):
        rows = _merged(base.rows, mine.rows, theirs.rows, keep)
        return replace(mine, rows=tuple(rows)) if base.header == mine.header == theirs.header else None
    return None


def _merged(base: Sequence[Any], mine: Sequence[Any], theirs: Sequence[Any], conflict: Conflict) -> list[Any]:
    """Return a sequence with what both changed; ``conflict`` says what becomes of a stretch that both did.

    What neither changed divides it into stretches (diff3: Khanna, Kunal and Pierce, 2007).
    """
    found: list[Any] = []
    base_at = mine_at = theirs_at = 0
    for start, end, own, other in _unchanged(base, mine, theirs):
        found += _stretch(base[base_at:start], mine[mine_at:own], theirs[theirs_at:other], conflict)
        found += base[start:end]
        base_at, mine_at, theirs_at = end, own + end - start, other + end - start
    return found


def _stretch(base: Sequence[Any], mine: Sequence[Any], theirs: Sequence[Any], conflict: Conflict) -> Sequence[Any]:
    if theirs in (mine, base):
        return mine
    if mine == base:
        return theirs
    if len(base) == len(mine) == len(theirs) > 1:  # neighbours that were each changed by one of the two
        each = zip(base, mine, theirs, strict=True)
        return [part for was, own, other in each for part in _stretch([was], [own], [other], conflict)]
    return conflict(base, mine, theirs)


def _with_new(base: Sequence[Any], mine: Sequence[Any], theirs: Sequence[Any]) -> list[Any]:
    """Return what either wrote, the one after the other, and what both left; what one of them took out is gone."""
    own = [one for one in mine if one not in base or one in theirs]
    return [*own, *(one for one in theirs if one not in base and one not in own)]


def _unchanged(base: Sequence[Any], mine: Sequence[Any], theirs: Sequence[Any]) -> list[tuple[int, int, int, int]]:
    """Return what is in all three: from where to where in ``base``, and from where in the others; last their ends."""
    own = SequenceMatcher(None, base, mine, autojunk=False).get_matching_blocks()
    other = SequenceMatcher(None, base, theirs, autojunk=False).get_matching_blocks()
    found = []
    for a in own:
        for b in other:
            start, end = max(a.a, b.a), min(a.a + a.size, b.a + b.size)
            if start < end:
                found.append((start, end, a.b + start - a.a, b.b + start - b.a))
    return [*found, (len(base), len(base), len(mine), len(theirs))]
