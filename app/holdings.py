"""What a feature keeps for a term, and how it is destroyed: described by the feature, carried out by retention.

A holding names its subjects (a registration, a person, a form) and the parts of the database that belong to one. What
is destroyed is digested under a key first: the digest says later what was destroyed, and tells nobody what it said,
though many a response is one of four letters.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Select, Table, and_, delete, or_, select, true, union, update
from sqlalchemy.orm import InstrumentedAttribute, Session

Column = InstrumentedAttribute[Any]


@dataclass(frozen=True)
class Part:
    """Rows of one table that belong to a subject: those whose `key` is the subject's id, or leads to it by `steps`,
    each from the id of a row to the next column. With `old` only rows whose moment there lies at or before the list's.
    What is destroyed is the row; where there is something that it `leaves`, only what stood in those columns."""

    key: Column
    steps: tuple[tuple[Column, Column], ...] = ()
    old: ColumnElement[Any] | Column | None = None
    leaves: Mapping[str, Any] | None = None

    @property
    def table(self) -> Table:
        """The table of the rows."""
        return cast("Table", self.key.class_.__table__)

    @property
    def subject(self) -> Column:
        """The column that holds the subject's id."""
        return self.steps[-1][1] if self.steps else self.key

    def standing(self, until: datetime) -> ColumnElement[bool]:
        """Whether a row has something to destroy that is old enough."""
        told: list[ColumnElement[bool]] = [true()] if self.old is None else [self.old <= until]
        if self.leaves is not None:
            columns = self.table.c
            told.append(or_(*(columns[name].is_distinct_from(value) for name, value in self.leaves.items())))
        return and_(*told)

    def joined(self, *columns: Any) -> Select[Any]:
        """These columns of its rows, joined up to the subject."""
        query, came_by = select(*columns).select_from(self.table), self.key
        for own, leads_to in self.steps:
            query = query.join(own.class_.__table__, own == came_by)
            came_by = leads_to
        return query

    def subjects(self, until: datetime) -> Select[Any]:
        """The subjects of whom something stands that is old enough."""
        return self.joined(self.subject).where(self.standing(until))


def subjects_of(parts: Iterable[Part], until: datetime) -> Select[int]:
    """The subjects of whom something of any of `parts` stands that is old enough."""
    return select(union(*(part.subjects(until) for part in parts)).subquery().c[0])


@dataclass(frozen=True)
class Holding:
    """Records that are listed and destroyed together, subject by subject. `due` selects the subjects whose moment lies
    at or before the one given and of whom something is left; `held` those that belong to any of some registrations,
    None where nothing of an exam can hold them. `note` is told of the subjects before they are destroyed."""

    name: str
    parts: tuple[Part, ...]
    due: Callable[[datetime], Select[int]]
    held: Callable[[Select[int]], Select[Any]] | None = None
    note: Callable[[Session, Collection[int], datetime], None] | None = None


@dataclass(frozen=True)
class Found:
    """What is there of one subject: how many rows, and their digest (hex)."""

    rows: int
    digest: str


class Stirred(Exception):
    """Rows came to those that were looked at, and would have been destroyed unseen."""


def look(
    db: Session, holding: Holding, subjects: Collection[int], *, until: datetime, key: bytes, lock: bool = False
) -> dict[int, Found]:
    """What is there of each of the subjects, as old as `until`, under `key`; with `lock` the rows are held."""
    counts = dict.fromkeys(subjects, 0)
    digests = {subject: hmac.new(key, holding.name.encode(), hashlib.sha256) for subject in subjects}
    for part in holding.parts:
        rows = _rows(part, subjects, until)
        for subject, *values in db.execute(rows.with_for_update(of=part.table) if lock else rows):
            counts[subject] += 1
            digests[subject].update(_said(part.table.name, values))
    return {subject: Found(counts[subject], digests[subject].hexdigest()) for subject in subjects}


def destroy(db: Session, holding: Holding, subjects: Collection[int], *, until: datetime, rows: int) -> None:
    """Destroy what is there of these subjects, in the order of the parts. Raises Stirred, for the transaction to be
    given up, where it is not just as many `rows` as were looked at."""
    gone = 0
    for part in holding.parts:
        mine = and_(_leading_to(part, subjects), part.standing(until))
        if part.leaves is None:
            ended = db.execute(delete(part.table).where(mine))
        else:
            ended = db.execute(update(part.table).where(mine).values(**part.leaves))
        gone += cast("CursorResult[Any]", ended).rowcount
    if gone != rows:
        raise Stirred


def _rows(part: Part, subjects: Collection[int], until: datetime) -> Select[Any]:
    query = part.joined(part.subject, *part.table.columns).where(part.subject.in_(subjects), part.standing(until))
    return query.order_by(*part.table.primary_key.columns)


def _leading_to(part: Part, subjects: Collection[int]) -> ColumnElement[bool]:
    if not part.steps:
        return part.key.in_(subjects)
    last, target = part.steps[-1]
    ids = select(last).where(target.in_(subjects))
    for own, leads_to in reversed(part.steps[:-1]):
        ids = select(own).where(leads_to.in_(ids))
    return part.key.in_(ids)


def _said(table: str, values: Collection[Any]) -> bytes:
    told = json.dumps([table, *values], default=_plain, sort_keys=True, separators=(",", ":"))
    return told.encode() + b"\n"


def _plain(value: Any) -> str:
    match value:
        case bytes() | memoryview():
            return hashlib.sha256(value).hexdigest()
        case Enum():
            return str(value.value)
        case _:
            return str(value.isoformat())
