"""Runs the migrations: one process at a time, and all of them or none."""

from alembic import context
from sqlalchemy import text

from portal.db import Base

MIGRATION_LOCK = 7_446_202
"""PostgreSQL advisory lock: a second migration waits for the first. SQLite's BEGIN IMMEDIATE does that by itself."""


def made_by_models(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the full text, which is no table of the models: a virtual one with tables of its own on SQLite."""
    return not (kind == "table" and str(name).startswith("search_text"))


# One transaction around reading the version and every step: a process that is killed halfway leaves the old tables.
with context.config.attributes["engine"].begin() as connection:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        include_name=made_by_models,
    )
    with context.begin_transaction():
        context.run_migrations()
