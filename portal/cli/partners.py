"""Identity providers of partners."""

from collections.abc import Sequence
from pathlib import Path

import click
from sqlalchemy.orm import Session

from portal.access.queries import organisation_by_name
from portal.audit.operations import SYSTEM
from portal.cli.base import clear_errors, fail, installation
from portal.config import Config
from portal.flow.queries import roles_to_give
from portal.lib import clock
from portal.lib.errors import NotFound
from portal.lib.tokens import Seal
from portal.sso import operations
from portal.sso.discovery import Directory
from portal.sso.mapping import ROLE, pairs_of
from portal.sso.models import Provider
from portal.sso.operations import Account, Rules
from portal.sso.queries import provider_by_name, providers
from portal.sso.refusals import Refused

LARGEST_FILE = 64 * 1024


@click.group()
def sso() -> None:
    """Aanmelden via de eigen organisatie (OpenID Connect)."""


@sso.command("add")
@click.argument("name", metavar="NAAM")
@click.option("--organisation", "organisation_name", required=True, metavar="ORGANISATIE")
@click.option("--issuer", required=True, metavar="ADRES", help="Precies zoals de aanbieder zichzelf noemt.")
@click.option("--client-id", required=True, metavar="ID")
@click.option("--client-secret-file", "secret_file", metavar="BESTAND", type=click.Path(path_type=Path))
@click.option("--private-key-file", "key_file", metavar="BESTAND", type=click.Path(path_type=Path), help="PEM.")
@click.option("--domain", "domains", multiple=True, required=True, metavar="DOMEIN", help="Maildomein; mag vaker.")
@click.option("--group-claim", default="", metavar="CLAIM", help="Claim waarin de groepen staan.")
@click.option("--map", "pairs", multiple=True, metavar="WAARDE=RECHT", help="Wat een groep geeft; mag vaker.")
@click.option("--role", default="", metavar="ROL", help="Rol van een nieuw account; anders volgt die de organisatie.")
@clear_errors
def add(
    name: str,
    organisation_name: str,
    issuer: str,
    client_id: str,
    secret_file: Path | None,
    key_file: Path | None,
    domains: Sequence[str],
    group_claim: str,
    pairs: Sequence[str],
    role: str,
) -> None:
    """Voeg een aanbieder toe en zet hem meteen aan."""
    chosen = secret_file or key_file
    if chosen is None or (secret_file and key_file):
        raise click.UsageError("geef --client-secret-file of --private-key-file, een van beide")
    account = Account(issuer, client_id, _read(chosen), is_private_key=key_file is not None)
    rules = Rules(tuple(domains), group_claim=group_claim, mapping=pairs_of(pairs), role=role)
    with installation() as (config, database), database.transaction() as session:
        organisation = organisation_by_name(session, organisation_name)
        if organisation is None:
            raise NotFound(f"er is geen organisatie '{organisation_name}'; voeg haar toe met 'portal organisation add'")
        _refuse_unknown_roles(session, rules)
        operations.add_provider(
            session,
            Seal(config.secret_key),
            name=name,
            organisation=organisation,
            account=account,
            rules=rules,
            enabled=True,
            allow_private=config.sso_allow_private,
            by=SYSTEM,
            at=clock.now(),
        )
        address = f"{config.base_url}/sso/{name}/terug"
    click.echo(f"{name} is toegevoegd en staat aan. Geef de aanbieder dit adres om naar terug te sturen: {address}")


def _read(file: Path) -> str:
    with file.open("rb") as source:
        data = source.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE or not data.isascii():
        fail(f"{file}: hier staat geen geheim of sleutel in")
    return data.decode()


def _refuse_unknown_roles(session: Session, rules: Rules) -> None:
    known = roles_to_give(session, clock.now())
    targets = [target for values in (rules.mapping or {}).values() for target in values]
    named = [rules.role, *(target.removeprefix(ROLE) for target in targets if target.startswith(ROLE))]
    for role in filter(None, named):
        if known and role not in known:
            fail(f"de rol '{role}' is er niet; kies uit: {', '.join(known)}")


@sso.command("list")
@clear_errors
def list_all() -> None:
    """Toon alle aanbieders."""
    with installation() as (_config, database), database.reading() as session:
        for one in providers(session):
            state = "aan" if one.enabled_at else "uit"
            click.echo(f"{one.name}  {one.organisation.name}  {one.issuer}  {','.join(one.domains)}  {state}")


@sso.command("test")
@click.argument("name", metavar="NAAM")
@clear_errors
def test(name: str) -> None:
    """Vraag de aanbieder om zijn gegevens en sleutels; er verandert niets."""
    with installation() as (config, database):
        with database.reading() as session:
            found = _provider(session, name)
        directory, now = Directory(allow_private=config.sso_allow_private), clock.now()
        try:
            description, keys = directory.look_again(found, now), directory.keys(found, now)
        except Refused as refused:
            fail(f"{name}: {refused.reason.value.happened.format(wie=found.organisation.name)} ({refused.detail})")
    _tell(config, found, (description.authorization, description.token), len(keys))
    if not keys:
        fail(f"{name}: de aanbieder heeft geen sleutels die wij kunnen gebruiken ({', '.join(found.algorithms)})")


def _tell(config: Config, found: Provider, addresses: tuple[str, str], keys: int) -> None:
    state, how_many = "aan" if found.enabled_at else "uit", "1 sleutel" if keys == 1 else f"{keys} sleutels"
    click.echo(f"{found.name} antwoordt zoals afgesproken: {found.issuer}, {how_many}, staat {state}.")
    click.echo(f"Aanmelden bij {addresses[0]}, ophalen bij {addresses[1]}.")
    click.echo(f"Terugsturen naar {config.base_url}/sso/{found.name}/terug.")


@sso.command("enable")
@click.argument("name", metavar="NAAM")
@clear_errors
def enable(name: str) -> None:
    """Zet een aanbieder aan."""
    with installation() as (_config, database), database.transaction() as session:
        operations.enable(session, _provider(session, name), by=SYSTEM, at=clock.now())
    click.echo(f"{name} staat aan.")


@sso.command("disable")
@click.argument("name", metavar="NAAM")
@clear_errors
def disable(name: str) -> None:
    """Zet een aanbieder uit; sessies die daar begonnen eindigen meteen, en rechten uit zijn claims vervallen."""
    with installation() as (_config, database), database.transaction() as session:
        ended = operations.disable(session, _provider(session, name), by=SYSTEM, at=clock.now())
    click.echo(f"{name} staat uit; {'1 sessie is' if ended == 1 else f'{ended} sessies zijn'} beëindigd.")


def _provider(session: Session, name: str) -> Provider:
    found = provider_by_name(session, name)
    if found is None:
        raise NotFound(f"er is geen aanbieder '{name}'; bekijk ze met 'portal sso list'")
    return found


COMMANDS = {"sso": sso}
