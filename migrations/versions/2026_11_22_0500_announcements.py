"""Keep what is announced in rooms, and how far each candidate's page has shown it.

Why: an announcement was made by calling into the room; who sat alone at home heard nothing, and nobody could say
afterwards what was said. Nothing that exists is changed; going down loses the announcements.
"""

import sqlalchemy as sa
from alembic import op

revision = "announcements"
down_revision = "exam_changes"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "announcement",
        sa.Column("id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sitting_id", ID, nullable=True),
        sa.Column("room_id", ID, nullable=True),
        sa.Column("replaces_id", ID, nullable=True),
        sa.Column("withdraws", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_by", ID, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("room_id IS NULL OR sitting_id IS NOT NULL", name=op.f("ck_announcement_place")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_announcement_exam_id_exam")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_announcement_sitting_id_sitting")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_announcement_room_id_room")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["announcement.id"], name=op.f("fk_announcement_replaces_id_announcement")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_announcement_made_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
        sa.UniqueConstraint("exam_id", "number", name=op.f("uq_announcement_exam_id_number")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_announcement_replaces_id")),
    )
    op.create_table(
        "announcement_reading",
        sa.Column("registration_id", ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_announcement_reading")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("announcement_reading")
    op.drop_table("announcement")
