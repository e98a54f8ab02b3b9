"""The forms of the drawing as pieces of SVG."""

from collections.abc import Iterable, Sequence
from html import escape

from portal.flow.swimlane.grid import CHIP_HEIGHT, LABEL_HEIGHT
from portal.flow.swimlane.points import Point, distance_between, towards
from portal.flow.swimlane.text import LEADING
from portal.flow.swimlane.ways import Way

EVENT_RADIUS = 12.0

_CORNER = 8.0
RADIUS = 6.0


def nr(value: float) -> str:
    """Return a number with at most one decimal, without a useless zero."""
    text = f"{value:.1f}"
    return "0" if text == "-0.0" else text.removesuffix(".0")


def tooltip(text: str) -> str:
    """Return the words that show when the pointer rests on a form."""
    return f"<title>{escape(text)}</title>" if text else ""


def rectangle(kind: str, left: float, top: float, width: float, height: float, radius: float) -> str:
    """Return a rectangle with rounded corners."""
    return (
        f'<rect class="{kind}" x="{nr(left)}" y="{nr(top)}" width="{nr(width)}" height="{nr(height)}"'
        f' rx="{nr(radius)}"/>'
    )


def bar(left: float, top: float, height: float) -> str:
    """Return the bar in the colour of the role along the left side of a box."""
    radius = nr(RADIUS)
    to_side, back = f"a{radius} {radius} 0 0 0 -{radius} {radius}", f"a{radius} {radius} 0 0 0 {radius} {radius}"
    return f'<path class="flow-bar" d="M{nr(left + RADIUS)} {nr(top)}{to_side}v{nr(height - 2 * RADIUS)}{back}z"/>'


def text_block(kind: str, lines: Sequence[str], middle: Point, anchor: str) -> str:
    """Return lines of text around a height; the space between the lines is for who hears or copies them."""
    first = middle.y - (len(lines) - 1) * LEADING / 2 + 5
    return " ".join(
        f'<text class="{kind}" x="{nr(middle.x)}" y="{nr(first + number * LEADING)}" text-anchor="{anchor}">'
        f"{escape(line)}</text>"
        for number, line in enumerate(lines)
    )


def pill(way: Way, middle: Point) -> str:
    """Return the label of a way."""
    width = way.label_width
    rect = rectangle("flow-pill", middle.x - width / 2, middle.y - LABEL_HEIGHT / 2, width, LABEL_HEIGHT, 10)
    return (
        f'<g class="flow-label">{tooltip(way.tooltip)}{rect}<text x="{nr(middle.x)}" y="{nr(middle.y + 4.5)}"'
        f' text-anchor="middle">{escape(way.label)}</text></g>'
    )


def event(kind: str, word: str, top: Point, *, beside: bool) -> str:
    """Return the circle of the start or an end, with its word beside or under it."""
    centre = top.y + EVENT_RADIUS
    radius = EVENT_RADIUS - (1 if kind == "start" else 2.5)
    place = Point(top.x + EVENT_RADIUS + 8, centre + 5) if beside else Point(top.x, top.y + 2 * EVENT_RADIUS + 16)
    anchor = "start" if beside else "middle"
    return (
        f'<g class="flow-event flow-event--{kind}"><circle cx="{nr(top.x)}" cy="{nr(centre)}" r="{nr(radius)}"/>'
        f'<text x="{nr(place.x)}" y="{nr(place.y)}" text-anchor="{anchor}">{word}</text></g>'
    )


def hexagon(kind: str, centre: Point, half_width: float, half_height: float, point: float) -> str:
    """Return the six-sided shape of a question."""
    left, right = centre.x - half_width, centre.x + half_width
    top, bottom = centre.y - half_height, centre.y + half_height
    return (
        f'<path class="{kind}" d="M{nr(left)} {nr(centre.y)}L{nr(left + point)} {nr(top)} {nr(right - point)} {nr(top)}'
        f' {nr(right)} {nr(centre.y)} {nr(right - point)} {nr(bottom)} {nr(left + point)} {nr(bottom)}z"/>'
    )


def sign(kind: str, top: Point, width: float, grow: float) -> str:
    """Return a sign that points down, the usual form for 'goes on elsewhere'."""
    left, right = top.x - width / 2 - grow, top.x + width / 2 + grow
    upper, shoulder, tip = top.y - grow, top.y + 33 + grow / 2, top.y + CHIP_HEIGHT + grow
    return (
        f'<path class="{kind}" d="M{nr(left)} {nr(upper)}L{nr(right)} {nr(upper)} {nr(right)} {nr(shoulder)}'
        f' {nr(top.x)} {nr(tip)} {nr(left)} {nr(shoulder)}z"/>'
    )


def rounded(corners: Sequence[Point]) -> str:
    """Return the path through these corners with rounded bends."""
    parts = [f"M{nr(corners[0].x)} {nr(corners[0].y)}"]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        radius = min(_CORNER, distance_between(before, corner) / 2, distance_between(corner, after) / 2)
        start, end = towards(corner, before, radius), towards(corner, after, radius)
        parts.append(f"L{nr(start.x)} {nr(start.y)}Q{nr(corner.x)} {nr(corner.y)} {nr(end.x)} {nr(end.y)}")
    parts.append(f"L{nr(corners[-1].x)} {nr(corners[-1].y)}")
    return "".join(parts)


def meeting(corners: Sequence[Point], others: Iterable[Sequence[Point]]) -> list[Point] | None:
    """Return the line up to just past where it joins one of the others for good; None when it joins none.

    Two dashed lines on top of each other would look like a whole one.
    """
    best: list[Point] | None = None
    for other in others:
        joined = _until(corners, other)
        if joined and (best is None or len(joined) <= len(best)):
            best = joined
    return best


def _until(corners: Sequence[Point], other: Sequence[Point]) -> list[Point] | None:
    same = 0
    while same < min(len(corners), len(other)) and corners[-1 - same] == other[-1 - same]:
        same += 1
    if same in (0, len(corners)):
        return None
    corner, last = corners[-same], corners[-1 - same]
    if same < len(other) and _same_direction(corner, last, other[-1 - same]):
        join = min(last, other[-1 - same], key=lambda point: distance_between(point, corner))
        return [*corners[: len(corners) - same], towards(join, corner, _CORNER)]
    if same > 1:
        return [*corners[: len(corners) - same + 1], towards(corner, corners[-same + 1], _CORNER)]
    return None


def _same_direction(start: Point, one: Point, two: Point) -> bool:
    if start.x == one.x == two.x:
        return (one.y > start.y) == (two.y > start.y)
    return start.y == one.y == two.y and (one.x > start.x) == (two.x > start.x)
