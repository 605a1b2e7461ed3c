"""Keep what was read of a file in packs of many items; a row of its own has only an item of which something is said.

Why: to write, weigh and forget a row for each of 100,000 items took as long as to read them. Imports that are still
looked at keep the rows that they have: those stand for themselves. On the way down each item is laid out as a row.
"""

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "import_packs"
down_revision = "drills"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS = (
    *("position", "item_type", "level", "difficulty", "topic", "stem_start", "stem_fold", "mark", "content"),
    *("content_hash", "place_zh", "place_en", "doubts", "valid", "flagged", "mended", "decision", "fate"),
    *("repeated", "head", "near"),
)
FLAGS = ("valid", "flagged", "mended", "repeated", "head")
PACK = sa.table("import_pack", sa.column("import_id"), sa.column("entries", sa.LargeBinary()))
ENTRY = sa.table(
    "import_entry",
    sa.column("import_id"),
    *(sa.column(name, sa.Boolean() if name in FLAGS else None) for name in COLUMNS),
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "import_pack",
        sa.Column("import_id", ID, nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.Column("signs", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["bank_import.id"], name="fk_import_pack_import_id"),
        sa.PrimaryKeyConstraint("import_id", "first", name="pk_import_pack"),
    )
    if op.get_bind().dialect.name == "postgresql":
        # Packing them tighter costs more than to read the file, and they are soon gone.
        op.execute("ALTER TABLE import_pack ALTER COLUMN entries SET STORAGE EXTERNAL")
        op.execute("ALTER TABLE import_pack ALTER COLUMN signs SET STORAGE EXTERNAL")
        # Rows of search words stay whole: nobody reads them, and taking them apart costs as much as the rest.
        op.execute("ALTER TABLE item_search SET (toast_tuple_target = 8160)")


def downgrade() -> None:
    """Undo."""
    connection = op.get_bind()
    told = sa.select(ENTRY.c.position)
    for import_id, entries in connection.execute(sa.select(PACK.c.import_id, PACK.c.entries)).all():
        rows = [dict(zip(COLUMNS, entry, strict=True)) for entry in msgspec.msgpack.decode(entries)]
        between = ENTRY.c.position.between(rows[0]["position"], rows[-1]["position"])
        standing = set(connection.scalars(told.where(ENTRY.c.import_id == import_id, between)))
        left = [{"import_id": import_id, **row} for row in rows if row["position"] not in standing]
        if left:
            connection.execute(sa.insert(ENTRY), left)
    if connection.dialect.name == "postgresql":
        op.execute("ALTER TABLE item_search RESET (toast_tuple_target)")
    op.drop_table("import_pack")
