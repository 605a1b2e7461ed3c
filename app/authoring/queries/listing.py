"""Lists of a bank's items, narrowed and searched, page by page: every page costs the same, the last as the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    cast,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    table,
    text,
    union_all,
)
from sqlalchemy.orm import Session

from app.authoring.models import BankImport, ItemRow, ItemTag, SavedFilter, Topic
from app.authoring.queries import locked, visible_ids
from app.authoring.queries.assignments import unassigned, with_reviewer
from app.authoring.queries.sight import hidden, open_to
from app.authoring.queries.threads import open_threads
from app.authoring.register_models import Citation, Document
from app.authoring.review_models import ItemThread
from app.authoring.rules import Confidentiality, ImportState, ItemState
from app.authoring.rules.threads import ThreadState
from app.authoring.searching import Looked, look_for
from app.security.actor import Actor
from question_bank.items import Difficulty, ItemType, Level

_SEARCH = {
    "sqlite": table("item_search", column("rowid"), column("words")),
    "postgresql": table("item_search", column("id"), column("words")),
}


@dataclass(frozen=True)
class ItemFilter:
    """What a list of items is narrowed by; None and "" narrow nothing. `after` is the last id of the page before."""

    state: ItemState | None = None
    item_type: ItemType | None = None
    level: Level | None = None
    difficulty: Difficulty | None = None
    topic_id: int | None = None
    """A topic, with all below it."""
    tag: str = ""
    document_id: int | None = None
    stale: bool = False
    author: int | None = None
    unseen: bool = False
    """Never used in an exam."""
    unseen_since: datetime | None = None
    import_id: int | None = None
    confidentiality: Confidentiality | None = None
    open_threads: bool = False
    """Something that was said about it stands open."""
    unassigned: bool = False
    """Nobody is asked to review it."""
    reviewer: int | None = None
    """The account that is asked to review it."""
    search: str = ""
    after: int = 0


_LISTED = (
    ItemRow.id,
    ItemRow.bank_id,
    ItemRow.stem_start,
    ItemRow.item_type,
    ItemRow.state,
    ItemRow.level,
    ItemRow.difficulty,
    ItemRow.topic_id,
    ItemRow.version,
    ItemRow.stale_from,
    ItemRow.forms_seen,
    ItemRow.confidentiality,
    open_threads().label("open_threads"),
)


def list_items(db: Session, actor: Actor, bank_id: int, narrowed: ItemFilter, *, limit: int) -> Sequence[Any]:
    """Items of a bank that the caller has found by `find_bank`, newest first; one statement.

    Which items they are is read from an index alone; the rows of the page are read after that.
    """
    ids, order = _narrowed(db, actor, bank_id, narrowed)
    if narrowed.after:
        ids = ids.where(order < narrowed.after)
    page = ids.order_by(order.desc()).limit(limit).subquery()
    return db.execute(select(*_LISTED).join(page, page.c.id == ItemRow.id).order_by(ItemRow.id.desc())).all()


def found_ids(db: Session, actor: Actor, bank_id: int, narrowed: ItemFilter, *, limit: int) -> Sequence[int]:
    """The ids of all items that a filter finds in a bank, newest first."""
    ids, order = _narrowed(db, actor, bank_id, narrowed)
    return db.scalars(ids.order_by(order.desc()).limit(limit)).all()


def _narrowed(db: Session, actor: Actor, bank_id: int, narrowed: ItemFilter) -> tuple[Select[int], ColumnElement[int]]:
    """The ids that a filter finds, and the column to order them by."""
    ids = select(ItemRow.id).where(ItemRow.bank_id == bank_id, open_to(actor), *_conditions(bank_id, narrowed))
    order: ColumnElement[int] = ItemRow.id.expression
    looked = look_for(narrowed.search) if narrowed.search.strip() else ()
    if looked and all(one.words or one.beginnings for one in looked):
        ids, order = _searched(db, ids, looked)
    if looked:
        ids = ids.where(or_(*(_holds(one) for one in looked)))
    return ids, order


def own_items(db: Session, actor: Actor, state: ItemState, *, after: int, limit: int) -> Sequence[Any]:
    """The actor's own items in a state, newest first; `after` is the last id of the page before."""
    query = select(*_LISTED).where(ItemRow.created_by == actor.account_id, ItemRow.state == state)
    if after:
        query = query.where(ItemRow.id < after)
    return db.execute(query.order_by(ItemRow.id.desc()).limit(limit)).all()


