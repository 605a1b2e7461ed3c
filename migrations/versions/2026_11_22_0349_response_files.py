"""Make the table of response files.

Why: where the network never returns, a candidate's computer hands over what it could not send as a sealed file; what a
proctor brought in, and what two people decided on one that came too late, stays on record.
"""

import sqlalchemy as sa
from alembic import op

revision = "response_files"
down_revision = "calibrations"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "response_file",
        sa.Column("id", ID, nullable=False),
        sa.Column("attempt_id", ID, nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("state", _words("filestate", "merged", "held", "proposed", "accepted", "refused"), nullable=False),
        sa.Column("why", _words("refusedwhy", "late", "closed", "other_session"), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", ID, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("newer", sa.Integer(), nullable=False),
        sa.Column("proposal", _words("proposal", "accept", "refuse"), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("proposed_by", ID, nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hash_before", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_response_file_attempt_id_attempt")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_response_file_decided_by_account")),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name=op.f("fk_response_file_proposed_by_account")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["account.id"], name=op.f("fk_response_file_uploaded_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_file")),
        sa.UniqueConstraint("attempt_id", "file_hash", name=op.f("uq_response_file_attempt_id_file_hash")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("response_file")
