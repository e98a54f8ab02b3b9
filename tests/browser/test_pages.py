"""Every page as each kind of person meets it: accessible, quiet, within its width, by keyboard, without JavaScript."""

from collections.abc import Callable, Iterator

import pytest
from flask import template_rendered
from playwright.sync_api import Page, expect

from portal.access.models import Group
from portal.access.permissions import allows, is_public, permission_of
from portal.publishing.content import Handbook
from tests.browser.conftest import DESTROYED, WITHDRAWN, House, Open, add_partner, destroy_one, withdraw_one
from tests.browser.looking import Ears, look_at, open_page, walk_by_keyboard, words_in_main
from tests.conftest import LONG, PEOPLE, ROOT, Site, address_of
from tests.handbook.test_visibility import CLOSED, NO_HANDBOOK, addresses
from tests.visitor import link_for

PAGES = {
    "access/aanmelden.html": ["/aanmelden"],
    "access/toegang.html": ["/toegang/niet-echt"],
    "access/sessies.html": ["/mijn-sessies"],
    "admin/afsluiten.html": ["/beheer/organisaties/1/afsluiten", "/beheer/organisaties/2/afsluiten"],
    "admin/koppelingen.html": ["/beheer/koppelingen"],
    "admin/link_maken.html": ["/beheer/links/uitnodiging", "/beheer/links/deellink"],
    "admin/links.html": ["/beheer/links"],
    "admin/organisatie.html": ["/beheer/organisaties/2"],
    "admin/organisatie_invullen.html": ["/beheer/organisaties/nieuw", "/beheer/organisaties/1/wijzigen"],
    "admin/organisaties.html": ["/beheer/organisaties"],
    "admin/personen.html": ["/beheer/personen", "/beheer/personen?q=xyzzyq"],
    "admin/persoon.html": ["/beheer/personen/1"],
    "admin/persoon_invullen.html": ["/beheer/personen/nieuw", "/beheer/personen/1/wijzigen"],
    "admin/sessies.html": ["/beheer/sessies", "/beheer/sessies?q=xyzzyq"],
    "admin/sso.html": ["/beheer/sso"],
    "admin/sso_aanbieder.html": ["/beheer/sso/hofstad"],
    "admin/sso_nieuw.html": ["/beheer/sso/nieuw"],
    "admin/sso_sleutel.html": ["/beheer/sso/hofstad/sleutel"],
    "admin/sso_uit.html": ["/beheer/sso/hofstad/uit"],
    "admin/sso_wijzigen.html": ["/beheer/sso/hofstad/wijzigen"],
    "admin/start.html": ["/beheer"],
    "admin/startpakket.html": ["/beheer/organisaties/1/startpakket"],
    "admin/toelaten.html": ["/beheer/personen/1/toelaten"],
    "admin/tweede_stap.html": ["/beheer/personen/1/tweede-stap"],
    "admin/vernietigen.html": ["/beheer/vernietigen/2", "/beheer/vernietigen/1"],
    "admin/vertrekt.html": ["/beheer/organisaties/1/vertrekt"],
    "bulletins/berichten.html": ["/toegang/berichten/niet-echt"],
    "errors/fout.html": ["/documenten/XX-99"],
    "handbook/andere_dag.html": ["/andere-dag?van=/begrippen"],
    "handbook/begrippen.html": ["/begrippen"],
    "handbook/contact.html": ["/contact"],
    "handbook/document.html": ["/documenten/HC-01", "/op/2026-11-28/documenten/WI-03?stap=LOO-03"],
    "handbook/documenten.html": ["/documenten", "/documenten?soort=brief&traject=TOE"],
    "handbook/geen_handboek.html": ["/op/2020-01-01/"],
    "handbook/home.html": ["/", "/?als=zorgaanbieder"],
    "handbook/ingetrokken.html": [f"/documenten/{WITHDRAWN}"],
    "handbook/privacy.html": ["/privacy"],
    "handbook/stap.html": ["/stroomschema/KAN/KAN-07", "/stroomschema/INS/INS-01"],
    "handbook/stroomschema.html": ["/stroomschema"],
    "handbook/toegankelijkheid.html": ["/toegankelijkheid"],
    "handbook/traject.html": ["/stroomschema/KAN"],
    "handbook/uitgave.html": ["/uitgaven/1"],
    "handbook/uitgaven.html": ["/uitgaven"],
    "handbook/uitgaven_vergeleken.html": ["/uitgaven/vergelijk/1..2"],
    "handbook/zoeken.html": [
        *("/zoeken?q=huurcontract+zorgaanbieder", "/zoeken?q=risicofons", "/zoeken?q=schade+claimen&soort=formulier"),
        *("/zoeken?q=xyzzyq", "/zoeken"),
    ],
    "handbook/vernietigd.html": [f"/documenten/{DESTROYED}"],
    "handbook/vergelijking.html": ["/documenten/PR-04/vergelijk/1..1?toon=hele-tekst"],
    "handbook/versie.html": ["/documenten/WI-04/versies/1"],
    "handbook/versies.html": [f"/documenten/{WITHDRAWN}/versies"],
    "handbook/wijzigingen.html": ["/wijzigingen"],
}
"""Template by template the addresses that show it."""
SIGNED_OUT = ["/aanmelden", "/toegang/niet-echt", "/toegang/berichten/niet-echt", "/toegankelijkheid", "/privacy"]
READER = "corporatie"
OWN_FOLDER = {"admin": "beheerder"}
"""Folders of templates that not every person may see, with who does."""
VIEWER = {path: OWN_FOLDER.get(name.partition("/")[0], READER) for name, paths in PAGES.items() for path in paths}
"""Who looks at a page: a reader, wherever a reader may."""
SIGNED_IN = [path for path, viewer in VIEWER.items() if viewer == READER and path != "/aanmelden"]
FIRST = {paths[0] for paths in PAGES.values()}
OWN_PAGES = {
    key: [path for path, viewer in VIEWER.items() if viewer == key and (LONG or path in FIRST)]
    for key in OWN_FOLDER.values()
}
"""By person the pages of those folders; in the short run one for each template."""
BY_PERSON = [
    *("/", "/mijn-sessies", "/stroomschema/KAN", "/stroomschema/KAN/KAN-07", "/documenten", "/documenten/HC-01"),
    *("/zoeken?q=huurcontract+zorgaanbieder", "/wijzigingen", "/documenten/WI-04/versies/1", "/uitgaven/1"),
]
"""Pages that are not the same for every person: by role, by right, or by what they may see."""
STATUS = {"/documenten/XX-99": 404, "/andere-dag?van=/documenten&dag=31-2-2026": 422, **dict.fromkeys(NO_HANDBOOK, 404)}
"""What answers otherwise than 200."""
MADE_BY_A_FORM = {"admin/link_gemaakt.html", "admin/vertrokken.html"}
"""Templates that only the answer to a form shows (test_links looks at them)."""
PERSONS = ["corporatie", "uitvoeringsdienst", "zorgaanbieder", "redacteur", "beheerder", "auditor", "nobody"]
PARTS = 6 if LONG else 1
"""The long run looks at every address there is, in this many tests per person; on SQLite only, since what a browser
shows does not depend on the database."""
ONLY_SENT = {"errors/opnieuw.html"}
"""Templates that only answer a form that was sent (test_desk looks at them)."""
OTHER_TOURS = ("/redactie", "/aanmelden/", "/mijn-aanmelding")
"""Beginnings of addresses that have a tour of their own (test_desk, test_factors)."""
NO_PAGE = {
    *("/static/<path:filename>", "/healthz", "/readyz", "/op/<on>/documenten/<code>/bestand", "/afmelden"),
    "/documenten/<code>/bestand",
    *("/documenten/<code>/versies/<int:number>/bestand", "/documenten/<code>/vergelijk"),
    "/documenten/<code>/vergelijk/<int:old>..<int:new>/bestand",
    *("/op/<on>/documenten/<code>/versies/<int:number>/bestand", "/op/<on>/documenten/<code>/vergelijk"),
    "/op/<on>/documenten/<code>/vergelijk/<int:old>..<int:new>/bestand",
    *("/beheer/personen/<int:number>/contactpersoon", "/beheer/personen/<int:number>/uitnodigen"),
    *("/uitgaven/<int:number>/bundel", "/wijzigingen/berichten"),
    *("/uitgaven/vergelijk", "/op/<on>/uitgaven/vergelijk"),
    *("/beheer/<name>.csv", "/beheer/links/<any(organisatie, document):kind>/<int:number>/intrekken"),
    *("/toegang/gedeeld/<int:number>", "/toegang/gedeeld/<int:number>/bestand"),
    *("/sso/<name>/start", "/sso/<name>/terug", "/sso/<name>/afgemeld", "/sso/<name>/koppelen"),
    *(f"/beheer/sso/<name>{tail}" for tail in ("", "/wijzigen", "/sleutel", "/aan", "/uit", "/proef")),
    *(f"/beheer/sso/<name>/{verb}/<int:number>" for verb in ("koppelen", "ontkoppelen")),
}


