"""Start the server: for real, or as a demonstration."""

import sys
from collections.abc import Sequence

import click
from sqlalchemy import select

from portal import demonstration, server, web
from portal.app import create_app
from portal.cli.base import clear_errors, fail, installation, portal
from portal.config import Config, from_environment
from portal.db import Database
from portal.lib import clock
from portal.releases.models import Release
from portal.search.index import is_whole

STARTER = web.ROOT / "content"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), help="Standaard PORTAL_PORT, anders 8000.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
@clear_errors
def serve(host: str, port: int | None, workers: int) -> None:
    """Start het portaal; leest bij een leeg handboek eerst content/ in."""
    config = from_environment(port=port)
    _start(config, host=host, workers=workers, guests=())


@click.command()
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
    with server.only_server(config.data_dir):
        server.listen(host, config.port).close()  # before anything changes; not kept, or readers would wait for it
        with installation(config, upgrade=True) as (_config, database):
            with database.reading() as session:
                filled = session.scalar(select(Release.id).where(Release.number.is_not(None)).limit(1))
            if not filled:
                portal("import", str(STARTER), "--if-empty")
            if not searchable(database):
                portal("reindex", stop=False)
            with database.transaction() as session:
                lines = demonstration.set_up(session, config, guests, at=clock.now()) if guests else _warnings(config)

        def announce() -> None:
            click.echo(f"Handboek draait op {config.base_url}")
            for line in lines:
                click.echo(line)
            sys.stdout.flush()

        offered = [guest.offered for guest in guests]
        server.serve(config, lambda: create_app(config, offered), host=host, workers=workers, announce=announce)


def searchable(database: Database) -> bool:
    """Tell whether the search index is whole. It is derived: whatever is wrong with it, the handbook can be read."""
    with database.transaction() as session:
        return is_whole(session)


def _warnings(config: Config) -> list[str]:
    lines = []
    if not config.second_factor:
        lines.append(
            "Let op: PORTAL_SECOND_FACTOR=off. Redacteur, beheerder en auditor melden aan zonder tweede factor."
        )
    if not config.smtp_url:
        lines.append(
            "Let op: PORTAL_SMTP_URL ontbreekt. Mail blijft in de wachtrij; maak links met 'portal link person'."
        )
    return lines


COMMANDS = {"serve": serve, "demo": demo}
