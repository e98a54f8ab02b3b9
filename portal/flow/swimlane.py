"""The drawing of one route: lanes are columns, time runs down, the result is one SVG text.

How it works, in the order of the code:

1. ``_ways`` turns the answers of the steps into ways on; answers of one step with the same target share a way.
2. ``_cells`` puts every step on a grid of lanes and rows. Ways to another route and to the end hang under their step.
3. ``_Router`` picks for every other way a plan: out of the step at the bottom or a side, along at most one gutter
   between two lanes, into the next step at its top or a side. Plans only use empty cells, so no line meets a box.
4. ``_Tracks`` gives lines that would coincide their own track in a gutter, their own height beside a row and their
   own track in the channel between two rows. Gutters and channels grow with the number of tracks.
5. ``_Painter`` writes the SVG. Nothing is random and nothing depends on time: same input, same bytes.

Colours, fonts and line widths are in the style sheet (classes ``flow-*`` and ``rol--N``); the drawing holds no styles.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from html import escape
from itertools import pairwise
from typing import NamedTuple

from portal.flow.models import END, Answer, Flow, Route, Step

COLOURS = 11
"""The style sheet has this many role colours."""


@dataclass(frozen=True)
class Lane:
    """One column. ``colour`` belongs to the role, so it is the same in every route."""

    role_id: str
    title: str
    colour: int


@dataclass(frozen=True)
class Drawing:
    """The drawing of a route and what the page prints around it."""

    svg: str
    lanes: tuple[Lane, ...]
    width: int
    height: int
    answers: tuple[tuple[str, str, Answer], ...]
    """Step id, label on the arrow and answer; the label is empty where a step has only one answer."""


def draw(
    flow: Flow, route: Route, *, own_roles: frozenset[str], href: Callable[[Step], str], ident: str = "schema"
) -> Drawing:
    """Draw a route of a flow that passed its checks; ``href`` gives the address of a step's page."""
    lanes = _lanes(flow, route)
    ways = _ways(flow, route)
    layout = _lay_out(route, lanes, ways)
    painter = _Painter(flow, route, lanes, layout, own_roles, href, ident)
    answers = tuple(
        (step.id, label, answer)
        for step in route.steps
        for label, answer in zip(answer_labels(step.answers), step.answers, strict=True)
    )
    return Drawing(painter.svg(), lanes, round(layout.sizes.width), round(layout.frame.height), answers)


def _lanes(flow: Flow, route: Route) -> tuple[Lane, ...]:
    responsible = {step.responsible for step in route.steps}
    return tuple(
        Lane(role.id, role.title, _colour(flow, role.id)) for role in flow.roles.values() if role.id in responsible
    )


def _colour(flow: Flow, role_id: str) -> int:
    return list(flow.roles).index(role_id) % COLOURS + 1


# --- text ------------------------------------------------------------------------------------------------------------

_GLYPHS = {
    24: " ",
    28: "',.:;`i|\u2018\u2019\u00b7",
    32: "!Ij",
    36: "()[]l",
    40: "-/\\f{}ï",
    44: "1Jrt",
    48: '"*“”',
    52: "^z",
    56: "?_csvç",
    60: "+<=>Laehknouxyéèëöüáà\u2013",
    64: "27#EFTbdgpq~ÉË",
    68: "0345689PYZ€",
    72: "$BCKRSVX",
    76: "ADGU",
    80: "&HNOQw",
    84: "@",
    92: "Mm…",
    96: "%",
    100: "W",
}
_EM = {glyph: width / 100 for width, glyphs in _GLYPHS.items() for glyph in glyphs}
"""Widths in em of Public Sans 600 and 700, rounded up, so that text also fits in a somewhat wider fallback font."""
_UNKNOWN_EM = 1.0

TITLE_SIZE = 14.5
QUESTION_SIZE = 14.0
NUMBER_SIZE = 19.0
LABEL_SIZE = 13.0
LEADING = 18.0
_ROUNDING = 0.01
_BALANCE = (0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)
"""Shares of the room that are tried first, so that lines get about the same length."""


@lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """Return about how wide this text is in Public Sans, rather too much than too little."""
    return sum(_EM.get(glyph, _UNKNOWN_EM) for glyph in text) * size


def _fill(words: Sequence[str], size: float, rooms: Sequence[float]) -> tuple[str, ...] | None:
    """Put the words on lines with these widths; None when they do not fit or leave a line empty."""
    space = text_width(" ", size)
    lines: list[str] = []
    rest = list(words)
    for room in rooms:
        line: list[str] = []
        used = -space
        while rest and used + space + text_width(rest[0], size) <= room + _ROUNDING:
            used += space + text_width(rest[0], size)
            line.append(rest.pop(0))
        if not line:
            return None
        lines.append(" ".join(line))
    return None if rest else tuple(lines)


def _wrap(text: str, size: float, rooms_for: Callable[[int], Sequence[float]]) -> tuple[str, ...]:
    """Break a text into the fewest lines that fit, evenly; no word is ever cut. Empty when no number of lines fits."""
    words = text.split() or [""]
    for count in range(1, len(words) + 1):
        rooms = rooms_for(count)
        for share in _BALANCE:
            lines = _fill(words, size, [room * share for room in rooms])
            if lines is not None:
                return lines
    return ()


def _longest_word(texts: Iterable[str], size: float) -> float:
    return max((text_width(word, size) for text in texts for word in text.split()), default=0.0)


# --- ways on ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Way:
    """One arrow out of a step. Its goal is a step of this route, a step of another route (``page``) or the end."""

    index: int
    source: int
    target: int | None
    page: Step | None
    label: str
    answers: tuple[tuple[str, Answer], ...]

    @property
    def is_back(self) -> bool:
        return self.target is not None and self.target <= self.source

    @cached_property
    def bundle(self) -> tuple[int | None, bool]:
        """Ways with the same bundle may run together: they end with the same arrowhead."""
        return (self.target, self.is_back)

    @cached_property
    def label_width(self) -> float:
        return max(24.0, text_width(self.label, LABEL_SIZE) + 11) if self.label else 0.0

    @property
    def tooltip(self) -> str:
        return "\n".join(f"{label}: {answer.when}" if label else answer.when for label, answer in self.answers)


def answer_labels(answers: Sequence[Answer]) -> tuple[str, ...]:
    """Return the short labels for the answers of one step: Ja, Nee or a letter, each only once."""
    if len(answers) < 2:
        return ("",) * len(answers)
    stems = [_yes_or_no(answer.when) for answer in answers]
    labels = []
    for place, stem in enumerate(stems):
        letter = _letter(stems[:place].count(stem))
        labels.append(letter if not stem else f"{stem} {letter}" if stems.count(stem) > 1 else stem)
    return tuple(labels)


def _yes_or_no(text: str) -> str:
    first = text.replace(",", " ").replace(":", " ").replace(".", " ").split()[:1]
    word = first[0].capitalize() if first else ""
    return word if word in ("Ja", "Nee") else ""


