"""Keep what the responses of real exams said of item versions.

Why: the draw makes forms of equal expected points; that rests on the author's word until an exam has shown how easy an
item is. Going down loses the figures, which follow from the stored scoring runs.
"""

import sqlalchemy as sa
from alembic import op

revision = "calibrations"
down_revision = "secret_items"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "item_calibration",
        sa.Column("id", ID, nullable=False),
        sa.Column("item_version_id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("responses", sa.Integer(), nullable=False),
        sa.Column("shares", sa.BigInteger(), nullable=False),
        sa.Column("squares", sa.BigInteger(), nullable=False),
        sa.Column("item_rest", sa.Integer(), nullable=True),
        sa.Column("slope", sa.Integer(), nullable=True),
        sa.Column("location", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "method IN ('classical', 'two_parameter')", name=op.f("ck_item_calibration_calibrationmethod")
        ),
        sa.CheckConstraint("responses > 0", name=op.f("ck_item_calibration_responses")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_item_calibration_item_version_id_item_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_calibration")),
        sa.UniqueConstraint(
            "item_version_id", "exam_id", "number", name=op.f("uq_item_calibration_item_version_id_exam_id_number")
        ),
    )
    op.create_index(op.f("ix_item_calibration_exam_id"), "item_calibration", ["exam_id"], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_index(op.f("ix_item_calibration_exam_id"), table_name="item_calibration")
    op.drop_table("item_calibration")
