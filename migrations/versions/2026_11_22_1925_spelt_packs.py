"""Keep with what was read of a large file how its stems are spelt.

Why: the commit worked that out, item by item, where the worker has time for it while the file is read. Packs that stand
already have none, and are spelt at the commit as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "spelt_packs"
down_revision = "numbers_filed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("import_pack", sa.Column("spelt", sa.LargeBinary(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE import_pack ALTER COLUMN spelt SET STORAGE EXTERNAL")


def downgrade() -> None:
    """Undo."""
    op.drop_column("import_pack", "spelt")
