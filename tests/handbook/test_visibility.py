"""Deny by default, and nobody outside the regio learns of what is for the regio only.

Every route is walked with real ids. A route that has no real example here fails the test: whoever adds one says what it
needs.
"""

import itertools
import re

import pytest
from flask.testing import FlaskClient

from portal.access.permissions import is_public, permission_of
from portal.publishing.content import Handbook
from portal.releases.models import ItemKind
from tests.conftest import LONG, ROLES, Site
from tests.visitor import Visitor

CLOSED = {"OV-03", "FO-05", "HR-01"}
NEAR_CLOSED = re.compile(r"OV-03|FO-05|HR-01|/URG|TER-07|TOE-03")
"""Addresses of those and of what leads to them."""
PUBLIC = {
    *("/toegang/berichten/<key>", "/toegang/gedeeld/<int:number>", "/toegang/gedeeld/<int:number>/bestand"),
    *(
        "/aanmelden",
        "/aanmelden/passkey",
        "/aanmelden/passkey/vraag",
        "/toegang/<token>",
        "/toegankelijkheid",
        "/privacy",
        "/healthz",
        "/readyz",
    ),
    *("/sso/<name>/start", "/sso/<name>/terug", "/sso/<name>/afgemeld"),
    "/static/<path:filename>",
}
REAL: dict[str, list[str]] = {
    "/": ["/"],
    "/aanmelden": ["/aanmelden"],
    "/toegang/<token>": ["/toegang/niet-echt"],
    "/toegang/berichten/<key>": ["/toegang/berichten/niet-echt"],
    "/toegang/gedeeld/<int:number>": ["/toegang/gedeeld/1"],
    "/toegang/gedeeld/<int:number>/bestand": ["/toegang/gedeeld/1/bestand"],
    "/aanmelden/tweede-stap": ["/aanmelden/tweede-stap"],
    "/aanmelden/tweede-stap/bestand": ["/aanmelden/tweede-stap/bestand?bestand=/beheer/personen.csv"],
    "/aanmelden/passkey": ["/aanmelden/passkey"],
    "/aanmelden/passkey/vraag": ["/aanmelden/passkey/vraag"],
    "/mijn-aanmelding": ["/mijn-aanmelding"],
    "/mijn-aanmelding/passkey": ["/mijn-aanmelding/passkey"],
    "/mijn-aanmelding/passkey/vraag": ["/mijn-aanmelding/passkey/vraag"],
    "/mijn-aanmelding/passkey/<int:number>/weghalen": ["/mijn-aanmelding/passkey/1/weghalen"],
    "/mijn-aanmelding/app": ["/mijn-aanmelding/app"],
    "/mijn-aanmelding/app/bevestigen": ["/mijn-aanmelding/app/bevestigen"],
    "/mijn-aanmelding/app/weghalen": ["/mijn-aanmelding/app/weghalen"],
    "/mijn-aanmelding/codes": ["/mijn-aanmelding/codes"],
    "/mijn-aanmelding/codes/bewaard": ["/mijn-aanmelding/codes/bewaard"],
    "/afmelden": ["/afmelden"],
    "/mijn-sessies": ["/mijn-sessies"],
    "/mijn-sessies/andere-beeindigen": ["/mijn-sessies/andere-beeindigen"],
    "/mijn-sessies/<int:number>/beeindigen": ["/mijn-sessies/1/beeindigen"],
    "/stroomschema": ["/stroomschema"],
    "/stroomschema/<route_id>": ["/stroomschema/{route}"],
    "/stroomschema/<route_id>/<step_id>": ["/stroomschema/{route}/{step}"],
    "/documenten": ["/documenten", "/documenten?soort=overzicht", "/documenten?rol=urgentiebureau&traject=URG"],
    "/documenten/<code>": ["/documenten/{code}"],
    "/documenten/<code>/bestand": ["/documenten/{code}/bestand"],
    "/documenten/<code>/versies": ["/documenten/{code}/versies"],
    **{
        f"/documenten/<code>/{rule}": [f"/documenten/{code}/{real}" for code in ("ZC-01", "OV-03", "FO-05")]
        for rule, real in (
            ("versies/<int:number>", "versies/1"),
            ("versies/<int:number>/bestand", "versies/1/bestand"),
            ("vergelijk", "vergelijk?van=1&naar=2"),
            ("vergelijk/<int:old>..<int:new>", "vergelijk/1..1"),
            ("vergelijk/<int:old>..<int:new>/bestand", "vergelijk/1..1/bestand"),
        )
    },
    "/zoeken": [
        *("/zoeken", "/zoeken?q=contactpersoon", "/zoeken?q=ov03", "/zoeken?q=toetslijst&soort=formulier"),
        *("/zoeken?q=urgentie&pagina=2", "/zoeken?q=contactpersonenlijsten", "/zoeken?q=zoekvraag&rol=corporatie"),
    ],
    "/begrippen": ["/begrippen"],
    "/uitgaven": ["/uitgaven"],
    "/uitgaven/<int:number>": ["/uitgaven/1"],
    "/uitgaven/vergelijk": ["/uitgaven/vergelijk?van=1&naar=2"],
    "/uitgaven/vergelijk/<int:old>..<int:new>": ["/uitgaven/vergelijk/1..1"],
    "/op/<on>/uitgaven/vergelijk": ["/op/2026-12-01/uitgaven/vergelijk?van=1&naar=2"],
    "/op/<on>/uitgaven/vergelijk/<int:old>..<int:new>": ["/op/2026-12-01/uitgaven/vergelijk/1..1"],
    "/wijzigingen": ["/wijzigingen", "/wijzigingen?rol=urgentiebureau&sinds=vorig-bezoek"],
    "/wijzigingen/berichten": ["/wijzigingen/berichten"],
    "/andere-dag": [
        "/andere-dag",
        "/andere-dag?van=/documenten&dag=31-2-2026",
        "/andere-dag?van=/contact&dag=1-12-2026",
    ],
    "/uitgaven/<int:number>/bundel": ["/uitgaven/1/bundel"],
    "/contact": ["/contact"],
    "/sso/<name>/start": ["/sso/geen/start"],
    "/sso/<name>/terug": ["/sso/geen/terug"],
    "/sso/<name>/afgemeld": ["/sso/geen/afgemeld"],
    "/sso/<name>/koppelen": ["/sso/geen/koppelen"],
    "/beheer": ["/beheer"],
    "/beheer/sso": ["/beheer/sso"],
    "/beheer/sso/nieuw": ["/beheer/sso/nieuw"],
    "/beheer/sso/<name>": ["/beheer/sso/geen"],
    "/beheer/sso/<name>/wijzigen": ["/beheer/sso/geen/wijzigen"],
    "/beheer/sso/<name>/sleutel": ["/beheer/sso/geen/sleutel"],
    "/beheer/sso/<name>/aan": ["/beheer/sso/geen/aan"],
    "/beheer/sso/<name>/uit": ["/beheer/sso/geen/uit"],
    "/beheer/sso/<name>/proef": ["/beheer/sso/geen/proef"],
    "/beheer/koppelingen": ["/beheer/koppelingen"],
    "/beheer/sso/<name>/koppelen/<int:number>": ["/beheer/sso/geen/koppelen/1"],
    "/beheer/sso/<name>/ontkoppelen/<int:number>": ["/beheer/sso/geen/ontkoppelen/1"],
    "/beheer/organisaties": ["/beheer/organisaties"],
    "/beheer/organisaties/nieuw": ["/beheer/organisaties/nieuw"],
    "/beheer/organisaties/<int:number>": ["/beheer/organisaties/1"],
    "/beheer/organisaties/<int:number>/wijzigen": ["/beheer/organisaties/1/wijzigen"],
    "/beheer/organisaties/<int:number>/afsluiten": ["/beheer/organisaties/1/afsluiten"],
    "/beheer/organisaties/<int:number>/toelaten": ["/beheer/organisaties/1/toelaten"],
    "/beheer/personen": ["/beheer/personen", "/beheer/personen?q=naam&rol=corporatie&status=nooit&sorteer=-aangemeld"],
    "/beheer/personen/nieuw": ["/beheer/personen/nieuw"],
    "/beheer/personen/<int:number>": ["/beheer/personen/1"],
    "/beheer/personen/<int:number>/wijzigen": ["/beheer/personen/1/wijzigen"],
    "/beheer/personen/<int:number>/contactpersoon": ["/beheer/personen/1/contactpersoon"],
    "/beheer/personen/<int:number>/uitnodigen": ["/beheer/personen/1/uitnodigen"],
    "/beheer/personen/<int:number>/afsluiten": ["/beheer/personen/1/afsluiten"],
    "/beheer/personen/<int:number>/toelaten": ["/beheer/personen/1/toelaten"],
    "/beheer/vernietigen/<int:number>": ["/beheer/vernietigen/1"],
    "/beheer/organisaties/<int:number>/startpakket": ["/beheer/organisaties/1/startpakket"],
    "/beheer/organisaties/<int:number>/vertrekt": ["/beheer/organisaties/1/vertrekt"],
    "/beheer/<name>.csv": [f"/beheer/{name}.csv" for name in ("organisaties", "personen", "links", "sessies")],
    "/beheer/links": ["/beheer/links", "/beheer/links?soort=document&sorteer=-laatst"],
    "/beheer/links/uitnodiging": ["/beheer/links/uitnodiging"],
    "/beheer/links/deellink": ["/beheer/links/deellink"],
    "/beheer/links/<any(organisatie, document):kind>/<int:number>/intrekken": ["/beheer/links/document/1/intrekken"],
    "/beheer/sessies": ["/beheer/sessies", "/beheer/sessies?organisatie=1&manier=gemaakt"],
    "/beheer/sessies/<int:number>/beeindigen": ["/beheer/sessies/1/beeindigen"],
    "/beheer/sessies/<any(persoon, organisatie):whose>/<int:number>/beeindigen": [
        "/beheer/sessies/persoon/1/beeindigen"
    ],
    "/beheer/personen/<int:number>/tweede-stap": ["/beheer/personen/1/tweede-stap"],
    "/op/<on>/": ["/op/2026-12-01/", "/op/2026-02-30/", "/op/2020-01-01/"],
    "/op/<on>/stroomschema": ["/op/2026-12-01/stroomschema"],
    "/op/<on>/stroomschema/<route_id>": ["/op/2026-12-01/stroomschema/URG"],
    "/op/<on>/stroomschema/<route_id>/<step_id>": ["/op/2026-12-01/stroomschema/URG/URG-03"],
    "/op/<on>/documenten": ["/op/2026-12-01/documenten"],
    "/op/<on>/documenten/<code>": ["/op/2026-12-01/documenten/OV-03", "/op/2026-11-28/documenten/WI-01"],
    "/op/<on>/documenten/<code>/bestand": ["/op/2026-12-01/documenten/OV-03/bestand"],
    "/op/<on>/documenten/<code>/versies/<int:number>": [
        *(f"/op/2026-12-01/documenten/{code}/versies/1" for code in ("OV-03", "OV-04")),
    ],
    "/op/<on>/documenten/<code>/versies/<int:number>/bestand": ["/op/2026-12-01/documenten/OV-03/versies/1/bestand"],
    "/op/<on>/documenten/<code>/vergelijk": ["/op/2026-12-01/documenten/OV-03/vergelijk?van=1&naar=2"],
    "/op/<on>/documenten/<code>/vergelijk/<int:old>..<int:new>": ["/op/2026-12-01/documenten/OV-03/vergelijk/1..1"],
    "/op/<on>/documenten/<code>/vergelijk/<int:old>..<int:new>/bestand": [
        "/op/2026-12-01/documenten/OV-03/vergelijk/1..1/bestand"
    ],
    "/op/<on>/documenten/<code>/versies": ["/op/2026-12-01/documenten/OV-03/versies"],
    "/op/<on>/zoeken": ["/op/2026-12-01/zoeken?q=contactpersoon"],
    "/op/<on>/begrippen": ["/op/2026-12-01/begrippen"],
    "/op/<on>/uitgaven": ["/op/2026-12-01/uitgaven"],
    "/op/<on>/uitgaven/<int:number>": ["/op/2026-12-01/uitgaven/1?bekend=2026-11-30"],
    "/op/<on>/wijzigingen": ["/op/2026-12-01/wijzigingen"],
    "/op/<on>/contact": ["/op/2026-12-01/contact"],
    "/toegankelijkheid": ["/toegankelijkheid"],
    "/privacy": ["/privacy"],
    "/healthz": ["/healthz"],
    "/readyz": ["/readyz"],
    "/redactie": ["/redactie"],
    "/redactie/in-te-vullen": ["/redactie/in-te-vullen"],
    "/redactie/personen": ["/redactie/personen"],
    "/redactie/uploaden": ["/redactie/uploaden"],
    "/redactie/uitgaven": ["/redactie/uitgaven"],
    "/redactie/uitgaven/<int:number>": ["/redactie/uitgaven/1"],
    "/redactie/uitgaven/<int:number>/<code>/eruit": ["/redactie/uitgaven/1/OV-04/eruit"],
    "/redactie/uitgaven/<int:number>/<code>/verschil": ["/redactie/uitgaven/1/OV-04/verschil"],
    "/redactie/uitgaven/<int:draft_id>/<code>/nieuwer/<int:number>": ["/redactie/uitgaven/1/OV-04/nieuwer/1"],
    "/redactie/uitgaven/<int:number>/weggooien": ["/redactie/uitgaven/1/weggooien"],
    "/redactie/uitgaven/<int:number>/publiceren": ["/redactie/uitgaven/1/publiceren"],
    "/redactie/gepubliceerd/<int:number>": ["/redactie/gepubliceerd/1"],
    "/redactie/onderdelen": ["/redactie/onderdelen"],
    "/redactie/onderdelen/nieuw": ["/redactie/onderdelen/nieuw"],
    "/redactie/onderdelen/<code>": ["/redactie/onderdelen/OV-04", "/redactie/onderdelen/XX-99"],
    "/redactie/onderdelen/<code>/wijzigen": ["/redactie/onderdelen/OV-04/wijzigen"],
    "/redactie/onderdelen/<code>/terugzetten": ["/redactie/onderdelen/OV-04/terugzetten"],
    "/redactie/onderdelen/<code>/intrekken": ["/redactie/onderdelen/OV-04/intrekken"],
    "/redactie/onderdelen/<code>/zichtbaar": ["/redactie/onderdelen/OV-04/zichtbaar"],
    "/redactie/onderdelen/<code>/versies/<int:number>/vernietigen": [
        "/redactie/onderdelen/OV-04/versies/1/vernietigen"
    ],
    "/redactie/vernietigen/<int:number>/terugnemen": ["/redactie/vernietigen/1/terugnemen"],
    "/redactie/onderdelen/<code>/delen": ["/redactie/onderdelen/OV-04/delen"],
    "/redactie/onderdelen/<code>/delen/<int:number>/intrekken": ["/redactie/onderdelen/OV-04/delen/1/intrekken"],
    "/redactie/schrijven/<int:number>": ["/redactie/schrijven/1"],
    "/redactie/schrijven/<int:number>/weggooien": ["/redactie/schrijven/1/weggooien"],
    "/redactie/schrijven/verder": ["/redactie/schrijven/verder"],
    "/redactie/schrijven/<int:number>/samen": ["/redactie/schrijven/1/samen"],
    "/redactie/schrijven/<int:number>/overnemen": ["/redactie/schrijven/1/overnemen"],
    "/static/<path:filename>": ["/static/css/basis.css"],
}
NO_HANDBOOK = {"/op/2026-02-30/", "/op/2020-01-01/"}
"""A day that is none, and a day before the handbook."""
NOT_THERE = (
    *("/beheer/vernietigen/1", "/mijn-aanmelding/passkey/1/weghalen", "/mijn-aanmelding/app/weghalen"),
    *("/sso/", "/beheer/sso/"),
)
"""Beginnings of what is only there after somebody asked for it, added it, or has it."""
FORM_TOKEN = re.compile(rb'name="csrf_token" value="[^"]+"')
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def addresses(site: Site, handbook: Handbook) -> dict[str, list[str]]:
    """Return for each rule of the application the addresses of things that exist."""
    flow = handbook.single(ItemKind.FLOW)
    codes = [item.code for item in handbook.of_kind(ItemKind.DOCUMENT)]
    made: dict[str, list[str]] = {}
    for rule in site.app.url_map.iter_rules():
        assert rule.rule in REAL, f"give a real example of {rule.rule}"
        made[rule.rule] = []
        for pattern in REAL[rule.rule]:
            if "{step}" in pattern:
                made[rule.rule] += [pattern.format(route=s["traject"], step=s["id"]) for s in flow["stappen"]]
            elif "{route}" in pattern:
                made[rule.rule] += [pattern.format(route=r["id"]) for r in flow["trajecten"]]
            elif "{code}" in pattern:
                made[rule.rule] += [pattern.format(code=code) for code in codes]
            else:
                made[rule.rule].append(pattern)
    return made


