"""Everything that is read from the tables of the bank. The bank is seen by its author group alone (P19)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import Session

from app.authoring.models import (
    Bank,
    BankImport,
    ItemInvolvement,
    ItemReview,
    ItemRow,
    ItemUsage,
    ItemVersion,
    Topic,
)
from app.authoring.rules import MADE, ImportState, ItemState
from app.errors import NotFound
from app.people.models import Unit
from app.security.actor import Actor
from app.security.permissions import Capability
from question_bank.canonical import read_json, stem_fold
from question_bank.item_json import item_from_json
from question_bank.items import Item, ItemType, Level

_CHUNK = 10_000


def visible(actor: Actor, capability: Capability = Capability.BANK_READ) -> Select[Bank]:
    """The banks this actor may look into: those whose owner lies within their scopes of `capability`."""
    return _owned_within(actor.scopes(capability))


def _owned_within(scopes: Iterable[str]) -> Select[Bank]:
    reach = [Unit.path.startswith(scope, autoescape=True) for scope in scopes]
    return select(Bank).join(Unit, Bank.owner_unit_id == Unit.id).where(or_(*reach) if reach else false())


def find_bank(db: Session, actor: Actor, bank_id: int, capability: Capability = Capability.BANK_READ) -> Bank:
    """One bank that the actor may look into. Raises NotFound."""
    found = db.scalars(visible(actor, capability).where(Bank.id == bank_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def banks(db: Session, actor: Actor) -> Sequence[Bank]:
    """The banks this actor may name: those that they may look into, and all of them for who writes or reads
    blueprints, who sees no item by that."""
    known = select(Bank) if actor.may(Capability.BLUEPRINT_READ) else visible(actor)
    return db.scalars(known.order_by(Bank.name)).all()


def bank_by_id(db: Session, bank_id: int) -> Bank:
    """One bank, for the service's own work; what an actor may see starts from `visible`. Raises NotFound."""
    found = db.get(Bank, bank_id)
    if found is None:
        raise NotFound
    return found


def bank_by_name(db: Session, name: str) -> Bank | None:
    """The bank of that name, if there is one."""
    return db.scalars(select(Bank).where(Bank.name == name)).one_or_none()


def lock_bank(db: Session, bank_id: int) -> None:
    """Let no other commit into this bank go on meanwhile: topics are made once, duplicates are counted once."""
    db.execute(select(Bank.id).where(Bank.id == bank_id).with_for_update())


# --- what exams draw from ---


@dataclass(frozen=True)
class PoolVersion:
    """A version that may be drawn: `content` is its canonical JSON."""

    item_version_id: int
    item_id: int
    content: str


_POOL_COLUMNS = (ItemVersion.id, ItemVersion.item_id, ItemVersion.content)


def pool_candidates(db: Session, bank_id: int, level: Level) -> list[PoolVersion]:
    """The newest version of each approved item of a bank at a level, by id."""
    rows = db.execute(
        select(*_POOL_COLUMNS)
        .join(ItemRow, (ItemRow.id == ItemVersion.item_id) & (ItemRow.version == ItemVersion.number))
        .where(ItemRow.bank_id == bank_id, ItemRow.state == ItemState.APPROVED, ItemRow.level == level)
        .order_by(ItemVersion.id)
    )
    return [PoolVersion(*row) for row in rows]


def versions_by_id(db: Session, version_ids: Collection[int]) -> list[PoolVersion]:
    """These versions, whatever has become of their items since, by id."""
    rows: list[Any] = []
    for chunk in _chunks(version_ids):
        rows += db.execute(select(*_POOL_COLUMNS).where(ItemVersion.id.in_(chunk)))
    return [PoolVersion(*row) for row in sorted(rows)]


def read_content(text: str) -> Item:
    """The item in a version's canonical JSON."""
    return item_from_json(read_json(text))


