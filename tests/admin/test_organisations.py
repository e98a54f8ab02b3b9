"""Organisations as a beheerder looks after them."""

import pytest
from sqlalchemy import select

from portal.access.models import MailDomain, Organisation
from portal.audit.models import Event
from portal.audit.queries import verify
from tests.admin.filling import faults, main_words, save, save_again, values_of
from tests.conftest import PEOPLE, Site, address_of
from tests.visitor import Visitor, link_for, parse, words

NEW = "/beheer/organisaties/nieuw"


def number_of(site: Site, name: str) -> int:
    with site.database.reading() as session:
        return session.scalars(select(Organisation.id).where(Organisation.name == name)).one()


def domains_of(site: Site, number: int) -> set[str]:
    with site.database.reading() as session:
        return set(session.scalars(select(MailDomain.name).where(MailDomain.organisation_id == number)))


def events(site: Site, subject: str) -> list[tuple[str, dict[str, object]]]:
    with site.database.reading() as session:
        assert verify(session).faults == []
        rows = session.scalars(select(Event).where(Event.subject == subject).order_by(Event.number))
        return [(row.action, row.details) for row in rows]


def row_of(page: object, name: str) -> list[str]:
    [row] = page.xpath(f"//main//tr[th[starts-with(normalize-space(), '{name}')]]")  # type: ignore[attr-defined] # lxml
    return [words(cell) for cell in row.xpath("td")]


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/").status_code == 200


def test_the_list_counts_people_by_how_they_stand_to_the_door(small_site: Site) -> None:
    beheerder = small_site.signed_in("beheerder")
    small_site.signed_in("auditor")
    save(beheerder, f"/beheer/personen/{person_number(small_site, 'procesregisseur')}/afsluiten")
    row = row_of(beheerder.page("/beheer/organisaties"), "Gemeente Hofstad")
    in_all = sum(name == "Gemeente Hofstad" for name, _roles, _groups in PEOPLE.values())
    assert row[:2] == ["Gemeente", "gemeente-hofstad.example"]
    assert [cell.split()[0] for cell in row[2:5]] == [str(in_all), "2", str(in_all - 3)]
    assert row[5] == "Geen"


def person_number(site: Site, key: str) -> int:
    return list(PEOPLE).index(key) + 1


def test_the_start_page_says_what_waits(small_site: Site) -> None:
    beheerder = small_site.signed_in("beheerder")
    text = words(beheerder.page("/beheer").xpath("//main")[0])
    assert f"{len(PEOPLE) - 1} personen hebben toegang en kwamen nog nooit binnen" in text
    assert "Er is maar één beheerder" in text
    assert "Niemand is afgesloten" in text
    save(beheerder, f"/beheer/organisaties/{number_of(small_site, 'Zorg Hofstad')}/afsluiten")
    contact = person_number(small_site, "corporatie")
    save(beheerder, f"/beheer/personen/{contact}/wijzigen", is_contact="ja")
    page = beheerder.page("/beheer")
    without = [words(link) for link in page.xpath("//section[@aria-labelledby='zonder']//a")]
    assert without == ["Gemeente Hofstad", "Regio Hofstad"]
    assert [words(link) for link in page.xpath("//section[@aria-labelledby='dicht']//a")] == [
        "2 personen",
        "Zorg Hofstad",
    ]


