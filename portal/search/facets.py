"""By what the handbook can be narrowed down: kind, role and route. The library and the search use the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from portal.documents.models import Document
from portal.flow.models import Flow
from portal.search.entries import ROUTE, STEP


class Facets(NamedTuple):
    """What one thing in the handbook is, for whom, and on which routes."""

    kind: str = ""
    roles: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Filters:
    """What the handbook is narrowed down to; an empty value narrows nothing."""

    kind: str = ""
    role: str = ""
    route: str = ""

    def let_through(self, facets: Facets) -> bool:
        """Tell whether something passes."""
        kind, role, route = self.each_lets_through(facets)
        return kind and role and route

    def each_lets_through(self, facets: Facets) -> tuple[bool, bool, bool]:
        """Tell of kind, role and route each whether it lets something pass."""
        return (
            self.kind in ("", facets.kind),
            not self.role or self.role in facets.roles,
            not self.route or self.route in facets.routes,
        )


def facets_of(flow: Flow, documents: Mapping[str, Document]) -> dict[str, Facets]:
    """Return the facets of each document, step and route, by code."""
    found = {document.code: _of_document(flow, document) for document in documents.values()}
    found |= {step.id: Facets(STEP, frozenset(step.roles), frozenset({step.route})) for step in flow.steps.values()}
    return found | {route.id: Facets(ROUTE, route.roles, frozenset({route.id})) for route in flow.routes.values()}


def _of_document(flow: Flow, document: Document) -> Facets:
    steps = flow.steps_of_document.get(document.code, ())
    users = {role for step in steps for role, codes in step.documents.items() if document.code in codes}
    return Facets(document.kind.value, frozenset(users | set(document.audience)), frozenset(s.route for s in steps))
