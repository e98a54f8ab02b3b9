"""Two versions of a table: row by row, and cell by cell."""

from itertools import zip_longest

from portal.compare.alignment import align
from portal.compare.models import Op, RowChange, Status
from portal.compare.words import Budget, compare_words, likeness, replaced, words

ALIKE = 0.45
SAME_NAME = 0.6
"""How much two rows or tables are alike at least when their first cell or first row is the same."""

Row = tuple[str, ...]
Columns = list[tuple[int | None, int | None]]


def tables_alike(old: tuple[Row, ...], new: tuple[Row, ...]) -> float:
    """Return how much two tables are alike, from 0 to 1."""
    alike = likeness(*(" ".join(" ".join(row) for row in rows) for rows in (old, new)))
    return max(alike, SAME_NAME) if old[:1] == new[:1] and any(old[0]) else alike


def compare_tables(old: tuple[Row, ...], new: tuple[Row, ...], budget: Budget) -> tuple[RowChange, ...]:
    """Return the rows of both tables in the order of the new one; a cell stays in its column, also beside a new one."""
    columns = _columns(old, new, budget)
    found = align(old, new, lambda i, k: _gain(old[i[0]], new[k[0]]), budget)
    return tuple(_row(old[i[0]] if i else None, new[k[0]] if k else None, columns, budget) for i, k in found)


def _gain(old: Row, new: Row) -> float:
    alike = likeness(" ".join(old), " ".join(new))
    if old[:1] == new[:1] and any(old[:1]):
        alike = max(alike, SAME_NAME)
    return alike * len(words(" ".join((*old, *new)))) if alike >= ALIKE else 0


def _columns(old: tuple[Row, ...], new: tuple[Row, ...], budget: Budget) -> Columns:
    """Return which column became which, by the first rows; as many columns as before stay in place."""
    wide_old, wide_new = (max(map(len, rows), default=0) for rows in (old, new))
    if wide_old == wide_new or not old or not new:
        return [(i if i < wide_old else None, i if i < wide_new else None) for i in range(max(wide_old, wide_new))]
    was, now = ((*row, *[""] * (wide - len(row))) for row, wide in ((old[0], wide_old), (new[0], wide_new)))
    found = align(was, now, lambda i, k: likeness(was[i[0]], now[k[0]]) if was[i[0]] else 0, budget)
    return [(i[0] if i else None, k[0] if k else None) for i, k in found]


def _row(old: Row | None, new: Row | None, columns: Columns, budget: Budget) -> RowChange:
    if old is None or new is None:
        cells = tuple(replaced(a, b) for a, b in zip_longest(old or (), new or (), fillvalue=""))
        return RowChange(Status.NEW if old is None else Status.REMOVED, cells)
    pairs = [(_cell(old, i), _cell(new, k)) for i, k in columns]
    cells = tuple(compare_words(a, b, budget) for a, b in pairs)
    same = all(piece.op is Op.EQUAL for cell in cells for piece in cell)
    return RowChange(Status.SAME if same else Status.CHANGED, cells)


def _cell(row: Row, place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""
