"""Organisation links and share links, with who came in by them."""

import sqlalchemy as sa
from alembic import op

import portal.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, portal.db.UtcDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    for table, thing, owner in (
        ("organisation_link", "organisation_id", "organisation.id"),
        ("share_link", "item_id", "item.id"),
    ):
        version = [sa.Column("version_number", sa.Integer(), nullable=True)] if table == "share_link" else []
        op.create_table(
            table,
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("token_hash", sa.String(length=64), nullable=False),
            sa.Column(thing, sa.Integer(), nullable=False),
            *version,
            sa.Column("made_by", sa.Integer(), nullable=True),
            moment("created_at"),
            moment("expires_at"),
            moment("revoked_at", nullable=True),
            sa.Column("uses", sa.Integer(), nullable=False),
            moment("last_used_at", nullable=True),
            sa.ForeignKeyConstraint([thing], [owner], name=op.f(f"fk_{table}_{thing}")),
            sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f(f"fk_{table}_made_by")),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
            sa.UniqueConstraint("token_hash", name=op.f(f"uq_{table}_token_hash")),
        )
        op.create_index(op.f(f"ix_{table}_{thing}"), table, [thing])
    op.create_index(op.f("ix_share_link_made_by"), "share_link", ["made_by"])
    op.create_table(
        "organisation_link_use",
        sa.Column("sign_in_link_id", sa.Integer(), nullable=False),
        sa.Column("organisation_link_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["sign_in_link_id"],
            ["sign_in_link.id"],
            name=op.f("fk_organisation_link_use_sign_in_link_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_link_id"],
            ["organisation_link.id"],
            name=op.f("fk_organisation_link_use_organisation_link_id"),
        ),
        sa.PrimaryKeyConstraint("sign_in_link_id", name=op.f("pk_organisation_link_use")),
    )
    op.create_index(
        op.f("ix_organisation_link_use_organisation_link_id"), "organisation_link_use", ["organisation_link_id"]
    )
    op.create_table(
        "share_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("share_link_id", sa.Integer(), nullable=False),
        moment("created_at"),
        moment("expires_at"),
        moment("ended_at", nullable=True),
        sa.ForeignKeyConstraint(["share_link_id"], ["share_link.id"], name=op.f("fk_share_session_share_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_share_session_token_hash")),
    )
    for column in ("share_link_id", "expires_at"):
        op.create_index(op.f(f"ix_share_session_{column}"), "share_session", [column])


def downgrade() -> None:
    for table in ("share_session", "organisation_link_use", "share_link", "organisation_link"):
        op.drop_table(table)
