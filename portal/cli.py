"""The same from a terminal: a command reads its arguments, calls an operation and prints one line."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import NoReturn, ParamSpec, TypeVar

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal import create_app, demonstration, schema, server, web
from portal.access import people as people_operations
from portal.access.models import Group, Organisation, OrganisationKind
from portal.access.queries import organisation_by_name, organisations, people, person_by_address
from portal.access.sign_in import make_link
from portal.audit.operations import SYSTEM
from portal.audit.queries import verify
from portal.config import Config, ConfigError, from_environment
from portal.db import Database
from portal.flow.models import flow_of
from portal.lib import clock
from portal.lib.errors import NotFound, PortalError
from portal.lib.tokens import Seal
from portal.notifications.operations import deliver_due
from portal.publishing.checks import check as find_faults
from portal.publishing.content import SINGLES, ContentError, Handbook, read, write
from portal.publishing.operations import export_handbook, import_handbook
from portal.releases.models import ItemKind, Release
from portal.releases.queries import item_in_force
from portal.releases.view import View

P = ParamSpec("P")
R = TypeVar("R")
STARTER = web.ROOT / "content"
CLEAR_ERRORS = (ConfigError, ContentError, PortalError, schema.SchemaError)
FIRST_FINDINGS = 50


def fail(message: str) -> NoReturn:
    """Say what is wrong on standard error and stop with 1."""
    click.echo(f"portal: {message}", err=True)
    sys.exit(1)


def clear_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the errors a person can act on into one line without a traceback."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except CLEAR_ERRORS as error:
            fail(str(error))
        except SQLAlchemyError as error:
            fail(f"de database werkt niet mee: {type(getattr(error, 'orig', None) or error).__name__}")
        except OSError as error:
            fail(f"{error.strerror or error}: {error.filename or ''}")

    return wrapped


@contextmanager
def installation(config: Config | None = None) -> Iterator[tuple[Config, Database]]:
    """Give settings and database of this installation, with its tables ready."""
    config = config or from_environment()
    database = Database(config.database_url)
    try:
        schema.ready(database)
        yield config, database
    finally:
        database.engine.dispose()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Beheer van het portaal voor het digitale handboek HMD/HOV."""


@main.command()
@clear_errors
def migrate() -> None:
    """Breng de tabellen van de database op de versie van dit programma."""
    database = Database(from_environment().database_url)
    try:
        schema.upgrade(database)
    finally:
        database.engine.dispose()
    click.echo("De database is bij.")


@main.command()
@click.option("--admin", required=True, metavar="EMAIL", help="Werkmailadres van de eerste beheerder.")
@click.option("--organisation", required=True, metavar="NAAM", help="Naam van de eerste organisatie (soort regio).")
@clear_errors
def init(admin: str, organisation: str) -> None:
    """Richt een nieuwe installatie in en toon één aanmeldlink voor de beheerder."""
    with installation() as (config, database), database.transaction() as session:
        now = clock.now()
        domain = people_operations.checked_address(admin).rpartition("@")[2]
        first = people_operations.add_organisation(
            session, name=organisation, kind=OrganisationKind.REGIO, domains=[domain], by=SYSTEM, at=now
        )
        person = people_operations.add_person(
            session, address=admin, organisation=first, groups=[Group.BEHEERDER], by=SYSTEM, at=now
        )
        url = make_link(session, config, person, by=SYSTEM, at=now)
    click.echo(url)


@main.command("import")
@click.argument("folder", type=click.Path(path_type=Path), metavar="MAP")
@clear_errors
def import_(folder: Path) -> None:
    """Lees een handboek in uit MAP; bij fouten wordt niets bewaard."""
    handbook = _sound(read(folder))
    with installation() as (_config, database), database.transaction() as session:
        release = import_handbook(session, handbook, by=SYSTEM, at=clock.now())
        count = len(release.versions)
        number = release.number
    if number:
        click.echo(f"Uitgave {number} is ingelezen en gepubliceerd: {count} onderdelen.")
    else:
        click.echo(f"Ingelezen als concept-uitgave: {count} gewijzigde onderdelen. Er is niets gepubliceerd.")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="MAP")
@click.option("--release", "number", type=click.IntRange(min=1), help="Uitgave; zonder keuze het handboek van vandaag.")
@clear_errors
def export(folder: Path, number: int | None) -> None:
    """Schrijf het handboek naar MAP, in dezelfde vorm als content/."""
    with installation() as (_config, database), database.reading() as session:
        handbook = export_handbook(session, at=clock.now(), number=number)
    if handbook is None:
        fail(f"uitgave {number} is er niet" if number else "er is nog geen uitgave om te schrijven")
    write(handbook, folder)
    click.echo(f"Uitgave {handbook.number} staat in {folder}: {len(handbook.items)} onderdelen.")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="[MAP]", required=False)
