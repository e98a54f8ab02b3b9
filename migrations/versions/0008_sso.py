"""Identity providers of partners, attempts to sign in by one, and who somebody is there."""

import sqlalchemy as sa
from alembic import op

import portal.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = portal.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sso_provider",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("client_id", sa.String(length=200), nullable=False),
        sa.Column("auth_method", sa.String(length=20), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("sealed_next_secret", sa.Text(), nullable=True),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("domains", sa.JSON(), nullable=False),
        sa.Column("group_claim", sa.String(length=100), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("algorithms", sa.JSON(), nullable=False),
        sa.Column("factor_values", sa.JSON(), nullable=False),
        sa.Column("leeway", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("enabled_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "auth_method IN ('client_secret_post', 'client_secret_basic', 'private_key_jwt')",
            name=op.f("ck_sso_provider_auth_method"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_sso_provider_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sso_provider")),
        sa.UniqueConstraint("name", name=op.f("uq_sso_provider_name")),
    )
    op.create_index(op.f("ix_sso_provider_organisation_id"), "sso_provider", ["organisation_id"])
    op.create_table(
        "sso_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=500), nullable=True),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("spent_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sso_attempt_person_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["sso_provider.id"], name=op.f("fk_sso_attempt_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sso_attempt")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_sso_attempt_state_hash")),
    )
    for column in ("browser_hash", "expires_at", "person_id", "provider_id"):
        op.create_index(op.f(f"ix_sso_attempt_{column}"), "sso_attempt", [column])
    op.create_table(
        "sso_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("waits_for_id", sa.Integer(), nullable=True),
        sa.Column("given_groups", sa.JSON(), nullable=False),
        sa.Column("given_roles", sa.JSON(), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sso_identity_person_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["sso_provider.id"], name=op.f("fk_sso_identity_provider_id")),
        sa.ForeignKeyConstraint(["waits_for_id"], ["person.id"], name=op.f("fk_sso_identity_waits_for_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sso_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_sso_identity_issuer_subject")),
    )
    for column in ("person_id", "provider_id", "waits_for_id"):
        op.create_index(op.f(f"ix_sso_identity_{column}"), "sso_identity", [column])
    op.create_table(
        "sso_session",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["sso_identity.id"], name=op.f("fk_sso_session_identity_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["sso_provider.id"], name=op.f("fk_sso_session_provider_id")),
        sa.ForeignKeyConstraint(["session_id"], ["signed_in_session.id"], name=op.f("fk_sso_session_session_id")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_sso_session")),
    )
    for column in ("identity_id", "provider_id"):
        op.create_index(op.f(f"ix_sso_session_{column}"), "sso_session", [column])


def downgrade() -> None:
    for name in ("sso_session", "sso_identity", "sso_attempt", "sso_provider"):
        op.drop_table(name)
