"""The handbook as files: bring it in, write it out, check it."""

from collections.abc import Callable
from pathlib import Path

import click

from portal.audit.operations import SYSTEM
from portal.cli.base import FIRST_FINDINGS, clear_errors, fail, installation
from portal.lib import clock
from portal.publishing.checks import Finding
from portal.publishing.checks import check as find_faults
from portal.publishing.content import Handbook, read, write
from portal.publishing.operations import export_handbook, import_handbook
from portal.releases.queries import releases
from portal.releases.view import View
from portal.search.index import reindex as make_index

BROKEN_LATER = frozenset({"BEDRAG-01", "ZICHT-01"})
"""Rules that a release may come to break rightly: another amount was decided on, or a document was closed."""


@click.command("import")
@click.argument("folder", type=click.Path(path_type=Path), metavar="MAP")
@click.option("--if-empty", is_flag=True, help="Doe niets als er al een uitgave is.")
@click.option("--as-published", is_flag=True, help="Lees een uitgave in die al gold, ook als een tekst nu achterloopt.")
@clear_errors
def import_(folder: Path, if_empty: bool, as_published: bool) -> None:
    """Lees een handboek in uit MAP; bij fouten wordt niets bewaard."""
    handbook = read(folder)
    passed = BROKEN_LATER if as_published else frozenset()
    if findings := _told(handbook, lambda finding: finding.stops and finding.rule not in passed):
        fail(f"{findings} fouten gevonden; er is niets veranderd")
    with installation() as (_config, database), database.transaction() as session:
        if if_empty and releases(session, View.of_everything(clock.now())):
            click.echo("Er is al een uitgave; er is niets veranderd.")
            return
        release = import_handbook(session, handbook, by=SYSTEM, at=clock.now())
        count = len(release.versions)
        number = release.number
    if number:
        click.echo(f"Uitgave {number} is ingelezen en gepubliceerd: {count} onderdelen.")
    else:
        click.echo(f"Ingelezen als concept-uitgave: {count} gewijzigde onderdelen. Er is niets gepubliceerd.")


@click.command()
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
    _say_destroyed(handbook)
    click.echo(f"Uitgave {handbook.number} staat in {folder}: {len(handbook.items)} onderdelen.")


@click.command()
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
    if findings := _told(handbook, lambda finding: True):
        fail(f"{findings} fouten gevonden; er is niets veranderd")
    _say_destroyed(handbook)
    click.echo(f"Het handboek is in orde: {len(handbook.items)} onderdelen gecontroleerd.")


def _told(handbook: Handbook, counts: Callable[[Finding], bool]) -> int:
    """Say what breaks a rule that counts, and return how much that is."""
    findings = [finding for finding in find_faults(handbook) if counts(finding)]
    for finding in findings[:FIRST_FINDINGS]:
        click.echo(str(finding), err=True)
    return len(findings)


def _say_destroyed(handbook: Handbook) -> None:
    """Say which documents are not in it because their text was destroyed."""
    for one in handbook.destroyed:
        click.echo(str(one))


@click.command()
@clear_errors
def reindex() -> None:
    """Maak de zoekindex opnieuw, bijvoorbeeld als hij beschadigd is."""
    with installation() as (_config, database), database.transaction() as session:
        count = make_index(session)
    click.echo(f"De zoekindex is opnieuw gemaakt: {count} onderdelen.")


COMMANDS = {"import": import_, "export": export, "check": check, "reindex": reindex}
