"""The plan of a way (which sides, which gutter) and what two lines cost each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from portal.flow.swimlane.grid import Cell
from portal.flow.swimlane.points import Point, Side, distance_between
from portal.flow.swimlane.ways import Way

_BEND_COST = 26.0
LENGTH_COST = 0.12
TRACK = 8.0
ENTER_ROOM = 10.0
EDGE = 7.0
LABEL_GAP = 4.0


@dataclass(frozen=True)
class Plan:
    """How a way runs: out of a side, perhaps along a gutter, into a side. ``gutter`` g is left of lane g.

    Levels count channels and rows from above: channel r is 2r, row r is 2r + 1.
    """

    way: Way
    source: Cell
    target: Cell
    leave: Side
    gutter: int | None
    enter: Side

    @property
    def out_level(self) -> int:
        """The level at which the way leaves."""
        return 2 * self.source.row + (2 if self.leave is Side.BOTTOM else 1)

    @property
    def in_level(self) -> int:
        """The level at which the way arrives."""
        return 2 * self.target.row + (0 if self.enter is Side.TOP else 1)

    @cached_property
    def levels(self) -> tuple[int, int]:
        """The highest and the lowest level of the upright piece in the gutter."""
        return min(self.out_level, self.in_level), max(self.out_level, self.in_level)

    @property
    def ends(self) -> tuple[tuple[int, bool], tuple[int, bool]]:
        """The level of both ends of that piece and whether the line goes to the right there."""
        gutter = self.gutter or 0
        return (self.out_level, self.source.lane >= gutter), (self.in_level, self.target.lane >= gutter)

    @cached_property
    def label_gutter(self) -> int | None:
        """The gutter in which the label stands, when the way leaves at a side and has one."""
        if self.leave is Side.BOTTOM or not self.way.label:
            return None
        return self.source.lane + (self.leave is Side.RIGHT)

    def passes(self, level: int) -> bool:
        """Say whether the upright piece passes or touches a level."""
        low, high = self.levels
        return low <= level <= high

    def meets(self, other: "Plan") -> bool:
        """Say whether the upright pieces of two plans touch the same level."""
        return self.levels[0] <= other.levels[1] and other.levels[0] <= self.levels[1]


class _Piece(NamedTuple):
    """A straight piece: its height or place, its ends, and where the line goes on there: -1 up or left, 1, or 0."""

    place: float
    start: float
    end: float
    start_turn: int
    end_turn: int


@dataclass(frozen=True, eq=False)
class Line:
    """A possible line with its level and upright pieces."""

    plan: Plan
    level: tuple[_Piece, ...]
    upright: tuple[_Piece, ...]
    base_cost: float


def line_of(plan: Plan, corners: Sequence[Point], extra: float) -> Line:
    """Return the line through these corners, with its cost; ``extra`` is what the plan costs beside its shape."""
    level: list[_Piece] = []
    upright: list[_Piece] = []
    length = 0.0
    for number, (one, two) in enumerate(pairwise(corners)):
        length += distance_between(one, two)
        before = corners[number - 1] if number else one
        after = corners[number + 2] if number + 2 < len(corners) else two
        if one.y == two.y:
            level.append(_piece(one.y, (one.x, before.y - one.y), (two.x, after.y - two.y)))
        else:
            upright.append(_piece(one.x, (one.y, before.x - one.x), (two.y, after.x - two.x)))
    cost = extra + _BEND_COST * (len(corners) - 2) + LENGTH_COST * length
    return Line(plan, tuple(level), tuple(upright), cost)


def _piece(place: float, *ends: tuple[float, float]) -> _Piece:
    (start, start_turn), (end, end_turn) = sorted(ends)
    return _Piece(place, start, end, (start_turn > 0) - (start_turn < 0), (end_turn > 0) - (end_turn < 0))


def count_crossings(one: Line, two: Line) -> int:
    """Return how often two lines cross."""
    count = 0
    for level, upright in ((one.level, two.upright), (two.level, one.upright)):
        for y, left, right, _, _ in level:
            for x, top, bottom, _, _ in upright:
                if left < x < right and top < y < bottom:
                    count += 1
    return count


def overlap(one: Line, two: Line) -> tuple[float, int]:
    """Return the length over which two lines would coincide, and the crossings left when they get tracks there."""
    length, crossings = 0.0, 0
    for pieces, others in ((one.level, two.level), (one.upright, two.upright)):
        for piece in pieces:
            for other in others:
                if piece.place == other.place and piece.start < other.end and other.start < piece.end:
                    length += min(piece.end, other.end) - max(piece.start, other.start)
                    crossings += min(_crossings_beside(piece, other), _crossings_beside(other, piece))
    return length, crossings


def _crossings_beside(first: _Piece, second: _Piece) -> int:
    """Return the crossings of two pieces when the first gets the upper or left track."""
    return (
        (first.start_turn > 0 and second.start < first.start < second.end)
        + (first.end_turn > 0 and second.start < first.end < second.end)
        + (second.start_turn < 0 and first.start < second.start < first.end)
        + (second.end_turn < 0 and first.start < second.end < first.end)
        + (first.start == second.start and first.start_turn > 0 > second.start_turn)
        + (first.end == second.end and first.end_turn > 0 > second.end_turn)
    )
