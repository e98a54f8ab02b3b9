"""What professionals come to do, each within two clicks from home, with visible links only (DOMAIN section 7)."""

from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from portal.lib.yamlfile import load
from tests.browser.conftest import House
from tests.conftest import PEOPLE, Site

TASKS: list[dict[str, Any]] = load((Path(__file__).parent.parent / "tasks.yaml").read_text(encoding="utf-8"))["taken"]
MOST_CLICKS = 2
MOST_LINKS = 25


def name_of(task: dict[str, Any]) -> str:
    return f"{task['persoon']}-{task['bereikt'][0]['code']}"


@pytest.mark.parametrize("task", TASKS, ids=name_of)
def test_a_professional_finds_every_part_of_the_answer(house: House, task: dict[str, Any]) -> None:
    page = house.page(task["persoon"])
    for path, goals in groupby(task["bereikt"], lambda goal: goal["pad"]):
        assert 0 < len(path) <= MOST_CLICKS
        page.goto("/")
        for href in path:
            click(page, href)
            page.wait_for_url(href)
        for goal in goals:
            expect(answer_to(page, goal["code"], path[-1]), goal["code"]).to_be_visible()


def click(page: Page, href: str) -> None:
    """Click the first link to this address that can be seen."""
    link = page.locator(f'a[href="{href}"]').locator("visible=true").first
    expect(link, f"a visible link to {href} on {page.url}").to_be_visible()
    link.click()


def answer_to(page: Page, code: str, last: str) -> Locator:
    """Return where the answer stands: the code of the step or document the page is of, or a card's link to it."""
    if last.endswith(f"/{code}"):
        return page.get_by_role("main").filter(has=page.get_by_role("heading", level=1)).get_by_text(code).first
    link = page.locator(f'main a[href^="/documenten/{code}?"], main a[href="/documenten/{code}"]')
    return link.locator("visible=true").first


def test_every_public_task_of_every_professional_is_here() -> None:
    assert Counter(task["persoon"] for task in TASKS) == {
        "corporatie": 5,
        "uitvoeringsdienst": 5,
        "zorgaanbieder": 5,
        "redacteur": 5,
    }
    assert len({task["vraag"] for task in TASKS}) == len(TASKS)


@pytest.mark.parametrize("key", PEOPLE)
def test_home_is_a_choice_and_not_a_catalogue(site: Site, key: str) -> None:
    links = [str(href) for href in site.signed_in(key).page("/").xpath("//main//a/@href")]
    assert 11 < len(links) <= MOST_LINKS
    steps = [href for href in links if href.count("/") == 3 and href.startswith("/stroomschema/")]
    documents = [href for href in links if href.startswith("/documenten/")]
    assert len(steps) <= 3
    assert len(documents) <= 8
