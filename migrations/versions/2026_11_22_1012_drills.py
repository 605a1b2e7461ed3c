"""Keep the drills of an exam, and what they found.

Why: before an exam the deployment is rehearsed with synthetic candidates; the report is kept with the audit. One drill
at a time is held by a partial unique index.
"""

import sqlalchemy as sa
from alembic import op

revision = "drills"
down_revision = "find_tickets"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNDER_WAY = sa.text("state = 'under_way'")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "drill",
        sa.Column("id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("candidates", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("job_id", ID, nullable=True),
        sa.Column("asked_by", ID, nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=True),
        sa.Column("tables", sa.JSON(), nullable=True),
        sa.Column("reason_zh", sa.String(length=400), nullable=False),
        sa.Column("reason_en", sa.String(length=400), nullable=False),
        sa.CheckConstraint(
            "state IN ('under_way', 'go', 'no_go', 'cancelled', 'broken')", name=op.f("ck_drill_drillstate")
        ),
        sa.CheckConstraint("(state = 'under_way') = (ended_at IS NULL)", name=op.f("ck_drill_ended")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_drill_exam_id_exam")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_drill_asked_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill")),
    )
    op.create_index("ix_drill_exam_id", "drill", ["exam_id"])
    op.create_index(
        "uq_drill_under_way", "drill", ["state"], unique=True, postgresql_where=UNDER_WAY, sqlite_where=UNDER_WAY
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("drill")
