"""Keep an installation in order: tables, waiting mail, the log."""

import sys

import click

from portal import schema, server
from portal.audit.queries import verify
from portal.cli.base import FIRST_FINDINGS, clear_errors, fail, installation
from portal.config import from_environment
from portal.db import Database
from portal.lib import clock
from portal.lib.tokens import Seal
from portal.notifications.operations import deliver_due


@click.command()
@clear_errors
def migrate() -> None:
    """Breng de tabellen van de database op de versie van dit programma."""
    database = Database(from_environment().database_url)
    try:
        schema.upgrade(database)
    finally:
        database.engine.dispose()
    click.echo("De database is bij.")


@click.group()
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


@click.group()
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


COMMANDS = {"migrate": migrate, "outbox": outbox, "audit": audit}
