"""The drawing keeps its promises, for the routes of the handbook and for flows nobody thought of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from portal.flow.models import END, Answer, Flow, Role, Route, Step, read_flow
from portal.flow.swimlane import Drawing, draw
from portal.flow.swimlane.text import text_width
from portal.flow.swimlane.ways import answer_labels
from portal.lib.yamlfile import load
from tests.conftest import LONG

CONTENT = Path(__file__).resolve().parents[2] / "content" / "stroomschema.yaml"
FLOW = read_flow(load(CONTENT.read_text(encoding="utf-8")))
SVG = "{http://www.w3.org/2000/svg}"
SIZES = {"flow-text": 14.5, "flow-question": 14.0, "flow-nr": 19.0, "flow-page": 13.0, "flow-label": 13.0}
PILL_HEIGHT = 20.0

Point = tuple[float, float]
every_route = pytest.mark.parametrize("route", FLOW.routes.values(), ids=list(FLOW.routes))


# --- reading a drawing back ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """A convex form: a box, a question, a connector, a label, an event."""

    corners: tuple[Point, ...]

    @property
    def left(self) -> float:
        return min(x for x, _ in self.corners)

    @property
    def right(self) -> float:
        return max(x for x, _ in self.corners)

    @property
    def top(self) -> float:
        return min(y for _, y in self.corners)

    @property
    def bottom(self) -> float:
        return max(y for _, y in self.corners)

    def reach_at(self, place: float, axis: int) -> tuple[float, float] | None:
        """Give from where to where the form reaches at this height (axis 1) or place (axis 0)."""
        hits = []
        for one, two in pairwise([*self.corners, self.corners[0]]):
            low, high = sorted((one[axis], two[axis]))
            if low <= place <= high and high > low:
                share = (place - one[axis]) / (two[axis] - one[axis])
                hits.append(one[1 - axis] + share * (two[1 - axis] - one[1 - axis]))
        return (min(hits), max(hits)) if hits else None

    def overlaps(self, other: "Shape") -> bool:
        return (
            self.left < other.right - 0.1
            and other.left < self.right - 0.1
            and self.top < other.bottom - 0.1
            and other.top < self.bottom - 0.1
        )

    def is_cut_by(self, one: Point, two: Point) -> bool:
        """Say whether a level or upright piece comes inside by more than a touch."""
        axis = 1 if one[1] == two[1] else 0
        border = (self.top, self.bottom) if axis == 1 else (self.left, self.right)
        if not border[0] + 0.2 < one[axis] < border[1] - 0.2:
            return False
        reach = self.reach_at(one[axis], axis)
        low, high = sorted((one[1 - axis], two[1 - axis]))
        return reach is not None and min(high, reach[1]) - max(low, reach[0]) > 1


@dataclass(frozen=True)
class Text:
    kind: str
    words: str
    shape: Shape


@dataclass(frozen=True)
class Line:
    goal: str
    dashed: bool
    labelled: bool
    pieces: tuple[tuple[Point, Point], ...]


class Picture:
    """What a drawing shows, as forms and lines."""

    def __init__(self, drawing: Drawing, route: Route) -> None:
        self.root = etree.fromstring(drawing.svg.encode())
        self.width, self.height = drawing.width, drawing.height
        boxes = [node for node in self.root.iter() if "flow-box" in (node.get("class") or "").split()]
        self.nodes = [shape_of(node) for node in boxes]
        self.events = [shape_of(node) for node in self.root.iter(f"{SVG}circle")]
        self.links = [thickened(node) for node in self.root.iter() if node.get("class") == "flow-link"]
        self.pills = [shape_of(node) for node in self.root.iter() if node.get("class") == "flow-pill"]
        self.texts = [text_of(node) for node in self.root.iter(f"{SVG}text")]
        self.lines = list(lines_of(self.root, route))

    @property
    def solid(self) -> list[Shape]:
        return [*self.nodes, *self.events, *self.links]


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]


def rectangle(left: float, top: float, width: float, height: float) -> Shape:
    return Shape(((left, top), (left + width, top), (left + width, top + height), (left, top + height)))


def shape_of(node: etree._Element) -> Shape:
    if node.tag == f"{SVG}rect":
        return rectangle(*(float(node.get(name, "0")) for name in ("x", "y", "width", "height")))
    if node.tag == f"{SVG}circle":
        x, y, radius = (float(node.get(name, "0")) for name in ("cx", "cy", "r"))
        return rectangle(x - radius, y - radius, 2 * radius, 2 * radius)
    values = numbers(node.get("d", ""))
    return Shape(tuple(zip(values[::2], values[1::2], strict=True)))


def thickened(node: etree._Element) -> Shape:
    x, top, _, bottom = numbers(node.get("d", ""))
    return rectangle(x - 2, top, 4, bottom - top)


def text_of(node: etree._Element) -> Text:
    words = "".join(node.itertext())
    parent = node.getparent()
    kind = (node.get("class") or (parent.get("class") if parent is not None else "") or "").split()[0]
    size = SIZES.get(kind, 14.0)
    x, y, width = float(node.get("x", "0")), float(node.get("y", "0")), text_width(words, size)
    left = x - width / 2 if node.get("text-anchor") == "middle" else x
    return Text(kind, words, rectangle(left, y - 0.75 * size, width, 0.95 * size))


def lines_of(root: etree._Element, route: Route) -> Iterator[Line]:
    """Give the lines with their goals: per step its goals in the order of the answers, the line of the start first."""
    paths = [node for node in root.iter(f"{SVG}path") if "flow-edge" in (node.get("class") or "").split()]
    goals = [("start", False)]
    for step in route.steps:
        own = list(dict.fromkeys(answer.to for answer in step.answers)) or [END]
        goals += [(goal, len(step.answers) > 1) for goal in own]
    for number, (node, (goal, labelled)) in enumerate(zip(paths, goals, strict=True)):
        own_goal = goal if any(step.id == goal for step in route.steps) else f"{goal} {number}"
        dashed = "flow-edge--back" in node.get("class", "")
        yield Line(own_goal, dashed, labelled, tuple(pairwise(corners_of(node.get("d", "")))))


def corners_of(path: str) -> list[Point]:
    """Give the corners of a path, bends taken as the corner they round."""
    corners: list[Point] = []
    for command, text in re.findall(r"([MLQ])([^MLQ]*)", path):
        values = numbers(text)
        points = list(zip(values[::2], values[1::2], strict=True))
        corners += points[:1] if command == "Q" else points
    kept: list[Point] = []
    for corner in corners:
        if kept and corner == kept[-1]:
            continue
        if len(kept) > 1 and any(kept[-2][axis] == kept[-1][axis] == corner[axis] for axis in (0, 1)):
            kept.pop()
        kept.append(corner)
    return kept


def drawn(flow: Flow, route: Route, own: frozenset[str] = frozenset()) -> Drawing:
    return draw(flow, route, own_roles=own, href=lambda step: f"/stap/{step.id}?a=1&b=2", ident="proef")


# --- the promises ----------------------------------------------------------------------------------------------------


def check_lines(picture: Picture) -> None:
    for line in picture.lines:
        for one, two in line.pieces:
            assert one[0] == two[0] or one[1] == two[1], "a line is level or upright"
            assert all(0 <= x <= picture.width and 0 <= y <= picture.height for x, y in (one, two))
            hit = [shape for shape in picture.solid if shape.is_cut_by(one, two)]
            assert not hit, f"{line.goal}: {one} - {two} cuts {hit}"


def check_lines_keep_apart(picture: Picture) -> None:
    """Only lines to the same goal run on top of each other."""
    for first, second in combinations(picture.lines, 2):
        if (first.goal, first.dashed) == (second.goal, second.dashed):
            continue
        for (one, two), (three, four) in ((a, b) for a in first.pieces for b in second.pieces):
            for axis in (0, 1):
                if one[axis] == two[axis] and three[axis] == four[axis] and abs(one[axis] - three[axis]) < 6:
                    low, high = sorted((one[1 - axis], two[1 - axis]))
                    other_low, other_high = sorted((three[1 - axis], four[1 - axis]))
                    assert min(high, other_high) - max(low, other_low) <= 1, f"{first.goal} on {second.goal}"


def check_labels(picture: Picture) -> None:
    for first, second in combinations(picture.pills, 2):
        assert not first.overlaps(second)
    for pill in picture.pills:
        assert pill.bottom - pill.top == PILL_HEIGHT
        assert pill.left >= 0
        assert pill.right <= picture.width
        assert not [shape for shape in picture.solid if pill.overlaps(shape)]
    labelled = [line for line in picture.lines if line.labelled]
    for pill, own in zip(picture.pills, labelled, strict=True):
        assert any(pill.is_cut_by(one, two) for one, two in own.pieces), "a label stands on its line"
        for line in picture.lines:
            if line.goal != own.goal:
                assert not any(pill.is_cut_by(one, two) for one, two in line.pieces), f"{line.goal} under a label"


def check_texts(picture: Picture) -> None:
    """Words stay inside what they belong to and do not meet other words or forms."""
    for text in picture.texts:
        assert text.shape.left >= 0
        assert text.shape.right <= picture.width
        homes = [*picture.pills] if text.kind == "flow-label" else picture.nodes
        if text.kind == "flow-event":
            assert not [shape for shape in (*picture.solid, *picture.pills) if text.shape.overlaps(shape)]
            continue
        assert any(holds(home, text.shape) for home in homes), f"{text.words!r} does not fit"
    for first, second in combinations(picture.texts, 2):
        assert not first.shape.overlaps(second.shape), f"{first.words!r} on {second.words!r}"


def holds(home: Shape, text: Shape) -> bool:
    if not (home.top <= text.top and text.bottom <= home.bottom):
        return False
    reaches = [home.reach_at(height, 1) for height in (text.top, text.bottom)]
    return all(reach and reach[0] - 0.1 <= text.left and text.right <= reach[1] + 0.1 for reach in reaches)


def check_nodes(picture: Picture) -> None:
    shapes = [*picture.nodes, *picture.events]
    for first, second in combinations(shapes, 2):
        assert not first.overlaps(second)
    for shape in shapes:
        assert shape.left >= 0
        assert shape.right <= picture.width
        assert shape.top >= 0
        assert shape.bottom <= picture.height


def check_content(flow: Flow, route: Route, drawing: Drawing, picture: Picture) -> None:
    """Every step is a link in process order, followed by its connectors; every answer is told."""
    inside = {step.id for step in route.steps}
    wanted = []
    for step in route.steps:
        pages = dict.fromkeys(answer.to for answer in step.answers if answer.to not in inside | {END})
        wanted += [f"/stap/{code}?a=1&b=2" for code in (step.id, *pages)]
    links = list(picture.root.iter(f"{SVG}a"))
    assert [link.get("href") for link in links] == wanted
    for link in links:
        shown = " ".join("".join(link.itertext()).split())
        assert link.get("aria-label", "").startswith(shown)
        assert shown
    ends = sum(not step.answers or any(answer.to == END for answer in step.answers) for step in route.steps)
    assert sum("flow-event--end" in (node.get("class") or "") for node in picture.root.iter()) == ends
    assert [(code, answer) for code, _, answer in drawing.answers] == [
        (step.id, answer) for step in route.steps for answer in step.answers
    ]
    told = "\n".join(node.text or "" for node in picture.root.iter(f"{SVG}title"))
    assert all(answer.when in told for _, _, answer in drawing.answers)


def check_form(picture: Picture) -> None:
    for node in picture.root.iter():
        assert not [name for name in node.attrib if name == "style" or str(name).lower().startswith("on")]
        assert node.tag not in (f"{SVG}script", f"{SVG}style", f"{SVG}foreignObject")
    ids = [node.get("id") for node in picture.root.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    assert picture.root.get("role") == "group"
    assert picture.root.get("aria-labelledby") in ids
    assert picture.root.get("aria-describedby") in ids


def check_all(flow: Flow, route: Route) -> None:
    drawing = drawn(flow, route)
    picture = Picture(drawing, route)
    check_form(picture)
    check_content(flow, route, drawing, picture)
    check_nodes(picture)
    check_lines(picture)
    check_lines_keep_apart(picture)
    check_labels(picture)
    check_texts(picture)


# --- the routes of the handbook --------------------------------------------------------------------------------------


@every_route
def test_the_drawing_keeps_its_promises(route: Route) -> None:
    check_all(FLOW, route)


@every_route
def test_the_same_route_gives_the_same_bytes(route: Route) -> None:
    again = read_flow(load(CONTENT.read_text(encoding="utf-8")))
    assert drawn(FLOW, route) == drawn(again, again.routes[route.id])


@every_route
def test_the_drawing_fits_a_laptop(route: Route) -> None:
    assert drawn(FLOW, route).width <= 1090


@every_route
def test_lanes_are_the_responsible_roles_in_the_order_of_the_flow(route: Route) -> None:
    lanes = [lane.role_id for lane in drawn(FLOW, route).lanes]
    assert set(lanes) == {step.responsible for step in route.steps}
    assert lanes == [role for role in FLOW.roles if role in lanes]


@every_route
def test_a_step_stands_in_the_lane_of_its_responsible_role(route: Route) -> None:
    drawing = drawn(FLOW, route)
    order = [lane.role_id for lane in drawing.lanes]
    lane_width = drawing.width / len(order)
    root = etree.fromstring(drawing.svg.encode())
    links = [link for link in root.iter(f"{SVG}a") if "flow-node--page" not in (link.get("class") or "")]
    for step, link in zip(route.steps, links, strict=True):
        box = shape_of(next(node for node in link if node.get("class") == "flow-box" and node.tag == f"{SVG}rect"))
        lane = order.index(step.responsible)
        assert lane * lane_width <= box.left < box.right <= (lane + 1) * lane_width + 0.5
        assert f"rol--{drawing.lanes[lane].colour}" in (link.get("class") or "").split()


@every_route
def test_own_roles_stand_out(route: Route) -> None:
    root = etree.fromstring(drawn(FLOW, route, frozenset({"corporatie"})).svg.encode())
    links = [link for link in root.iter(f"{SVG}a") if "flow-node--page" not in (link.get("class") or "")]
    for step, link in zip(route.steps, links, strict=True):
        assert ("is-mine" in (link.get("class") or "").split()) == ("corporatie" in step.roles)
    mine = [node for node in root.iter() if "flow-lane--mine" in (node.get("class") or "")]
    assert len(mine) == any(step.responsible == "corporatie" for step in route.steps)


def test_a_role_has_one_colour_in_every_route() -> None:
    colours: dict[str, set[int]] = {}
    for route in FLOW.routes.values():
        for lane in drawn(FLOW, route).lanes:
            colours.setdefault(lane.role_id, set()).add(lane.colour)
    assert {role: {place} for place, role in enumerate(FLOW.roles, 1) if role in colours} == colours


def test_own_roles_and_address_do_not_change_the_lines() -> None:
    route = FLOW.routes["LOO"]
    plain = Picture(drawn(FLOW, route), route)
    mine = Picture(draw(FLOW, route, own_roles=frozenset(FLOW.roles), href=lambda step: step.id), route)
    assert plain.lines == mine.lines


def test_loops_back_are_dashed_and_other_lines_are_not() -> None:
    picture = Picture(drawn(FLOW, FLOW.routes["LOO"]), FLOW.routes["LOO"])
    dashed = [line.goal for line in picture.lines if line.dashed]
    assert sorted(dashed) == ["LOO-01"] * 5 + ["LOO-05"]


@pytest.mark.parametrize(
    ("texts", "labels"),
    [
        (["Altijd"], [""]),
        ([], []),
        (["Ja", "Nee: geen beroep op het fonds"], ["Ja", "Nee"]),
        (["Toegekend", "Afgewezen"], ["A", "B"]),
        (["Ja, nu", "Ja, later", "nee"], ["Ja A", "Ja B", "Nee"]),
        (["Ja", "Jarenlang niet"], ["Ja", "A"]),
        (["Zo"] * 28, [*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "AA", "BB"]),
    ],
)
def test_labels_are_short_and_differ(texts: list[str], labels: list[str]) -> None:
    assert list(answer_labels([Answer(text, END) for text in texts])) == labels


def test_answers_with_the_same_goal_share_a_line() -> None:
    picture = Picture(drawn(FLOW, FLOW.routes["INS"]), FLOW.routes["INS"])
    assert {"B, C", "A-D"} <= {text.words for text in picture.texts if text.kind == "flow-label"}


# --- flows nobody thought of -----------------------------------------------------------------------------------------

WORDS = [
    *("advies", "de", "en", "het", "is", "<b>&amp;</b>", '"zo"', "'nu'", "hulp", "huurder", "één", "ï", "7", "?", "W"),
    *("zorgcontract", "uitvoeringsdienst", "samenwerkingsafspraken", "schuldhulpverleningstraject", "M…"),
]
phrases = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


@st.composite
def flows(make: st.DrawFn) -> Flow:
    roles = [f"rol{number}" for number in range(make(st.integers(1, 13)))]
    here = [f"ABC-{number:02}" for number in range(1, make(st.integers(1, 9)) + 1)]
    there = ["XY-01", "LANGECODE-02"]
    goals = st.sampled_from([*here, *here, *there, END])
    most = make(st.sampled_from([1, 2, 3, 7]))
    used = roles[: make(st.integers(1, 6))]
    steps = {}
    for code in [*here, *there]:
        when = st.sampled_from(["Ja", "Nee", "Ja, maar later", "Altijd"]) | phrases
        answers = make(st.lists(st.builds(Answer, when, goals), max_size=most))
        steps[code] = step_of(code, make(phrases), make(st.sampled_from(used)), make(st.none() | phrases), answers)
    routes = {
        name: Route(name, order, f"{name} & <zo>", "", (), tuple(step for step in steps.values() if step.route == name))
        for order, name in enumerate(("ABC", "XY", "LANGECODE"))
    }
    return Flow(here[0], {role: Role(role, f"De <{role}>", True, None, ()) for role in roles}, routes, steps)


def step_of(code: str, title: str, responsible: str, question: str | None, answers: list[Answer]) -> Step:
    return Step(
        id=code,
        route=code.partition("-")[0],
        title=title,
        kind="besluit" if question else "actie",
        responsible=responsible,
        involved=(),
        question=question,
        term=None,
        tasks={},
        how={},
        done_when=None,
        documents={},
        answers=tuple(answers),
        covenant=(),
        grounding="genoemd",
        remark=None,
        open_points=(),
        tell_tenant=(),
    )


@given(flows())
@settings(max_examples=60 if LONG else 20)
def test_any_flow_keeps_the_promises(flow: Flow) -> None:
    for route in flow.routes.values():
        check_all(flow, route)
    assert drawn(flow, flow.routes["ABC"]) == drawn(flow, flow.routes["ABC"])


def test_a_route_without_steps_is_an_empty_drawing() -> None:
    drawing = drawn(FLOW, Route("LEEG", 12, "Leeg", "", (), ()))
    assert drawing.lanes == ()
    assert etree.fromstring(drawing.svg.encode()).tag == f"{SVG}svg"
