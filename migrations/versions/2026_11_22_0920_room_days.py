"""Keep the day of each room: opened by its proctor, said to have begun, closed with what was counted.

Why: nobody is let into a room that no proctor has opened, and its record is made from what was noted. A room of a
sitting that is under way while this is applied has no such row: its proctor opens it once before the next code.
"""

import sqlalchemy as sa
from alembic import op

revision = "room_days"
down_revision = "on_paper"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "room_day",
        sa.Column("id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("present", sa.JSON(), nullable=False),
        sa.Column("opened_by", ID, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", ID, nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", ID, nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sheets", sa.Integer(), nullable=True),
        sa.Column("slips", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('opened', 'started', 'closed')", name=op.f("ck_room_day_roomstate")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_room_day_room_id_room")),
        sa.ForeignKeyConstraint(["opened_by"], ["account.id"], name=op.f("fk_room_day_opened_by_account")),
        sa.ForeignKeyConstraint(["started_by"], ["account.id"], name=op.f("fk_room_day_started_by_account")),
        sa.ForeignKeyConstraint(["closed_by"], ["account.id"], name=op.f("fk_room_day_closed_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_day")),
        sa.UniqueConstraint("room_id", name=op.f("uq_room_day_room_id")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("room_day")
