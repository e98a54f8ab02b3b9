"""Migrations and models agree, on an empty database and on one with rows in place."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from portal import schema
from portal.db import Base, Database
from tests.conftest import Site


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_models_and_migrations_agree(blank_url: str) -> None:
    database = Database(blank_url)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    assert differences == []
    database.engine.dispose()


def test_up_down_and_up_again_with_rows_in_place(site: Site) -> None:
    database = site.database
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM version")).scalar_one() > 40
    command.downgrade(schema.alembic_config(database), "base")
    assert tables(database) == set()
    schema.upgrade(database)
    assert tables(database) == set(Base.metadata.tables)


def test_every_step_runs_with_rows_in_place(site: Site) -> None:
    """Each migration down and up again: the newest one first, on a filled database."""
    config = schema.alembic_config(site.database)
    revisions = list(ScriptDirectory.from_config(config).walk_revisions())
    for revision in revisions[:-1]:
        command.downgrade(config, str(revision.down_revision))
        command.upgrade(config, revision.revision)
    schema.ready(site.database)


def test_an_empty_database_is_made_ready(templates: object, tmp_path: object) -> None:
    database = Database(f"sqlite:///{tmp_path}/new.db")
    schema.ready(database)
    schema.ready(database)
    assert tables(database) == set(Base.metadata.tables)
    database.engine.dispose()
