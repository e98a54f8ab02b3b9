"""What two editors made of one list is brought together without losing anything either of them did."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.publishing.merging import bring_together
from portal.releases.models import ItemKind

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
    found = bring_together(ItemKind.SYNONYMS, BASE, changed(mine), changed(theirs))
    held = words_of(found.data)
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
    def term(**changed: Any) -> dict[str, Any]:
        row = {"id": "hov", "term": "HOV", "uitleg": "Oud.", "ook": [], "convenant": [], "grond": "genoemd"}
        return {"schema": 1, "begrippen": [row | changed, {**row, "id": "hmd", "term": "HMD"}]}

    found = bring_together(ItemKind.GLOSSARY, term(), term(term="ZZZ"), term(uitleg="Nieuw."))
    assert [(row["term"], row["uitleg"]) for row in found.data["begrippen"]] == [("HMD", "Oud."), ("ZZZ", "Nieuw.")]
    assert found.met == ()
    both = bring_together(ItemKind.GLOSSARY, term(), term(uitleg="Van mij."), term(uitleg="Van hen."))
    assert both.met == ("HOV",)
    assert both.data["begrippen"][1]["uitleg"] == "Van mij."
