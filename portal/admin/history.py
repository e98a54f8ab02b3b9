"""What happened to a person or an organisation, in words, from the lines of the log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.models import Group, Person
from portal.admin.forms import GROUPS, shown_name
from portal.audit.models import Action, Event
from portal.audit.queries import history_of
from portal.flow.models import Role
from portal.sso.refusals import Reason

SHOWN = 10
COMMAND_LINE = "via de opdrachtregel"
WORDS: Mapping[str, str] = {
    Action.PERSON_ADDED: "Toegevoegd",
    Action.PERSON_CHANGED: "Gewijzigd",
    Action.PERSON_INVITED: "Uitgenodigd",
    Action.PERSON_DISABLED: "Afgesloten",
    Action.PERSON_ENABLED: "Weer toegelaten",
    Action.BULLETIN_STARTED: "Krijgt mail over wijzigingen",
    Action.BULLETIN_STOPPED: "Krijgt geen mail over wijzigingen meer",
    Action.FACTOR_ADDED: "Tweede stap toegevoegd",
    Action.FACTOR_REMOVED: "Tweede stap weggehaald",
    Action.FACTOR_RESET: "Alle tweede stappen weggehaald",
    Action.LINK_MADE: "Aanmeldlink gemaakt buiten de mail om",
    Action.ORGANISATION_ADDED: "Toegevoegd",
    Action.ORGANISATION_CHANGED: "Gewijzigd",
    Action.ORGANISATION_DISABLED: "Afgesloten",
    Action.ORGANISATION_ENABLED: "Weer toegelaten",
    Action.ORGANISATION_LEFT: "Vertrokken",
    Action.INVITATION_MADE: "Uitnodigingslink gemaakt",
    Action.INVITATION_USED: "Iemand kwam binnen met de uitnodigingslink",
    Action.INVITATION_REVOKED: "Uitnodigingslink ingetrokken",
    Action.SESSION_ENDED: "Alle sessies beëindigd",
    Action.SSO_ADDED: "Toegevoegd",
    Action.SSO_CHANGED: "Gewijzigd",
    Action.SSO_ENABLED: "Aangezet",
    Action.SSO_DISABLED: "Uitgezet",
    Action.SSO_LINKED: "Gekoppeld aan de eigen organisatie",
    Action.SSO_UNLINKED: "Koppeling met de eigen organisatie weggehaald",
    Action.SSO_SYNCED: "Rechten niet bijgewerkt",
    Action.SSO_REFUSED: "Aanmelden geweigerd",
}

RULES: Mapping[str, str] = {
    "domains": "maildomeinen",
    "group_claim": "claim met groepen",
    "mapping": "wat een groep geeft",
    "role": "rol",
    "scopes": "scopes",
    "algorithms": "algoritmen",
    "factor_values": "tweede factor",
    "leeway": "klokverschil",
}
UNSYNCED: Mapping[str, str] = {
    "unknown": "de aanbieder kon de groepen niet noemen, dus geeft hij geen rechten",
    "last-beheerder": "de laatste beheerder houdt dat recht",
}
LEFT: Mapping[str, str] = {
    "destructions_withdrawn": "verzoeken tot vernietigen ingetrokken: {}",
    "edits_left": "nagelaten aan de redactie: {}",
}
FLAGS: Mapping[str, str] = {
    "name": "andere naam",
    "by_key": "met de link in een mail",
    "kept": "behalve in de eigen browser",
}
FACTORS: Mapping[str, str] = {"passkey": "passkey", "app": "app met codes", "codes": "nieuwe herstelcodes"}


@dataclass(frozen=True)
class Happening:
    """One line: when, what, and by whom."""

    at: datetime
    what: str
    details: tuple[str, ...]
    who: str


def happenings(session: Session, subject: str, roles: Mapping[str, Role]) -> list[Happening]:
    """Return the last things that happened to ``person:4`` or ``organisation:2``, the newest first."""
    events = history_of(session, subject, SHOWN)
    names = _names(session, {event.person_id for event in events if event.person_id})
    return [
        Happening(
            at=event.at,
            what=WORDS.get(event.action, event.action),
            details=tuple(_told(event, roles)),
            who=f"door {names[event.person_id]}" if event.person_id in names else COMMAND_LINE,
        )
        for event in events
    ]


def _names(session: Session, numbers: Iterable[int]) -> dict[int | None, str]:
    people = session.scalars(select(Person).where(Person.id.in_(numbers))).unique()
    return {person.id: shown_name(person) for person in people}


def _told(event: Event, roles: Mapping[str, Role]) -> Iterable[str]:
    """Give what a line tells beside what happened."""
    details: Mapping[str, Any] = event.details
    yield from (words for key, words in FLAGS.items() if details.get(key))
    if "roles" in details:
        yield f"rollen: {_listed(_role(role, roles) for role in details['roles'].split(','))}"
    for key, words in (("groups", "rechten"), ("groups_given", "recht gegeven"), ("groups_taken", "recht weggehaald")):
        if key in details:
            yield f"{words}: {_listed(GROUPS[Group(name)].lower() for name in details[key].split(','))}"
    if "kind" in details and event.action in (Action.FACTOR_ADDED, Action.FACTOR_REMOVED):
        yield FACTORS[details["kind"]]
    if "contact" in details:
        yield "nu contactpersoon" if details["contact"] else "geen contactpersoon meer"
    yield from (words.format(details[key]) for key, words in LEFT.items() if details.get(key))
    yield from _told_of_partner(details)
    for key, words in (("domains_given", "maildomein erbij"), ("domains_taken", "maildomein weg")):
        if key in details:
            yield f"{words}: {_listed(details[key].split(','))}"


def _told_of_partner(details: Mapping[str, Any]) -> Iterable[str]:
    """Give what a line tells of an identity provider."""
    if "rules" in details:
        yield f"afspraken: {_listed(RULES.get(name, name) for name in details['rules'].split(','))}"
    if "key" in details:
        yield "nieuw geheim toegevoegd" if details["key"] == "added" else "het nieuwe geheim is in gebruik"
    if details.get("sessions"):
        yield f"sessies beëindigd: {details['sessions']}"
    if details.get("fewer_rights"):
        yield f"rechten uit claims weggehaald bij: {details['fewer_rights']}"
    if "sync" in details:
        yield UNSYNCED[details["sync"]]
    if "reference" in details:
        yield f"kenmerk {details['reference']}"
        told = Reason[details["reason"].upper()].value.title.format(wie="de organisatie")
        yield told[0].lower() + told[1:]
        if details["detail"]:
            yield f"code voor de ICT-afdeling: {details['detail']}"


def _role(role: str, roles: Mapping[str, Role]) -> str:
    return roles[role].title.split(" (")[0] if role in roles else role


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)
