"""What was read of a file, item by item, while its import is not settled; and what a commit makes of it."""

from collections.abc import Collection, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, exists, func, select
from sqlalchemy.orm import Session

from app.authoring.models import BankImport, ImportEntry, ItemRow, ItemVersion, Topic
from app.authoring.reading import Decision, Entry, Fate, read_item, read_near, read_notes
from app.authoring.rules import ImportState, ItemState
from app.errors import NotFound

_ENTRY = cast("Table", ImportEntry.__table__).c
_ITEM = cast("Table", ItemRow.__table__).c
_VERSION = cast("Table", ItemVersion.__table__).c
_SHOWN: dict[str, ColumnElement[bool]] = {
    "open": _ENTRY.fate == Fate.OPEN.value,
    "doubtful": _ENTRY.flagged.is_(True),
    "duplicates": _ENTRY.head.is_(True),
    "near": _ENTRY.near != "",
    "taken": _ENTRY.fate == Fate.TAKEN.value,
    "left": _ENTRY.fate.in_([Fate.LEFT_OUT.value, Fate.REPEATED.value, Fate.IN_BANK.value]),
}
SHOWS = ("all", *_SHOWN)
"""What a page of entries may be narrowed to."""


def entry_page(db: Session, import_id: int, *, show: str, after: int, limit: int) -> list[Entry]:
    """Entries of an import from the position `after` on, narrowed, in the order of the file."""
    query = select(ImportEntry).where(_ENTRY.import_id == import_id, _ENTRY.position >= after)
    if show in _SHOWN:
        query = query.where(_SHOWN[show])
    return list(map(_entry, db.scalars(query.order_by(_ENTRY.position).limit(limit))))


def entries_at(db: Session, import_id: int, positions: Collection[int]) -> dict[int, Entry]:
    """The entries at these positions."""
    query = select(ImportEntry).where(_ENTRY.import_id == import_id, _ENTRY.position.in_(positions))
    return {row.position: _entry(row) for row in db.scalars(query)}


def entry_at(db: Session, import_id: int, position: int) -> Entry:
    """One entry. Raises NotFound."""
    found = entries_at(db, import_id, [position])
    if not found:
        raise NotFound
    return found[position]


def entries_with_mark(db: Session, import_id: int, marks: Collection[str], *, limit: int) -> dict[str, list[Entry]]:
    """Entries that stand more than once in the file, by their mark, the first of each."""
    rank = func.row_number().over(partition_by=_ENTRY.mark, order_by=_ENTRY.position).label("rank")
    ranked = (
        select(_ENTRY.position, rank)
        .where(_ENTRY.import_id == import_id, _ENTRY.repeated.is_(True), _ENTRY.mark.in_(marks))
        .subquery()
    )
    positions = [row[0] for row in db.execute(select(ranked.c.position).where(ranked.c.rank <= limit))]
    found: dict[str, list[Entry]] = {}
    for _, entry in sorted(entries_at(db, import_id, positions).items()):
        found.setdefault(entry.mark, []).append(entry)
    return found


def doubtful_entries(db: Session, import_id: int) -> list[Entry]:
    """Every entry with a doubt that has no word yet."""
    query = select(ImportEntry).where(
        _ENTRY.import_id == import_id, _ENTRY.doubts != "", _ENTRY.decision == Decision.UNSAID.value
    )
    return list(map(_entry, db.scalars(query.order_by(_ENTRY.position))))


def every_entry(db: Session, import_id: int) -> list[Entry]:
    """All of them but those that the author has left out, for a file of them."""
    query = select(ImportEntry).where(_ENTRY.import_id == import_id, _ENTRY.decision != Decision.LEAVE.value)
    return list(map(_entry, db.scalars(query.order_by(_ENTRY.position))))


def _entry(row: ImportEntry) -> Entry:
    return Entry(
        row.position,
        read_item(row.content),
        row.place_zh,
        row.place_en,
        read_notes(row.doubts),
        Decision(row.decision),
        Fate(row.fate),
        row.valid,
        row.mended,
        row.mark,
        read_near(row.near),
    )


def entry_weights(db: Session, import_id: int) -> Sequence[Any]:
    """(position, mark, decision, doubtful, topic, fate, repeated, head) of every entry, in order."""
    columns = (
        _ENTRY.position,
        _ENTRY.mark,
        _ENTRY.decision,
        (_ENTRY.doubts != "").label("doubtful"),
        _ENTRY.topic,
        _ENTRY.fate,
        _ENTRY.repeated,
        _ENTRY.head,
    )
    return db.execute(select(*columns).where(_ENTRY.import_id == import_id).order_by(_ENTRY.position)).all()


def contents_at(db: Session, import_id: int, positions: Collection[int]) -> dict[int, str]:
    """The contents of the entries at these positions."""
    rows = db.execute(
        select(_ENTRY.position, _ENTRY.content).where(_ENTRY.import_id == import_id, _ENTRY.position.in_(positions))
    )
    return {row[0]: row[1] for row in rows}


