"""Keep what entitles to a make-up exam, which registration uses it, and which exam an exam makes up for.

Why: that a make-up was due stood in excuses and rulings, and nobody could enter anybody by it. Absences excused,
attempts ended without finding and exams called off before this entitle as they would now; failings do not, for no
policy before this has allowed any. Going down loses the entitlements and the links; registrations and exams stay.
"""

import sqlalchemy as sa
from alembic import op

revision = "make_ups"
down_revision = "practice"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(length=32)

EXCUSED = """
SELECT registration_id, 'absence:' || registration_id AS source, decided_at AS at
FROM absence_excuse WHERE state = 'recognised'
"""
UNFOUNDED = """
SELECT registration_id, 'misconduct:' || MIN(id) AS source, MIN(settled_at) AS at
FROM misconduct_case WHERE ruling = 'make_up' GROUP BY registration_id
"""
CALLED_OFF = """
SELECT registration.id AS registration_id, 'change:' || exam_change.id AS source, exam_change.settled_at AS at
FROM registration JOIN exam_change ON exam_change.exam_id = registration.exam_id
WHERE exam_change.kind = 'call_off' AND exam_change.state = 'approved' AND registration.state = 'confirmed'
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "make_up_entitlement",
        sa.Column("id", ID, nullable=False),
        sa.Column("registration_id", ID, nullable=False),
        sa.Column("cause", WORD, nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("lapsed_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "cause IN ('called_off', 'excused', 'postponed', 'unfounded', 'failed')",
            name=op.f("ck_make_up_entitlement_cause"),
        ),
        sa.CheckConstraint("state IN ('due', 'lapsed')", name=op.f("ck_make_up_entitlement_entitlementstate")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_make_up_entitlement_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_make_up_entitlement")),
        sa.UniqueConstraint("registration_id", "cause", name=op.f("uq_make_up_entitlement_registration_id_cause")),
    )
    op.create_table(
        "make_up",
        sa.Column("registration_id", ID, autoincrement=False, nullable=False),
        sa.Column("original_id", ID, nullable=False),
        sa.Column("entitlement_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_make_up_registration_id_registration")
        ),
        sa.ForeignKeyConstraint(["original_id"], ["registration.id"], name=op.f("fk_make_up_original_id_registration")),
        sa.ForeignKeyConstraint(
            ["entitlement_id"], ["make_up_entitlement.id"], name=op.f("fk_make_up_entitlement_id_make_up_entitlement")
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_make_up")),
        sa.UniqueConstraint("original_id", name=op.f("uq_make_up_original_id")),
    )
    integer = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(
        f"ALTER TABLE exam ADD COLUMN makes_up_for {integer} CONSTRAINT fk_exam_makes_up_for_exam REFERENCES exam (id)"
    )
    for cause, found in (("excused", EXCUSED), ("unfounded", UNFOUNDED), ("called_off", CALLED_OFF)):
        op.execute(
            "INSERT INTO make_up_entitlement (registration_id, cause, source, state, granted_at)"
            f" SELECT registration_id, '{cause}', source, 'due', at FROM ({found}) AS earlier"
        )


def downgrade() -> None:
    """Undo."""
    op.drop_column("exam", "makes_up_for")
    op.drop_table("make_up")
    op.drop_table("make_up_entitlement")
