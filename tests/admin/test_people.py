"""People as a beheerder looks after them."""

import re

import pytest
from alembic import command
from sqlalchemy import select

from portal import schema
from portal.access.models import Group, Organisation, Person
from portal.access.people import add_person
from portal.audit.models import Event
from portal.audit.operations import SYSTEM
from portal.lists import A_PAGE
from portal.notifications.models import OutboxMessage
from portal.notifications.operations import deliver_due
from tests.admin.filling import Values, faults, main_words, save, save_again, values_of
from tests.conftest import NOW, PEOPLE, Site, address_of
from tests.visitor import Visitor, parse, words

NEW = "/beheer/personen/nieuw"
CORPORATIE, ZORG = "1", "3"
"""Numbers of Hofstad Wonen and Zorg Hofstad."""


def number_of(key: str) -> int:
    return list(PEOPLE).index(key) + 1


def change(key: str) -> str:
    return f"/beheer/personen/{number_of(key)}/wijzigen"


def person(site: Site, address: str) -> Person:
    with site.database.reading() as session:
        found = session.scalars(select(Person).where(Person.email == address)).unique().one()
        assert found.roles is not None
        assert found.groups is not None
        return found


def last_event(site: Site) -> tuple[str, dict[str, object]]:
    with site.database.reading() as session:
        event = session.scalars(select(Event).order_by(Event.number.desc()).limit(1)).one()
        return event.action, event.details


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/").status_code == 200


