"""An organisation joins and leaves."""

import re

from sqlalchemy import select

from portal.access.models import Organisation, Person
from portal.access.organisations import enable_organisation
from portal.audit.models import Action, Event
from portal.audit.operations import SYSTEM, Actor
from portal.config import Config
from portal.links.shares import make_share
from portal.publishing.destruction import ask_destruction
from portal.publishing.drafts import edits_of
from portal.sso.models import Provider
from tests.access.test_sign_in import post_out
from tests.admin.filling import main_words
from tests.conftest import NOW, PEOPLE, Site, address_of, make_site
from tests.desk.desk import Desk, shown_faults
from tests.links.test_invitation import asked, invitation
from tests.releasing import newest
from tests.sso.connecting import connect
from tests.sso.provider import depart, running
from tests.visitor import Visitor, link_for, parse, words

NUMBER = {key: place for place, key in enumerate(PEOPLE, 1)}
NOTHING_LEFT = (
    "geen verzoeken tot vernietigen, ingetrokken; de redactie ziet dat en kan het opnieuw vragen",
    "geen wijzigingen die niet af zijn, nagelaten aan de redactie",
)
KIT, LEAVE = "/beheer/organisaties/1/startpakket", "/beheer/organisaties/1/vertrekt"


def test_a_start_kit_is_printed_or_mailed_with_a_link_of_its_own(small_site: Site) -> None:
    beheerder = small_site.signed_in("beheerder")
    shown = main_words(beheerder.get(KIT))
    assert "/toegang/" not in shown
    assert "OV-04" in shown
    refused = beheerder.post(KIT, {"hoe": "mail"})
    assert refused.status_code == 422
    assert "geen contactpersoon" in main_words(refused)
    printed = re.search(r"/toegang/\S+", main_words(beheerder.post(KIT, {"hoe": "papier"})))
    assert printed
    assert small_site.visitor().get(printed[0]).status_code == 200
    with small_site.database.transaction() as session:
        session.get_one(Person, NUMBER["corporatie"]).is_contact = True
    answer = beheerder.post(KIT, {"hoe": "mail"})
    assert "1 contactpersoon krijgt een mail" in main_words(answer)
    assert "/toegang/" not in answer.get_data(as_text=True)
    [(to, _subject, mail)] = post_out(small_site)
    assert to == address_of("corporatie")
    assert "- OV-04: " in mail
    mailed = re.search(r"http://localhost(/toegang/\S+)", mail)
    assert mailed
    assert [small_site.visitor().get(path).status_code for path in (printed[0], mailed[1])] == [410, 200]


def test_a_kit_never_names_what_its_readers_or_its_maker_may_not_know(small_site: Site) -> None:
    beheerder, editor = small_site.signed_in("beheerder"), small_site.signed_in("redacteur")
    for number in (1, 4):
        assert "OV-03" not in main_words(beheerder.get(f"/beheer/organisaties/{number}/startpakket"))
    assert editor.get(KIT).status_code == 403


