"""The lists of identity providers and of who came by them: columns, filters and orders."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from portal.access.models import Group, Organisation, Person
from portal.admin.forms import GROUPS
from portal.admin.listings import NAME, ORGANISATION, by_organisation, known
from portal.lists import Column, Filter, Listing, with_words
from portal.sso.models import Identity, Provider

STATES: Mapping[str, str] = {"aan": "Aan", "uit": "Uit"}
LINKED: Mapping[str, str] = {"wacht": "Wacht op koppeling", "gekoppeld": "Gekoppeld"}


def providers_listing(organisations: Sequence[Organisation]) -> Listing[Provider]:
    """Return the list of identity providers."""
    state = case((Provider.enabled_at.is_not(None), "aan"), else_="uit")
    return Listing(
        name="aanbieders",
        query=select(Provider).join(Provider.organisation),
        read=_read_providers,
        columns=(
            Column("organisatie", "Organisatie", lambda one: one.organisation.name, (ORGANISATION, Provider.name)),
            Column("naam", "Korte naam", lambda one: one.name, (Provider.name,)),
            Column("domeinen", "Maildomeinen", lambda one: ", ".join(one.domains)),
            Column("stand", "Stand", lambda one: "Aan" if one.enabled_at else "Uit", (state, ORGANISATION)),
            Column("issuer", "Issuer", lambda one: one.issuer, only_in_file=True),
            Column("dicht", "Organisatie afgesloten op", lambda one: one.organisation.disabled_at, only_in_file=True),
        ),
        filters=(
            Filter("q", "Organisatie of naam", lambda typed: with_words(typed, Organisation.name, Provider.name)),
            by_organisation(Provider.organisation_id, organisations),
            Filter("stand", "Stand", lambda value: state == known(value, STATES), list(STATES.items())),
        ),
        last=(Provider.id,),
    )


def identities_listing(providers: Sequence[Provider]) -> Listing[Identity]:
    """Return the list of who came by a provider, those who wait to be linked first."""
    account = func.coalesce(Identity.person_id, Identity.waits_for_id)
    state = case((Identity.person_id.is_(None), "wacht"), else_="gekoppeld")
    waiting_first = case((Identity.person_id.is_(None), 0), else_=1)
    options = [(one.name, f"{one.organisation.name} ({one.name})") for one in providers]
    return Listing(
        name="koppelingen",
        query=select(Identity).join(Person, Person.id == account).join(Identity.provider).join(Provider.organisation),
        read=_read_identities,
        columns=(
            Column("naam", "Account", lambda one: account_of(one).name, (NAME,)),
            Column("adres", "Werkmailadres", lambda one: account_of(one).email, only_in_file=True),
            Column("aanbieder", "Aanbieder", lambda one: one.provider.organisation.name, (ORGANISATION, NAME)),
            Column("gezien", "Laatst gezien", lambda one: one.last_seen_at, (Identity.last_seen_at,)),
            Column("rechten", "Rechten uit de claims", given_in_words),
            Column("stand", "Stand", lambda one: LINKED["gekoppeld" if one.person else "wacht"], (waiting_first, NAME)),
        ),
        filters=(
            Filter("q", "Naam of mailadres", lambda typed: with_words(typed, Person.name, Person.email)),
            Filter(
                "aanbieder",
                "Aanbieder",
                lambda name: Provider.name == known(name, dict(options)),
                options,
                "Alle aanbieders",
            ),
            Filter("stand", "Stand", lambda value: state == known(value, LINKED), list(LINKED.items())),
        ),
        last=(Identity.id,),
        usual="stand",
    )


def account_of(identity: Identity) -> Person:
    """Return the account that an identity is linked to or waits for; the list holds no others."""
    found = identity.person or identity.waits_for
    assert found is not None  # noqa: S101 # the list joins on it; for the type checker
    return found


def given_in_words(identity: Identity) -> str:
    """Return which rights the claims gave."""
    return ", ".join(GROUPS[Group(one)] for one in identity.given_groups) or "Geen"


def _read_providers(session: Session, query: Select[*tuple[Any, ...]]) -> Sequence[Provider]:
    return list(session.scalars(query.options(contains_eager(Provider.organisation))))


def _read_identities(session: Session, query: Select[*tuple[Any, ...]]) -> Sequence[Identity]:
    rows = query.options(
        contains_eager(Identity.provider).contains_eager(Provider.organisation),
        selectinload(Identity.person),
        selectinload(Identity.waits_for),
    )
    return list(session.scalars(rows))
