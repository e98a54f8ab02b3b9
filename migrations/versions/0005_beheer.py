"""Of a person: when they last signed in, when they were last invited, and whether they are a contact person."""

import sqlalchemy as sa
from alembic import op

import portal.db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PERSON = sa.table("person", sa.column("id"), sa.column("last_signed_in_at"))
EVENT = sa.table("event", sa.column("at"), sa.column("action"), sa.column("person_id"))


def upgrade() -> None:
    op.add_column("person", sa.Column("last_signed_in_at", portal.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column("person", sa.Column("invited_at", portal.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column("person", sa.Column("is_contact", sa.Boolean(), nullable=False, server_default=sa.false()))
    signed_in = (  # the log knows longer than the sessions, whose rows are removed one day
        sa.select(sa.func.max(EVENT.c.at))
        .where(EVENT.c.action == "sign_in.done", EVENT.c.person_id == PERSON.c.id)
        .scalar_subquery()
    )
    op.execute(sa.update(PERSON).values(last_signed_in_at=signed_in))


def downgrade() -> None:
    for name in ("is_contact", "invited_at", "last_signed_in_at"):
        op.drop_column("person", name)
