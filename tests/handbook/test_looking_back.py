"""Any day, as known at any moment: every address, download and search give the version that a table by hand says."""

import io
import re
from pathlib import Path

import docx
import pytest
from sqlalchemy.orm import Session

from portal.audit.operations import SYSTEM
from portal.publishing.content import read, write
from portal.publishing.operations import export_handbook, import_handbook
from portal.search.models import SearchMiss
from tests.conftest import LONG, Site
from tests.handbook.six_releases import (
    LATER,
    OVERLAPPING,
    PAGE,
    READING,
    RETROACTIVE,
    STEP,
    TITLE,
    WITHDRAWAL,
    WORDS,
    links_of,
    main_of,
)
from tests.publishing.test_round_trip import files
from tests.visitor import parse, words

KNOWN = ("2026-12-05", "2026-12-19", "")
"""Three moments: the future release was published in the last instant of the first, the retroactive one just after it;
at the second all but the last two are known; the third is now."""
TABLE = {
    "2026-11-19": ("geen", "geen", "geen"),
    "2026-11-20": ("1", "1", "1"),
    "2026-11-24": ("1", "1", "1"),
    "2026-11-25": ("1", "vernietigd kruiwagen", "vernietigd kruiwagen"),
    "2026-11-30": ("1", "vernietigd kruiwagen", "vernietigd kruiwagen"),
    "2026-12-01": ("2 veldfiets", "2 veldfiets", "2 veldfiets"),
    "2026-12-19": ("2 veldfiets", "2 veldfiets", "2 veldfiets"),
    "2026-12-20": ("2 veldfiets", "2 veldfiets", "6 veldfiets"),
    "2027-01-31": ("2 veldfiets", "2 veldfiets", "6 veldfiets"),
    "2027-02-01": ("3 roeiboot", "5 luchtballon", "5 luchtballon"),
    "2027-02-28": ("3 roeiboot", "5 luchtballon", "5 luchtballon"),
    "2027-03-01": ("3 roeiboot", "5 luchtballon", "ingetrokken luchtballon"),
}
"""By day and moment of knowledge: the version of the page that holds, and the word in all texts.

What was destroyed is gone from every day on which it held, also as known before.
"""
GONE = {"ingetrokken": "ingetrokken per 1 maart 2027", "vernietigd": "vernietigd op 23 december 2026"}
"""What is said of a page of which nothing holds."""
CELLS = [(day, known, cell) for day, row in TABLE.items() for known, cell in zip(KNOWN, row, strict=True)]
SOME = [("2026-11-25", KNOWN[1]), ("2026-12-20", KNOWN[2]), ("2027-02-01", KNOWN[0]), ("2027-03-01", KNOWN[2])]


def address(day: str, path: str, known: str) -> str:
    return f"/op/{day}{path}" + (f"{'&' if '?' in path else '?'}bekend={known}" if known else "")


def words_found(text: str) -> set[str]:
    return {word for word in WORDS if word in text}


def test_the_document_its_download_and_search_of_any_day(six: Site, engine: str) -> None:
    visitor = six.signed_in("corporatie")
    for day, known, cell in CELLS:
        if (day, known) not in SOME and engine != "sqlite" and not LONG:
            continue  # as-of is tried on both kinds of database in tests/releases
        version, _, word = cell.partition(" ")
        where = f"{day} bekend={known}"
        answers = [
            visitor.get(address(day, path, known))
            for path in (f"/documenten/{PAGE}", f"/documenten/{PAGE}/bestand", f"/zoeken?q={'+'.join([PAGE, *WORDS])}")
        ]
        statuses = [404, 404, 404] if version == "geen" else [200, 410 if version in GONE else 200, 200]
        assert [answer.status_code for answer in answers] == statuses, where
        if version == "geen":
            assert all("nog geen handboek" in answer.get_data(as_text=True) for answer in answers), where
            continue
        page, hits = (
            main_of(parse(answers[0])),
            parse(answers[2]).xpath(f"//ol[@id='treffers']/li[@data-code='{PAGE}']"),
        )
        if version in GONE:
            assert GONE[version] in words(page)
            assert GONE[version] in answers[1].get_data(as_text=True)
            assert not words_found(words(page))
            assert not hits
            continue
        assert f"{PAGE}, versie {version}, geldig vanaf" in words(page), where
        assert words_found(words(page)) == {word} - {""}, where
        assert (TITLE in words(page)) is (version == "6"), where
        assert f"{PAGE}-v{version}.docx" in answers[1].headers["Content-Disposition"], where
        downloaded = docx.Document(io.BytesIO(answers[1].data))
        assert words_found(" ".join(p.text for p in downloaded.paragraphs)) == {word} - {""}, where
        assert [f"Versie {version}," in words(hit) for hit in hits] == [True], where
        assert words_found(" ".join(hits[0].xpath(".//mark/text()"))) == {word} - {""}, where


