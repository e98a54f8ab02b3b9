"""The offline edition: make one, and check whether a file is one."""

import os
import re
import tempfile
from pathlib import Path

import click

from portal.audit.operations import SYSTEM
from portal.cli.base import FIRST_FINDINGS, clear_errors, fail, installation
from portal.config import secret_key_if_any
from portal.editions.book import gather
from portal.editions.bundle import edition_of
from portal.editions.downloads import record_download
from portal.editions.signing import FINGERPRINT_LENGTH, in_groups, signing_key, tidy
from portal.editions.verifying import Stated, examine_file
from portal.lib import clock


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="BESTAND")
@click.option("--release", "number", type=click.IntRange(min=1), help="Uitgave; zonder keuze het handboek van vandaag.")
@click.option("--all", "everything", is_flag=True, help="Ook wat alleen voor de Regio is.")
@clear_errors
def edition(file: Path, number: int | None, everything: bool) -> None:
    """Schrijf de offline uitgave naar BESTAND: een ondertekend ZIP-bestand."""
    with installation() as (config, database):
        at, key = clock.now(), signing_key(config.secret_key)
        with database.reading() as session:
            book = gather(session, at=at, number=number, everything=everything)
            if book is None:
                fail(f"uitgave {number} is er niet" if number else "er is nog geen uitgave om te schrijven")
            data, made = edition_of(book, key), book.handbook.number
        with database.transaction() as session:
            record_download(session, made, data, key, everything=everything, by=SYSTEM, at=at)
            _write(file, data)
    for destroyed in book.handbook.destroyed:
        click.echo(str(destroyed))
    click.echo(f"Uitgave {made} staat in {file}, ondertekend met de sleutel {in_groups(key.public.fingerprint)}.")


def _write(file: Path, data: bytes) -> None:
    """Write a file whole or not at all, for its owner only; one that was there is replaced."""
    if file.exists() and not file.is_file():
        fail(f"{file} is geen gewoon bestand; kies een andere naam")
    if not file.parent.is_dir():
        fail(f"de map {file.parent} is er niet; maak haar eerst")
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with open(descriptor, "wb") as target:
            target.write(data)
        os.replace(name, file)
    except BaseException:
        os.unlink(name)
        raise


def _fingerprint(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(rf"[0-9a-f]{{{FINGERPRINT_LENGTH}}}", tidy(value)):
        raise click.BadParameter(f"geef het hele kenmerk: {FINGERPRINT_LENGTH} cijfers en letters van a tot en met f")
    return value and tidy(value)


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="BESTAND")
@click.option("--key", metavar="KENMERK", callback=_fingerprint, help="Kenmerk van de sleutel waarmee u vergelijkt.")
@clear_errors
def verify(file: Path, key: str | None) -> None:
    """Controleer of een offline uitgave heel is, en van wie zij is.

    Zonder --key wordt vergeleken met de sleutel van deze installatie. Is hier geen installatie, dan ziet u alleen of de
    uitgave heel is, en het kenmerk van haar sleutel. Er wordt niets uitgepakt.
    """
    verdict = examine_file(file)
    for fault in verdict.faults[:FIRST_FINDINGS]:
        click.echo(fault, err=True)
    if verdict.faults or verdict.stated is None:
        count = len(verdict.faults)
        fail(f"{file} is geen hele uitgave: {count} {'fout' if count == 1 else 'fouten'}; vertrouw dit bestand niet")
    secret = None if key else secret_key_if_any()
    expected = key or (signing_key(secret).public.fingerprint if secret else None)
    whose = "de sleutel die u noemt" if key else "de sleutel van deze installatie"
    shown = in_groups(verdict.fingerprint)
    if expected and expected != verdict.fingerprint:
        fail(f"{file} is heel, maar niet ondertekend met {whose}: de sleutel is {shown}")
    if expected:
        click.echo(f"{_told(verdict.stated)} is heel en ondertekend met {whose}: {shown}.")
    else:
        click.echo(
            f"{_told(verdict.stated)} is heel. Van wie zij is, is hier niet te zien: vergelijk het kenmerk van de "
            f"sleutel met dat van de uitgever, {shown}."
        )


def _told(stated: Stated) -> str:
    contents = "alles" if stated.everything else "wat alle lezers mogen zien"
    day = clock.in_words(stated.effective_on)
    return f"Uitgave {stated.release}, geldig vanaf {day} ({stated.files} bestanden, {contents})"


COMMANDS = {"edition": edition, "verify": verify}
