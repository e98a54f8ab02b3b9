"""A document that is withdrawn: its address keeps answering, and nothing gives it to use any more."""

import pytest
from sqlalchemy import update

from portal.releases.models import Item
from tests.conftest import Site
from tests.handbook.six_releases import FILE, LATER, PAGE, READING, STEP, WITHDRAWAL, main_of
from tests.visitor import Visitor, words


@pytest.fixture
def withdrawn(six: Site) -> Visitor:
    """Give a reader on the day the page is withdrawn."""
    six.clock.moment = LATER.replace(year=2027, month=3, day=1)
    return six.signed_in("corporatie")


def test_a_withdrawn_document_says_why_and_what_to_use(withdrawn: Visitor) -> None:
    page = main_of(withdrawn.page(f"/documenten/{PAGE}"))
    assert "Dit document is ingetrokken per 1 maart 2027." in words(page)
    assert "Deze lijst staat nu in het formulier." in words(page)
    assert page.xpath(f".//a[@href='/documenten/{FILE}'][contains(., 'Gebruik nu {FILE}')]")
    assert not page.xpath(".//a[contains(@href, 'bestand')]")
    older = page.xpath(".//section[@aria-labelledby='eerder']//li/a/@href")
    last_days = ("2027-02-28", "2027-01-31", "2026-12-19", "2026-11-24")
    assert older == [f"/op/{day}/documenten/{PAGE}" for day in last_days]
    assert "versie 6" in words(withdrawn.page(older[1]))
    gone = withdrawn.get(f"/documenten/{PAGE}/bestand")
    assert gone.status_code == 410
    assert "ingetrokken per 1 maart 2027" in gone.get_data(as_text=True)
    rows = [words(row) for row in withdrawn.page(f"/documenten/{PAGE}/versies").xpath("//tbody/tr")]
    assert rows[0].startswith("Versie 7 Ingetrokken Ingetrokken vanaf 1 maart 2027")
    assert [row.split()[2] for row in rows] == [
        "Ingetrokken",
        "Vervangen",
        "Nooit",
        "Vervangen",
        "Vervangen",
        "Vernietigd",
        "Vervangen",
    ]
    assert withdrawn.get("/documenten/OV-99").status_code == 404


def test_a_step_shows_a_withdrawn_document_without_a_download(withdrawn: Visitor) -> None:
    page = withdrawn.page(f"/stroomschema/KAN/{STEP}")
    entries = page.xpath(f"//li[@data-code='{PAGE}']")
    assert entries
    for entry in entries:
        assert "Ingetrokken" in words(entry)
        assert entry.xpath(".//a/@href") == [f"/documenten/{PAGE}?stap={STEP}"]
    for path in READING:
        assert withdrawn.get(path).status_code == 200, path
    assert PAGE not in words(withdrawn.page("/documenten").xpath("//main")[0])


def test_a_withdrawn_document_may_be_closed_like_any_other(six: Site, withdrawn: Visitor) -> None:
    with six.database.transaction() as session:
        session.execute(update(Item).where(Item.code == PAGE).values(visibility="regio"))
    for path in (f"/documenten/{PAGE}", f"/documenten/{PAGE}/bestand", f"/documenten/{PAGE}/versies"):
        assert withdrawn.get(path).status_code == 404
        assert withdrawn.get(f"/op/2026-12-01{path}").status_code == 404
    for path in ("/", "/wijzigingen", f"/uitgaven/{WITHDRAWAL}", f"/stroomschema/KAN/{STEP}", "/op/2026-12-20/"):
        assert PAGE not in withdrawn.get(path).get_data(as_text=True), path
