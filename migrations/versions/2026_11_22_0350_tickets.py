"""Say from when to when admission tickets are printed, and count the prints of each.

Why: a ticket that is printed before the seats are final misleads, and a second print is something to know of. Exams
that exist have no window of their own: tickets are printed from sealing until the sitting ends.
"""

import sqlalchemy as sa
from alembic import op

revision = "tickets"
down_revision = "response_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("exam", sa.Column("tickets_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("exam", sa.Column("tickets_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("registration", sa.Column("ticket_prints", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    """Undo."""
    op.drop_column("registration", "ticket_prints")
    op.drop_column("exam", "tickets_until")
    op.drop_column("exam", "tickets_from")