def paths_for(key: str, house: House, handbook: Handbook) -> list[str]:
    if key == "nobody":
        return SIGNED_OUT
    if not LONG or house.site.database.engine.dialect.name != "sqlite":
        return SIGNED_IN if key == READER else [*BY_PERSON, *OWN_PAGES.get(key, [])]
    every = addresses(house.site, handbook)
    found = [
        path
        for rule, paths in every.items()
        if rule not in NO_PAGE and not rule.startswith(OTHER_TOURS) and may_open(house.site, key, rule)
        for path in paths
    ]
    listed = [*SIGNED_IN, *OWN_PAGES.get(key, [])]
    return [*listed, *sorted(set(found) - {"/aanmelden", *listed})]


def may_open(site: Site, key: str, rule: str) -> bool:
    """Tell whether behind a rule there is a page, and a person has the permission that its view asks for."""
    rules = [found for found in site.app.url_map.iter_rules() if found.rule == rule and "GET" in (found.methods or ())]
    groups = frozenset({Group.LEZER, *PEOPLE[key][2]})
    views = [site.app.view_functions[found.endpoint] for found in rules]
    return any(is_public(view) or allows(groups, permission_of(view)) for view in views)


def go(page: Page, path: str) -> None:
    """Open a page that must be there, or must be missing."""
    answer = page.goto(path)
    assert answer
    check_status(path, answer.status)


