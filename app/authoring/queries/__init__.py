"""Everything that is read from the tables of the bank. The bank is seen by its author group alone (P19)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, event, exists, false, or_, select
from sqlalchemy.orm import ORMExecuteState, Session, aliased, with_loader_criteria

from app.authoring.models import (
    Bank,
    BankImport,
    ItemInvolvement,
    ItemRow,
    ItemUsage,
    ItemVersion,
    Topic,
)
from app.authoring.rules import MADE, Confidentiality, ItemState
from app.database import find_one, locked
from app.errors import NotFound
from app.people.models import Unit
from app.people.queries import unit_by_id
from app.security.actor import Actor
from app.security.permissions import Capability
from question_bank.canonical import read_json
from question_bank.item_json import item_from_json
from question_bank.items import Item, Level

_CHUNK = 10_000


def visible(actor: Actor, capability: Capability = Capability.BANK_READ) -> Select[Bank]:
    """The banks this actor may look into: those whose owner lies within their scopes of `capability`."""
    return owned_within(actor.scopes(capability))


def owned_within(scopes: Collection[str]) -> Select[Bank]:
    """The banks whose owner lies within these parts of the unit tree."""
    within = [Unit.path.startswith(scope, autoescape=True) for scope in scopes]
    return select(Bank).join(Unit, Bank.owner_unit_id == Unit.id).where(or_(*within) if within else false())


def visible_ids(actor: Actor, capability: Capability = Capability.BANK_READ) -> Select[int]:
    """The ids of those banks, for the conditions of other queries."""
    return visible(actor, capability).with_only_columns(Bank.id)


def find_bank(db: Session, actor: Actor, bank_id: int, capability: Capability = Capability.BANK_READ) -> Bank:
    """One bank that the actor may look into. Raises NotFound."""
    return find_one(db, visible(actor, capability).where(Bank.id == bank_id))


def banks(db: Session, actor: Actor) -> Sequence[Bank]:
    """The banks this actor may name: those that they may look into, and all of them for who writes or reads
    blueprints, who sees no item by that."""
    known = select(Bank) if actor.may(Capability.BLUEPRINT_READ) else visible(actor)
    return db.scalars(known.order_by(Bank.name)).all()


def visible_banks(db: Session, actor: Actor) -> Sequence[Bank]:
    """The banks that the actor may look into, by name."""
    return db.scalars(visible(actor).order_by(Bank.name)).all()


def bank_by_id(db: Session, bank_id: int) -> Bank:
    """One bank, for the service's own work; what an actor may see starts from `visible`. Raises NotFound."""
    found = db.get(Bank, bank_id)
    if found is None:
        raise NotFound
    return found


def bank_by_name(db: Session, name: str) -> Bank | None:
    """The bank of that name, if there is one."""
    return db.scalars(select(Bank).where(Bank.name == name)).one_or_none()


def bank_owner_path(db: Session, bank_id: int) -> str:
    """The path of the unit that owns a bank."""
    return unit_by_id(db, bank_by_id(db, bank_id).owner_unit_id).path


def lock_bank(db: Session, bank_id: int) -> None:
    """Let no other commit into this bank go on meanwhile: topics are made once, duplicates are counted once."""
    db.execute(select(Bank.id).where(Bank.id == bank_id).with_for_update())


@dataclass(frozen=True)
class PoolVersion:
    """A version that may be drawn: `content` is its canonical JSON, `topic` the path that its item is filed under."""

    item_version_id: int
    item_id: int
    content: str
    topic: str | None = None


def ids_for(*, practice: bool) -> Select[int]:
    """The ids of the banks that are for practice, or of those that are for exams; for conditions of other queries."""
    return select(Bank.id).where(Bank.practice.is_(practice))


_POOL_COLUMNS = (ItemVersion.id, ItemVersion.item_id, ItemVersion.content)


def pool_candidates(db: Session, bank_id: int, level: Level, *, on: date) -> list[PoolVersion]:
    """The newest version of each approved item of a bank at a level, by id, for an exam on that day: without those
    that rest then on a document that does not hold any more (待复核), and without what stands both in a practice bank
    and in one for exams: neither draws that. Nothing secret is practised."""
    practice = bank_by_id(db, bank_id).practice
    other = aliased(ItemRow)
    stands_in_both = exists().where(
        other.duplicate_mark == ItemRow.duplicate_mark,
        other.state != ItemState.RETIRED,
        other.bank_id.in_(ids_for(practice=not practice)),
    )
    rows = db.execute(
        select(*_POOL_COLUMNS, Topic.path)
        .join(ItemRow, (ItemRow.id == ItemVersion.item_id) & (ItemRow.version == ItemVersion.number))
        .outerjoin(Topic, Topic.id == ItemRow.topic_id)
        .where(
            ItemRow.bank_id == bank_id,
            ItemRow.state == ItemState.APPROVED,
            ItemRow.level == level,
            or_(ItemRow.stale_from.is_(None), ItemRow.stale_from > on),
            ~stands_in_both,
            *([ItemRow.confidentiality != Confidentiality.SECRET] if practice else []),
        )
        .order_by(ItemVersion.id)
    )
    return [PoolVersion(*row) for row in rows]


