"""Realistic changes in a contract, each marked as a lawyer would mark it."""

from itertools import combinations
from pathlib import Path

import pytest

from portal.compare.comparison import compare, compare_blocks
from portal.compare.reading import blocks_of
from portal.desk.differences import SAME_DOCUMENT
from portal.publishing.content import Handbook
from portal.releases.models import ItemKind
from portal.releases.operations import Content
from tests.compare.contract import CHANGES, CONTRACT
from tests.compare.footnotes import contract_with_notes
from tests.compare.marked import marked
from tests.conftest import LONG

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


@pytest.mark.parametrize("name", CASES)
def test_a_change_is_not_taken_for_another_document(name: str) -> None:
    assert compare(*CASES[name]).kept > SAME_DOCUMENT


def test_two_documents_of_the_handbook_are_not_taken_for_one(handbook: Handbook) -> None:
    texts = {
        one.code: blocks_of(one.content, str(one.content.data["titel"]))
        for one in handbook.items
        if one.kind is ItemKind.DOCUMENT
    }
    pairs = [pair for pair in combinations(texts, 2) if LONG or pair[0][:2] == pair[1][:2]]
    assert len(pairs) > 100
    alike = [pair for pair in pairs if compare_blocks(*(texts[code] for code in pair)).kept >= SAME_DOCUMENT]
    assert not alike


def test_every_golden_file_has_its_change() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(CASES)
