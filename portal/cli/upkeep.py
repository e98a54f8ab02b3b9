"""Keep an installation in order: tables and waiting mail."""

import sys

import click

from portal import schema, server
from portal.cli.base import clear_errors, fail, installation
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


COMMANDS = {"migrate": migrate, "outbox": outbox}
