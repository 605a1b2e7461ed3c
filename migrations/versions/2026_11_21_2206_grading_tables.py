"""Make the tables of grading.

Why: scoring again is a new run beside the old; results are released to all at once.
"""

import sqlalchemy as sa
from alembic import op

revision = "grading_tables"
down_revision = "attempts_tables"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def words(name: str, *members: str) -> sa.Enum:
    """A closed set of words: text with a named CHECK, the same on both databases."""
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "result_release",
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("state", words("releasestate", "scored", "proposed", "released"), nullable=False),
        sa.Column("proposed_by", ID, nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", ID, nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_result_release_exam_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name=op.f("fk_result_release_proposed_by")),
        sa.ForeignKeyConstraint(["released_by"], ["account.id"], name=op.f("fk_result_release_released_by")),
        sa.PrimaryKeyConstraint("exam_id", name=op.f("pk_result_release")),
    )
    op.create_table(
        "scoring_run",
        sa.Column("id", ID, nullable=False),
        sa.Column("attempt_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("points", sa.Text(), nullable=False),
        sa.Column("responses_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_scoring_run_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scoring_run")),
        sa.UniqueConstraint("attempt_id", "number", name=op.f("uq_scoring_run_attempt_id_number")),
    )
    op.create_table(
        "result",
        sa.Column("id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("registration_id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=True),
        sa.Column("absent", sa.Boolean(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("maximum", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(run_id IS NULL) = absent", name=op.f("ck_result_absence")),
        sa.CheckConstraint("total >= 0 AND total <= maximum", name=op.f("ck_result_total")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_result_exam_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_result_registration_id")),
        sa.ForeignKeyConstraint(["run_id"], ["scoring_run.id"], name=op.f("fk_result_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_result_registration_id")),
    )
    op.create_index(op.f("ix_result_exam_id"), "result", ["exam_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_result_exam_id"), table_name="result")
    op.drop_table("result")
    op.drop_table("scoring_run")
    op.drop_table("result_release")
