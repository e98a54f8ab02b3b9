"""A database that is damaged, of another version, or away: one line each, and the file is left as it is."""

from pathlib import Path

import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from portal import schema
from portal.db import Database
from portal.publishing.content import Handbook
from portal.revision import NEWEST, SchemaError, Tables, tables_of
from tests.conftest import POSTGRESQL, Site, Templates, fill
from tests.running import Running, free_port, portal, refused
from tests.small import small

needs_postgresql = pytest.mark.skipif(not POSTGRESQL, reason="PORTAL_TEST_DATABASE_URL noemt geen PostgreSQL")
KEY = "a key for tests only, 32 characters or more"
COMMANDS = [("person", "list"), ("migrate",), ("serve",)]


def execute(url: str, *statements: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("damage", ["no database", "cut off", "overwritten"])
def test_a_damaged_file(templates: Templates, tmp_path: Path, words: tuple[str, ...], damage: str) -> None:
    instance = tmp_path / "instance"
    instance.mkdir()
    file = Path(templates.copy("sqlite", "blank", lambda database: None).removeprefix("sqlite:///"))
    file = file.rename(instance / "portal.db")
    sound = file.read_bytes()
    damaged = {"no database": b"dit is een brief\n" * 999, "cut off": sound[: len(sound) // 2 // 4096 * 4096]}
    file.write_bytes(damaged.get(damage, sound[:4096] + b"\xff" * (len(sound) - 4096)))
    before = file.read_bytes()
    refused(portal(instance, *words, PORTAL_SECRET_KEY=KEY, PORTAL_PORT=str(free_port())), "beschadigd", "reservekopie")
    assert file.read_bytes() == before
    if words == COMMANDS[0]:
        file.write_bytes(sound)
        assert portal(instance, *words, PORTAL_SECRET_KEY=KEY).returncode == 0


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_database_of_a_newer_program(blank_url: str, tmp_path: Path, words: tuple[str, ...]) -> None:
    execute(blank_url, "UPDATE alembic_version SET version_num = '9999'")
    done = portal(tmp_path / "i", *words, PORTAL_DATABASE_URL=blank_url, PORTAL_PORT=str(free_port()))
    refused(done, "9999", "nieuwere versie")
    if words == COMMANDS[0]:
        execute(blank_url, f"UPDATE alembic_version SET version_num = '{NEWEST}'")  # noqa: S608 # our own constant
        assert portal(tmp_path / "i", *words, PORTAL_DATABASE_URL=blank_url).returncode == 0


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_database_of_another_program(tmp_path: Path, words: tuple[str, ...]) -> None:
    url = f"sqlite:///{tmp_path}/ander.db"
    execute(url, "CREATE TABLE klanten (naam TEXT)")
    done = portal(tmp_path / "i", *words, PORTAL_DATABASE_URL=url, PORTAL_PORT=str(free_port()))
    refused(done, "ander programma", "lege database")


def test_a_version_that_no_migration_made(blank_url: str, tmp_path: Path) -> None:
    execute(blank_url, "UPDATE alembic_version SET version_num = '0000'")
    refused(portal(tmp_path / "i", "migrate", PORTAL_DATABASE_URL=blank_url), "0000")


def test_an_older_database_waits_for_migrate(small_site: Site, tmp_path: Path) -> None:
    site, url = small_site, small_site.config.database_url
    to_oldest(site.database)
    refused(portal(tmp_path / "i", "person", "list", PORTAL_DATABASE_URL=url), "portal migrate")
    assert tables_of(site.database) is Tables.OLDER
    assert portal(tmp_path / "i", "migrate", PORTAL_DATABASE_URL=url).returncode == 0
    assert tables_of(site.database) is Tables.CURRENT
    assert "auditor@" in portal(tmp_path / "i", "person", "list", PORTAL_DATABASE_URL=url).stdout


def test_serving_migrates_an_older_database_by_itself(small_site: Site, tmp_path: Path) -> None:
    site = small_site
    to_oldest(site.database)
    assert site.visitor().get("/readyz").status_code == 503
    with Running(tmp_path / "i", "serve", PORTAL_DATABASE_URL=site.config.database_url) as running:
        running.lines("Handboek draait op")
        assert running.ask("GET", "/healthz")[0] == 200
    assert tables_of(site.database) is Tables.CURRENT
    assert site.visitor().get("/readyz").status_code == 200


def to_oldest(database: Database) -> None:
    """Bring the tables back to those of the first version."""
    command.downgrade(schema.alembic_config(database), "0001")
    database.engine.dispose()


def test_a_migration_that_fails_changes_nothing(
    small_site: Site, monkeypatch: pytest.MonkeyPatch, handbook: Handbook
) -> None:
    """Every step runs and then something goes wrong: all of them are undone."""
    site = small_site
    command.downgrade(schema.alembic_config(site.database), "base")
    monkeypatch.setattr("alembic.runtime.migration.HeadMaintainer.update_to_step", refuse)
    with pytest.raises(SchemaError, match="met opzet"):
        schema.upgrade(site.database)
    assert tables_of(site.database) is Tables.NONE
    monkeypatch.undo()
    schema.upgrade(site.database)
    fill(site.database, small(handbook))
    assert site.visitor().get("/readyz").status_code == 200


def refuse(*_words: object) -> None:
    raise CommandError("met opzet")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_server_that_is_away(tmp_path: Path, words: tuple[str, ...]) -> None:
    url = f"postgresql://niemand:geheim@127.0.0.1:{free_port()}/niets"
    done = portal(tmp_path / "i", *words, PORTAL_DATABASE_URL=url, PORTAL_PORT=str(free_port()))
    refused(done, "antwoordt niet", "PORTAL_DATABASE_URL")
    assert "geheim" not in done.stderr


@needs_postgresql
def test_a_database_name_that_is_not_there(tmp_path: Path) -> None:
    url = POSTGRESQL.rpartition("/")[0] + "/bestaat_niet"
    refused(portal(tmp_path / "i", "person", "list", PORTAL_DATABASE_URL=url), "antwoordt niet", "PORTAL_DATABASE_URL")


@needs_postgresql
def test_a_read_only_server(templates: Templates, handbook: Handbook, tmp_path: Path) -> None:
    url = templates.copy("postgresql", "small", lambda database: fill(database, small(handbook)))
    name = url.rpartition("/")[2]
    add = ("organisation", "add", "Nieuw", "--kind", "regio", "--domain", "nieuw.example")
    execute(url, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    refused(portal(tmp_path / "i", *add, PORTAL_DATABASE_URL=url), "alleen-lezen")
    assert "auditor@" in portal(tmp_path / "i", "person", "list", PORTAL_DATABASE_URL=url).stdout
    execute(url, "SET transaction_read_only = off", f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    assert portal(tmp_path / "i", *add, PORTAL_DATABASE_URL=url).returncode == 0
    templates.drop_copy(url)


def test_readiness_says_what_is_missing(site: Site, empty_site: Site) -> None:
    assert site.visitor().get("/readyz").get_data(as_text=True) == "ok\n"
    answer = empty_site.visitor().get("/readyz")
    assert (answer.status_code, answer.get_data(as_text=True)) == (503, "er is nog geen handboek gepubliceerd\n")


def test_readiness_without_database(site: Site, tmp_path: Path) -> None:
    site.app.extensions["portal_database"] = Database(f"sqlite:///{tmp_path}/geen/map/portal.db")
    answer = site.visitor().get("/readyz")
    assert (answer.status_code, answer.get_data(as_text=True)) == (503, "de database antwoordt niet\n")
    assert site.visitor().get("/healthz").status_code == 200
    page = site.visitor().get("/aanmelden")
    assert page.status_code == 503
    assert "even niet bereikbaar" in page.get_data(as_text=True)
