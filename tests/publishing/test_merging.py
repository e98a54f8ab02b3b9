"""What two editors made of one list is brought together without losing anything either of them did."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.publishing.merging import bring_together
from portal.releases.models import ItemKind
from portal.releases.operations import Content

BASE: dict[str, Any] = {"schema": 1, "synoniemen": [{"id": f"g{n}", "woorden": [f"a{n}", f"b{n}"]} for n in range(4)]}
ROWS = st.dictionaries(st.sampled_from(["g0", "g1", "g2", "g3", "nieuw"]), st.sampled_from(["x", "y", None]))


def changed(by_id: dict[str, str | None]) -> dict[str, Any]:
    """Return the base with rows that hold one word, and without the rows of which that is None."""
    rows = {row["id"]: row for row in BASE["synoniemen"]} | {
        name: {"id": name, "woorden": [word]} if word else None for name, word in by_id.items()
    }
    return {"schema": 1, "synoniemen": [row for row in rows.values() if row]}


def words_of(data: dict[str, Any]) -> dict[str, Any]:
    return {row["id"]: row["woorden"] for row in data["synoniemen"]}


@given(ROWS, ROWS)
def test_each_change_of_both_is_there(mine: dict[str, str | None], theirs: dict[str, str | None]) -> None:
    base, own, other = words_of(BASE), words_of(changed(mine)), words_of(changed(theirs))
    found = bring_together(ItemKind.SYNONYMS, Content(BASE), Content(changed(mine)), Content(changed(theirs)))
    assert found is not None
    held = words_of(found.content.data)
    for name in {**base, **own, **other}:
        was, one, two = base.get(name), own.get(name), other.get(name)
        if one == two or two == was:
            assert held.get(name) == one
        elif one == was:
            assert held.get(name) == two
        else:
            assert held[name] == (one or two), "a row that somebody changed is never gone"
            assert name in found.met
    assert set(found.met) <= set(held)


def test_fields_of_one_row_that_two_changed_are_both_there() -> None:
    def term(**changed: Any) -> Content:
        row = {"id": "hov", "term": "HOV", "uitleg": "Oud.", "ook": [], "convenant": [], "grond": "genoemd"}
        return Content({"schema": 1, "begrippen": [row | changed, {**row, "id": "hmd", "term": "HMD"}]})

    found = bring_together(ItemKind.GLOSSARY, term(), term(term="ZZZ"), term(uitleg="Nieuw."))
    assert found is not None
    terms = [(row["term"], row["uitleg"]) for row in found.content.data["begrippen"]]
    assert terms == [("HMD", "Oud."), ("ZZZ", "Nieuw.")]
    assert found.met == ()
    both = bring_together(ItemKind.GLOSSARY, term(), term(uitleg="Van mij."), term(uitleg="Van hen."))
    assert both is not None
    assert both.met == ("HOV",)
    assert both.content.data["begrippen"][1]["uitleg"] == "Van mij."


TEXT = "Eerste.\n\nTweede.\n\n- een\n- twee\n- drie\n\n| A | B |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |\n\nLaatste.\n"


@pytest.mark.parametrize(
    ("mine", "theirs", "text", "met"),
    [
        (("Eerste.", "Mijn eerste."), ("Laatste.", "Hun laatste."), {"Mijn eerste.", "Hun laatste."}, ()),
        (("Eerste.", "Mijn eerste."), ("Tweede.", "Hun tweede."), {"Mijn eerste.", "Hun tweede."}, ()),
        (("- een", "- één"), ("- drie", "- drie\n- vier"), {"- één", "- vier"}, ()),
        (("| 1 | 2 |", "| 1 | 9 |"), ("| 3 | 4 |\n", "| 3 | 4 |\n| 5 | 6 |\n"), {"| 1 | 9 |", "| 5 | 6 |"}, ()),
        (("Tweede.", "Van mij."), ("Tweede.", "Van hen."), {"Van mij.", "Van hen."}, ("“Van mij.”",)),
        (("- twee", "- van mij"), ("- twee", "- van hen"), {"- van mij", "- van hen"}, ("een punt van de lijst",)),
        (("Tweede.\n\n", ""), ("Tweede.", "Anders."), {"Anders."}, ("“Anders.”",)),
        (("Tweede.", "Zelfde."), ("Tweede.", "Zelfde."), {"Zelfde."}, ()),
    ],
)
def test_paragraphs_points_and_rows_of_both_are_there(
    mine: tuple[str, str], theirs: tuple[str, str], text: set[str], met: tuple[str, ...]
) -> None:
    found = bring_together(
        ItemKind.DOCUMENT, Content({}, TEXT), Content({}, TEXT.replace(*mine)), Content({}, TEXT.replace(*theirs))
    )
    assert found is not None
    assert found.met == met
    lines = (found.content.text or "").splitlines()
    assert text <= set(lines)
    assert all(lines.count(line) == 1 for line in text)
    assert "Laatste." in lines or "Hun laatste." in lines


PARAGRAPHS = st.lists(st.sampled_from(["Een.", "Twee.", "Drie.", "Vier."]), min_size=1, max_size=4, unique=True).map(
    "\n\n".join
)


@given(PARAGRAPHS, PARAGRAPHS, PARAGRAPHS)
def test_of_any_three_texts_nothing_new_is_lost(base: str, mine: str, theirs: str) -> None:
    three = [Content({}, f"{text}\n") for text in (base, mine, theirs)]
    found = bring_together(ItemKind.DOCUMENT, *three)
    assert found is not None
    held = set((found.content.text or "").split())
    assert set(mine.split()) - set(base.split()) <= held
    assert set(theirs.split()) - set(base.split()) <= held
    assert set(base.split()) & set(mine.split()) & set(theirs.split()) <= held, "what both left is there"
    if theirs in (base, mine):
        assert found.content == three[1]
    elif mine == base:
        assert found.content == three[2]


def test_two_files_are_for_an_editor_to_bring_together() -> None:
    base, mine, theirs = (Content({"titel": title}, None, title.encode()) for title in ("Oud", "Van mij", "Van hen"))
    assert bring_together(ItemKind.DOCUMENT, base, mine, theirs) is None
    facts = replace(base, data={"titel": "Andere titel"})
    found = bring_together(ItemKind.DOCUMENT, base, facts, theirs)
    assert found is not None
    assert found.content == Content({"titel": "Andere titel"}, None, b"Van hen")
    assert found.met == ("Titel",)
