"""Note of each certificate of which term before its end was told.

Why: certificates ended without a word to anybody. Going down forgets what was told; an upgrade tells again.
"""

import sqlalchemy as sa
from alembic import op

revision = "certificate_endings"
down_revision = "spelt_packs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("certificate", sa.Column("warned_days", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("certificate", "warned_days")
