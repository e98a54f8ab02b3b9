"""Destroying a version (vernietigen): the request by one person, what another decided, and what is left of it."""

import sqlalchemy as sa
from alembic import op

import portal.db

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WAITING = sa.text("outcome IS NULL")


def upgrade() -> None:
    moment = portal.db.UtcDateTime(timezone=True)
    empty = sa.CheckConstraint(
        "destroyed_at IS NULL OR (text IS NULL AND original_sha256 IS NULL)",
        name=op.f("ck_version_destroyed_holds_nothing"),
    )
    op.add_column("version", sa.Column("destroyed_at", moment, empty, nullable=True))
    op.create_table(
        "destruction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("original_sha256", sa.String(length=64), nullable=True),
        sa.Column("copies", sa.JSON(), nullable=False),
        sa.Column("cleared_at", moment, nullable=True),
        sa.CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name=op.f("ck_destruction_decided")),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome <> 'vernietigd' OR (decided_by IS NOT NULL AND decided_by <> asked_by)",
            name=op.f("ck_destruction_by_two_people"),
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_destruction_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_destruction_decided_by")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_destruction_version_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction")),
    )
    op.create_index(op.f("ix_destruction_code"), "destruction", ["code"])
    op.create_index(op.f("ix_destruction_version_id"), "destruction", ["version_id"])
    op.create_index(
        "uq_destruction_waiting",
        "destruction",
        ["version_id"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade() -> None:
    op.drop_table("destruction")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_version_destroyed_holds_nothing"), "version", type_="check")
    op.drop_column("version", "destroyed_at")
