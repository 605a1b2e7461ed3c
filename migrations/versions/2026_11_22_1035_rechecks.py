"""Keep the rechecks that candidates ask for, and what was recounted.

Why: whoever doubts a released result may have it recounted by others, and gets an answer that two people gave.
"""

import sqlalchemy as sa
from alembic import op

revision = "rechecks"
down_revision = "similarity"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def refers(column: str, to: str) -> sa.ForeignKeyConstraint:
    """A foreign key by the names of the house."""
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_recheck_{column}_{to}"))


def upgrade() -> None:
    """Apply."""
    states = ("asked", "recounted", "answered")
    op.create_table(
        "recheck",
        sa.Column("id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("registration_id", ID, nullable=False),
        sa.Column(
            "state",
            sa.Enum(*states, name="recheckstate", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("total_before", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recounted", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recounted_by", ID, nullable=True),
        sa.Column("recounted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", ID, nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        refers("exam_id", "exam"),
        refers("registration_id", "registration"),
        refers("recounted_by", "account"),
        refers("answered_by", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recheck")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_recheck_registration_id")),
    )
    op.create_index(op.f("ix_recheck_exam_id"), "recheck", ["exam_id"])
    op.create_index(op.f("ix_recheck_state"), "recheck", ["state"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("recheck")
