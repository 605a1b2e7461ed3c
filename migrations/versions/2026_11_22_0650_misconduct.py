"""Keep misconduct cases; let an attempt be ended for misconduct, and a clearance case be withdrawn.

Why: a breach that a proctor records goes its way to a decision by two other people, and what they decide may take away
a pass on which a clearance case rests. The words of `attempt.closing` and `clearance_case.state` are closed by a CHECK.
On PostgreSQL the new one is added without looking at the rows and validated after, which stops nobody; SQLite cannot
alter a CHECK, and a rebuild would break the rows that refer to the table, so its text is changed in place, as SQLite's
manual says (ALTER TABLE, section 7), which touches no row. Going down loses the cases, and needs that no attempt was
ended for misconduct and no clearance case withdrawn.
"""

import sqlalchemy as sa
from alembic import op

revision = "misconduct"
down_revision = "ways_of_registering"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CLOSINGS = ("handed_in", "at_deadline")
CASES = ("checking", "in_review", "approved", "rejected")
RULINGS = ("counts", "make_up", "void", "bar")
CATEGORIES = (
    "forbidden_things",
    "talking",
    "left_seat",
    "disorder",
    "other",
    "notes",
    "device",
    "copying",
    "disclosing",
    "impersonation",
    "organised",
)


def upgrade() -> None:
    """Apply."""
    _close("attempt", "closing", (*CLOSINGS, "ended"), name="closing", instead_of=CLOSINGS)
    _close("clearance_case", "state", (*CASES, "withdrawn"), name="casestate", instead_of=CASES)
    op.create_table(
        "misconduct_case",
        sa.Column("id", ID, nullable=False),
        sa.Column("registration_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("seat", sa.Integer(), nullable=True),
        sa.Column("state", _words("misconductstate", "recorded", "notified", "proposed", "settled"), nullable=False),
        sa.Column("category", _words("category", *CATEGORIES), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts_cipher", sa.Text(), nullable=False),
        sa.Column("evidence_cipher", sa.Text(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("reported_by", ID, nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notice_number", sa.String(length=200), nullable=False),
        sa.Column("notified_by", ID, nullable=True),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("statement_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("statement_cipher", sa.Text(), nullable=True),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ruling", _words("ruling", *RULINGS), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        _refers("misconduct_case", "registration_id", "registration"),
        _refers("misconduct_case", "room_id", "room"),
        _refers("misconduct_case", "reported_by", "account"),
        _refers("misconduct_case", "notified_by", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_misconduct_case")),
    )
    for column in ("registration_id", "room_id", "state"):
        op.create_index(op.f(f"ix_misconduct_case_{column}"), "misconduct_case", [column])
    op.create_table(
        "misconduct_witness",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _refers("misconduct_witness", "case_id", "misconduct_case"),
        _refers("misconduct_witness", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_misconduct_witness")),
        sa.UniqueConstraint("case_id", "account_id", name=op.f("uq_misconduct_witness_case_id_account_id")),
    )
    op.create_table(
        "misconduct_proposal",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("ruling", _words("ruling", *RULINGS), nullable=False),
        sa.Column("document_number", sa.String(length=200), nullable=False),
        sa.Column("reason_cipher", sa.Text(), nullable=False),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bar_until", sa.Date(), nullable=True),
        _refers("misconduct_proposal", "case_id", "misconduct_case"),
        _refers("misconduct_proposal", "proposed_by", "account"),
        _refers("misconduct_proposal", "decided_by", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_misconduct_proposal")),
    )
    op.create_index(op.f("ix_misconduct_proposal_case_id"), "misconduct_proposal", ["case_id"])


def downgrade() -> None:
    """Undo."""
    connection = op.get_bind()
    for table, column, word in (("attempt", "closing", "ended"), ("clearance_case", "state", "withdrawn")):
        held = connection.execute(sa.text(f"SELECT count(*) FROM {table} WHERE {column} = '{word}'")).scalar_one()
        if held:
            raise RuntimeError(f"{held} rows of {table} are {word}: the release before does not know that word")
    for table in ("misconduct_proposal", "misconduct_witness", "misconduct_case"):
        op.drop_table(table)
    _close("clearance_case", "state", CASES, name="casestate", instead_of=(*CASES, "withdrawn"))
    _close("attempt", "closing", CLOSINGS, name="closing", instead_of=(*CLOSINGS, "ended"))


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _close(table: str, column: str, words: tuple[str, ...], *, name: str, instead_of: tuple[str, ...]) -> None:
    connection = op.get_bind()
    check = op.f(f"ck_{table}_{name}")
    if connection.dialect.name == "postgresql":
        op.drop_constraint(check, table)
        op.create_check_constraint(check, table, f"{column} IN ({_listed(words)})", postgresql_not_valid=True)
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {check}")
        return
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    changed = connection.execute(
        sa.text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE name = :table AND instr(sql, :old)"),
        {"old": f"{column} IN ({_listed(instead_of)})", "new": f"{column} IN ({_listed(words)})", "table": table},
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {int(version) + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = RESET"))
    if changed.rowcount != 1:
        raise RuntimeError(f"the CHECK of {table}.{column} is not the one that earlier revisions made")


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