def test_what_is_public_says_so_and_is_what_was_agreed(site: Site) -> None:
    views = site.app.view_functions
    said = {r.rule for r in site.app.url_map.iter_rules() if r.endpoint == "static" or is_public(views[r.endpoint])}
    assert said == PUBLIC


def test_every_other_view_names_a_permission(site: Site) -> None:
    for rule in site.app.url_map.iter_rules():
        if rule.rule not in PUBLIC:
            assert permission_of(site.app.view_functions[rule.endpoint]), rule.rule


def test_signed_out_nothing_but_the_public_routes_answers(site: Site, handbook: Handbook) -> None:
    visitor = site.visitor()
    for rule, paths in addresses(site, handbook).items():
        if rule in PUBLIC:
            continue
        for path, method in itertools.product({paths[0], paths[-1]}, METHODS):
            answer = visitor.client.open(path, method=method)
            expected = 303 if method in ("GET", "HEAD") else 401
            assert answer.status_code == expected, f"{method} {path}"
            if expected == 303:
                assert answer.headers["Location"] == "/aanmelden"
            assert not leaked(answer.get_data(as_text=True)), f"{method} {path}"


@pytest.mark.parametrize("path", ["/bestaat-niet", "/documenten/XX-99", "/op/2026-01-01/", "/beheer", "/redactie/x"])
def test_signed_out_an_unknown_address_answers_like_a_known_one(site: Site, path: str) -> None:
    answer = site.visitor().get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/aanmelden")
    assert site.visitor().client.post(path).status_code == 401


