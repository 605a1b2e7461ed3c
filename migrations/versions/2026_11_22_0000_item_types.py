"""Let items be of every type: numeric, ordering, matching, case analysis and practical beside the first five.

Why: the set of types is closed by a CHECK on the column. SQLite cannot alter a CHECK, and rebuilding the table would
break the rows that refer to it; so its text is changed in place, as SQLite's manual says (ALTER TABLE, section 7),
which touches no row.
"""

import sqlalchemy as sa
from alembic import op

revision = "item_types"
down_revision = "pictures"
branch_labels = None
depends_on = None

FIRST = ("single_choice", "multiple_choice", "true_false", "fill_blank", "short_answer")
EVERY = (
    "single_choice",
    "multiple_choice",
    "true_false",
    "fill_blank",
    "numeric",
    "ordering",
    "matching",
    "short_answer",
    "case_analysis",
    "practical",
)


def upgrade() -> None:
    """Apply."""
    _close(EVERY, instead_of=FIRST)


def downgrade() -> None:
    """Undo; items of the new types must be gone."""
    _close(FIRST, instead_of=EVERY)


def _close(types: tuple[str, ...], *, instead_of: tuple[str, ...]) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_item_itemtype"), "item")
        op.create_check_constraint(op.f("ck_item_itemtype"), "item", f"item_type IN ({_listed(types)})")
        return
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    changed = connection.execute(
        sa.text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE name = 'item' AND instr(sql, :old)"),
        {"old": f"item_type IN ({_listed(instead_of)})", "new": f"item_type IN ({_listed(types)})"},
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {int(version) + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = RESET"))
    if changed.rowcount != 1:
        raise RuntimeError("the CHECK of item.item_type is not the one that earlier revisions made")


def _listed(types: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in types)
