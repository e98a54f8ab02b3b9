"""Realistic changes in a contract, each marked as a lawyer would mark it."""

from pathlib import Path

import pytest

from portal.compare.comparison import compare
from portal.releases.operations import Content
from tests.compare.contract import CHANGES, CONTRACT
from tests.compare.footnotes import contract_with_notes
from tests.compare.marked import marked

GOLDEN = Path(__file__).parent / "golden"
NOTES = (
    contract_with_notes(["Prijspeil 2025, zie bijlage A.", None]),
    contract_with_notes(["Prijspeil 2026, zie bijlage A.", "De index die het CBS in mei bekendmaakt."]),
)
CASES = {name: (Content({}, text=CONTRACT), Content({}, text=text)) for name, text in CHANGES.items()} | {
    "voetnoot-gewijzigd": (Content({}, original=NOTES[0]), Content({}, original=NOTES[1]))
}


@pytest.mark.parametrize("name", CASES)
def test_a_change_reads_as_a_lawyer_would_mark_it(name: str) -> None:
    assert marked(compare(*CASES[name])) == (GOLDEN / f"{name}.txt").read_text()


def test_every_golden_file_has_its_change() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(CASES)