def leaked(
    text: str,
    titles: tuple[str, ...] = ("Contactpersonenlijst directe bemiddeling", "Toetslijst en advies", "voor de redactie"),
) -> list[str]:
    """Return what a text gives away of the closed documents: codes, titles, file names."""
    low = text.lower()
    return [word for word in (*CLOSED, *titles) if word.lower() in low]


@pytest.mark.parametrize("key", ["zorgaanbieder", "corporatie", "gemeente", "beheerder", "auditor"])
def test_nobody_outside_the_regio_learns_of_a_closed_document(
    site: Site, handbook: Handbook, key: str, engine: str
) -> None:
    visitor = site.signed_in(key)
    thorough = LONG or (key, engine) == ("zorgaanbieder", "sqlite")
    for rule, paths in addresses(site, handbook).items():
        for path in paths if thorough else [path for path in paths if NEAR_CLOSED.search(path) or path == paths[0]]:
            if rule == "/static/<path:filename>":
                continue
            for address in {path, f"{path}{'&' if '?' in path else '?'}als=urgentiebureau"} if thorough else {path}:
                answer = visitor.get(address)
                closed = any(code in path for code in CLOSED)
                nowhere = closed or path in NO_HANDBOOK
                as_it_should = (answer.status_code == 404) is nowhere or answer.status_code in (303, 405, 422)
                assert as_it_should or path.startswith(NOT_THERE), address
                is_file = address.partition("?")[0].endswith(("/bestand", "/bundel"))
                text = answer.get_data(as_text=True) if closed or not is_file else ""
                if closed and path.startswith("/op/"):
                    own = path.removeprefix("/op/2026-12-01").partition("?")[0]
                    text = text.replace(own, "")  # the same page today, and other days
                assert not leaked(text + str(answer.headers)), f"{key} {address}"


