"""Before a risky action the factor is asked again when it is not fresh, and nothing of what was typed is lost."""

from portal.access.permissions import does_ask_factor
from portal.access.queries import person_by_address
from portal.config import Config
from tests.admin.filling import values_of
from tests.conftest import Site, address_of
from tests.factors.steps import OWN, STEP, enrol, form_of, main, now_code, strict
from tests.visitor import parse, words

ASKING = {
    *("/redactie/uitgaven/<int:number>/publiceren", "/redactie/onderdelen/<code>/terugzetten"),
    "/beheer/organisaties/<int:number>/afsluiten",
    *("/redactie/onderdelen/<code>/versies/<int:number>/vernietigen", "/beheer/vernietigen/<int:number>"),
    *("/beheer/organisaties/<int:number>/vertrekt", "/beheer/organisaties/<int:number>/startpakket"),
    *("/beheer/organisaties/nieuw", "/beheer/organisaties/<int:number>/wijzigen", "/beheer/sso/nieuw"),
    *("/beheer/links/uitnodiging", "/beheer/<name>.csv"),
    *(f"/beheer/sso/<name>/{act}" for act in ("wijzigen", "sleutel", "aan", "uit")),
    *(f"/beheer/sso/<name>/{act}/<int:number>" for act in ("koppelen", "ontkoppelen")),
    *("/beheer/organisaties/<int:number>/toelaten", "/beheer/personen/nieuw"),
    *(f"/beheer/personen/<int:number>/{act}" for act in ("wijzigen", "afsluiten", "toelaten", "tweede-stap")),
    *(f"{OWN}/passkey", f"{OWN}/passkey/vraag", f"{OWN}/passkey/<int:number>/weghalen"),
    *(f"{OWN}/app", f"{OWN}/app/bevestigen", f"{OWN}/app/weghalen", f"{OWN}/codes"),
}


def number_of(site: Site, key: str) -> int:
    with site.database.reading() as session:
        found = person_by_address(session, address_of(key))
        assert found
        return found.id


def test_every_risky_address_asks(small_site: Site) -> None:
    rules = small_site.app.url_map.iter_rules()
    assert {r.rule for r in rules if does_ask_factor(small_site.app.view_functions[r.endpoint])} == ASKING