def involved_persons(db: Session, item_ids: Collection[int]) -> set[int]:
    """The natural persons who wrote, reviewed, imported or exported any of these items."""
    found: set[int] = set()
    for chunk in _chunks(item_ids):
        found |= set(db.scalars(select(ItemInvolvement.person_id).where(ItemInvolvement.item_id.in_(chunk)).distinct()))
    return found


def usage_of(db: Session, item_version_ids: Collection[int]) -> dict[int, int]:
    """In how many forms each version has stood; versions never drawn are left out."""
    found: dict[int, int] = {}
    for chunk in _chunks(item_version_ids):
        rows = db.execute(
            select(ItemUsage.item_version_id, func.sum(ItemUsage.forms))
            .where(ItemUsage.item_version_id.in_(chunk))
            .group_by(ItemUsage.item_version_id)
        )
        found |= {version_id: int(forms) for version_id, forms in rows}
    return found


# --- items ---


@dataclass(frozen=True)
class ItemFilter:
    """What a list of items is narrowed by; None and "" narrow nothing. `after` is the last id of the page before."""

    state: ItemState | None = None
    item_type: ItemType | None = None
    level: Level | None = None
    topic_id: int | None = None
    import_id: int | None = None
    search: str = ""
    after: int = 0


def list_items(db: Session, bank_id: int, narrowed: ItemFilter, *, limit: int) -> Sequence[ItemRow]:
    """Items of a bank that the caller has found by `find_bank`, newest first."""
    query = select(ItemRow).where(ItemRow.bank_id == bank_id)
    for column, value in (
        (ItemRow.state, narrowed.state),
        (ItemRow.item_type, narrowed.item_type),
        (ItemRow.level, narrowed.level),
        (ItemRow.topic_id, narrowed.topic_id),
        (ItemRow.import_id, narrowed.import_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if narrowed.search:
        folded = stem_fold(narrowed.search)
        query = query.where(
            ItemRow.stem_fold.contains(folded, autoescape=True)
            if folded
            else ItemRow.stem_start.contains(narrowed.search, autoescape=True)
        )
    if narrowed.after:
        query = query.where(ItemRow.id < narrowed.after)
    return db.scalars(query.order_by(ItemRow.id.desc()).limit(limit)).all()


def state_counts(db: Session, bank_ids: Collection[int]) -> dict[int, dict[ItemState, int]]:
    """How many items of each state each bank holds."""
    rows = db.execute(
        select(ItemRow.bank_id, ItemRow.state, func.count())
        .where(ItemRow.bank_id.in_(bank_ids))
        .group_by(ItemRow.bank_id, ItemRow.state)
    )
    found: dict[int, dict[ItemState, int]] = {bank_id: {} for bank_id in bank_ids}
    for bank_id, state, count in rows:
        found[bank_id][state] = count
    return found


def topics_of(db: Session, bank_id: int) -> Sequence[Topic]:
    """The topics of a bank, in the order of their paths."""
    return db.scalars(select(Topic).where(Topic.bank_id == bank_id).order_by(Topic.path)).all()


def find_item(
    db: Session, actor: Actor, item_id: int, *, capability: Capability = Capability.BANK_READ, lock: bool = False
) -> ItemRow:
    """One item of a bank that the actor may look into; with `lock`, for the transaction. Raises NotFound."""
    allowed = visible(actor, capability).with_only_columns(Bank.id)
    query = select(ItemRow).where(ItemRow.id == item_id, ItemRow.bank_id.in_(allowed))
    found = db.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFound
    return found


def versions_of(db: Session, item_id: int) -> Sequence[ItemVersion]:
    """Every version of an item, newest first."""
    return db.scalars(
        select(ItemVersion).where(ItemVersion.item_id == item_id).order_by(ItemVersion.number.desc())
    ).all()


def newest_version(db: Session, item: ItemRow) -> ItemVersion:
    """The newest version of an item."""
    return db.scalars(
        select(ItemVersion).where(ItemVersion.item_id == item.id, ItemVersion.number == item.version)
    ).one()


def reviews_of(db: Session, item_id: int) -> Sequence[ItemReview]:
    """Every word of a second person on an item, newest first."""
    return db.scalars(select(ItemReview).where(ItemReview.item_id == item_id).order_by(ItemReview.id.desc())).all()


def usages_of(db: Session, item_id: int) -> Sequence[ItemUsage]:
    """In which exams versions of an item were drawn, newest first."""
    return db.scalars(
        select(ItemUsage)
        .join(ItemVersion, ItemVersion.id == ItemUsage.item_version_id)
        .where(ItemVersion.item_id == item_id)
        .order_by(ItemUsage.id.desc())
    ).all()


def made_by(db: Session, item_ids: Collection[int], person_id: int | None) -> set[int]:
    """Those of the items that this natural person wrote or imported."""
    found: set[int] = set()
    for chunk in _chunks(item_ids):
        found |= set(
            db.scalars(
                select(ItemInvolvement.item_id).where(
                    ItemInvolvement.item_id.in_(chunk),
                    ItemInvolvement.person_id == person_id,
                    ItemInvolvement.involvement.in_(MADE),
                )
            )
        )
    return found


def items_with_mark(db: Session, bank_id: int, marks: Collection[str]) -> dict[str, list[ItemRow]]:
    """The items of a bank, retired ones aside, by duplicate mark."""
    found: dict[str, list[ItemRow]] = {}
    for chunk in _chunks(set(marks)):
        rows = db.scalars(
            select(ItemRow)
            .where(ItemRow.bank_id == bank_id, ItemRow.duplicate_mark.in_(chunk), ItemRow.state != ItemState.RETIRED)
            .order_by(ItemRow.id)
        )
        for row in rows:
            found.setdefault(row.duplicate_mark, []).append(row)
    return found


# --- reviews ---


def queue(
    db: Session, actor: Actor, *, after: int = 0, import_id: int | None = None, limit: int, lock: bool = False
) -> list[tuple[ItemRow, ItemVersion]]:
    """Submitted items that others made, in the order of their versions; `after` is a version's id."""
    query = (
        select(ItemRow, ItemVersion)
        .join(ItemVersion, (ItemVersion.item_id == ItemRow.id) & (ItemVersion.number == ItemRow.version))
        .where(*_waiting_for(actor), ItemVersion.id > after)
        .order_by(ItemVersion.id)
        .limit(limit)
    )
    if import_id is not None:
        query = query.where(ItemRow.import_id == import_id)
    rows = db.execute(query.with_for_update(of=ItemRow) if lock else query)
    return [(row[0], row[1]) for row in rows]


def _waiting_for(actor: Actor) -> tuple[Any, ...]:
    allowed = visible(actor, Capability.ITEM_REVIEW).with_only_columns(Bank.id)
    own = select(ItemInvolvement.id).where(
        ItemInvolvement.item_id == ItemRow.id,
        ItemInvolvement.person_id == actor.person_id,
        ItemInvolvement.involvement.in_(MADE),
    )
    return ItemRow.state == ItemState.SUBMITTED, ItemRow.bank_id.in_(allowed), ~own.exists()


def queue_by_import(db: Session, actor: Actor) -> list[tuple[int | None, str, int, int]]:
    """What waits for this reviewer: (import or None, its file's name, how many, the newest version's id)."""
    rows = db.execute(
        select(ItemRow.import_id, func.max(BankImport.file_name), func.count(), func.max(ItemVersion.id))
        .join(ItemVersion, (ItemVersion.item_id == ItemRow.id) & (ItemVersion.number == ItemRow.version))
        .outerjoin(BankImport, BankImport.id == ItemRow.import_id)
        .where(*_waiting_for(actor))
        .group_by(ItemRow.import_id)
        .order_by(ItemRow.import_id)
    )
    return [(row[0], row[1] or "", row[2], row[3]) for row in rows]


def items_of_versions(
    db: Session, actor: Actor, version_ids: Collection[int], *, capability: Capability
) -> list[tuple[ItemRow, ItemVersion]]:
    """The items of these versions, within the banks where the capability is held, locked in the order of their ids.

    The row of the item is what review, revision and undoing share: it is locked before its state is judged.
    """
    allowed = visible(actor, capability).with_only_columns(Bank.id)
    rows = db.execute(
        select(ItemRow, ItemVersion)
        .join(ItemVersion, ItemVersion.item_id == ItemRow.id)
        .where(ItemVersion.id.in_(version_ids), ItemRow.bank_id.in_(allowed))
        .order_by(ItemRow.id)
        .with_for_update(of=ItemRow)
        .execution_options(populate_existing=True)
    )
    return [(row[0], row[1]) for row in rows]


# --- imports ---


def find_import(db: Session, actor: Actor, import_id: int, *, lock: bool = False) -> BankImport:
    """One import into a bank where the actor may import; with `lock`, for the transaction. Raises NotFound."""
    allowed = visible(actor, Capability.BANK_IMPORT).with_only_columns(Bank.id)
    query = select(BankImport).where(BankImport.id == import_id, BankImport.bank_id.in_(allowed))
    found = db.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_imports(db: Session, bank_id: int, *, limit: int) -> list[Any]:
    """Imports into a bank that the caller has found, newest first, without what was read."""
    columns = (
        BankImport.id,
        BankImport.file_name,
        BankImport.state,
        BankImport.figures,
        BankImport.uploaded_by,
        BankImport.uploaded_at,
    )
    return list(
        db.execute(select(*columns).where(BankImport.bank_id == bank_id).order_by(BankImport.id.desc()).limit(limit))
    )


def items_of_import(db: Session, import_id: int) -> Sequence[ItemRow]:
    """The items that an import brought in, locked in the order of their ids."""
    return db.scalars(
        select(ItemRow).where(ItemRow.import_id == import_id).order_by(ItemRow.id).with_for_update()
    ).all()


def approved_once(db: Session, item_ids: Collection[int]) -> set[int]:
    """Those of the items that were ever approved or drawn for an exam."""
    found: set[int] = set()
    for chunk in _chunks(item_ids):
        found |= set(
            db.scalars(select(ItemReview.item_id).where(ItemReview.item_id.in_(chunk), ItemReview.approved.is_(True)))
        )
        found |= set(
            db.scalars(
                select(ItemVersion.item_id)
                .join(ItemUsage, ItemUsage.item_version_id == ItemVersion.id)
                .where(ItemVersion.item_id.in_(chunk))
            )
        )
    return found


def waiting_counts(db: Session, actor: Actor) -> tuple[int, int, int]:
    """For the home page: the author's drafts, the author's returned items, the author's unfinished imports."""
    rows = db.execute(
        select(ItemRow.state, func.count())
        .where(ItemRow.created_by == actor.account_id, ItemRow.state.in_([ItemState.DRAFT, ItemState.RETURNED]))
        .group_by(ItemRow.state)
    )
    by_state = {row[0]: row[1] for row in rows}
    unfinished = db.execute(
        select(func.count())
        .select_from(BankImport)
        .where(BankImport.uploaded_by == actor.account_id, BankImport.state == ImportState.CHECKED)
    ).scalar_one()
    return by_state.get(ItemState.DRAFT, 0), by_state.get(ItemState.RETURNED, 0), unfinished


def queue_size(db: Session, actor: Actor) -> int:
    """How many submitted items wait for this reviewer."""
    return db.execute(select(func.count()).select_from(ItemRow).where(*_waiting_for(actor))).scalar_one()


def _chunks(values: Collection[Any]) -> Iterable[list[Any]]:
    """At most as many values at a time as one statement may bind."""
    rest = iter(values)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk
