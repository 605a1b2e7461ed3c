"""Keep what was read of a file item by item, so that pages read what they show and a commit moves rows.

Why: a file of 100,000 items was unpacked as a whole for each page, and held the one writer of SQLite for minutes. What
imports that are still looked at had read is laid out anew by the worker, and packed again here on the way down.
"""

import gzip
import json

import sqlalchemy as sa
from alembic import op

revision = "import_entries"
down_revision = "instances"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PARTIAL = (("repeated", "mark", "repeated"), ("flagged", "position", "flagged"), ("head", "position", "head"))
FLAGS = ("valid", "flagged", "mended", "repeated", "head")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "import_entry",
        sa.Column("import_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.String(length), nullable=False)
            for name, length in (("item_type", 32), ("level", 32), ("difficulty", 32), ("topic", 500))
        ),
        sa.Column("stem_start", sa.String(120), nullable=False),
        sa.Column("stem_fold", sa.Text(), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("place_zh", "place_en", "doubts")),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in FLAGS),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("fate", sa.String(16), nullable=False),
        sa.Column("near", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["bank_import.id"], name="fk_import_entry_import_id"),
        sa.PrimaryKeyConstraint("import_id", "position", name="pk_import_entry"),
    )
    op.create_index("ix_import_entry_import_id_fate_position", "import_entry", ["import_id", "fate", "position"])
    for name, column, condition in (*PARTIAL, ("near", "position", "near <> ''")):
        where = sa.text(condition)
        op.create_index(
            f"ix_import_entry_{name}",
            "import_entry",
            ["import_id", column],
            sqlite_where=where,
            postgresql_where=where,
        )
    false = "false" if op.get_bind().dialect.name == "postgresql" else "0"
    for column in (
        "notes JSON DEFAULT '{}' NOT NULL",
        "level VARCHAR(32)",
        "difficulty VARCHAR(32)",
        "duplicates VARCHAR(32) DEFAULT 'keep_first' NOT NULL",
        "outlook JSON DEFAULT '{}' NOT NULL",
        f"compared BOOLEAN DEFAULT {false} NOT NULL",
        f"entering BOOLEAN DEFAULT {false} NOT NULL",
    ):
        op.execute(f"ALTER TABLE bank_import ADD COLUMN {column}")
    where = sa.text("entering")
    op.create_index("ix_bank_import_entering", "bank_import", ["id"], sqlite_where=where, postgresql_where=where)
    op.add_column("item", sa.Column("import_position", sa.Integer(), nullable=True))
    op.drop_index("ix_item_import_id", table_name="item")
    op.create_index("ix_item_import_id_import_position", "item", ["import_id", "import_position"])
    where = sa.text("pinyin IS NULL")
    op.create_index("ix_item_unindexed", "item", ["id"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Undo; imports that are being written must be done."""
    _pack(op.get_bind())
    op.drop_index("ix_item_unindexed", table_name="item")
    op.drop_index("ix_item_import_id_import_position", table_name="item")
    op.create_index("ix_item_import_id", "item", ["import_id"])
    op.drop_column("item", "import_position")
    op.drop_index("ix_bank_import_entering", table_name="bank_import")
    for column in ("entering", "compared", "outlook", "duplicates", "difficulty", "level", "notes"):
        op.execute(f"ALTER TABLE bank_import DROP COLUMN {column}")
    op.drop_table("import_entry")


IMPORT = sa.table(
    "bank_import",
    *(sa.column(name) for name in ("id", "state", "level", "difficulty", "duplicates")),
    sa.column("read", sa.LargeBinary()),
    sa.column("notes", sa.JSON()),
)
ENTRY = sa.table(
    "import_entry",
    *(
        sa.column(name)
        for name in (
            *("import_id", "position", "item_type", "level", "difficulty", "topic", "stem_start", "stem_fold", "mark"),
            *("content", "content_hash", "place_zh", "place_en", "doubts", "decision", "fate", "near"),
        )
    ),
    *(sa.column(name, sa.Boolean()) for name in FLAGS),
)


def _pack(connection: sa.Connection) -> None:
    """The rows of an import that is still looked at, packed as they were."""
    columns = (IMPORT.c.id, IMPORT.c.notes, IMPORT.c.level, IMPORT.c.difficulty, IMPORT.c.duplicates)
    for import_id, notes, level, difficulty, duplicates in connection.execute(
        sa.select(*columns).where(IMPORT.c.state == "checked")
    ).all():
        entries = connection.execute(
            sa.select(ENTRY).where(ENTRY.c.import_id == import_id).order_by(ENTRY.c.position)
        ).all()
        value = {
            "schema": "reading/1",
            "entries": [
                {
                    "item": json.loads(entry.content),
                    "place_zh": entry.place_zh,
                    "place_en": entry.place_en,
                    "doubts": json.loads(entry.doubts) if entry.doubts else [],
                    "decision": entry.decision,
                    "mended": entry.mended,
                }
                for entry in entries
            ],
            "refused": notes.get("refused", []),
            "lost": notes.get("lost", []),
            "level": level or "",
            "difficulty": difficulty or "",
            "duplicates": duplicates,
        }
        packed = gzip.compress(json.dumps(value, ensure_ascii=False).encode(), compresslevel=5)
        connection.execute(sa.update(IMPORT).where(IMPORT.c.id == import_id).values(read=packed))
