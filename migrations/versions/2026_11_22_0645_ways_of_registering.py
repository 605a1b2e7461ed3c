"""Let persons enter themselves, let their units endorse it, and keep the privacy notice that each accepted.

Why: only units entered people. Exams that stand keep that way. The CHECK of the registration's state is changed in
place on SQLite, as that of the imports' states in `bank_files`; a registration that is applied for is a live one.
"""

import sqlalchemy as sa
from alembic import op

revision = "ways_of_registering"
down_revision = "fold_without_checks"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BEFORE = ("registered", "confirmed", "refused", "withdrawn")
NOW = ("applied", *BEFORE)
LIVE_BEFORE = ("registered", "confirmed")
LIVE_NOW = ("applied", *LIVE_BEFORE)


def upgrade() -> None:
    """Apply."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    integer = "BIGINT" if postgresql else "INTEGER"
    moment = "TIMESTAMP WITH TIME ZONE" if postgresql else "DATETIME"
    op.execute(
        "ALTER TABLE exam ADD COLUMN way VARCHAR(32) DEFAULT 'unit' NOT NULL "
        "CONSTRAINT ck_exam_registrationway CHECK (way IN ('unit', 'person', 'both'))"
    )
    op.execute(f"ALTER TABLE exam ADD COLUMN endorsement_closes_at {moment}")
    op.execute(
        f"ALTER TABLE registration ADD COLUMN endorsed_by {integer} "
        "CONSTRAINT fk_registration_endorsed_by_account REFERENCES account (id)"
    )
    op.execute(f"ALTER TABLE registration ADD COLUMN endorsed_at {moment}")
    _close(NOW, instead_of=BEFORE)
    _index(LIVE_NOW)
    op.create_table(
        "consent",
        sa.Column("registration_id", ID, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_consent_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_consent")),
    )


def downgrade() -> None:
    """Undo; the release before knows no applications: those that nobody endorsed count as entered."""
    op.drop_table("consent")
    op.execute("UPDATE registration SET state = 'registered' WHERE state = 'applied'")
    _index(LIVE_BEFORE)
    _close(BEFORE, instead_of=NOW)
    for table, column in (
        ("registration", "endorsed_at"),
        ("registration", "endorsed_by"),
        ("exam", "endorsement_closes_at"),
        ("exam", "way"),
    ):
        op.drop_column(table, column)


def _index(live: tuple[str, ...]) -> None:
    where = sa.text(f"state IN ({_listed(live)})")
    op.drop_index("uq_registration_live", table_name="registration")
    op.create_index(
        "uq_registration_live",
        "registration",
        ["exam_id", "person_id"],
        unique=True,
        postgresql_where=where,
        sqlite_where=where,
    )


def _close(states: tuple[str, ...], *, instead_of: tuple[str, ...]) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        name = op.f("ck_registration_registrationstate")
        op.drop_constraint(name, "registration")
        op.create_check_constraint(name, "registration", f"state IN ({_listed(states)})")
        return
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    changed = connection.execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :old, :new) "
            "WHERE type = 'table' AND name = 'registration' AND instr(sql, :old)"
        ),
        {"old": f"state IN ({_listed(instead_of)})", "new": f"state IN ({_listed(states)})"},
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {int(version) + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = RESET"))
    if changed.rowcount != 1:
        raise RuntimeError("the CHECK of registration.state is not the one that earlier revisions made")


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
