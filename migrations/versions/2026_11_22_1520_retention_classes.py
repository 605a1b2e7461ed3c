"""Let findings, objections, excuses, faults, accommodations, the hall, rooms and lists be destroyed at their term.

Why: these had no class of retention, and stayed for good. No terms are written: a class that a version of the terms
does not name is kept as delivered. Going down loses the destruction lists of these classes.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "retention_classes"
down_revision = "search_words"
branch_labels = None
depends_on = None

TABLE, CONSTRAINT = "destruction_list", "ck_destruction_list_recordclass"
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
    _allow((*BEFORE, *NEW, AUDIT))


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
    _allow((*BEFORE, AUDIT))


def _allow(classes):
    """Give the CHECK of classes these words: on SQLite in the text of the table, which other tables refer to."""
    connection = op.get_bind()
    rule = f"record_class IN ({', '.join(repr(one) for one in classes)})"
    if connection.dialect.name == "postgresql":
        op.drop_constraint(op.f(CONSTRAINT), TABLE)
        op.create_check_constraint(op.f(CONSTRAINT), TABLE, rule)
        return
    told = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
    sql = connection.execute(told, {"name": TABLE}).scalar_one()
    changed, found = re.subn(
        rf"CONSTRAINT {CONSTRAINT} CHECK \([^()]*\([^()]*\)\)", f"CONSTRAINT {CONSTRAINT} CHECK ({rule})", sql
    )
    if found != 1:
        raise RuntimeError("the CHECK of destruction_list.record_class is not the one that the revision before made")
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    connection.execute(
        sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name"),
        {"sql": changed, "name": TABLE},
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {int(version) + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = RESET"))
