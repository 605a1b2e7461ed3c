"""Lists of a bank's items, narrowed and searched, page by page: every page costs the same, the last as the first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, cast, column, or_, select, table, text
from sqlalchemy.orm import Session

from app.authoring.models import ItemRow, ItemTag, SavedFilter, Topic
from app.authoring.queries import ENTERED, visible_ids
from app.authoring.queries.assignments import unassigned, with_reviewer
from app.authoring.queries.sight import Sight, needed, not_secret_or, sight_of
from app.authoring.queries.threads import open_threads
from app.authoring.register_models import Citation
from app.authoring.review_models import ItemThread
from app.authoring.rules import Confidentiality, ItemState
from app.authoring.rules.threads import ThreadState
from app.authoring.searching import Looked, look_for
from app.database import locked
from app.security.actor import Actor
from app.statements import Statement
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
    cast(ItemRow.stale_from, String).label("stale_from"),
    ItemRow.forms_seen,
    ItemRow.confidentiality,
    open_threads().label("open_threads"),
)
_SAME = {
    "state": ItemRow.state,
    "item_type": ItemRow.item_type,
    "level": ItemRow.level,
    "difficulty": ItemRow.difficulty,
    "import_id": ItemRow.import_id,
    "author": ItemRow.created_by,
    "confidentiality": ItemRow.confidentiality,
}
_NARROWING = tuple(field.name for field in fields(ItemFilter) if field.name != "search")


@dataclass(frozen=True)
class _Shape:
    """All that a list's statement is made of; two lists of one shape differ in values alone."""

    dialect: str
    sight: Sight
    narrowed: frozenset[str]
    """The fields of the filter that narrow anything."""
    looked: tuple[str, ...]
    """The columns that what is searched for stands in."""
    by_words: bool
    """Whether the index of words says where to look."""
    limit: int
    """How many at most: PostgreSQL plans for a tenth of the bank where it is not told before it is asked."""
    ids_only: bool = False


def list_items(
    db: Session, actor: Actor, bank_id: int, narrowed: ItemFilter, *, limit: int
) -> Sequence[tuple[Any, ...]]:
    """The columns `_LISTED` of items of a bank that the caller has found by `find_bank` or `choices_of`, newest first;
    one statement.

    Which items they are is read from an index alone; the rows of the page are read after that.
    """
    return _ask(db, actor, bank_id, narrowed, limit=limit, ids_only=False)


def found_ids(db: Session, actor: Actor, bank_id: int, narrowed: ItemFilter, *, limit: int) -> Sequence[int]:
    """The ids of all items that a filter finds in a bank, newest first."""
    return [row[0] for row in _ask(db, actor, bank_id, narrowed, limit=limit, ids_only=True)]


def _ask(
    db: Session, actor: Actor, bank_id: int, narrowed: ItemFilter, *, limit: int, ids_only: bool
) -> Sequence[tuple[Any, ...]]:
    looked = look_for(narrowed.search) if narrowed.search.strip() else ()
    by_words = bool(looked) and all(one.by_words for one in looked)
    dialect = db.get_bind().dialect.name
    values = {name: value for name in _NARROWING if (value := getattr(narrowed, name))}
    where = tuple([one.where for one in looked])
    asked = _statement(_Shape(dialect, sight_of(actor), frozenset(values), where, by_words, limit, ids_only))
    if by_words:
        values["looked"] = _words(dialect, looked)
    for number, one in enumerate(looked):
        values[f"held_{number}"] = one.text.replace("/", "//").replace("%", "/%").replace("_", "/_")
    return asked.rows(db, bank_id=bank_id, person=actor.person_id, **values)


