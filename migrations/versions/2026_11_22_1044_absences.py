"""Keep who is absent from a room as two people said it, and reasons that are recognised afterwards.

Why: an absence was what the machine made of an attempt that never began. Absences noted before this stay as they are:
their rooms have no list.
"""

import sqlalchemy as sa
from alembic import op

revision = "absences"
down_revision = "rechecks"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(length=32)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "absence_list",
        sa.Column("id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("stated_by", ID, nullable=False),
        sa.Column("stated_at", MOMENT, nullable=False),
        sa.Column("confirmed_by", ID, nullable=True),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("asked_by", ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('stated', 'returned', 'confirmed', 'reopening')", name=op.f("ck_absence_list_liststate")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_absence_list_room_id_room")),
        sa.ForeignKeyConstraint(["stated_by"], ["account.id"], name=op.f("fk_absence_list_stated_by_account")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["account.id"], name=op.f("fk_absence_list_confirmed_by_account")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_absence_list_asked_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_list")),
        sa.UniqueConstraint("room_id", name=op.f("uq_absence_list_room_id")),
    )
    op.create_table(
        "absence",
        sa.Column("id", ID, nullable=False),
        sa.Column("list_id", ID, nullable=False),
        sa.Column("registration_id", ID, nullable=False),
        sa.Column("cause", WORD, nullable=False),
        sa.CheckConstraint(
            "cause IN ('no_show', 'too_late', 'no_document', 'left', 'other')", name=op.f("ck_absence_absencecause")
        ),
        sa.ForeignKeyConstraint(["list_id"], ["absence_list.id"], name=op.f("fk_absence_list_id_absence_list")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_absence_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_absence_registration_id")),
    )
    op.create_index("ix_absence_list_id", "absence", ["list_id"])
    op.create_table(
        "absence_excuse",
        sa.Column("id", ID, nullable=False),
        sa.Column("registration_id", ID, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("cause", WORD, nullable=False),
        sa.Column("proof_cipher", sa.Text(), nullable=False),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'recognised', 'declined')", name=op.f("ck_absence_excuse_excusestate")
        ),
        sa.CheckConstraint(
            "cause IN ('illness', 'duty', 'bereavement', 'disaster', 'other')",
            name=op.f("ck_absence_excuse_excusecause"),
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_absence_excuse_registration_id_registration")
        ),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name=op.f("fk_absence_excuse_proposed_by_account")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_absence_excuse_decided_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_excuse")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_absence_excuse_registration_id")),
    )


def downgrade() -> None:
    """Undo."""
    for table in ("absence_excuse", "absence", "absence_list"):
        op.drop_table(table)
