"""Coming in by a personal link or code (DESIGN section 6)."""

import logging
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text

from portal.access.models import PersonGroup, SignedInSession, SignInLink
from portal.access.organisations import disable_organisation
from portal.access.people import disable_person
from portal.audit.operations import SYSTEM
from portal.notifications.models import OutboxMessage
from portal.notifications.operations import deliver_due
from tests.conftest import NOW, Site, address_of
from tests.visitor import Visitor, link_for, parse

READER = address_of("corporatie")
UNKNOWN = "niemand@elders.example"


class Postbox:
    """A mail server that only remembers."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str, str]] = []

    def deliver(self, *, address: str, subject: str, text: str, unsubscribe: str = "") -> None:
        self.mails.append((address, subject, text))


def post_out(site: Site) -> list[tuple[str, str, str]]:
    """Deliver the outbox and return what came out."""
    box = Postbox()
    deliver_due(site.database, box, site.app.extensions["portal_seal"], site.clock())
    return box.mails


def ask(visitor: Visitor, address: str) -> None:
    answer = visitor.post("/aanmelden", {"stap": "adres", "address": address})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert answer.headers["Location"] == "/aanmelden"


def code_in(mail: str) -> str:
    found = re.search(r"\b([A-Z2-9]{4}[ -]?[A-Z2-9]{4})\b", mail)
    assert found, mail
    return found[1]


def link_in(mail: str) -> str:
    found = re.search(r"http://localhost(/toegang/\S+)", mail)
    assert found, mail
    return found[1]


def count(site: Site, table: type) -> int:
    with site.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/").status_code == 200


def test_a_mailed_link_signs_in_once(site: Site) -> None:
    asker, reader, second = site.visitor(), site.visitor(), site.visitor()
    ask(asker, READER)
    [(address, _subject, mail)] = post_out(site)
    assert address == READER
    answer = reader.post(link_in(mail))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert is_in(reader)
    again = second.post(link_in(mail))
    assert again.status_code == 410
    assert "Vraag een nieuwe link aan" in again.get_data(as_text=True)
    assert not is_in(second)


def test_a_code_works_in_the_browser_that_asked_and_nowhere_else(site: Site) -> None:
    asker, thief = site.visitor(), site.visitor()
    ask(asker, READER.upper())
    code = code_in(post_out(site)[0][2])
    assert thief.post("/aanmelden", {"stap": "code", "code": code}).status_code == 410
    assert asker.post("/aanmelden", {"stap": "code", "code": f" {code.lower()} "}).status_code == 303
    assert is_in(asker)
    assert not is_in(thief)


def test_five_wrong_codes_close_the_door_for_the_right_one(site: Site) -> None:
    visitor = site.visitor()
    ask(visitor, READER)
    code = code_in(post_out(site)[0][2])
    statuses = [visitor.post("/aanmelden", {"stap": "code", "code": "AAAA2222"}).status_code for _ in range(6)]
    assert statuses == [410, 410, 410, 410, 410, 429]
    answer = visitor.post("/aanmelden", {"stap": "code", "code": code})
    assert answer.status_code == 429
    assert "Vraag een nieuwe code aan" in answer.get_data(as_text=True)
    assert not is_in(visitor)


def test_using_the_code_ends_the_link_of_the_same_mail(site: Site) -> None:
    asker = site.visitor()
    ask(asker, READER)
    mail = post_out(site)[0][2]
    assert asker.post("/aanmelden", {"stap": "code", "code": code_in(mail)}).status_code == 303
    assert site.visitor().post(link_in(mail)).status_code == 410


@pytest.mark.parametrize(("minutes", "status"), [(9, 303), (11, 410)])
def test_a_mailed_link_lasts_ten_minutes(site: Site, minutes: int, status: int) -> None:
    asker = site.visitor()
    ask(asker, READER)
    link = link_in(post_out(site)[0][2])
    site.clock.forward(minutes=minutes)
    assert site.visitor().post(link).status_code == status


def test_reading_a_link_changes_nothing(site: Site) -> None:
    link = link_for(site.app, READER)
    before = snapshot(site)
    for _ in range(10):
        assert site.visitor().get(link).status_code == 200
        assert site.visitor().client.head(link).status_code == 200
    assert snapshot(site) == before
    assert is_in(site.visitor()) is False
    reader = site.visitor()
    assert reader.post(link).status_code == 303


def snapshot(site: Site) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table."""
    tables = site.database.engine.dialect.get_table_names
    with site.database.engine.connect() as connection:
        names = [name for name in tables(connection) if name not in ("blob", "alembic_version")]
        return {n: [tuple(row) for row in connection.execute(text(f'SELECT * FROM "{n}"'))] for n in names}  # noqa: S608 # names come from the database


def test_eight_simultaneous_posts_give_one_session(site: Site) -> None:
    link = link_for(site.app, READER)
    visitors = [site.visitor() for _ in range(8)]
    tokens = [visitor.get(link) for visitor in visitors]
    forms = [re.search(r'name="csrf_token"[^>]*value="([^"]+)"', t.get_data(as_text=True)) for t in tokens]

    def press(number: int) -> int:
        form = forms[number]
        assert form
        return visitors[number].client.post(link, data={"csrf_token": form[1]}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(press, range(8)))
    assert statuses == [303] + [410] * 7
    assert count(site, SignedInSession) == 1
    assert sum(is_in(visitor) for visitor in visitors) == 1


def test_a_link_is_short_and_has_no_query(site: Site) -> None:
    ask(site.visitor(), READER)
    link = link_in(post_out(site)[0][2])
    assert len("https://handboek.een-lange-naam-van-een-regio.example" + link) < 200
    assert "?" not in link


