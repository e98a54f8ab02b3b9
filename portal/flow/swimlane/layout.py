"""The whole layout: wider nodes and lanes until everything has its place."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.flow.models import Route
from portal.flow.swimlane.grid import Cell, Frame, Lane, Sizes, cells_of, frame_of, sizes_of
from portal.flow.swimlane.hanging import NodeTooNarrow
from portal.flow.swimlane.router import Router
from portal.flow.swimlane.sharing import NoRoom
from portal.flow.swimlane.tracks import Tracks
from portal.flow.swimlane.ways import Way

_TRIES = 8
"""So often another plan is tried before the lanes get wider."""


@dataclass(frozen=True)
class Layout:
    """Everything has its place."""

    cells: Sequence[Cell]
    sizes: Sizes
    frame: Frame
    tracks: Tracks


def lay_out(route: Route, lanes: Sequence[Lane], ways: Sequence[Way]) -> Layout:
    """Place everything, with nodes as wide as it takes."""
    needed = 0.0
    while True:
        sizes = sizes_of(route, lanes, ways, needed)
        cells = cells_of(route, lanes, ways, sizes)
        try:
            tracks = _tracks(cells, sizes)
            break
        except NodeTooNarrow as problem:
            needed = problem.needed
    rows = max((cell.row for cell in cells), default=-1) + 1
    return Layout(cells, tracks.sizes, frame_of(cells, tracks.gaps(rows)), tracks)


def _tracks(cells: Sequence[Cell], sizes: Sizes) -> Tracks:
    """Choose the plans and give them tracks; where that does not fit, other plans, and at last wider lanes."""
    router = Router(cells, sizes)
    tries = 0
    while True:
        try:
            return Tracks(cells, router.plans(), sizes)
        except NoRoom as problem:
            tries += 1
            if tries > _TRIES or not router.bar(problem.plan):
                sizes = sizes.widened()
