"""Keep pauses: a ledger of them, and on each attempt since when its clock stands still.

Why: after a power cut a proctor stops the clock of a room and lets it go on; the deadline is recomputed from the
ledger. The new column may be empty, so that no table is rebuilt. Going down needs that nothing is paused.
"""

import sqlalchemy as sa
from alembic import op

revision = "pauses"
down_revision = "seating"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CAUSES = ("power_failure", "network_failure", "machine_failure", "accommodation", "other")


def upgrade() -> None:
    op.add_column("attempt", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "pause",
        sa.Column("id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("attempt_id", ID, nullable=True),
        sa.Column("with_room", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began_by", ID, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", ID, nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"cause IN ({', '.join(map(repr, CAUSES))})", name=op.f("ck_pause_timecause")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_pause_attempt_id_attempt")),
        sa.ForeignKeyConstraint(["began_by"], ["account.id"], name=op.f("fk_pause_began_by_account")),
        sa.ForeignKeyConstraint(["ended_by"], ["account.id"], name=op.f("fk_pause_ended_by_account")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_pause_room_id_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
    )
    op.create_index("ix_pause_room_id_attempt_id", "pause", ["room_id", "attempt_id"])
    op.create_index(op.f("ix_pause_attempt_id"), "pause", ["attempt_id"])
    for name, column, lasting in (
        ("uq_pause_attempt", "attempt_id", "ended_at IS NULL"),
        ("uq_pause_room", "room_id", "ended_at IS NULL AND attempt_id IS NULL"),
    ):
        where = sa.text(lasting)
        op.create_index(name, "pause", [column], unique=True, postgresql_where=where, sqlite_where=where)


def downgrade() -> None:
    paused = op.get_bind().execute(sa.text("SELECT count(*) FROM attempt WHERE paused_at IS NOT NULL")).scalar_one()
    if paused:
        raise RuntimeError("attempts are paused: let them go on first")
    op.drop_table("pause")
    op.drop_column("attempt", "paused_at")
