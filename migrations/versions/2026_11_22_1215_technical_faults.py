"""Keep technical faults that attempts were lost to, and let them entitle to a make-up exam.

Why: an attempt that no granted time could save counted as what had been saved of it, and nothing entitled its candidate
to another. Going down loses reports that were declined or not decided.
"""

import sqlalchemy as sa
from alembic import op

from migrations.checks import allow_words

revision = "technical_faults"
down_revision = "retention"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(length=32)
TABLE, CONSTRAINT, COLUMN = "make_up_entitlement", "ck_make_up_entitlement_cause", "cause"
CAUSES = ("called_off", "excused", "postponed", "unfounded", "failed")
WITH_FAULTS = ("called_off", "excused", "postponed", "unfounded", "technical", "failed")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "technical_fault",
        sa.Column("id", ID, nullable=False),
        sa.Column("registration_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("cause", WORD, nullable=False),
        sa.Column("happened_at", MOMENT, nullable=False),
        sa.Column("facts_cipher", sa.Text(), nullable=False),
        sa.Column("reported_by", ID, nullable=False),
        sa.Column("reported_at", MOMENT, nullable=False),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('reported', 'recognised', 'declined')", name=op.f("ck_technical_fault_faultstate")
        ),
        sa.CheckConstraint(
            "cause IN ('power_failure', 'network_failure', 'machine_failure')",
            name=op.f("ck_technical_fault_faultcause"),
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_technical_fault_registration_id_registration")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_technical_fault_room_id_room")),
        sa.ForeignKeyConstraint(["reported_by"], ["account.id"], name=op.f("fk_technical_fault_reported_by_account")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_technical_fault_decided_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_technical_fault")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_technical_fault_registration_id")),
    )
    op.create_index("ix_technical_fault_room_id", "technical_fault", ["room_id"])
    allow_words(TABLE, CONSTRAINT, COLUMN, WITH_FAULTS)


def downgrade() -> None:
    """Undo."""
    lost = sa.text("SELECT count(*) FROM technical_fault WHERE state = 'recognised'")
    if op.get_bind().execute(lost).scalar_one():
        raise RuntimeError("attempts were lost to technical faults: an older release would count and release them")
    allow_words(TABLE, CONSTRAINT, COLUMN, CAUSES)
    op.drop_table("technical_fault")
