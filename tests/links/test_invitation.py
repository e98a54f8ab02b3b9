"""An organisation link: an account of one's own after proof of a mailbox there, never before (DESIGN section 6)."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import event, func, select

from portal.access.models import Group, Person, SignInLink
from portal.access.organisations import disable_organisation
from portal.access.people import disable_person
from portal.access.queries import organisation_by_name
from portal.access.sign_in import forget_old
from portal.audit.operations import SYSTEM
from portal.links.invitations import make_invitation, revoke_invitation
from portal.links.models import OrganisationLink, OrganisationLinkUse
from tests.access.test_sign_in import code_in, is_in, link_in, post_out
from tests.conftest import NOW, PEOPLE, Site, address_of, make_site
from tests.links.scanning import scanned
from tests.visitor import TOKEN, Visitor, parse, words

NEW = "nina@hofstad.example"
READER = address_of("corporatie")


def invitation(site: Site, name: str = "Hofstad Wonen", days: int = 30) -> str:
    """Return the path of a new organisation link."""
    with site.database.transaction() as session:
        organisation = organisation_by_name(session, name)
        assert organisation
        url = make_invitation(session, site.config, organisation, days=days, by=SYSTEM, at=site.clock())
    return url.removeprefix(site.config.base_url)


def asked(site: Site, path: str, address: str = NEW) -> tuple[Visitor, str]:
    """Type an address at an invitation; give the browser and the mail that came."""
    visitor = site.visitor()
    answer = visitor.post(path, {"address": address})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/aanmelden")
    [(to, _subject, mail)] = post_out(site)
    assert to == address
    return visitor, mail


def people(site: Site) -> int:
    with site.database.reading() as session:
        return session.scalar(select(func.count(Person.id))) or 0


def link_row(site: Site) -> OrganisationLink:
    with site.database.reading() as session:
        return session.scalars(select(OrganisationLink).order_by(OrganisationLink.id.desc())).first()  # type: ignore[return-value] # there is one


def test_a_colleague_gets_an_account_when_the_mailbox_is_proved_and_not_before(small_site: Site) -> None:
    path = invitation(small_site)
    landing = words(small_site.visitor().page(path).xpath("//main")[0])
    for told in ("Het info- en meldpunt", "Hofstad Wonen", "@hofstad.example", "31 december 2026"):
        assert told in landing
    by_link, by_code = asked(small_site, path), asked(small_site, path, "otto@hofstad.example")
    assert people(small_site) == len(PEOPLE)
    assert link_row(small_site).uses == 0
    reader = small_site.visitor()
    assert reader.get(link_in(by_link[1])).status_code == 200
    assert people(small_site) == len(PEOPLE)
    assert reader.post(link_in(by_link[1])).status_code == 303
    assert is_in(reader)
    code = code_in(by_code[1])
    assert small_site.visitor().post("/aanmelden", {"stap": "code", "code": code}).status_code == 410
    assert people(small_site) == len(PEOPLE) + 1
    assert by_code[0].post("/aanmelden", {"stap": "code", "code": code}).status_code == 303
    assert is_in(by_code[0])
    with small_site.database.reading() as session:
        made = session.scalars(select(Person).where(Person.email == NEW)).unique().one()
        assert (made.organisation.name, made.roles) == ("Hofstad Wonen", ("corporatie",))
        assert made.groups == {Group.LEZER}
        assert {use.address for use in session.scalars(select(OrganisationLinkUse))} == {None}
    assert (link_row(small_site).uses, link_row(small_site).last_used_at) == (2, NOW)
    assert asked(small_site, path)[1].count("/toegang/") == 1
    assert people(small_site) == len(PEOPLE) + 2


def test_a_scanner_makes_nobody_and_sends_nothing(small_site: Site) -> None:
    assert scanned(small_site, invitation(small_site)) == []


def test_eight_at_once_give_one_account_and_one_session(small_site: Site) -> None:
    link = link_in(asked(small_site, invitation(small_site))[1])
    visitors = [small_site.visitor() for _ in range(8)]
    forms = [TOKEN.search(visitor.get(link).get_data(as_text=True)) for visitor in visitors]

    def press(number: int) -> int:
        form = forms[number]
        assert form
        return visitors[number].client.post(link, data={"csrf_token": form[1]}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(press, range(8))) == [303] + [410] * 7
    assert people(small_site) == len(PEOPLE) + 1
    assert sum(is_in(visitor) for visitor in visitors) == 1
    assert link_row(small_site).uses == 1


def test_only_a_mailbox_of_that_organisation_will_do(small_site: Site) -> None:
    path = invitation(small_site)
    for typed in ("nina@elders.example", "nina@nep-hofstad.example", address_of("gemeente"), "geen adres", ""):
        answer = small_site.visitor().post(path, {"address": typed})
        assert answer.status_code == 422
        page = parse(answer)
        assert page.get_element_by_id("address").get("value", "") == typed
        assert page.xpath("//div[@id='fouten']//a/@href") == ["#address"]
    assert "eindigt op @hofstad.example" in words(
        parse(small_site.visitor().post(path, {"address": "a@b.example"})).xpath("//main")[0]
    )
    assert post_out(small_site) == []


def test_known_and_unknown_colleagues_cost_and_see_the_same(small_site: Site) -> None:
    """Known, unknown, closed off, and with an account at another organisation: queries, writes, mails and answers."""
    with small_site.database.transaction() as session:
        disable_person(session, address=address_of("redacteur_elders"), by=SYSTEM, at=NOW)
        moved = session.scalars(select(Person).where(Person.email == address_of("gemeente"))).unique().one()
        moved.email = "verhuisd@hofstad.example"
    path = invitation(small_site)

    def cost(address: str) -> tuple[list[str], str]:
        visitor, seen = small_site.visitor(), []
        token = TOKEN.search(visitor.get(path).get_data(as_text=True))
        assert token

        def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(small_site.database.engine, "before_cursor_execute", note)
        answer = visitor.client.post(path, data={"csrf_token": token[1], "address": address})
        event.remove(small_site.database.engine, "before_cursor_execute", note)
        assert answer.status_code == 303
        return seen, words(parse(visitor.get("/aanmelden")))

    strangers = (NEW, address_of("redacteur_elders"), "verhuisd@hofstad.example")
    known = cost(READER)
    assert len([one for one in known[0] if one.startswith("INSERT")]) == 5  # link, invitation, mail, log line, origin
    for stranger in strangers:
        assert cost(stranger) == known
    mails = {to: mail for to, _subject, mail in post_out(small_site)}
    assert set(mails) == {READER, *strangers}
    assert [to for to, mail in mails.items() if "/toegang/" not in mail] == [address_of("redacteur_elders")]
    assert small_site.visitor().post(link_in(mails["verhuisd@hofstad.example"])).status_code == 303
    assert people(small_site) == len(PEOPLE)


def test_who_has_an_account_keeps_its_rights(small_site: Site) -> None:
    mail = asked(small_site, invitation(small_site), address_of("redacteur_elders"))[1]
    editor = small_site.visitor()
    assert editor.post(link_in(mail)).status_code == 303
    assert editor.get("/redactie").status_code == 200


def test_revoking_ends_what_came_by_it_at_once_in_every_process(small_site: Site) -> None:
    path, elsewhere = invitation(small_site), make_site(small_site.config, small_site.config.database_url)
    came, other = small_site.visitor(), small_site.signed_in("corporatie")
    assert came.post(link_in(asked(small_site, path)[1])).status_code == 303
    there = elsewhere.visitor()
    there.client.set_cookie("sessie", came.client.get_cookie("sessie").value)  # type: ignore[union-attr] # signed in
    assert is_in(there)
    waiting = asked(small_site, path, "otto@hofstad.example")
    with small_site.database.transaction() as session:
        link = session.scalars(select(OrganisationLink)).one()
        assert revoke_invitation(session, link, by=SYSTEM, at=NOW) == 1
    assert not is_in(came)
    assert not is_in(there)
    assert is_in(other)
    assert small_site.visitor().post(link_in(waiting[1])).status_code == 410
    code = waiting[0].post("/aanmelden", {"stap": "code", "code": code_in(waiting[1])})
    assert code.status_code == 410
    assert people(small_site) == len(PEOPLE) + 1
    for method in ("GET", "POST"):
        answer = small_site.visitor().client.open(path, method=method)
        assert answer.status_code in (400, 410)
    assert "ingetrokken" in words(parse(small_site.visitor().get(path)))
    elsewhere.database.engine.dispose()


def test_a_new_invitation_replaces_the_old_and_lets_in_whoever_came(small_site: Site) -> None:
    first = invitation(small_site)
    came = small_site.visitor()
    came.post(link_in(asked(small_site, first)[1]))
    second = invitation(small_site)
    assert small_site.visitor().get(first).status_code == 410
    assert small_site.visitor().get(second).status_code == 200
    assert is_in(came)


def test_an_invitation_has_an_end_and_follows_its_organisation(small_site: Site) -> None:
    path = invitation(small_site, days=2)
    small_site.clock.forward(days=1, hours=23, minutes=55)
    link = link_in(asked(small_site, path)[1])
    small_site.clock.forward(minutes=6)
    assert small_site.visitor().get(path).status_code == 410
    assert small_site.visitor().post(link).status_code == 303  # the mail has its own ten minutes
    path = invitation(small_site)
    link = link_in(asked(small_site, path, "otto@hofstad.example")[1])
    with small_site.database.transaction() as session:
        disable_organisation(session, name="Hofstad Wonen", by=SYSTEM, at=NOW)
    assert small_site.visitor().get(path).status_code == 410
    assert small_site.visitor().post(link).status_code == 410
    assert people(small_site) == len(PEOPLE) + 1


def test_what_was_asked_and_never_proved_is_forgotten_with_its_address(small_site: Site) -> None:
    asked(small_site, invitation(small_site))
    with small_site.database.reading() as session:
        sealed = session.scalars(select(OrganisationLinkUse.address)).one()
        assert sealed
        assert "hofstad" not in sealed
    small_site.clock.forward(days=2)
    with small_site.database.transaction() as session:
        forget_old(session, small_site.clock())
    with small_site.database.reading() as session:
        assert session.scalars(select(OrganisationLinkUse)).all() == []
        assert session.scalars(select(SignInLink)).all() == []
