"""What a change changes: shown while writing, in a draft before it is published, and when two editors meet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from portal import db
from portal.compare.comparison import compare
from portal.compare.metadata import FactChange, compare_facts
from portal.compare.models import Comparison
from portal.desk.fields import LISTS, shown
from portal.desk.pages import blueprint, editing, everything, page
from portal.documents.controls import WordError
from portal.documents.pages import PageError
from portal.handbook import lens
from portal.handbook.timeline import has_text
from portal.lib.errors import NotFound
from portal.publishing.drafts import draft_by_id, version_in
from portal.releases.models import ItemKind, Version
from portal.releases.operations import Content, content_of

WHOLE_TEXT = "hele-tekst"


@dataclass(frozen=True)
class RowDifference:
    """One row of a list that came, went or changed: what was in its fields, and what is now."""

    name: str
    status: str
    fields: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Differences:
    """Everything in which two contents of one item differ."""

    text: Comparison | None
    facts: tuple[FactChange, ...] = ()
    rows: tuple[RowDifference, ...] = ()


def differences(kind: ItemKind, old: Content, new: Content) -> Differences:
    """Return in what two contents of an item differ; of a page that cannot be read yet only the metadata."""
    if kind is not ItemKind.DOCUMENT:
        return Differences(None, rows=tuple(_rows(kind, old.data, new.data)))
    titles = {role.id: role.title for role in lens.flow(everything()).roles.values()}
    facts = compare_facts(old.data, new.data, titles)
    try:
        return Differences(compare(old, new), facts)
    except (PageError, WordError):
        return Differences(None, facts)


def _rows(kind: ItemKind, old: dict[str, Any], new: dict[str, Any]) -> Sequence[RowDifference]:
    found = []
    for rows in LISTS.get(kind, ()):
        was = {row[rows.number]: row for row in old.get(rows.key, ())}
        now = {row[rows.number]: row for row in new.get(rows.key, ())}
        for number in dict.fromkeys([*was, *now]):
            before, after = was.get(number), now.get(number)
            if before == after:
                continue
            name = str((after or before or {}).get(rows.name, number))
            changed = tuple(
                (one.label, shown(one, (before or {}).get(one.key)), shown(one, (after or {}).get(one.key)))
                for one in rows.fields
                if (before or {}).get(one.key) != (after or {}).get(one.key)
            )
            found.append(RowDifference(name, "nieuw" if not before else "vervalt" if not after else "anders", changed))
    return found or _plain(old, new)


def _plain(old: dict[str, Any], new: dict[str, Any]) -> Sequence[RowDifference]:
    """Return the differences of an item that is no list, such as the colophon."""
    flat_old, flat_new = dict(_flat(old)), dict(_flat(new))
    keys = [key for key in {**flat_old, **flat_new} if flat_old.get(key) != flat_new.get(key)]
    return [RowDifference(key, "anders", (("", flat_old.get(key, ""), flat_new.get(key, "")),)) for key in keys]


def _flat(data: dict[str, Any], before: str = "") -> Sequence[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in data.items():
        name = f"{before}{key}".replace("_", " ")
        found += _flat(value, f"{name}: ") if isinstance(value, dict) else [(name, str(value))]
    return found


def started_from(session: Session, version: Version) -> Version | None:
    """Return the published version that a version in a draft started from."""
    return session.get(Version, version.based_on) if version.based_on else None


@blueprint.get("/uitgaven/<int:number>/<code>/verschil")
@editing
def difference(number: int, code: str) -> Any:
    """What one change in a draft changes."""
    draft = draft_by_id(db.session(), number)
    version = version_in(db.session(), draft, code)
    before = started_from(db.session(), version) if version else None
    if version is None or before is None or not (has_text(version) and has_text(before)):
        raise NotFound
    return page(
        "verschil.html",
        draft=draft,
        version=version,
        before=before,
        found=differences(ItemKind(version.item.kind), content_of(before), content_of(version)),
        whole=request.args.get("toon") == WHOLE_TEXT,
    )
