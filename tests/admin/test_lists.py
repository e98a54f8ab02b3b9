"""Every list at /beheer: the same way to choose, sort and page, and a file that is safe to open."""

import csv
import io

import pytest
from sqlalchemy import select, update

from portal.access.models import Organisation, Person, SignedInSession
from portal.audit.models import Action, Event
from portal.audit.operations import SYSTEM, Actor
from portal.lib.spreadsheet import as_csv
from portal.links.invitations import make_invitation
from portal.links.shares import make_share
from portal.releases.models import Item
from tests.admin.filling import main_words, save
from tests.conftest import NOW, PEOPLE, Site, address_of
from tests.visitor import Visitor, link_for, parse, words

NUMBER = {key: place for place, key in enumerate(PEOPLE, 1)}


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/").status_code == 200


def table(visitor: Visitor, path: str) -> list[list[str]]:
    """Return the cells of a list as the page shows them."""
    rows = visitor.page(path).xpath("//main//tbody/tr")
    return [[words(cell) for cell in row.xpath("th|td")] for row in rows]


def file(visitor: Visitor, path: str) -> list[list[str]]:
    """Return the cells of a list as a spreadsheet reads its file."""
    answer = visitor.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";"))


def fill_links(site: Site) -> None:
    with site.database.transaction() as session:
        for number in (1, 3):
            organisation = session.get_one(Organisation, number)
            make_invitation(session, site.config, organisation, by=Actor(NUMBER["beheerder"]), at=NOW)
        editor = Actor(NUMBER["redacteur"])
        make_share(session, site.config, "FO-06", by=editor, at=NOW)
        make_share(session, site.config, "OV-04", version=1, days=7, by=SYSTEM, at=NOW)


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff20"])
def test_a_cell_that_begins_like_a_formula_is_only_shown(begin: str) -> None:
    data = as_csv(["Naam", "Soort"], [[f"{begin}1+1", 'met ";" en\nregel']])
    [_head, [first, second]] = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";")
    assert first == f"'{begin}1+1"
    assert second == 'met ";" en\nregel'
    assert data.count(b"\r\n") == 2


def test_every_list_is_taken_as_a_file_with_what_was_chosen(small_site: Site) -> None:
    fill_links(small_site)
    with small_site.database.transaction() as session:
        session.get_one(Person, NUMBER["corporatie"]).name = '=HYPERLINK("http://kwaad.example";"Klik")'
    beheerder = small_site.signed_in("beheerder")
    people = file(beheerder, "/beheer/personen.csv")
    assert people[0][:3] == ["Naam", "Werkmailadres", "Organisatie"]
    assert len(people) == len(PEOPLE) + 1
    hofstad = file(beheerder, "/beheer/personen.csv?organisatie=1&sorteer=-naam&pagina=2")
    assert [row[1] for row in hofstad[1:]] == [address_of("redacteur_elders"), address_of("corporatie")]
    assert hofstad[2][0].startswith("'=HYPERLINK")
    organisations = file(beheerder, "/beheer/organisaties.csv?soort=zorgaanbieder")
    assert organisations[1][:4] == ["Zorg Hofstad", "Zorgaanbieder", "zorg-hofstad.example", "2"]
    assert [row[2] for row in file(beheerder, "/beheer/links.csv?soort=document&sorteer=waarvoor")[1:]] == [
        "FO-06",
        "OV-04, versie 1",
    ]
    [session_row] = file(beheerder, "/beheer/sessies.csv")[1:]
    assert session_row[1:5] == [
        address_of("beheerder"),
        "Gemeente Hofstad",
        "Link van het meldpunt",
        "2026-12-01 10:00",
    ]
    assert beheerder.get("/beheer/geheimen.csv").status_code == 404
    with small_site.database.reading() as session:
        exported = select(Event).where(Event.action == Action.LIST_EXPORTED.value).order_by(Event.number)
        taken = session.scalars(exported).all()
        assert [(one.subject, one.details["rows"]) for one in taken][:2] == [
            ("list:personen", 13),
            ("list:personen", 2),
        ]