class Postbox:
    """A mail server that only remembers."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str]] = []

    def deliver(self, *, address: str, subject: str, text: str, unsubscribe: str = "") -> None:
        self.mails.append((address, text))


def post_out(site: Site) -> list[tuple[str, str]]:
    box = Postbox()
    deliver_due(site.database, box, site.app.extensions["portal_seal"], site.clock())
    return box.mails


def listed(visitor: Visitor, query: str) -> list[str]:
    """Return who a list shows, in order, by the first part of their address."""
    page = visitor.page(f"/beheer/personen?{query}")
    return [words(one).partition("@")[0] for one in page.xpath("//main//tbody/tr/th/span[@class='bij']")]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("organisatie=1", ["corporatie", "redacteur_elders"]),
        ("recht=redacteur", ["redacteur", "redacteur_elders"]),
        ("recht=lezer&organisatie=3", ["casusregisseur", "zorgaanbieder"]),
        ("rol=info_meldpunt", ["info_meldpunt", "redacteur"]),
        ("status=actief", ["beheerder"]),
        ("status=afgesloten", []),
        ("status=nooit&recht=auditor", ["auditor"]),
        ("q=ELDERS+naam", ["redacteur_elders"]),
        ("q=zorg-hofstad", ["casusregisseur", "zorgaanbieder"]),
        ("q=%25", []),
        ("organisatie=3&sorteer=-naam", ["zorgaanbieder", "casusregisseur"]),
        (
            "organisatie=2&sorteer=-aangemeld",
            ["beheerder", "uitvoeringsdienst", "procesregisseur", "gemeente", "auditor"],
        ),
        ("recht=redacteur&sorteer=-organisatie", ["redacteur", "redacteur_elders"]),
        ("recht=baas&organisatie=3&sorteer=x&pagina=9&status=y", ["casusregisseur", "zorgaanbieder"]),
        ("organisatie=99999999999999999999", []),
    ],
)
def test_the_list_shows_whom_one_asks_for(small_site: Site, query: str, keys: list[str]) -> None:
    assert listed(small_site.signed_in("beheerder"), query) == keys


def test_a_name_is_found_whatever_its_capitals_and_accents(small_site: Site) -> None:
    beheerder = small_site.signed_in("beheerder")
    save(beheerder, change("corporatie"), name="Édith Zoë")
    for asked in ("édith", "ÉDITH", "edi", "zoë", "Zo"):
        found = listed(beheerder, f"q={asked}&organisatie=1")
        assert found == ([] if asked == "edi" else ["corporatie"]), asked


def test_a_long_list_comes_in_pages_that_keep_the_question(small_site: Site) -> None:
    with small_site.database.transaction() as session:
        employer = session.get_one(Organisation, 1)
        for n in range(A_PAGE + 5):
            add_person(
                session, address=f"p{n:02}@hofstad.example", organisation=employer, name=f"P {n:02}", by=SYSTEM, at=NOW
            )
    beheerder = small_site.signed_in("beheerder")
    seen: list[str] = []
    path = "/beheer/personen?organisatie=1&q=hofstad&sorteer=-naam"
    for _page in range(2):
        page = beheerder.page(path)
        seen += [words(one).partition("@")[0] for one in page.xpath("//main//tbody/tr/th/span[@class='bij']")]
        [path] = page.xpath("//nav[@aria-label='Bladeren door de personen']/a[last()]/@href")
    assert seen[:2] == ["p29", "p28"]
    assert len(set(seen)) == A_PAGE + 7
    assert "pagina" not in path
    assert f"{A_PAGE + 7} van de {len(PEOPLE) + A_PAGE + 5} personen" in words(beheerder.page(path))
    [sorted_by] = beheerder.page(path).xpath("//th[@aria-sort]")
    assert sorted_by.get("aria-sort") == "descending"
    assert "organisatie=1" in sorted_by.xpath("a/@href")[0]
    assert "Toon alle 32 personen" in main_words(beheerder.get("/beheer/organisaties/1"))


def test_a_person_is_added_and_told_how_to_come_in(small_site: Site) -> None:
    beheerder = small_site.signed_in("beheerder")
    answer = save(beheerder, NEW, organisation=CORPORATIE, address=" Nieuw@Hofstad.example ", name="Nina Nieuw")
    added = person(small_site, "nieuw@hofstad.example")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/beheer/personen/{added.id}")
    assert (added.name, added.roles, added.groups) == ("Nina Nieuw", ("corporatie",), frozenset({Group.LEZER}))
    [(address, mail)] = post_out(small_site)
    assert address == "nieuw@hofstad.example"
    assert "http://localhost/aanmelden\n" in mail
    assert "/toegang/" not in mail
    assert re.search(r"Bel het .*\d", mail)
    page = main_words(beheerder.get(f"/beheer/personen/{added.id}"))
    assert "Toegevoegd: rechten: lezer, door Naam van beheerder" in page
    assert "Uitgenodigd, door Naam van beheerder" in page
    assert last_event(small_site) == ("person.invited", {})
    assert is_in(small_site.visitor().sign_in(address))
    assert "Laatst aangemeld op" in main_words(beheerder.get(f"/beheer/personen/{added.id}"))


def test_without_the_tick_no_invitation_goes_out(small_site: Site) -> None:
    answer = save(
        small_site.signed_in("beheerder"), NEW, organisation=CORPORATIE, address="stil@hofstad.example", invite=[]
    )
    assert answer.status_code == 303
    assert post_out(small_site) == []


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"organisation": ""}, 422, "Kies een organisatie."),
        ({"organisation": "99"}, 422, "Kies iets uit de lijst."),
        ({"address": ""}, 422, "Vul het werkmailadres in."),
        ({"address": "geen adres"}, 422, "Vul een e-mailadres in zoals"),
        ({"address": "Corporatie@hofstad.example"}, 409, "Er is al een persoon met het adres"),
        ({"name": "x" * 121}, 422, "Deze naam is te lang"),
        ({"roles": ["tovenaar", "", ""]}, 422, "Kies iets uit de lijst."),
        ({"groups": ["baas"]}, 422, "Kies iets uit de lijst."),
    ],
)
def test_who_cannot_be_added_is_explained_and_what_was_typed_stays(
    small_site: Site, changes: Values, status: int, message: str
) -> None:
    typed: Values = {"organisation": CORPORATIE, "address": "nieuw@hofstad.example", "name": "Nina Nieuw"}
    typed |= Values(roles=["gemeente", "corporatie", ""], is_contact="ja", invite=[]) | changes
    answer = save(small_site.signed_in("beheerder"), NEW, **typed)
    assert answer.status_code == status
    [fault] = faults(answer)
    assert message in fault
    kept = values_of(parse(answer))
    assert kept["name"] == [typed["name"]]
    assert kept["address"] == [str(typed["address"]).lower()]
    assert kept["is_contact"] == ["ja"]
    assert "invite" not in kept
    if "roles" not in changes:
        assert kept["roles"] == typed["roles"]
    with small_site.database.reading() as session:
        assert len(session.scalars(select(Person.id)).all()) == len(PEOPLE)


def test_an_address_outside_the_organisation_is_asked_about(small_site: Site) -> None:
    beheerder = small_site.signed_in("beheerder")
    answer = save(beheerder, NEW, organisation=ZORG, address="nina@thuis.example")
    assert answer.status_code == 422
    assert faults(answer) == ["Bevestig dat nina@thuis.example bij Zorg Hofstad hoort."]
    other = save_again(beheerder, NEW, answer, address="nora@thuis.example", address_confirmed="3 nina@thuis.example")
    assert faults(other) == ["Bevestig dat nora@thuis.example bij Zorg Hofstad hoort."]
    done = save_again(beheerder, NEW, other, address_confirmed="3 nora@thuis.example")
    assert done.status_code == 303
    assert person(small_site, "nora@thuis.example").organisation_id == int(ZORG)


def test_rights_beyond_reading_are_asked_about(small_site: Site) -> None:
    beheerder = small_site.signed_in("beheerder")
    answer = save(beheerder, change("corporatie"), groups=["redacteur"])
    assert (answer.status_code, faults(answer)) == (422, ["Bevestig dat deze persoon meer rechten krijgt."])
    assert "U geeft: Redacteur" in main_words(answer)
    more = save_again(
        beheerder, change("corporatie"), answer, groups=["redacteur", "beheerder"], groups_confirmed="redacteur"
    )
    assert more.status_code == 422
    assert "U geeft: Redacteur, Beheerder" in main_words(more)
    assert person(small_site, address_of("corporatie")).groups == {Group.LEZER}
    assert save_again(beheerder, change("corporatie"), more, groups_confirmed="beheerder,redacteur").status_code == 303
    given = {Group.LEZER, Group.REDACTEUR, Group.BEHEERDER}
    assert person(small_site, address_of("corporatie")).groups == given
    assert last_event(small_site) == ("person.changed", {"groups_given": "beheerder,redacteur"})
    assert save(beheerder, change("corporatie"), groups=["redacteur"]).status_code == 303
    assert last_event(small_site) == ("person.changed", {"groups_taken": "beheerder"})


def test_adding_someone_with_rights_asks_both_questions_at_once(small_site: Site) -> None:
    beheerder = small_site.signed_in("beheerder")
    answer = save(beheerder, NEW, organisation=ZORG, address="nina@thuis.example", groups=["auditor"])
    assert [fault.split()[2] for fault in faults(answer)] == ["nina@thuis.example", "deze"]
    assert (
        save_again(
            beheerder, NEW, answer, address_confirmed="3 nina@thuis.example", groups_confirmed="auditor"
        ).headers["Location"]
        == f"/beheer/personen/{person(small_site, 'nina@thuis.example').id}"
    )


def test_other_rights_ask_for_a_new_session(small_site: Site) -> None:
    beheerder, reader = small_site.signed_in("beheerder"), small_site.signed_in("corporatie")
    assert save(beheerder, change("corporatie"), name="Andere naam", roles=["gemeente", "", ""]).status_code == 303
    assert is_in(reader)
    assert save(beheerder, change("corporatie"), groups=["redacteur"], groups_confirmed="redacteur").status_code == 303
    assert not is_in(reader)
    editor = small_site.signed_in("corporatie")
    assert save(beheerder, change("corporatie"), groups=[]).status_code == 303
    assert not is_in(editor)
    assert is_in(beheerder)


def test_the_most_important_role_comes_first(small_site: Site) -> None:
    beheerder, reader = small_site.signed_in("beheerder"), small_site.signed_in("corporatie")
    chosen = ["zorgaanbieder", "", "corporatie", "zorgaanbieder"]
    assert save(beheerder, change("corporatie"), roles=chosen).status_code == 303
    assert person(small_site, address_of("corporatie")).roles == ("zorgaanbieder", "corporatie")
    assert "U kijkt als Zorgaanbieder" in words(reader.page("/"))
    again = values_of(beheerder.page(change("corporatie")))
    assert again["roles"] == ["zorgaanbieder", "corporatie", ""]
    assert save(beheerder, change("corporatie"), roles=["corporatie", "zorgaanbieder", ""]).status_code == 303
    assert last_event(small_site) == ("person.changed", {"roles": "corporatie,zorgaanbieder"})
    assert save(beheerder, change("corporatie"), roles=["", "", ""]).status_code == 303
    assert person(small_site, address_of("corporatie")).roles == ("corporatie",)


def test_a_role_that_left_the_flow_stays_until_somebody_takes_it_away(small_site: Site) -> None:
    with small_site.database.transaction() as session:
        session.get_one(Person, number_of("gemeente")).role_rows[0].role = "wijkteam"
    beheerder = small_site.signed_in("beheerder")
    assert "wijkteam (staat niet meer in het stroomschema)" in main_words(beheerder.get(change("gemeente")))
    assert save(beheerder, change("gemeente"), name="Anders").status_code == 303
    assert person(small_site, address_of("gemeente")).roles == ("wijkteam",)
    assert beheerder.get(f"/beheer/personen/{number_of('gemeente')}").status_code == 200


def test_while_the_handbook_is_empty_people_keep_their_roles(small_site: Site) -> None:
    with small_site.database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE release SET published_at = '2099-01-01 00:00:00+00:00'")
    beheerder = small_site.signed_in("beheerder")
    assert "roles" not in values_of(beheerder.page(change("procesregisseur")))
    assert save(beheerder, change("procesregisseur"), name="Anders").status_code == 303
    assert person(small_site, address_of("procesregisseur")).roles == ("procesregisseur",)
    assert beheerder.get("/beheer/personen").status_code == 200


def test_the_second_of_two_sees_what_the_first_changed_and_loses_nothing(small_site: Site) -> None:
    first, second = small_site.signed_in("beheerder"), small_site.signed_in("beheerder")
    opened = values_of(second.page(change("gemeente")))
    assert save(first, change("gemeente"), name="Van de eerste", roles=["regio", "", ""]).status_code == 303
    answer = second.client.post(change("gemeente"), data=opened | {"name": "Van de tweede", "is_contact": "ja"})
    assert answer.status_code == 409
    compared = parse(answer).xpath("//div[@id='intussen']//tbody/tr")
    rows = {words(row[0]).removesuffix(" Anders"): [words(cell) for cell in row[1:]] for row in compared}
    assert rows["Naam"] == ["Van de eerste", "Van de tweede"]
    assert rows["Rollen"] == ["Regio Gooi en Vechtstreek", "Gemeente"]
    assert rows["Contactpersoon"] == ["Nee", "Ja"]
    assert person(small_site, address_of("gemeente")).name == "Van de eerste"
    assert save_again(second, change("gemeente"), answer, roles=["regio", "", ""]).status_code == 303
    stored = person(small_site, address_of("gemeente"))
    assert (stored.name, stored.roles, stored.is_contact) == ("Van de tweede", ("regio",), True)


def test_an_invitation_goes_again_after_an_hour_and_not_before(small_site: Site) -> None:
    beheerder, page = small_site.signed_in("beheerder"), f"/beheer/personen/{number_of('corporatie')}"
    assert beheerder.post(f"{page}/uitnodigen", token_from=page).status_code == 303
    assert "Stuur" not in words(beheerder.page(page).xpath("//aside")[0])
    again = beheerder.post(f"{page}/uitnodigen", token_from=page)
    assert again.status_code == 429
    assert "U kunt opnieuw uitnodigen vanaf 1 december 2026, 11.00 uur" in main_words(again)
    assert len(post_out(small_site)) == 1
    small_site.clock.forward(minutes=61)
    beheerder = small_site.signed_in("beheerder")
    assert "Stuur opnieuw een uitnodiging" in words(beheerder.page(page).xpath("//aside")[0])
    assert beheerder.post(f"{page}/uitnodigen", token_from=page).status_code == 303
    assert len(post_out(small_site)) == 1


def test_who_was_in_or_is_closed_off_gets_no_invitation(small_site: Site) -> None:
    beheerder = small_site.signed_in("beheerder")
    small_site.signed_in("corporatie")
    save(beheerder, f"/beheer/personen/{number_of('gemeente')}/afsluiten")
    for key, reason in (("corporatie", "al eens aangemeld"), ("gemeente", "afgesloten")):
        page = f"/beheer/personen/{number_of(key)}"
        answer = beheerder.post(f"{page}/uitnodigen", token_from=page)
        assert answer.status_code == 422
        assert reason in main_words(answer)
    with small_site.database.reading() as session:
        assert session.scalars(select(OutboxMessage.id)).all() == []


def test_a_closed_off_person_is_out_at_once_and_signs_in_anew_when_let_in(small_site: Site) -> None:
    beheerder, reader = small_site.signed_in("beheerder"), small_site.signed_in("corporatie")
    page = f"/beheer/personen/{number_of('corporatie')}"
    assert "Nu is dat er één" in main_words(beheerder.get(f"{page}/afsluiten"))
    for _twice in range(2):
        assert save(beheerder, f"{page}/afsluiten").status_code == 303
    assert last_event(small_site) == ("person.disabled", {})
    assert not is_in(reader)
    assert "Afgesloten" in main_words(beheerder.get(page))
    assert save(beheerder, f"{page}/toelaten").status_code == 303
    assert last_event(small_site) == ("person.enabled", {})
    assert "is niet afgesloten" in main_words(beheerder.get(f"{page}/toelaten"))
    assert not is_in(reader)
    assert is_in(small_site.signed_in("corporatie"))


def test_who_never_signed_in_is_known_from_the_log_of_before(small_site: Site) -> None:
    small_site.signed_in("corporatie")
    small_site.clock.forward(minutes=5)
    small_site.signed_in("corporatie")
    config = schema.alembic_config(small_site.database)
    command.downgrade(config, "0004")
    command.upgrade(config, "head")
    assert person(small_site, address_of("corporatie")).last_signed_in_at == small_site.clock()
    assert person(small_site, address_of("zorgaanbieder")).last_signed_in_at is None
