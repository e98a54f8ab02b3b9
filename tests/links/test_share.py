"""A share link: one document for whoever has it, and nothing else (DESIGN section 6)."""

import logging

import pytest
from sqlalchemy import delete, func, select, update

from portal.access.models import Person, PersonGroup, SignedInSession
from portal.access.organisations import disable_organisation
from portal.access.people import disable_person
from portal.audit.models import Action, Event
from portal.audit.operations import SYSTEM, Actor
from portal.links.models import ShareLink, ShareSession
from portal.links.shares import make_share, revoke_share
from portal.publishing.destruction import ask_destruction, destroy
from portal.releases.models import Item, Release, Version
from tests.conftest import NOW, PEOPLE, Site, address_of, make_site
from tests.handbook.test_visibility import METHODS, PUBLIC, REAL
from tests.links.scanning import scanned
from tests.releasing import newest
from tests.visitor import Visitor, parse, words

REDACTEUR, BEHEERDER = (list(PEOPLE).index(key) + 1 for key in ("redacteur_elders", "beheerder"))


def share(site: Site, code: str = "OV-04", by: int | None = None, **how: int) -> str:
    """Return the path of a new share link."""
    with site.database.transaction() as session:
        url = make_share(session, site.config, code, by=Actor(by), at=site.clock(), **how)
    return url.removeprefix(site.config.base_url)


def opened(site: Site, path: str) -> tuple[Visitor, str]:
    """Press the button of a share link; give the browser and the address it ended at."""
    visitor = site.visitor()
    answer = visitor.post(path)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return visitor, answer.headers["Location"]


def count(site: Site, what: object) -> int:
    with site.database.reading() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0  # type: ignore[arg-type] # a table


def test_a_share_link_shows_its_document_and_gives_its_file(small_site: Site) -> None:
    path = share(small_site, by=REDACTEUR)
    landing = words(small_site.visitor().page(path).xpath("//main")[0])
    for told in ("Naam van redacteur_elders van Hofstad Wonen", "OV-04", "31 december 2026"):
        assert told in landing
    assert len("https://handboek.een-lange-naam-van-een-regio.example" + path) < 200
    visitor, address = opened(small_site, path)
    page = visitor.page(address)
    text = words(page.xpath("//main")[0])
    assert "Geldig" in text
    assert "nog niet geaccordeerd" in text
    assert len(text) > 500
    leads = {str(link).partition("?")[0] for link in page.xpath("//a/@href") if not str(link).startswith("#")}
    assert {one for one in leads if not one.startswith(("tel:", "mailto:"))} == {f"{address}/bestand"}
    file = visitor.get(f"{address}/bestand")
    assert file.status_code == 200
    assert file.data[:2] == b"PK"
    with small_site.database.reading() as session:
        row = session.scalars(select(ShareLink)).one()
        assert (row.uses, row.last_used_at) == (1, NOW)
        last = session.scalars(select(Event).order_by(Event.number.desc())).first()
        assert last
        assert (last.action, last.details["share"]) == (Action.FILE_DOWNLOADED.value, row.id)


def test_a_scanner_opens_and_counts_nothing(small_site: Site) -> None:
    assert scanned(small_site, share(small_site)) == []


def test_a_shared_document_opens_no_other_address(small_site: Site) -> None:
    visitor, address = opened(small_site, share(small_site))
    other = share(small_site, "FO-06")
    opened(small_site, other)
    for rule, paths in REAL.items():
        for path in [] if rule in PUBLIC else paths[:2]:
            real = path.format(code="FO-06", route="KAN", step="KAN-07")
            for method in METHODS:
                status = visitor.client.open(real, method=method).status_code
                assert status == (303 if method in ("GET", "HEAD") else 401), f"{method} {real}"
    for number in (2, 3, 10**12):
        for tail in ("", "/bestand"):
            answer = visitor.get(f"/toegang/gedeeld/{number}{tail}")
            assert answer.status_code == 410
            assert "FO-06" not in answer.get_data(as_text=True)
    assert visitor.get(address).status_code == 200
    assert small_site.visitor().get(address).status_code == 410
    assert count(small_site, SignedInSession) == 0