def test_a_closed_document_answers_exactly_like_one_that_does_not_exist(site: Site) -> None:
    visitor = site.signed_in("zorgaanbieder")
    versions = ("/versies", "/versies/1", "/versies/1/bestand")
    compared = ("/vergelijk", "/vergelijk/1..1", "/vergelijk/1..1/bestand")
    for tail in ("", "/bestand", *versions, *compared, "?als=info_meldpunt", "?stap=URG-03"):
        closed, missing = visitor.get(f"/documenten/OV-03{tail}"), visitor.get(f"/documenten/OV-99{tail}")
        bodies = [FORM_TOKEN.sub(b"", answer.data) for answer in (closed, missing)]
        assert bodies[0] == bodies[1]
        assert closed.status_code == missing.status_code == 404


def test_on_another_day_a_closed_document_answers_so_too(site: Site) -> None:
    visitor = site.signed_in("zorgaanbieder")
    for tail in ("", "/bestand", "/versies"):
        answers = {code: visitor.get(f"/op/2026-12-01/documenten/{code}{tail}") for code in ("OV-03", "OV-99")}
        assert {answer.status_code for answer in answers.values()} == {404}
        # only the way back repeats the address
        bodies = {FORM_TOKEN.sub(b"", answer.data.replace(code.encode(), b"")) for code, answer in answers.items()}
        assert len(bodies) == 1


