"""Draw a reserve set when an exam is sealed, and keep which rooms were switched to it.

Why: forms that have leaked, or that are wrong, are replaced by forms of other items before a room begins. New columns
may be empty or say no, so that no table is rebuilt; exams sealed before have no reserve set. Going down needs that no
reserve form is in use.
"""

import sqlalchemy as sa
from alembic import op

revision = "reserve_sets"
down_revision = "eligibility_policies"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _closed(name: str, *members: str) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Apply."""
    op.add_column("exam", sa.Column("reserve_set", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("exam", sa.Column("reserve_fairness", sa.Text(), nullable=True))
    op.create_table(
        "reserve_form",
        sa.Column("form_id", ID, nullable=False),
        sa.Column("beside_id", ID, nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name=op.f("fk_reserve_form_form_id_form")),
        sa.ForeignKeyConstraint(["beside_id"], ["form.id"], name=op.f("fk_reserve_form_beside_id_form")),
        sa.PrimaryKeyConstraint("form_id", name=op.f("pk_reserve_form")),
        sa.UniqueConstraint("beside_id", name=op.f("uq_reserve_form_beside_id")),
    )
    causes = ("leak", "wrong_forms", "power_failure", "network_failure", "machine_failure", "other")
    op.create_table(
        "room_switch",
        sa.Column("id", ID, nullable=False),
        sa.Column("sitting_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=True),
        sa.Column("kind", _closed("switchkind", "reserve_forms"), nullable=False),
        sa.Column("cause", _closed("switchcause", *causes), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", _closed("switchstate", "proposed", "approved", "declined"), nullable=False),
        sa.Column("switched", sa.Integer(), nullable=False),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", ID, nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_room_switch_sitting_id_sitting")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_room_switch_room_id_room")),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name=op.f("fk_room_switch_proposed_by_account")),
        sa.ForeignKeyConstraint(["settled_by"], ["account.id"], name=op.f("fk_room_switch_settled_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_switch")),
    )
    op.create_index("ix_room_switch_sitting_id", "room_switch", ["sitting_id"])
    waits = sa.text("state = 'proposed'")
    op.create_index(
        "uq_room_switch_waits", "room_switch", ["sitting_id"], unique=True, postgresql_where=waits, sqlite_where=waits
    )


def downgrade() -> None:
    """Undo."""
    used = op.get_bind().execute(sa.text("SELECT count(*) FROM reserve_form WHERE used_at IS NOT NULL")).scalar_one()
    if used:
        raise RuntimeError(
            "candidates hold forms of a reserve set: an older release could not tell them from spare ones"
        )
    op.drop_table("room_switch")
    op.drop_table("reserve_form")
    op.drop_column("exam", "reserve_fairness")
    op.drop_column("exam", "reserve_set")
