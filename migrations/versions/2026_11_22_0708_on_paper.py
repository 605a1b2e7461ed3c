"""Let a sitting be finished on paper: sheets, what two people keyed of them, their scans, and attempts closed by them.

Why: when power or network does not return, candidates finish the same forms on paper, scored like the rest. Words
join three closed sets, and an attempt that begins on paper has no writing session. SQLite cannot alter a column or a
CHECK, and rebuilding `attempt` would break the rows that refer to it; so the text of its table is changed in place, as
SQLite's manual says (ALTER TABLE, section 7), which touches no row. Going down needs that no attempt went on paper.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "on_paper"
down_revision = "lockdown_at_the_door"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SETS = (
    ("attempt", "state", "attemptstate", ("on_paper",)),
    ("attempt", "closing", "closing", ("on_paper", "absent")),
    ("room_switch", "kind", "switchkind", ("on_paper",)),
)


def upgrade() -> None:
    """Apply."""
    for table, column, name, more in SETS:
        _close(table, column, name, lambda words, more=more: [*words, *more])
    _let_be_empty("attempt", "writing_session_id", empty=True)
    op.create_table(
        "paper_sheet",
        sa.Column("id", ID, nullable=False),
        sa.Column("attempt_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("switch_id", ID, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("proposal", sa.Text(), nullable=True),
        sa.Column("proposed_by", ID, nullable=True),
        sa.Column("settled_by", ID, nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('awaited', 'keyed_once', 'differs', 'proposed', 'settled')",
            name=op.f("ck_paper_sheet_sheetstate"),
        ),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_paper_sheet_attempt_id_attempt")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_paper_sheet_room_id_room")),
        sa.ForeignKeyConstraint(["switch_id"], ["room_switch.id"], name=op.f("fk_paper_sheet_switch_id_room_switch")),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name=op.f("fk_paper_sheet_proposed_by_account")),
        sa.ForeignKeyConstraint(["settled_by"], ["account.id"], name=op.f("fk_paper_sheet_settled_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_sheet")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_paper_sheet_attempt_id")),
    )
    op.create_index("ix_paper_sheet_room_id", "paper_sheet", ["room_id"])
    op.create_table(
        "paper_keying",
        sa.Column("id", ID, nullable=False),
        sa.Column("sheet_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("keyed_by", ID, nullable=False),
        sa.Column("keyed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sheet_id"], ["paper_sheet.id"], name=op.f("fk_paper_keying_sheet_id_paper_sheet")),
        sa.ForeignKeyConstraint(["keyed_by"], ["account.id"], name=op.f("fk_paper_keying_keyed_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_keying")),
        sa.UniqueConstraint("sheet_id", "number", name=op.f("uq_paper_keying_sheet_id_number")),
    )
    op.create_table(
        "paper_scan",
        sa.Column("id", ID, nullable=False),
        sa.Column("sheet_id", ID, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_by", ID, nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sheet_id"], ["paper_sheet.id"], name=op.f("fk_paper_scan_sheet_id_paper_sheet")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["account.id"], name=op.f("fk_paper_scan_uploaded_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_scan")),
        sa.UniqueConstraint("sheet_id", "sha256", name=op.f("uq_paper_scan_sheet_id_sha256")),
    )


def downgrade() -> None:
    """Undo."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM paper_sheet")).scalar_one():
        raise RuntimeError("attempts went on paper: an older release does not know such attempts")
    for table in ("paper_scan", "paper_keying", "paper_sheet"):
        op.drop_table(table)
    _let_be_empty("attempt", "writing_session_id", empty=False)
    for table, column, name, more in SETS:
        _close(table, column, name, lambda words, more=more: [word for word in words if word not in more])


def _close(table, column, name, change):
    """Give the CHECK of a closed set other words, whatever the words that it has now."""
    connection, constraint = op.get_bind(), f"ck_{table}_{name}"
    if connection.dialect.name == "postgresql":
        told = sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name")
        words = re.findall(r"'([a-z_]+)'", connection.execute(told, {"name": constraint}).scalar_one())
        op.drop_constraint(op.f(constraint), table)
        op.create_check_constraint(op.f(constraint), table, f"{column} IN ({_listed(change(words))})")
        return
    sql = _sql_of(table)
    found = re.search(rf"CONSTRAINT {constraint} CHECK \({column} IN \(([^)]*)\)\)", sql)
    if found is None:
        raise RuntimeError(f"the CHECK of {table}.{column} is not one that earlier revisions made")
    words = re.findall(r"'([a-z_]+)'", found[1])
    _rewrite(table, sql[: found.start(1)] + _listed(change(words)) + sql[found.end(1) :])


def _let_be_empty(table, column, *, empty):
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column(table, column, nullable=empty)
        return
    sql, full = _sql_of(table), f"{column} INTEGER NOT NULL"
    before, after = (full, f"{column} INTEGER") if empty else (f"{column} INTEGER", full)
    if sql.count(before) != 1:
        raise RuntimeError(f"{table}.{column} is not as earlier revisions made it")
    _rewrite(table, sql.replace(before, after))


def _sql_of(table):
    told = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
    return op.get_bind().execute(told, {"name": table}).scalar_one()


def _rewrite(table, sql):
    connection = op.get_bind()
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    connection.execute(
        sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name"),
        {"sql": sql, "name": table},
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {int(version) + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = RESET"))


def _listed(words):
    return ", ".join(f"'{word}'" for word in words)
