"""The drawing of one route: lanes are columns, time runs down, the result is one SVG text.

How it works, in the order in which the modules build on each other:

1. ``ways`` turns the answers of the steps into ways on; answers of one step with the same target share a way.
2. ``grid`` puts every step on a grid of lanes and rows. Ways to another route and to the end hang under their step.
3. ``router`` picks for every other way a plan (``plans``): out of the step at the bottom or a side, along at most one
   gutter between two lanes, into the next step at its top or a side. Plans only use empty cells: no line meets a box.
4. ``tracks`` gives lines that would coincide their own track in a gutter, their own height beside a row and their own
   track in the channel between two rows (``sharing``), and ``hanging`` places what leaves a step at the bottom. Gutters
   and channels grow with the number of tracks; ``layout`` tries until everything fits.
5. ``paint`` writes the SVG. Nothing is random and nothing depends on time: same input, same bytes.

Colours, fonts and line widths are in the style sheet (classes ``flow-*`` and ``rol--N``); the drawing holds no styles.
"""

from portal.flow.swimlane.drawing import Drawing, draw
from portal.flow.swimlane.grid import Lane

__all__ = ["Drawing", "Lane", "draw"]
