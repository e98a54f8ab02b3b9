"""The lists at /beheer: which columns, filters and orders each of them has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, contains_eager, selectinload

from portal.access.models import (
    Group,
    MailDomain,
    Organisation,
    OrganisationKind,
    Person,
    PersonGroup,
    PersonRole,
    PersonStatus,
    SignedInSession,
    SignInLink,
)
from portal.access.queries import (
    Membership,
    has_status,
    membership_query,
    people_with,
    read_memberships,
    still_works,
)
from portal.admin.forms import GROUPS, KINDS, shown_name
from portal.documents.models import CLOSED
from portal.flow.models import Role
from portal.links.models import OrganisationLink, OrganisationLinkUse, ShareLink, ShareSession
from portal.links.shares import still_shares
from portal.lists import HIGHEST, Column, Filter, Listing, with_words
from portal.releases.models import Item, Visibility
from portal.sso.models import PartnerSession

STATUS: Mapping[PersonStatus, str] = {
    PersonStatus.ACTIVE: "Actief",
    PersonStatus.NEVER: "Nooit aangemeld",
    PersonStatus.DISABLED: "Afgesloten",
}
WAYS: Mapping[str, str] = {
    "mail": "Link of code uit de mail",
    "uitnodiging": "Uitnodiging van de organisatie",
    "gemaakt": "Link van het meldpunt",
    "organisatie": "Via de eigen organisatie",
    "anders": "Zonder link",
}
"""How somebody signed in, by the values of ``sessions_listing``."""
LINK_KINDS: Mapping[str, str] = {"organisatie": "Uitnodiging", "document": "Deellink"}
NAME = func.lower(func.coalesce(func.nullif(Person.name, ""), Person.email))
ORGANISATION = func.lower(Organisation.name)


def people_listing(organisations: Sequence[Organisation], roles: Mapping[str, Role]) -> Listing[Person]:
    """Return the list of people with an account."""
    signed_in = (Person.last_signed_in_at.is_not(None), Person.last_signed_in_at, NAME)
    of_role = [Filter("rol", "Rol", _has_role, [(role.id, role.title) for role in roles.values()], "Alle rollen")]
    return Listing(
        name="personen",
        query=select(Person).join(Person.organisation),
        read=_read_people,
        columns=(
            Column("naam", "Naam", lambda one: one.name, (NAME,)),
            Column("adres", "Werkmailadres", lambda one: one.email, only_in_file=True),
            Column("organisatie", "Organisatie", lambda one: one.organisation.name, (ORGANISATION, NAME)),
            Column("rollen", "Rollen", lambda one: ", ".join(_role(role, roles) for role in one.roles)),
            Column("rechten", "Rechten", lambda one: ", ".join(GROUPS[g] for g in GROUPS if g in one.groups)),
            Column("aangemeld", "Stand", lambda one: STATUS[one.status], signed_in),
            Column("laatst", "Laatst aangemeld", lambda one: one.last_signed_in_at, only_in_file=True),
            Column("contact", "Contactpersoon", lambda one: one.is_contact, only_in_file=True),
        ),
        filters=(
            Filter("q", "Naam of mailadres", lambda typed: with_words(typed, Person.name, Person.email)),
            by_organisation(Person.organisation_id, organisations),
            Filter(
                "recht",
                "Recht",
                _has_group,
                [(group.value, "Alleen lezen" if group is Group.LEZER else GROUPS[group]) for group in GROUPS],
                "Alle rechten",
            ),
            *(of_role if roles else ()),
            Filter("status", "Stand", lambda value: has_status(PersonStatus(value)), list(STATUS.items()), "Iedereen"),
        ),
        last=(Person.id,),
    )


def organisations_listing() -> Listing[Membership]:
    """Return the list of organisations, with their people counted."""
    return Listing(
        name="organisaties",
        query=membership_query(),
        read=read_memberships,
        columns=(
            Column("naam", "Organisatie", lambda row: row.organisation.name, (ORGANISATION,)),
            Column("soort", "Soort", lambda row: _kind(row.organisation), (Organisation.kind, ORGANISATION)),
            Column("domeinen", "Maildomeinen", lambda row: ", ".join(one.name for one in row.organisation.domains)),
            Column("personen", "Personen", lambda row: row.total, (func.count(Person.id), ORGANISATION)),
            Column("actief", "Actief", lambda row: row.active, (people_with(PersonStatus.ACTIVE), ORGANISATION)),
            Column("nooit", "Nooit aangemeld", lambda row: row.never, (people_with(PersonStatus.NEVER), ORGANISATION)),
            Column("contact", "Contactpersonen", lambda row: ", ".join(map(shown_name, row.contacts))),
            Column("dicht", "Afgesloten op", lambda row: row.organisation.disabled_at, only_in_file=True),
        ),
        filters=(
            Filter("q", "Naam of maildomein", _organisation_words),
            Filter(
                "soort",
                "Soort",
                lambda value: Organisation.kind == OrganisationKind(value).value,
                list(KINDS.items()),
                "Alle soorten",
            ),
            Filter("stand", "Stand", _organisation_state, [("open", "Open"), ("afgesloten", "Afgesloten")], "Alle"),
        ),
        last=(Organisation.id,),
    )


@dataclass(frozen=True)
class SessionRow:
    """A live session, with how it began."""

    session: SignedInSession
    way: str

    @property
    def way_in_words(self) -> str:
        """How somebody signed in."""
        return WAYS[self.way]


def sessions_listing(organisations: Sequence[Organisation], now: datetime) -> Listing[SessionRow]:
    """Return the list of everybody who is signed in now, by browser."""
    way = case(
        (OrganisationLinkUse.sign_in_link_id.is_not(None), "uitnodiging"),
        (SignInLink.browser_hash.is_not(None), "mail"),
        (SignInLink.id.is_not(None), "gemaakt"),
        (PartnerSession.session_id.is_not(None), "organisatie"),
        else_="anders",
    )
    query = (
        select(SignedInSession, way)
        .join(SignedInSession.person)
        .join(Person.organisation)
        .outerjoin(SignInLink, SignInLink.id == SignedInSession.link_id)
        .outerjoin(OrganisationLinkUse, OrganisationLinkUse.sign_in_link_id == SignInLink.id)
        .outerjoin(PartnerSession, PartnerSession.session_id == SignedInSession.id)
        .where(*still_works(now), Person.disabled_at.is_(None), Organisation.disabled_at.is_(None))
    )
    return Listing(
        name="sessies",
        query=query,
        read=_read_sessions,
        columns=(
            Column("naam", "Naam", lambda row: row.session.person.name, (NAME,)),
            Column("adres", "Werkmailadres", lambda row: row.session.person.email, only_in_file=True),
            Column(
                "organisatie", "Organisatie", lambda row: row.session.person.organisation.name, (ORGANISATION, NAME)
            ),
            Column("manier", "Hoe aangemeld", lambda row: row.way_in_words, (way, NAME)),
            Column("sinds", "Sinds", lambda row: row.session.created_at, (SignedInSession.created_at,)),
            Column("gezien", "Laatst gezien", lambda row: row.session.last_seen_at, (SignedInSession.last_seen_at,)),
        ),
        filters=(
            Filter("q", "Naam of mailadres", lambda typed: with_words(typed, Person.name, Person.email)),
            by_organisation(Person.organisation_id, organisations),
            Filter(
                "manier", "Hoe aangemeld", lambda value: way == known(value, WAYS), list(WAYS.items()), "Elke manier"
            ),
        ),
        last=(SignedInSession.id,),
    )


def links_listing(now: datetime, *, sees_regio: bool) -> Listing[Any]:
    """Return the list of organisation links and share links that were made.

    A share link of a document that was closed later does not name it to who may not know of it.
    """
    both = union_all(_invitations(now), _shares(now, sees_regio=sees_regio)).subquery("links")
    made_by = case((both.c.made_by.is_(None), "het meldpunt"), else_=both.c.made_by)
    return Listing(
        name="links",
        query=select(both, made_by.label("maker")),
        read=_read_links,
        columns=(
            Column("gemaakt", "Gemaakt", lambda row: row.created_at, (both.c.created_at,)),
            Column("soort", "Soort", lambda row: LINK_KINDS[row.kind], (both.c.kind,)),
            Column("waarvoor", "Waarvoor", _what_for, (func.lower(both.c.name),)),
            Column("maker", "Gemaakt door", lambda row: row.maker, (func.lower(made_by),)),
            Column("tot", "Geldig tot en met", lambda row: row.expires_at, (both.c.expires_at,)),
            Column("laatst", "Laatst gebruikt", lambda row: row.last_used_at, _or_first(both.c.last_used_at)),
            Column("aantal", "Hoe vaak gebruikt", lambda row: row.uses, (both.c.uses,)),
            Column("nu", "Nu open", lambda row: row.live, (both.c.live,)),
            Column("stand", "Stand", lambda row: "Werkt" if row.works else "Werkt niet meer", only_in_file=True),
        ),
        filters=(
            Filter("q", "Organisatie, document of maker", lambda typed: with_words(typed, both.c.name, made_by)),
            Filter("soort", "Soort", lambda value: both.c.kind == known(value, LINK_KINDS), list(LINK_KINDS.items())),
            Filter(
                "stand",
                "Stand",
                lambda value: both.c.works == {"werkt": 1, "voorbij": 0}[known(value, ("werkt", "voorbij"))],
                [("werkt", "Werkt"), ("voorbij", "Werkt niet meer")],
            ),
        ),
        last=(both.c.kind, both.c.id),
        usual="-gemaakt",
    )


def _invitations(now: datetime) -> Select[*tuple[Any, ...]]:
    link = OrganisationLink
    works = and_(link.revoked_at.is_(None), link.expires_at > now, Organisation.disabled_at.is_(None))
    live = (
        select(func.count(SignedInSession.id))
        .join(OrganisationLinkUse, OrganisationLinkUse.sign_in_link_id == SignedInSession.link_id)
        .where(OrganisationLinkUse.organisation_link_id == link.id, *still_works(now))
    )
    return (
        select(
            literal("organisatie").label("kind"),
            link.id,
            Organisation.name.label("name"),
            cast(null(), Integer).label("version_number"),
            *_both(link, works, live.scalar_subquery()),
        )
        .join(Organisation, Organisation.id == link.organisation_id)
        .outerjoin(Person, Person.id == link.made_by)
    )


def _shares(now: datetime, *, sees_regio: bool) -> Select[*tuple[Any, ...]]:
    link = ShareLink
    open_to_all = Item.visibility == Visibility.ALLE.value
    live = select(func.count(ShareSession.id)).where(
        ShareSession.share_link_id == link.id, ShareSession.ended_at.is_(None), ShareSession.expires_at > now
    )
    return (
        select(
            literal("document").label("kind"),
            link.id,
            (cast(Item.code, String) if sees_regio else case((open_to_all, Item.code), else_=CLOSED)).label("name"),
            link.version_number,
            *_both(link, and_(*still_shares(now), open_to_all), live.scalar_subquery()),
        )
        .join(Item, Item.id == link.item_id)
        .outerjoin(Person, Person.id == link.made_by)
    )


def _both(link: type[OrganisationLink] | type[ShareLink], works: ColumnElement[bool], live: Any) -> list[Any]:
    """Return the columns that both kinds of link have."""
    return [
        func.coalesce(func.nullif(Person.name, ""), Person.email).label("made_by"),
        link.created_at,
        link.expires_at,
        link.revoked_at,
        link.last_used_at,
        link.uses,
        live.label("live"),
        case((works, 1), else_=0).label("works"),
    ]


def _what_for(row: Any) -> str:
    return f"{row.name}, versie {row.version_number}" if row.version_number else str(row.name)


def _or_first(moment: Any) -> tuple[Any, Any]:
    """Return what to sort moments by: never comes first. The two databases differ in where they put nothing."""
    return case((moment.is_(None), 0), else_=1), moment


def _read_people(session: Session, query: Select[*tuple[Any, ...]]) -> Sequence[Person]:
    rows = query.options(
        contains_eager(Person.organisation), selectinload(Person.role_rows), selectinload(Person.group_rows)
    )
    return list(session.scalars(rows).unique())


def _read_sessions(session: Session, query: Select[*tuple[Any, ...]]) -> Sequence[SessionRow]:
    return [SessionRow(one, way) for one, way in session.execute(query).unique()]


def _read_links(session: Session, query: Select[*tuple[Any, ...]]) -> Sequence[Any]:
    return list(session.execute(query))


def by_organisation(column: Any, organisations: Sequence[Organisation]) -> Filter:
    """Return the filter that chooses one organisation, whose number a column holds."""
    options = [(str(one.id), one.name) for one in organisations]
    everything = "Alle organisaties"
    return Filter("organisatie", "Organisatie", lambda number: column == min(int(number), HIGHEST), options, everything)


def _has_group(value: str) -> ColumnElement[bool]:
    group = Group(value)
    if group is Group.LEZER:
        return ~Person.group_rows.any()
    return Person.group_rows.any(PersonGroup.group == group.value)


def _has_role(role: str) -> ColumnElement[bool]:
    return Person.role_rows.any(PersonRole.role == role)


def _organisation_words(typed: str) -> ColumnElement[bool]:
    return or_(with_words(typed, Organisation.name), Organisation.domains.any(with_words(typed, MailDomain.name)))


def _organisation_state(value: str) -> ColumnElement[bool]:
    closed = Organisation.disabled_at.is_not(None)
    return {"open": ~closed, "afgesloten": closed}[known(value, ("open", "afgesloten"))]


def known(value: str, options: Mapping[str, str] | Sequence[str]) -> str:
    """Return a value that is one of the options; raises ValueError when it is not."""
    if value not in options:
        raise ValueError(value)
    return value


def _kind(organisation: Organisation) -> str:
    return KINDS[OrganisationKind(organisation.kind)]


def _role(role: str, roles: Mapping[str, Role]) -> str:
    return roles[role].title.split(" (")[0] if role in roles else role
