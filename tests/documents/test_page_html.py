from pathlib import Path

import pytest

from portal.documents.outline import Outline, names_rows
from portal.documents.page_html import page_html
from portal.documents.pages import Link, parse

PAGES = sorted(Path(__file__).parents[2].glob("content/documenten/*.md"))


def nowhere(link: Link) -> None:
    return None


def html(text: str, *, fields: bool = False) -> str:
    return str(page_html(parse(text), nowhere, fields=fields).html)


def test_blocks_become_html() -> None:
    assert html("## Kop\n\nTekst met **vet** & meer.\n\n- een\n- twee\n\n1. drie\n2. vier\n") == (
        '<h2 id="kop-kop">Kop</h2>\n<p>Tekst met <strong>vet</strong> &amp; meer.</p>\n'
        "<ul><li>een</li><li>twee</li></ul>\n<ol><li>drie</li><li>vier</li></ol>"
    )


def test_a_link_leads_where_resolve_says_or_is_its_words() -> None:
    text = "Zie [het contract](doc:ZC-01) en [de lijst](doc:OV-03).\n"
    page = page_html(parse(text), lambda link: "/documenten/ZC-01?a=1&b=2" if link.target == "ZC-01" else None)
    assert page.html == '<p>Zie <a href="/documenten/ZC-01?a=1&amp;b=2">het contract</a> en de lijst.</p>'


def test_headings_have_ids_of_their_own_and_skip_no_level() -> None:
    page = page_html(parse("### Élk één!\n\n### Elk een\n\n## Hoog\n\n### Elk een\n"), nowhere)
    assert page.contents == (
        ("kop-elk-een", "Élk één!", 2),
        ("kop-elk-een-2", "Elk een", 2),
        ("kop-hoog", "Hoog", 2),
        ("kop-elk-een-3", "Elk een", 3),
    )
    assert '<h3 id="kop-elk-een-3">Elk een</h3>' in page.html


def test_a_table_is_a_named_region_with_headers() -> None:
    table = "| Wie | Wat |\n| --- | --- |\n| U | alles |\n| Wij | niets |\n"
    assert html(f"## Rollen\n\n{table}").endswith(
        '<div class="tablebox" tabindex="0" role="region" aria-label="Tabel: Rollen"><table><thead><tr>'
        '<th scope="col">Wie</th><th scope="col">Wat</th></tr></thead><tbody>'
        '<tr><th scope="row">U</th><td>alles</td></tr><tr><th scope="row">Wij</th><td>niets</td></tr>'
        "</tbody></table></div>"
    )


def test_two_tables_have_two_names() -> None:
    table = "| A | B |\n| --- | --- |\n| c | d |\n"
    page = html(f"{table}\n## Kop\n\n{table}\nTussen.\n\n{table}")
    assert [part.split('"')[0] for part in page.split('aria-label="')[1:]] == ["Tabel", "Tabel: Kop", "Tabel: Kop (2)"]


def test_empty_cells_show_a_field_when_the_page_is_fillable() -> None:
    table = "| Gegeven | Invullen |\n| --- | --- |\n| Naam |  |\n"
    assert '<td><span class="invulveld">in te vullen</span></td>' in html(table, fields=True)
    assert "<td></td>" in html(table)


def test_an_empty_header_cell_is_no_header() -> None:
    assert "<thead><tr><td></td><th" in html("|  | B |\n| --- | --- |\n| c | d |\n")


@pytest.mark.parametrize(
    ("first_column", "columns", "expected"),
    [
        (["a", "b"], 2, True),
        (["a"], 1, False),
        (["a", "A"], 2, False),
        (["a", ""], 2, False),
        ([], 2, False),
    ],
)
def test_the_first_column_names_the_rows_when_it_can(first_column: list[str], columns: int, expected: bool) -> None:
    assert names_rows(first_column, columns) is expected


def test_levels_keep_siblings_together() -> None:
    outline = Outline()
    levels = [outline.heading("x", level).level for level in (2, 2, 1, 3, 3, 2, 4, 1, 9)]
    assert levels == [2, 2, 2, 3, 3, 3, 4, 2, 3]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_the_real_pages(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    page = page_html(parse(text), lambda link: f"/{link.kind}/{link.target}", fields=True)
    assert page.html.count("<h2") + page.html.count("<h3") == len(page.contents)
    assert len({section.id for section in page.contents}) == len(page.contents)
    assert page.html.count("<a href=") == text.count("](")
    assert page.html.count("<table>") == text.count("\n| --- |") == page.html.count("tablebox")
    assert "<a>" not in page.html
