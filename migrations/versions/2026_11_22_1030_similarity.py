"""Keep what comparisons of responses found.

Why: pairs worth a look are evidence that people read; each comparison is kept beside the ones before.
"""

import sqlalchemy as sa
from alembic import op

revision = "similarity"
down_revision = "best_forms"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "similarity_report",
        sa.Column("id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("candidates", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("asked_by", ID, nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_similarity_report_exam_id_exam")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_similarity_report_asked_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_similarity_report")),
    )
    op.create_index("ix_similarity_report_exam_id", "similarity_report", ["exam_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("similarity_report")
