"""Exact places for the lines of all plans."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from portal.flow.swimlane.grid import Cell, Frame, Sizes
from portal.flow.swimlane.hanging import drop_start, hang
from portal.flow.swimlane.plans import EDGE, ENTER_ROOM, LABEL_GAP, TRACK, Plan
from portal.flow.swimlane.points import Point, Side, trace
from portal.flow.swimlane.sharing import SLOT, BesideRow, Run, best_place, place_run, row_reach

_CHANNEL_TRACK = 10.0


class Tracks:
    """Exact places for the lines of all plans."""

    def __init__(self, cells: Sequence[Cell], plans: Sequence[Plan], sizes: Sizes) -> None:
        """Place the lines; raises when a node or a gutter is too narrow."""
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
        bands: dict[tuple[int, bool], list[BesideRow]] = defaultdict(list)
        for plan in self.plans:
            source, target = plan.source, plan.target
            goal = 2.0 * target.lane + 1 if plan.gutter is None else 2.0 * plan.gutter
            if plan.leave is not Side.BOTTOM:
                reach = row_reach(source, plan.leave, goal)
                bands[source.row, bool(source.question)].append(BesideRow(*reach, plan, True))
            if plan.enter is not Side.TOP:
                bands[target.row, False].append(BesideRow(*row_reach(target, plan.enter, goal), plan, False))
        for (row, at_question), band in bands.items():
            most = self._share_band(band)
            for cell in self.cells:
                if cell.row == row and at_question and cell.question:
                    cell.question_height = max(cell.question_height, 2 * most + 24)
                elif cell.row == row and not at_question:
                    cell.box_height = max(cell.box_height, 2 * most + 24)

    def _share_band(self, band: Iterable[BesideRow]) -> float:
        """Give each piece its height; return the largest distance from the middle."""
        placed: list[tuple[BesideRow, float]] = []
        for piece in sorted(band, key=lambda piece: (not piece.is_out, piece.plan.way.index)):
            shift = next(
                height
                for height in _around(SLOT / 2)
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
            if plan.enter is Side.TOP
            and (plan.gutter is not None or (plan.leave is Side.BOTTOM and plan.source.lane != plan.target.lane))
        }
        """Lane and channel where a line comes in from aside and goes down in the middle of the lane."""
        for cell in self.cells:
            down = [plan for plan in self.plans if plan.leave is Side.BOTTOM and plan.source is cell]
            hang(cell, down, self.sizes, (cell.lane, cell.row + 1) in arriving)

    # in the gutters

    def _share_gutters(self) -> None:
        gutters: dict[int, list[Plan]] = defaultdict(list)
        for plan in self.plans:
            if plan.gutter is not None:
                gutters[plan.gutter].append(plan)
        for gutter, plans in sorted(gutters.items()):
            placed: list[tuple[Plan, float]] = []
            labels = [
                (2 * plan.source.row + 1, self.side_label_x(plan), plan.way.label_width / 2 + LABEL_GAP)
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
                x = best_place(plan, free, placed)
                placed.append((plan, x))
                self.gutter_x[plan.way.index] = x

    def side_label_x(self, plan: Plan) -> float:
        """Return the middle of the label of a plan that leaves at a side."""
        outward = LABEL_GAP + plan.way.label_width / 2
        edge = self.sizes.edge(plan.source.lane, plan.leave)
        return edge + (outward if plan.leave is Side.RIGHT else -outward)

    def _gutter_places(self, gutter: int) -> list[float]:
        """Return where lines may stand in a gutter, the middle first."""
        boundary, half = gutter * self.sizes.lane, self.sizes.gutter / 2
        low = EDGE if gutter == 0 else boundary - half + ENTER_ROOM
        high = self.sizes.width - EDGE if gutter == self.sizes.count else boundary + half - ENTER_ROOM
        middle = (low + high) / 2
        count = int((high - low) / 2 // TRACK)
        return [middle + distance for distance, _ in zip(_around(TRACK), range(2 * count + 1), strict=False)]

    # in the channels

    def _share_channels(self) -> None:
        channels: dict[int, list[Run]] = defaultdict(list)
        for plan in self.plans:
            for channel, run in self._runs(plan):
                channels[channel].append(run)
        for channel, runs in channels.items():
            tracks: list[list[Run]] = []
            for run in sorted(runs, key=lambda run: (run.right - run.left, run.plan.way.index)):
                place_run(run, tracks)
            self.tracks_in[channel] = len(tracks)
            for number, track in enumerate(tracks):
                for run in track:
                    self.track[run.plan.way.index, run.is_out] = number

    def _runs(self, plan: Plan) -> Iterator[tuple[int, Run]]:
        """Yield the level pieces of a plan with their channels."""
        source, index = plan.source, plan.way.index
        target_x = self.sizes.centre(plan.target.lane)
        gutter_x = self.gutter_x.get(index, target_x)
        goes_down = plan.gutter is None or plan.in_level > plan.out_level
        if plan.leave is Side.BOTTOM:
            start = self.sizes.centre(source.lane) + source.drop_x[index]
            if gutter_x != start:
                yield source.row + 1, Run(plan, True, ((start, False), (gutter_x, goes_down)))
        if plan.enter is Side.TOP and plan.gutter is not None:
            yield plan.target.row, Run(plan, False, ((gutter_x, not goes_down), (target_x, True)))

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

    def corners(self, plan: Plan, frame: Frame) -> list[Point]:
        """Return the corners of the line of this plan."""
        target, index = plan.target, plan.way.index
        start = self._start(plan, frame)
        out_y = start.y
        if (index, True) in self.track:
            out_y = _track_y(frame, plan.source.row + 1, self.track[index, True])
        if plan.enter is Side.TOP:
            end = Point(self.sizes.centre(target.lane), frame.box_top[target.row])
            in_y = _track_y(frame, target.row, self.track.get((index, False), 0))
        else:
            in_y = frame.box_middle(target.row) + self.shift[index, False]
            end = Point(self.sizes.edge(target.lane, plan.enter), in_y)
        return trace(start, out_y, self.gutter_x.get(index), in_y, end)

    def _start(self, plan: Plan, frame: Frame) -> Point:
        source = plan.source
        if plan.leave is Side.BOTTOM:
            return drop_start(source, plan.way, self.sizes, frame)
        shift = self.shift[plan.way.index, True]
        inset = source.point * abs(shift) / (source.question_height / 2) if source.question else 0.0
        x = self.sizes.edge(source.lane, plan.leave) + (inset if plan.leave is Side.LEFT else -inset)
        return Point(x, frame.exit_middle(source) + shift)


def _around(distance: float) -> Iterator[float]:
    """Yield 0, d, -d, 2d, -2d and so on."""
    yield 0.0
    place = distance
    while True:
        yield place
        yield -place
        place += distance


def _track_y(frame: Frame, channel: int, track: int) -> float:
    return frame.channel[channel] + 13 + _CHANNEL_TRACK * track
