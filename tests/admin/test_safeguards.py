"""Nobody but a beheerder comes here, and there is always a beheerder left."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select, text

from portal.access.models import Group, Person, PersonGroup
from portal.access.organisations import disable_organisation
from portal.access.people import disable_person
from portal.access.safeguards import LAST_BEHEERDER, OWN_ACCESS, active_beheerders
from portal.audit.models import Action, Event
from portal.audit.operations import SYSTEM
from portal.lib.errors import InvalidInput
from tests.admin.filling import faults, main_words, save, values_of
from tests.conftest import NOW, PEOPLE, Site, address_of
from tests.handbook.test_visibility import REAL
from tests.visitor import parse

ADDRESSES = [path for rule, paths in REAL.items() if rule.startswith("/beheer") for path in paths]
BEHEERDER = list(PEOPLE).index("beheerder") + 1
GEMEENTE = 2
"""The organisation of the beheerder."""


def make_beheerder(site: Site, key: str) -> None:
    with site.database.transaction() as session:
        session.add(PersonGroup(person_id=list(PEOPLE).index(key) + 1, group=Group.BEHEERDER.value))


def beheerders(site: Site) -> int:
    with site.database.reading() as session:
        return len(active_beheerders(session))


@pytest.mark.parametrize("key", ["corporatie", "regio", "redacteur", "auditor"])
def test_nobody_else_gets_in(small_site: Site, key: str) -> None:
    visitor = small_site.signed_in(key)
    assert "Beheer" not in visitor.get("/").get_data(as_text=True)

    def people() -> list[object]:
        with small_site.database.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text("SELECT * FROM person ORDER BY id"))]

    before = people()
    for path in ADDRESSES:  # 405: what answers one of both only
        statuses = [visitor.get(path).status_code, visitor.post(path, token_from="/mijn-sessies").status_code]
        assert 403 in statuses, path
        assert set(statuses) <= {403, 405}, path
    assert people() == before
    with small_site.database.reading() as session:
        refused = select(func.count()).select_from(Event).where(Event.action == Action.ACCESS_REFUSED.value)
        assert (session.scalar(refused) or 0) >= len(ADDRESSES)


def test_a_beheerder_finds_the_way_from_the_menu(small_site: Site) -> None:
    page = small_site.signed_in("beheerder").page("/")
    assert page.xpath("//nav[@aria-label='Hoofdmenu']//a[text()='Beheer']/@href") == ["/beheer"]


@pytest.mark.parametrize(
    "path", [f"/beheer/personen/{BEHEERDER}/afsluiten", f"/beheer/organisaties/{GEMEENTE}/afsluiten"]
)
def test_a_beheerder_cannot_shut_themselves_out(small_site: Site, path: str) -> None:
    make_beheerder(small_site, "corporatie")
    beheerder = small_site.signed_in("beheerder")
    shown = beheerder.get(path)
    assert OWN_ACCESS in main_words(shown)
    assert "Sluit" not in main_words(shown)
    answer = beheerder.post(path, token_from="/mijn-sessies")
    assert answer.status_code == 422
    assert OWN_ACCESS in main_words(answer)
    assert beheerder.get("/beheer").status_code == 200


def test_a_beheerder_cannot_take_away_their_own_right(small_site: Site) -> None:
    make_beheerder(small_site, "corporatie")
    beheerder, path = small_site.signed_in("beheerder"), f"/beheer/personen/{BEHEERDER}/wijzigen"
    answer = save(beheerder, path, groups=["auditor"], groups_confirmed="auditor", name="Andere naam")
    assert (answer.status_code, faults(answer)) == (422, [OWN_ACCESS])
    assert values_of(parse(answer))["name"] == ["Andere naam"]
    assert save(beheerder, path, groups=["beheerder", "auditor"], groups_confirmed="auditor").status_code == 303
    assert beheerder.get("/beheer").status_code == 200


def test_a_beheerder_closes_off_another(small_site: Site) -> None:
    make_beheerder(small_site, "corporatie")
    other = small_site.signed_in("corporatie")
    assert save(other, f"/beheer/personen/{BEHEERDER}/afsluiten").status_code == 303
    assert beheerders(small_site) == 1


def close_person(site: Site, key: str) -> None:
    with site.database.transaction() as session:
        disable_person(session, address=address_of(key), by=SYSTEM, at=NOW)


def close_organisation(site: Site, key: str) -> None:
    with site.database.transaction() as session:
        disable_organisation(session, name=PEOPLE[key][0], by=SYSTEM, at=NOW)


@pytest.mark.parametrize("close", [close_person, close_organisation])
def test_the_last_beheerder_is_never_lost(small_site: Site, close: Callable[[Site, str], None]) -> None:
    with pytest.raises(InvalidInput, match=LAST_BEHEERDER):
        close(small_site, "beheerder")
    assert beheerders(small_site) == 1
    assert small_site.signed_in("beheerder").get("/beheer").status_code == 200


@pytest.mark.parametrize("close", [close_person, close_organisation])
def test_a_beheerder_who_cannot_come_in_does_not_count(small_site: Site, close: Callable[[Site, str], None]) -> None:
    make_beheerder(small_site, "corporatie")
    close(small_site, "corporatie")
    with pytest.raises(InvalidInput, match=LAST_BEHEERDER):
        close_person(small_site, "beheerder")


@pytest.mark.parametrize("way", ["afsluiten", "wijzigen"])
def test_two_beheerders_cannot_shut_each_other_out_at_once(small_site: Site, way: str) -> None:
    make_beheerder(small_site, "corporatie")
    pairs = [(small_site.signed_in("beheerder"), 1), (small_site.signed_in("corporatie"), BEHEERDER)]
    forms = [values_of(visitor.page(f"/beheer/personen/{other}/{way}")) for visitor, other in pairs]
    together = Barrier(2)

    def press(n: int) -> int:
        visitor, other = pairs[n]
        data = {name: value for name, value in forms[n].items() if name != "groups"}
        together.wait()
        return visitor.client.post(f"/beheer/personen/{other}/{way}", data=data).status_code

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(press, range(2)))
    assert statuses[0] == 303
    assert statuses[1] in (401, 403, 422)
    assert beheerders(small_site) == 1


def test_the_log_tells_of_everything_with_numbers_and_never_with_names(small_site: Site) -> None:
    beheerder = small_site.signed_in("beheerder")
    save(beheerder, "/beheer/personen/nieuw", organisation="1", address="geheim@hofstad.example", name="Geheim Persoon")
    number = len(PEOPLE) + 1
    save(
        beheerder,
        f"/beheer/personen/{number}/wijzigen",
        name="Ander Geheim",
        groups=["auditor"],
        groups_confirmed="auditor",
    )
    save(beheerder, f"/beheer/personen/{number}/afsluiten")
    save(beheerder, f"/beheer/personen/{number}/toelaten")
    save(beheerder, "/beheer/organisaties/1/wijzigen", name="Geheim Wonen")
    with small_site.database.reading() as session:
        rows = list(session.scalars(select(Event).where(Event.person_id == BEHEERDER).order_by(Event.number)))
        assert session.get_one(Person, number).name == "Ander Geheim"
    told = [(row.action, row.subject, row.details) for row in rows if row.action.startswith(("person", "organisation"))]
    assert told == [
        ("person.added", f"person:{number}", {"groups": "lezer"}),
        ("person.invited", f"person:{number}", {}),
        ("person.changed", f"person:{number}", {"name": "changed", "groups_given": "auditor"}),
        ("person.disabled", f"person:{number}", {}),
        ("person.enabled", f"person:{number}", {}),
        ("organisation.changed", "organisation:1", {"name": "changed"}),
    ]