def test_who_leaves_is_out_at_once_everywhere_and_the_beheerder_is_told_what_ended(
    config: Config, small_url: str
) -> None:
    site = make_site(config, small_url, sso_allow_private=True)
    beheerder, other = site.signed_in("beheerder"), site.signed_in("zorgaanbieder")
    reader, editor = site.signed_in("corporatie"), site.signed_in("redacteur_elders")
    waiting = link_for(site.app, address_of("corporatie"))
    invited = invitation(site)
    came = site.visitor()
    link = re.search(r"http://localhost(/toegang/\S+)", asked(site, invited)[1])
    assert link
    assert came.post(link[1]).status_code == 303
    with site.database.transaction() as session:
        by = Actor(NUMBER["redacteur_elders"])
        share = make_share(session, site.config, "OV-04", by=by, at=NOW).removeprefix(site.config.base_url)
    outsider = site.visitor()
    document = outsider.post(share).headers["Location"]
    assert outsider.get(document).status_code == 200
    with running(site.clock) as provider:
        connect(site, provider.issuer, "hofstad", mapping={"hh-lezers": ["rol:corporatie"]})
        partner, late = site.visitor(), depart(site.visitor(), provider)
        assert depart(partner, provider).back().status_code == 303
        assert partner.get("/").status_code == 200
        assert "Nu zijn dat er 4" in main_words(beheerder.get(LEAVE))
        told = [words(one) for one in parse(beheerder.post(LEAVE)).xpath("//ul[@id='beeindigd']/li")]
        assert [site.visitor().get("/sso/hofstad/start").status_code, late.back().status_code] == [403, 403]
    assert told == [
        *("4 sessies", "1 aanmeldlink", "4 accounts", "1 aanmelding via de organisatie", "1 accountkoppeling"),
        *("1 regel die rechten geeft", "1 uitnodigingslink", "1 deellink", *NOTHING_LEFT),
    ]
    for visitor in (reader, editor, came, partner):
        assert visitor.get("/").status_code == 303
    assert outsider.get(document).status_code == 410
    assert [site.visitor().get(path).status_code for path in (invited, share)] == [410, 410]
    assert site.visitor().post(waiting).status_code == 410
    assert other.get("/").status_code == 200
    with site.database.reading() as session:
        left = session.scalars(select(Event).where(Event.action == Action.ORGANISATION_LEFT.value)).one()
        counts = {"sessions": 4, "sign_in_links": 1, "people": 4, "invitations": 1, "shares": 1}
        counts |= {"providers": 1, "identities": 1, "mappings": 1, "destructions_withdrawn": 0, "edits_left": 0}
        assert (left.subject, left.details) == ("organisation:1", counts)
        off = session.scalars(select(Provider)).one()
        assert (off.enabled_at, off.mapping) == (None, {})
        assert session.scalars(select(Event).where(Event.action == Action.SSO_DISABLED.value)).one()
    with site.database.transaction() as session:
        enable_organisation(session, session.get_one(Organisation, 1), by=SYSTEM, at=NOW)
    assert site.visitor().post(link_for(site.app, address_of("corporatie"))).status_code == 410
    again = [words(one) for one in parse(beheerder.post(LEAVE)).xpath("//ul[@id='beeindigd']/li")]
    assert again == [
        *("geen sessies", "1 aanmeldlink", "geen accounts", "geen aanmeldingen via de organisatie"),
        *("geen accountkoppelingen", "geen regels die rechten geven", "geen uitnodigingslinks", "geen deellinks"),
        *NOTHING_LEFT,
    ]
    site.database.engine.dispose()