def test_two_shared_documents_stay_open_beside_each_other(small_site: Site) -> None:
    visitor = small_site.visitor()
    addresses = [visitor.post(share(small_site, code)).headers["Location"] for code in ("OV-04", "FO-06")]
    assert [visitor.get(address).status_code for address in addresses] == [200, 200]


def test_the_key_of_a_share_link_shows_nowhere(small_site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("portal").propagate = True
    path = share(small_site)
    token, visitor = path.rpartition("/")[2], small_site.visitor()
    landing = visitor.get(path)
    answer = visitor.post(path)
    pages = [landing, answer, visitor.get(answer.headers["Location"])]
    for one in pages:
        assert one.headers["Referrer-Policy"] == "no-referrer"
        assert token not in one.get_data(as_text=True) + str(one.headers)
    assert token not in caplog.text
    with small_site.database.reading() as session:
        kept = [session.execute(select(table.__table__)).all() for table in (ShareLink, ShareSession)]
    assert token not in str(kept)


def refused(visitor: Visitor, address: str) -> bool:
    return [visitor.get(f"{address}{tail}").status_code for tail in ("", "/bestand")] == [410, 410]


def test_a_share_ends_at_once_whatever_ends_it(small_site: Site) -> None:
    """In every process: a second application on the same database refuses too."""
    elsewhere = make_site(small_site.config, small_site.config.database_url)

    def close(what: str) -> None:
        with small_site.database.transaction() as session:
            link = session.scalars(select(ShareLink).order_by(-ShareLink.id).limit(1)).one()
            if what == "revoked":
                revoke_share(session, link, by=SYSTEM, at=NOW)
            elif what == "closed":
                session.execute(update(Item).where(Item.code == "OV-04").values(visibility="regio"))
            elif what == "right taken away":
                session.execute(delete(PersonGroup).where(PersonGroup.person_id == REDACTEUR))
            elif what == "maker closed off":
                disable_person(session, address=address_of("redacteur_elders"), by=SYSTEM, at=NOW)
            else:
                disable_organisation(session, name="Hofstad Wonen", by=SYSTEM, at=NOW)

    def restore() -> None:
        with small_site.database.transaction() as session:
            session.execute(update(Item).values(visibility="alle"))
            session.merge(PersonGroup(person_id=REDACTEUR, group="redacteur"))
            session.get_one(Person, REDACTEUR).disabled_at = None

    for what in ("revoked", "closed", "right taken away", "maker closed off", "organisation closed off"):
        path = share(small_site, by=REDACTEUR)
        visitor, address = opened(small_site, path)
        other = elsewhere.visitor()
        other.client.set_cookie("sessie", visitor.client.get_cookie("sessie").value)  # type: ignore[union-attr] # opened
        assert other.get(address).status_code == 200, what
        close(what)
        assert refused(visitor, address), what
        assert refused(other, address), what
        assert small_site.visitor().get(path).status_code == 410, what
        restore()
    elsewhere.database.engine.dispose()


def why_over(visitor: Visitor, *addresses: str) -> set[str]:
    """Return the words in which pages that are gone say why."""
    return {words(parse(visitor.get(address)).xpath("//p[@class='lead']")[0]) for address in addresses}


def test_a_share_and_its_open_pages_have_an_end(small_site: Site) -> None:
    path = share(small_site, days=1)
    visitor, address = opened(small_site, path)
    small_site.clock.forward(hours=8, minutes=1)
    assert refused(visitor, address)
    assert "Open de link die u kreeg opnieuw" in str(why_over(visitor, address))
    small_site.clock.forward(hours=15)
    visitor, address = opened(small_site, path)
    small_site.clock.forward(hours=1)
    assert refused(visitor, address)
    answer = small_site.visitor().get(path)
    assert answer.status_code == 410
    assert "OV-04" not in answer.get_data(as_text=True)
    [told] = why_over(visitor, address, f"{address}/bestand", path)
    assert told.startswith("Deze link werkte tot 2 december 2026, ")
    assert "opnieuw" not in told


def test_who_has_a_share_open_reads_when_it_was_revoked(small_site: Site) -> None:
    path = share(small_site, by=REDACTEUR)
    visitor, address = opened(small_site, path)
    with small_site.database.transaction() as session:
        revoke_share(session, session.scalars(select(ShareLink)).one(), by=Actor(REDACTEUR), at=NOW)
    small_site.clock.forward(hours=9)
    [told] = why_over(visitor, address, f"{address}/bestand", path)
    assert told == (
        "Deze link is ingetrokken op 1 december 2026, 10.00 uur. Vraag een nieuwe link aan degene die u deze stuurde."
    )
    assert "ingetrokken" not in str(why_over(small_site.visitor(), address)), "a stranger learns nothing"


def test_a_withdrawn_document_says_so_and_a_version_stays_itself(small_site: Site) -> None:
    latest, first = (
        opened(small_site, share(small_site, "OV-04", None, **how)) for how in (dict[str, int](), {"version": 1})
    )
    with small_site.database.transaction() as session:
        old = session.scalars(select(Version).join(Item).where(Item.code == "OV-04")).one()
        day = NOW.date()
        release = Release(number=2, title="Twee", decided_on=day, effective_on=day, created_at=NOW, published_at=NOW)
        session.add(release)
        session.flush()
        shape = {c.key: getattr(old, c.key) for c in Version.__table__.columns if c.key not in ("id", "content_hash")}
        newer = Version(**shape | {"number": 2, "release_id": release.id, "text": "## Nieuw\n\nEen nieuwe tekst.\n"})
        newer.content_hash, newer.stamped_copies = "x" * 64, list(old.stamped_copies[:0])
        session.add(newer)
    shown = [words(visitor.page(address).xpath("//main")[0]) for visitor, address in (latest, first)]
    assert "Een nieuwe tekst" in shown[0]
    assert "Een nieuwe tekst" not in shown[1]
    assert "niet de geldige versie" in shown[1]
    with small_site.database.transaction() as session:
        session.execute(update(Version).where(Version.number == 2).values(withdrawn=True, change_note="Vervallen"))
    for visitor, address in (latest, first):
        text = words(visitor.page(address).xpath("//main")[0])
        assert "ingetrokken per 1 december 2026" in text
        assert "Een nieuwe tekst" not in text
        assert visitor.get(f"{address}/bestand").status_code == 410


def test_a_destroyed_version_is_not_shared_any_more_nor_named(small_site: Site) -> None:
    """Nor one that was withdrawn and then closed."""
    title, asker, beheerder = "Termijnen van mevrouw Kwartelzang", Actor(REDACTEUR), Actor(BEHEERDER)
    with small_site.database.transaction() as session:
        version = newest(session, "OV-04")
        version.data = version.data | {"titel": title}
    links = [share(small_site), share(small_site, "OV-04", None, version=1)]
    browsers = [opened(small_site, path) for path in links]
    assert all(title in visitor.get(address).get_data(as_text=True) for visitor, address in browsers)
    with small_site.database.transaction() as session:
        request = ask_destruction(session, newest(session, "OV-04"), reason="Ingevuld.", by=asker, at=NOW)
        destroy(session, request, by=beheerder, at=NOW)
    answers = [visitor.get(f"{address}{tail}") for visitor, address in browsers for tail in ("", "/bestand")]
    answers += [small_site.visitor().get(path) for path in links]
    for answer in answers:
        assert answer.status_code == 410
        told = words(parse(answer))
        assert "wordt niet meer gedeeld" in told
        assert not [name for name in (title, "Kwartelzang", "OV-04") if name in told]
    with pytest.raises(Exception, match="Er is geen"):
        share(small_site)
    visitor, address = opened(small_site, share(small_site, "FO-06"))
    with small_site.database.transaction() as session:
        gone = newest(session, "FO-06")
        gone.withdrawn, gone.item.visibility = True, "regio"
    closed = visitor.get(address)
    assert closed.status_code == 410
    assert "FO-06" not in closed.get_data(as_text=True)


@pytest.mark.parametrize("code", ["OV-03", "XX-99", "stroomschema"])
def test_what_not_everybody_may_see_is_not_shared(small_site: Site, code: str) -> None:
    with pytest.raises(Exception, match="Er is geen document"):
        share(small_site, code)
    assert count(small_site, ShareLink) == 0
