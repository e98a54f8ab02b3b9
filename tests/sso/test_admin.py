"""Identity providers as a beheerder looks after them."""

from portal.sso.models import Provider as Row
from portal.sso.queries import provider_by_name
from portal.sso.refusals import Reason
from tests.access.test_sign_in import post_out
from tests.admin.filling import faults, main_words, save, save_again, values_of
from tests.admin.test_lists import file, table
from tests.conftest import Site, address_of
from tests.sso.connecting import connect
from tests.sso.provider import Provider, arrive, depart, person, rsa
from tests.visitor import parse

LIST = "/beheer/sso"
MORE = "hh-redactie=redacteur"


def row(site: Site, name: str = "hofstad") -> Row:
    with site.database.reading() as session:
        found = provider_by_name(session, name)
        assert found
        return found


def test_a_provider_is_added_off_tried_and_switched_on(partner_site: Site, provider: Provider) -> None:
    beheerder = partner_site.signed_in("beheerder")
    assert faults(save(beheerder, f"{LIST}/nieuw")) != []
    typed = {
        "organisation": "1",
        "name": "tweede",
        "issuer": provider.issuer,
        "client_id": "handboek",
        "secret": "geheim van het handboek",
        "domains": "hofstad.example",
    }
    wrong = (({"name": "Twee de"}, 422), ({"issuer": "http://a"}, 422), ({"domains": "gmail.com"}, 422))
    for changes, status in (*wrong, ({"name": "hofstad"}, 409)):
        answer = save(beheerder, f"{LIST}/nieuw", **{**typed, **changes})
        assert (answer.status_code, len(faults(answer))) == (status, 1)
        assert values_of(parse(answer))["client_id"] == ["handboek"]
    page = f"{LIST}/tweede"
    assert save(beheerder, f"{LIST}/nieuw", **typed).headers["Location"] == page
    off = partner_site.visitor().get("/sso/tweede/start")
    assert off.status_code == Reason.OFF.value.status
    assert "nog niet aangezet" in main_words(off)
    assert "http://localhost/sso/tweede/terug" in main_words(beheerder.get(page))
    provider.person = person(groups=["x"], acr="1")
    answer = beheerder.post(f"{page}/proef", token_from=page)
    [address] = parse(answer).xpath("//main//a[@class='btn btn--start']/@href")
    told = main_words(arrive(beheerder, provider, address, "tweede").back())
    for words in ("nieuw: nieuw@hofstad.example", "alleen lezen", '["x"]', "Er is niets veranderd"):
        assert words in told
    provider.person["_claim_names"] = {"groups": "src1"}
    answer = beheerder.post(f"{page}/proef", token_from=page)
    [address] = parse(answer).xpath("//main//a[@class='btn btn--start']/@href")
    told = main_words(arrive(beheerder, provider, address, "tweede").back())
    for words in ("Deze persoon komt zo niet binnen", "app-rollen", '{"groups": "src1"}', "Er is niets veranderd"):
        assert words in told
    assert depart(partner_site.visitor(), provider).back().status_code == Reason.INCOMPLETE.value.status
    told = main_words(beheerder.get(f"{LIST}/hofstad"))
    assert "de organisatie vertelt ons niet alles; code voor de ICT-afdeling: claims:elsewhere" in told
    del provider.person["_claim_names"]
    answer = beheerder.post(f"{page}/proef", token_from=page)
    [address] = parse(answer).xpath("//main//a[@class='btn btn--start']/@href")
    provider.claims = lambda claims: claims.update(aud="iemand-anders")
    assert "de oorzaak is aud" in main_words(arrive(beheerder, provider, address, "tweede").back())
    provider.claims = None
    assert beheerder.post(f"{page}/aan", token_from=page).status_code == 303
    assert depart(partner_site.visitor(), provider, "tweede").back().status_code == 303
    text = main_words(beheerder.get(page))
    assert "1 account is gekoppeld" in text
    assert "nieuw@hofstad.example" in main_words(beheerder.get("/beheer/koppelingen"))
    assert "Aangezet" in text
    assert save(beheerder, f"{page}/uit").status_code == 303
    assert row(partner_site, "tweede").enabled_at is None
    assert "Uitgezet: sessies beëindigd: 1" in main_words(beheerder.get(page))


