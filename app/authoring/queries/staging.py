"""What was read of a file, item by item, while its import is not settled; and what a commit makes of it."""

from bisect import bisect_right
from collections.abc import Collection
from operator import itemgetter
from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, Table, exists, func, or_, select
from sqlalchemy.orm import Session

from app.authoring.import_models import ImportEntry, ImportPack
from app.authoring.models import BankImport, ItemRow, Topic
from app.authoring.packing import PACKED_AT_ONCE, read_signs, unpack
from app.authoring.queries import chunks
from app.authoring.reading import Decision, Entry, Fate, Staged, read_item, read_near, read_notes
from app.authoring.rules import ImportState, ItemState
from app.authoring.searching import Spelt, unpack_spelt
from app.errors import NotFound
from question_bank.items import ItemType
from question_bank.kinds import item_fold

_ENTRY = cast("Table", ImportEntry.__table__).c
_PACK = cast("Table", ImportPack.__table__).c
_STAGED = tuple(_ENTRY[name] for name in Staged._fields)
_ITEM = cast("Table", ItemRow.__table__).c
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
    if show in _SHOWN and show != "taken":  # of such an entry there is something to say: it has a row of its own
        query = select(*_STAGED).where(_ENTRY.import_id == import_id, _ENTRY.position >= after, _SHOWN[show])
        return [_entry(Staged(*row)) for row in db.execute(query.order_by(_ENTRY.position).limit(limit))]
    found: list[Staged] = []
    end = _end_of(db, import_id)
    while len(found) < limit and after < end:
        some = staged_between(db, import_id, (after, after + PACKED_AT_ONCE))
        found += some if show != "taken" else [one for one in some if one.fate == Fate.TAKEN.value]
        after += PACKED_AT_ONCE
    return list(map(_entry, found[:limit]))


def staged_between(db: Session, import_id: int, span: tuple[int, int]) -> list[Staged]:
    """What is stored of the entries of a span of positions (from, to before which), in order."""
    in_packs = (_PACK.first < span[1], _PACK.first + _PACK.count > span[0])
    query = select(_PACK.entries).where(_PACK.import_id == import_id, *in_packs).order_by(_PACK.first)
    told = _told(db, import_id, _ENTRY.position.between(span[0], span[1] - 1))
    found = {one.position: one for entries in db.scalars(query) for one in unpack(entries)}
    if not told:
        return [one for one in found.values() if span[0] <= one.position < span[1]]
    found |= told
    return [one for position, one in sorted(found.items()) if span[0] <= position < span[1]]


def staged_at(db: Session, import_id: int, positions: Collection[int]) -> dict[int, Staged]:
    """What is stored of the entries at these positions."""
    found: dict[int, Staged] = {}
    for chunk in chunks(positions):
        found |= _told(db, import_id, _ENTRY.position.in_(chunk))
    return found | _packed(db, import_id, set(positions) - found.keys())


def packed_at(db: Session, import_id: int, positions: Collection[int]) -> dict[int, Staged]:
    """The same of those alone that have no row of their own."""
    told: set[int] = set()
    for chunk in chunks(positions):
        told.update(
            db.scalars(select(_ENTRY.position).where(_ENTRY.import_id == import_id, _ENTRY.position.in_(chunk)))
        )
    return _packed(db, import_id, set(positions) - told)


def _packed(db: Session, import_id: int, positions: Collection[int]) -> dict[int, Staged]:
    if not positions:
        return {}
    heads = db.execute(select(_PACK.first, _PACK.count).where(_PACK.import_id == import_id).order_by(_PACK.first)).all()
    wanted: dict[int, list[int]] = {}
    for position in positions:
        at = bisect_right(heads, position, key=itemgetter(0)) - 1
        if at >= 0 and position < sum(heads[at]):
            wanted.setdefault(heads[at][0], []).append(position)
    found: dict[int, Staged] = {}
    for first, those in wanted.items():
        query = select(_PACK.entries).where(_PACK.import_id == import_id, _PACK.first == first)
        entries = unpack(db.execute(query).scalar_one())
        found |= {position: entries[position - first] for position in those}
    return found


def _told(db: Session, import_id: int, where: ColumnElement[bool]) -> dict[int, Staged]:
    """The entries that have a row of their own."""
    rows = db.execute(select(*_STAGED).where(_ENTRY.import_id == import_id, where))
    return {row[0]: Staged(*row) for row in rows}


def _end_of(db: Session, import_id: int) -> int:
    """The position before which every entry stands."""
    packed = select(func.max(_PACK.first + _PACK.count)).where(_PACK.import_id == import_id)
    told = select(func.max(_ENTRY.position) + 1).where(_ENTRY.import_id == import_id)
    return max(db.scalar(packed) or 0, db.scalar(told) or 0)


def entries_at(db: Session, import_id: int, positions: Collection[int]) -> dict[int, Entry]:
    """The entries at these positions."""
    return {position: _entry(one) for position, one in staged_at(db, import_id, positions).items()}


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
    doubtful = (_ENTRY.doubts != "") & (_ENTRY.decision == Decision.UNSAID.value)
    return [_entry(one) for _, one in sorted(_told(db, import_id, doubtful).items())]


def every_entry(db: Session, import_id: int) -> list[Entry]:
    """All of them but those that the author has left out, for a file of them."""
    staged = staged_between(db, import_id, (0, _end_of(db, import_id)))
    return [_entry(one) for one in staged if one.decision != Decision.LEAVE.value]


