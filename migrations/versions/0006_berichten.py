"""Mail about changes: who chose to get it or not, and of a waiting mail the sealed address that stops it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("wants_bulletins", sa.Boolean(), nullable=True))
    op.add_column("outbox_message", sa.Column("sealed_unsubscribe", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("outbox_message", "sealed_unsubscribe")
    op.drop_column("person", "wants_bulletins")