@lru_cache(maxsize=512)
def _statement(shape: _Shape) -> Statement:
    """The statement of a shape: few are ever asked, each of them often."""
    seen = not_secret_or(needed(shape.sight, bindparam("person", type_=ItemRow.id.type)))
    ids = select(ItemRow.id).where(ItemRow.bank_id == bindparam("bank_id"), seen, ENTERED)
    ids = ids.where(*(_condition(name) for name in sorted(shape.narrowed - {"after"})))
    order: ColumnElement[int] = ItemRow.id.expression
    if shape.by_words:
        found = _SEARCH[shape.dialect]
        order, match = (
            (found.c.rowid, "item_search MATCH :looked")
            if shape.dialect == "sqlite"
            else (order, "item_search.words @@ CAST(:looked AS tsquery)")
        )
        ids = ids.join(found, ItemRow.id == next(iter(found.c))).where(text(match))
    if shape.looked:
        ids = ids.where(or_(*(_holds(where, number) for number, where in enumerate(shape.looked))))
    if "after" in shape.narrowed:
        ids = ids.where(order < bindparam("after"))
    ids = ids.order_by(order.desc()).limit(shape.limit)
    if shape.ids_only:
        return Statement(ids)
    page = ids.subquery()
    return Statement(select(*_LISTED).join(page, page.c.id == ItemRow.id).order_by(ItemRow.id.desc()))


def own_items(db: Session, actor: Actor, state: ItemState, *, after: int, limit: int) -> Sequence[Any]:
    """The actor's own items in a state, newest first; `after` is the last id of the page before."""
    query = select(*_LISTED).where(ItemRow.created_by == actor.account_id, ItemRow.state == state)
    if after:
        query = query.where(ItemRow.id < after)
    return db.execute(query.order_by(ItemRow.id.desc()).limit(limit)).all()


def _condition(name: str) -> ColumnElement[bool]:
    """What one field of the filter asks for; its value is given when the statement is asked."""
    same = _SAME.get(name)
    return same == bindparam(name) if same is not None else _CONDITIONS[name]


def _below() -> ColumnElement[bool]:
    """That the item is filed under the topic, or below it."""
    in_bank, one = Topic.bank_id == bindparam("bank_id"), Topic.id == bindparam("topic_id")
    top = select(Topic.path).where(one, in_bank).scalar_subquery()
    below = or_(one, Topic.path.startswith(top + "/", autoescape=False))
    return ItemRow.topic_id.in_(select(Topic.id).where(in_bank, below))


def _tagged() -> ColumnElement[bool]:
    of_bank = ItemTag.bank_id == bindparam("bank_id"), ItemTag.tag == bindparam("tag")
    return ItemRow.id.in_(select(ItemTag.item_id).where(*of_bank))


_CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "topic_id": _below(),
    "tag": _tagged(),
    "document_id": ItemRow.id.in_(
        select(Citation.item_id).where(Citation.document_id == bindparam("document_id", type_=ItemRow.id.type))
    ),
    "stale": ItemRow.stale_from.is_not(None) & (ItemRow.state != ItemState.RETIRED),
    "open_threads": ItemRow.id.in_(select(ItemThread.item_id).where(ItemThread.state == ThreadState.OPEN)),
    "unassigned": unassigned(),
    "reviewer": with_reviewer(bindparam("reviewer")),
    "unseen": ItemRow.last_seen_at.is_(None),
    "unseen_since": or_(ItemRow.last_seen_at.is_(None), ItemRow.last_seen_at < bindparam("unseen_since")),
}


def _words(dialect: str, looked: Sequence[Looked]) -> str:
    """What the index of words is asked for, in the words of that database."""
    both, either, begun = (" AND ", " OR ", "*") if dialect == "sqlite" else (" & ", " | ", ":*")

    def asked(one: Looked) -> str:
        needed = [*one.words, *(f"{word}{begun}" for word in one.beginnings)]
        if one.either:
            needed.append(f"({either.join([f'{word}{begun}' for word in one.either])})")
        return f"({both.join(needed)})"

    return either.join(map(asked, looked))


def _holds(where: str, number: int) -> ColumnElement[bool]:
    within = {
        "stem_fold": ItemRow.stem_fold,
        "pinyin": ItemRow.pinyin,
        "initials": ItemRow.initials,
        "stem_start": ItemRow.stem_start,
    }[where]
    return within.contains(bindparam(f"held_{number}"), escape="/")


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
