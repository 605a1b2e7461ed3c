"""Let a message that was given up be sent again by a person.

Why: a short message that its gateway refused, for a wrong number or a wrong token, stayed given up once that was
mended. Going down says of those that were sent again what they were before: given up.
"""

from alembic import op

from migrations.checks import allow_words

revision = "messages_sent_again"
down_revision = "phones"
branch_labels = None
depends_on = None

PLACE = "outbox", "ck_outbox_outboxstate", "state"
BEFORE = ("pending", "delivered", "dead")


def upgrade() -> None:
    """Apply."""
    allow_words(*PLACE, (*BEFORE, "sent_again"))


def downgrade() -> None:
    """Undo."""
    op.execute("UPDATE outbox SET state = 'dead' WHERE state = 'sent_again'")
    allow_words(*PLACE, BEFORE)
