"""A step that will change says so: from which day, and how it is then."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

from portal.releases.operations import Content
from tests.conftest import NOW, Site
from tests.handbook.six_releases import STEP
from tests.releasing import newest, release_of
from tests.visitor import words

ADDRESS, FLOW, DAY = f"/stroomschema/KAN/{STEP}", "stroomschema", date(2026, 12, 15)


def announce(site: Site, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Publish a flow for later in which something about its steps is different."""
    with site.database.transaction() as session:
        data = deepcopy(newest(session, FLOW).data)
        change(data["stappen"])
        release_of(session, {FLOW: Content(data)}, note="Later", at=NOW, effective_on=DAY)


def step_in(steps: list[dict[str, Any]]) -> dict[str, Any]:
    return next(row for row in steps if row["id"] == STEP)


def test_a_step_that_will_change_leads_to_how_it_is_then(six: Site) -> None:
    visitor = six.signed_in("corporatie")
    page = visitor.page(ADDRESS)
    [note] = page.xpath("//main//*[contains(@class, 'note')][contains(., 'Deze stap verandert')]")
    assert words(note) == "Deze stap verandert op 1 februari 2027. Bekijk hoe zij dan is"
    [link] = note.xpath(".//a/@href")
    assert link == f"/op/2027-02-01{ADDRESS}"
    then = words(visitor.page(link))
    assert "Neem de luchtballon." in then, "the last of that day"
    assert "Deze stap verandert" not in then
    assert "Deze stap verandert" not in words(visitor.page("/stroomschema/KAN/KAN-01"))
    assert "Deze stap verandert" not in words(visitor.page(f"{ADDRESS}?bekend=2026-12-03")), "nobody knew yet"
    assert "Deze stap verandert op 1 december 2026." in words(
        visitor.page(f"/op/2026-11-22{ADDRESS}?bekend=2026-12-03")
    )


def without_step(steps: list[dict[str, Any]]) -> None:
    steps.remove(step_in(steps))
    for row in steps:
        row["volgende"] = [way for way in row["volgende"] if way["naar"] != STEP]


def test_a_step_that_goes_says_so(small_site: Site) -> None:
    announce(small_site, without_step)
    visitor = small_site.signed_in("corporatie")
    page = visitor.page(ADDRESS)
    [link] = page.xpath("//main//a[. = 'Bekijk hoe het stroomschema dan is']/@href")
    assert "Deze stap vervalt op 15 december 2026." in words(page)
    assert visitor.get(link).status_code == 200


def test_a_document_that_a_reader_may_not_know_of_is_no_change_to_them(small_site: Site) -> None:
    announce(small_site, lambda steps: step_in(steps)["documenten"].setdefault("corporatie", []).append("OV-03"))
    told = "Deze stap verandert op 15 december 2026."
    assert told in words(small_site.signed_in("regio").page(ADDRESS))
    assert told not in words(small_site.signed_in("zorgaanbieder").page(ADDRESS))
