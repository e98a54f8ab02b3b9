"""An unfinished new document remembers who will see it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("edit", sa.Column("visibility", sa.String(10), nullable=False, server_default="alle"))


def downgrade() -> None:
    op.drop_column("edit", "visibility")