def _letter(place: int) -> str:
    return chr(ord("A") + place % 26) * (1 + place // 26)


def _joined(labels: Sequence[str]) -> str:
    row = [ord(label) for label in labels if len(label) == 1]
    if len(row) == len(labels) > 2 and all(after == before + 1 for before, after in pairwise(row)):
        return f"{labels[0]}-{labels[-1]}"
    return ", ".join(labels)


def _ways(flow: Flow, route: Route) -> tuple[_Way, ...]:
    place_of = {step.id: place for place, step in enumerate(route.steps)}
    ways: list[_Way] = []
    for source, step in enumerate(route.steps):
        goals: dict[str, list[tuple[str, Answer]]] = {} if step.answers else {END: []}
        for label, answer in zip(answer_labels(step.answers), step.answers, strict=True):
            goals.setdefault(answer.to, []).append((label, answer))
        for goal, answers in goals.items():
            target = place_of.get(goal)
            page = flow.steps[goal] if target is None and goal != END else None
            label = _joined([label for label, _ in answers])
            ways.append(_Way(len(ways), source, target, page, label, tuple(answers)))
    return tuple(ways)


# --- sizes -----------------------------------------------------------------------------------------------------------

_ROOMY = {1: (480.0, 300.0), 2: (400.0, 300.0), 3: (320.0, 232.0), 4: (268.0, 204.0)}
"""Width of a lane and of a node by the number of lanes."""
_NARROW = (216.0, 160.0)
_LEAST_GUTTER = 56.0
_WIDEN = 8.0
_TEXT_PAD = 8.0
_POINT = 24.0
"""How far the points of a question stick out beside its flat top and bottom."""
_BLUNT = 12.0
"""The same for a question with a word that would not fit otherwise."""
_LINK = 16.0
_CHIP_HEIGHT = 42.0
_EVENT_RADIUS = 12.0
_START_HEIGHT = 52.0
_LABEL_HEIGHT = 20.0
_LABEL_ROOM = 28.0
_STAIR = 16.0
_STAIR_INSET = 10.0
"""What hangs on a stair starts this much left of its line."""


@dataclass(frozen=True)
class _Sizes:
    """Widths that hold for the whole drawing."""

    count: int
    lane: float
    node: float
    chip: float
    indent: float

    @property
    def gutter(self) -> float:
        return self.lane - self.node

    @property
    def width(self) -> float:
        return self.lane * self.count

    def centre(self, lane: int) -> float:
        return self.lane * (lane + 0.5)

    def edge(self, lane: int, side: "_Side") -> float:
        return self.centre(lane) + (self.node / 2 if side is _Side.RIGHT else -self.node / 2)

    def widened(self) -> "_Sizes":
        return _Sizes(self.count, self.lane + _WIDEN, self.node, self.chip, self.indent)


def _sizes(route: Route, lanes: Sequence[Lane], ways: Sequence[_Way], least_node: float) -> _Sizes:
    lane, node = _ROOMY.get(max(1, len(lanes)), _NARROW)
    chip = max(62.0, *(text_width(way.page.id, LABEL_SIZE) + 10 for way in ways if way.page), 0.0)
    indent = 22.0 + max((text_width(str(step.number), NUMBER_SIZE) for step in route.steps), default=0.0)
    node = max(
        node,
        least_node,
        _longest_word([step.title for step in route.steps], TITLE_SIZE) + indent + _TEXT_PAD,
        _longest_word([step.question or "" for step in route.steps], QUESTION_SIZE) + 2 * _BLUNT + _TEXT_PAD,
    )
    return _Sizes(max(1, len(lanes)), max(lane, node + _LEAST_GUTTER), node, chip, indent)


# --- the grid --------------------------------------------------------------------------------------------------------


class _Side(StrEnum):
    TOP = "top"
    BOTTOM = "bottom"
    LEFT = "left"
    RIGHT = "right"


class _Point(NamedTuple):
    x: float
    y: float


@dataclass
class _Cell:
    """One step on the grid, with the question and everything that hangs under it."""

    step: Step
    lane: int
    row: int
    is_first: bool
    title: tuple[str, ...]
    question: tuple[str, ...]
    point: float
    ways: tuple[_Way, ...]
    box_height: float = 0.0
    question_height: float = 0.0
    drop_height: float = 0.0
    drop_x: dict[int, float] = field(default_factory=dict)
    """Where ways leave at the bottom, by way, from the middle of the lane."""
    drop_label: dict[int, _Point] = field(default_factory=dict)
    """Middle of their labels, from the middle of the lane and the foot of this cell."""
    drop_goal: dict[int, _Point] = field(default_factory=dict)
    """Top middle of the connectors and end events that hang here."""
    is_stair: bool = False

    def shrink(self) -> None:
        """Make box and question as high as their text asks."""
        self.box_height = max(2, len(self.title)) * LEADING + 24
        self.question_height = _question_height(len(self.question)) if self.question else 0.0

    @property
    def hanging(self) -> list[_Way]:
        return [way for way in self.ways if way.target is None]


def _cells(route: Route, lanes: Sequence[Lane], ways: Sequence[_Way], sizes: _Sizes) -> list[_Cell]:
    lane_of = {lane.role_id: place for place, lane in enumerate(lanes)}
    columns = [lane_of[step.responsible] for step in route.steps]
    title_room = sizes.node - sizes.indent - _TEXT_PAD
    cells = []
    for place, row in enumerate(_rows(columns, ways)):
        step = route.steps[place]
        own = tuple(way for way in ways if way.source == place)
        title = _wrap(step.title, TITLE_SIZE, lambda count: [title_room] * count)
        asked = step.question if step.question and len(step.answers) > 1 else ""
        question, point = _question_lines(asked, sizes.node) if asked.strip() else ((), 0.0)
        cell = _Cell(step, columns[place], row, place == 0, title, question, point, own)
        cell.shrink()
        cell.drop_height = _LABEL_ROOM + _CHIP_HEIGHT if cell.hanging else 0.0
        cells.append(cell)
    return cells


def _rows(columns: Sequence[int], ways: Sequence[_Way]) -> list[int]:
    """Return the row of each step: under every step before it and under the earlier steps in its lane."""
    rows: list[int] = []
    lowest: dict[int, int] = {}
    for place, column in enumerate(columns):
        before = [rows[way.source] for way in ways if way.target == place and not way.is_back]
        above = max(before) if before else rows[-1] if rows else -1
        rows.append(max(above, lowest.get(column, -1)) + 1)
        lowest[column] = rows[-1]
    return rows


def _question_height(lines: int) -> float:
    return max(50.0, lines * LEADING + 24)


def _question_lines(text: str, width: float) -> tuple[tuple[str, ...], float]:
    """Return the lines of a question in its six-sided shape, and how far the points of that shape stick out."""
    for point in (_POINT, _BLUNT):

        def rooms(count: int, point: float = point) -> list[float]:
            half = _question_height(count) / 2
            outer = [abs(line - (count - 1) / 2) * LEADING + 7 for line in range(count)]
            return [width - 2 * point * distance / half - _TEXT_PAD for distance in outer]

        lines = _wrap(text, QUESTION_SIZE, rooms)
        if lines:
            return lines, point
    return tuple(text.split()), _BLUNT


@dataclass(frozen=True)
class _Frame:
    """Heights of rows and of the channels above, between and below them."""

    channel: tuple[float, ...]
    """Top of each channel; channel r lies above row r."""
    box_top: tuple[float, ...]
    box_height: tuple[float, ...]
    question_middle: tuple[float, ...]
    height: float

    def box_middle(self, row: int) -> float:
        return self.box_top[row] + self.box_height[row] / 2

    def exit_middle(self, cell: _Cell) -> float:
        return self.question_middle[cell.row] if cell.question else self.box_middle(cell.row)

    def foot(self, cell: _Cell) -> float:
        if cell.question:
            return self.question_middle[cell.row] + cell.question_height / 2
        return self.box_top[cell.row] + self.box_height[cell.row]


def _frame(cells: Sequence[_Cell], gaps: Sequence[float]) -> _Frame:
    channel, box_top, box_height, question_middle = [], [], [], []
    top = 0.0
    for row, gap in enumerate(gaps[:-1]):
        here = [cell for cell in cells if cell.row == row]
        channel.append(top)
        box_top.append(top + gap + (_START_HEIGHT if any(cell.is_first for cell in here) else 0.0))
        box_height.append(max(cell.box_height for cell in here))
        tallest = max(cell.question_height for cell in here)
        question_middle.append(box_top[row] + box_height[row] + _LINK + tallest / 2)
        feet = [
            (question_middle[row] + cell.question_height / 2 if cell.question else box_top[row] + box_height[row])
            + cell.drop_height
            for cell in here
        ]
        top = max(feet)
    channel.append(top)
    return _Frame(tuple(channel), tuple(box_top), tuple(box_height), tuple(question_middle), top + gaps[-1])


# --- plans: the shape of each way ------------------------------------------------------------------------------------

_BEND_COST = 26.0
_LENGTH_COST = 0.12
_CROSSING_COST = 80.0
_SHARED_COST = 8.0
"""For two lines along the same gutter or channel: they need room for two tracks."""
_MOST_SAVED = 80.0
_ROUNDS = 3
_TRIES = 8
"""So often another plan is tried before the lanes get wider."""
_CHANNEL = 38.0
"""Height of a channel while the plans are chosen."""
_TRACK = 8.0
_ENTER_ROOM = 10.0
_EDGE = 7.0
_LABEL_GAP = 4.0
_WIDEST_SIDE_LABEL = 60.0
_LEAST_SLOT = 24.0
_LEAST_BESIDE = 6.0
_BESIDE = 18.0


@dataclass(frozen=True)
class _Plan:
    """How a way runs: out of a side, perhaps along a gutter, into a side. ``gutter`` g is left of lane g.

    Levels count channels and rows from above: channel r is 2r, row r is 2r + 1.
    """

    way: _Way
    source: _Cell
    target: _Cell
    leave: _Side
    gutter: int | None
    enter: _Side

    @property
    def out_level(self) -> int:
        return 2 * self.source.row + (2 if self.leave is _Side.BOTTOM else 1)

    @property
    def in_level(self) -> int:
        return 2 * self.target.row + (0 if self.enter is _Side.TOP else 1)

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
        if self.leave is _Side.BOTTOM or not self.way.label:
            return None
        return self.source.lane + (self.leave is _Side.RIGHT)

    def passes(self, level: int) -> bool:
        """Say whether the upright piece passes or touches a level."""
        low, high = self.levels
        return low <= level <= high

    def meets(self, other: "_Plan") -> bool:
        """Say whether the upright pieces of two plans touch the same level."""
        return self.levels[0] <= other.levels[1] and other.levels[0] <= self.levels[1]


def _trace(start: _Point, out_y: float, gutter_x: float | None, in_y: float, end: _Point) -> list[_Point]:
    """Return the corners of a line that leaves at one height, changes height once and arrives at another."""
    corners = [start, _Point(start.x, out_y)]
    if gutter_x is not None:
        corners += [_Point(gutter_x, out_y), _Point(gutter_x, in_y), _Point(end.x, in_y)]
    else:
        corners.append(_Point(end.x, out_y))
    return _simplified([*corners, end])


def _simplified(corners: Sequence[_Point]) -> list[_Point]:
    kept: list[_Point] = []
    for corner in corners:
        if kept and kept[-1] == corner:
            continue
        if len(kept) > 1 and (kept[-2].x == kept[-1].x == corner.x or kept[-2].y == kept[-1].y == corner.y):
            kept.pop()
        kept.append(corner)
    return kept


class _Piece(NamedTuple):
    """A straight piece: its height or place, its ends, and where the line goes on there: -1 up or left, 1, or 0."""

    place: float
    start: float
    end: float
    start_turn: int
    end_turn: int


@dataclass(frozen=True, eq=False)
class _Line:
    """A possible line with its level and upright pieces."""

    plan: _Plan
    level: tuple[_Piece, ...]
    upright: tuple[_Piece, ...]
    base_cost: float


def _line(plan: _Plan, corners: Sequence[_Point], extra: float) -> _Line:
    level: list[_Piece] = []
    upright: list[_Piece] = []
    length = 0.0
    for number, (one, two) in enumerate(pairwise(corners)):
        length += _distance(one, two)
        before = corners[number - 1] if number else one
        after = corners[number + 2] if number + 2 < len(corners) else two
        if one.y == two.y:
            level.append(_piece(one.y, (one.x, before.y - one.y), (two.x, after.y - two.y)))
        else:
            upright.append(_piece(one.x, (one.y, before.x - one.x), (two.y, after.x - two.x)))
    cost = extra + _BEND_COST * (len(corners) - 2) + _LENGTH_COST * length
    return _Line(plan, tuple(level), tuple(upright), cost)


def _piece(place: float, *ends: tuple[float, float]) -> _Piece:
    (start, start_turn), (end, end_turn) = sorted(ends)
    return _Piece(place, start, end, (start_turn > 0) - (start_turn < 0), (end_turn > 0) - (end_turn < 0))


def _crossings(one: _Line, two: _Line) -> int:
    """Return how often two lines cross."""
    count = 0
    for level, upright in ((one.level, two.upright), (two.level, one.upright)):
        for y, left, right, _, _ in level:
            for x, top, bottom, _, _ in upright:
                if left < x < right and top < y < bottom:
                    count += 1
    return count


def _shared(one: _Line, two: _Line) -> tuple[float, int]:
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


class _Router:
    """Picks the plan of each way between two steps of the route: few bends, short, few crossings."""

    def __init__(self, cells: Sequence[_Cell], sizes: _Sizes) -> None:
        self.cells = cells
        self.sizes = sizes
        self.taken = {(cell.lane, cell.row) for cell in cells}
        rows = max((cell.row for cell in cells), default=-1) + 1
        self.frame = _frame(cells, [_CHANNEL] * (rows + 1))
        self.chosen: dict[int, _Line] = {}
        self.pairs: dict[tuple[int, int], tuple[float, float]] = {}
        self.options = {
            way.index: self._options(way, cell, cells[way.target])
            for cell in cells
            for way in cell.ways
            if way.target is not None
        }

    def bar(self, plan: _Plan) -> bool:
        """Take a plan from the options; False when it is the last one that leaves at the bottom and enters aside."""
        rest = [line for line in self.options[plan.way.index] if line.plan is not plan]
        if all(line.plan.leave is not _Side.BOTTOM for line in rest):
            return False
        self.options[plan.way.index] = rest
        return True

    def plans(self) -> list[_Plan]:
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

    def _best(self, options: Sequence[_Line]) -> _Line:
        best, lowest = options[0], float("inf")
        for line in options:
            if line.base_cost - _MOST_SAVED >= lowest:
                break
            cost = line.base_cost + self._company_cost(line, lowest)
            if cost < lowest:
                best, lowest = line, cost
        return best

    def _company_cost(self, line: _Line, limit: float) -> float:
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

    def _pair_cost(self, line: _Line, other: _Line) -> tuple[float, float]:
        """Return what two lines cost each other and what they save by running together."""
        shared, crossings = _shared(line, other)
        cost = self._clash_cost(line.plan, other.plan) + self._clash_cost(other.plan, line.plan)
        if other.plan.way.bundle == line.plan.way.bundle:
            return cost, min(_MOST_SAVED, _LENGTH_COST * shared)
        crossings += _crossings(line, other)
        return cost + _CROSSING_COST * crossings + (_SHARED_COST if shared else 0.0), 0.0

    def _clash_cost(self, plan: _Plan, other: _Plan) -> float:
        """Keep one way per side of a step and lines away from labels."""
        cost = 0.0
        if plan.source is other.source and plan.leave is other.leave:
            cost += 10 if plan.leave is _Side.BOTTOM else 500
        if plan.target is other.source and plan.enter == other.leave:
            cost += 6 if other.source.question else 40
        gutter = plan.label_gutter
        if gutter is None:
            return cost
        room = self.sizes.gutter - _ENTER_ROOM - plan.way.label_width - 2 * _LABEL_GAP
        if gutter == other.gutter and other.passes(2 * plan.source.row + 1):
            cost += 150 if room < (_TRACK if plan.gutter == gutter else 0) else 0
        if gutter == other.label_gutter and plan.source.row == other.source.row:
            cost += 75 if room < other.way.label_width + _LABEL_GAP else 0
        return cost

    def _options(self, way: _Way, source: _Cell, target: _Cell) -> list[_Line]:
        """Return the possible lines, the cheapest first; there always is one along a gutter from bottom to side."""
        plans = self._plans(way, source, target)
        lines = [_line(plan, self._nominal(plan), self._extra_cost(plan)) for plan in plans]
        return sorted(lines, key=lambda line: line.base_cost)

    def _plans(self, way: _Way, source: _Cell, target: _Cell) -> Iterator[_Plan]:
        for leave in (_Side.BOTTOM, _Side.LEFT, _Side.RIGHT):
            for gutter in (None, *range(self.sizes.count + 1)):
                sides = [_Side.TOP]
                if gutter is not None:
                    sides.append(_Side.LEFT if gutter <= target.lane else _Side.RIGHT)
                for enter in sides:
                    plan = _Plan(way, source, target, leave, gutter, enter)
                    if self._leaves_well(plan) and self._enters_well(plan):
                        yield plan

    def _leaves_well(self, plan: _Plan) -> bool:
        source, target = plan.source, plan.target
        if plan.leave is _Side.BOTTOM:
            return True
        if not self._label_fits(plan):
            return False
        to_left = plan.leave is _Side.LEFT
        if plan.gutter is None:
            goes_there = target.lane < source.lane if to_left else target.lane > source.lane
            return goes_there and self._row_is_free(source, target.lane + (-1 if to_left else 1))
        if (plan.gutter <= source.lane) != to_left:
            return False
        return self._row_is_free(source, plan.gutter - to_left)

    def _label_fits(self, plan: _Plan) -> bool:
        """Say whether the label at a side leaves room for the line to turn in the gutter beside it."""
        width = plan.way.label_width
        if plan.label_gutter is None or plan.gutter != plan.label_gutter:
            return width <= _WIDEST_SIDE_LABEL
        outer = plan.gutter in (0, self.sizes.count)
        room = self.sizes.gutter / 2 - _EDGE if outer else self.sizes.gutter - _ENTER_ROOM
        return width + 2 * _LABEL_GAP <= room

    def _enters_well(self, plan: _Plan) -> bool:
        source, target = plan.source, plan.target
        if plan.gutter is not None and plan.enter is not _Side.TOP:
            return self._row_is_free(target, plan.gutter - (plan.enter is _Side.LEFT))
        if plan.way.is_back or target.is_first:
            return False
        if plan.gutter is not None:
            return plan.out_level != plan.in_level
        first = source.row + (plan.leave is _Side.BOTTOM)
        return all((target.lane, row) not in self.taken for row in range(first, target.row))

    def _row_is_free(self, cell: _Cell, towards: int) -> bool:
        """Say whether the cells between this one and lane ``towards``, both not counted, are empty."""
        low, high = sorted((cell.lane, towards))
        return all((lane, cell.row) not in self.taken for lane in range(low + 1, high))

    def _nominal(self, plan: _Plan) -> list[_Point]:
        source, target = plan.source, plan.target
        frame, sizes = self.frame, self.sizes
        if plan.leave is _Side.BOTTOM:
            start = _Point(sizes.centre(source.lane), frame.foot(source))
            out_y = frame.channel[source.row + 1] + _CHANNEL / 2
        else:
            out_y = frame.exit_middle(source)
            start = _Point(sizes.edge(source.lane, plan.leave), out_y)
        if plan.enter is _Side.TOP:
            end = _Point(sizes.centre(target.lane), frame.box_top[target.row])
            in_y = frame.channel[target.row] + _CHANNEL / 2
        else:
            in_y = frame.box_middle(target.row)
            end = _Point(sizes.edge(target.lane, plan.enter), in_y)
        return _trace(start, out_y, None if plan.gutter is None else plan.gutter * sizes.lane, in_y, end)

    def _extra_cost(self, plan: _Plan) -> float:
        cost = 0.0
        if plan.enter is not _Side.TOP and not plan.way.is_back:
            cost += 16
        if plan.leave is _Side.BOTTOM:
            wanted = sum(max(way.label_width, self.sizes.chip) + _LEAST_BESIDE for way in plan.source.hanging)
            if wanted + max(_LEAST_SLOT, plan.way.label_width) > self.sizes.node:
                cost += 90
        return cost


def _urgency(plan: _Plan) -> tuple[bool, int, int]:
    """Ways to the next row choose first, loops back last."""
    return plan.way.is_back, abs(plan.target.row - plan.source.row), plan.way.index


# --- ways out at the bottom ------------------------------------------------------------------------------------------


class _NodeTooNarrow(Exception):
    """What leaves a step at the bottom needs a wider node."""

    def __init__(self, needed: float) -> None:
        super().__init__(needed)
        self.needed = needed


class _Slot(NamedTuple):
    """The room a way needs under its step: for its label, and below that for its line or what hangs there."""

    way: _Way | None
    label: float
    body: float


_BLANK = _Slot(None, 0.0, 24.0)
"""Keeps the middle free for a line that arrives there."""


def _hang(cell: _Cell, plans: Sequence[_Plan], sizes: _Sizes, centre_taken: bool) -> None:
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
    for beside in (_BESIDE, _LEAST_BESIDE):
        places = _side_by_side(left, hanging, right, middle, beside)
        if all(abs(x) + max(slot.label, slot.body) / 2 <= sizes.node / 2 + 4 for slot, x in places):
            _hang_in_row(cell, {slot.way.index: x for slot, x in places if slot.way})
            return
    _hang_as_stair(cell, through, sizes)


def _slot(way: _Way, sizes: _Sizes) -> _Slot:
    return _Slot(way, way.label_width, sizes.chip if way.target is None else _LEAST_SLOT / 2)


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


def _hang_in_row(cell: _Cell, places: Mapping[int, float]) -> None:
    ways = {way.index: way for way in cell.ways}
    labelled = any(ways[index].label for index in places)
    goal_y = 44.0 if labelled else 30.0
    cell.is_stair = False
    cell.drop_x = dict(places)
    cell.drop_label = {index: _Point(x, 6 + _LABEL_HEIGHT / 2) for index, x in places.items() if ways[index].label}
    cell.drop_goal = {index: _Point(x, goal_y) for index, x in places.items() if ways[index].target is None}
    cell.drop_height = goal_y + _CHIP_HEIGHT if cell.drop_goal else _LABEL_ROOM if labelled else 0.0


def _hang_as_stair(cell: _Cell, through: Sequence[_Way], sizes: _Sizes) -> None:
    """Give what hangs its own step down, the rightmost line first, so that no line meets what hangs beside it."""
    cell.is_stair = True
    cell.drop_x, cell.drop_label, cell.drop_goal = {}, {}, {}
    x = max(cell.point, _LEAST_SLOT / 2) - sizes.node / 2
    for way in through:
        x += way.label_width / 2
        x = _STAIR / 2 if abs(x) < _STAIR / 2 else x
        cell.drop_x[way.index] = x
        if way.label:
            cell.drop_label[way.index] = _Point(x, 6 + _LABEL_HEIGHT / 2)
        x += max(way.label_width / 2 + _LEAST_BESIDE, _STAIR)
    x += _STAIR_INSET if through else 0.0
    for way in cell.hanging:
        cell.drop_x[way.index] = x
        x += _STAIR
    needed = x - _STAIR + max([sizes.chip, *(way.label_width for way in cell.hanging)]) - _STAIR_INSET + sizes.node / 2
    if needed > sizes.node:
        raise _NodeTooNarrow(needed)
    cell.drop_height = _LABEL_ROOM
    down = 0.0
    for way in reversed(cell.hanging):
        down = _hang_one(cell, way, down, sizes)
        cell.drop_height = down


def _hang_one(cell: _Cell, way: _Way, down: float, sizes: _Sizes) -> float:
    """Place one connector or end event of a stair and return where the next may come."""
    x = cell.drop_x[way.index]
    if way.label:
        cell.drop_label[way.index] = _Point(x - _STAIR_INSET + way.label_width / 2, down + 6 + _LABEL_HEIGHT / 2)
    top = down + (_LABEL_ROOM if way.label else 4.0) + 18
    cell.drop_goal[way.index] = _Point(x - _STAIR_INSET + sizes.chip / 2 if way.page else x, top)
    return top + _CHIP_HEIGHT + 4


# --- tracks: exact places --------------------------------------------------------------------------------------------

_CHANNEL_TRACK = 10.0
_SLOT = 14.0
_LABEL_SLOT = 24.0


@dataclass(frozen=True)
class _Run:
    """A level piece of a plan in a channel; each end goes on up or down."""

    plan: _Plan
    is_out: bool
    ends: tuple[tuple[float, bool], tuple[float, bool]]
    """Place and whether the line goes on downwards there."""

    @property
    def left(self) -> float:
        return min(self.ends[0][0], self.ends[1][0])

    @property
    def right(self) -> float:
        return max(self.ends[0][0], self.ends[1][0])


class _NoRoom(Exception):
    """A gutter is too narrow for this plan beside the others."""

    def __init__(self, plan: _Plan) -> None:
        super().__init__(plan)
        self.plan = plan


class _BesideRow(NamedTuple):
    """A level piece of a plan beside a row; gutter g is 2g, lane c is 2c + 1."""

    low: float
    high: float
    plan: _Plan
    is_out: bool

    def clashes(self, other: "_BesideRow", distance: float) -> bool:
        """Say whether two pieces, this far above each other, would meet; pieces with the same goal may."""
        if self.is_out == other.is_out and self.plan.way.bundle == other.plan.way.bundle:
            return False
        labelled = all(piece.is_out and piece.plan.label_gutter is not None for piece in (self, other))
        too_near = abs(distance) < (_LABEL_SLOT if labelled else _SLOT)
        return too_near and self.low <= other.high and other.low <= self.high


class _Tracks:
    """Exact places for the lines of all plans."""

    def __init__(self, cells: Sequence[_Cell], plans: Sequence[_Plan], sizes: _Sizes) -> None:
        self.cells = cells
        self.plans = plans
        self.sizes = sizes
        self.shift: dict[tuple[int, bool], float] = {}
        """Height beside the middle of the row, by way and whether it is the way out."""
        self.gutter_x: dict[int, float] = {}
        self.track: dict[tuple[int, bool], int] = {}
        self.tracks_in: dict[int, int] = defaultdict(int)
        self._share_rows()
        self._hang_all()
        self._share_gutters()
        self._share_channels()

    # beside the rows

    def _share_rows(self) -> None:
        """Lines that leave or enter at a side in the same row get different heights where they would coincide."""
        for cell in self.cells:
            cell.shrink()
        bands: dict[tuple[int, bool], list[_BesideRow]] = defaultdict(list)
        for plan in self.plans:
            source, target = plan.source, plan.target
            goal = 2.0 * target.lane + 1 if plan.gutter is None else 2.0 * plan.gutter
            if plan.leave is not _Side.BOTTOM:
                reach = _reach(source, plan.leave, goal)
                bands[source.row, bool(source.question)].append(_BesideRow(*reach, plan, True))
            if plan.enter is not _Side.TOP:
                bands[target.row, False].append(_BesideRow(*_reach(target, plan.enter, goal), plan, False))
        for (row, at_question), band in bands.items():
            most = self._share_band(band)
            for cell in self.cells:
                if cell.row == row and at_question and cell.question:
                    cell.question_height = max(cell.question_height, 2 * most + 24)
                elif cell.row == row and not at_question:
                    cell.box_height = max(cell.box_height, 2 * most + 24)

    def _share_band(self, band: Iterable[_BesideRow]) -> float:
        """Give each piece its height; return the largest distance from the middle."""
        placed: list[tuple[_BesideRow, float]] = []
        for piece in sorted(band, key=lambda piece: (not piece.is_out, piece.plan.way.index)):
            shift = next(
                height
                for height in _around(_SLOT / 2)
                if not any(piece.clashes(other, height - place) for other, place in placed)
            )
            placed.append((piece, shift))
            self.shift[piece.plan.way.index, piece.is_out] = shift
        return max(abs(shift) for _, shift in placed)

    # under the steps

    def _hang_all(self) -> None:
        arriving = {
            (plan.target.lane, plan.target.row if plan.gutter is not None else plan.source.row + 1)
            for plan in self.plans
            if plan.enter is _Side.TOP
            and (plan.gutter is not None or (plan.leave is _Side.BOTTOM and plan.source.lane != plan.target.lane))
        }
        """Lane and channel where a line comes in from aside and goes down in the middle of the lane."""
        for cell in self.cells:
            down = [plan for plan in self.plans if plan.leave is _Side.BOTTOM and plan.source is cell]
            _hang(cell, down, self.sizes, (cell.lane, cell.row + 1) in arriving)

    # in the gutters

    def _share_gutters(self) -> None:
        gutters: dict[int, list[_Plan]] = defaultdict(list)
        for plan in self.plans:
            if plan.gutter is not None:
                gutters[plan.gutter].append(plan)
        for gutter, plans in sorted(gutters.items()):
            placed: list[tuple[_Plan, float]] = []
            labels = [
                (2 * plan.source.row + 1, self.side_label_x(plan), plan.way.label_width / 2 + _LABEL_GAP)
                for plan in self.plans
                if plan.label_gutter == gutter
            ]
            plans.sort(key=lambda plan: (plan.levels[1] - plan.levels[0], plan.way.index))
            for plan in [*plans, *plans]:
                placed = [(other, x) for other, x in placed if other is not plan]
                free = [
                    x
                    for x in self._gutter_places(gutter)
                    if not any(plan.passes(level) and abs(x - middle) < reach for level, middle, reach in labels)
                ]
                x = _best_place(plan, free, placed)
                placed.append((plan, x))
                self.gutter_x[plan.way.index] = x

    def side_label_x(self, plan: _Plan) -> float:
        """Return the middle of the label of a plan that leaves at a side."""
        outward = _LABEL_GAP + plan.way.label_width / 2
        edge = self.sizes.edge(plan.source.lane, plan.leave)
        return edge + (outward if plan.leave is _Side.RIGHT else -outward)

    def _gutter_places(self, gutter: int) -> list[float]:
        """Return where lines may stand in a gutter, the middle first."""
        boundary, half = gutter * self.sizes.lane, self.sizes.gutter / 2
        low = _EDGE if gutter == 0 else boundary - half + _ENTER_ROOM
        high = self.sizes.width - _EDGE if gutter == self.sizes.count else boundary + half - _ENTER_ROOM
        middle = (low + high) / 2
        count = int((high - low) / 2 // _TRACK)
        return [middle + distance for distance, _ in zip(_around(_TRACK), range(2 * count + 1), strict=False)]

    # in the channels

    def _share_channels(self) -> None:
        channels: dict[int, list[_Run]] = defaultdict(list)
        for plan in self.plans:
            for channel, run in self._runs(plan):
                channels[channel].append(run)
        for channel, runs in channels.items():
            tracks: list[list[_Run]] = []
            for run in sorted(runs, key=lambda run: (run.right - run.left, run.plan.way.index)):
                _place_run(run, tracks)
            self.tracks_in[channel] = len(tracks)
            for number, track in enumerate(tracks):
                for run in track:
                    self.track[run.plan.way.index, run.is_out] = number

    def _runs(self, plan: _Plan) -> Iterator[tuple[int, _Run]]:
        """Yield the level pieces of a plan with their channels."""
        source, index = plan.source, plan.way.index
        target_x = self.sizes.centre(plan.target.lane)
        gutter_x = self.gutter_x.get(index, target_x)
        goes_down = plan.gutter is None or plan.in_level > plan.out_level
        if plan.leave is _Side.BOTTOM:
            start = self.sizes.centre(source.lane) + source.drop_x[index]
            if gutter_x != start:
                yield source.row + 1, _Run(plan, True, ((start, False), (gutter_x, goes_down)))
        if plan.enter is _Side.TOP and plan.gutter is not None:
            yield plan.target.row, _Run(plan, False, ((gutter_x, not goes_down), (target_x, True)))

    def gaps(self, rows: int) -> list[float]:
        """Return the heights of the channels."""
        heights = []
        for channel in range(rows + 1):
            tracks = self.tracks_in[channel]
            if channel in (0, rows):
                heights.append(20.0 + _CHANNEL_TRACK * tracks)
            else:
                heights.append(34.0 + _CHANNEL_TRACK * max(0, tracks - 1))
        return heights

    # the lines

    def corners(self, plan: _Plan, frame: _Frame) -> list[_Point]:
        """Return the corners of the line of this plan."""
        target, index = plan.target, plan.way.index
        start = self._start(plan, frame)
        out_y = start.y
        if (index, True) in self.track:
            out_y = _track_y(frame, plan.source.row + 1, self.track[index, True])
        if plan.enter is _Side.TOP:
            end = _Point(self.sizes.centre(target.lane), frame.box_top[target.row])
            in_y = _track_y(frame, target.row, self.track.get((index, False), 0))
        else:
            in_y = frame.box_middle(target.row) + self.shift[index, False]
            end = _Point(self.sizes.edge(target.lane, plan.enter), in_y)
        return _trace(start, out_y, self.gutter_x.get(index), in_y, end)

    def _start(self, plan: _Plan, frame: _Frame) -> _Point:
        source = plan.source
        if plan.leave is _Side.BOTTOM:
            return drop_start(source, plan.way, self.sizes, frame)
        shift = self.shift[plan.way.index, True]
        inset = source.point * abs(shift) / (source.question_height / 2) if source.question else 0.0
        x = self.sizes.edge(source.lane, plan.leave) + (inset if plan.leave is _Side.LEFT else -inset)
        return _Point(x, frame.exit_middle(source) + shift)


def drop_start(cell: _Cell, way: _Way, sizes: _Sizes, frame: _Frame) -> _Point:
    """Return where a way leaves the lower edge of its step or question."""
    distance = cell.drop_x[way.index]
    y = frame.foot(cell)
    beyond = abs(distance) - (sizes.node / 2 - cell.point)
    if cell.question and beyond > 0:
        y -= beyond / cell.point * cell.question_height / 2
    return _Point(sizes.centre(cell.lane) + distance, y)


def _reach(cell: _Cell, side: _Side, goal: float) -> tuple[float, float]:
    """Return from where to where a level line beside a row goes; gutter g is 2g, lane c is 2c + 1."""
    start = 2 * cell.lane + (0.5 if side is _Side.LEFT else 1.5)
    return min(start, goal), max(start, goal)


def _around(distance: float) -> Iterator[float]:
    """Yield 0, d, -d, 2d, -2d and so on."""
    yield 0.0
    place = distance
    while True:
        yield place
        yield -place
        place += distance


def _best_place(plan: _Plan, free: Sequence[float], placed: Sequence[tuple[_Plan, float]]) -> float:
    """Return the place in a gutter with the fewest crossings, as near to the middle as can be."""
    options = []
    for rank, x in enumerate(free):
        taken = [other for other, other_x in placed if other_x == x and other.meets(plan)]
        if all(other.way.bundle == plan.way.bundle for other in taken):
            cost = sum(_gutter_crossings(plan, x, other, other_x) for other, other_x in placed)
            options.append((10 * cost - 3 * len(taken), rank, x))
    if not options:
        raise _NoRoom(plan)
    return min(options)[2]


def _gutter_crossings(plan: _Plan, x: float, other: _Plan, other_x: float) -> float:
    if plan.way.bundle == other.way.bundle or x == other_x:
        return 0.0
    left, right = (plan, other) if x < other_x else (other, plan)
    cost = sum(_within(level, right) for level, to_right in left.ends if to_right)
    return cost + sum(_within(level, left) for level, to_right in right.ends if not to_right)


def _within(level: int, plan: _Plan) -> float:
    """Return 1 when a level line at this level crosses the upright piece, a bit when that depends on the tracks."""
    low, high = plan.levels
    return 1.0 if low < level < high else 0.4 if level in (low, high) else 0.0


def _place_run(run: _Run, tracks: list[list[_Run]]) -> None:
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


def _track_cost(run: _Run, place: int, tracks: Sequence[Sequence[_Run]], *, is_new: bool) -> float:
    above = [other for track in tracks[:place] for other in track]
    below = [other for track in tracks[place if is_new else place + 1 :] for other in track]
    crossings = sum(_run_crossings(other, run) for other in above) + sum(_run_crossings(run, other) for other in below)
    return 10.0 * crossings


def _fit_together(one: _Run, two: _Run) -> bool:
    if one.plan.way.bundle == two.plan.way.bundle:
        return True
    return one.right + _ENTER_ROOM <= two.left or two.right + _ENTER_ROOM <= one.left


def _run_crossings(upper: _Run, lower: _Run) -> int:
    if upper.plan.way.bundle == lower.plan.way.bundle:
        return 0
    down = sum(lower.left < x < lower.right for x, goes_down in upper.ends if goes_down)
    return down + sum(upper.left < x < upper.right for x, goes_down in lower.ends if not goes_down)


def _track_y(frame: _Frame, channel: int, track: int) -> float:
    return frame.channel[channel] + 13 + _CHANNEL_TRACK * track


@dataclass(frozen=True)
class _Layout:
    """Everything has its place."""

    cells: Sequence[_Cell]
    sizes: _Sizes
    frame: _Frame
    tracks: _Tracks


def _lay_out(route: Route, lanes: Sequence[Lane], ways: Sequence[_Way]) -> _Layout:
    needed = 0.0
    while True:
        sizes = _sizes(route, lanes, ways, needed)
        cells = _cells(route, lanes, ways, sizes)
        try:
            tracks = _tracks(cells, sizes)
            break
        except _NodeTooNarrow as problem:
            needed = problem.needed
    rows = max((cell.row for cell in cells), default=-1) + 1
    return _Layout(cells, tracks.sizes, _frame(cells, tracks.gaps(rows)), tracks)


def _tracks(cells: Sequence[_Cell], sizes: _Sizes) -> _Tracks:
    """Choose the plans and give them tracks; where that does not fit, other plans, and at last wider lanes."""
    router = _Router(cells, sizes)
    tries = 0
    while True:
        try:
            return _Tracks(cells, router.plans(), sizes)
        except _NoRoom as problem:
            tries += 1
            if tries > _TRIES or not router.bar(problem.plan):
                sizes = sizes.widened()


# --- paint -----------------------------------------------------------------------------------------------------------

_CORNER = 8.0
_RADIUS = 6.0


class _Painter:
    """Writes the layout as SVG."""

    def __init__(
        self,
        flow: Flow,
        route: Route,
        lanes: Sequence[Lane],
        layout: _Layout,
        own_roles: frozenset[str],
        href: Callable[[Step], str],
        ident: str,
    ) -> None:
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
            yield _rect(kind, place * sizes.lane + 3, 0, sizes.lane - 6, height, _RADIUS)

    def _ways(self) -> Iterator[str]:
        """Yield lines and labels; hidden for screen readers, the list under the drawing tells the same."""
        yield '<g class="flow-ways" aria-hidden="true">'
        labels: list[str] = []
        drawn: dict[tuple[int | None, bool], list[list[_Point]]] = defaultdict(list)
        plans = {plan.way.index: plan for plan in self.layout.tracks.plans}
        for cell in self.layout.cells:
            if cell.is_first:
                yield self._start_line(cell)
            for way in cell.ways:
                plan = plans.get(way.index)
                corners = self._corners(cell, way, plan)
                yield self._edge(way, corners, _meeting(corners, drawn[way.bundle]) if plan else None)
                drawn[way.bundle].append(corners)
                if way.label:
                    labels.append(_label(way, self._label_place(cell, way, plan)))
        yield from labels
        yield "</g>"

    def _corners(self, cell: _Cell, way: _Way, plan: _Plan | None) -> list[_Point]:
        if plan is not None:
            return self.layout.tracks.corners(plan, self.layout.frame)
        start = drop_start(cell, way, self.layout.sizes, self.layout.frame)
        return [start, _Point(start.x, self.layout.frame.foot(cell) + cell.drop_goal[way.index].y)]

    def _edge(self, way: _Way | None, corners: Sequence[_Point], joins: Sequence[_Point] | None = None) -> str:
        """Return a line with an arrowhead, or one that ends where it joins a line to the same goal."""
        kind = "flow-edge flow-edge--back" if way and way.is_back else "flow-edge"
        title = _title(way.tooltip) if way else ""
        end = "" if joins else f' marker-end="url(#{self.ident}-pijl)"'
        return f'<path class="{kind}" d="{_rounded(joins or corners)}"{end}>{title}</path>'

    def _start_line(self, cell: _Cell) -> str:
        x, bottom = self.layout.sizes.centre(cell.lane), self.layout.frame.box_top[cell.row]
        return self._edge(None, [_Point(x, bottom - _START_HEIGHT + 2 * _EVENT_RADIUS), _Point(x, bottom)])

    def _label_place(self, cell: _Cell, way: _Way, plan: _Plan | None) -> _Point:
        if plan is not None and plan.leave is not _Side.BOTTOM:
            shift = self.layout.tracks.shift[way.index, True]
            return _Point(self.layout.tracks.side_label_x(plan), self.layout.frame.exit_middle(cell) + shift)
        return self._below(cell, cell.drop_label[way.index])

    def _below(self, cell: _Cell, place: _Point) -> _Point:
        return _Point(self.layout.sizes.centre(cell.lane) + place.x, self.layout.frame.foot(cell) + place.y)

    def _nodes(self) -> Iterator[str]:
        """Yield the start, the steps in process order, each followed by what hangs under it."""
        for cell in self.layout.cells:
            if cell.is_first:
                top = self.layout.frame.box_top[cell.row] - _START_HEIGHT
                yield _event("start", "Start", _Point(self.layout.sizes.centre(cell.lane), top), beside=True)
            yield from self._step(cell)
            for way in cell.hanging:
                place = self._below(cell, cell.drop_goal[way.index])
                if way.page is None:
                    yield _event("end", "Einde", place, beside=cell.is_stair)
                else:
                    yield self._connector(way.page, place)

    def _step(self, cell: _Cell) -> Iterator[str]:
        step, sizes, frame = cell.step, self.layout.sizes, self.layout.frame
        colour = _colour(self.flow, step.responsible)
        mine = " is-mine" if self.own_roles.intersection(step.roles) else ""
        kind = "decision" if cell.question else "step"
        shown = " ".join(filter(None, (str(step.number), step.title, step.question if cell.question else None)))
        name = f"{' '.join(shown.split())}, {self.flow.roles[step.responsible].title}"
        yield (
            f'<a class="flow-node flow-node--{kind} rol--{colour}{mine}" href="{escape(self.href(step))}"'
            f' aria-label="{escape(name)}">'
        )
        left, top, height = sizes.edge(cell.lane, _Side.LEFT), frame.box_top[cell.row], frame.box_height[cell.row]
        if cell.question:
            yield from self._question_shape(cell)
        yield _rect("flow-focus", left - 4, top - 4, sizes.node + 8, height + 8, _RADIUS + 3)
        yield _rect("flow-box", left, top, sizes.node, height, _RADIUS)
        yield _bar(left, top, height)
        middle = frame.box_middle(cell.row)
        yield f'<text class="flow-nr" x="{_n(left + 15)}" y="{_n(middle + 6.5)}">{step.number}</text>'
        yield _text("flow-text", cell.title, _Point(left + sizes.indent, middle), "start")
        if cell.question:
            centre = _Point(sizes.centre(cell.lane), frame.question_middle[cell.row])
            yield _text("flow-question", cell.question, centre, "middle")
        yield "</a>"

    def _question_shape(self, cell: _Cell) -> Iterator[str]:
        sizes, frame = self.layout.sizes, self.layout.frame
        centre = _Point(sizes.centre(cell.lane), frame.question_middle[cell.row])
        half = cell.question_height / 2
        box_bottom = frame.box_top[cell.row] + frame.box_height[cell.row]
        yield f'<path class="flow-link" d="M{_n(centre.x)} {_n(box_bottom)}L{_n(centre.x)} {_n(centre.y - half)}"/>'
        yield _hexagon("flow-focus", centre, sizes.node / 2 + 5, half + 4, cell.point)
        yield _hexagon("flow-box", centre, sizes.node / 2, half, cell.point)

    def _connector(self, target: Step, top: _Point) -> str:
        """Return the small sign that the work goes on in another route."""
        width, colour = self.layout.sizes.chip, _colour(self.flow, target.responsible)
        route = self.flow.routes.get(target.route)
        role = self.flow.roles[target.responsible].title
        where = f", traject {route.title}" if route else ""
        name = f"naar {target.id}: {target.title}, {role}{where}"
        return (
            f'<a class="flow-node flow-node--page rol--{colour}" href="{escape(self.href(target))}"'
            f' aria-label="{escape(name)}">'
            f"{_sign('flow-focus', top, width, 4)}{_sign('flow-box', top, width, 0)}"
            f"{_text('flow-page flow-to', ['naar'], _Point(top.x, top.y + 9), 'middle')} "
            f"{_text('flow-page', [target.id], _Point(top.x, top.y + 24), 'middle')}</a>"
        )


def _n(value: float) -> str:
    """Return a number with at most one decimal, without a useless zero."""
    text = f"{value:.1f}"
    return "0" if text == "-0.0" else text.removesuffix(".0")


def _title(text: str) -> str:
    return f"<title>{escape(text)}</title>" if text else ""


def _rect(kind: str, left: float, top: float, width: float, height: float, radius: float) -> str:
    return (
        f'<rect class="{kind}" x="{_n(left)}" y="{_n(top)}" width="{_n(width)}" height="{_n(height)}"'
        f' rx="{_n(radius)}"/>'
    )


def _bar(left: float, top: float, height: float) -> str:
    """Return the bar in the colour of the role along the left side of a box."""
    radius = _n(_RADIUS)
    to_side, back = f"a{radius} {radius} 0 0 0 -{radius} {radius}", f"a{radius} {radius} 0 0 0 {radius} {radius}"
    return f'<path class="flow-bar" d="M{_n(left + _RADIUS)} {_n(top)}{to_side}v{_n(height - 2 * _RADIUS)}{back}z"/>'


def _text(kind: str, lines: Sequence[str], middle: _Point, anchor: str) -> str:
    """Return lines of text around a height; the space between the lines is for who hears or copies them."""
    first = middle.y - (len(lines) - 1) * LEADING / 2 + 5
    return " ".join(
        f'<text class="{kind}" x="{_n(middle.x)}" y="{_n(first + number * LEADING)}" text-anchor="{anchor}">'
        f"{escape(line)}</text>"
        for number, line in enumerate(lines)
    )


def _label(way: _Way, middle: _Point) -> str:
    width = way.label_width
    rect = _rect("flow-pill", middle.x - width / 2, middle.y - _LABEL_HEIGHT / 2, width, _LABEL_HEIGHT, 10)
    return (
        f'<g class="flow-label">{_title(way.tooltip)}{rect}<text x="{_n(middle.x)}" y="{_n(middle.y + 4.5)}"'
        f' text-anchor="middle">{escape(way.label)}</text></g>'
    )


def _event(kind: str, word: str, top: _Point, *, beside: bool) -> str:
    centre = top.y + _EVENT_RADIUS
    radius = _EVENT_RADIUS - (1 if kind == "start" else 2.5)
    place = _Point(top.x + _EVENT_RADIUS + 8, centre + 5) if beside else _Point(top.x, top.y + 2 * _EVENT_RADIUS + 16)
    anchor = "start" if beside else "middle"
    return (
        f'<g class="flow-event flow-event--{kind}"><circle cx="{_n(top.x)}" cy="{_n(centre)}" r="{_n(radius)}"/>'
        f'<text x="{_n(place.x)}" y="{_n(place.y)}" text-anchor="{anchor}">{word}</text></g>'
    )


def _hexagon(kind: str, centre: _Point, half_width: float, half_height: float, point: float) -> str:
    left, right = centre.x - half_width, centre.x + half_width
    top, bottom = centre.y - half_height, centre.y + half_height
    return (
        f'<path class="{kind}" d="M{_n(left)} {_n(centre.y)}L{_n(left + point)} {_n(top)} {_n(right - point)} {_n(top)}'
        f' {_n(right)} {_n(centre.y)} {_n(right - point)} {_n(bottom)} {_n(left + point)} {_n(bottom)}z"/>'
    )


def _sign(kind: str, top: _Point, width: float, grow: float) -> str:
    """Return a sign that points down, the usual form for 'goes on elsewhere'."""
    left, right = top.x - width / 2 - grow, top.x + width / 2 + grow
    upper, shoulder, tip = top.y - grow, top.y + 33 + grow / 2, top.y + _CHIP_HEIGHT + grow
    return (
        f'<path class="{kind}" d="M{_n(left)} {_n(upper)}L{_n(right)} {_n(upper)} {_n(right)} {_n(shoulder)}'
        f' {_n(top.x)} {_n(tip)} {_n(left)} {_n(shoulder)}z"/>'
    )


def _rounded(corners: Sequence[_Point]) -> str:
    """Return the path through these corners with rounded bends."""
    parts = [f"M{_n(corners[0].x)} {_n(corners[0].y)}"]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        radius = min(_CORNER, _distance(before, corner) / 2, _distance(corner, after) / 2)
        start, end = _towards(corner, before, radius), _towards(corner, after, radius)
        parts.append(f"L{_n(start.x)} {_n(start.y)}Q{_n(corner.x)} {_n(corner.y)} {_n(end.x)} {_n(end.y)}")
    parts.append(f"L{_n(corners[-1].x)} {_n(corners[-1].y)}")
    return "".join(parts)


def _meeting(corners: Sequence[_Point], others: Iterable[Sequence[_Point]]) -> list[_Point] | None:
    """Return the line up to just past where it joins one of the others for good; None when it joins none.

    Two dashed lines on top of each other would look like a whole one.
    """
    best: list[_Point] | None = None
    for other in others:
        joined = _until(corners, other)
        if joined and (best is None or len(joined) <= len(best)):
            best = joined
    return best


def _until(corners: Sequence[_Point], other: Sequence[_Point]) -> list[_Point] | None:
    same = 0
    while same < min(len(corners), len(other)) and corners[-1 - same] == other[-1 - same]:
        same += 1
    if same in (0, len(corners)):
        return None
    corner, last = corners[-same], corners[-1 - same]
    if same < len(other) and _same_direction(corner, last, other[-1 - same]):
        join = min(last, other[-1 - same], key=lambda point: _distance(point, corner))
        return [*corners[: len(corners) - same], _towards(join, corner, _CORNER)]
    if same > 1:
        return [*corners[: len(corners) - same + 1], _towards(corner, corners[-same + 1], _CORNER)]
    return None


def _same_direction(start: _Point, one: _Point, two: _Point) -> bool:
    if start.x == one.x == two.x:
        return (one.y > start.y) == (two.y > start.y)
    return start.y == one.y == two.y and (one.x > start.x) == (two.x > start.x)


def _distance(one: _Point, two: _Point) -> float:
    return abs(one.x - two.x) + abs(one.y - two.y)


def _towards(start: _Point, goal: _Point, distance: float) -> _Point:
    whole = _distance(start, goal) or 1.0
    return _Point(start.x + (goal.x - start.x) / whole * distance, start.y + (goal.y - start.y) / whole * distance)
