"""Keep corrections of faulty items, and what each of them made of every result.

Why: a result that was given out changes only by two people with a reason, and the old value stays beside the new (P27).
"""

import sqlalchemy as sa
from alembic import op

revision = "rescoring"
down_revision = "signals"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def words(name: str, *members: str) -> sa.Enum:
    """A closed set of words: text with a named CHECK, the same on both databases."""
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def refers(column: str, table: str, to: str) -> sa.ForeignKeyConstraint:
    """A foreign key by the names of the house."""
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def upgrade() -> None:
    """Apply."""
    treatments = ("full_points", "dropped", "redistributed", "second_key", "key_corrected")
    op.create_table(
        "rescoring",
        sa.Column("id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("item_version_id", ID, nullable=False),
        sa.Column("part", sa.Integer(), nullable=True),
        sa.Column("treatment", words("treatment", *treatments), nullable=False),
        sa.Column("key", sa.String(length=500), nullable=False),
        sa.Column("policy", words("policy", "nobody_loses", "as_scored"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", words("rescoringstate", "proposed", "approved", "applied", "declined"), nullable=False),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", ID, nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        refers("exam_id", "rescoring", "exam"),
        refers("item_version_id", "rescoring", "item_version"),
        refers("proposed_by", "rescoring", "account"),
        refers("settled_by", "rescoring", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescoring")),
    )
    op.create_index(op.f("ix_rescoring_exam_id"), "rescoring", ["exam_id"])
    op.create_index(op.f("ix_rescoring_state"), "rescoring", ["state"])
    op.create_table(
        "rescored_result",
        sa.Column("id", ID, nullable=False),
        sa.Column("rescoring_id", ID, nullable=False),
        sa.Column("registration_id", ID, nullable=False),
        *(
            column
            for moment in ("before", "after")
            for column in (
                sa.Column(f"run_{moment}", ID, nullable=False),
                sa.Column(f"total_{moment}", sa.Integer(), nullable=False),
                sa.Column(f"maximum_{moment}", sa.Integer(), nullable=False),
                sa.Column(f"passed_{moment}", sa.Boolean(), nullable=False),
            )
        ),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        refers("rescoring_id", "rescored_result", "rescoring"),
        refers("registration_id", "rescored_result", "registration"),
        refers("run_before", "rescored_result", "scoring_run"),
        refers("run_after", "rescored_result", "scoring_run"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescored_result")),
        sa.UniqueConstraint(
            "rescoring_id", "registration_id", name=op.f("uq_rescored_result_rescoring_id_registration_id")
        ),
    )
    op.create_index(op.f("ix_rescored_result_registration_id"), "rescored_result", ["registration_id"])


def downgrade() -> None:
    """Undo; what was corrected stays in results and runs."""
    op.drop_table("rescored_result")
    op.drop_table("rescoring")
