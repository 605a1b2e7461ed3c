"""Keep changes of the register as they are filed and settled.

Why: units and persons could be entered and never changed, so that rules judged for ever by the state of the first day.
Going down loses what was filed; the register keeps what was confirmed.
"""

import sqlalchemy as sa
from alembic import op

revision = "register_changes"
down_revision = "messages_sent_again"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = ("status", "post", "move", "leave", "correction", "figures")
STATES = ("filed", "confirmed", "returned", "withdrawn")


def _closed(name: str, *members: str) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "register_change",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("kind", _closed("changekind", *KINDS), nullable=False),
        sa.Column("state", _closed("changestate", *STATES), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("filed_by", ID, nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", ID, nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.CheckConstraint("(kind = 'figures') = (person_id IS NULL)", name=op.f("ck_register_change_subject")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_register_change_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_register_change_unit_id_unit")),
        sa.ForeignKeyConstraint(["filed_by"], ["person.id"], name=op.f("fk_register_change_filed_by_person")),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("fk_register_change_settled_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_change")),
    )
    for column in ("person_id", "unit_id", "state"):
        op.create_index(f"ix_register_change_{column}", "register_change", [column])


def downgrade() -> None:
    """Undo."""
    op.drop_table("register_change")