def _entry(one: Staged) -> Entry:
    return Entry(
        one.position,
        read_item(one.content),
        one.place_zh,
        one.place_en,
        read_notes(one.doubts),
        Decision(one.decision),
        Fate(one.fate),
        one.valid,
        one.mended,
        one.mark,
        read_near(one.near),
    )


class Weight(NamedTuple):
    """What decides about an entry, and what was found of it when it was last looked at."""

    position: int
    mark: str
    topic: str
    decision: str = Decision.UNSAID.value
    doubtful: bool = False
    fate: str = Fate.TAKEN.value
    repeated: bool = False
    head: bool = False


def entry_weights(db: Session, import_id: int) -> list[Weight]:
    """That of every entry, in order."""
    packs = db.execute(select(_PACK.first, _PACK.signs).where(_PACK.import_id == import_id).order_by(_PACK.first))
    found = [Weight(at, *sign) for first, signs in packs for at, sign in enumerate(read_signs(signs), first)]
    columns = (
        *(_ENTRY.position, _ENTRY.mark, _ENTRY.topic, _ENTRY.decision, (_ENTRY.doubts != "").label("doubtful")),
        *(_ENTRY.fate, _ENTRY.repeated, _ENTRY.head),
    )
    rows = db.execute(select(*columns).where(_ENTRY.import_id == import_id)).all()
    if not rows:
        return found
    told = {row.position: Weight(*row) for row in rows}
    return [one for _, one in sorted(({one.position: one for one in found} | told).items())]


def stems_of_import(db: Session, import_id: int) -> list[tuple[int, str, str]]:
    """(position, what tells it from others: `item_fold`, mark) of every entry, in order."""
    staged = staged_between(db, import_id, (0, _end_of(db, import_id)))
    return [
        (
            one.position,
            item_fold(read_item(one.content)) if one.item_type == ItemType.CASE_ANALYSIS else one.stem_fold,
            one.mark,
        )
        for one in staged
    ]


def marks_in_bank(db: Session, bank_id: int, marks: Collection[str]) -> set[str]:
    """Those of the marks that items of the bank have, retired ones aside."""
    query = select(ItemRow.duplicate_mark).where(ItemRow.bank_id == bank_id, ItemRow.state != ItemState.RETIRED)
    standing = set(db.scalars(query.limit(len(marks) + 1)))
    if len(standing) <= len(marks):
        return standing.intersection(marks)
    found: set[str] = set()
    for chunk in chunks(marks):
        found.update(db.scalars(query.where(ItemRow.duplicate_mark.in_(chunk))))
    return found


def other_entering(db: Session, bank_id: int, import_id: int) -> bool:
    """Whether the items of another import are being written into the bank."""
    found = exists().where(BankImport.bank_id == bank_id, BankImport.entering.is_(True), BankImport.id != import_id)
    return bool(db.scalar(select(found)))


def entries_to_enter(db: Session, import_id: int, span: tuple[int, int]) -> list[Staged]:
    """What the bank will hold of the entries taken of a span of positions (from, to before which), in order."""
    return [one for one in staged_between(db, import_id, span) if one.fate == Fate.TAKEN.value]


def spelt_between(db: Session, import_id: int, span: tuple[int, int]) -> dict[int, Spelt]:
    """How the stems of a span of positions (from, to before which) were spelt as they were read, by position, as far as
    that was worked out then."""
    in_packs = (_PACK.first < span[1], _PACK.first + _PACK.count > span[0], _PACK.spelt.is_not(None))
    query = select(_PACK.first, _PACK.spelt).where(_PACK.import_id == import_id, *in_packs)
    return {at: one for first, spelt in db.execute(query) for at, one in enumerate(unpack_spelt(spelt), first)}


def topic_ids(db: Session, bank_id: int, paths: Collection[str]) -> dict[str, int]:
    """The ids of topics of a bank, by path."""
    rows = db.execute(select(Topic.path, Topic.id).where(Topic.bank_id == bank_id, Topic.path.in_(paths)))
    return {row[0]: row[1] for row in rows}


def hidden_ids(db: Session, import_id: int, *, limit: int) -> list[int]:
    """Items of an import whether anybody may see them or not, some of them."""
    return list(db.scalars(select(_ITEM.id).where(_ITEM.import_id == import_id).limit(limit)))


def entered_count(db: Session, import_id: int) -> int:
    """How many items of an import stand in the bank, whether anybody may see them or not."""
    return db.execute(select(func.count()).where(_ITEM.import_id == import_id)).scalar_one()


def imports_left_behind(db: Session) -> list[int]:
    """Settled imports of which entries are left."""
    settled = BankImport.state.in_([ImportState.COMMITTED, ImportState.DISCARDED, ImportState.UNDONE])
    left = or_(exists().where(_PACK.import_id == BankImport.id), exists().where(_ENTRY.import_id == BankImport.id))
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


def entry_count(db: Session, import_id: int) -> int:
    """How many entries there are still."""
    return len(entry_weights(db, import_id))


def near_count(db: Session, import_id: int) -> int:
    """How many entries there are of which something near was found."""
    return db.scalar(select(func.count()).where(_ENTRY.import_id == import_id, _SHOWN["near"])) or 0


def any_left(db: Session, import_id: int) -> bool:
    """Whether there is any entry still."""
    packed, told = exists().where(_PACK.import_id == import_id), exists().where(_ENTRY.import_id == import_id)
    return bool(db.scalar(select(or_(packed, told))))
