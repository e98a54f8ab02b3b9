"""A form that is sent after the session ended comes back whole, and is sent again by whoever typed it."""

import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest

from portal.publishing.drafts import draft_by_id
from tests.conftest import Site, address_of
from tests.desk.desk import Desk, fields_of
from tests.visitor import parse, words

PAGE = "OV-04"


def test_what_was_typed_before_the_session_ended_is_sent_again(small_site: Site) -> None:
    desk = Desk(small_site)
    path = desk.begin(PAGE)
    desk.press(path, path, "nieuw--1-alinea")
    page = desk.page(path)
    typed = {"blok-0-tekst": 'Neem de "veldfiets" mee.\n\nOok <b>bij</b> regen.', "doelgroep": ["regio", "corporatie"]}
    small_site.clock.forward(minutes=31)
    late = desk.send(page, path, "bewaar", **typed)
    assert late.status_code == 401
    shown = parse(late)
    assert "Meld u aan in een nieuw tabblad, kom hier terug" in words(shown)
    assert 'Neem de "veldfiets" mee. Ook <b>bij</b> regen.' in words(shown.get_element_by_id("verstuurd"))
    assert shown.xpath("//form[@id='opnieuw']//input[@name='csrf_token']") == []
    assert desk.send(shown, path).status_code == 401, "pressed before signing in"

    desk.visitor.sign_in(address_of("redacteur"))
    again = desk.send(shown, path, doelgroep=["regio", "corporatie"])
    assert again.status_code == 400
    asking = parse(again)
    assert words(asking.xpath("//h1")[0]) == "Wilt u dit bewaren?"
    assert "veldfiets" not in words(desk.page(path)), "nothing is kept before the press"
    values = asking.xpath("//form[@id='opnieuw']//input[@name='doelgroep']/@value")
    assert values == ["regio", "corporatie"]
    assert desk.send(asking, path, doelgroep=values).status_code == 303
    assert desk.send(asking, path, doelgroep=values).status_code == 303, "the same once more changes nothing"
    kept = desk.page(path)
    assert kept.get_element_by_id("blok-0").text.strip() == 'Neem de "veldfiets" mee.\n\nOok <b>bij</b> regen.'
    assert {box.get("value") for box in kept.xpath("//input[@name='doelgroep'][@checked]")} >= {"regio", "corporatie"}
    desk.press(path, path, "bewaar", **{"blok-0-tekst": "Intussen verder."})
    assert desk.send(asking, path, doelgroep=values).status_code == 409, "too late for what was kept since"
    assert desk.page(path).get_element_by_id("blok-0").text.strip() == "Intussen verder."


def test_files_are_named_and_what_is_too_large_or_from_elsewhere_is_not_given_back(small_site: Site) -> None:
    desk = Desk(small_site)
    page = desk.page("/redactie/uploaden")
    [form] = [one for one in page.forms if (one.action or "").endswith("/uploaden")]
    typed = fields_of(form) | {"wijziging": "Alles is nieuw."}
    small_site.clock.forward(minutes=31)
    client = desk.visitor.client

    def send(origin: str) -> tuple[int, str]:
        files = [(BytesIO(b"x"), "ZC-01.docx"), (BytesIO(b"y"), "ZC-02.docx")]
        answer = client.post(form.action, data={**typed, "bestanden": files}, headers={"Origin": origin})
        return answer.status_code, words(parse(answer))

    status, text = send("http://localhost")
    assert status == 401
    assert "met het formulier bent: ZC-01.docx, ZC-02.docx." in text
    assert "Alles is nieuw." in text
    too_much, kind = b"wijziging=" + b"x" * 2_000_000, "application/x-www-form-urlencoded"
    assert client.post(form.action, data=too_much, content_type=kind).status_code == 413
    for elsewhere in ("https://elders.example", "null"):
        status, text = send(elsewhere)
        assert status == 401
        assert "Alles is nieuw." not in text
    desk.visitor.sign_in(address_of("redacteur"))
    status, text = send("https://elders.example")
    assert (status, "Alles is nieuw." in text) == (400, False)
    answer = client.post("/aanmelden", data={"address": "iemand@elders.example"})
    assert answer.status_code == 400
    assert "iemand@elders.example" not in words(parse(answer))


@pytest.mark.parametrize("form", ["/verder", "/wijzigen", "/nieuw"])
def test_two_presses_at_once_end_in_the_same_edit(small_site: Site, form: str) -> None:
    desk = Desk(small_site)
    path = desk.begin(PAGE)
    behind = desk.page(desk.touch(path))
    draft = desk.finish(path).rpartition("/")[2]
    pages = {
        "/verder": lambda: parse(desk.send(behind, path, "bewaar", wijziging="Half af")),
        "/wijzigen": lambda: desk.page(f"/redactie/onderdelen/{PAGE}"),
        "/nieuw": lambda: desk.page("/redactie/onderdelen/nieuw"),
    }
    page, typed = pages[form](), {"code": "RG-77", "titel": "Werkwijze", "soort": "werkinstructie"}
    with ThreadPoolExecutor() as threads:
        with small_site.database.transaction() as session:  # both come while the draft is held, and go on at once
            draft_by_id(session, int(draft), lock=True)
            given = {"concept": draft, **(typed if form == "/nieuw" else {})}
            presses = [threads.submit(desk.send, page, form, **given) for _ in range(2)]
            time.sleep(1)  # long enough for both to be waiting
        answers = [one.result() for one in presses]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len({answer.headers["Location"].partition("#")[0] for answer in answers}) == 1
