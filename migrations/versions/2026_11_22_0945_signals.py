"""Keep how closely an exam looks, what was noticed of its candidates, what they say to it and what misconduct cases
cite of it, and refused saves from another browser.

Why: signals are evidence that people read and candidates may answer. An exam that exists looks as closely as it did:
at nothing more. One word joins the reasons for which a save is refused; SQLite cannot alter a CHECK, so the text of
its tables is changed in place, as SQLite's manual says (ALTER TABLE, section 7), which touches no row. Going down
loses the signals and the evidence of the new kind.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "signals"
down_revision = "room_days"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = ("away", "full_screen", "address", "other_device", "browser")
REASONS = (("refused_save", "why", "refusedwhy"), ("response_file", "why", "refusedwhy"))


def upgrade() -> None:
    """Apply."""
    for table, column, name in REASONS:
        _close(table, column, name, lambda words: [*words, "browser"])
    op.execute(
        "ALTER TABLE exam ADD COLUMN integrity VARCHAR(32) DEFAULT 'basic' NOT NULL "
        "CONSTRAINT ck_exam_integrity CHECK (integrity IN ('basic', 'standard', 'strict'))"
    )
    op.create_table(
        "signal",
        sa.Column("registration_id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", _words("signalkind", *KINDS), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("registration_id", "kind", "source", "count", name=op.f("pk_signal")),
    )
    op.create_table(
        "signal_answer",
        sa.Column("registration_id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", _words("signalkind", *KINDS), nullable=False),
        sa.Column("words_cipher", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_signal_answer_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("registration_id", "kind", name=op.f("pk_signal_answer")),
    )
    op.create_table(
        "misconduct_citation",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", _words("signalkind", *KINDS), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("more", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["misconduct_case.id"], name=op.f("fk_misconduct_citation_case_id_misconduct_case")
        ),
        sa.PrimaryKeyConstraint("case_id", "kind", name=op.f("pk_misconduct_citation")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("misconduct_citation")
    op.drop_table("signal_answer")
    op.drop_table("signal")
    op.drop_column("exam", "integrity")
    for table, column, _name in REASONS:
        op.execute(f"DELETE FROM {table} WHERE {column} = 'browser'")
    for table, column, name in REASONS:
        _close(table, column, name, lambda words: [word for word in words if word != "browser"])


def _words(name, *words):
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _close(table, column, name, change):
    """Give the CHECK of a closed set other words, whatever the words that it has now."""
    connection, constraint = op.get_bind(), f"ck_{table}_{name}"
    if connection.dialect.name == "postgresql":
        told = sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name")
        words = re.findall(r"'([a-z_]+)'", connection.execute(told, {"name": constraint}).scalar_one())
        op.drop_constraint(op.f(constraint), table)
        op.create_check_constraint(op.f(constraint), table, f"{column} IN ({_listed(change(words))})")
        return
    told = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
    sql = connection.execute(told, {"name": table}).scalar_one()
    found = re.search(rf"CONSTRAINT {constraint} CHECK \({column} IN \(([^)]*)\)\)", sql)
    if found is None:
        raise RuntimeError(f"the CHECK of {table}.{column} is not one that earlier revisions made")
    words = re.findall(r"'([a-z_]+)'", found[1])
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    connection.execute(
        sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name"),
        {"sql": sql[: found.start(1)] + _listed(change(words)) + sql[found.end(1) :], "name": table},
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {int(version) + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = RESET"))


def _listed(words):
    return ", ".join(f"'{word}'" for word in words)
