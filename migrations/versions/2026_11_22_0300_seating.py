"""Keep every draw of seats with its seed and its cause, and what a room looks like: seats to a row, a room apart.

Why: seats are drawn before sealing and may be drawn again; who doubts them must be able to draw them from what is kept,
and neighbours cannot be told without the rows of a room. Rooms entered before have six seats to a row, as is
usual; seats given before were sealed with the forms and have no draw of their own.
"""

import sqlalchemy as sa
from alembic import op

revision = "seating"
down_revision = "filed_topics"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.add_column("room", sa.Column("columns", sa.Integer(), server_default="6", nullable=False))
    op.add_column("room", sa.Column("separate", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "seating_draw",
        sa.Column("id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=8), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("places_hash", sa.String(length=64), nullable=False),
        sa.Column("clashes", sa.Integer(), nullable=False),
        sa.Column("drawn_by", ID, nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["drawn_by"], ["account.id"], name=op.f("fk_seating_draw_drawn_by_account")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_seating_draw_exam_id_exam")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seating_draw")),
        sa.UniqueConstraint("exam_id", "number", name=op.f("uq_seating_draw_exam_id_number")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("seating_draw")
    op.drop_column("room", "separate")
    op.drop_column("room", "columns")
