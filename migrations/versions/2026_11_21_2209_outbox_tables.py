"""Make the tables of messages: on their way out, and in a person's inbox.

Why: whoever is told something is told in the transaction that makes it true; it is delivered afterwards.
"""

import sqlalchemy as sa
from alembic import op

revision = "outbox_tables"
down_revision = "certificates_tables"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def words(name: str, *members: str) -> sa.Enum:
    """A closed set of words: text with a named CHECK, the same on both databases."""
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=200), nullable=True),
        sa.Column("state", words("outboxstate", "pending", "delivered", "dead"), nullable=False),
        sa.Column("attempts", ID, nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name=op.f("ck_outbox_delivered")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("channel", "dedupe_key", name=op.f("uq_outbox_channel_dedupe_key")),
    )
    op.create_index("ix_outbox_state_next_try_at", "outbox", ["state", "next_try_at"], unique=False)
    op.create_table(
        "inbox_message",
        sa.Column("id", ID, nullable=False),
        sa.Column("outbox_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_message")),
        sa.UniqueConstraint("outbox_id", name=op.f("uq_inbox_message_outbox_id")),
    )
    op.create_index("ix_inbox_message_person_id_id", "inbox_message", ["person_id", "id"], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_inbox_message_person_id_id", table_name="inbox_message")
    op.drop_table("inbox_message")
    op.drop_index("ix_outbox_state_next_try_at", table_name="outbox")
    op.drop_table("outbox")
