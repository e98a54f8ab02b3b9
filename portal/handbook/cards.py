"""What the reading pages show, composed from flow, documents and view; nothing here knows of HTTP."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from portal.documents.models import Document, DocumentKind, document_of
from portal.flow.models import END, Answer, Flow, Role, Route, Step, flow_of
from portal.releases.models import Version
from portal.releases.view import View
from portal.search.facets import Facets, Filters


@dataclass(frozen=True)
class RolePart:
    """What one role does in a step, and with which documents as far as this view may know of them."""

    role: Role
    mine: bool
    responsible: bool
    task: str
    how: tuple[str, ...]
    documents: tuple[Document, ...]
    gone: tuple[Document, ...] = ()
    """What the flow still names here and is withdrawn or destroyed."""


@dataclass(frozen=True)
class NextStep:
    """One way on: under which condition, to which step; ``step`` is None where the work ends."""

    answer: Answer
    step: Step | None
    route: Route | None


@dataclass(frozen=True)
class StepCard:
    """Everything a reader needs at one step."""

    step: Step
    route: Route
    mine: tuple[RolePart, ...]
    others: tuple[RolePart, ...]
    outside: tuple[tuple[Role, str], ...]
    """Roles that do not use the portal, such as the huurder, with what they do."""
    next_steps: tuple[NextStep, ...]
    previous: tuple[Step, ...]
    warnings: tuple[Document, ...]
    """Documents of this step that carry a warning."""

    @property
    def documents(self) -> dict[str, Document]:
        """Every document on this card, by code."""
        return {d.code: d for part in (*self.mine, *self.others) for d in part.documents}


def step_card(
    flow: Flow,
    step: Step,
    documents: Mapping[str, Document],
    view: View,
    gone: Mapping[str, Version] = MappingProxyType({}),
) -> StepCard:
    """Compose the card of one step for a view: own roles first, then the others."""
    own = flow.own_roles(view.roles)
    parts = [
        RolePart(
            role=flow.roles[role],
            mine=role in own,
            responsible=role == step.responsible,
            task=step.tasks.get(role, ""),
            how=step.how.get(role, ()),
            documents=tuple(documents[code] for code in step.documents_for([role]) if code in documents),
            gone=tuple(document_of(gone[code]) for code in step.documents_for([role]) if code in gone),
        )
        for role in step.roles
        if flow.roles[role].in_portal
    ]
    mine = sorted((part for part in parts if part.mine), key=lambda part: own.index(part.role.id))
    shown = {d.code: d for part in parts for d in part.documents}
    return StepCard(
        step=step,
        route=flow.routes[step.route],
        mine=tuple(mine),
        others=tuple(part for part in parts if not part.mine),
        outside=tuple(
            (flow.roles[role], step.tasks[role])
            for role in step.roles
            if not flow.roles[role].in_portal and role in step.tasks
        ),
        next_steps=tuple(_next(flow, answer) for answer in step.answers),
        previous=flow.steps_before.get(step.id, ()),
        warnings=tuple(d for d in shown.values() if d.warning),
    )


def _next(flow: Flow, answer: Answer) -> NextStep:
    step = None if answer.to == END else flow.steps[answer.to]
    return NextStep(answer, step, flow.routes[step.route] if step else None)


@dataclass(frozen=True)
class ComingStep:
    """With which version of the flow a step becomes different, and how; ``step`` is None when it is not there then."""

    version: Version
    step: Step | None


def coming_step(step: Step, announced: Iterable[Version], may_know: Callable[[str], bool]) -> ComingStep | None:
    """Return what first becomes of a step in the flows announced, as far as a reader sees a difference."""
    for version in announced:
        later = flow_of(version).steps.get(step.id)
        if later is None or _seen(later, may_know) != _seen(step, may_know):
            return ComingStep(version, later)
    return None


def _seen(step: Step, may_know: Callable[[str], bool]) -> dict[str, Any]:
    named = {role: known for role, codes in step.documents.items() if (known := [*filter(may_know, codes)])}
    return vars(step) | {"documents": named}


@dataclass(frozen=True)
class RouteCard:
    """A route as home and the overview show it: what it is for and how far it concerns this reader."""

    route: Route
    responsible_in: int
    involved_in: int


def route_cards(flow: Flow, view: View) -> tuple[RouteCard, ...]:
    """Return every route with the number of steps in which the reader is responsible, and takes part at all."""
    own = set(flow.own_roles(view.roles))
    return tuple(
        RouteCard(
            route,
            responsible_in=sum(step.responsible in own for step in route.steps),
            involved_in=sum(bool(own & set(step.roles)) for step in route.steps),
        )
        for route in flow.routes.values()
    )


def documents_for(flow: Flow, view: View, documents: Mapping[str, Document], most: int) -> tuple[Document, ...]:
    """Return the documents this reader needs most: those the flow gives their roles in most steps."""
    own = flow.own_roles(view.roles)
    uses: dict[str, int] = {}
    for step in flow.steps.values():
        for code in step.documents_for(own):
            uses[code] = uses.get(code, 0) + (2 if step.responsible in own else 1)
    wanted = sorted((code for code in uses if code in documents), key=lambda code: (-uses[code], code))
    return tuple(documents[code] for code in wanted[:most])


def matching(
    facets: Mapping[str, Facets], documents: Sequence[Document], filters: Filters, own_roles: Iterable[str] = ()
) -> tuple[Document, ...]:
    """Return the documents that fit all filters: by kind, then those for one's own roles first, then by code."""
    order, own = list(DocumentKind), set(own_roles)
    fitting = (document for document in documents if filters.let_through(facets[document.code]))
    return tuple(sorted(fitting, key=lambda d: (order.index(d.kind), own.isdisjoint(d.audience), d.code)))


def by_letter(terms: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Return terms of the glossary by first letter, in the order of the alphabet; accents do not count."""

    def key(term: Mapping[str, Any]) -> str:
        plain = unicodedata.normalize("NFKD", str(term["term"])).casefold()
        return "".join(c for c in plain if not unicodedata.combining(c))

    letters: dict[str, list[Mapping[str, Any]]] = {}
    for term in sorted(terms, key=key):
        letters.setdefault(key(term)[0].upper(), []).append(term)
    return letters