def test_a_form_that_was_open_too_long_goes_on_after_the_code(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        visitor, secret, _codes = enrol(site, "beheerder")
        number = number_of(site, "corporatie")
        path = f"/beheer/personen/{number}/wijzigen"
        typed = values_of(visitor.page(path)) | {"name": "Nieuwe naam & meer", "roles": ["corporatie", "regio"]}
        site.clock.forward(minutes=11)
        stopped = visitor.client.post(path, data=typed)
        assert stopped.status_code == 403
        assert "Wat u invulde, blijft bewaard" in main(stopped)
        kept = form_of(stopped, STEP)
        wrong = visitor.client.post(STEP, data=kept | {"roles": typed["roles"], "factor_code": "000000"})
        assert wrong.status_code == 422
        assert parse(wrong).xpath("//input[@name='name']/@value") == ["Nieuwe naam & meer"]
        assert parse(wrong).xpath("//input[@name='roles']/@value") == ["corporatie", "regio"]
        right = kept | {"roles": typed["roles"], "factor_code": now_code(site, secret)}
        done = visitor.client.post(STEP, data=right)
        assert (done.status_code, done.headers["Location"]) == (307, path)
        assert visitor.client.post(path, data=right).status_code == 303  # a browser does so by itself (test_factors)
        assert "Nieuwe naam & meer" in main(visitor.get(f"/beheer/personen/{number}"))


def test_a_page_asks_before_it_opens_and_a_recovery_code_will_do(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        visitor, _secret, codes = enrol(site, "beheerder")
        number = number_of(site, "corporatie")
        path = f"/beheer/personen/{number}/afsluiten"
        assert visitor.get(path).status_code == 200
        site.clock.forward(minutes=11)
        assert visitor.get("/beheer").status_code == 200
        asked = visitor.get(f"{path}?van=lijst")
        assert asked.status_code == 403
        done = visitor.client.post(STEP, data=form_of(asked, STEP) | {"factor_code": codes[0]})
        assert "nog 9 herstelcodes" in main(done)
        [onward] = parse(done).xpath("//main//a[@class='btn']/@href")
        assert onward == f"{path}?van=lijst"
        assert visitor.get(str(onward)).status_code == 200
        site.clock.forward(minutes=11)
        stopped = visitor.client.post(path, data=form_of(asked, STEP))
        done = visitor.client.post(STEP, data=form_of(stopped, STEP) | {"factor_code": codes[1]})
        assert "nog 8" in main(done)
        assert visitor.client.post(path, data=form_of(done, path)).status_code == 303
        assert visitor.get("/beheer/personen.csv").mimetype == "text/csv"
        site.clock.forward(minutes=11)
        asked = visitor.get("/beheer/personen.csv?sorteer=naam")
        assert (asked.status_code, asked.mimetype) == (403, "text/html")
        made = visitor.post("/beheer/links/uitnodiging", {"organisation": "1", "days": "30"}, token_from="/beheer")
        assert made.status_code == 403
        assert form_of(made, STEP)["organisation"] == "1"
        assert visitor.get("/beheer/links").status_code == 200
        done = visitor.client.post(STEP, data=form_of(asked, STEP) | {"factor_code": codes[2]})
        [onward] = parse(done).xpath("//main//a[@class='btn']/@href")
        [file] = visitor.page(str(onward)).xpath("//main//a[@class='btn']/@href")
        assert visitor.get(str(file)).mimetype == "text/csv"
        assert "Afgesloten" in main(visitor.get(f"/beheer/personen/{number}"))


def test_after_the_code_a_page_gives_the_file_and_the_way_back(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        visitor, secret, _codes = enrol(site, "beheerder")
        site.clock.forward(minutes=11)
        page = "/beheer/personen?organisatie=2&sorteer=-naam"
        [file] = visitor.page(page).xpath("//main//a[contains(@href, '.csv')]/@href")
        asked = visitor.get(str(file), headers={"Referer": f"http://localhost{page}"})
        assert asked.status_code == 403
        done = visitor.client.post(STEP, data=form_of(asked, STEP) | {"factor_code": now_code(site, secret)})
        assert done.status_code == 303
        ready = visitor.page(done.headers["Location"])
        assert words(ready.xpath("//h1")[0]) == "Uw bestand staat klaar"
        assert ready.xpath("//main//p[@class='btns']/a/@href") == [file, page]
        assert visitor.get(str(file)).mimetype == "text/csv", "it does not ask again"
        site.clock.forward(minutes=1)
        for away in ("//elders.example/x", "https://elders.example", "/\\elders.example", ""):
            assert visitor.get(f"{STEP}/bestand", query_string={"bestand": away}).status_code == 404
            told = visitor.get(f"{STEP}/bestand", query_string={"bestand": file, "terug": away})
            assert parse(told).xpath("//main//p[@class='btns']/a/@href") == [file, "/"]


def test_nobody_is_sent_elsewhere_after_the_code(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        visitor, secret, _codes = enrol(site, "redacteur")
        site.clock.forward(minutes=1)
        for target in ("//elders.example/x", "https://elders.example", "/\\elders.example", "javascript:x", ""):
            code = {"factor_code": now_code(site, secret), "factor_target": target, "factor_sends": "ja"}
            assert visitor.post(STEP, code, token_from=OWN).headers["Location"] == "/", target


def test_publishing_asks_and_without_the_setting_nothing_does(config: Config, small_url: str) -> None:
    with strict(config, small_url) as site:
        visitor, _secret, _codes = enrol(site, "redacteur")
        assert visitor.post("/redactie/uitgaven", {"titel": "Mijn concept"}, token_from="/redactie").status_code == 303
        draft = str(parse(visitor.get("/redactie")).xpath("//a[contains(@href, '/redactie/uitgaven/')]/@href")[0])
        assert visitor.get(f"{draft}/publiceren").status_code == 200
        site.clock.forward(minutes=11)
        assert visitor.get(f"{draft}/publiceren").status_code == 403
        stopped = visitor.post(f"{draft}/publiceren", {"titel": "Nu"}, token_from="/redactie")
        assert stopped.status_code == 403
        assert "blijft bewaard" in main(stopped)
        back = "/redactie/onderdelen/OV-04/terugzetten"
        button = visitor.post(back, {"versie": "1"}, token_from="/redactie")
        assert (button.status_code, form_of(button, STEP)["versie"]) == (403, "1")
        assert "blijft bewaard" not in main(button), "nobody typed anything"
    with strict(config, small_url, second_factor=False) as lax:
        lax.clock.forward(minutes=11)
        assert lax.signed_in("redacteur").get(f"{draft}/publiceren").status_code == 200
