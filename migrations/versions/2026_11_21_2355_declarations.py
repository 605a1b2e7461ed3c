"""Make the table of declarations.

Why: what a candidate promises before the start is evidence; it is kept with its version and its moment.
"""

import sqlalchemy as sa
from alembic import op

revision = "declarations"
down_revision = "item_types"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "declaration",
        sa.Column("id", ID, nullable=False),
        sa.Column("registration_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_declaration_registration_id_registration")
        ),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_declaration_session_id_session")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_declaration_registration_id")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("declaration")
