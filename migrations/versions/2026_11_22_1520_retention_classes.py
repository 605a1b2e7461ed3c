"""Let findings, objections, excuses, faults, accommodations, the hall, rooms and lists be destroyed at their term.

Why: these had no class of retention, and stayed for good. No terms are written: a class that a version of the terms
does not name is kept as delivered. Going down loses the destruction lists of these classes.
"""

import sqlalchemy as sa
from alembic import op

from migrations.checks import allow_words

revision = "retention_classes"
down_revision = "search_words"
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
)
NEW = ("reviews", "objections", "excuses", "faults", "accommodations", "hall", "rooms", "rosters")
AUDIT = "audit"
_TERMS = sa.table("retention_terms", sa.column("id"), sa.column("days", sa.JSON))


def upgrade() -> None:
    """Apply."""
    allow_words(TABLE, CONSTRAINT, COLUMN, (*BEFORE, *NEW, AUDIT))


def downgrade() -> None:
    """Undo."""
    named = ", ".join(repr(one) for one in NEW)
    op.execute(
        f"DELETE FROM destruction_entry WHERE list_id IN (SELECT id FROM {TABLE} WHERE record_class IN ({named}))"
    )
    op.execute(f"DELETE FROM {TABLE} WHERE record_class IN ({named})")
    connection = op.get_bind()
    for row in connection.execute(sa.select(_TERMS)).all():  # an older release knows no term of these
        days = {name: count for name, count in row.days.items() if name not in NEW}
        if days != row.days:
            connection.execute(_TERMS.update().where(_TERMS.c.id == row.id).values(days=days))
    allow_words(TABLE, CONSTRAINT, COLUMN, (*BEFORE, AUDIT))
