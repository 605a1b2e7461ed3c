"""What is read of retention: terms, lists, what is due of each class and what holds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, false, func, select, true, update
from sqlalchemy.orm import Session

from app.database import find_one, locked
from app.holdings import Holding
from app.retention.holdings import BY_CLASS, HELD
from app.retention.models import DestructionEntry, DestructionList, RetentionTerms
from app.retention.rules import Fate, ListState, TermsState
from app.retention.rules.classes import CLASSES, Hold, RecordClass
from app.security.actor import Actor
from app.security.permissions import Capability


def visible(actor: Actor) -> Select[DestructionList]:
    """The destruction lists this actor may see: all for administrators, none for others."""
    return select(DestructionList).where(true() if actor.may(Capability.RETENTION_READ) else false())


def visible_terms(actor: Actor) -> Select[RetentionTerms]:
    """The terms this actor may see: all for administrators, none for others."""
    return select(RetentionTerms).where(true() if actor.may(Capability.RETENTION_READ) else false())


def list_terms(db: Session, actor: Actor) -> Sequence[RetentionTerms]:
    """Every visible set of terms, the newest first."""
    return db.scalars(visible_terms(actor).order_by(RetentionTerms.id.desc())).all()


def find_terms(db: Session, actor: Actor, terms_id: int, *, lock: bool = False) -> RetentionTerms:
    """One visible set of terms; with `lock` its row is held. Raises NotFound."""
    query = visible_terms(actor).where(RetentionTerms.id == terms_id)
    return find_one(db, locked(query) if lock else query)


def terms_in_force(db: Session, *, lock: bool = False) -> RetentionTerms:
    """The newest version; with `lock` its row is held, so that numbers are given one by one. Raises NotFound."""
    query = select(RetentionTerms).where(RetentionTerms.state == TermsState.APPROVED)
    query = query.order_by(RetentionTerms.number.desc()).limit(1)
    return find_one(db, locked(query) if lock else query)


def list_lists(db: Session, actor: Actor, *, limit: int = 200) -> Sequence[DestructionList]:
    """The visible destruction lists, the newest first."""
    return db.scalars(visible(actor).order_by(DestructionList.id.desc()).limit(limit)).all()


def find_list(db: Session, actor: Actor, list_id: int, *, lock: bool = False) -> DestructionList:
    """One visible destruction list; with `lock` its row is held. Raises NotFound."""
    query = visible(actor).where(DestructionList.id == list_id)
    return find_one(db, locked(query) if lock else query)


def list_by_id(db: Session, list_id: int) -> DestructionList:
    """One destruction list for the service's own work, held. Raises NotFound."""
    return find_one(db, locked(select(DestructionList).where(DestructionList.id == list_id)))


def list_waiting(db: Session, record_class: RecordClass) -> DestructionList | None:
    """The list of a class that is neither carried out nor declined; None where there is none."""
    ended = DestructionList.state.in_((ListState.CARRIED_OUT, ListState.DECLINED))
    return db.scalars(select(DestructionList).where(DestructionList.record_class == record_class, ~ended)).one_or_none()


def entries_of(db: Session, list_id: int, *, limit: int) -> Sequence[DestructionEntry]:
    """The first entries of a list, by holding and subject."""
    return db.scalars(_entries(list_id).limit(limit)).all()


def every_entry(db: Session, list_id: int) -> Sequence[DestructionEntry]:
    """All entries of a list, by holding and subject."""
    return db.scalars(_entries(list_id)).all()


def entries_left(db: Session, list_id: int, *, limit: int) -> Sequence[DestructionEntry]:
    """Entries of which nothing has become yet, all of one holding."""
    first = db.scalars(_entries(list_id).where(DestructionEntry.fate == Fate.LISTED).limit(limit)).all()
    return [one for one in first if one.holding == first[0].holding]


def keep_the_rest(db: Session, list_id: int) -> None:
    """Note of every entry of which nothing has become yet that it stays, because it is not what was approved."""
    left = DestructionEntry.list_id == list_id, DestructionEntry.fate == Fate.LISTED
    db.execute(update(DestructionEntry).where(*left).values(fate=Fate.CHANGED))


def lists_approved(db: Session) -> Sequence[DestructionList]:
    """The lists that two have approved and that are not carried out."""
    return db.scalars(select(DestructionList).where(DestructionList.state == ListState.APPROVED)).all()


@dataclass(frozen=True)
class Sum:
    """How many subjects, and how many rows of theirs."""

    subjects: int
    rows: int


NONE = Sum(0, 0)


def fates_of(db: Session, list_id: int) -> dict[Fate, Sum]:
    """What became of the entries of a list."""
    columns = select(DestructionEntry.fate, func.count(), func.sum(DestructionEntry.rows))
    found = db.execute(columns.where(DestructionEntry.list_id == list_id).group_by(DestructionEntry.fate))
    return {row[0]: Sum(row[1], int(row[2])) for row in found}


def due_subjects(record_class: RecordClass, holding: Holding, until: datetime) -> Select[int]:
    """The subjects that are due of a holding and that nothing holds, in no order."""
    due = holding.due(until).subquery()
    query = select(due.c[0])
    if holding.held is not None:
        for hold in sorted(CLASSES[record_class].holds):
            query = query.where(due.c[0].not_in(holding.held(HELD[hold]())))
    return query


def held_among(db: Session, record_class: RecordClass, holding: Holding, subjects: Sequence[int]) -> set[int]:
    """Those of the subjects that something holds."""
    found: set[int] = set()
    if holding.held is not None:
        for hold in CLASSES[record_class].holds:
            held = holding.held(HELD[hold]()).subquery()
            found |= set(db.scalars(select(held.c[0]).where(held.c[0].in_(subjects))))
    return found


@dataclass(frozen=True)
class Due:
    """What is due of a class: `free` subjects that nothing holds; how many each hold stops. One that two hold is
    counted at both."""

    free: int
    held: Mapping[Hold, int]


def count_due(db: Session, record_class: RecordClass, until: datetime) -> Due:
    """What is due of a class."""
    free, held = 0, dict.fromkeys(CLASSES[record_class].holds, 0)
    for holding in BY_CLASS[record_class]:
        free += db.scalar(select(func.count()).select_from(due_subjects(record_class, holding, until).subquery())) or 0
        if holding.held is None:
            continue
        due = holding.due(until).subquery()
        for hold in held:
            stopped = select(func.count()).where(due.c[0].in_(holding.held(HELD[hold]())))
            held[hold] += db.scalar(stopped) or 0
    return Due(free, {hold: held[hold] for hold in Hold if held.get(hold)})


def _entries(list_id: int) -> Select[DestructionEntry]:
    entries = select(DestructionEntry).where(DestructionEntry.list_id == list_id)
    return entries.order_by(DestructionEntry.holding, DestructionEntry.subject_id)
