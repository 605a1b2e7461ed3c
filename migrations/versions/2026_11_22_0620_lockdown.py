"""Keep which exams are sat in Safe Exam Browser alone, their settings, and the versions that may be used.

Why: any browser was let in. No exam that exists asks for it; going down loses the settings, and with them what the
browser would have had to show.
"""

import sqlalchemy as sa
from alembic import op

revision = "lockdown"
down_revision = "reserve_sets"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.add_column("exam", sa.Column("lockdown", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "lockdown_file",
        sa.Column("exam_id", ID, autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("config_key", sa.String(length=64), nullable=False),
        sa.Column("quit_cipher", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", ID, nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_lockdown_file_exam_id_exam")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_lockdown_file_made_by_account")),
        sa.PrimaryKeyConstraint("exam_id", name=op.f("pk_lockdown_file")),
        sa.UniqueConstraint("mark", name=op.f("uq_lockdown_file_mark")),
    )
    platforms = sa.Enum(
        "windows", "macos", "ipados", name="platform", native_enum=False, create_constraint=True, length=32
    )
    op.create_table(
        "browser_exam_key",
        sa.Column("id", ID, nullable=False),
        sa.Column("exam_id", ID, nullable=False),
        sa.Column("platform", platforms, nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("exam_key", sa.String(length=64), nullable=False),
        sa.Column("listed_by", ID, nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", ID, nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_browser_exam_key_exam_id_exam")),
        sa.ForeignKeyConstraint(["listed_by"], ["account.id"], name=op.f("fk_browser_exam_key_listed_by_account")),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["account.id"], name=op.f("fk_browser_exam_key_withdrawn_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_exam_key")),
    )
    in_use = sa.text("withdrawn_at IS NULL")
    op.create_index(
        "uq_browser_exam_key_in_use",
        "browser_exam_key",
        ["exam_id", "exam_key"],
        unique=True,
        postgresql_where=in_use,
        sqlite_where=in_use,
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index("uq_browser_exam_key_in_use", table_name="browser_exam_key")
    op.drop_table("browser_exam_key")
    op.drop_table("lockdown_file")
    op.drop_column("exam", "lockdown")
