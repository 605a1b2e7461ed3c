"""Training hours: who has how many, entered, confirmed, declined, withdrawn."""

from collections.abc import Sequence
from typing import Any

from app.operation import Operation
from app.people.calendar import local_date
from app.people.models import Person, TrainingRecord
from app.people.pages import desk
from app.people.queries import (
    ids_within,
    list_persons_among,
    names_of,
    place_of,
    standing_facts,
    unit_by_id,
    units_by_id,
)
from app.people.rules import training_hundredths
from app.people.training import queries, service
from app.people.training.rules import TRAINING_KIND_WORDS, TRAINING_TRANSITIONS, TrainingAction, TrainingState
from app.people.training.schemas import (
    TraineeLine,
    TraineeShown,
    TraineesShown,
    TrainingGiven,
    TrainingReasonGiven,
    TrainingShown,
)
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import NavEntry

__all__ = ["desk"]

PAGE = 50
MONTHS = 12
"""What a line shows: the hours of a year, which is what training is planned by."""


@desk.view("/training", Capability.TRAINING_READ, template="people/training.html", nav=NavEntry("培训学时", 72))
def list_trainees(op: Operation, *, search: str = "", waiting: bool = False, after: str = "") -> TraineesShown:
    """The persons of my units with their hours; with `waiting` only those who have a record to confirm."""
    among = ids_within(op.actor.scopes(Capability.TRAINING_READ))
    if waiting:
        among = among.where(Person.id.in_(queries.ids_waiting()))
    rows = list_persons_among(op.db, among, search=search, unit_id=0, after=after, limit=PAGE + 1)
    persons = rows[:PAGE]
    return TraineesShown(
        persons=[TraineeLine(**line) for line in _lines(op, persons)],
        search=search,
        waiting=waiting,
        waiting_in_all=queries.count_waiting(op.db, op.actor),
        next_after=place_of(persons[-1]) if len(rows) > PAGE else None,
    )


@desk.view("/training/{person_id}", Capability.TRAINING_READ, template="people/trainee.html")
def show_trainee(op: Operation, *, person_id: int) -> TraineeShown:
    """Every record of one person."""
    person = service.find_trainee(op, person_id)
    records = queries.records_of(op.db, op.actor, person.id)
    unit = unit_by_id(op.db, person.unit_id)
    settles = op.actor.covers(Capability.TRAINING_CONFIRM, unit.path)
    names = names_of(op.db, {p for row in records for p in (row.entered_by, row.settled_by) if p is not None})
    return TraineeShown(
        **_lines(op, [person])[0],
        today=local_date(op.now),
        records=[_shown(op, row, names, settles=settles) for row in records],
        kinds=[(kind.value, zh, en) for kind, (zh, en) in TRAINING_KIND_WORDS.items()],
        may_enter=op.actor.covers(Capability.TRAINING_WRITE, unit.path),
    )


@desk.command(
    "/training/{person_id}",
    Capability.TRAINING_WRITE,
    then="/training/{person_id}",
    retry=show_trainee,
    said="学时已登记，须由组织部门另一人确认。",
)
def enter_training(op: Operation, *, person_id: int, given: TrainingGiven) -> Done:
    """Enter hours of a person of my units."""
    training = service.Training(given.day, given.kind, int(given.hours * 100), given.title)
    return Done(id=service.enter(op, person_id=person_id, training=training).id)


@desk.command(
    "/training/{person_id}/records/{record_id}/confirm",
    Capability.TRAINING_CONFIRM,
    then="/training/{person_id}",
    retry=show_trainee,
    said="学时已确认，计入报考资格。",
)
def confirm_training(op: Operation, *, person_id: int, record_id: int) -> Done:
    """Confirm hours that another person entered."""
    return Done(id=service.confirm(op, person_id=person_id, record_id=record_id).id)


@desk.command(
    "/training/{person_id}/records/{record_id}/decline",
    Capability.TRAINING_CONFIRM,
    then="/training/{person_id}",
    retry=show_trainee,
    said="学时未予确认。",
)
def decline_training(op: Operation, *, person_id: int, record_id: int, given: TrainingReasonGiven) -> Done:
    """Decline hours, with a reason."""
    return Done(id=service.decline(op, person_id=person_id, record_id=record_id, reason=given.reason).id)


@desk.command(
    "/training/{person_id}/records/{record_id}/withdraw",
    Capability.TRAINING_CONFIRM,
    then="/training/{person_id}",
    retry=show_trainee,
    said="学时已撤销，不再计入。",
)
def withdraw_training(op: Operation, *, person_id: int, record_id: int, given: TrainingReasonGiven) -> Done:
    """Take confirmed hours back, with a reason."""
    return Done(id=service.withdraw(op, person_id=person_id, record_id=record_id, reason=given.reason).id)


def _lines(op: Operation, persons: Sequence[Person]) -> list[dict[str, Any]]:
    ids = [person.id for person in persons]
    facts, waiting = standing_facts(op.db, ids), queries.waiting_by_person(op.db, ids)
    units = units_by_id(op.db, {person.unit_id for person in persons})
    return [
        {
            "person_id": person.id,
            "name": person.name,
            "id_number_masked": person.id_number_masked,
            "unit_name": units[person.unit_id].name,
            "hundredths": training_hundredths(facts[person.id], until=local_date(op.now), months=MONTHS),
            "waiting": waiting[person.id],
        }
        for person in persons
    ]


def _shown(op: Operation, row: TrainingRecord, names: dict[int, str], *, settles: bool) -> TrainingShown:
    zh, en = TRAINING_KIND_WORDS[row.kind]
    return TrainingShown(
        id=row.id,
        day=row.day,
        kind=row.kind,
        kind_zh=zh,
        kind_en=en,
        hundredths=row.hundredths,
        title=row.title,
        state=row.state,
        entered_by=names[row.entered_by],
        entered_at=row.entered_at,
        settled_by=names[row.settled_by] if row.settled_by else "",
        remark=row.remark,
        can=_can(op, row) if settles else [],
    )


def _can(op: Operation, row: TrainingRecord) -> list[TrainingAction]:
    allowed = [action for action in TrainingAction if (row.state, action) in TRAINING_TRANSITIONS]
    mine = row.state is TrainingState.ENTERED and op.actor.person_id in {row.entered_by, row.person_id}
    return [] if mine else allowed
