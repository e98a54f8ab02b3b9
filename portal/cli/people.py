"""The first beheerder, people, organisations and links."""

from collections.abc import Sequence

import click
from sqlalchemy.orm import Session

from portal.access import organisations as organisation_operations
from portal.access import people as people_operations
from portal.access.models import Group, Organisation, OrganisationKind
from portal.access.queries import organisation_by_name, organisations, people, person_by_address
from portal.access.sign_in import make_link
from portal.audit.operations import SYSTEM
from portal.cli.base import clear_errors, fail, installation
from portal.factors.operations import Vault, reset_factor
from portal.flow.queries import roles_to_give
from portal.lib import clock
from portal.lib.errors import NotFound
from portal.lib.tokens import Seal
from portal.links.invitations import LIFE_DAYS, make_invitation
from portal.links.shares import make_share
from portal.publishing import leaving as _open_work  # noqa: F401 # adds what ends when people are closed off


@click.command()
@click.option("--admin", required=True, metavar="EMAIL", help="Werkmailadres van de eerste beheerder.")
@click.option("--organisation", required=True, metavar="NAAM", help="Naam van de eerste organisatie (soort regio).")
@clear_errors
def init(admin: str, organisation: str) -> None:
    """Richt een nieuwe installatie in en toon één aanmeldlink voor de beheerder."""
    with installation() as (config, database), database.transaction() as session:
        now = clock.now()
        domain = people_operations.checked_address(admin).rpartition("@")[2]
        first = organisation_operations.add_organisation(
            session, name=organisation, kind=OrganisationKind.REGIO, domains=[domain], by=SYSTEM, at=now
        )
        person = people_operations.add_person(
            session, address=admin, organisation=first, groups=[Group.BEHEERDER], by=SYSTEM, at=now
        )
        url = make_link(session, config, person, by=SYSTEM, at=now)
    click.echo(url)


@click.group()
def person() -> None:
    """Personen toevoegen, tonen en afsluiten."""


@person.command("add")
@click.argument("email")
@click.option("--organisation", "organisation_name", required=True, metavar="NAAM")
@click.option("--name", default="", metavar="NAAM")
@click.option(
    "--role", "roles", multiple=True, metavar="ROL", help="Mag vaker; standaard volgt de rol uit de organisatie."
)
@click.option("--group", "groups", multiple=True, type=click.Choice([g.value for g in Group]))
@clear_errors
def add_person(email: str, organisation_name: str, name: str, roles: Sequence[str], groups: Sequence[str]) -> None:
    """Voeg een persoon toe aan een organisatie."""
    with installation() as (_config, database), database.transaction() as session:
        _refuse_unknown_roles(session, roles)
        added = people_operations.add_person(
            session,
            address=email,
            organisation=_organisation(session, organisation_name),
            name=name,
            roles=roles,
            groups=[Group(group) for group in groups],
            by=SYSTEM,
            at=clock.now(),
        )
        line = f"{added.email} is toegevoegd aan {added.organisation.name}."
    click.echo(line)


def _refuse_unknown_roles(session: Session, roles: Sequence[str]) -> None:
    known = roles_to_give(session, clock.now())
    for role in roles:
        if known and role not in known:
            fail(f"de rol '{role}' is er niet; kies uit: {', '.join(known)}")


@person.command("list")
@clear_errors
def list_people() -> None:
    """Toon alle personen."""
    with installation() as (_config, database), database.reading() as session:
        for one in people(session):
            state = "" if one.is_active else "  (afgesloten)"
            groups = ",".join(sorted(one.groups))
            click.echo(f"{one.email}  {one.organisation.name}  {','.join(one.roles)}  {groups}{state}")


@person.command("disable")
@click.argument("email")
@clear_errors
def disable_person(email: str) -> None:
    """Sluit een persoon af; lopende sessies eindigen meteen."""
    with installation() as (_config, database), database.transaction() as session:
        people_operations.disable_person(session, address=email, by=SYSTEM, at=clock.now())
    click.echo(f"{email} is afgesloten.")


