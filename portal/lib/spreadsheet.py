"""A table as a file that a spreadsheet opens safely."""

import csv
import io
from collections.abc import Iterable, Sequence

BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell may not begin with: a spreadsheet would run it (OWASP, CSV injection; ASVS V1.2.10).
The last four are the wide forms of the first."""


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table as Dutch Excel opens it: UTF-8 with its mark, semicolons, quoted after RFC 4180.

    What begins like a formula gets an apostrophe in front, so that it is only shown.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(BEGINS_A_FORMULA) else cell
