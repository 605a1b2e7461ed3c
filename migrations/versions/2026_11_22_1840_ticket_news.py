"""Note of each candidate when they were told of their admission ticket, and since when a printed one is void.

Why: nobody said that tickets could be printed, and a printed one looked valid after seats were drawn again.
Going down forgets both.
"""

import sqlalchemy as sa
from alembic import op

revision = "ticket_news"
down_revision = "register_changes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("registration", sa.Column("ticket_told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("registration", sa.Column("ticket_voided_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("registration", "ticket_voided_at")
    op.drop_column("registration", "ticket_told_at")
