"""Make the table of acts on many items.

Why: what is done to all that a filter finds may be a hundred thousand items: the worker does it a part at a time, and
whoever asked sees how far it is and what stayed as it was.
"""

import sqlalchemy as sa
from alembic import op

revision = "acts_on_many"
down_revision = "review_assignments"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
ACTS = ("submit", "retire", "assign", "distribute", "tag", "untag", "file", "classify")


def words(name: str, *members: str) -> sa.Enum:
    """A closed set of words: text with a named CHECK, the same on both databases."""
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "bulk_act",
        sa.Column("id", ID, nullable=False),
        sa.Column("bank_id", ID, nullable=False),
        sa.Column("act", words("togetheract", *ACTS), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("item_ids", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("stayed", sa.JSON(), nullable=False),
        sa.Column("state", words("bulkstate", "open", "done", "cancelled"), nullable=False),
        sa.Column("asked_by", ID, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("job_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.id"], name="fk_bulk_act_bank_id_bank"),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name="fk_bulk_act_asked_by_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_act")),
    )
    op.create_index("ix_bulk_act_asked_by", "bulk_act", ["asked_by"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("bulk_act")