def test_rules_change_and_the_second_of_two_sees_it(partner_site: Site, provider: Provider) -> None:
    beheerder, path = partner_site.signed_in("beheerder"), f"{LIST}/hofstad/wijzigen"
    opened = values_of(beheerder.page(path))
    wrong = {
        "mapping": ["a=baas", "redacteur", "a=rol:tovenaar"],
        "domains": ["", "zorg-hofstad.example", "geen_domein", "hofstad.example outlook.com"],
        "leeway": ["301", "-1", "veel"],
        "scopes": ["email"],
        "algorithms": ["HS256", "none"],
    }
    for name, values in wrong.items():
        for value in values:
            answer = save(beheerder, path, **{name: [value] if name == "algorithms" else value})
            assert answer.status_code in (409, 422), f"{name} {value}"
            assert len(faults(answer)) == 1, f"{name} {value}"
    changes = {
        "mapping": "hh-redactie=redacteur\nhh-redactie=rol:info_meldpunt",
        "leeway": "90",
        "factor_values": "mfa",
    }
    answer = save(beheerder, path, **changes)
    assert (answer.status_code, faults(answer)) == (422, ["Bevestig dat de aanbieder meer rechten mag geven."])
    assert "Nieuw is: hh-redactie=redacteur. " in main_words(answer)
    more = save_again(beheerder, path, answer, mapping=f"{changes['mapping']}\nx=beheerder", rights_confirmed=MORE)
    assert "Nieuw is: hh-redactie=redacteur, x=beheerder. " in main_words(more)
    assert row(partner_site).mapping == {}
    assert save_again(beheerder, path, more, mapping=changes["mapping"], rights_confirmed=MORE).status_code == 303
    found = row(partner_site)
    assert found.mapping == {"hh-redactie": ["redacteur", "rol:info_meldpunt"]}
    assert (found.leeway, found.factor_values) == (90, ["mfa"])
    assert "afspraken: wat een groep geeft, tweede factor, klokverschil" in main_words(beheerder.get(f"{LIST}/hofstad"))
    claim = save(beheerder, path, group_claim="roles")
    assert len(faults(claim)) == 1, "the same groups by another claim"
    assert row(partner_site).group_claim == "groups"
    late = beheerder.client.post(path, data=opened | {"leeway": "10"})
    assert late.status_code == 409
    assert save_again(beheerder, path, late).status_code == 303
    assert row(partner_site).leeway == 10


def test_a_beheerder_links_who_waits_and_takes_a_link_away(partner_site: Site, provider: Provider) -> None:
    beheerder, page, links = partner_site.signed_in("beheerder"), f"{LIST}/hofstad", "/beheer/koppelingen"
    provider.person = person("corporatie")
    visitor = partner_site.visitor()
    assert depart(visitor, provider).back().status_code == Reason.KNOWN_ADDRESS.value.status
    assert "1 persoon wacht op koppeling" in main_words(beheerder.get(page))
    [waiting] = table(beheerder, f"{links}?aanbieder=hofstad&stand=wacht")
    assert waiting[:2] == [f"Naam van corporatie {address_of('corporatie')}", "Hofstad Wonen (hofstad)"]
    assert waiting[4] == "Wacht op koppeling"
    assert table(beheerder, f"{links}?stand=gekoppeld") == []
    link = f"{page}/koppelen/1"
    [seen] = beheerder.page(links).xpath(f"//form[@action='{link}']/input[@name='account']/@value")
    provider.person = person("redacteur_elders")  # the same somebody, who now claims to be a colleague with more rights
    assert depart(visitor, provider).back().status_code == Reason.KNOWN_ADDRESS.value.status
    for typed in ({}, {"account": seen}):
        assert beheerder.post(link, typed, token_from=page).status_code == 409
    provider.person = person("corporatie")
    assert depart(visitor, provider).back().status_code == Reason.KNOWN_ADDRESS.value.status
    assert beheerder.post(link, {"account": seen}, token_from=page).status_code == 303
    assert beheerder.post(link, {"account": seen}, token_from=page).status_code == 409
    assert depart(visitor, provider).back().status_code == 303
    assert visitor.get("/mijn-sessies").status_code == 200
    assert "1 account is gekoppeld" in main_words(beheerder.get(page))
    [linked] = file(beheerder, f"{links}.csv?q=corporatie")[1:]
    assert (linked[1], linked[2], linked[5]) == (address_of("corporatie"), "Hofstad Wonen", "Gekoppeld")
    assert beheerder.post(f"{page}/ontkoppelen/1", token_from=page).status_code == 303
    assert visitor.get("/mijn-sessies").status_code == 303
    assert depart(visitor, provider).back().status_code == Reason.KNOWN_ADDRESS.value.status
    assert beheerder.post(f"{page}/koppelen/99", token_from=page).status_code == 404
    told = [(to, subject) for to, subject, _text in post_out(partner_site) if "Aanmelden via" in subject]
    assert told == [
        (address_of("corporatie"), "Aanmelden via Hofstad Wonen toegevoegd aan uw aanmelding"),
        (address_of("corporatie"), "Aanmelden via Hofstad Wonen weggehaald bij uw aanmelding"),
    ]
    reader = partner_site.signed_in("zorgaanbieder")
    for path in (LIST, page, links, f"{page}/wijzigen"):
        assert reader.get(path).status_code == 403


