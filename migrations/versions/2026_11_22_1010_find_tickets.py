"""Find the seats of an admission ticket by its number alone, whatever the exam.

Why: whoever signs in with ticket and code names no exam, and a province has a hundred thousand registrations.
"""

from alembic import op

revision = "find_tickets"
down_revision = "rescoring"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_registration_ticket_number", "registration", ["ticket_number"])


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_registration_ticket_number", table_name="registration")
