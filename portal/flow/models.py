"""The flow (stroomschema) read from the data of its version. Keys are those of ``content/stroomschema.yaml``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from portal.releases.models import Version

END = "EINDE"
"""Where a route stops without a further step."""


@dataclass(frozen=True)
class Role:
    """A profession in the flow. ``under`` is the role it belongs to: a casusregisseur works at the zorgaanbieder."""

    id: str
    title: str
    in_portal: bool
    under: str | None
    covenant: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """One way on from a step: under which condition, to which step (or ``END``)."""

    when: str
    to: str


@dataclass(frozen=True, eq=False)
class Step:
    """One step: who does what, before when, with which documents, and what comes next."""

    id: str
    route: str
    title: str
    kind: str
    responsible: str
    involved: tuple[str, ...]
    question: str | None
    term: str | None
    tasks: Mapping[str, str]
    how: Mapping[str, tuple[str, ...]]
    done_when: str | None
    documents: Mapping[str, tuple[str, ...]]
    answers: tuple[Answer, ...]
    covenant: tuple[str, ...]
    grounding: str
    remark: str | None
    open_points: tuple[str, ...]
    tell_tenant: tuple[str, ...]

    @property
    def roles(self) -> tuple[str, ...]:
        """All roles in this step, the responsible one first."""
        return (self.responsible, *self.involved)

    @property
    def number(self) -> int:
        """The number within the route: 7 for KAN-07."""
        return int(self.id.rpartition("-")[2])

    def documents_for(self, roles: Iterable[str]) -> tuple[str, ...]:
        """Return the codes of the documents these roles need here, each once, in the order of the flow."""
        return tuple(dict.fromkeys(code for role in roles for code in self.documents.get(role, ())))


@dataclass(frozen=True, eq=False)
class Route:
    """One of the eleven routes (trajecten)."""

    id: str
    order: int
    title: str
    summary: str
    covenant: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def roles(self) -> frozenset[str]:
        """Every role that takes part somewhere in this route."""
        return frozenset(role for step in self.steps for role in step.roles)


@dataclass(frozen=True, eq=False)
class Flow:
    """The whole flow."""

    start: str
    roles: Mapping[str, Role]
    routes: Mapping[str, Route]
    steps: Mapping[str, Step] = field(repr=False)

    @cached_property
    def steps_of_document(self) -> Mapping[str, tuple[Step, ...]]:
        """Which steps use which document, by code, in the order of the flow."""
        used: dict[str, list[Step]] = {}
        for step in self.steps.values():
            for code in step.documents_for(step.documents):
                used.setdefault(code, []).append(step)
        return {code: tuple(steps) for code, steps in used.items()}

    @cached_property
    def steps_before(self) -> Mapping[str, tuple[Step, ...]]:
        """Which steps lead to which step."""
        before: dict[str, list[Step]] = {}
        for step in self.steps.values():
            for answer in step.answers:
                if step not in before.setdefault(answer.to, []):
                    before[answer.to].append(step)
        return {code: tuple(steps) for code, steps in before.items()}

    def colour_of(self, role_id: str) -> int:
        """Return the number of the colour of a role, from 1; the same role has it on every page."""
        return list(self.roles).index(role_id) + 1

    def own_roles(self, roles: Iterable[str]) -> tuple[str, ...]:
        """Return these roles and the ones that fall under them: who works at a zorgaanbieder may be casusregisseur."""
        chosen = [role for role in roles if role in self.roles]
        below = [role.id for role in self.roles.values() if role.under in chosen]
        return tuple(dict.fromkeys([*chosen, *below]))


def flow_of(version: Version) -> Flow:
    """Return the flow a version holds; read once per content."""
    found = _cache.get(version.content_hash)
    if found is None:
        found = _cache[version.content_hash] = read_flow(version.data)
        if len(_cache) > CACHED:
            _cache.pop(next(iter(_cache)))
    return found


CACHED = 8
_cache: dict[str, Flow] = {}


def read_flow(data: Mapping[str, Any]) -> Flow:
    """Return the flow in this data, which must have passed the checks of ``publishing.checks``."""
    roles = {row["id"]: _role(row) for row in data["rollen"]}
    steps = {row["id"]: _step(row) for row in data["stappen"]}
    routes = {
        row["id"]: Route(
            id=row["id"],
            order=row["volgorde"],
            title=row["titel"],
            summary=row.get("samenvatting", ""),
            covenant=tuple(row["convenant"]),
            steps=tuple(step for step in steps.values() if step.route == row["id"]),
        )
        for row in sorted(data["trajecten"], key=lambda row: row["volgorde"])
    }
    return Flow(data["start"], roles, routes, steps)


def _role(row: Mapping[str, Any]) -> Role:
    return Role(row["id"], row["titel"], row["portaalgebruiker"], row.get("valt_onder"), tuple(row["convenant"]))


def _step(row: Mapping[str, Any]) -> Step:
    return Step(
        id=row["id"],
        route=row["traject"],
        title=row["titel"],
        kind=row["soort"],
        responsible=row["verantwoordelijk"],
        involved=tuple(row["betrokken"]),
        question=row.get("vraag"),
        term=row.get("termijn"),
        tasks=dict(row["wat_doet_wie"]),
        how={role: tuple(lines) for role, lines in row.get("werkwijze", {}).items()},
        done_when=row.get("klaar_als"),
        documents={role: tuple(codes) for role, codes in row["documenten"].items()},
        answers=tuple(Answer(answer["als"], answer["naar"]) for answer in row["volgende"]),
        covenant=tuple(row["convenant"]),
        grounding=row["grond"],
        remark=row.get("toelichting"),
        open_points=tuple(row.get("open_punten", ())),
        tell_tenant=tuple(row.get("huurder_vertellen", ())),
    )