def test_an_organisation_is_added(small_site: Site) -> None:
    beheerder = small_site.signed_in("beheerder")
    answer = save(
        beheerder, NEW, name="  Thuis   Wonen ", kind="corporatie", domains="@Thuis.example\r\n thuiswonen.example,"
    )
    number = number_of(small_site, "Thuis Wonen")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/beheer/organisaties/{number}")
    assert domains_of(small_site, number) == {"thuis.example", "thuiswonen.example"}
    assert events(small_site, f"organisation:{number}") == [("organisation.added", {"kind": "corporatie"})]
    assert "Thuis Wonen" in main_words(beheerder.get("/beheer/organisaties"))


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"name": " "}, 422, "Vul de naam van de organisatie in."),
        ({"name": "x" * 121}, 422, "Deze naam is te lang"),
        ({"kind": ""}, 422, "Kies wat voor organisatie dit is."),
        ({"kind": "winkel"}, 422, "Kies iets uit de lijst."),
        ({"name": "Hofstad Wonen"}, 409, "Er is al een organisatie"),
        ({"domains": "thuis.example\nhofstad.example"}, 409, "hofstad.example hoort al bij Hofstad Wonen"),
        ({"domains": "geen_domein"}, 422, "'geen_domein' is geen maildomein"),
    ],
)
def test_what_cannot_be_added_is_explained_and_kept(
    small_site: Site, changes: dict[str, str], status: int, message: str
) -> None:
    beheerder = small_site.signed_in("beheerder")
    typed = {"name": "Thuis Wonen", "kind": "corporatie", "domains": "thuis.example"} | changes
    answer = save(beheerder, NEW, **typed)
    assert answer.status_code == status
    [fault] = faults(answer)
    assert message in fault
    kept = values_of(parse(answer))
    assert kept["domains"] == [typed["domains"]]
    assert kept["name"] == [typed["name"].strip()]
    assert kept["kind"] == [typed["kind"] if typed["kind"] == "corporatie" else ""]
    with small_site.database.reading() as session:
        assert len(session.scalars(select(Organisation.id)).all()) == 4


@pytest.mark.parametrize(
    "domain",
    ["gmail.com", "@GMail.com", "hotmail.nl", "live.nl", "yahoo.co.uk", "me.com", "ziggo.nl", "mail.ziggo.nl"],
)
def test_a_domain_in_which_anybody_has_an_address_is_of_no_organisation(small_site: Site, domain: str) -> None:
    beheerder = small_site.signed_in("beheerder")
    answers = [
        save(beheerder, NEW, name="Thuis Wonen", kind="corporatie", domains=f"thuis.example\n{domain}"),
        save(beheerder, f"/beheer/organisaties/{number_of(small_site, 'Hofstad Wonen')}/wijzigen", domains=domain),
    ]
    for answer in answers:
        [fault] = faults(answer)
        assert answer.status_code == 422
        assert fault.startswith(f"{domain.lower().lstrip('@')} hoort bij een maildienst waar iedereen")
        assert "Geef een domein dat van de organisatie zelf is" in fault
    assert domains_of(small_site, number_of(small_site, "Hofstad Wonen")) == {"hofstad.example"}


def test_a_domain_that_only_looks_like_a_public_one_is_taken(small_site: Site) -> None:
    beheerder = small_site.signed_in("beheerder")
    own = {"thuisgmail.com", "outlook.thuis-wonen.nl", "live.thuis.nl", "ziggo.thuis.nl", "home.nl.example"}
    assert save(beheerder, NEW, name="Thuis", kind="corporatie", domains=" ".join(own)).status_code == 303
    assert domains_of(small_site, number_of(small_site, "Thuis")) == own


def test_name_and_domains_change_and_people_stay(small_site: Site) -> None:
    beheerder, reader = small_site.signed_in("beheerder"), small_site.signed_in("corporatie")
    number = number_of(small_site, "Hofstad Wonen")
    answer = save(
        beheerder, f"/beheer/organisaties/{number}/wijzigen", name="Stad Wonen", domains="stad.example hof.example"
    )
    assert answer.status_code == 303
    assert domains_of(small_site, number) == {"stad.example", "hof.example"}
    told = {"name": "changed", "domains_given": "hof.example,stad.example", "domains_taken": "hofstad.example"}
    assert events(small_site, f"organisation:{number}")[1:] == [("organisation.changed", told)]
    page = main_words(beheerder.get(f"/beheer/organisaties/{number}"))
    assert "Stad Wonen" in page
    assert "maildomein weg: hofstad.example, door Naam van beheerder" in page
    assert is_in(reader)
    assert "hoort al bij" in faults(save(beheerder, NEW, name="Nieuw", kind="regio", domains="hof.example"))[0]
    assert save(beheerder, NEW, name="Hofstad Wonen", kind="regio", domains="hofstad.example").status_code == 303


