"""The words of titles beside those of sections, and a quicker full text on PostgreSQL.

What was indexed goes: the next start makes the index anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDEX = ("search_text", "search_word", "search_section", "search_entry", "search_state")
POSTGRESQL = (
    "ALTER TABLE search_text ALTER COLUMN vector SET STORAGE EXTERNAL",
    "ALTER INDEX ix_search_text_vector SET (fastupdate = off)",
)
POSTGRESQL_BEFORE = (
    "ALTER TABLE search_text ALTER COLUMN vector SET STORAGE EXTENDED",
    "ALTER INDEX ix_search_text_vector RESET (fastupdate)",
)
COLUMNS = (("title_stems", sa.Text()), ("title_offsets", sa.LargeBinary()))


def upgrade() -> None:
    _empty()
    for name, kind in COLUMNS:  # the default is never used: SQLite asks for one, although there are no rows
        op.add_column("search_entry", sa.Column(name, kind, nullable=False, server_default=""))
    if op.get_bind().dialect.name == "postgresql":
        for statement in POSTGRESQL:
            op.execute(statement)


def downgrade() -> None:
    _empty()
    for name, _kind in COLUMNS:
        op.drop_column("search_entry", name)
    if op.get_bind().dialect.name == "postgresql":
        for statement in POSTGRESQL_BEFORE:
            op.execute(statement)


def _empty() -> None:
    for table in INDEX:
        op.execute(sa.delete(sa.table(table)))
