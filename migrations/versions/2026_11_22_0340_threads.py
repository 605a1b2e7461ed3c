"""Make the tables of threads of comments on items.

Why: what a reviewer asks and an author answers stands beside the item, version by version, until somebody settles it.
"""

import sqlalchemy as sa
from alembic import op

revision = "threads"
down_revision = "accommodations"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
FIELDS = ("whole", "stem", "body", "explanation", "basis", "topic", "level", "difficulty", "tags")


def words(name: str, *members: str) -> sa.Enum:
    """A closed set of words: text with a named CHECK, the same on both databases."""
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "item_thread",
        sa.Column("id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("field", words("threadfield", *FIELDS), nullable=False),
        sa.Column("state", words("threadstate", "open", "resolved"), nullable=False),
        sa.Column("opened_by", ID, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_item_thread_item_id_item"),
        sa.ForeignKeyConstraint(["opened_by"], ["account.id"], name="fk_item_thread_opened_by_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_thread")),
    )
    op.create_index("ix_item_thread_item_id_state", "item_thread", ["item_id", "state"])
    op.create_table(
        "item_comment",
        sa.Column("id", ID, nullable=False),
        sa.Column("thread_id", ID, nullable=False),
        sa.Column("act", words("threadaction", "open", "reply", "resolve", "reopen"), nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["thread_id"], ["item_thread.id"], name="fk_item_comment_thread_id_item_thread"),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name="fk_item_comment_author_id_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_comment")),
    )
    op.create_index("ix_item_comment_thread_id", "item_comment", ["thread_id"])


def downgrade() -> None:
    """Undo: what was said is lost."""
    op.drop_table("item_comment")
    op.drop_table("item_thread")