def versions_by_id(db: Session, version_ids: Collection[int]) -> list[PoolVersion]:
    """These versions, whatever has become of their items since, by id; where they are filed is not told."""
    rows: list[Any] = []
    for chunk in chunks(version_ids):
        rows += db.execute(select(*_POOL_COLUMNS).where(ItemVersion.id.in_(chunk)))
    return [PoolVersion(*row) for row in sorted(rows)]


def usage_in_exam(db: Session, exam_id: int, version_ids: Collection[int]) -> list[ItemUsage]:
    """What was noted of these versions for an exam so far, held."""
    found: list[ItemUsage] = []
    for chunk in chunks(version_ids):
        query = select(ItemUsage).where(ItemUsage.exam_id == exam_id, ItemUsage.item_version_id.in_(chunk))
        found += db.scalars(locked(query.order_by(ItemUsage.id)))
    return found


def items_of(db: Session, version_ids: Collection[int]) -> dict[int, int]:
    """The items that these versions are of, by version."""
    found: dict[int, int] = {}
    for chunk in chunks(version_ids):
        rows = db.execute(select(ItemVersion.id, ItemVersion.item_id).where(ItemVersion.id.in_(chunk)))
        found |= {row[0]: row[1] for row in rows}
    return found


def read_content(text: str) -> Item:
    """The item in a version's canonical JSON."""
    return item_from_json(read_json(text))


def involved_persons(db: Session, item_ids: Collection[int]) -> set[int]:
    """The natural persons who wrote, reviewed, imported or exported any of these items."""
    found: set[int] = set()
    for chunk in chunks(item_ids):
        found |= set(db.scalars(select(ItemInvolvement.person_id).where(ItemInvolvement.item_id.in_(chunk)).distinct()))
        found |= importers_of(db, chunk)
    return found


def importers_of(db: Session, item_ids: Collection[int]) -> set[int]:
    """The natural persons who imported any of these items, as far as that is noted with the imports; of so many items
    as one statement may bind."""
    query = select(BankImport.imported_by).join(ItemRow, ItemRow.import_id == BankImport.id)
    rows = db.scalars(query.where(ItemRow.id.in_(item_ids)).distinct())
    return {person for person in rows if person is not None}


def made_item(person: int | BindParameter[int] | None) -> ColumnElement[bool]:
    """That this natural person wrote or imported the item (MADE)."""
    noted = exists().where(
        ItemInvolvement.item_id == ItemRow.id,
        ItemInvolvement.person_id == person,
        or_(*(ItemInvolvement.involvement == one for one in sorted(MADE))),
    )
    imported = exists().where(BankImport.id == ItemRow.import_id, BankImport.imported_by == person)
    return or_(noted.correlate(ItemRow), imported.correlate(ItemRow))


def any_involved(db: Session, person_ids: Collection[int]) -> bool:
    """Whether any of these natural persons wrote, reviewed, imported or exported any item at all."""
    return any(
        db.scalars(select(held.id).where(whose.in_(chunk)).limit(1)).first() is not None
        for chunk in chunks(person_ids)
        for held, whose in (
            (ItemInvolvement, ItemInvolvement.person_id),
            (BankImport, BankImport.imported_by),
        )
    )


def items_used_since(db: Session, item_ids: Collection[int], *, since: datetime) -> set[int]:
    """Those of the items of which any version was drawn for an exam at `since` or later."""
    found: set[int] = set()
    for chunk in chunks(item_ids):
        found |= set(
            db.scalars(
                select(ItemVersion.item_id)
                .join(ItemUsage, ItemUsage.item_version_id == ItemVersion.id)
                .where(ItemVersion.item_id.in_(chunk), ItemUsage.at >= since)
                .distinct()
            )
        )
    return found


def chunks(values: Collection[Any]) -> Iterable[list[Any]]:
    """At most as many values at a time as one statement may bind."""
    rest = iter(values)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


ENTERED = or_(ItemRow.import_id.is_(None), ItemRow.import_id.not_in(select(BankImport.id).where(BankImport.entering)))
"""That an item does not belong to an import that is being written. A `Statement` names it itself."""

_HIDDEN = with_loader_criteria(ItemRow, ENTERED, include_aliases=True)


@event.listens_for(Session, "do_orm_execute")
def hide_entering(state: ORMExecuteState) -> None:
    """While the items of a large import are being written, no query sees one of them; then, at once, every query sees
    them all. Here and not in each query, so that none can forget it."""
    if state.is_select and not state.is_column_load and not state.is_relationship_load:
        state.statement = state.statement.options(_HIDDEN)
