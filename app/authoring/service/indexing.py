"""What is kept beside an item so that it is found: its search words, tags and citations, written with every version."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, text, update
from sqlalchemy.orm import Session

from app.authoring.models import ItemRow, ItemTag
from app.authoring.queries import chunks, read_content
from app.authoring.queries.documents import documents_by_fold, superseded_days
from app.authoring.queries.items import newest_versions
from app.authoring.queries.listing import unindexed
from app.authoring.register_models import Citation
from app.authoring.rules import name_fold, stale_day
from app.authoring.searching import spell
from app.authoring.service.bulk_rows import write_rows
from app.operation import House, Operation, acting_as
from question_bank.canonical import stem_fold
from question_bank.items import Basis, Item

_BATCH = 100
_ITEM = cast("Table", ItemRow.__table__)
_DROP = {
    "sqlite": text("DELETE FROM item_search WHERE rowid = :id"),
    "postgresql": text("DELETE FROM item_search WHERE id = :id"),
}


def spelt(item: Item) -> dict[str, str]:
    """The columns of an item's row that a search by pinyin looks into."""
    found = spell(stem_fold(item.stem))
    return {"pinyin": found.pinyin, "initials": found.initials}


def write_words(db: Session, words: Iterable[tuple[int, str]]) -> None:
    """Keep the search words of items (by id) that have none kept."""
    write_rows(db, "item_search", ("rowid" if db.get_bind().dialect.name == "sqlite" else "id", "words"), words)


def drop_words(db: Session, item_ids: Sequence[int]) -> None:
    """Forget the search words of these items."""
    if item_ids:
        db.execute(_DROP[db.get_bind().dialect.name], [{"id": item_id} for item_id in item_ids])


def searched(item: Item) -> str:
    """The words under which an item is found."""
    return spell(stem_fold(item.stem)).words


def index_items(
    op: Operation,
    bank_id: int,
    items: Mapping[int, Item],
    *,
    anew: bool = False,
    words: Sequence[str] | None = None,
) -> None:
    """Keep the search words, tags and citations of these items (by id); `anew`: in place of what was kept.

    `words` are `searched` of each item, in order, where the caller has them already.
    """
    if not items:
        return
    if anew:
        drop_words(op.db, list(items))
        for chunk in chunks(items):
            op.db.execute(delete(ItemTag).where(ItemTag.item_id.in_(chunk)))
            op.db.execute(delete(Citation).where(Citation.item_id.in_(chunk)))
    found = map(searched, items.values()) if words is None else words
    write_words(op.db, zip(items, found, strict=True))
    file_items(op.db, bank_id, items)


def file_items(db: Session, bank_id: int, items: Mapping[int, Item]) -> None:
    """Keep the tags and citations of items (by id) that have none kept."""
    tags = [
        {"bank_id": bank_id, "tag": tag[:200], "item_id": item_id}
        for item_id, item in items.items()
        for tag in dict.fromkeys(item.tags)
    ]
    if tags:
        db.execute(insert(ItemTag), tags)
    _cite(db, {item_id: item.basis for item_id, item in items.items()})


def _cite(db: Session, cited: Mapping[int, Sequence[Basis]]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "item_id": item_id,
            "position": position,
            "document_words": basis.document[:200],
            "clause_words": basis.clause[:200],
            "fold": name_fold(basis.document),
            "reason": "",
        }
        for item_id, bases in cited.items()
        for position, basis in enumerate(bases)
    ]
    if not rows:
        return
    known = documents_by_fold(db, {row["fold"] for row in rows})
    for row in rows:
        row["document_id"] = known.get(row["fold"])
    db.execute(insert(Citation).execution_options(render_nulls=True), rows)
    judge_stale(db, cited)


def judge_stale(db: Session, item_ids: Iterable[int]) -> None:
    """Write down from which day each of these items rests on a document that does not hold, if any."""
    for chunk in chunks(list(item_ids)):
        days = superseded_days(db, chunk)
        by_day: dict[date | None, list[int]] = {}
        for item_id in chunk:
            by_day.setdefault(stale_day(days.get(item_id, ())), []).append(item_id)
        for day, those in by_day.items():
            changed = (_ITEM.c.id.in_(those), _ITEM.c.stale_from.is_distinct_from(day))
            db.execute(update(_ITEM).where(*changed).values(stale_from=day))


def write_spelling(db: Session, items: Mapping[int, Item]) -> None:
    """Keep the spelling of items (by id) that entered without."""
    rows = [{"of": item_id, **spelt(item)} for item_id, item in items.items()]
    if rows:
        one = update(_ITEM).where(_ITEM.c.id == bindparam("of"))
        db.execute(one.values(pinyin=bindparam("pinyin"), initials=bindparam("initials")), rows)


def index_pending(house: House) -> int:
    """Index what entered a bank without: by a large import, or before there was an index; returns how many items. A
    little in each transaction, with the words worked out before it: others want to write, too."""
    done = 0
    while True:
        with house.database.transaction(reading=True) as db:
            rows = unindexed(db, limit=_BATCH)
            versions = newest_versions(db, [row.id for row in rows])
        if not rows:
            return done
        items = {row.id: read_content(versions[row.id].content) for row in rows}
        words = {item_id: searched(item) for item_id, item in items.items()}
        by_bank: dict[int, dict[int, Item]] = {}
        for row in rows:
            by_bank.setdefault(row.bank_id, {})[row.id] = items[row.id]
        seen = {row.id: row.version for row in rows}
        with acting_as(house, "index") as op:
            # What was revised meanwhile has been indexed by that.
            still = {row.id for row in unindexed(op.db, only=list(seen), lock=True) if row.version == seen[row.id]}
            for bank_id, found in by_bank.items():
                here = {item_id: item for item_id, item in found.items() if item_id in still}
                write_spelling(op.db, here)
                index_items(op, bank_id, here, anew=True, words=[words[item_id] for item_id in here])
        done += len(rows)
