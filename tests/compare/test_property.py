"""Whatever two texts hold: both can be read back from their differences, and nothing is raised."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.compare.comparison import compare_blocks
from portal.compare.models import BREAK, Block, BlockChange, Comparison, Kind, Op, Status, new_text, old_text
from portal.compare.words import compare_words
from tests.conftest import LONG

EXAMPLES = 2_000 if LONG else 60
WORDS = (
    *("de", "het", "een", "per", "huur", "huurder", "betaalt", "€", "612,50", "1", "december", "2026", "1-12-2026"),
    *("2,5%", "zorg-", "hulpplan", ".", ",", ";", "[noot]", "en"),
)
LINES = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
TEXT = st.one_of(st.text(max_size=40), LINES)
LINE = TEXT.map(lambda text: " ".join(text.split()))
"""As every block is: on one line."""
ROWS = st.lists(st.lists(LINES, min_size=1, max_size=4).map(tuple), min_size=1, max_size=4).map(tuple)
NUMBER = st.sampled_from(["", "3", "3.1", "3.2", "Artikel 3", "Artikel 4", "a"])
BLOCK = st.one_of(
    st.builds(Block, st.sampled_from([Kind.HEADING, Kind.PARAGRAPH, Kind.ITEM, Kind.NOTE]), LINE, NUMBER),
    st.builds(Block, st.just(Kind.TABLE), rows=ROWS),
)
BLOCKS = st.lists(BLOCK, max_size=10)


@st.composite
def edits(draw: st.DrawFn) -> tuple[list[Block], list[Block]]:
    """Give a text and the same text in which blocks went, came, moved and changed places."""
    old = draw(BLOCKS)
    new = draw(st.permutations(old))[: draw(st.integers(0, len(old)))] if old else []
    return old, [*new, *draw(st.lists(BLOCK, max_size=3))]


@given(TEXT, TEXT)
@settings(max_examples=EXAMPLES)
def test_both_texts_can_be_read_back_from_the_pieces(old: str, new: str) -> None:
    pieces = compare_words(old, new)
    assert (old_text(pieces), new_text(pieces)) == (old, new)
    assert all(piece.text for piece in pieces)


@given(st.one_of(st.tuples(BLOCKS, BLOCKS), edits()))
@settings(max_examples=EXAMPLES)
def test_both_documents_can_be_read_back_from_the_comparison(texts: tuple[list[Block], list[Block]]) -> None:
    comparison = compare_blocks(*texts)
    for side, blocks in enumerate(texts):
        assert read_back(comparison, side) == [filled(b.words) for b in blocks if b.kind is not Kind.HEADING]


@given(BLOCKS)
@settings(max_examples=EXAMPLES)
def test_a_text_does_not_differ_from_itself(blocks: list[Block]) -> None:
    comparison = compare_blocks(blocks, blocks)
    assert comparison.same
    assert comparison.unchanged == len(comparison.sections)


def read_back(comparison: Comparison, side: int) -> list[str]:
    """Return the words of every block of the old text (0) or the new (1), in its order."""
    found: dict[tuple[int, int], str] = {}
    for section in comparison.sections:
        for change in section.blocks:
            places = change.new if side else change.old
            assert not set(places) & set(found), "a block is there twice"
            found |= dict(zip(places, words_of(change, side, len(places)), strict=True))
    return [found[place] for place in sorted(found)]


def filled(words: str) -> str:
    """Return words without the room that empty cells leave: a table may have got or lost an empty column."""
    return " ".join(words.split())


def words_of(change: BlockChange, side: int, count: int) -> list[str]:
    text = (old_text, new_text)[side]
    gone = Status.NEW if side == 0 else Status.REMOVED
    if change.kind is Kind.TABLE and count:
        cells = [[text(cell) for cell in row.cells] for row in change.rows if row.status is not gone]
        return [filled(" ".join(" ".join(row) for row in cells))]
    whole = text(change.pieces)
    return [whole] if count == 1 else whole.split(BREAK) if count else []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("huur " * 9_000, "huur " * 8_000 + "zorg"),
        (" ".join(f"de {n}" for n in range(9_000)), " ".join(f"de {n}" for n in range(9_000, 0, -1))),
    ],
    ids=["the same word over and over", "every other word the same"],
)
def test_a_paragraph_that_would_keep_the_portal_busy_is_shown_as_replaced(old: str, new: str) -> None:
    comparison = compare_blocks([Block(Kind.PARAGRAPH, old)], [Block(Kind.PARAGRAPH, new)])
    assert comparison.rough
    [section] = comparison.sections
    assert {piece.op for change in section.blocks for piece in change.pieces} == {Op.DELETED, Op.INSERTED}


@pytest.mark.parametrize("make", [lambda n: f"Alinea {n} over de huur.", lambda n: "Steeds dezelfde alinea."])
def test_a_huge_text_is_compared_and_says_that_it_was_done_roughly(make: object) -> None:
    assert callable(make)
    old = [Block(Kind.PARAGRAPH, make(n)) for n in range(4_000)]
    new = [Block(Kind.PARAGRAPH, make(n).replace("huur", "zorg")) for n in range(4_000, 0, -1)]
    comparison = compare_blocks(old, [*new, Block(Kind.PARAGRAPH, "Slot.")])
    assert comparison.rough
    assert read_back(comparison, 0) == [block.text for block in old]