def test_counts_do_not_betray_a_closed_document(site: Site) -> None:
    outside, inside = site.signed_in("zorgaanbieder"), site.signed_in("info_meldpunt")
    assert codes_in_library(outside) == codes_in_library(inside) - CLOSED
    assert "38" in library_words(outside)
    assert "40" not in library_words(outside)
    assert "41" in library_words(inside)


def codes_in_library(visitor: Visitor) -> set[str]:
    links = visitor.page("/documenten").xpath("//main//a/@href[starts-with(., '/documenten/')]")
    return {str(link).split("?")[0].split("/")[2] for link in links}


def library_words(visitor: Visitor) -> str:
    return " ".join(visitor.page("/documenten").xpath("//main")[0].text_content().split())


@pytest.mark.parametrize("key", ["info_meldpunt", "urgentiebureau", "regio", "redacteur", "redacteur_elders"])
def test_the_regio_and_redacteurs_see_them(site: Site, key: str) -> None:
    visitor = site.signed_in(key)
    for code in CLOSED:
        assert visitor.get(f"/documenten/{code}").status_code == 200
    assert "OV-03" in visitor.get("/stroomschema/URG/URG-03?als=zorgaanbieder").get_data(as_text=True)


def test_looking_as_another_role_never_widens(site: Site, handbook: Handbook) -> None:
    visitor = site.signed_in("zorgaanbieder")
    for role in (*ROLES, "huurder", "onzin", "'><script>"):
        for path in ("/", "/documenten", "/stroomschema/URG/URG-03", "/stroomschema/TER/TER-07", "/uitgaven/1"):
            answer = visitor.get(path, query_string={"als": role})
            assert answer.status_code == 200
            assert not leaked(answer.get_data(as_text=True)), f"{path} {role}"


