"""Which lines may share a track, and which track gives the fewest crossings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from portal.flow.swimlane.grid import Cell
from portal.flow.swimlane.plans import ENTER_ROOM, Plan
from portal.flow.swimlane.points import Side

SLOT = 14.0
_LABEL_SLOT = 24.0


@dataclass(frozen=True)
class Run:
    """A level piece of a plan in a channel; each end goes on up or down."""

    plan: Plan
    is_out: bool
    ends: tuple[tuple[float, bool], tuple[float, bool]]
    """Place and whether the line goes on downwards there."""

    @property
    def left(self) -> float:
        """The left end."""
        return min(self.ends[0][0], self.ends[1][0])

    @property
    def right(self) -> float:
        """The right end."""
        return max(self.ends[0][0], self.ends[1][0])


class NoRoom(Exception):
    """A gutter is too narrow for this plan beside the others."""

    def __init__(self, plan: Plan) -> None:
        """Tell which plan does not fit."""
        super().__init__(plan)
        self.plan = plan


class BesideRow(NamedTuple):
    """A level piece of a plan beside a row; gutter g is 2g, lane c is 2c + 1."""

    low: float
    high: float
    plan: Plan
    is_out: bool

    def clashes(self, other: "BesideRow", distance: float) -> bool:
        """Say whether two pieces, this far above each other, would meet; pieces with the same goal may."""
        if self.is_out == other.is_out and self.plan.way.bundle == other.plan.way.bundle:
            return False
        labelled = all(piece.is_out and piece.plan.label_gutter is not None for piece in (self, other))
        too_near = abs(distance) < (_LABEL_SLOT if labelled else SLOT)
        return too_near and self.low <= other.high and other.low <= self.high


def row_reach(cell: Cell, side: Side, goal: float) -> tuple[float, float]:
    """Return from where to where a level line beside a row goes; gutter g is 2g, lane c is 2c + 1."""
    start = 2 * cell.lane + (0.5 if side is Side.LEFT else 1.5)
    return min(start, goal), max(start, goal)


def best_place(plan: Plan, free: Sequence[float], placed: Sequence[tuple[Plan, float]]) -> float:
    """Return the place in a gutter with the fewest crossings, as near to the middle as can be."""
    options = []
    for rank, x in enumerate(free):
        taken = [other for other, other_x in placed if other_x == x and other.meets(plan)]
        if all(other.way.bundle == plan.way.bundle for other in taken):
            cost = sum(_gutter_crossings(plan, x, other, other_x) for other, other_x in placed)
            options.append((10 * cost - 3 * len(taken), rank, x))
    if not options:
        raise NoRoom(plan)
    return min(options)[2]


def _gutter_crossings(plan: Plan, x: float, other: Plan, other_x: float) -> float:
    if plan.way.bundle == other.way.bundle or x == other_x:
        return 0.0
    left, right = (plan, other) if x < other_x else (other, plan)
    cost = sum(_within(level, right) for level, to_right in left.ends if to_right)
    return cost + sum(_within(level, left) for level, to_right in right.ends if not to_right)


def _within(level: int, plan: Plan) -> float:
    """Return 1 when a level line at this level crosses the upright piece, a bit when that depends on the tracks."""
    low, high = plan.levels
    return 1.0 if low < level < high else 0.4 if level in (low, high) else 0.0


def place_run(run: Run, tracks: list[list[Run]]) -> None:
    """Put a run on the track, old or new, that gives the fewest crossings."""
    options = [(5.0 + _track_cost(run, place, tracks, is_new=True), place, True) for place in range(len(tracks) + 1)]
    options += [
        (_track_cost(run, place, tracks, is_new=False), place, False)
        for place, track in enumerate(tracks)
        if all(_fit_together(run, other) for other in track)
    ]
    _, place, is_new = min(options)
    if is_new:
        tracks.insert(place, [run])
    else:
        tracks[place].append(run)


def _track_cost(run: Run, place: int, tracks: Sequence[Sequence[Run]], *, is_new: bool) -> float:
    above = [other for track in tracks[:place] for other in track]
    below = [other for track in tracks[place if is_new else place + 1 :] for other in track]
    crossings = sum(_run_crossings(other, run) for other in above) + sum(_run_crossings(run, other) for other in below)
    return 10.0 * crossings


def _fit_together(one: Run, two: Run) -> bool:
    if one.plan.way.bundle == two.plan.way.bundle:
        return True
    return one.right + ENTER_ROOM <= two.left or two.right + ENTER_ROOM <= one.left


def _run_crossings(upper: Run, lower: Run) -> int:
    if upper.plan.way.bundle == lower.plan.way.bundle:
        return 0
    down = sum(lower.left < x < lower.right for x, goes_down in upper.ends if goes_down)
    return down + sum(upper.left < x < upper.right for x, goes_down in lower.ends if not goes_down)