def test_saving_nothing_new_leaves_no_trace(small_site: Site) -> None:
    beheerder = small_site.signed_in("beheerder")
    number = number_of(small_site, "Hofstad Wonen")
    assert save(beheerder, f"/beheer/organisaties/{number}/wijzigen").status_code == 303
    assert len(events(small_site, f"organisation:{number}")) == 1


def test_the_second_of_two_sees_what_the_first_changed(small_site: Site) -> None:
    first, second = small_site.signed_in("beheerder"), small_site.signed_in("beheerder")
    path = f"/beheer/organisaties/{number_of(small_site, 'Hofstad Wonen')}/wijzigen"
    opened = values_of(second.page(path))
    assert save(first, path, domains="eerste.example").status_code == 303
    answer = second.client.post(path, data=opened | {"name": "Tweede naam", "domains": "tweede.example"})
    assert answer.status_code == 409
    [both] = [words(row) for row in parse(answer).xpath("//div[@id='intussen']//tbody/tr[2]")]
    assert both.split()[-2:] == ["eerste.example", "tweede.example"]
    assert values_of(parse(answer))["domains"] == ["tweede.example"]
    assert save_again(second, path, answer).status_code == 303
    assert domains_of(small_site, number_of(small_site, "Tweede naam")) == {"tweede.example"}


def test_closing_off_shuts_everybody_out_and_opening_lets_them_sign_in_anew(small_site: Site) -> None:
    beheerder, reader = small_site.signed_in("beheerder"), small_site.signed_in("zorgaanbieder")
    other, waiting = small_site.signed_in("corporatie"), link_for(small_site.app, address_of("casusregisseur"))
    number = number_of(small_site, "Zorg Hofstad")
    asked = main_words(beheerder.get(f"/beheer/organisaties/{number}/afsluiten"))
    assert "2 personen die nu toegang hebben" in asked
    assert "eindigen meteen" in asked
    assert is_in(reader)
    assert save(beheerder, f"/beheer/organisaties/{number}/afsluiten").status_code == 303
    assert not is_in(reader)
    assert is_in(other)
    casus = person_number(small_site, "casusregisseur")
    assert save(beheerder, f"/beheer/personen/{casus}/afsluiten").status_code == 303
    assert save(beheerder, f"/beheer/organisaties/{number}/toelaten").status_code == 303
    assert not is_in(reader)
    assert small_site.visitor().post(waiting).status_code == 410
    assert is_in(small_site.signed_in("zorgaanbieder"))
    assert small_site.visitor().post(link_for(small_site.app, address_of("casusregisseur"))).status_code == 410
    actions = [action for action, _details in events(small_site, f"organisation:{number}")]
    assert actions == ["organisation.added", "organisation.disabled", "organisation.enabled"]


def test_a_contact_person_is_made_and_unmade(small_site: Site) -> None:
    beheerder = small_site.signed_in("beheerder")
    number, person = number_of(small_site, "Hofstad Wonen"), person_number(small_site, "corporatie")
    page = f"/beheer/organisaties/{number}"
    for wanted, shown in (("ja", "Naam van corporatie"), ("nee", "Geen")):
        answer = beheerder.post(f"/beheer/personen/{person}/contactpersoon", {"contact": wanted}, token_from=page)
        assert answer.headers["Location"] == page
        assert row_of(beheerder.page("/beheer/organisaties"), "Hofstad Wonen")[5] == shown
    assert events(small_site, f"person:{person}")[-2:] == [
        ("person.changed", {"contact": 1}),
        ("person.changed", {"contact": 0}),
    ]


@pytest.mark.parametrize("number", [99, 2**31, 10**30])
@pytest.mark.parametrize("kind", ["organisaties", "personen"])
def test_what_does_not_exist_is_not_there(small_site: Site, kind: str, number: int) -> None:
    assert small_site.signed_in("beheerder").get(f"/beheer/{kind}/{number}").status_code == 404
