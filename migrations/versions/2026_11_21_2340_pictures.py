"""Make the tables of pictures in item texts, and of the banks that they were put into.

Why: items show pictures; one picture is kept once, whoever uses it, and is served only to who may see such an item.
"""

import sqlalchemy as sa
from alembic import op

revision = "pictures"
down_revision = "outbox_tables"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "picture",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("width", ID, nullable=False),
        sa.Column("height", ID, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_picture")),
    )
    op.create_table(
        "bank_picture",
        sa.Column("bank_id", ID, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_by", ID, nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name=op.f("fk_bank_picture_added_by_account")),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.id"], name=op.f("fk_bank_picture_bank_id_bank")),
        sa.ForeignKeyConstraint(["sha256"], ["picture.sha256"], name=op.f("fk_bank_picture_sha256_picture")),
        sa.PrimaryKeyConstraint("bank_id", "sha256", name=op.f("pk_bank_picture")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("bank_picture")
    op.drop_table("picture")