def test_links_are_listed_chosen_and_sorted(small_site: Site) -> None:
    fill_links(small_site)
    beheerder = small_site.signed_in("beheerder")
    assert len(table(beheerder, "/beheer/links")) == 4
    by_name = [row[2] for row in table(beheerder, "/beheer/links?sorteer=waarvoor")]
    assert by_name == ["FO-06", "Hofstad Wonen", "OV-04, versie 1", "Zorg Hofstad"]
    [row] = table(beheerder, "/beheer/links?q=fo-06")
    assert row[1:8] == ["Deellink", "FO-06", "Naam van redacteur", "31 december 2026", "Nooit", "0", "0"]
    assert [row[3] for row in table(beheerder, "/beheer/links?q=meldpunt")] == ["het meldpunt"]
    for sorting in ("laatst", "-laatst", "aantal", "-nu", "soort", "-maker", "tot", "onzin"):
        assert len(table(beheerder, f"/beheer/links?sorteer={sorting}&soort=document")) == 2
    small_site.clock.forward(days=8)
    beheerder = small_site.signed_in("beheerder")
    [row] = table(beheerder, "/beheer/links?stand=voorbij")
    assert (row[2], row[8]) == ("OV-04, versie 1", "Werkt niet meer")
    with small_site.database.transaction() as session:
        session.execute(update(Item).where(Item.code == "FO-06").values(visibility="regio"))
    assert "FO-06" not in beheerder.get("/beheer/links.csv").get_data(as_text=True)
    assert "FO-06" not in main_words(beheerder.get("/beheer/links"))
    assert "Geen links gevonden" in main_words(beheerder.get("/beheer/links?q=FO-06"))
    assert "een ander document" in main_words(beheerder.get("/beheer/links"))


def test_a_beheerder_makes_and_revokes_both_kinds(small_site: Site) -> None:
    beheerder = small_site.signed_in("beheerder")
    made = {}
    for path, choice in (("uitnodiging", {"organisation": "3"}), ("deellink", {"code": "OV-04", "version": "1"})):
        answer = save(beheerder, f"/beheer/links/{path}", **choice, days="7")
        [url] = parse(answer).xpath("//input[@id='link']/@value")
        made[path] = str(url).removeprefix(small_site.config.base_url)
        shown = words(small_site.visitor().page(made[path]).xpath("//main")[0])
        assert "Naam van beheerder van Gemeente Hofstad" in shown
        assert "8 december 2026" in shown
        assert made[path].rpartition("/")[2] not in beheerder.get("/beheer/links").get_data(as_text=True)
    reader = small_site.visitor()
    document = reader.post(made["deellink"]).headers["Location"]
    assert [row[7] for row in table(beheerder, "/beheer/links?soort=document")] == ["1"]
    for form in beheerder.page("/beheer/links").xpath("//main//form[contains(@action, '/intrekken')]/@action"):
        assert beheerder.post(str(form), token_from="/beheer/links").status_code == 303
    assert reader.get(document).status_code == 410
    assert [small_site.visitor().get(path).status_code for path in made.values()] == [410, 410]
    assert {row[8] for row in table(beheerder, "/beheer/links")} == {"Ingetrokken"}
    for path, wrong in (("uitnodiging", {"organisation": "99"}), ("deellink", {"code": "OV-03"})):
        assert save(beheerder, f"/beheer/links/{path}", **wrong).status_code == 422
    faulty = save(beheerder, "/beheer/links/deellink", code="OV-04", version="9")
    assert faulty.status_code == 422
    assert "geen versie 9" in main_words(faulty)
    missing = beheerder.post("/beheer/links/document/99/intrekken", token_from="/beheer/links")
    assert missing.status_code == 404


def test_sessions_are_listed_and_ended_by_browser_person_and_organisation(small_site: Site) -> None:
    beheerder = small_site.signed_in("beheerder")
    first, second = small_site.signed_in("corporatie"), small_site.signed_in("corporatie")
    colleague, other = small_site.signed_in("redacteur_elders"), small_site.signed_in("zorgaanbieder")
    assert len(table(beheerder, "/beheer/sessies")) == 5
    rows = table(beheerder, "/beheer/sessies?organisatie=1&q=naam&manier=gemaakt&sorteer=-sinds")
    assert [row[1].removesuffix(": toon deze sessies") for row in rows] == ["Hofstad Wonen"] * 3
    assert table(beheerder, "/beheer/sessies?manier=mail") == []

    def press(part: str) -> None:
        path = "/beheer/sessies?organisatie=1"
        forms = beheerder.page(path).xpath(f"//main//form[contains(@action, '{part}')]/@action")
        assert beheerder.post(str(forms[0]), token_from=path).status_code == 303

    with small_site.database.reading() as session:
        number = session.scalars(
            select(SignedInSession.id).where(SignedInSession.person_id == NUMBER["corporatie"]).limit(1)
        ).one()
    press(f"/sessies/{number}/")
    assert [is_in(one) for one in (first, second, colleague, other)] == [False, True, True, True]
    press(f"/persoon/{NUMBER['corporatie']}/")
    assert [is_in(one) for one in (second, colleague, other)] == [False, True, True]
    waiting = link_for(small_site.app, address_of("redacteur_elders"))
    press("/organisatie/1/")
    assert [is_in(one) for one in (colleague, other, beheerder)] == [False, True, True]
    assert small_site.visitor().post(waiting).status_code == 410
    for path in ("99/beeindigen", "persoon/99/beeindigen", "organisatie/99/beeindigen"):
        assert beheerder.post(f"/beheer/sessies/{path}", token_from="/beheer/sessies").status_code == 404
