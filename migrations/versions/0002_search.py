"""The search index: derived from the published versions, and left empty here; it is made when it is first needed.

The full text itself is a virtual table on SQLite and a table with a tsvector on PostgreSQL.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE = """
CREATE VIRTUAL TABLE search_text
USING fts5(title, keywords, body, title_parts, body_parts, words, tokenize = 'ascii')
"""
POSTGRESQL = (
    "CREATE TABLE search_text (entry_id integer PRIMARY KEY, vector tsvector NOT NULL)",
    "CREATE INDEX ix_search_text_vector ON search_text USING gin (vector)",
)


def upgrade() -> None:
    op.create_table(
        "search_state",
        sa.Column("recipe", sa.String(length=200), nullable=False),
        sa.Column("mark", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("recipe", name=op.f("pk_search_state")),
    )
    op.create_table(
        "search_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_search_entry_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
    )
    op.create_index(op.f("ix_search_entry_version_id"), "search_entry", ["version_id"])
    op.create_table(
        "search_section",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.String(length=200), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("stems", sa.Text(), nullable=False),
        sa.Column("offsets", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["search_entry.id"], name=op.f("fk_search_section_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", "position", name=op.f("pk_search_section")),
    )
    op.create_table(
        "search_word",
        sa.Column("word", sa.String(length=80), nullable=False),
        sa.Column("stem", sa.String(length=80), nullable=False),
        sa.Column("porter", sa.String(length=80), nullable=False),
        sa.Column("head", sa.String(length=40), nullable=False),
        sa.Column("tail", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_word")),
    )
    for name in ("porter", "head", "tail"):
        op.create_index(op.f(f"ix_search_word_{name}"), "search_word", [name])
    op.create_table(
        "search_miss",
        sa.Column("words", sa.String(length=100), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("words", name=op.f("pk_search_miss")),
    )
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else (SQLITE,):
        op.execute(statement)


def downgrade() -> None:
    for table in ("search_text", "search_miss", "search_word", "search_section", "search_entry", "search_state"):
        op.drop_table(table)