@pytest.mark.parametrize(("day", "known"), [cell[:2] for cell in CELLS if cell[2] != "geen"] if LONG else SOME)
def test_every_address_shows_its_day_and_stays_on_it(six: Site, day: str, known: str) -> None:
    visitor = six.signed_in("corporatie")
    [cell] = [cell for a, b, cell in CELLS if (a, b) == (day, known)]
    texts = {}
    for path in READING:
        page = visitor.page(address(day, path, known))
        [bar] = page.xpath("//main/section[contains(@class, 'terugblik')]")
        assert "dit is niet het handboek van nu" in words(bar)
        assert bar.xpath(f".//a[@href='{path}']"), path
        strays = [link for link in links_of(main_of(page)) if not stays(link, day, known)]
        assert not strays, f"{path}: {strays}"
        assert "011 111" not in words(page.xpath("//header")[0]) + words(page.xpath("//footer")[0])
        texts[path] = words(main_of(page))
    word = cell.partition(" ")[2]
    for path in (f"/stroomschema/KAN/{STEP}", "/begrippen"):
        assert words_found(texts[path]) == {word} - {""}, path
    releases = {"2026-12-05": 3, "2026-12-19": OVERLAPPING, "": WITHDRAWAL}[known]
    assert f"Uitgave {releases}:" in texts["/uitgaven"]
    assert f"Uitgave {releases + 1}:" not in texts["/uitgaven"] + texts["/wijzigingen"]
    assert f"Uitgave {releases}:" in texts["/wijzigingen"]
    assert (f"{PAGE}, versie" in texts["/documenten"]) is (not cell.startswith(tuple(GONE)))


def stays(link: str, day: str, known: str) -> bool:
    """Tell whether a link stays on its day and knowledge; only what is announced, or another day, leads away.

    So does the offline edition of a release, which always is as known now.
    """
    if link.endswith("/bundel"):
        return True
    path = link.partition("#")[0]
    if path.startswith("/andere-dag?"):
        return True
    kept = not known or f"bekend={known}" in path
    return kept and (path.startswith(f"/op/{day}/") or re.match(r"/op/20\d\d-\d\d-\d\d/", path) is not None)


def test_paper_says_on_every_sheet_that_it_is_of_another_day(six: Site) -> None:
    visitor = six.signed_in("corporatie")
    for path in (f"/documenten/{PAGE}", f"/stroomschema/KAN/{STEP}", "/stroomschema/KAN", "/begrippen"):
        [above] = visitor.page(address("2026-12-20", path, "2026-12-19")).xpath("//div[@class='afdruk']")
        said = "Niet het handboek van nu, maar zoals het gold op 20 december 2026, zoals bekend op 19 december 2026."
        assert said in words(above), path
        assert "Kijk in het portaal" not in words(above)
        assert "Niet het handboek van nu" not in words(visitor.page(path))


def test_only_the_knowledge_may_be_asked_for(six: Site) -> None:
    visitor = six.signed_in("corporatie")
    page = visitor.page(f"/documenten/{PAGE}?bekend=2026-12-19")
    assert f"{PAGE}, versie 2" in words(page)
    assert "zoals bekend op 19 december 2026" in words(page)
    assert f"{PAGE}, versie 6" in words(visitor.page(f"/documenten/{PAGE}"))
    assert not visitor.page(f"/documenten/{PAGE}").xpath("//section[contains(@class, 'terugblik')]")
    later = visitor.page(f"/documenten/{PAGE}?bekend=2099-01-01")
    assert "met wat nu bekend is" in words(later)