def test_the_token_shows_nowhere(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("portal").propagate = True
    asker, reader = site.visitor(), site.visitor()
    ask(asker, READER)
    mail = post_out(site)[0][2]
    token, code = link_in(mail).rpartition("/")[2], code_in(mail)
    shown = reader.get(f"/toegang/{token}")
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    answers = [asker.get("/aanmelden"), reader.post(f"/toegang/{token}"), reader.get("/"), reader.get("/mijn-sessies")]
    assert token not in shown.get_data(as_text=True)
    for answer in answers:
        whole = answer.get_data(as_text=True) + str(answer.headers)
        assert token not in whole
        assert code not in whole
    assert token not in caplog.text
    assert code not in caplog.text
    assert token not in str(snapshot(site))
    assert code not in str(snapshot(site))


def test_an_unknown_address_is_told_so_by_mail(site: Site) -> None:
    ask(site.visitor(), UNKNOWN)
    [(address, subject, mail)] = post_out(site)
    assert address == UNKNOWN
    assert "Geen toegang" in subject
    assert "/toegang/" not in mail
    assert site.app.test_client() is not None


@pytest.mark.parametrize("address", [READER, UNKNOWN])
def test_at_most_three_mails_an_hour_for_one_address(site: Site, address: str) -> None:
    for _ in range(5):
        ask(site.visitor(), address)
    assert count(site, OutboxMessage) == 5
    assert len(post_out(site)) == 3
    site.clock.forward(minutes=61)
    ask(site.visitor(), address)
    assert len(post_out(site)) == 1


def test_nobody_closed_off_comes_in(site: Site) -> None:
    person, colleague = link_for(site.app, READER), link_for(site.app, address_of("zorgaanbieder"))
    with site.database.transaction() as session:
        disable_person(session, address=READER, by=SYSTEM, at=NOW)
        disable_organisation(session, name="Zorg Hofstad", by=SYSTEM, at=NOW)
    assert site.visitor().post(person).status_code == 410
    assert site.visitor().post(colleague).status_code == 410


def test_the_page_asked_for_opens_after_signing_in(site: Site) -> None:
    visitor, other_browser = site.visitor(), site.visitor()
    first = visitor.get("/stroomschema/KAN/KAN-07?als=zorgaanbieder")
    assert (first.status_code, first.headers["Location"]) == (303, "/aanmelden")
    ask(visitor, READER)
    mail = post_out(site)[0][2]
    answer = other_browser.post(link_in(mail))
    assert answer.headers["Location"] == "/stroomschema/KAN/KAN-07?als=zorgaanbieder"


def test_the_page_asked_for_opens_by_code_and_by_a_link_of_the_meldpunt(site: Site) -> None:
    by_code, by_link = site.visitor(), site.visitor()
    for visitor in (by_code, by_link):
        visitor.get("/documenten/ZC-01")
    ask(by_code, READER)
    done = by_code.post("/aanmelden", {"stap": "code", "code": code_in(post_out(site)[0][2])})
    assert done.headers["Location"] == "/documenten/ZC-01"
    assert by_link.post(link_for(site.app, READER)).headers["Location"] == "/documenten/ZC-01"


def test_the_target_never_leaves_the_portal(site: Site) -> None:
    visitor = site.visitor()
    visitor.get("//elders.example/stroomschema")
    visitor.get("/stroomschema", headers={"Host": "localhost"}, query_string={"x": "https://elders.example"})
    location = visitor.post(link_for(site.app, READER)).headers["Location"]
    assert location.startswith("/stroomschema")


@pytest.mark.parametrize("typed", ["", "geen adres", "a@b", "x" * 300 + "@a.nl", "a b@c.nl"])
def test_a_wrong_address_is_explained_and_kept(site: Site, typed: str) -> None:
    answer = site.visitor().post("/aanmelden", {"stap": "adres", "address": typed})
    assert answer.status_code == 422
    page = parse(answer)
    assert page.get_element_by_id("address").get("value", "") == typed
    assert page.get_element_by_id("address").get("aria-describedby")
    assert count(site, SignInLink) == 0


def test_a_form_without_its_token_is_refused(site: Site) -> None:
    link = link_for(site.app, READER)
    assert site.visitor().client.post(link).status_code == 400
    assert site.visitor().client.post("/aanmelden", data={"stap": "adres", "address": READER}).status_code == 400
    assert count(site, SignedInSession) == 0
    assert count(site, SignInLink) == 1


def test_signing_in_changes_the_cookie(site: Site) -> None:
    visitor = site.visitor()
    visitor.get("/aanmelden")
    before = visitor.client.get_cookie("sessie")
    visitor.sign_in(READER)
    after = visitor.client.get_cookie("sessie")
    assert before
    assert after
    assert before.value != after.value


def test_signing_in_again_ends_the_session_that_this_browser_had(site: Site) -> None:
    visitor, thief = site.signed_in("corporatie"), site.visitor()
    cookie = visitor.client.get_cookie("sessie")
    assert cookie
    thief.client.set_cookie("sessie", cookie.value)
    assert thief.get("/").status_code == 200
    visitor.sign_in(address_of("corporatie"))
    assert visitor.get("/").status_code == 200
    assert thief.get("/").status_code == 303


def test_a_group_that_is_no_group_is_refused_by_the_database(site: Site) -> None:
    with pytest.raises(Exception, match=r"(?i)check"), site.database.transaction() as session:
        session.add(PersonGroup(person_id=1, group="baas"))


def test_a_form_with_a_character_no_database_keeps_is_refused(site: Site) -> None:
    assert site.visitor().post("/aanmelden", {"stap": "adres", "address": f"{READER}\0"}).status_code == 400