def test_closing_a_document_works_at_once(site: Site) -> None:
    visitor = site.signed_in("zorgaanbieder")
    assert visitor.get("/documenten/WI-04").status_code == 200
    with site.database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE item SET visibility = 'regio' WHERE code = 'WI-04'")
    assert visitor.get("/documenten/WI-04").status_code == 404
    assert visitor.get("/documenten/WI-04/bestand").status_code == 404
    for path in (
        "/",
        "/documenten",
        "/stroomschema/ZIT/ZIT-03",
        "/uitgaven/1",
        "/documenten/WI-01",
        "/documenten/WI-06",
    ):
        text = visitor.get(path).get_data(as_text=True)
        assert "WI-04" not in text, path
        assert "/documenten/WI-04" not in text


def test_every_answer_carries_the_headers_that_keep_it_private(site: Site, handbook: Handbook) -> None:
    visitor = site.signed_in("corporatie")
    for rule, paths in addresses(site, handbook).items():
        answer = visitor.client.open(paths[0], buffered=True)
        headers = answer.headers
        assert "default-src 'none'" in headers["Content-Security-Policy"], rule
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == ("no-referrer" if rule.startswith("/toegang/") else "same-origin")
        assert headers["Cache-Control"] == ("public, max-age=31536000, immutable" if "static" in rule else "no-store")
        assert "Strict-Transport-Security" not in headers


def test_a_wrong_host_name_is_refused(site: Site) -> None:
    client: FlaskClient = site.app.test_client()
    assert client.get("/aanmelden", headers={"Host": "elders.example"}).status_code == 400
    assert client.get("/aanmelden", headers={"Host": "127.0.0.1"}).status_code == 200


@pytest.mark.parametrize("path", ["/documenten/%00", "/documenten/%00/bestand", "/stroomschema/KAN/%00", "/%00"])
def test_an_address_with_a_character_no_database_keeps_is_refused(site: Site, path: str) -> None:
    assert site.signed_in("corporatie").get(path).status_code == 400
    assert site.visitor().get(path).status_code == 400
