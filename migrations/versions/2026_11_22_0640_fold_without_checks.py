"""Fold responses without a look at their attempt for each row.

Why: a hand-in of fifty responses asked fifty times whether its one attempt exists, which was half of what it cost
PostgreSQL; whoever folds holds the attempt. The journal has no such check for the same reason. No row is changed.
"""

from alembic import op

revision = "fold_without_checks"
down_revision = "hands"
branch_labels = None
depends_on = None

_CHECK = "fk_response_attempt_id"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("response") as table:
        table.drop_constraint(_CHECK, type_="foreignkey")


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("response") as table:
        table.create_foreign_key(_CHECK, "attempt", ["attempt_id"], ["id"])