def test_forms_and_emphasis_travel_along(six: Site) -> None:
    visitor = six.signed_in("corporatie")
    for path in ("/documenten", "/zoeken?q=termijn", "/wijzigingen", "/"):
        page = visitor.page(address("2026-12-20", path, "2026-12-19") + "&als=zorgaanbieder")
        for form in page.xpath("//form[@method='get'][not(contains(@action, 'andere-dag'))]"):
            fields = {field.get("name"): field.get("value") for field in form.xpath(".//input")}
            assert form.get("action").startswith("/op/2026-12-20/"), path
            assert fields["bekend"] == "2026-12-19", path
            assert "als" in fields or form.xpath(".//select[@name='als']"), path
    route = visitor.page("/op/2026-12-20/stroomschema/KAN?als=zorgaanbieder&bekend=2026-12-19")
    [link] = route.xpath(f"//*[local-name() = 'svg']//@href[contains(., '{STEP}')]")
    assert link.startswith(f"/op/2026-12-20/stroomschema/KAN/{STEP}?")
    assert set(link.partition("?")[2].split("&")) == {"als=zorgaanbieder", "bekend=2026-12-19"}
    plain = visitor.page("/stroomschema/KAN").xpath(f"//*[local-name() = 'svg']//@href[contains(., '{STEP}')]")
    assert plain == [f"/stroomschema/KAN/{STEP}"]


@pytest.mark.parametrize("typed", ["2026-02-30", "99999-01-01", "ooit", "0000-00-00", "2026-12-01T00", "²026-12-01"])
def test_what_is_no_day_is_explained_and_kept(six: Site, typed: str) -> None:
    visitor = six.signed_in("corporatie")
    for path, status in ((f"/op/{typed}/begrippen", 404), (f"/begrippen?bekend={typed}", 422)):
        answer = visitor.get(path)
        assert answer.status_code == status, path
        page = parse(answer)
        assert "Schrijf een dag zoals 1-12-2026" in words(page.xpath("//*[@id='fouten']")[0])
        assert typed in page.xpath("//main//input/@value"), path
        assert "/begrippen" in page.xpath("//input[@name='van']/@value")


@pytest.mark.parametrize("typed", ["15-12-3026", "2200-01-01", "31 december 1899"])
def test_a_day_too_far_away_says_which_days_there_are_and_is_kept(six: Site, typed: str) -> None:
    visitor = six.signed_in("corporatie")
    for path, status in (
        (f"/andere-dag?van=/begrippen&dag={typed}", 422),
        (f"/andere-dag?van=/begrippen&dag=1-12-2026&bekend={typed}", 422),
        (f"/op/{typed}/begrippen", 404),
        (f"/begrippen?bekend={typed}", 422),
    ):
        answer = visitor.get(path)
        assert answer.status_code == status, path
        told = words(parse(answer).xpath("//*[@id='fouten']")[0])
        assert "Die dag ligt te ver weg. Kies een dag van 1 januari 1900 tot en met 31 december 2199." in told
        assert "geen dag" not in told
        assert typed in parse(answer).xpath("//main//input/@value"), path


def test_the_day_before_the_beginning_leads_to_the_beginning(six: Site) -> None:
    visitor = six.signed_in("corporatie")
    page = parse(visitor.get("/op/2026-11-19/documenten"))
    assert "Op 19 november 2026 gold er nog geen handboek. Het begon op 20 november 2026." in words(page)
    [first] = page.xpath("//main//a[contains(@class, 'btn')]/@href")
    assert first == "/op/2026-11-20/"
    assert visitor.get(first).status_code == 200
    page = parse(visitor.get("/op/2026-12-01/?bekend=2026-11-01"))
    assert "Op 1 november 2026 was er nog geen handboek gepubliceerd." in words(page)
    [first] = page.xpath("//main//a[contains(@class, 'btn')]/@href")
    assert first == "/op/2026-12-01/?bekend=2026-11-26"
    assert visitor.get(first).status_code == 200


