"""Keep which attempts must prove the exam's browser, seats that do without it, and sessions whose page has proved it.

Why: an exam could ask for a browser, and nobody looked. Attempts that exist ask for none; going down keeps every
attempt and loses the waivers, which end with the exam.
"""

import sqlalchemy as sa
from alembic import op

revision = "lockdown_at_the_door"
down_revision = "item_reports"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.add_column("attempt", sa.Column("lockdown", sa.Boolean(), server_default=sa.false(), nullable=False))
    causes = sa.Enum(
        "browser_fails",
        "keys_refused",
        "assistive",
        "other",
        name="waivercause",
        native_enum=False,
        create_constraint=True,
        length=32,
    )
    op.create_table(
        "lockdown_waiver",
        sa.Column("id", ID, nullable=False),
        sa.Column("registration_id", ID, nullable=False),
        sa.Column("cause", causes, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("granted_by", ID, nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", ID, nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_lockdown_waiver_registration_id_registration")
        ),
        sa.ForeignKeyConstraint(["granted_by"], ["account.id"], name=op.f("fk_lockdown_waiver_granted_by_account")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["account.id"], name=op.f("fk_lockdown_waiver_withdrawn_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lockdown_waiver")),
    )
    stands = sa.text("withdrawn_at IS NULL")
    op.create_index(
        "uq_lockdown_waiver_standing",
        "lockdown_waiver",
        ["registration_id"],
        unique=True,
        postgresql_where=stands,
        sqlite_where=stands,
    )
    op.create_table(
        "lockdown_pass",
        sa.Column("registration_id", ID, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_lockdown_pass_registration_id_registration")
        ),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_lockdown_pass_session_id_session")),
        sa.PrimaryKeyConstraint("registration_id", "session_id", name=op.f("pk_lockdown_pass")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("lockdown_pass")
    op.drop_index("uq_lockdown_waiver_standing", table_name="lockdown_waiver")
    op.drop_table("lockdown_waiver")
    op.drop_column("attempt", "lockdown")
