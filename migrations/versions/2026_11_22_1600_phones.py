"""Keep mobile numbers of persons, encrypted, for a term of their own.

Why: what calls for somebody to come or to act was told in the inbox only, which nobody opens who does not expect it.
Going down loses the numbers, and the destruction lists of their class.
"""

import sqlalchemy as sa
from alembic import op

from migrations.checks import allow_words

revision = "phones"
down_revision = "retention_classes"
branch_labels = None
depends_on = None

TABLE, CONSTRAINT, COLUMN = "destruction_list", "ck_destruction_list_recordclass", "record_class"
BEFORE = (
    "responses",
    "forms",
    "signals",
    "photographs",
    "consents",
    "codes",
    "practice",
    "misconduct",
    "scans",
    "drills",
    "imports",
    "notices",
    "reviews",
    "objections",
    "excuses",
    "faults",
    "accommodations",
    "hall",
    "rooms",
    "rosters",
    "audit",
)
NEW = "phones"
_TERMS = sa.table("retention_terms", sa.column("id"), sa.column("days", sa.JSON))


def upgrade() -> None:
    """Apply."""
    op.add_column("person", sa.Column("phone_cipher", sa.Text(), nullable=True))
    op.add_column("person", sa.Column("phone_masked", sa.String(length=11), nullable=True))
    place = BEFORE.index("photographs") + 1
    allow_words(TABLE, CONSTRAINT, COLUMN, (*BEFORE[:place], NEW, *BEFORE[place:]))


def downgrade() -> None:
    """Undo."""
    op.execute(f"DELETE FROM destruction_entry WHERE list_id IN (SELECT id FROM {TABLE} WHERE record_class = '{NEW}')")
    op.execute(f"DELETE FROM {TABLE} WHERE record_class = '{NEW}'")
    connection = op.get_bind()
    for row in connection.execute(sa.select(_TERMS)).all():  # an older release knows no term of it
        if NEW in row.days:
            days = {name: count for name, count in row.days.items() if name != NEW}
            connection.execute(_TERMS.update().where(_TERMS.c.id == row.id).values(days=days))
    allow_words(TABLE, CONSTRAINT, COLUMN, BEFORE)
    op.drop_column("person", "phone_masked")
    op.drop_column("person", "phone_cipher")
