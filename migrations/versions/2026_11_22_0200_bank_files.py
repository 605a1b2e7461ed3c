"""Let large files be read by the worker, and banks be given out on the word of two people.

Why: an import of 100,000 items takes longer than a page may wait; an export is asked for by one and granted by another.
The CHECK of the import's state is changed in place on SQLite, as in `item_types`.
"""

import sqlalchemy as sa
from alembic import op

revision = "bank_files"
down_revision = "parallel_forms"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BEFORE = ("checked", "committed", "discarded", "undone")
NOW = ("reading", *BEFORE)


def upgrade() -> None:
    """Apply."""
    _close(NOW, instead_of=BEFORE)
    op.add_column("bank_import", sa.Column("job_id", ID, nullable=True))
    op.create_table(
        "bank_export",
        sa.Column("id", ID, nullable=False),
        sa.Column("bank_id", ID, nullable=False),
        sa.Column("format", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", ID, nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_hash", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.id"], name=op.f("fk_bank_export_bank_id")),
        sa.ForeignKeyConstraint(["granted_by"], ["account.id"], name=op.f("fk_bank_export_granted_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name=op.f("fk_bank_export_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_export")),
    )
    op.create_index("ix_bank_export_bank_id", "bank_export", ["bank_id"], unique=False)


def downgrade() -> None:
    """Undo; imports that wait to be read must be gone."""
    op.drop_index("ix_bank_export_bank_id", table_name="bank_export")
    op.drop_table("bank_export")
    op.drop_column("bank_import", "job_id")
    _close(BEFORE, instead_of=NOW)


def _close(states: tuple[str, ...], *, instead_of: tuple[str, ...]) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_bank_import_importstate"), "bank_import")
        op.create_check_constraint(op.f("ck_bank_import_importstate"), "bank_import", f"state IN ({_listed(states)})")
        return
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    changed = connection.execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE name = 'bank_import' AND instr(sql, :old)"
        ),
        {"old": f"state IN ({_listed(instead_of)})", "new": f"state IN ({_listed(states)})"},
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {int(version) + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = RESET"))
    if changed.rowcount != 1:
        raise RuntimeError("the CHECK of bank_import.state is not the one that earlier revisions made")


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
