"""Training: entered by a unit or the department, confirmed by another person, then a fact of standing."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import NotFound, Unauthenticated
from app.operation import Operation
from app.people.calendar import local_date
from app.people.models import Person, TrainingRecord
from app.people.queries import ids_within, list_persons_among, unit_by_id
from app.people.rules import FactKind, StandingFact
from app.people.service import append_fact
from app.people.training import queries
from app.people.training.rules import (
    TrainingAction,
    TrainingKind,
    TrainingState,
    check_confirmer,
    check_day,
    move_training,
)
from app.security.permissions import Capability


@dataclass(frozen=True)
class Training:
    """What was attended: when, of what kind, how long (hundredths of an hour), and under which name."""

    day: date
    kind: TrainingKind
    hundredths: int
    title: str


def find_trainee(op: Operation, person_id: int) -> Person:
    """A person within the scopes of "read training". Raises NotFound."""
    among = ids_within(op.actor.scopes(Capability.TRAINING_READ)).where(Person.id == person_id)
    found = list_persons_among(op.db, among, search="", unit_id=0, after="", limit=1)
    if not found:
        raise NotFound
    return found[0]


def enter(op: Operation, *, person_id: int, training: Training) -> TrainingRecord:
    """Enter hours of a person of the actor's units. Raises NotFound, and Invalid for a day to come."""
    person = find_trainee(op, person_id)
    if not op.actor.covers(Capability.TRAINING_WRITE, unit_by_id(op.db, person.unit_id).path):
        raise NotFound
    check_day(training.day, today=local_date(op.now))
    row = TrainingRecord(
        person_id=person.id,
        state=TrainingState.ENTERED,
        day=training.day,
        kind=training.kind,
        hundredths=training.hundredths,
        title=training.title,
        entered_by=_acting_person(op),
        entered_at=op.now,
    )
    op.db.add(row)
    op.db.flush()
    record(op, AuditAction.TRAINING_ENTER, subject=("training", row.id), after=_told(row))
    return row


def confirm(op: Operation, *, person_id: int, record_id: int) -> TrainingRecord:
    """Confirm hours that another person entered: from now on they count. Raises NotFound, TrainingMoveRefused,
    SameEnterer."""
    row = queries.find_record(op.db, op.actor, record_id, person_id=person_id)
    state = move_training(row.state, TrainingAction.CONFIRM)
    check_confirmer(op.actor.person_id, entered_by=row.entered_by, whose=row.person_id)
    append_fact(op, person_id=row.person_id, fact=_fact(row, last_day=row.day))
    return _settle(op, row, state, AuditAction.TRAINING_CONFIRM)


def decline(op: Operation, *, person_id: int, record_id: int, reason: str) -> TrainingRecord:
    """Decline hours, with a reason that the unit sees. Raises NotFound, TrainingMoveRefused, SameEnterer."""
    row = queries.find_record(op.db, op.actor, record_id, person_id=person_id)
    state = move_training(row.state, TrainingAction.DECLINE)
    check_confirmer(op.actor.person_id, entered_by=row.entered_by, whose=row.person_id)
    return _settle(op, row, state, AuditAction.TRAINING_DECLINE, reason)


def withdraw(op: Operation, *, person_id: int, record_id: int, reason: str) -> TrainingRecord:
    """Take confirmed hours back, for they were wrong. Raises NotFound, TrainingMoveRefused."""
    row = queries.find_record(op.db, op.actor, record_id, person_id=person_id)
    state = move_training(row.state, TrainingAction.WITHDRAW)
    append_fact(op, person_id=row.person_id, fact=_fact(row, last_day=row.day - timedelta(days=1)))
    return _settle(op, row, state, AuditAction.TRAINING_WITHDRAW, reason)


def _fact(row: TrainingRecord, *, last_day: date) -> StandingFact:
    return StandingFact(FactKind.TRAINING_HOURS, f"training:{row.id}", row.day, last_day, amount=row.hundredths)


def _acting_person(op: Operation) -> int:
    if op.actor.person_id is None:
        raise Unauthenticated
    return op.actor.person_id


def _settle(
    op: Operation, row: TrainingRecord, state: TrainingState, action: AuditAction, reason: str = ""
) -> TrainingRecord:
    before = {"state": row.state}
    row.state, row.settled_by, row.settled_at, row.remark = state, _acting_person(op), op.now, reason
    op.db.flush()
    record(op, action, subject=("training", row.id), before=before, after=_told(row), reason=reason)
    return row


def _told(row: TrainingRecord) -> dict[str, object]:
    return {
        "person_id": row.person_id,
        "state": row.state,
        "day": row.day,
        "kind": row.kind,
        "hundredths": row.hundredths,
        "entered_by": row.entered_by,
    }
