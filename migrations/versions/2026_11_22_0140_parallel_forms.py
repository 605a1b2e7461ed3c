"""Keep with a sealed exam how its forms were drawn, and how even they are.

Why: forms of version cz2 follow from what the draw was told of the pool, too; without it they could not be recomputed.
Exams sealed before have no version written and are of the first one. Going down loses only what these columns hold.
"""

import sqlalchemy as sa
from alembic import op

revision = "parallel_forms"
down_revision = "paper_orders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("exam", sa.Column("draw_version", sa.String(length=8), nullable=True))
    op.add_column("exam", sa.Column("draw_facts", sa.Text(), nullable=True))
    op.add_column("exam", sa.Column("fairness", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("exam", "fairness")
    op.drop_column("exam", "draw_facts")
    op.drop_column("exam", "draw_version")
