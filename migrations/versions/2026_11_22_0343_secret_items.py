"""Let lists leave out secret items without a look at any other column.

Why: a secret item is seen by who made it, who is asked to review it, and who leads the bank. What a list is narrowed by
stands in one index, and how many secret ones there are is read from another, which holds them alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "secret_items"
down_revision = "acts_on_many"
branch_labels = None
depends_on = None

LISTED = [
    "bank_id",
    "id",
    "state",
    "item_type",
    "level",
    "difficulty",
    "topic_id",
    "stale_from",
    "created_by",
    "import_id",
    "last_seen_at",
]
SECRET_ONLY = sa.text("confidentiality = 'secret'")


def upgrade() -> None:
    """Apply."""
    op.drop_index("ix_item_bank_id_id_state", table_name="item")
    op.create_index("ix_item_bank_id_id_state", "item", [*LISTED, "confidentiality"])
    op.create_index("ix_item_secret", "item", ["bank_id"], postgresql_where=SECRET_ONLY, sqlite_where=SECRET_ONLY)


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_item_secret", table_name="item")
    op.drop_index("ix_item_bank_id_id_state", table_name="item")
    op.create_index("ix_item_bank_id_id_state", "item", LISTED)