def test_providers_are_a_list_as_every_other(partner_site: Site, provider: Provider) -> None:
    connect(partner_site, provider.issuer, "zorg", "Zorg Hofstad")
    beheerder = partner_site.signed_in("beheerder")
    assert beheerder.post(f"{LIST}/zorg/uit", token_from=f"{LIST}/zorg/uit").status_code == 303
    assert [row[1] for row in table(beheerder, LIST)] == ["hofstad", "zorg"]
    assert [row[1] for row in table(beheerder, f"{LIST}?sorteer=-naam")] == ["zorg", "hofstad"]
    assert [row[1] for row in table(beheerder, f"{LIST}?stand=uit")] == ["zorg"]
    assert [row[1] for row in table(beheerder, f"{LIST}?organisatie=1&stand=kapot")] == ["hofstad"]
    [_head, row] = file(beheerder, "/beheer/aanbieders.csv?q=zorg")
    assert row[:5] == ["Zorg Hofstad", "zorg", "zorg-hofstad.example", "Uit", provider.issuer]


def test_a_secret_is_never_shown_and_a_key_shows_its_public_half(partner_site: Site, provider: Provider) -> None:
    beheerder = partner_site.signed_in("beheerder")
    assert save(beheerder, f"{LIST}/hofstad/sleutel", secret="").status_code == 422
    assert save(beheerder, f"{LIST}/hofstad/sleutel", secret="het volgende").status_code == 303
    for path in (f"{LIST}/hofstad", f"{LIST}/hofstad/sleutel", f"{LIST}/hofstad/wijzigen"):
        assert "het volgende" not in beheerder.get(path).get_data(as_text=True)
    assert "staat klaar naast het oude" in main_words(beheerder.get(f"{LIST}/hofstad"))
    answer = save(
        beheerder,
        f"{LIST}/nieuw",
        organisation="1",
        name="sleutel",
        issuer=provider.issuer,
        client_id="handboek",
        method="key",
        secret=rsa("eigen").as_pem(private=True).decode(),
        domains="hofstad.example",
    )
    assert answer.status_code == 303
    shown = main_words(beheerder.get(f"{LIST}/sleutel"))
    assert '"kty": "RSA"' in shown
    assert '"d":' not in shown
    beheerder.post(f"{LIST}/sleutel/aan", token_from=f"{LIST}/sleutel")
    assert depart(partner_site.visitor(), provider, "sleutel").back().status_code == 303
    assert "client_secret" not in provider.forms[-1]
    assert provider.forms[-1]["client_assertion"].count(".") == 2


def test_a_provider_of_an_organisation_that_left_is_not_switched_on(partner_site: Site, provider: Provider) -> None:
    page = f"{LIST}/hofstad"
    provider.person = person()
    assert depart(partner_site.visitor(), provider).back().status_code == 303
    beheerder = partner_site.signed_in("beheerder")
    assert "1 account is gekoppeld" in main_words(beheerder.get(page))
    assert save(beheerder, "/beheer/organisaties/1/vertrekt", zeker="ja").status_code == 200
    told = main_words(beheerder.get(page))
    assert "Er is nu geen account gekoppeld" in told
    assert "Hofstad Wonen is afgesloten" in told
    assert "Zet aan" not in told
    assert "Doe eerst een proef" not in told
    refused = beheerder.post(f"{page}/aan", token_from=page)
    assert refused.status_code == 409
    assert "Laat de organisatie eerst weer toe" in main_words(refused)
    assert row(partner_site).enabled_at is None
    assert save(beheerder, "/beheer/organisaties/1/toelaten").status_code == 303
    assert "Doe eerst een proef" in main_words(beheerder.get(page))
    assert beheerder.post(f"{page}/aan", token_from=page).status_code == 303
    assert row(partner_site).enabled_at
