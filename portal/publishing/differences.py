"""In what two contents of one item differ: for an editor who writes, in a draft, and between two releases."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.compare.comparison import compare
from portal.compare.metadata import GROUNDING, FactChange, compare_entries, compare_facts
from portal.compare.models import Comparison
from portal.documents.controls import WordError
from portal.documents.pages import PageError
from portal.publishing.fields import LISTS, Field, shown
from portal.releases.models import ItemKind
from portal.releases.operations import Content

FLOW_LISTS = ("trajecten", "stappen", "rollen")
FLOW_WORDS = {
    "titel": "Titel",
    "traject": "Traject",
    "soort": "Soort",
    "samenvatting": "Samenvatting",
    "volgorde": "Plaats",
    "verantwoordelijk": "Wie is aan zet",
    "betrokken": "Wie werkt mee",
    "vraag": "Vraag",
    "termijn": "Termijn",
    "wat_doet_wie": "Wat doet",
    "werkwijze": "Hoe doet u dat als",
    "klaar_als": "Klaar als",
    "documenten": "Documenten voor",
    "volgende": "Hierna",
    "convenant": "Onderdelen van het convenant",
    "grond": "Staat het in het convenant?",
    "open_punten": "Open punten",
    "huurder_vertellen": "Wat u de huurder vertelt",
    "portaalgebruiker": "Gebruikt het portaal",
    "valt_onder": "Valt onder",
}
"""What readers call the keys of a step, a route or a role."""


@dataclass(frozen=True)
class RowDifference:
    """One row of a list that came, went or changed, and what differs in its fields."""

    name: str
    status: str
    fields: tuple[FactChange, ...] = ()


@dataclass(frozen=True)
class Differences:
    """Everything in which two contents of one item differ."""

    text: Comparison | None
    facts: tuple[FactChange, ...] = ()
    rows: tuple[RowDifference, ...] = ()


def compare_contents(kind: ItemKind, old: Content, new: Content, role_titles: Mapping[str, str]) -> Differences:
    """Return in what two contents of an item differ; of a page that cannot be read yet only the metadata."""
    if kind is not ItemKind.DOCUMENT:
        return Differences(None, rows=tuple(compare_rows(kind, old.data, new.data, role_titles)))
    facts = compare_facts(old.data, new.data, role_titles)
    try:
        return Differences(compare(old, new), facts)
    except (PageError, WordError):
        return Differences(None, facts)


def compare_rows(
    kind: ItemKind, old: Mapping[str, Any], new: Mapping[str, Any], role_titles: Mapping[str, str]
) -> Sequence[RowDifference]:
    """Return in what the data of an item that is no document differs, row by row; ``role_titles`` names roles."""
    if kind is ItemKind.FLOW:
        return list(_flow_rows(old, new, role_titles))
    found = []
    for rows in LISTS.get(kind, ()):
        for before, after in _pairs(old.get(rows.key, ()), new.get(rows.key, ()), rows.number):
            changed = tuple(
                FactChange(one.label, compare_entries(_entries(one, before), _entries(one, after)))
                for one in rows.fields
                if before.get(one.key) != after.get(one.key)
            )
            row = after or before
            found.append(RowDifference(str(row.get(rows.name, row[rows.number])), _status(before, after), changed))
    return found or _plain(old, new)


def _entries(one: Field, row: Mapping[str, Any]) -> list[str]:
    """Return what stands in a field of a row, by line where each line is an entry."""
    value = row.get(one.key)
    return value if isinstance(value, list) else list(filter(None, [shown(one, value)]))


def _pairs(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], key: str
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Give the rows that differ, each with what it was; nothing for a row that is new or gone."""
    was, now = {row[key]: row for row in old}, {row[key]: row for row in new}
    for number in dict.fromkeys([*was, *now]):
        before, after = was.get(number, {}), now.get(number, {})
        if before != after:
            yield before, after


def _status(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    return "nieuw" if not before else "vervalt" if not after else "anders"


def _flow_rows(old: Mapping[str, Any], new: Mapping[str, Any], titles: Mapping[str, str]) -> Iterator[RowDifference]:
    """Give the steps, routes and roles that differ; of one that is new or gone the name says enough."""
    for key in FLOW_LISTS:
        for before, after in _pairs(old.get(key, ()), new.get(key, ()), "id"):
            row = after or before
            name = str(row["titel"]) if key == "rollen" else f"{row['id']}: {row['titel']}"
            fields = tuple(_flow_fields(before, after, titles)) if before and after else ()
            yield RowDifference(name, _status(before, after), fields)
    rest = [{key: value for key, value in one.items() if key not in FLOW_LISTS} for one in (old, new)]
    yield from _plain(*rest)


def _flow_fields(
    before: Mapping[str, Any], after: Mapping[str, Any], titles: Mapping[str, str]
) -> Iterator[FactChange]:
    for key in dict.fromkeys([*after, *before]):
        was, now = before.get(key), after.get(key)
        label = FLOW_WORDS.get(key, key.replace("_", " ").capitalize())
        if isinstance(was or now, dict):
            was, now = was or {}, now or {}
            parts = [(f"{label}: {titles.get(role, role)}", was.get(role), now.get(role)) for role in {**now, **was}]
        else:
            parts = [(label, was, now)]
        for name, was, now in parts:
            if was != now:
                yield FactChange(name, compare_entries(_lines(was, titles), _lines(now, titles)))


def _lines(value: Any, titles: Mapping[str, str]) -> list[str]:
    """Return a value of the flow as a reader would say it, with a line for each entry of a list."""
    if value is None:
        return []
    return [_words(one, titles) for one in value] if isinstance(value, list) else [_words(value, titles)]


def _words(value: Any, titles: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, dict):
        return ": ".join(_words(one, titles) for one in value.values())
    return titles.get(value) or GROUNDING.get(value) or str(value)


def _plain(old: Mapping[str, Any], new: Mapping[str, Any]) -> Sequence[RowDifference]:
    """Return the differences of an item that is no list, such as the colophon."""
    flat_old, flat_new = dict(_flat(old)), dict(_flat(new))
    keys = [key for key in {**flat_old, **flat_new} if flat_old.get(key) != flat_new.get(key)]
    pairs = {key: [list(filter(None, [one.get(key)])) for one in (flat_old, flat_new)] for key in keys}
    return [
        RowDifference(key, "anders", (FactChange("Inhoud", compare_entries(*pair)),)) for key, pair in pairs.items()
    ]


def _flat(data: Mapping[str, Any], before: str = "") -> Sequence[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in data.items():
        name = f"{before}{key}".replace("_", " ")
        found += _flat(value, f"{name}: ") if isinstance(value, dict) else [(name, str(value))]
    return found