def _conditions(bank_id: int, narrowed: ItemFilter) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [
        found == value
        for found, value in (
            (ItemRow.state, narrowed.state),
            (ItemRow.item_type, narrowed.item_type),
            (ItemRow.level, narrowed.level),
            (ItemRow.difficulty, narrowed.difficulty),
            (ItemRow.import_id, narrowed.import_id),
            (ItemRow.created_by, narrowed.author),
            (ItemRow.confidentiality, narrowed.confidentiality),
        )
        if value is not None
    ]
    if narrowed.topic_id is not None:
        top = select(Topic.path).where(Topic.id == narrowed.topic_id, Topic.bank_id == bank_id).scalar_subquery()
        below = or_(Topic.id == narrowed.topic_id, Topic.path.startswith(top + "/", autoescape=False))
        wanted.append(ItemRow.topic_id.in_(select(Topic.id).where(Topic.bank_id == bank_id, below)))
    if narrowed.tag:
        tagged = select(ItemTag.item_id).where(ItemTag.bank_id == bank_id, ItemTag.tag == narrowed.tag)
        wanted.append(ItemRow.id.in_(tagged))
    if narrowed.document_id is not None:
        wanted.append(ItemRow.id.in_(select(Citation.item_id).where(Citation.document_id == narrowed.document_id)))
    if narrowed.stale:
        wanted += [ItemRow.stale_from.is_not(None), ItemRow.state != ItemState.RETIRED]
    if narrowed.open_threads:
        wanted.append(ItemRow.id.in_(select(ItemThread.item_id).where(ItemThread.state == ThreadState.OPEN)))
    if narrowed.unassigned:
        wanted.append(unassigned())
    if narrowed.reviewer is not None:
        wanted.append(with_reviewer(narrowed.reviewer))
    if narrowed.unseen:
        wanted.append(ItemRow.last_seen_at.is_(None))
    if narrowed.unseen_since is not None:
        wanted.append(or_(ItemRow.last_seen_at.is_(None), ItemRow.last_seen_at < narrowed.unseen_since))
    return wanted


def _searched(db: Session, ids: Select[int], looked: Sequence[Looked]) -> tuple[Select[int], ColumnElement[int]]:
    """The same among the items that the index of words names, and the column to order them by."""
    if db.get_bind().dialect.name == "sqlite":
        found = _SEARCH["sqlite"]
        asked = " OR ".join(
            f"({' AND '.join([*one.words, *(f'{word}*' for word in one.beginnings)])})" for one in looked
        )
        match = text("item_search MATCH :looked").bindparams(looked=asked)
        return ids.join(found, found.c.rowid == ItemRow.id).where(match), found.c.rowid
    found = _SEARCH["postgresql"]
    asked = " | ".join(f"({' & '.join([*one.words, *(f'{word}:*' for word in one.beginnings)])})" for one in looked)
    match = text("item_search.words @@ CAST(:looked AS tsquery)").bindparams(looked=asked)
    return ids.join(found, found.c.id == ItemRow.id).where(match), ItemRow.id.expression


def _holds(one: Looked) -> ColumnElement[bool]:
    where = {
        "stem_fold": ItemRow.stem_fold,
        "pinyin": ItemRow.pinyin,
        "initials": ItemRow.initials,
        "stem_start": ItemRow.stem_start,
    }[one.where]
    return where.contains(one.text, autoescape=True)


@dataclass(frozen=True)
class Choice:
    """Something that a list may be narrowed by: `kind` is topic, document, import or saved; or "hidden", where `id` is
    how many secret items there are that the actor may not see."""

    kind: str
    id: int
    words: str


def choices_of(db: Session, actor: Actor, bank_id: int) -> list[Choice]:
    """What the lists of a bank may be narrowed by, the actor's own saved filters, and how much they do not see, in one
    statement."""

    def part(kind: str, id_: Any, words: Any) -> Select[Any]:
        return select(literal(kind).label("kind"), id_.label("id"), cast(words, String).label("words"))

    cited = exists().where(Citation.document_id == Document.id)
    parts = (
        part("topic", Topic.id, Topic.path).where(Topic.bank_id == bank_id),
        part("document", Document.id, Document.title).where(cited),
        part("import", BankImport.id, BankImport.file_name).where(
            BankImport.bank_id == bank_id,
            BankImport.state == ImportState.COMMITTED,
        ),
        part("hidden", _hidden_in(actor, bank_id), literal("")),
        part("saved", SavedFilter.id, SavedFilter.name).where(
            SavedFilter.bank_id == bank_id, SavedFilter.account_id == actor.account_id
        ),
    )
    rows = db.execute(union_all(*parts)).all()
    return sorted((Choice(*row) for row in rows), key=lambda choice: (choice.kind, choice.words, choice.id))


def _hidden_in(actor: Actor, bank_id: int) -> ScalarSelect[int]:
    counted = select(func.count()).select_from(ItemRow).where(ItemRow.bank_id == bank_id, *hidden(actor))
    # SQLite would walk the index of the whole bank, which holds all columns that are asked for.
    return counted.with_hint(ItemRow, "INDEXED BY ix_item_secret", "sqlite").scalar_subquery()


def find_filter(db: Session, actor: Actor, filter_id: int) -> SavedFilter | None:
    """One saved filter of the actor's own, in a bank that they may look into still."""
    return db.scalars(
        select(SavedFilter).where(
            SavedFilter.id == filter_id,
            SavedFilter.account_id == actor.account_id,
            SavedFilter.bank_id.in_(visible_ids(actor)),
        )
    ).one_or_none()


def unindexed(
    db: Session, *, limit: int | None = None, only: Sequence[int] | None = None, lock: bool = False
) -> Sequence[ItemRow]:
    """Items that have not been indexed yet, of those `only` where given; with `lock`, for the transaction."""
    query = select(ItemRow).where(ItemRow.pinyin.is_(None)).order_by(ItemRow.id).limit(limit)
    if only is not None:
        query = query.where(ItemRow.id.in_(only))
    return db.scalars(locked(query) if lock else query).all()
