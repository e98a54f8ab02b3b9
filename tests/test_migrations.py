"""Migrations and models agree, on an empty database and on one with rows in place."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from portal import schema
from portal.db import Base, Database
from portal.revision import NEWEST, Tables, tables_of
from tests.conftest import Site


def tables(database: Database) -> set[str]:
    found = set(inspect(database.engine).get_table_names()) - {"alembic_version"}
    return {name for name in found if not name.startswith("search_text")}  # the full text is no table of the models


def test_models_and_migrations_agree(blank_url: str) -> None:
    database = Database(blank_url)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    assert [one for one in differences if "search_text" not in str(one[1].name)] == []  # no table of the models
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
        command.upgrade(config, "head")
    assert tables_of(site.database) is Tables.CURRENT


def test_an_empty_database_is_made_ready(templates: object, tmp_path: object) -> None:
    database = Database(f"sqlite:///{tmp_path}/new.db")
    assert tables_of(database) is Tables.NONE
    schema.upgrade(database)
    schema.upgrade(database)
    assert tables(database) == set(Base.metadata.tables)
    database.engine.dispose()


def test_the_newest_revision_is_known_without_alembic() -> None:
    scripts = ScriptDirectory.from_config(schema.alembic_config(Database("sqlite://")))
    assert scripts.get_current_head() == NEWEST
