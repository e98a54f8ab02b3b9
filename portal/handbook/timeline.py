"""What changed, release by release, and for which roles; nothing here knows of HTTP."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.documents.models import document_of
from portal.flow.models import Flow
from portal.releases.models import ItemKind, Release, Version
from portal.releases.queries import Period
from portal.search.facets import facets_of


@dataclass(frozen=True)
class Change:
    """One version that a release brought. ``roles`` is None when it concerns everybody."""

    version: Version
    roles: frozenset[str] | None = None
    steps: tuple[str, ...] = ()
    """Of the flow: the steps that differ from the version before."""
    before: int | None = None
    """Of a document: the number of the version it started from, to compare with."""

    def concerns(self, role: str) -> bool:
        """Whether this change is one for a role; without a role every change counts."""
        return not role or self.roles is None or role in self.roles


@dataclass(frozen=True)
class Chapter:
    """A release with its changes; the one with which the handbook began has none, for all of it was new."""

    release: Release
    changes: tuple[Change, ...]
    count: int
    """Versions in it."""
    is_first: bool
    is_new: bool
    """Whether it was published since the reader's previous visit."""


def changes_of(
    versions: Sequence[Version], flow: Flow, base_of: Callable[[Version], Version | None]
) -> tuple[Change, ...]:
    """Return the versions of one release as changes: of documents first, each with the roles it concerns.

    ``flow`` says who uses which document; ``base_of`` gives the version that a version of the flow started from.
    """
    documents = {v.item.code: document_of(v) for v in versions if v.item.kind == ItemKind.DOCUMENT}
    facets = facets_of(flow, documents)
    made = []
    for version in versions:
        if version.item.kind == ItemKind.DOCUMENT:
            base = base_of(version)
            comparable = base is not None and has_text(base) and has_text(version)
            before = base.number if base is not None and comparable else None
            made.append(Change(version, facets[version.item.code].roles, before=before))
        elif version.item.kind == ItemKind.FLOW and (base := base_of(version)):
            made.append(_flow_change(version, base))
        else:
            made.append(Change(version))
    return tuple(sorted(made, key=lambda change: change.version.item.kind != ItemKind.DOCUMENT))


def has_text(version: Version) -> bool:
    """Whether there is something of a version to read: it does not withdraw its document, and was not destroyed."""
    return not version.withdrawn and version.destroyed_at is None


def what_brought(periods: Sequence[Period], old: Version, new: Version) -> tuple[Version, ...]:
    """Return the versions by which an item went from one version to another, the first first; none to an earlier one.

    ``periods`` is its history, the newest first. Numbers do not tell: a later version may take effect before one that
    was announced. What held in between, but is not what the new one was made from, brought nothing.
    """
    at = {period.version.id: place for place, period in enumerate(periods)}
    found, wanted = [], new.id
    for version in (period.version for period in periods[at[new.id] : at[old.id]]):
        if version.id == wanted:
            found.append(version)
            wanted = version.based_on or 0
    return tuple(reversed(found))


def _flow_change(version: Version, base: Version) -> Change:
    """Return a change of the flow: for the roles of every step that is new, gone or different."""
    before, after = _steps(base.data), _steps(version.data)
    changed = tuple(code for code in {**after, **before} if before.get(code) != after.get(code))
    if base.data | {"stappen": ()} != version.data | {"stappen": ()}:
        return Change(version, None, changed)
    rows = [step for code in changed for steps in (before, after) if (step := steps.get(code))]
    roles = frozenset(role for row in rows for role in (row["verantwoordelijk"], *row["betrokken"]))
    return Change(version, roles, changed)


def _steps(data: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {row["id"]: row for row in data["stappen"]}
