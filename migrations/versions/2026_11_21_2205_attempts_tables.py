"""Make the tables of attempts.

Why: saves are appended to a journal; an attempt's time is recomputed from a ledger.
"""

import sqlalchemy as sa
from alembic import op

revision = "attempts_tables"
down_revision = "exams_tables"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def words(name: str, *members: str) -> sa.Enum:
    """A closed set of words: text with a named CHECK, the same on both databases."""
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "answer_journal",
        sa.Column("id", ID, nullable=False),
        sa.Column("attempt_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("revision", ID, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_journal")),
        sa.UniqueConstraint(
            "attempt_id", "position", "revision", name=op.f("uq_answer_journal_attempt_id_position_revision")
        ),
    )
    op.create_table(
        "check_in_code",
        sa.Column("id", ID, nullable=False),
        sa.Column("registration_id", ID, nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("code_cipher", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_id", ID, nullable=True),
        sa.Column("issued_by", ID, nullable=False),
        sa.ForeignKeyConstraint(["issued_by"], ["account.id"], name=op.f("fk_check_in_code_issued_by")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_check_in_code_registration_id")
        ),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_check_in_code_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in_code")),
    )
    op.create_index(op.f("ix_check_in_code_registration_id"), "check_in_code", ["registration_id"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("id", ID, nullable=False),
        sa.Column("registration_id", ID, nullable=False),
        sa.Column("form_id", ID, nullable=False),
        sa.Column("state", words("attemptstate", "open", "closed"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("writing_session_id", ID, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("writing_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing", words("closing", "handed_in", "at_deadline"), nullable=True),
        sa.Column("receipt_code", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name=op.f("fk_attempt_form_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_attempt_registration_id")),
        sa.ForeignKeyConstraint(["writing_session_id"], ["session.id"], name=op.f("fk_attempt_writing_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("form_id", name=op.f("uq_attempt_form_id")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_attempt_registration_id")),
    )
    op.create_index("ix_attempt_state_next_check_at", "attempt", ["state", "next_check_at"], unique=False)
    op.create_table(
        "granted_time",
        sa.Column("id", ID, nullable=False),
        sa.Column("attempt_id", ID, nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column(
            "cause",
            words("timecause", "power_failure", "network_failure", "machine_failure", "accommodation", "other"),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("granted_by", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_granted_time_attempt_id")),
        sa.ForeignKeyConstraint(["granted_by"], ["account.id"], name=op.f("fk_granted_time_granted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_granted_time")),
    )
    op.create_index(op.f("ix_granted_time_attempt_id"), "granted_time", ["attempt_id"], unique=False)
    op.create_table(
        "refused_save",
        sa.Column("id", ID, nullable=False),
        sa.Column("attempt_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("revision", ID, nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("why", words("refusedwhy", "late", "closed", "other_session"), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_refused_save_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_save")),
        sa.UniqueConstraint(
            "attempt_id", "position", "revision", "why", name=op.f("uq_refused_save_attempt_id_position_revision_why")
        ),
    )
    op.create_table(
        "response",
        sa.Column("attempt_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("revision", ID, nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_response_attempt_id")),
        sa.PrimaryKeyConstraint("attempt_id", "position", name=op.f("pk_response")),
    )


def downgrade() -> None:
    op.drop_table("response")
    op.drop_table("refused_save")
    op.drop_index(op.f("ix_granted_time_attempt_id"), table_name="granted_time")
    op.drop_table("granted_time")
    op.drop_index("ix_attempt_state_next_check_at", table_name="attempt")
    op.drop_table("attempt")
    op.drop_index(op.f("ix_check_in_code_registration_id"), table_name="check_in_code")
    op.drop_table("check_in_code")
    op.drop_table("answer_journal")
