"""The layout written as one SVG text."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from html import escape

from portal.flow.models import Flow, Route, Step
from portal.flow.swimlane.grid import START_HEIGHT, Cell, Lane
from portal.flow.swimlane.hanging import drop_start
from portal.flow.swimlane.layout import Layout
from portal.flow.swimlane.plans import Plan
from portal.flow.swimlane.points import Point, Side
from portal.flow.swimlane.shapes import (
    EVENT_RADIUS,
    RADIUS,
    bar,
    event,
    hexagon,
    meeting,
    nr,
    pill,
    rectangle,
    rounded,
    sign,
    text_block,
    tooltip,
)
from portal.flow.swimlane.ways import Way


class Painter:
    """Writes the layout as SVG."""

    def __init__(
        self,
        flow: Flow,
        route: Route,
        lanes: Sequence[Lane],
        layout: Layout,
        own_roles: frozenset[str],
        href: Callable[[Step], str],
        ident: str,
    ) -> None:
        """Take the layout and who looks at it."""
        self.flow = flow
        self.route = route
        self.lanes = lanes
        self.layout = layout
        self.own_roles = own_roles
        self.href = href
        self.ident = escape(ident)

    def svg(self) -> str:
        """Return the complete element."""
        return "\n".join([*self._head(), *self._lanes(), *self._ways(), *self._nodes(), "</svg>"])

    def _head(self) -> Iterator[str]:
        width, height = round(self.layout.sizes.width), round(self.layout.frame.height)
        ident = self.ident
        names = ", ".join(lane.title for lane in self.lanes)
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="flow" viewBox="0 0 {width} {height}" width="{width}"'
            f' height="{height}" role="group" aria-labelledby="{ident}-titel" aria-describedby="{ident}-uitleg">'
        )
        yield f'<title id="{ident}-titel">Stroomschema: {escape(self.route.title)}</title>'
        yield (
            f'<desc id="{ident}-uitleg">Stappen van boven naar beneden. Elke kolom is een rol, van links naar rechts:'
            f" {escape(names)}. Elke stap is een link.</desc>"
        )
        yield (
            f'<defs><marker id="{ident}-pijl" viewBox="0 0 10 10" refX="11" refY="5" markerWidth="9" markerHeight="9"'
            ' markerUnits="userSpaceOnUse" orient="auto"><path class="flow-arrow" d="M0 0 10 5 0 10z"/></marker></defs>'
        )

    def _lanes(self) -> Iterator[str]:
        sizes, height = self.layout.sizes, round(self.layout.frame.height)
        for place, lane in enumerate(self.lanes):
            mine = " flow-lane--mine" if lane.role_id in self.own_roles else ""
            kind = f"flow-lane flow-lane--{lane.colour} rol--{lane.colour}{mine}"
            yield rectangle(kind, place * sizes.lane + 3, 0, sizes.lane - 6, height, RADIUS)

    def _ways(self) -> Iterator[str]:
        """Yield lines and labels; hidden for screen readers, the list under the drawing tells the same."""
        yield '<g class="flow-ways" aria-hidden="true">'
        labels: list[str] = []
        drawn: dict[tuple[int | None, bool], list[list[Point]]] = defaultdict(list)
        plans = {plan.way.index: plan for plan in self.layout.tracks.plans}
        for cell in self.layout.cells:
            if cell.is_first:
                yield self._start_line(cell)
            for way in cell.ways:
                plan = plans.get(way.index)
                corners = self._corners(cell, way, plan)
                yield self._edge(way, corners, meeting(corners, drawn[way.bundle]) if plan else None)
                drawn[way.bundle].append(corners)
                if way.label:
                    labels.append(pill(way, self._label_place(cell, way, plan)))
        yield from labels
        yield "</g>"

    def _corners(self, cell: Cell, way: Way, plan: Plan | None) -> list[Point]:
        if plan is not None:
            return self.layout.tracks.corners(plan, self.layout.frame)
        start = drop_start(cell, way, self.layout.sizes, self.layout.frame)
        return [start, Point(start.x, self.layout.frame.foot(cell) + cell.drop_goal[way.index].y)]

    def _edge(self, way: Way | None, corners: Sequence[Point], joins: Sequence[Point] | None = None) -> str:
        """Return a line with an arrowhead, or one that ends where it joins a line to the same goal."""
        kind = "flow-edge flow-edge--back" if way and way.is_back else "flow-edge"
        title = tooltip(way.tooltip) if way else ""
        end = "" if joins else f' marker-end="url(#{self.ident}-pijl)"'
        return f'<path class="{kind}" d="{rounded(joins or corners)}"{end}>{title}</path>'

    def _start_line(self, cell: Cell) -> str:
        x, bottom = self.layout.sizes.centre(cell.lane), self.layout.frame.box_top[cell.row]
        return self._edge(None, [Point(x, bottom - START_HEIGHT + 2 * EVENT_RADIUS), Point(x, bottom)])

    def _label_place(self, cell: Cell, way: Way, plan: Plan | None) -> Point:
        if plan is not None and plan.leave is not Side.BOTTOM:
            shift = self.layout.tracks.shift[way.index, True]
            return Point(self.layout.tracks.side_label_x(plan), self.layout.frame.exit_middle(cell) + shift)
        return self._below(cell, cell.drop_label[way.index])

    def _below(self, cell: Cell, place: Point) -> Point:
        return Point(self.layout.sizes.centre(cell.lane) + place.x, self.layout.frame.foot(cell) + place.y)

    def _nodes(self) -> Iterator[str]:
        """Yield the start, the steps in process order, each followed by what hangs under it."""
        for cell in self.layout.cells:
            if cell.is_first:
                top = self.layout.frame.box_top[cell.row] - START_HEIGHT
                yield event("start", "Start", Point(self.layout.sizes.centre(cell.lane), top), beside=True)
            yield from self._step(cell)
            for way in cell.hanging:
                place = self._below(cell, cell.drop_goal[way.index])
                if way.page is None:
                    yield event("end", "Einde", place, beside=cell.is_stair)
                else:
                    yield self._connector(way.page, place)

    def _step(self, cell: Cell) -> Iterator[str]:
        step, sizes, frame = cell.step, self.layout.sizes, self.layout.frame
        colour = self.flow.colour_of(step.responsible)
        mine = " is-mine" if self.own_roles.intersection(step.roles) else ""
        kind = "decision" if cell.question else "step"
        shown = " ".join(filter(None, (str(step.number), step.title, step.question if cell.question else None)))
        name = f"{' '.join(shown.split())}, {self.flow.roles[step.responsible].title}"
        yield (
            f'<a class="flow-node flow-node--{kind} rol--{colour}{mine}" href="{escape(self.href(step))}"'
            f' aria-label="{escape(name)}">'
        )
        left, top, height = sizes.edge(cell.lane, Side.LEFT), frame.box_top[cell.row], frame.box_height[cell.row]
        if cell.question:
            yield from self._question_shape(cell)
        yield rectangle("flow-focus", left - 4, top - 4, sizes.node + 8, height + 8, RADIUS + 3)
        yield rectangle("flow-box", left, top, sizes.node, height, RADIUS)
        yield bar(left, top, height)
        middle = frame.box_middle(cell.row)
        yield f'<text class="flow-nr" x="{nr(left + 15)}" y="{nr(middle + 6.5)}">{step.number}</text>'
        yield text_block("flow-text", cell.title, Point(left + sizes.indent, middle), "start")
        if cell.question:
            centre = Point(sizes.centre(cell.lane), frame.question_middle[cell.row])
            yield text_block("flow-question", cell.question, centre, "middle")
        yield "</a>"

    def _question_shape(self, cell: Cell) -> Iterator[str]:
        sizes, frame = self.layout.sizes, self.layout.frame
        centre = Point(sizes.centre(cell.lane), frame.question_middle[cell.row])
        half = cell.question_height / 2
        box_bottom = frame.box_top[cell.row] + frame.box_height[cell.row]
        yield f'<path class="flow-link" d="M{nr(centre.x)} {nr(box_bottom)}L{nr(centre.x)} {nr(centre.y - half)}"/>'
        yield hexagon("flow-focus", centre, sizes.node / 2 + 5, half + 4, cell.point)
        yield hexagon("flow-box", centre, sizes.node / 2, half, cell.point)

    def _connector(self, target: Step, top: Point) -> str:
        """Return the small sign that the work goes on in another route."""
        width, colour = self.layout.sizes.chip, self.flow.colour_of(target.responsible)
        route = self.flow.routes.get(target.route)
        role = self.flow.roles[target.responsible].title
        where = f", traject {route.title}" if route else ""
        name = f"naar {target.id}: {target.title}, {role}{where}"
        return (
            f'<a class="flow-node flow-node--page rol--{colour}" href="{escape(self.href(target))}"'
            f' aria-label="{escape(name)}">'
            f"{sign('flow-focus', top, width, 4)}{sign('flow-box', top, width, 0)}"
            f"{text_block('flow-page flow-to', ['naar'], Point(top.x, top.y + 9), 'middle')} "
            f"{text_block('flow-page', [target.id], Point(top.x, top.y + 24), 'middle')}</a>"
        )