def stems_of_import(db: Session, import_id: int) -> list[tuple[int, str, str]]:
    """(position, folded stem, mark) of every entry, in order."""
    columns = (_ENTRY.position, _ENTRY.stem_fold, _ENTRY.mark)
    return [(*row,) for row in db.execute(select(*columns).where(_ENTRY.import_id == import_id).order_by(columns[0]))]


def marks_in_bank(db: Session, import_id: int, bank_id: int) -> set[str]:
    """The marks of an import that items of the bank have, retired ones aside."""
    query = (
        select(_ENTRY.mark)
        .join(ItemRow, and_(ItemRow.duplicate_mark == _ENTRY.mark, ItemRow.bank_id == bank_id))
        .where(_ENTRY.import_id == import_id, ItemRow.state != ItemState.RETIRED)
        .distinct()
    )
    return set(db.scalars(query))


def topics_to_enter(db: Session, import_id: int) -> list[str]:
    """The paths of topics under which a commit would file items."""
    query = select(_ENTRY.topic).where(_ENTRY.import_id == import_id, _SHOWN["taken"], _ENTRY.topic != "").distinct()
    return list(db.scalars(query))


def other_entering(db: Session, bank_id: int, import_id: int) -> bool:
    """Whether the items of another import are being written into the bank."""
    found = exists().where(BankImport.bank_id == bank_id, BankImport.entering.is_(True), BankImport.id != import_id)
    return bool(db.scalar(select(found)))


def entries_to_enter(db: Session, import_id: int, span: tuple[int, int]) -> Sequence[Any]:
    """What the bank will hold of the entries taken of a span of positions (from, to before which), in order."""
    columns = (
        _ENTRY.position,
        _ENTRY.item_type,
        _ENTRY.level,
        _ENTRY.difficulty,
        _ENTRY.topic,
        _ENTRY.stem_start,
        _ENTRY.stem_fold,
        _ENTRY.mark,
        _ENTRY.content,
        _ENTRY.content_hash,
        _ENTRY.mended,
    )
    where = (_ENTRY.import_id == import_id, _ENTRY.position.between(span[0], span[1] - 1), _SHOWN["taken"])
    return db.execute(select(*columns).where(*where).order_by(_ENTRY.position)).all()


def topic_ids(db: Session, bank_id: int, paths: Collection[str]) -> dict[str, int]:
    """The ids of topics of a bank, by path."""
    rows = db.execute(select(Topic.path, Topic.id).where(Topic.bank_id == bank_id, Topic.path.in_(paths)))
    return {row[0]: row[1] for row in rows}


def hidden_ids(db: Session, import_id: int, *, limit: int) -> list[int]:
    """Items of an import whether anybody may see them or not, some of them."""
    return list(db.scalars(select(_ITEM.id).where(_ITEM.import_id == import_id).limit(limit)))


def entered_hashes(db: Session, import_id: int) -> list[str]:
    """The content hashes of the first versions of an import's items, in the order of the file."""
    query = (
        select(_VERSION.content_hash)
        .join(ItemRow.__table__, and_(_ITEM.id == _VERSION.item_id, _VERSION.number == 1))
        .where(_ITEM.import_id == import_id)
        .order_by(_ITEM.import_position)
    )
    return list(db.scalars(query))


def imports_left_behind(db: Session) -> list[int]:
    """Settled imports of which entries are left."""
    settled = BankImport.state.in_([ImportState.COMMITTED, ImportState.DISCARDED, ImportState.UNDONE])
    left = exists().where(_ENTRY.import_id == BankImport.id)
    return list(db.scalars(select(BankImport.id).where(settled, BankImport.entering.is_(False), left)))


def imports_packed(db: Session) -> list[int]:
    """Imports of which what was read is kept as releases before this one kept it."""
    return list(
        db.scalars(select(BankImport.id).where(BankImport.state == ImportState.CHECKED, BankImport.read != b""))
    )


def imports_entering(db: Session) -> list[BankImport]:
    """Imports whose items are being written, or were when whoever wrote them died."""
    return list(db.scalars(select(BankImport).where(BankImport.entering.is_(True))))


def imports_not_compared(db: Session) -> list[BankImport]:
    """Imports that have been read, and have not been compared with what says almost the same."""
    return list(db.scalars(select(BankImport).where(BankImport.state == ImportState.CHECKED, ~BankImport.compared)))


def entry_count(db: Session, import_id: int, *, show: str = "all") -> int:
    """How many entries there are still, narrowed as those of a page."""
    query = select(func.count()).select_from(ImportEntry).where(_ENTRY.import_id == import_id)
    return db.scalar(query.where(_SHOWN[show]) if show in _SHOWN else query) or 0
