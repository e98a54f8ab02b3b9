"""What leaves a step at the bottom, and where it hangs."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from portal.flow.swimlane.grid import CHIP_HEIGHT, LABEL_HEIGHT, LABEL_ROOM, Cell, Frame, Sizes
from portal.flow.swimlane.plans import Plan
from portal.flow.swimlane.points import Point
from portal.flow.swimlane.ways import Way

_STAIR = 16.0
_STAIR_INSET = 10.0
"""What hangs on a stair starts this much left of its line."""
LEAST_SLOT = 24.0
LEAST_BESIDE = 6.0
_BESIDE = 18.0


class NodeTooNarrow(Exception):
    """What leaves a step at the bottom needs a wider node."""

    def __init__(self, needed: float) -> None:
        """Tell the width that is needed."""
        super().__init__(needed)
        self.needed = needed


class _Slot(NamedTuple):
    """The room a way needs under its step: for its label, and below that for its line or what hangs there."""

    way: Way | None
    label: float
    body: float


_BLANK = _Slot(None, 0.0, 24.0)
"""Keeps the middle free for a line that arrives there."""


def hang(cell: Cell, plans: Sequence[Plan], sizes: Sizes, centre_taken: bool) -> None:
    """Place everything that leaves this cell at the bottom: side by side, or as a stair when that is too wide."""
    left: list[_Slot] = []
    middle: list[_Slot] = []
    right: list[_Slot] = []
    for plan in plans:
        turn = plan.target.lane - cell.lane if plan.gutter is None else 1 if plan.gutter > cell.lane else -1
        (middle if turn == 0 else left if turn < 0 else right).append(_slot(plan.way, sizes))
    hanging = [_slot(way, sizes) for way in cell.hanging]
    through = [slot.way for slot in (*left, *middle, *right) if slot.way]
    if centre_taken and plans and not middle:
        middle = [_BLANK]
    for beside in (_BESIDE, LEAST_BESIDE):
        places = _side_by_side(left, hanging, right, middle, beside)
        if all(abs(x) + max(slot.label, slot.body) / 2 <= sizes.node / 2 + 4 for slot, x in places):
            _hang_in_row(cell, {slot.way.index: x for slot, x in places if slot.way})
            return
    _hang_as_stair(cell, through, sizes)


def _slot(way: Way, sizes: Sizes) -> _Slot:
    return _Slot(way, way.label_width, sizes.chip if way.target is None else LEAST_SLOT / 2)


def _side_by_side(
    left: Sequence[_Slot], hanging: Sequence[_Slot], right: Sequence[_Slot], middle: Sequence[_Slot], beside: float
) -> list[tuple[_Slot, float]]:
    """Return the slots with their distance from the middle; the one in ``middle``, if any, stands exactly there."""
    if not middle:
        row = _spread([*left, *hanging, *right], beside)
        shift = (row[0][1] + row[-1][1]) / 2 if row else 0.0
        return [(slot, x - shift) for slot, x in row]
    before, after = list(left), list(right)
    for slot in reversed(hanging):
        if len(after) <= len(before):
            after.insert(0, slot)
        else:
            before.insert(len(left), slot)
    row = _spread([*before, *middle, *after], beside)
    shift = row[len(before)][1]
    return [(slot, x - shift) for slot, x in row]


def _spread(row: Sequence[_Slot], beside: float) -> list[tuple[_Slot, float]]:
    places: list[tuple[_Slot, float]] = []
    for slot in row:
        x = 0.0
        if places:
            last, last_x = places[-1]
            x = last_x + max(last.label + slot.label, last.body + slot.body) / 2 + beside
        places.append((slot, x))
    return places


def _hang_in_row(cell: Cell, places: Mapping[int, float]) -> None:
    ways = {way.index: way for way in cell.ways}
    labelled = any(ways[index].label for index in places)
    goal_y = 44.0 if labelled else 30.0
    cell.is_stair = False
    cell.drop_x = dict(places)
    cell.drop_label = {index: Point(x, 6 + LABEL_HEIGHT / 2) for index, x in places.items() if ways[index].label}
    cell.drop_goal = {index: Point(x, goal_y) for index, x in places.items() if ways[index].target is None}
    cell.drop_height = goal_y + CHIP_HEIGHT if cell.drop_goal else LABEL_ROOM if labelled else 0.0


def _hang_as_stair(cell: Cell, through: Sequence[Way], sizes: Sizes) -> None:
    """Give what hangs its own step down, the rightmost line first, so that no line meets what hangs beside it."""
    cell.is_stair = True
    cell.drop_x, cell.drop_label, cell.drop_goal = {}, {}, {}
    x = max(cell.point, LEAST_SLOT / 2) - sizes.node / 2
    for way in through:
        x += way.label_width / 2
        x = _STAIR / 2 if abs(x) < _STAIR / 2 else x
        cell.drop_x[way.index] = x
        if way.label:
            cell.drop_label[way.index] = Point(x, 6 + LABEL_HEIGHT / 2)
        x += max(way.label_width / 2 + LEAST_BESIDE, _STAIR)
    x += _STAIR_INSET if through else 0.0
    for way in cell.hanging:
        cell.drop_x[way.index] = x
        x += _STAIR
    needed = x - _STAIR + max([sizes.chip, *(way.label_width for way in cell.hanging)]) - _STAIR_INSET + sizes.node / 2
    if needed > sizes.node:
        raise NodeTooNarrow(needed)
    cell.drop_height = LABEL_ROOM
    down = 0.0
    for way in reversed(cell.hanging):
        down = _hang_one(cell, way, down, sizes)
        cell.drop_height = down


def _hang_one(cell: Cell, way: Way, down: float, sizes: Sizes) -> float:
    """Place one connector or end event of a stair and return where the next may come."""
    x = cell.drop_x[way.index]
    if way.label:
        cell.drop_label[way.index] = Point(x - _STAIR_INSET + way.label_width / 2, down + 6 + LABEL_HEIGHT / 2)
    top = down + (LABEL_ROOM if way.label else 4.0) + 18
    cell.drop_goal[way.index] = Point(x - _STAIR_INSET + sizes.chip / 2 if way.page else x, top)
    return top + CHIP_HEIGHT + 4


def drop_start(cell: Cell, way: Way, sizes: Sizes, frame: Frame) -> Point:
    """Return where a way leaves the lower edge of its step or question."""
    distance = cell.drop_x[way.index]
    y = frame.foot(cell)
    beyond = abs(distance) - (sizes.node / 2 - cell.point)
    if cell.question and beyond > 0:
        y -= beyond / cell.point * cell.question_height / 2
    return Point(sizes.centre(cell.lane) + distance, y)
