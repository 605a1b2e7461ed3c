"""Keep technical faults that attempts were lost to, and let them entitle to a make-up exam.

Why: an attempt that no granted time could save counted as what had been saved of it, and nothing entitled its candidate
to another. Going down loses reports that were declined or not decided.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "technical_faults"
down_revision = "retention"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(length=32)
TABLE, CONSTRAINT = "make_up_entitlement", "ck_make_up_entitlement_cause"
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
    _allow(WITH_FAULTS)


def downgrade() -> None:
    """Undo."""
    lost = sa.text("SELECT count(*) FROM technical_fault WHERE state = 'recognised'")
    if op.get_bind().execute(lost).scalar_one():
        raise RuntimeError("attempts were lost to technical faults: an older release would count and release them")
    _allow(CAUSES)
    op.drop_table("technical_fault")


def _allow(causes):
    """Give the CHECK of causes these words: on SQLite in the text of the table, which other tables refer to."""
    connection = op.get_bind()
    rule = f"cause IN ({', '.join(repr(cause) for cause in causes)})"
    if connection.dialect.name == "postgresql":
        op.drop_constraint(op.f(CONSTRAINT), TABLE)
        op.create_check_constraint(op.f(CONSTRAINT), TABLE, rule)
        return
    told = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
    sql = connection.execute(told, {"name": TABLE}).scalar_one()
    changed, found = re.subn(
        rf"CONSTRAINT {CONSTRAINT} CHECK \([^()]*\([^()]*\)\)", f"CONSTRAINT {CONSTRAINT} CHECK ({rule})", sql
    )
    if found != 1:
        raise RuntimeError("the CHECK of make_up_entitlement.cause is not the one that the revision before made")
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    connection.execute(
        sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name"),
        {"sql": changed, "name": TABLE},
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {int(version) + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = RESET"))