def check_status(path: str, status: int) -> None:
    """Check how an address answers; what is for the regio only may be there or missing."""
    closed = any(code in path for code in CLOSED)
    assert status in ({200, 404} if closed else {STATUS.get(path, 200)}), f"{path}: {status}"


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("key", PERSONS)
def test_the_tour_of_a_person_shows_no_fault(
    house: House, handbook: Handbook, key: str, part: int, record_property: Callable[[str, object], None]
) -> None:
    page, ears = house.page(key), house.ears(key)
    faults = []
    paths = paths_for(key, house, handbook)[part::PARTS]
    record_property("counted", (f"adressen bekeken als {key} ({house.site.database.engine.dialect.name})", len(paths)))
    opened = 0
    for path in paths:
        answer = page.request.get(path)
        check_status(path, answer.status)
        if house.judged.is_new_answer(answer):
            go(page, path)
            faults += [f"{path}: {fault}" for fault in look_at(page, house.judged) + ears.heard(page)]
            opened += 1
    record_property("counted", (f"daarvan anders dan eerder bekeken, als {key}", opened))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", [path for path in VIEWER if path != "/aanmelden" and (LONG or path in FIRST)])
def test_every_focus_stop_of_a_page_shows(house: House, path: str) -> None:
    page = house.page(VIEWER[path])
    go(page, path)
    assert not (faults := walk_by_keyboard(page)), "\n".join(faults)


def test_every_focus_stop_shows_signed_out(house: House) -> None:
    page = house.page("nobody")
    for path in SIGNED_OUT:
        go(page, path)
        assert not (faults := walk_by_keyboard(page)), f"{path}\n" + "\n".join(faults)


