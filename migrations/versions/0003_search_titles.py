"""The words of titles beside those of sections. What was indexed goes: the next start makes the index anew."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDEX = ("search_text", "search_word", "search_section", "search_entry", "search_state")
COLUMNS = (("title_stems", sa.Text()), ("title_offsets", sa.LargeBinary()))


def upgrade() -> None:
    _empty()
    for name, kind in COLUMNS:  # the default is never used: SQLite asks for one, although there are no rows
        op.add_column("search_entry", sa.Column(name, kind, nullable=False, server_default=""))


def downgrade() -> None:
    _empty()
    for name, _kind in COLUMNS:
        op.drop_column("search_entry", name)


def _empty() -> None:
    for table in INDEX:
        op.execute(sa.delete(sa.table(table)))
