"""Places in the drawing, the sides of a box, and lines through corners."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple


class Side(StrEnum):
    """A side of a box."""

    TOP = "top"
    BOTTOM = "bottom"
    LEFT = "left"
    RIGHT = "right"


class Point(NamedTuple):
    """A place in the drawing."""

    x: float
    y: float


def trace(start: Point, out_y: float, gutter_x: float | None, in_y: float, end: Point) -> list[Point]:
    """Return the corners of a line that leaves at one height, changes height once and arrives at another."""
    corners = [start, Point(start.x, out_y)]
    if gutter_x is not None:
        corners += [Point(gutter_x, out_y), Point(gutter_x, in_y), Point(end.x, in_y)]
    else:
        corners.append(Point(end.x, out_y))
    return _simplified([*corners, end])


def _simplified(corners: Sequence[Point]) -> list[Point]:
    kept: list[Point] = []
    for corner in corners:
        if kept and kept[-1] == corner:
            continue
        if len(kept) > 1 and (kept[-2].x == kept[-1].x == corner.x or kept[-2].y == kept[-1].y == corner.y):
            kept.pop()
        kept.append(corner)
    return kept


def distance_between(one: Point, two: Point) -> float:
    """Return how far two places are apart, along level and upright lines."""
    return abs(one.x - two.x) + abs(one.y - two.y)


def towards(start: Point, goal: Point, distance: float) -> Point:
    """Return the place at a distance from the start in the direction of the goal."""
    whole = distance_between(start, goal) or 1.0
    return Point(start.x + (goal.x - start.x) / whole * distance, start.y + (goal.y - start.y) / whole * distance)
