"""Make the table of orders of paper.

Why: for the day the network fails, two people have the forms of a sealed exam on paper; who they were stays on record.
"""

import sqlalchemy as sa
from alembic import op

revision = "paper_orders"
down_revision = "bank_institution"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "paper_order",
        sa.Column("id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_by", ID, nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["approved_by"], ["account.id"], name=op.f("fk_paper_order_approved_by_account")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_paper_order_exam_id_exam")),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name=op.f("fk_paper_order_proposed_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_order")),
    )
    op.create_index("ix_paper_order_exam_id", "paper_order", ["exam_id"], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_paper_order_exam_id", table_name="paper_order")
    op.drop_table("paper_order")
