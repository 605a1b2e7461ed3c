"""Keep with a sealed pool the topic that each item was filed under.

Why: the draw goes by the bank's tree of topics, which people rename and rearrange later; forms could not be recomputed
without the paths of that day. Pools sealed before hold none: their items were drawn by the topics in their versions.
Going down loses only what this column holds.
"""

import sqlalchemy as sa
from alembic import op

revision = "filed_topics"
down_revision = "bank_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pool_item", sa.Column("topic", sa.String(length=500), nullable=True))


def downgrade() -> None:
    op.drop_column("pool_item", "topic")
