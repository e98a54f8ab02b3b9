"""The first tables: log, outbox, people and sessions, items with their versions and releases.

The log is append-only in the database itself: a trigger refuses to change or remove a line.
"""

import sqlalchemy as sa
from alembic import op

import portal.db

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "stamped_copy",
    "version",
    "signed_in_session",
    "sign_in_link",
    "release",
    "person_role",
    "person_group",
    "person",
    "mail_domain",
    "event_origin",
    "outbox_message",
    "organisation",
    "item",
    "event",
    "blob",
    "arrival",
)
"""All tables, each before the ones it refers to."""

POSTGRESQL_FUNCTION = """
CREATE FUNCTION event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$
"""
POSTGRESQL_TRIGGER = """
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
FOR EACH STATEMENT EXECUTE FUNCTION event_is_append_only()
"""
SQLITE_TRIGGER = """
CREATE TRIGGER event_no_{name} BEFORE {verb} ON event BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END
"""


def upgrade() -> None:
    op.create_table(
        "arrival",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=500), nullable=False),
        sa.Column("at", portal.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
    )
    op.create_index(op.f("ix_arrival_at"), "arrival", ["at"])
    op.create_index(op.f("ix_arrival_browser_hash"), "arrival", ["browser_hash"])

    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
    )
    op.create_table(
        "event",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", portal.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_event")),
        sa.UniqueConstraint("hash", name=op.f("uq_event_hash")),
    )
    op.create_index(op.f("ix_event_action"), "event", ["action"])
    op.create_index(op.f("ix_event_person_id"), "event", ["person_id"])
    op.create_index(op.f("ix_event_subject"), "event", ["subject"])

    op.create_table(
        "item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.CheckConstraint("visibility IN ('alle', 'regio')", name=op.f("ck_item_visibility")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("code", name=op.f("uq_item_code")),
    )
    op.create_index(op.f("ix_item_kind"), "item", ["kind"])

    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("disabled_at", portal.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('corporatie', 'gemeente', 'zorgaanbieder', 'regio')", name=op.f("ck_organisation_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
    )
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", portal.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("sealed_text", sa.Text(), nullable=False),
        sa.Column("next_try_at", portal.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", portal.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
    )
    op.create_index(op.f("ix_outbox_message_next_try_at"), "outbox_message", ["next_try_at"])

    op.create_table(
        "event_origin",
        sa.Column("event_number", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["event_number"], ["event.number"], name=op.f("fk_event_origin_event_number")),
        sa.PrimaryKeyConstraint("event_number", name=op.f("pk_event_origin")),
    )
    op.create_table(
        "mail_domain",
        sa.Column("name", sa.String(length=253), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_mail_domain_organisation_id")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mail_domain")),
    )
    op.create_index(op.f("ix_mail_domain_organisation_id"), "mail_domain", ["organisation_id"])

    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_at", portal.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", portal.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_person_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_index(op.f("ix_person_organisation_id"), "person", ["organisation_id"])

    op.create_table(
        "person_group",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("group", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "\"group\" IN ('lezer', 'redacteur', 'beheerder', 'auditor')", name=op.f("ck_person_group_group")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_group_person_id")),
        sa.PrimaryKeyConstraint("person_id", "group", name=op.f("pk_person_group")),
    )
    op.create_table(
        "person_role",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_role_person_id")),
        sa.PrimaryKeyConstraint("person_id", "role", name=op.f("pk_person_role")),
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("created_at", portal.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("published_at", portal.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "number IS NULL OR (published_at IS NOT NULL AND effective_on IS NOT NULL AND decided_on IS NOT NULL)",
            name=op.f("ck_release_published_is_complete"),
        ),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_release_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("number", name=op.f("uq_release_number")),
    )
    op.create_index(op.f("ix_release_effective_on"), "release", ["effective_on"])

    op.create_table(
        "sign_in_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(length=500), nullable=True),
        sa.Column("created_at", portal.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", portal.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", portal.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_link_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_link_token_hash")),
    )
    op.create_index(op.f("ix_sign_in_link_address_hash"), "sign_in_link", ["address_hash"])
    op.create_index(op.f("ix_sign_in_link_browser_hash"), "sign_in_link", ["browser_hash"])
    op.create_index(op.f("ix_sign_in_link_expires_at"), "sign_in_link", ["expires_at"])
    op.create_index(op.f("ix_sign_in_link_person_id"), "sign_in_link", ["person_id"])

    op.create_table(
        "signed_in_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("created_at", portal.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", portal.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("idle_until", portal.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", portal.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", portal.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["link_id"], ["sign_in_link.id"], name=op.f("fk_signed_in_session_link_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_signed_in_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_in_session")),
        sa.UniqueConstraint("link_id", name=op.f("uq_signed_in_session_link_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_signed_in_session_token_hash")),
    )
    op.create_index(op.f("ix_signed_in_session_expires_at"), "signed_in_session", ["expires_at"])
    op.create_index(op.f("ix_signed_in_session_person_id"), "signed_in_session", ["person_id"])

    op.create_table(
        "version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("created_at", portal.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("change_note", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("original_sha256", sa.String(length=64), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["based_on"], ["version.id"], name=op.f("fk_version_based_on")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_version_created_by")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_version_item_id")),
        sa.ForeignKeyConstraint(["original_sha256"], ["blob.sha256"], name=op.f("fk_version_original_sha256")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_version_release_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_version_item_id_number")),
        sa.UniqueConstraint("release_id", "item_id", name=op.f("uq_version_release_id_item_id")),
    )
    op.create_index(op.f("ix_version_content_hash"), "version", ["content_hash"])
    op.create_index(op.f("ix_version_item_id"), "version", ["item_id"])
    op.create_index(op.f("ix_version_release_id"), "version", ["release_id"])

    op.create_table(
        "stamped_copy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("made_at", portal.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=60), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"], name=op.f("fk_stamped_copy_sha256")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_stamped_copy_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stamped_copy")),
    )
    op.create_index(op.f("ix_stamped_copy_version_id"), "stamped_copy", ["version_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRESQL_FUNCTION)
        op.execute(POSTGRESQL_TRIGGER)
    else:
        for verb in ("UPDATE", "DELETE"):
            op.execute(SQLITE_TRIGGER.format(verb=verb, name=verb.lower()))


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION event_is_append_only()")
