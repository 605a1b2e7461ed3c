"""Keep when the page of each attempt was last heard of.

Why: the boards of all instances show who is offline and who saved when. No rule depends on it; going down loses nothing
that counts.
"""

import sqlalchemy as sa
from alembic import op

revision = "presences"
down_revision = "pauses"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "presence",
        sa.Column("attempt_id", ID, autoincrement=False, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_presence")),
    )


def downgrade() -> None:
    op.drop_table("presence")
