"""Mail about a release: to whom, about what, when not, and how one click stops it for good."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select, update

from portal.access.models import Person
from portal.access.organisations import disable_organisation
from portal.access.people import disable_person
from portal.audit.models import Action, Event
from portal.audit.operations import SYSTEM
from portal.bulletins.letters import letter
from portal.bulletins.operations import announce
from portal.notifications.operations import deliver_due
from portal.releases.operations import content_of
from tests.conftest import NOW, Site, address_of
from tests.desk.desk import Desk
from tests.releasing import newest, release_of
from tests.visitor import Visitor, parse, words

PAGE, FORM, CLOSED = "OV-04", "FO-06", "OV-03"
"""A page for every role, a form for corporatie and urgentiebureau, and a page that only the regio may know of."""
STOP = re.compile(r"^http://localhost(/toegang/berichten/\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Mail:
    subject: str
    text: str
    unsubscribe: str


class Postbox:
    """A mail server that only remembers, by address."""

    def __init__(self) -> None:
        self.mails: dict[str, Mail] = {}

    def deliver(self, *, address: str, subject: str, text: str, unsubscribe: str = "") -> None:
        assert address not in self.mails
        self.mails[address] = Mail(subject, text, unsubscribe)


def post_out(site: Site) -> Mapping[str, Mail]:
    """Return the mail that waits, by the key of who gets it."""
    box = Postbox()
    deliver_due(site.database, box, site.app.extensions["portal_seal"], site.clock())
    return {address.partition("@")[0]: mail for address, mail in box.mails.items()}


def make_contacts(site: Site, *keys: str) -> None:
    with site.database.transaction() as session:
        addresses = [address_of(key) for key in keys]
        session.execute(update(Person).where(Person.email.in_(addresses)).values(is_contact=True))


def change(desk: Desk, code: str, note: str, concept: str = "nieuw", **typed: str) -> str:
    """Put a change that changes nothing but its note into a draft, and return its address."""
    path = desk.begin(code, concept)
    if code != FORM:
        desk.press(path, path, "nieuw--1-alinea")
        typed |= {"blok-0-tekst": f"Nieuw: {note}"}
    else:
        typed |= {"zoekwoorden": note}
    return desk.finish(path, note, **typed)


def events(site: Site, *actions: Action) -> list[tuple[str, str, Mapping[str, object]]]:
    with site.database.reading() as session:
        found = session.scalars(select(Event).where(Event.action.in_(actions)).order_by(Event.number))
        return [(event.action, event.subject, event.details) for event in found]


def choose(visitor: Visitor, wanted: str) -> str:
    """Choose on the page of changes, and return what stands there then."""
    answer = visitor.post("/wijzigingen/berichten", {"berichten": wanted}, token_from="/wijzigingen")
    assert answer.headers["Location"] == "/wijzigingen#berichten"
    return words(visitor.page("/wijzigingen").get_element_by_id("berichten"))


def test_each_reads_what_concerns_their_role_and_what_they_may_know_of(small_site: Site) -> None:
    site, desk = small_site, Desk(small_site)
    make_contacts(site, "corporatie", "zorgaanbieder", "info_meldpunt", "auditor", "gemeente")
    assert "U krijgt mail" in choose(site.signed_in("uitvoeringsdienst"), "ja")
    assert "U krijgt mail" in choose(site.signed_in("casusregisseur"), "ja")
    with site.database.transaction() as session:
        disable_person(session, address=address_of("auditor"), by=SYSTEM, at=NOW)
        disable_organisation(session, name="Hofstad Wonen", by=SYSTEM, at=NOW)
    draft = change(desk, FORM, "De zoekvraag is korter.", voor="nieuw")
    number = draft.rpartition("/")[2]
    change(desk, CLOSED, "Er staat een lijstje bij.", number)
    page = words(desk.page(f"{draft}/publiceren"))
    assert "3 personen krijgen mail" in page
    assert "Dit verandert er voor uw rol (Info- en meldpunt HMD)" in page
    assert "Goedendag" not in page  # the mail, but not of whom
    assert desk.publish(draft, titel="Uitgave winter", ingang="1-1-2027").status_code == 303
    mails = post_out(site)
    # not: who asked and sees nothing change, a closed person, and everybody of a closed organisation
    assert set(mails) == {"zorgaanbieder", "info_meldpunt", "gemeente"}
    outside, inside = mails["zorgaanbieder"].text, mails["info_meldpunt"].text
    assert mails["zorgaanbieder"].subject == "Handboek HMD/HOV: uitgave 2 geldt vanaf 1 januari 2027"
    for said in ("Goedendag Naam van zorgaanbieder,", "uitgave 2, Uitgave winter", "Zij gaat in op 1 januari 2027."):
        assert said in outside
    assert "Voor uw rol (Zorgaanbieder) verandert er niets." in outside
    assert "Er is iets veranderd." in outside
    for leak in (CLOSED, "Contactpersonenlijst", "lijstje", FORM):
        assert leak not in outside
    assert f"{CLOSED}: Contactpersonenlijst directe bemiddeling (ook lopende trajecten)" in inside
    assert "Er staat een lijstje bij." in inside
    assert f"http://localhost/op/2027-01-01/documenten/{CLOSED}\n" in inside
    assert f"{FORM}: Zoekvraag directe bemiddeling (alleen nieuwe trajecten)" in inside  # urgentiebureau falls under it
    assert "http://localhost/uitgaven/2\n" in inside
    assert events(site, Action.BULLETIN_QUEUED) == [("bulletin.queued", "release:2", {"people": 3})]


def test_minor_changes_alone_send_nothing_and_beside_others_are_named(small_site: Site) -> None:
    site, desk = small_site, Desk(small_site)
    make_contacts(site, "corporatie", "info_meldpunt")
    small = change(desk, PAGE, "", klein="ja")
    assert "Niemand krijgt mail. Dit concept bevat alleen kleine verbeteringen." in words(
        desk.page(f"{small}/publiceren")
    )
    assert desk.publish(small).status_code == 303
    assert post_out(site) == {}
    # for who may not know of the change that matters, this is a release with a minor change only
    hidden = change(desk, CLOSED, "Er staat een lijstje bij.")
    change(desk, PAGE, "", hidden.rpartition("/")[2], klein="ja")
    assert desk.publish(hidden).status_code == 303
    mails = post_out(site)
    assert set(mails) == {"info_meldpunt"}
    improved = f"Kleine verbeteringen, zonder gevolgen voor uw werk: {PAGE}: Termijnen, bedragen en grenzen."
    assert improved in mails["info_meldpunt"].text
    assert "Zij geldt vanaf vandaag, 1 december 2026." in mails["info_meldpunt"].text


def test_what_is_closed_before_the_mail_leaves_is_not_named_in_it(small_site: Site) -> None:
    site, desk = small_site, Desk(small_site)
    make_contacts(site, "corporatie", "info_meldpunt")

    def shows(to: str) -> None:
        assert desk.press(f"/redactie/onderdelen/{FORM}", "/zichtbaar", zichtbaar=to).status_code == 303

    draft = change(desk, FORM, "De zoekvraag is korter.")
    change(desk, PAGE, f"Zie ook {FORM}.", draft.rpartition("/")[2])
    assert desk.publish(draft).status_code == 303
    shows("regio")
    mails = post_out(site)
    assert FORM in mails["info_meldpunt"].text
    assert "Zie ook een ander document." in mails["corporatie"].text
    for leak in (FORM, "Zoekvraag", "zoekvraag"):
        assert leak not in mails["corporatie"].text
    shows("alle")
    assert desk.publish(change(desk, FORM, "De zoekvraag is langer.")).status_code == 303
    shows("regio")
    assert set(post_out(site)) == {"info_meldpunt"}, "the other mail would tell nothing any more"
    shows("alle")
    assert post_out(site) == {}


def test_the_mail_leads_to_the_steps_of_a_role_and_names_no_closed_document(small_site: Site) -> None:
    site = small_site
    make_contacts(site, "corporatie", "zorgaanbieder", "redacteur_elders")
    with site.app.test_request_context(), site.database.transaction() as session:
        site.app.preprocess_request()
        before = content_of(newest(session, "stroomschema"))
        steps = [dict(row) for row in before.data["stappen"]]
        [changed] = [row for row in steps if row["id"] == "KAN-07"]
        assert "zorgaanbieder" in (changed["verantwoordelijk"], *changed["betrokken"])
        changed["klaar_als"] = "Als het klaar is."
        page = newest(session, PAGE).item
        contents = {"stroomschema": type(before)({**before.data, "stappen": steps})}
        note = f"Zie ook {CLOSED} en {page.code}."
        release = release_of(session, contents, note=note, at=NOW, effective_on=NOW.date())
        seal = site.app.extensions["portal_seal"]
        assert announce(session, seal, site.config, release, write=letter, by=SYSTEM, at=NOW) == 3
    mails = post_out(site)
    assert "1. Stroomschema\n" in mails["zorgaanbieder"].text
    assert re.search(r"Stap KAN-07 \(.+\): http://localhost/stroomschema/KAN/KAN-07\n", mails["zorgaanbieder"].text)
    assert f"Zie ook een ander document en {PAGE}." in mails["zorgaanbieder"].text
    assert f"Zie ook {CLOSED} en {PAGE}." in mails["redacteur_elders"].text
    assert "Zij geldt vanaf vandaag, 1 december 2026." in mails["corporatie"].text


def test_one_click_stops_the_mail_for_good_without_signing_in(small_site: Site) -> None:
    site, desk = small_site, Desk(small_site)
    make_contacts(site, "corporatie", "gemeente")
    assert desk.publish(change(desk, PAGE, "Met de roeiboot.")).status_code == 303
    mail = post_out(site)["corporatie"]
    [path] = STOP.findall(mail.text)
    assert mail.unsubscribe == f"http://localhost{path}"
    assert len(mail.unsubscribe) < 100
    with site.database.transaction() as session:
        disable_person(session, address=address_of("corporatie"), by=SYSTEM, at=NOW)
    stranger = site.visitor()
    for answer in (stranger.client.head(path), stranger.get(path)):
        assert answer.status_code == 200
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Klik op de knop" in words(parse(stranger.get(path)))
    assert events(site, Action.BULLETIN_STOPPED) == []
    for _press in range(2):  # as a mail program sends it: no cookie, no form token, and perhaps once more
        answer = site.visitor().client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "U krijgt geen mail meer over wijzigingen" in words(parse(answer))
    number = [event[1] for event in events(site, Action.BULLETIN_STOPPED)]
    assert number == ["person:1"]
    back = {"ingang": "25-11-2026", "reden": "De brief ging al uit."}
    assert desk.publish(change(desk, FORM, "Met de veldfiets."), **back).status_code == 303
    [(left, mail)] = post_out(site).items()
    assert left == "gemeente"
    told = "Zij geldt met terugwerkende kracht, vanaf 25 november 2026. De reden: De brief ging al uit."
    assert told in mail.text
    [form] = parse(answer).xpath("//main//form")
    again = stranger.client.post(path, data={"berichten": form.xpath("string(.//button/@value)")})
    assert "U krijgt weer mail over wijzigingen" in words(parse(again))
    assert events(site, Action.BULLETIN_STARTED) == [("bulletin.started", "person:1", {"by_key": 1})]


def test_a_damaged_link_says_what_to_do_and_nothing_about_anybody(small_site: Site) -> None:
    site, desk = small_site, Desk(small_site)
    make_contacts(site, "corporatie")
    desk.publish(change(desk, PAGE, "Met de roeiboot."))
    [path] = STOP.findall(post_out(site)["corporatie"].text)
    wrong = [path[:-1], f"{path}0", path.replace("/1-", "/2-"), path.replace("/1-", "/999-"), path.replace("1-", "")]
    wrong += [f"/toegang/berichten/{key}" for key in ("1", "x", "é-1", "9" * 30)]
    visitor = site.visitor()
    bodies = set()
    for address in wrong:
        assert visitor.get(address).data == visitor.get(path).data
        answer = visitor.client.post(address)
        assert answer.status_code == 404, address
        bodies.add(answer.data)
    [body] = bodies
    assert "Open de nieuwste mail" in body.decode()
    assert events(site, Action.BULLETIN_STOPPED) == []
    assert site.visitor().client.post("/toegang/iets").status_code == 400  # any other form does need its token


def test_a_reader_turns_it_on_and_off(small_site: Site) -> None:
    site, desk = small_site, Desk(small_site)
    reader = site.signed_in("corporatie")
    assert "U krijgt nu geen mail" in words(reader.page("/wijzigingen").get_element_by_id("berichten"))
    assert "U krijgt mail" in choose(reader, "ja")
    desk.publish(change(desk, PAGE, "Met de roeiboot."))
    mails = post_out(site)
    assert set(mails) == {"corporatie"}
    assert "daar zelf om vroeg" in mails["corporatie"].text
    assert "U krijgt nu geen mail" in choose(reader, "nee")
    assert "berichten" not in reader.get("/op/2026-12-01/wijzigingen").get_data(as_text=True)
    said = words(site.signed_in("beheerder").page("/beheer/personen/1"))
    assert "Nee, zelf gestopt" in said
    assert "Krijgt geen mail over wijzigingen meer" in said
    assert site.visitor().client.post("/wijzigingen/berichten", data={"berichten": "ja"}).status_code in (400, 401)
