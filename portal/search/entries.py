"""What there is to find in a version of an item: its documents, routes, steps, terms and amounts as plain text."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portal.documents.models import document_of
from portal.documents.reading import TextSection, sections
from portal.flow.models import END, Flow, Step, flow_of
from portal.releases.models import ItemKind, Version

ROUTE, STEP, TERM, AMOUNT = "traject", "stap", "begrip", "bedrag"
"""Kinds of what can be found, beside the kinds of documents."""


@dataclass(frozen=True)
class Entry:
    """One thing to find. ``keywords`` are words by which it is known beside its title."""

    code: str
    kind: str
    title: str
    keywords: tuple[str, ...]
    sections: tuple[TextSection, ...]


def entries_of(version: Version) -> list[Entry]:
    """Return everything to find in a version; nothing for kinds that readers do not meet on a page of their own."""
    if version.withdrawn or version.destroyed_at:
        return []
    make = _MAKERS.get(ItemKind(version.item.kind))
    return [_composed(entry) for entry in make(version)] if make else []


def _composed(entry: Entry) -> Entry:
    """Return the entry with letters and accents in one sign each, so that a word in it is found as one word."""
    sections = (TextSection(s.anchor, _one_sign_each(s.heading), _one_sign_each(s.text)) for s in entry.sections)
    keywords = tuple(map(_one_sign_each, entry.keywords))
    some = tuple(sections) or (TextSection("", "", ""),)  # a file without a word in it is still found by its title
    return Entry(entry.code, entry.kind, _one_sign_each(entry.title), keywords, some)


def _one_sign_each(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _document(version: Version) -> Iterator[Entry]:
    document = document_of(version)
    words = tuple(version.data.get("zoekwoorden", ()))
    yield Entry(document.code, document.kind.value, document.title, words, sections(document))


def _flow(version: Version) -> Iterator[Entry]:
    flow = flow_of(version)
    for route in flow.routes.values():
        yield Entry(route.id, ROUTE, route.title, (), (TextSection("", "", route.summary),))
    for step in flow.steps.values():
        yield Entry(step.id, STEP, step.title, (), tuple(_step(flow, step)))


def _step(flow: Flow, step: Step) -> Iterator[TextSection]:
    ways = [f"{answer.when}: {flow.steps[answer.to].title}" for answer in step.answers if answer.to != END]
    yield TextSection("", "", _lines(step.question, step.term, step.done_when, *ways, *step.tell_tenant))
    for role in step.roles:
        text = _lines(step.tasks.get(role), *step.how.get(role, ()))
        if flow.roles[role].in_portal and text:
            yield TextSection(f"rol-{role}", flow.roles[role].title, text)


def _glossary(version: Version) -> Iterator[Entry]:
    for row in version.data["begrippen"]:
        anchor = f"begrip-{row['id']}"
        yield Entry(anchor, TERM, row["term"], tuple(row.get("ook", ())), (TextSection(anchor, "", row["uitleg"]),))


def _amounts(version: Version) -> Iterator[Entry]:
    for row in [*_rows(version.data, "bedragen"), *_rows(version.data, "termijnen")]:
        anchor = f"waarde-{row['id']}"
        yield Entry(anchor, AMOUNT, row["omschrijving"], (), (TextSection(anchor, "", str(row["waarde"])),))


def _rows(data: Mapping[str, Any], name: str) -> Iterable[Mapping[str, Any]]:
    found: Iterable[Mapping[str, Any]] = data.get(name, ())
    return found


def _lines(*texts: str | None) -> str:
    return "\n".join(text for text in texts if text)


_MAKERS: Mapping[ItemKind, Callable[[Version], Iterator[Entry]]] = {
    ItemKind.DOCUMENT: _document,
    ItemKind.FLOW: _flow,
    ItemKind.GLOSSARY: _glossary,
    ItemKind.AMOUNTS: _amounts,
}