@pytest.mark.parametrize("key", [READER, "nobody", *OWN_PAGES])
def test_a_page_says_the_same_without_javascript(house: House, key: str) -> None:
    with_script, without = house.page(key), house.page(key, script=False)
    for path in {"nobody": SIGNED_OUT, READER: SIGNED_IN, **OWN_PAGES}[key]:
        if not LONG and path not in FIRST:
            continue
        texts = []
        for page in (with_script, without):
            go(page, path)
            texts.append(" ".join(words_in_main(page)))
        assert len(texts[1]) > 40, path
        assert texts[0].replace("Kopieer link ", "") == texts[1], path


@pytest.mark.parametrize("path", PAGES["handbook/document.html"])
def test_the_text_of_a_document_has_headings_from_h2(house: House, path: str) -> None:
    page = house.page("corporatie")
    go(page, path)
    tags = page.locator("main article").locator("h1, h2, h3, h4, h5, h6").evaluate_all("all => all.map(e => e.tagName)")
    assert len(tags) > 3
    assert (tags[0], min(tags)) == ("H2", "H2")


@pytest.mark.parametrize("script", [True, False])
def test_a_button_that_needs_javascript_is_there_only_with_it(house: House, script: bool) -> None:
    page = house.page("corporatie", script=script)
    go(page, "/stroomschema/KAN/KAN-07")
    expect(page.get_by_role("button", name="Kopieer link")).to_be_visible(visible=script)
    expect(page.locator("#adres")).to_have_text(f"{house.site.config.base_url}/stroomschema/KAN/KAN-07")


@pytest.fixture
def window(live: Site, open_window: Open) -> Iterator[tuple[Page, Ears]]:
    """Give one page of a visitor who is not signed in, on an installation of its own."""
    page, ears = open_page(open_window(), live.config.base_url)
    yield page, ears
    page.close()


def test_the_pages_between_address_and_code(window: tuple[Page, Ears]) -> None:
    page, ears = window
    page.goto("/aanmelden")
    page.get_by_label("mailadres").fill("geen adres")
    page.get_by_role("button", name="Stuur mij een mail").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert page.title().startswith("Fout: ")
    assert not look_at(page) + ears.heard(page)
    page.get_by_role("alert").get_by_role("link").click()
    field = page.get_by_label("mailadres")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("geen adres")
    field.fill(address_of("corporatie"))
    page.get_by_role("button", name="Stuur mij een mail").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vul uw code in")
    assert not look_at(page) + walk_by_keyboard(page) + ears.heard(page)
    page.get_by_label("code").fill("AAAA2222")
    page.get_by_role("button", name="Aanmelden").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert not look_at(page) + ears.heard(page)
    page.get_by_role("button", name="Vraag opnieuw").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Aanmelden")


def test_a_used_link_ends_on_a_page_with_a_way_on(live: Site, window: tuple[Page, Ears], open_window: Open) -> None:
    page, ears = window
    link = link_for(live.app, address_of("corporatie"))
    for opened in (open_window().new_page(), page):
        opened.goto(link)
        with opened.expect_navigation() as answer:
            opened.get_by_role("main").get_by_role("button", name="Aanmelden").click()
    assert answer.value.status == 410
    assert not look_at(page) + walk_by_keyboard(page) + ears.heard(page)
    page.get_by_role("link", name="Naar Aanmelden").click()
    expect(page.get_by_label("mailadres")).to_be_visible()


def test_every_template_is_listed_with_pages_that_show_it(site: Site) -> None:
    templates = {
        str(file.relative_to(ROOT / "templates"))
        for folder in ("access", "admin", "bulletins", "errors", "handbook")
        for file in (ROOT / "templates" / folder).glob("*.html")
    }
    assert set(PAGES) == templates - ONLY_SENT - MADE_BY_A_FORM
    withdraw_one(site)
    destroy_one(site)
    add_partner(site)
    visitors = {key: site.signed_in(key) for key in (READER, *OWN_PAGES)}
    shown: list[str] = []

    def note(_app: object, template: object, **_rest: object) -> None:
        shown.append(str(getattr(template, "name", "")))

    with template_rendered.connected_to(note, site.app):
        for name, paths in PAGES.items():
            for path in paths:
                shown.clear()
                (site.visitor() if path == "/aanmelden" else visitors[VIEWER[path]]).get(path)
                assert name in shown, path
