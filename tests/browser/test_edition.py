"""An edition as whoever unpacked it meets it: from a folder, without a network and without the portal."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import PATIENCE
from tests.browser.looking import HEIGHT, WIDE, look_at, walk_by_keyboard
from tests.conftest import LONG
from tests.editions.conftest import Files, for_readers

__all__ = ["for_readers"]
PAGES = (
    *("index.html", "trajecten/traject-KAN.html", "stappen/KAN-07.html"),
    *("documenten/ZC-01.html", "begrippen.html"),
    *(("open-punten.html",) if LONG else ()),
)
WALKED = ("index.html", "stappen/KAN-07.html")


@pytest.fixture
def folder(for_readers: Files, tmp_path: Path) -> Path:
    for name, data in for_readers.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return tmp_path


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        offline=True, locale="nl-NL", reduced_motion="reduce", viewport={"width": WIDE, "height": HEIGHT}
    )
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def test_every_kind_of_page_opens_from_a_folder_and_shows_no_fault(page: Page, folder: Path) -> None:
    faults: list[str] = []
    heard: list[str] = []
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: heard.append(f"not there: {request.url}"))
    page.on("console", lambda message: heard.append(f"console: {message.text}"))
    for name in PAGES:
        page.set_viewport_size({"width": WIDE, "height": HEIGHT})
        page.goto((folder / name).as_uri())
        walked = walk_by_keyboard(page) if name in WALKED else []
        found = [*walked, *heard, *look_at(page)]
        heard.clear()  # axe wants to read the style sheets by itself, and no page of ours may fetch anything
        faults += [f"{name}: {fault}" for fault in found]
        assert page.evaluate("document.fonts.check('16px \"Public Sans\"')"), "its own letters"
    assert not faults, "\n".join(faults)
    assert all(address.startswith(folder.as_uri()) for address in asked)
    assert len(asked) > len(PAGES)


def test_a_reader_finds_the_way_from_the_first_page_to_a_file(page: Page, folder: Path) -> None:
    page.goto((folder / "index.html").as_uri())
    page.get_by_role("link", name="HOV kandidaat-huurder").click()
    page.get_by_role("region", name="Tekening van het traject").get_by_role("link", name="7 Zorg inzetten").click()
    page.get_by_role("link", name="Zorgcontract HOV", exact=True).first.click()
    address = page.get_by_role("link", name="Open Word-bestand").get_attribute("href")
    assert address
    assert (folder / "documenten" / address).resolve() == folder / "bestanden/ZC-01-v1.docx"
    page.get_by_role("link", name="Handboek HMD/HOV").click()
    assert page.url == (folder / "index.html").as_uri()
