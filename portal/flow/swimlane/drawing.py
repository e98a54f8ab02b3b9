"""The drawing of a route with what the page prints around it."""

from collections.abc import Callable
from dataclasses import dataclass

from portal.flow.models import Answer, Flow, Route, Step
from portal.flow.swimlane.grid import Lane
from portal.flow.swimlane.layout import lay_out
from portal.flow.swimlane.paint import Painter
from portal.flow.swimlane.ways import answer_labels, ways_of


@dataclass(frozen=True)
class Drawing:
    """The drawing of a route and what the page prints around it."""

    svg: str
    lanes: tuple[Lane, ...]
    width: int
    height: int
    answers: tuple[tuple[str, str, Answer], ...]
    """Step id, label on the arrow and answer; the label is empty where a step has only one answer."""

    @property
    def letters(self) -> tuple[tuple[str, str, Answer], ...]:
        """The answers that say more than the letter or the word on their arrow."""
        return tuple(row for row in self.answers if row[1] and row[1].lower() != row[2].when.lower())


def draw(
    flow: Flow, route: Route, *, own_roles: frozenset[str], href: Callable[[Step], str], ident: str = "schema"
) -> Drawing:
    """Draw a route of a flow that passed its checks; ``href`` gives the address of a step's page."""
    lanes = _lanes(flow, route)
    ways = ways_of(flow, route)
    layout = lay_out(route, lanes, ways)
    painter = Painter(flow, route, lanes, layout, own_roles, href, ident)
    answers = tuple(
        (step.id, label, answer)
        for step in route.steps
        for label, answer in zip(answer_labels(step.answers), step.answers, strict=True)
    )
    return Drawing(painter.svg(), lanes, round(layout.sizes.width), round(layout.frame.height), answers)


def _lanes(flow: Flow, route: Route) -> tuple[Lane, ...]:
    responsible = {step.responsible for step in route.steps}
    return tuple(
        Lane(role.id, role.title, flow.colour_of(role.id)) for role in flow.roles.values() if role.id in responsible
    )
