"""Keep the faulty items that candidates report from the exam page, and what is decided of each.

Why: a faulty item was told to the proctor, and seldom reached who wrote it. Nothing that exists is changed; going down
loses the reports, what was said in the bank's threads stays.
"""

import sqlalchemy as sa
from alembic import op

revision = "item_reports"
down_revision = "misconduct"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _closed(name: str, *members: str) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "item_report",
        sa.Column("id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("registration_id", ID, nullable=False),
        sa.Column("item_version_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("fault", _closed("itemfault", "text", "missing", "picture", "options", "other"), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("thread_id", ID, nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        _to("item_report", "exam_id", "exam"),
        _to("item_report", "registration_id", "registration"),
        _to("item_report", "item_version_id", "item_version"),
        _to("item_report", "thread_id", "item_thread"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_report")),
        sa.UniqueConstraint(
            "registration_id", "item_version_id", name=op.f("uq_item_report_registration_id_item_version_id")
        ),
    )
    op.create_index("ix_item_report_exam_id_item_version_id", "item_report", ["exam_id", "item_version_id"])
    op.create_table(
        "item_decision",
        sa.Column("id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("item_version_id", ID, nullable=False),
        sa.Column("decision", _closed("faultdecision", "no_fault", "withdraw"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", ID, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        _to("item_decision", "exam_id", "exam"),
        _to("item_decision", "item_version_id", "item_version"),
        _to("item_decision", "decided_by", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_decision")),
    )
    op.create_index("ix_item_decision_exam_id", "item_decision", ["exam_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_item_decision_exam_id", table_name="item_decision")
    op.drop_table("item_decision")
    op.drop_index("ix_item_report_exam_id_item_version_id", table_name="item_report")
    op.drop_table("item_report")
