"""An editor shares a document from its page at the desk, and stops that."""

from tests.admin.filling import main_words
from tests.conftest import Site
from tests.visitor import parse, words

PAGE = "/redactie/onderdelen/OV-04"


def test_an_editor_shares_a_document_and_stops_it(small_site: Site) -> None:
    editor = small_site.signed_in("redacteur")
    answer = editor.post(f"{PAGE}/delen", {"deelversie": "", "dagen": "7"}, token_from=PAGE)
    [url] = parse(answer).xpath("//input[@id='link']/@value")
    path = str(url).removeprefix(small_site.config.base_url)
    reader = small_site.visitor()
    document = reader.post(path).headers["Location"]
    assert reader.get(document).status_code == 200
    section = words(editor.page(PAGE).xpath("//section[@aria-labelledby='delen']")[0])
    assert "1 december 2026 door Naam van redacteur" in section
    assert "1 keer, het laatst 1 december 2026, 10.00 uur" in section
    assert path.rpartition("/")[2] not in editor.get(PAGE).get_data(as_text=True)
    [stop] = editor.page(PAGE).xpath("//form[contains(@action, '/intrekken') and contains(@action, '/delen/')]/@action")
    assert editor.post(str(stop).replace("OV-04", "FO-06"), token_from=PAGE).status_code == 404
    assert editor.post(str(stop), token_from=PAGE).status_code == 303
    assert reader.get(document).status_code == 410
    endless = "9" * 5000  # more digits than Python turns into a number
    for data in (
        {"deelversie": "", "dagen": "9999"},
        {"deelversie": "", "dagen": endless},
        {"deelversie": endless, "dagen": "7"},
        {"deelversie": "77", "dagen": "7"},
    ):
        wrong = editor.post(f"{PAGE}/delen", data, token_from=PAGE)
        assert wrong.status_code == 422
    assert "geen versie 77" in main_words(wrong)
    closed = "/redactie/onderdelen/OV-03"
    assert not editor.page(closed).xpath("//section[@aria-labelledby='delen']")
    assert editor.post(f"{closed}/delen", {"deelversie": "", "dagen": "7"}, token_from=PAGE).status_code == 422
