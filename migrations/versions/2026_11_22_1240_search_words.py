"""Find a stem by one word for each pair of its characters, where it took three: decision 0033.

The words of every item are written anew, by the very functions that search for them: what is kept beside an item is
worked out of it, and of use only to the release that runs. On the way down the rows are marked as not indexed, and
the older release's worker indexes them in its own words.
"""

import sqlalchemy as sa
from alembic import op

from app.authoring.searching import spell, words_of

revision = "search_words"
down_revision = "make_ups"
branch_labels = None
depends_on = None

_AT_ONCE = 2_000
_ITEM = sa.table("item", sa.column("id"), sa.column("stem_fold"), sa.column("pinyin"))


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    postgresql = connection.dialect.name == "postgresql"
    op.execute("DROP TABLE item_search")
    if postgresql:
        # No key refers to the item: SQLite has none for it either, and words of an item that is gone find nothing.
        op.execute("CREATE TABLE item_search (id BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)")
        # Rows of words stay whole: nobody reads them, and taking them apart costs as much as the rest.
        op.execute("ALTER TABLE item_search SET (toast_tuple_target = 8160)")
    else:
        op.execute("CREATE VIRTUAL TABLE item_search USING fts5(words, tokenize='ascii', detail=none, columnsize=0)")
    written = sa.text(f"INSERT INTO item_search ({'id' if postgresql else 'rowid'}, words) VALUES (:id, :words)")
    last = 0
    while True:
        rows = connection.execute(
            sa.select(_ITEM.c.id, _ITEM.c.stem_fold)
            .where(_ITEM.c.id > last, _ITEM.c.pinyin.is_not(None))
            .order_by(_ITEM.c.id)
            .limit(_AT_ONCE)
        ).all()
        if not rows:
            break
        connection.execute(
            written, [{"id": one.id, "words": words_of(one.stem_fold, spell(one.stem_fold))} for one in rows]
        )
        last = rows[-1].id
    if postgresql:
        op.execute("CREATE INDEX ix_item_search_words ON item_search USING gin (words)")


def downgrade() -> None:
    """Undo."""
    op.execute("DROP TABLE item_search")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TABLE item_search (id BIGINT PRIMARY KEY REFERENCES item (id), words TSVECTOR NOT NULL)")
        op.execute("ALTER TABLE item_search SET (toast_tuple_target = 8160)")
        op.execute("CREATE INDEX ix_item_search_words ON item_search USING gin (words)")
    else:
        op.execute("CREATE VIRTUAL TABLE item_search USING fts5(words, tokenize='ascii', detail=none)")
    op.execute("UPDATE item SET pinyin = NULL, initials = NULL")
