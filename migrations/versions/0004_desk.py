"""What the desk needs: what an editor says of a change, withdrawals, and edits that are not finished yet."""

import sqlalchemy as sa
from alembic import op

import portal.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

VERSION = (
    ("minor", sa.Boolean(), sa.false()),
    ("applies_to", sa.String(length=10), None),
    ("withdrawn", sa.Boolean(), sa.false()),
    ("successor", sa.String(length=40), None),
)


def upgrade() -> None:
    for name, kind, default in VERSION:
        op.add_column("version", sa.Column(name, kind, nullable=default is None, server_default=default))
    op.add_column("release", sa.Column("retroactive_reason", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "edit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("replaces", sa.String(length=64), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("blocks", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("original_sha256", sa.String(length=64), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("minor", sa.Boolean(), nullable=False),
        sa.Column("applies_to", sa.String(length=10), nullable=False),
        sa.Column("begun_at", portal.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("saved_at", portal.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["based_on"], ["version.id"], name=op.f("fk_edit_based_on")),
        sa.ForeignKeyConstraint(["original_sha256"], ["blob.sha256"], name=op.f("fk_edit_original_sha256")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_edit_person_id")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_edit_release_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edit")),
        sa.UniqueConstraint("release_id", "person_id", "code", name=op.f("uq_edit_release_id_person_id_code")),
    )
    op.create_index(op.f("ix_edit_person_id"), "edit", ["person_id"])
    op.create_index(op.f("ix_edit_release_id"), "edit", ["release_id"])


def downgrade() -> None:
    op.drop_table("edit")
    op.drop_column("release", "retroactive_reason")
    for name, _kind, _default in VERSION:
        op.drop_column("version", name)
