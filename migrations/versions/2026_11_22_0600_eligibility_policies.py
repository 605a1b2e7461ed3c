"""Keep the rules of eligibility as data with versions; every exam names the version that it was announced under.

Why: the rules stood in the code, so that a change of policy was a change of the service, for exams announced before it
too. The rules as they were are version 1 of each level; exams that were published before are given that version. Going
down loses the policies, the answers kept with registrations stay.
"""

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

revision = "eligibility_policies"
down_revision = "announcements"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TRAINING_STATES = ("entered", "confirmed", "declined", "withdrawn")
TRAINING_KINDS = ("theory", "sharing", "experience", "on_site", "exchange", "skills", "rotation")
LEVELS = ("primary", "intermediate", "advanced")


def _closed(name: str, *members: str) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Apply."""
    policies = op.create_table(
        "eligibility_policy",
        sa.Column("id", ID, nullable=False),
        sa.Column("level", _closed("level", *LEVELS), nullable=False),
        sa.Column("state", _closed("policystate", "proposed", "approved", "declined"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", ID, nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", ID, nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["account.id"], name=op.f("fk_eligibility_policy_proposed_by_account")
        ),
        sa.ForeignKeyConstraint(["settled_by"], ["account.id"], name=op.f("fk_eligibility_policy_settled_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_policy")),
        sa.UniqueConstraint("level", "number", name=op.f("uq_eligibility_policy_level_number")),
    )
    op.create_table(
        "training_record",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("state", _closed("trainingstate", *TRAINING_STATES), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", _closed("trainingkind", *TRAINING_KINDS), nullable=False),
        sa.Column("hundredths", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("entered_by", ID, nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", ID, nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.CheckConstraint("hundredths > 0", name=op.f("ck_training_record_hundredths")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_training_record_person_id_person")),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_training_record_entered_by_person")),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("fk_training_record_settled_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_record")),
    )
    op.create_index("ix_training_record_person_id", "training_record", ["person_id"])
    op.bulk_insert(policies, [_as_delivered(level) for level in LEVELS])
    integer = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(
        f"ALTER TABLE exam ADD COLUMN policy_id {integer} "
        "CONSTRAINT fk_exam_policy_id_eligibility_policy REFERENCES eligibility_policy (id)"
    )
    op.execute(
        "UPDATE exam SET policy_id = (SELECT id FROM eligibility_policy WHERE eligibility_policy.level = exam.level) "
        "WHERE published_at IS NOT NULL"
    )


def downgrade() -> None:
    """Undo."""
    op.drop_column("exam", "policy_id")
    op.drop_table("eligibility_policy")
    op.drop_index("ix_training_record_person_id", table_name="training_record")
    op.drop_table("training_record")


def _as_delivered(level: str) -> dict[str, object]:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    return {
        "level": level,
        "state": "approved",
        "number": 1,
        "effective_from": date(2000, 1, 1),
        "rules": _rules(level),
        "reason": "系统交付时的报考资格条件",
        "proposed_at": begin,
        "settled_at": begin,
        "remark": "",
    }


def _rules(level: str) -> list[dict[str, object]]:
    kinds = ["full_member", "in_post", "prior_level", "level_not_held", "not_barred", "no_part_in_making"]
    if level == "primary":
        kinds.remove("prior_level")
    return [{"kind": kind, "parameters": {"days": 365} if kind == "prior_level" else {}} for kind in kinds]
