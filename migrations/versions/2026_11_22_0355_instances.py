"""Keep what every serving process says of itself.

Why: the control room shows all of them, whichever process answers it. Going down loses figures of the last hours only.
"""

import sqlalchemy as sa
from alembic import op

revision = "instances"
down_revision = "tickets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "instance",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requests_per_minute", sa.Integer(), nullable=False),
        sa.Column("saves_per_minute", sa.Integer(), nullable=False),
        sa.Column("save_p99_us", sa.Integer(), nullable=True),
        sa.Column("errors_per_minute", sa.Integer(), nullable=False),
        sa.Column("clock_offset_us", sa.BigInteger(), nullable=False),
        sa.Column("database_us", sa.Integer(), nullable=False),
        sa.Column("disk_free_mb", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_instance")),
    )


def downgrade() -> None:
    op.drop_table("instance")