def test_what_a_leaver_had_not_finished_goes_to_the_other_editors(small_site: Site) -> None:
    """A request ends and may be made anew; what was written waits for whoever takes it over."""
    leaver, editor, beheerder = (Desk(small_site, who) for who in ("redacteur_elders", "redacteur", "beheerder"))
    left = leaver.begin("OV-04")
    assert leaver.press(left, left, "bewaar", wijziging="Half werk.").status_code == 303
    draft = left_in(small_site, NUMBER["redacteur_elders"])[0][1]
    with small_site.database.transaction() as session:
        by = Actor(NUMBER["redacteur_elders"])
        ask_destruction(session, newest(session, "FO-06"), reason="Ingevuld.", by=by, at=NOW)
    assert "Nagelaten" not in main_words(editor.visitor.get("/redactie"))
    assert editor.visitor.post(f"{left}/overnemen", token_from="/redactie").status_code == 404
    told = [words(one) for one in parse(beheerder.visitor.post(LEAVE)).xpath("//ul[@id='beeindigd']/li")]
    assert [one.split(",")[0] for one in told[-2:]] == ["1 verzoek tot vernietigen", "1 wijziging die niet af is"]
    history = main_words(beheerder.visitor.get("/beheer/organisaties/1"))
    for line in ("verzoeken tot vernietigen ingetrokken: 1", "nagelaten aan de redactie: 1"):
        assert line in history
    assert not beheerder.page("/beheer").xpath("//a[contains(@href, '/beheer/vernietigen/')]")
    home = main_words(editor.visitor.get("/redactie"))
    assert "Nagelaten door Hofstad Wonen (Naam van redacteur_elders)" in home
    assert "FO-06, versie 1, gevraagd op" in home
    again = "/redactie/onderdelen/FO-06/versies/1/vernietigen"
    assert "Een eerder verzoek is teruggenomen" in main_words(editor.visitor.get(again))
    assert editor.press(again, "/vernietigen", reden="Ingevuld.").status_code == 303
    assert "Vernietigen ingetrokken" not in main_words(editor.visitor.get("/redactie"))
    own = editor.begin("OV-04", concept=str(draft))
    answer = editor.press("/redactie", "/overnemen")
    assert (answer.status_code, len(shown_faults(answer))) == (409, 1)
    assert editor.throw_away(own).status_code == 303
    answer = editor.press("/redactie", "/overnemen")
    assert (answer.status_code, answer.headers["Location"]) == (303, left)
    assert "Half werk." in words(editor.page(left))
    assert editor.visitor.post(f"{left}/overnemen", token_from="/redactie").status_code == 404
    assert left_in(small_site, NUMBER["redacteur"]) == [("OV-04", draft)]
    assert "Nagelaten" not in main_words(editor.visitor.get("/redactie"))
    editor.finish(editor.touch(left))
    with small_site.database.reading() as session:
        gone = session.scalars(select(Event).where(Event.action == Action.ORGANISATION_LEFT.value)).one()
        assert (gone.details["destructions_withdrawn"], gone.details["edits_left"]) == (1, 1)
        taken = session.scalars(select(Event).where(Event.action == Action.EDIT_TAKEN_OVER.value)).one()
        assert (taken.person_id, taken.subject) == (NUMBER["redacteur"], "document:OV-04")
        assert taken.details == {"draft": draft, "left_by": NUMBER["redacteur_elders"]}
        ended = session.scalars(select(Event).where(Event.action == Action.DESTRUCTION_TAKEN_BACK.value)).one()
        assert (ended.person_id, ended.subject) == (NUMBER["beheerder"], "document:FO-06")


def test_who_is_closed_off_leaves_work_that_is_theirs_again_when_nobody_took_it(small_site: Site) -> None:
    leaver, editor, beheerder = (Desk(small_site, who) for who in ("redacteur_elders", "redacteur", "beheerder"))
    left, person = leaver.begin("OV-04"), f"/beheer/personen/{NUMBER['redacteur_elders']}"
    assert beheerder.visitor.post(f"{person}/afsluiten").status_code == 303
    assert "Afgesloten: nagelaten aan de redactie: 1" in main_words(beheerder.visitor.get(person))
    assert "Nagelaten door Hofstad Wonen" in main_words(editor.visitor.get("/redactie"))
    [(_code, draft)] = left_in(small_site, NUMBER["redacteur_elders"])
    assert "en ook 1 waar iemand nog aan schrijft of die is nagelaten" in main_words(
        editor.visitor.get(f"/redactie/uitgaven/{draft}/weggooien")
    )
    assert beheerder.visitor.post(f"{person}/toelaten").status_code == 303
    assert "Nagelaten" not in main_words(editor.visitor.get("/redactie"))
    assert Desk(small_site, "redacteur_elders").visitor.get(left).status_code == 200


def left_in(site: Site, person: int) -> list[tuple[str, int]]:
    with site.database.reading() as session:
        return [(edit.code, edit.release_id) for edit in edits_of(session, person)]


def test_a_beheerder_cannot_let_their_own_organisation_leave(small_site: Site) -> None:
    beheerder = small_site.signed_in("beheerder")
    path = "/beheer/organisaties/2/vertrekt"
    assert "raakt u zelf de toegang" in main_words(beheerder.get(path))
    answer = beheerder.post(path, token_from="/mijn-sessies")
    assert answer.status_code == 422
    assert Visitor(small_site.app).sign_in(address_of("gemeente")).get("/").status_code == 200