@clear_errors
def check(folder: Path | None) -> None:
    """Controleer de samenhang van het handboek, of van de bestanden in MAP."""
    if folder is not None:
        handbook: Handbook | None = read(folder)
    else:
        with installation() as (_config, database), database.reading() as session:
            handbook = export_handbook(session, at=clock.now())
    if handbook is None:
        fail("er is nog geen uitgave om te controleren")
    _sound(handbook)
    click.echo(f"Het handboek is in orde: {len(handbook.items)} onderdelen gecontroleerd.")


def _sound(handbook: Handbook) -> Handbook:
    """Return the handbook when it holds every rule; say what is wrong and stop when not."""
    findings = find_faults(handbook)
    for finding in findings[:FIRST_FINDINGS]:
        click.echo(str(finding), err=True)
    if findings:
        fail(f"{len(findings)} fouten gevonden; er is niets veranderd")
    return handbook


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), help="Standaard PORTAL_PORT, anders 8000.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
@clear_errors
def serve(host: str, port: int | None, workers: int) -> None:
    """Start het portaal; leest bij een leeg handboek eerst content/ in."""
    config = from_environment(port=port)
    _start(config, host=host, workers=workers, guests=())


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), help="Standaard PORTAL_PORT, anders 8000.")
@clear_errors
def demo(host: str, port: int | None) -> None:
    """Start het portaal met voorbeeldpersonen, alleen op deze computer."""
    if host not in ("127.0.0.1", "localhost", "::1"):
        fail("de demonstratie luistert alleen op deze computer zelf; kies --host 127.0.0.1 of laat --host weg")
    config = from_environment(demonstration=True, port=port)
    _start(config, host=host, workers=1, guests=demonstration.load_guests(STARTER / "demo.yaml"))


def _start(config: Config, *, host: str, workers: int, guests: Sequence[demonstration.GuestData]) -> None:
    web.set_up_logging(config.log_format)
    with installation(config) as (_config, database), database.transaction() as session:
        if not session.query(Release).filter(Release.number.is_not(None)).count():
            import_handbook(session, _sound(read(STARTER)), by=SYSTEM, at=clock.now())
        lines = demonstration.set_up(session, config, guests, at=clock.now()) if guests else _warnings(config)

    def announce() -> None:
        click.echo(f"Handboek draait op {config.base_url}")
        for line in lines:
            click.echo(line)
        sys.stdout.flush()

    offered = [guest.offered for guest in guests]
    server.serve(config, lambda: create_app(config, offered), host=host, workers=workers, announce=announce)


def _warnings(config: Config) -> list[str]:
    lines = []
    if config.second_factor:
        lines.append(
            "Let op: redacteur, beheerder en auditor kunnen niet aanmelden: de tweede factor is nog niet ingericht. "
            "Start met PORTAL_SECOND_FACTOR=off om hen zonder tweede factor toe te laten."
        )
    else:
        lines.append(
            "Let op: PORTAL_SECOND_FACTOR=off. Redacteur, beheerder en auditor melden aan zonder tweede factor."
        )
    if not config.smtp_url:
        lines.append(
            "Let op: PORTAL_SMTP_URL ontbreekt. Mail blijft in de wachtrij; maak links met 'portal link person'."
        )
    return lines


@main.group()
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
    version = item_in_force(session, View.of_everything(clock.now()), SINGLES[ItemKind.FLOW])
    if version is None:
        return
    known = [role.id for role in flow_of(version).roles.values() if role.in_portal]
    for role in roles:
        if role not in known:
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


@main.group()
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
        people_operations.add_organisation(
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
        people_operations.disable_organisation(session, name=name, by=SYSTEM, at=clock.now())
    click.echo(f"{name} is afgesloten.")


def _organisation(session: Session, name: str) -> Organisation:
    found = organisation_by_name(session, name)
    if found is None:
        raise NotFound(f"er is geen organisatie '{name}'; voeg haar toe met 'portal organisation add'")
    return found


@main.group()
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


@main.group()
def outbox() -> None:
    """De wachtrij met mail."""


@outbox.command("send")
@clear_errors
def send_outbox() -> None:
    """Verstuur wat in de wachtrij staat; mag veilig vaker."""
    with installation() as (config, database):
        transport = server.transport_of(config)
        if transport is None:
            fail("PORTAL_SMTP_URL ontbreekt; geef de mailserver, zoals smtp://mail.voorbeeld.nl:587")
        sent, failed = deliver_due(database, transport, Seal(config.secret_key), clock.now())
    click.echo(f"{sent} verzonden, {failed} mislukt.")
    if failed:
        sys.exit(1)


@main.group()
def audit() -> None:
    """Het logboek."""


@audit.command("verify")
@clear_errors
def verify_audit() -> None:
    """Controleer of niemand het logboek heeft veranderd."""
    with installation() as (_config, database), database.reading() as session:
        outcome = verify(session)
    for fault in outcome.faults[:FIRST_FINDINGS]:
        click.echo(fault, err=True)
    if outcome.faults:
        fail(f"het logboek klopt niet: {len(outcome.faults)} fouten in {outcome.count} regels")
    click.echo(f"Het logboek klopt: {outcome.count} regels, laatste kenmerk {outcome.last_hash[:16]}.")
