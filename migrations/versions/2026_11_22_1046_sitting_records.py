"""Keep the record of each room, the signatures under it, incidents in free words, and where an approver does without.

Why: results are not released before two invigilators have signed what happened in every room. An exam whose sitting
was before this has no record: an approver does without, with a reason, before its results are released.
"""

import sqlalchemy as sa
from alembic import op

revision = "sitting_records"
down_revision = "absences"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
TABLES = ("record_signature", "sitting_record", "room_incident", "record_waiver")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "sitting_record",
        sa.Column("id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("drawn_up_by", ID, nullable=False),
        sa.Column("drawn_up_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "state IN ('drawn_up', 'signed_once', 'returned', 'signed')", name=op.f("ck_sitting_record_recordstate")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_sitting_record_room_id_room")),
        sa.ForeignKeyConstraint(["drawn_up_by"], ["account.id"], name=op.f("fk_sitting_record_drawn_up_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting_record")),
        sa.UniqueConstraint("room_id", "number", name=op.f("uq_sitting_record_room_id_number")),
    )
    op.create_table(
        "record_signature",
        sa.Column("id", ID, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["sitting_record.id"], name=op.f("fk_record_signature_record_id_sitting_record")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_record_signature_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_signature")),
        sa.UniqueConstraint(
            "record_id",
            "account_id",
            "content_hash",
            name=op.f("uq_record_signature_record_id_account_id_content_hash"),
        ),
    )
    op.create_table(
        "room_incident",
        sa.Column("id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("happened_at", MOMENT, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("written_by", ID, nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_room_incident_room_id_room")),
        sa.ForeignKeyConstraint(["written_by"], ["account.id"], name=op.f("fk_room_incident_written_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_incident")),
    )
    op.create_index("ix_room_incident_room_id", "room_incident", ["room_id"])
    op.create_table(
        "record_waiver",
        sa.Column("id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("waived_by", ID, nullable=False),
        sa.Column("waived_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_record_waiver_room_id_room")),
        sa.ForeignKeyConstraint(["waived_by"], ["account.id"], name=op.f("fk_record_waiver_waived_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_waiver")),
        sa.UniqueConstraint("room_id", name=op.f("uq_record_waiver_room_id")),
    )


def downgrade() -> None:
    """Undo."""
    for table in TABLES:
        op.drop_table(table)
