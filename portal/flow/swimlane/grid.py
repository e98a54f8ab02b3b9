"""Every step on a grid of lanes and rows, and the sizes of that grid."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.flow.models import Route, Step
from portal.flow.swimlane.points import Point, Side
from portal.flow.swimlane.text import (
    LABEL_SIZE,
    LEADING,
    NUMBER_SIZE,
    QUESTION_SIZE,
    TITLE_SIZE,
    longest_word,
    text_width,
    wrap,
)
from portal.flow.swimlane.ways import Way


@dataclass(frozen=True)
class Lane:
    """One column. ``colour`` belongs to the role, so it is the same in every route."""

    role_id: str
    title: str
    colour: int


_ROOMY = {1: (480.0, 300.0), 2: (400.0, 300.0), 3: (320.0, 228.0), 4: (268.0, 204.0)}
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
CHIP_HEIGHT = 42.0
START_HEIGHT = 52.0
LABEL_HEIGHT = 20.0
LABEL_ROOM = 28.0


@dataclass(frozen=True)
class Sizes:
    """Widths that hold for the whole drawing."""

    count: int
    lane: float
    node: float
    chip: float
    indent: float

    @property
    def gutter(self) -> float:
        """The width between the boxes of two lanes."""
        return self.lane - self.node

    @property
    def width(self) -> float:
        """The width of all lanes together."""
        return self.lane * self.count

    def centre(self, lane: int) -> float:
        """Return the middle of a lane."""
        return self.lane * (lane + 0.5)

    def edge(self, lane: int, side: "Side") -> float:
        """Return where the left or right side of a box is."""
        return self.centre(lane) + (self.node / 2 if side is Side.RIGHT else -self.node / 2)

    def widened(self) -> "Sizes":
        """Return the same sizes with somewhat wider lanes."""
        return Sizes(self.count, self.lane + _WIDEN, self.node, self.chip, self.indent)


def sizes_of(route: Route, lanes: Sequence[Lane], ways: Sequence[Way], least_node: float) -> Sizes:
    """Return the sizes for these lanes, with nodes wide enough for every word and at least ``least_node``."""
    lane, node = _ROOMY.get(max(1, len(lanes)), _NARROW)
    chip = max(62.0, *(text_width(way.page.id, LABEL_SIZE) + 10 for way in ways if way.page), 0.0)
    indent = 22.0 + max((text_width(str(step.number), NUMBER_SIZE) for step in route.steps), default=0.0)
    node = max(
        node,
        least_node,
        longest_word([step.title for step in route.steps], TITLE_SIZE) + indent + _TEXT_PAD,
        longest_word([step.question or "" for step in route.steps], QUESTION_SIZE) + 2 * _BLUNT + _TEXT_PAD,
    )
    return Sizes(max(1, len(lanes)), max(lane, node + _LEAST_GUTTER), node, chip, indent)


@dataclass
class Cell:
    """One step on the grid, with the question and everything that hangs under it."""

    step: Step
    lane: int
    row: int
    is_first: bool
    title: tuple[str, ...]
    question: tuple[str, ...]
    point: float
    ways: tuple[Way, ...]
    box_height: float = 0.0
    question_height: float = 0.0
    drop_height: float = 0.0
    drop_x: dict[int, float] = field(default_factory=dict)
    """Where ways leave at the bottom, by way, from the middle of the lane."""
    drop_label: dict[int, Point] = field(default_factory=dict)
    """Middle of their labels, from the middle of the lane and the foot of this cell."""
    drop_goal: dict[int, Point] = field(default_factory=dict)
    """Top middle of the connectors and end events that hang here."""
    is_stair: bool = False

    def shrink(self) -> None:
        """Make box and question as high as their text asks."""
        self.box_height = max(2, len(self.title)) * LEADING + 24
        self.question_height = _question_height(len(self.question)) if self.question else 0.0

    @property
    def hanging(self) -> list[Way]:
        """The ways to another route and to the end."""
        return [way for way in self.ways if way.target is None]


def cells_of(route: Route, lanes: Sequence[Lane], ways: Sequence[Way], sizes: Sizes) -> list[Cell]:
    """Return the steps on the grid, in process order."""
    lane_of = {lane.role_id: place for place, lane in enumerate(lanes)}
    columns = [lane_of[step.responsible] for step in route.steps]
    title_room = sizes.node - sizes.indent - _TEXT_PAD
    cells = []
    for place, row in enumerate(_rows(columns, ways)):
        step = route.steps[place]
        own = tuple(way for way in ways if way.source == place)
        title = wrap(step.title, TITLE_SIZE, lambda count: [title_room] * count)
        asked = step.question if step.question and len(step.answers) > 1 else ""
        question, point = _question_lines(asked, sizes.node) if asked.strip() else ((), 0.0)
        cell = Cell(step, columns[place], row, place == 0, title, question, point, own)
        cell.shrink()
        cell.drop_height = LABEL_ROOM + CHIP_HEIGHT if cell.hanging else 0.0
        cells.append(cell)
    return cells


def _rows(columns: Sequence[int], ways: Sequence[Way]) -> list[int]:
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

        lines = wrap(text, QUESTION_SIZE, rooms)
        if lines:
            return lines, point
    return tuple(text.split()), _BLUNT


@dataclass(frozen=True)
class Frame:
    """Heights of rows and of the channels above, between and below them."""

    channel: tuple[float, ...]
    """Top of each channel; channel r lies above row r."""
    box_top: tuple[float, ...]
    box_height: tuple[float, ...]
    question_middle: tuple[float, ...]
    height: float

    def box_middle(self, row: int) -> float:
        """Return the height of the middle of the boxes in a row."""
        return self.box_top[row] + self.box_height[row] / 2

    def exit_middle(self, cell: Cell) -> float:
        """Return the height at which ways leave a cell at a side."""
        return self.question_middle[cell.row] if cell.question else self.box_middle(cell.row)

    def foot(self, cell: Cell) -> float:
        """Return the height of the lower edge of a cell, without what hangs there."""
        if cell.question:
            return self.question_middle[cell.row] + cell.question_height / 2
        return self.box_top[cell.row] + self.box_height[cell.row]


def frame_of(cells: Sequence[Cell], gaps: Sequence[float]) -> Frame:
    """Return the heights, with these heights of the channels."""
    channel, box_top, box_height, question_middle = [], [], [], []
    top = 0.0
    for row, gap in enumerate(gaps[:-1]):
        here = [cell for cell in cells if cell.row == row]
        channel.append(top)
        box_top.append(top + gap + (START_HEIGHT if any(cell.is_first for cell in here) else 0.0))
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
    return Frame(tuple(channel), tuple(box_top), tuple(box_height), tuple(question_middle), top + gaps[-1])