def test_what_is_not_there_on_a_day_says_so(six: Site, empty_site: Site) -> None:
    answer = six.signed_in("corporatie").get(f"/op/2026-12-01/documenten/{PAGE}9")
    assert answer.status_code == 404
    assert "Op deze dag stond dit misschien nog niet in het handboek" in answer.get_data(as_text=True)
    assert empty_site.visitor().get("/op/2026-12-01/").status_code == 303


def test_choosing_another_day_comes_back_on_the_same_page(six: Site) -> None:
    visitor = six.signed_in("corporatie")
    for van, target in (
        ("/begrippen", "/op/2026-12-01/begrippen"),
        (
            "/op/2026-11-20/zoeken?q=huur+en&bekend=2026-11-30&als=corporatie",
            "/op/2026-12-01/zoeken?q=huur+en&als=corporatie",
        ),
        (f"/documenten/{PAGE}?stap={STEP}", f"/op/2026-12-01/documenten/{PAGE}?stap={STEP}"),
        ("https://elders.example/begrippen", "/op/2026-12-01/begrippen"),
        *(
            (odd, "/op/2026-12-01/")
            for odd in ("", "//[", "/mijn-sessies", "/bestaat-niet", "/afmelden", "javascript:x")
        ),
    ):
        answer = visitor.get("/andere-dag", query_string={"van": van, "dag": "1-12-2026", "bekend": ""})
        assert (answer.status_code, answer.headers["Location"]) == (303, target), van
    known = visitor.get("/andere-dag?van=/begrippen&dag=1+december+2026&bekend=2-12-2026")
    assert known.headers["Location"] == "/op/2026-12-01/begrippen?bekend=2026-12-02"
    wrong = visitor.get("/andere-dag?van=/begrippen&dag=31-2-2027&bekend=gisteren")
    assert wrong.status_code == 422
    page = parse(wrong)
    assert page.xpath("//main//input/@value") == ["/begrippen", "31-2-2027", "gisteren"]
    assert page.xpath("//*[@id='fouten']//a/@href") == ["#dag", "#bekend"]
    [link] = visitor.page(f"/documenten/{PAGE}").xpath("//footer//a[contains(., 'andere dag')]/@href")
    [origin] = visitor.page(str(link)).xpath("//input[@name='van']/@value")
    assert origin == f"/documenten/{PAGE}"


def test_nobody_meant_to_find_it_today_what_is_not_found_on_another_day(six: Site) -> None:
    visitor = six.signed_in("corporatie")
    visitor.page("/op/2026-11-20/zoeken?q=xyzzyq")
    with six.database.reading() as session:
        assert session.query(SearchMiss).count() == 0
    visitor.page("/zoeken?q=xyzzyq")
    with six.database.reading() as session:
        assert session.query(SearchMiss).count() == 1


def test_an_export_of_any_release_gives_the_same_bytes_elsewhere(six: Site, empty_site: Site, tmp_path: Path) -> None:
    for number in range(1, WITHDRAWAL + 1) if LONG else (RETROACTIVE, WITHDRAWAL):
        with six.database.reading() as session:
            exported = export_handbook(session, at=LATER, number=number)
        assert exported
        write(exported, tmp_path / f"{number}")
        with Session(empty_site.database.writing_engine) as session:  # rolled back, so that the next finds it empty
            import_handbook(session, read(tmp_path / f"{number}"), by=SYSTEM, at=LATER)
            again = export_handbook(session, at=LATER, number=number)
            assert again
            write(again, tmp_path / f"{number}-weer")
        assert files(tmp_path / f"{number}") == files(tmp_path / f"{number}-weer"), number
        gone = number in (RETROACTIVE, WITHDRAWAL)
        assert (f"documenten/{PAGE}.md" in files(tmp_path / f"{number}")) is not gone
        assert [(one.code, one.version) for one in exported.destroyed] == [(PAGE, 4)] * (number == RETROACTIVE)
