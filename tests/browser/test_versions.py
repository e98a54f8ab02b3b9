"""Two versions of a document in a browser: what changed can be seen, heard and printed, on a phone too."""

from contextlib import closing

import pypdfium2

from portal.releases.operations import Content, content_of
from tests.browser.conftest import Open, sign_in
from tests.browser.looking import look_at, walk_by_keyboard
from tests.conftest import NOW, Site
from tests.releasing import newest, release_of


def test_what_changed_can_be_read_in_every_way(live: Site, open_window: Open) -> None:
    with live.database.transaction() as session:
        now = content_of(newest(session, "PR-04"))
        text = (now.text or "").replace("€ 623,75", "€ 641,20").replace("## Zo declareert u", "## Zo vraagt u")
        release_of(session, {"PR-04": Content(now.data, text=text)}, note="Index.", at=NOW, effective_on=NOW.date())
    window = open_window()
    sign_in(window, live, "corporatie")
    page = window.new_page()
    for path in ("versies", "vergelijk/1..2"):
        page.goto(f"/documenten/PR-04/{path}")
        assert not (faults := look_at(page)), f"{path}: {faults}"
        assert not (faults := walk_by_keyboard(page)), f"{path}: {faults}"
    page.goto("/documenten/PR-04/versies")
    page.get_by_role("button", name="Vergelijk").click()
    change = page.locator("del", has_text="€ 623,75").first
    assert "line-through" in change.evaluate("e => getComputedStyle(e).textDecorationLine")
    assert "underline" in page.locator(".diff ins").first.evaluate("e => getComputedStyle(e).textDecorationLine")
    assert page.locator(".diff").get_by_role("deletion").first.inner_text().strip().startswith("Verwijderd:")
    with closing(pypdfium2.PdfDocument(page.pdf())) as pdf:
        printed = " ".join(sheet.get_textpage().get_text_range() for sheet in pdf)
    assert "€ 641,20" in printed
    assert "Alleen wijzigingen" not in printed
