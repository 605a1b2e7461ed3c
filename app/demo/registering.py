"""An exam from its plan to the seal: planned, published, registered for by the units, confirmed, sealed."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import xlsxwriter
from sqlalchemy.orm import Session

from app.demo.stage import Player, Stage
from app.exams import queries
from app.exams.integrity import Integrity
from app.exams.models import Room
from app.exams.registering.rules import RegistrationWay
from app.exams.service import (
    assign_proctor,
    check_list,
    commit_list,
    confirm,
    create_exam,
    propose_seal,
    publish_exam,
    seal,
    submit_exam,
)
from app.exams.service.exams import ExamPlan
from app.exams.service.rooms import RoomPlan
from app.people.queries import unit_paths
from app.security.permissions import Capability, Role

_STRANGER = ("外县借调人员", "990101199001015001", "党务干事")
"""In the register of no unit: a row that every list of this kind has one of, and that is left out."""


@dataclass(frozen=True)
class Planned:
    """An exam that was published: its id, when its registration closes and its sitting begins."""

    exam_id: int
    opens_at: datetime
    closes_at: datetime
    starts_at: datetime


def plan(
    stage: Stage,
    *,
    name: str,
    blueprint_id: int,
    opens_at: datetime,
    closes_at: datetime,
    starts_at: datetime,
    window: timedelta,
    rooms: Sequence[RoomPlan],
    duration_minutes: int = 90,
    late_entry_minutes: int = 30,
    reserve_set: bool = False,
    way: RegistrationWay = RegistrationWay.UNIT,
    makes_up_for: int | None = None,
) -> Planned:
    """Planned and submitted by an officer; not published yet. `makes_up_for` is the exam that a make-up names."""
    with stage.by(Role.EXAM_OFFICER) as op:
        exam = create_exam(
            op,
            ExamPlan(
                name=name,
                blueprint_id=blueprint_id,
                registration_opens_at=opens_at,
                registration_closes_at=closes_at,
                starts_at=starts_at,
                ends_at=starts_at + window,
                duration_minutes=duration_minutes,
                late_entry_minutes=late_entry_minutes,
                reserve_set=reserve_set,
                integrity=Integrity.STANDARD,
                way=way,
                makes_up_for=makes_up_for,
                rooms=tuple(rooms),
            ),
        )
        submit_exam(op, exam_id=exam.id)
    return Planned(exam.id, opens_at, closes_at, starts_at)


def publish(stage: Stage, planned: Planned) -> None:
    """Published by an approver."""
    with stage.by(Role.EXAM_APPROVER) as op:
        publish_exam(op, exam_id=planned.exam_id)


def staff_rooms(stage: Stage, planned: Planned) -> None:
    """Every room on site gets a proctor, the first one the chief proctor too."""
    proctors = stage.staff[Role.PROCTOR]
    with stage.by(Role.EXAM_OFFICER) as op:
        rooms = [room for room in _rooms(op.db, planned.exam_id) if not room.remote]
        for n, room in enumerate(rooms):
            proctor = proctors[n % len(proctors)]
            assign_proctor(op, exam_id=planned.exam_id, room_id=room.id, account_id=proctor.account_id)
        chief = stage.player(Role.CHIEF_PROCTOR)
        assign_proctor(op, exam_id=planned.exam_id, room_id=rooms[0].id, account_id=chief.account_id)


def _rooms(db: Session, exam_id: int) -> Sequence[Room]:
    return queries.rooms_of(db, queries.sittings_of(db, exam_id)[0].id)


def register(stage: Stage, planned: Planned, people: Sequence[Player]) -> None:
    """The liaisons hand in lists of their own units, the county's liaison one of everybody else."""
    left = list(people)
    for n in reversed(range(len(stage.staff[Role.UNIT_LIAISON]))):
        with stage.by(Role.UNIT_LIAISON, n) as op:
            paths = unit_paths(op.db, {player.unit_id for player in left})
            own = [p for p in left if op.actor.covers(Capability.REGISTRATION_WRITE, paths[p.unit_id])]
            if not own:
                continue
            rows = [(p.name, stage.numbers[p.person_id], stage.posts[p.person_id]) for p in own]
            stray = [_STRANGER] if n == 0 and len(rows) > 100 else []
            checked = check_list(
                op, exam_id=planned.exam_id, file_name="报名名单.xlsx", content=_roster([*rows, *stray])
            )
            commit_list(op, list_id=checked.id, left_out=len(stray))
            left = [p for p in left if p not in own]
        stage.wait_until(stage.clock.now() + timedelta(hours=2))


def confirm_all(stage: Stage, planned: Planned) -> None:
    """An officer confirms everyone who waits."""
    with stage.by(Role.EXAM_OFFICER, 1) as op:
        waiting = [row.id for row in queries.live_registrations(op.db, planned.exam_id) if row.settled_at is None]
        confirm(op, exam_id=planned.exam_id, registration_ids=waiting)


def seal_exam(stage: Stage, planned: Planned) -> None:
    """Proposed by an officer, sealed by an approver."""
    with stage.by(Role.EXAM_OFFICER) as op:
        propose_seal(op, exam_id=planned.exam_id)
    stage.wait_until(stage.clock.now() + timedelta(hours=1))
    with stage.by(Role.EXAM_APPROVER, 1) as op:
        seal(op, exam_id=planned.exam_id)


def _roster(people: Iterable[tuple[str, str, str]]) -> bytes:
    """A list of registrations as a unit fills it in: name, ID number, post."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("报名名单")
        sheet.write_row(0, 0, ("姓名", "身份证号", "职务"))
        for row, cells in enumerate(people, start=1):
            for column, text in enumerate(cells):
                sheet.write_string(row, column, text)
    return stream.getvalue()
