"""Keep the proposals to postpone an exam or to call it off, and what became of them.

Why: an announced exam was moved in nobody's name. Nothing that exists is changed; going down loses the proposals, what
they changed stays.
"""

import sqlalchemy as sa
from alembic import op

revision = "exam_changes"
down_revision = "import_entries"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _closed(name: str, *members: str) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "exam_change",
        sa.Column("id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("kind", _closed("changekind", "postpone", "call_off"), nullable=False),
        sa.Column("state", _closed("changestate", "proposed", "approved", "declined"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", ID, nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_change_exam_id_exam")),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name=op.f("fk_exam_change_proposed_by_account")),
        sa.ForeignKeyConstraint(["settled_by"], ["account.id"], name=op.f("fk_exam_change_settled_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_change")),
    )
    op.create_index("ix_exam_change_exam_id", "exam_change", ["exam_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_exam_change_exam_id", table_name="exam_change")
    op.drop_table("exam_change")
