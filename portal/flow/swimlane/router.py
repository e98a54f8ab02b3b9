"""The choice of a plan for every way between two steps of the route."""

from collections.abc import Iterator, Sequence

from portal.flow.swimlane.grid import Cell, Sizes, frame_of
from portal.flow.swimlane.hanging import LEAST_BESIDE, LEAST_SLOT
from portal.flow.swimlane.plans import (
    EDGE,
    ENTER_ROOM,
    LABEL_GAP,
    LENGTH_COST,
    TRACK,
    Line,
    Plan,
    count_crossings,
    line_of,
    overlap,
)
from portal.flow.swimlane.points import Point, Side, trace
from portal.flow.swimlane.ways import Way

_CROSSING_COST = 80.0
_SHARED_COST = 8.0
"""For two lines along the same gutter or channel: they need room for two tracks."""
_MOST_SAVED = 80.0
_ROUNDS = 3
_CHANNEL = 38.0
"""Height of a channel while the plans are chosen."""
_WIDEST_SIDE_LABEL = 60.0


class Router:
    """Picks the plan of each way between two steps of the route: few bends, short, few crossings."""

    def __init__(self, cells: Sequence[Cell], sizes: Sizes) -> None:
        """List the possible lines of every way; nothing is chosen yet."""
        self.cells = cells
        self.sizes = sizes
        self.taken = {(cell.lane, cell.row) for cell in cells}
        rows = max((cell.row for cell in cells), default=-1) + 1
        self.frame = frame_of(cells, [_CHANNEL] * (rows + 1))
        self.chosen: dict[int, Line] = {}
        self.pairs: dict[tuple[int, int], tuple[float, float]] = {}
        self.options = {
            way.index: self._options(way, cell, cells[way.target])
            for cell in cells
            for way in cell.ways
            if way.target is not None
        }

    def bar(self, plan: Plan) -> bool:
        """Take a plan from the options; False when it is the last one that leaves at the bottom and enters aside."""
        rest = [line for line in self.options[plan.way.index] if line.plan is not plan]
        if all(line.plan.leave is not Side.BOTTOM for line in rest):
            return False
        self.options[plan.way.index] = rest
        return True

    def plans(self) -> list[Plan]:
        """Return a plan for every way that ends at a step of this route."""
        order = sorted(self.options, key=lambda index: _urgency(self.options[index][0].plan))
        for _ in range(_ROUNDS):
            before = dict(self.chosen)
            for index in order:
                self.chosen.pop(index, None)
                self.chosen[index] = self._best(self.options[index])
            if self.chosen == before:
                break
        return [self.chosen[index].plan for index in sorted(order)]

    def _best(self, options: Sequence[Line]) -> Line:
        best, lowest = options[0], float("inf")
        for line in options:
            if line.base_cost - _MOST_SAVED >= lowest:
                break
            cost = line.base_cost + self._company_cost(line, lowest)
            if cost < lowest:
                best, lowest = line, cost
        return best

    def _company_cost(self, line: Line, limit: float) -> float:
        """Return what it costs to have this line beside the lines chosen so far."""
        cost, saved = 0.0, 0.0
        for other in self.chosen.values():
            pair = (id(line), id(other))
            if pair not in self.pairs:
                self.pairs[pair] = self._pair_cost(line, other)
            extra, shared = self.pairs[pair]
            cost += extra
            saved = max(saved, shared)
            if line.base_cost + cost - _MOST_SAVED > limit:
                break
        return cost - saved

    def _pair_cost(self, line: Line, other: Line) -> tuple[float, float]:
        """Return what two lines cost each other and what they save by running together."""
        shared, crossings = overlap(line, other)
        cost = self._clash_cost(line.plan, other.plan) + self._clash_cost(other.plan, line.plan)
        if other.plan.way.bundle == line.plan.way.bundle:
            return cost, min(_MOST_SAVED, LENGTH_COST * shared)
        crossings += count_crossings(line, other)
        return cost + _CROSSING_COST * crossings + (_SHARED_COST if shared else 0.0), 0.0

    def _clash_cost(self, plan: Plan, other: Plan) -> float:
        """Keep one way per side of a step and lines away from labels."""
        cost = 0.0
        if plan.source is other.source and plan.leave is other.leave:
            cost += 10 if plan.leave is Side.BOTTOM else 500
        if plan.target is other.source and plan.enter == other.leave:
            cost += 6 if other.source.question else 40
        gutter = plan.label_gutter
        if gutter is None:
            return cost
        room = self.sizes.gutter - ENTER_ROOM - plan.way.label_width - 2 * LABEL_GAP
        if gutter == other.gutter and other.passes(2 * plan.source.row + 1):
            cost += 150 if room < (TRACK if plan.gutter == gutter else 0) else 0
        if gutter == other.label_gutter and plan.source.row == other.source.row:
            cost += 75 if room < other.way.label_width + LABEL_GAP else 0
        return cost

    def _options(self, way: Way, source: Cell, target: Cell) -> list[Line]:
        """Return the possible lines, the cheapest first; there always is one along a gutter from bottom to side."""
        plans = self._plans(way, source, target)
        lines = [line_of(plan, self._nominal(plan), self._extra_cost(plan)) for plan in plans]
        return sorted(lines, key=lambda line: line.base_cost)

    def _plans(self, way: Way, source: Cell, target: Cell) -> Iterator[Plan]:
        for leave in (Side.BOTTOM, Side.LEFT, Side.RIGHT):
            for gutter in (None, *range(self.sizes.count + 1)):
                sides = [Side.TOP]
                if gutter is not None:
                    sides.append(Side.LEFT if gutter <= target.lane else Side.RIGHT)
                for enter in sides:
                    plan = Plan(way, source, target, leave, gutter, enter)
                    if self._leaves_well(plan) and self._enters_well(plan):
                        yield plan

    def _leaves_well(self, plan: Plan) -> bool:
        source, target = plan.source, plan.target
        if plan.leave is Side.BOTTOM:
            return True
        if not self._label_fits(plan):
            return False
        to_left = plan.leave is Side.LEFT
        if plan.gutter is None:
            goes_there = target.lane < source.lane if to_left else target.lane > source.lane
            return goes_there and self._row_is_free(source, target.lane + (-1 if to_left else 1))
        if (plan.gutter <= source.lane) != to_left:
            return False
        return self._row_is_free(source, plan.gutter - to_left)

    def _label_fits(self, plan: Plan) -> bool:
        """Say whether the label at a side leaves room for the line to turn in the gutter beside it."""
        width = plan.way.label_width
        if plan.label_gutter is None or plan.gutter != plan.label_gutter:
            return width <= _WIDEST_SIDE_LABEL
        outer = plan.gutter in (0, self.sizes.count)
        room = self.sizes.gutter / 2 - EDGE if outer else self.sizes.gutter - ENTER_ROOM
        return width + 2 * LABEL_GAP <= room

    def _enters_well(self, plan: Plan) -> bool:
        source, target = plan.source, plan.target
        if plan.gutter is not None and plan.enter is not Side.TOP:
            return self._row_is_free(target, plan.gutter - (plan.enter is Side.LEFT))
        if plan.way.is_back or target.is_first:
            return False
        if plan.gutter is not None:
            return plan.out_level != plan.in_level
        first = source.row + (plan.leave is Side.BOTTOM)
        return all((target.lane, row) not in self.taken for row in range(first, target.row))

    def _row_is_free(self, cell: Cell, towards: int) -> bool:
        """Say whether the cells between this one and lane ``towards``, both not counted, are empty."""
        low, high = sorted((cell.lane, towards))
        return all((lane, cell.row) not in self.taken for lane in range(low + 1, high))

    def _nominal(self, plan: Plan) -> list[Point]:
        source, target = plan.source, plan.target
        frame, sizes = self.frame, self.sizes
        if plan.leave is Side.BOTTOM:
            start = Point(sizes.centre(source.lane), frame.foot(source))
            out_y = frame.channel[source.row + 1] + _CHANNEL / 2
        else:
            out_y = frame.exit_middle(source)
            start = Point(sizes.edge(source.lane, plan.leave), out_y)
        if plan.enter is Side.TOP:
            end = Point(sizes.centre(target.lane), frame.box_top[target.row])
            in_y = frame.channel[target.row] + _CHANNEL / 2
        else:
            in_y = frame.box_middle(target.row)
            end = Point(sizes.edge(target.lane, plan.enter), in_y)
        return trace(start, out_y, None if plan.gutter is None else plan.gutter * sizes.lane, in_y, end)

    def _extra_cost(self, plan: Plan) -> float:
        cost = 0.0
        if plan.enter is not Side.TOP and not plan.way.is_back:
            cost += 16
        if plan.leave is Side.BOTTOM:
            wanted = sum(max(way.label_width, self.sizes.chip) + LEAST_BESIDE for way in plan.source.hanging)
            if wanted + max(LEAST_SLOT, plan.way.label_width) > self.sizes.node:
                cost += 90
        return cost


def _urgency(plan: Plan) -> tuple[bool, int, int]:
    """Ways to the next row choose first, loops back last."""
    return plan.way.is_back, abs(plan.target.row - plan.source.row), plan.way.index
