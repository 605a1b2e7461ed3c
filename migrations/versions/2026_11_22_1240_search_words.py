"""Find a stem by one word for each pair of its characters, where it took three: decision 0033.

The words of every item are written anew, as the service of this release writes them. On the way down the rows are
marked as not indexed, and the older release's worker indexes them in its own words.
"""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import sqlalchemy as sa
from alembic import op

revision = "search_words"
down_revision = "technical_faults"
branch_labels = None
depends_on = None

_AT_ONCE = 2_000
_MOST_PAIRS = 400
_SPELT = 48
_ITEM = sa.table("item", sa.column("id"), sa.column("stem_fold"), sa.column("pinyin"))


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    postgresql = connection.dialect.name == "postgresql"
    op.execute("DROP TABLE item_search")
    if postgresql:
        op.execute("SET LOCAL statement_timeout = 0")  # a large bank is indexed in one statement
        # No key refers to the item: SQLite has none for it either, and words of an item that is gone find nothing.
        op.execute("CREATE TABLE item_search (id BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)")
        # Rows of words stay whole: nobody reads them, and taking them apart costs as much as the rest.
        op.execute("ALTER TABLE item_search SET (toast_tuple_target = 8160)")
    else:
        op.execute("CREATE VIRTUAL TABLE item_search USING fts5(words, tokenize='ascii', detail=none, columnsize=0)")
    written = sa.text(f"INSERT INTO item_search ({'id' if postgresql else 'rowid'}, words) VALUES (:id, :words)")
    indexed = sa.select(_ITEM).where(_ITEM.c.pinyin.is_not(None)).order_by(_ITEM.c.id).limit(_AT_ONCE)
    rows = connection.execute(indexed).all()
    while rows:
        connection.execute(
            written, [{"id": row.id, "words": " ".join(_words(row.stem_fold, row.pinyin))} for row in rows]
        )
        rows = connection.execute(indexed.where(_ITEM.c.id > rows[-1].id)).all()
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


def _words(fold: str, pinyin: str) -> Iterator[str]:
    """The words of a folded stem, whose beginning reads like that."""
    syllables = pinyin.split(".")[1:]
    if syllables:
        yield from (_joined(one, other) for one, other in pairwise([*syllables, "0"]))
    for at in range(min(len(fold) - 1, _MOST_PAIRS)):
        one, other = map(_reading, fold[at : at + 2])
        if not one or not other:
            yield f"c{ord(fold[at]):x}g{ord(fold[at + 1]):x}"
        elif at >= _SPELT - 1:
            yield _joined(one, other)


def _joined(syllable: str, other: str) -> str:
    return f"p{syllable[0]}{other[0]}{syllable[1:]}0{other[1:]}"


@cache
def _reading(character: str) -> str:
    """The commonest reading of a common Chinese character, "" of anything else."""
    from pypinyin import pinyin_dict  # loaded where there is any item
    from pypinyin.contrib.tone_convert import to_normal

    marked = pinyin_dict.pinyin_dict.get(ord(character), "") if "\u4e00" <= character <= "\u9fa5" else ""
    return to_normal(marked.split(",")[0]).replace("ü", "v") if marked else ""
