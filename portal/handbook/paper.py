"""On which paper a route hangs on the wall: A4 as long as its words stay readable, else A3.

The style sheet for paper gives the drawing all the room that is left on one upright sheet. Upright, because lanes are
columns and time runs down: on its side an A4 has too little height for any route that does not fit it upright.
"""

from portal.flow.models import Route
from portal.flow.swimlane import Drawing

WIDTH, HEIGHT = 190.0, 277.0
"""Millimetres of an A4 inside its margins."""
AROUND = 45.0
"""Millimetres for the colophon, the title, the names of the roles and the legend."""
LINE = 3.0
"""Millimetres a line takes under the drawing: letters in two columns, most of two lines; terms in a third, of three."""
SMALLEST = 13.0
"""The smallest letters in the drawing, in its own units."""
READABLE = 6 / 72 * 25.4
"""Millimetres: 6 points. The names of the steps are somewhat larger."""


def paper_for(drawing: Drawing, route: Route) -> str:
    """Return "a4" or "a3"."""
    lines = max(len(drawing.letters), 3 * sum(bool(step.term) for step in route.steps))
    scale = min(WIDTH / max(drawing.width, 1), (HEIGHT - AROUND - LINE * lines) / max(drawing.height, 1))
    return "a4" if SMALLEST * scale >= READABLE else "a3"