@person.command("reset-factor")
@click.argument("email")
@clear_errors
def reset_factor_of_person(email: str) -> None:
    """Haal de tweede stap van een persoon weg; lopende sessies eindigen meteen."""
    with installation() as (config, database), database.transaction() as session:
        reset_factor(session, Vault(config, Seal(config.secret_key)), address=email, by=SYSTEM, at=clock.now())
    click.echo(f"De tweede stap van {email} is weggehaald.")


@click.group()
def organisation() -> None:
    """Organisaties toevoegen, tonen en afsluiten."""


@organisation.command("add")
@click.argument("name", metavar="NAAM")
@click.option("--kind", required=True, type=click.Choice([k.value for k in OrganisationKind]))
@click.option("--domain", "domains", multiple=True, required=True, metavar="DOMEIN", help="Maildomein; mag vaker.")
@clear_errors
def add_organisation(name: str, kind: str, domains: Sequence[str]) -> None:
    """Voeg een organisatie toe."""
    with installation() as (_config, database), database.transaction() as session:
        organisation_operations.add_organisation(
            session, name=name, kind=OrganisationKind(kind), domains=domains, by=SYSTEM, at=clock.now()
        )
    click.echo(f"{name} is toegevoegd.")


@organisation.command("list")
@clear_errors
def list_organisations() -> None:
    """Toon alle organisaties."""
    with installation() as (_config, database), database.reading() as session:
        for one in organisations(session):
            state = "  (afgesloten)" if one.disabled_at else ""
            click.echo(f"{one.name}  {one.kind}  {','.join(d.name for d in one.domains)}{state}")


@organisation.command("disable")
@click.argument("name", metavar="NAAM")
@clear_errors
def disable_organisation(name: str) -> None:
    """Sluit een organisatie af; haar mensen kunnen niet meer binnenkomen."""
    with installation() as (_config, database), database.transaction() as session:
        organisation_operations.disable_organisation(session, name=name, by=SYSTEM, at=clock.now())
    click.echo(f"{name} is afgesloten.")


def _organisation(session: Session, name: str) -> Organisation:
    found = organisation_by_name(session, name)
    if found is None:
        raise NotFound(f"er is geen organisatie '{name}'; voeg haar toe met 'portal organisation add'")
    return found


@click.group()
def link() -> None:
    """Beveiligde links maken."""


@link.command("person")
@click.argument("email")
@clear_errors
def link_person(email: str) -> None:
    """Toon een aanmeldlink voor een persoon; acht uur geldig, één keer te gebruiken."""
    with installation() as (config, database), database.transaction() as session:
        found = person_by_address(session, email)
        if found is None or not found.is_active:
            fail(f"er is geen persoon met toegang met het adres {email}")
        url = make_link(session, config, found, by=SYSTEM, at=clock.now())
    click.echo(url)


@link.command("organisation")
@click.argument("name", metavar="NAAM")
@click.option("--days", default=LIFE_DAYS, show_default=True, metavar="DAGEN", help="Hoe lang de link werkt.")
@clear_errors
def link_organisation(name: str, days: int) -> None:
    """Toon een uitnodigingslink voor een organisatie; de vorige werkt dan niet meer."""
    with installation() as (config, database), database.transaction() as session:
        found = _organisation(session, name)
        url = make_invitation(session, config, found, days=days, by=SYSTEM, at=clock.now())
    click.echo(url)


@link.command("share")
@click.argument("code")
@click.option("--version", type=int, metavar="NUMMER", help="Altijd deze versie; anders de versie die geldt.")
@click.option("--days", default=LIFE_DAYS, show_default=True, metavar="DAGEN", help="Hoe lang de link werkt.")
@clear_errors
def link_share(code: str, version: int | None, days: int) -> None:
    """Toon een link die één document laat zien, zonder account."""
    with installation() as (config, database), database.transaction() as session:
        url = make_share(session, config, code, version=version, days=days, by=SYSTEM, at=clock.now())
    click.echo(url)


COMMANDS = {"init": init, "person": person, "organisation": organisation, "link": link}
