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
from portal.publishing.drafts import begin_edit, edits_of, new_draft
from portal.sso.models import Provider
from tests.access.test_sign_in import post_out
from tests.admin.filling import main_words
from tests.conftest import NOW, PEOPLE, Site, address_of, make_site
from tests.links.test_invitation import asked, invitation
from tests.releasing import newest
from tests.sso.connecting import connect
from tests.sso.provider import depart, running
from tests.visitor import Visitor, link_for, parse, words

NUMBER = {key: place for place, key in enumerate(PEOPLE, 1)}
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
        *("1 regel die rechten geeft", "1 uitnodigingslink", "1 deellink"),
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
        counts |= {"providers": 1, "identities": 1, "mappings": 1, "destructions_waiting": 0, "edits_kept": 0}
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
    ]
    site.database.engine.dispose()


def test_what_a_leaver_had_not_finished_is_told_and_stays(small_site: Site) -> None:
    editor, at = NUMBER["redacteur_elders"], NOW
    with small_site.database.transaction() as session:
        draft = new_draft(session, title="Half werk", by=Actor(editor), at=at)
        begin_edit(session, draft, "OV-04", person_id=editor, at=at)
        ask_destruction(session, newest(session, "FO-06"), reason="Ingevuld.", by=Actor(editor), at=at)
    beheerder = small_site.signed_in("beheerder")
    answer = beheerder.post(LEAVE)
    told = [words(one) for one in parse(answer).xpath("//ul[@id='blijft']/li")]
    assert [one.split(",")[0].split(";")[0] for one in told] == [
        "1 verzoek tot vernietigen",
        "1 wijziging die niet af is",
    ]
    assert "vernietigen" not in words(parse(answer).xpath("//ul[@id='beeindigd']")[0])
    decide = parse(beheerder.get("/beheer")).xpath("//a[contains(@href, '/beheer/vernietigen/')]/@href")
    assert beheerder.get(decide[0]).status_code == 200
    with small_site.database.reading() as session:
        left = session.scalars(select(Event).where(Event.action == Action.ORGANISATION_LEFT.value)).one()
        assert (left.details["destructions_waiting"], left.details["edits_kept"]) == (1, 1)
        assert len(edits_of(session, editor)) == 1


def test_a_beheerder_cannot_let_their_own_organisation_leave(small_site: Site) -> None:
    beheerder = small_site.signed_in("beheerder")
    path = "/beheer/organisaties/2/vertrekt"
    assert "raakt u zelf de toegang" in main_words(beheerder.get(path))
    answer = beheerder.post(path, token_from="/mijn-sessies")
    assert answer.status_code == 422
    assert Visitor(small_site.app).sign_in(address_of("gemeente")).get("/").status_code == 200
