"""The log: whether it is as it was written."""

import click

from portal.audit.queries import verify
from portal.cli.base import FIRST_FINDINGS, clear_errors, fail, installation


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


COMMANDS = {"audit": audit}
