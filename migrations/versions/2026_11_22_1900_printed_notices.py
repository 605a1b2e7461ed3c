"""Note of each message when it was printed for its person, how often, and the day on the receipt.

Why: persons who never sign in had news that nobody could hand to them. Going down forgets what was printed and signed.
"""

import sqlalchemy as sa
from alembic import op

revision = "printed_notices"
down_revision = "importers"
branch_labels = None
depends_on = None

TABLE = "inbox_message"


def upgrade() -> None:
    """Apply."""
    op.add_column(TABLE, sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(TABLE, sa.Column("prints", sa.Integer(), server_default="0", nullable=False))
    op.add_column(TABLE, sa.Column("receipt_on", sa.Date(), nullable=True))


def downgrade() -> None:
    """Undo."""
    for column in ("receipt_on", "prints", "printed_at"):
        op.drop_column(TABLE, column)
