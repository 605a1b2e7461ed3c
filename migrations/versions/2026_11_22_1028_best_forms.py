"""Keep the best forms that were asked for, with what was found and the draft that their items were kept in.

Why: an officer may want one fixed form that measures best at the cut score; the search is a job, and its result is
looked at, compared and kept after it.
"""

import sqlalchemy as sa
from alembic import op

revision = "best_forms"
down_revision = "import_packs"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "best_form",
        sa.Column("id", ID, nullable=False),
        sa.Column("blueprint_id", ID, nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("job_id", ID, nullable=False),
        sa.Column("asked_by", ID, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found", sa.Text(), nullable=True),
        sa.Column("kept_as", ID, nullable=True),
        sa.ForeignKeyConstraint(["blueprint_id"], ["blueprint.id"], name=op.f("fk_best_form_blueprint_id_blueprint")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_best_form_asked_by_account")),
        sa.ForeignKeyConstraint(["kept_as"], ["blueprint.id"], name=op.f("fk_best_form_kept_as_blueprint")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_best_form")),
    )
    op.create_index("ix_best_form_blueprint_id", "best_form", ["blueprint_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("best_form")
