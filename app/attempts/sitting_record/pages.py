"""The pages of the record: of one room for its invigilators, of an exam for officer and approver."""

from app.accounts.queries import person_of, persons_of
from app.attempts.sitting_record import printing, queries, service
from app.attempts.sitting_record.models import SittingRecord
from app.attempts.sitting_record.rules import RecordState, is_filed
from app.attempts.sitting_record.schemas import (
    AdditionGiven,
    ExamRecordsShown,
    FiledLine,
    IncidentGiven,
    RecordReason,
    RecordShown,
    RoomRecordShown,
    SignatureLine,
    SignGiven,
    WordsNoted,
)
from app.exams import queries as exams
from app.exams.queries import room_names
from app.exams.queries.seats import find_room, may_in_room, rooms_of_exam, seats_in_rooms
from app.operation import Operation
from app.people.queries import names_of
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import Desk
from app.web.faces import Download

desk = Desk("attempts")
_ROOM = "/rooms/{room_id}/record"
_EXAM = "/exams/{exam_id}/sitting-records"
_DRAWN = frozenset({RecordState.DRAWN_UP, RecordState.RETURNED})


@desk.view(_ROOM, Capability.ROOM_READ, template="attempts/sitting_record.html")
def show_record(op: Operation, *, room_id: int) -> RoomRecordShown:
    """The record of a room, what was added to it, and the incidents written down."""
    room = find_room(op.db, op.actor, room_id)
    rows = queries.records_of(op.db, op.actor, room_id)
    waiver, ready = queries.waiver_of(op.db, room_id), service.is_ready(op, room)
    runs = may_in_room(op.db, op.actor, room_id, Capability.ROOM_RUN)
    return RoomRecordShown(
        room_id=room_id,
        room_name=room.room_name,
        exam_id=room.exam_id,
        exam_name=room.exam_name,
        now=op.now,
        runs=runs,
        ready=ready,
        may_draw_up=runs and ready and (not rows or rows[0].state in _DRAWN),
        may_add=runs and bool(rows) and rows[-1].state is RecordState.SIGNED,
        waiver=waiver.reason if waiver else "",
        records=[_shown(op, row, runs=runs) for row in rows],
        incidents=[WordsNoted(at=one.happened_at, words=one.words) for one in queries.incidents_in(op.db, room_id)],
    )


@desk.command("/rooms/{room_id}/incidents", Capability.ROOM_RUN, then=_ROOM, retry=show_record, said="考场异常已记录。")
def note_incident(op: Operation, *, room_id: int, given: IncidentGiven) -> Done:
    """Write down what happened in a room."""
    return Done(id=service.note_incident(op, room_id=room_id, happened_at=given.happened_at, words=given.words).id)


@desk.command(
    f"{_ROOM}/draw-up",
    Capability.ROOM_RUN,
    then=_ROOM,
    retry=show_record,
    said="考场记录表已生成，请两名监考员阅读后分别签字。",
)
def draw_up(op: Operation, *, room_id: int) -> Done:
    """Draw the record up from what happened."""
    return Done(id=service.draw_up(op, room_id=room_id).id)


@desk.command(f"{_ROOM}/additions", Capability.ROOM_RUN, then=_ROOM, retry=show_record, said="补充记录已生成，请签字。")
def add_to_record(op: Operation, *, room_id: int, given: AdditionGiven) -> Done:
    """Correct or complete a signed record by an addition."""
    return Done(id=service.add(op, room_id=room_id, words=given.words).id)


@desk.command(
    f"{_ROOM}/{{number}}/rewrite", Capability.ROOM_RUN, then=_ROOM, retry=show_record, said="补充记录已重写，请签字。"
)
def rewrite_addition(op: Operation, *, room_id: int, number: int, given: AdditionGiven) -> Done:
    """Write an addition anew while nobody has signed it."""
    return Done(id=service.rewrite(op, room_id=room_id, number=number, words=given.words).id)


@desk.command(
    f"{_ROOM}/{{number}}/sign",
    Capability.ROOM_RUN,
    then=_ROOM,
    retry=show_record,
    fresh=True,
    said="您已在考场记录表上签字。",
)
def sign_record(op: Operation, *, room_id: int, number: int, given: SignGiven) -> Done:
    """Sign what one has read."""
    return Done(id=service.sign(op, room_id=room_id, number=number, content_hash=given.content_hash).id)


@desk.command(
    f"{_ROOM}/{{number}}/return",
    Capability.ROOM_RUN,
    then=_ROOM,
    retry=show_record,
    said="考场记录表已退回，请更正后重新生成。",
)
def return_record(op: Operation, *, room_id: int, number: int, given: RecordReason) -> Done:
    """Do not sign as the second."""
    return Done(id=service.return_record(op, room_id=room_id, number=number, reason=given.reason).id)


@desk.view(f"{_ROOM}/{{number}}.pdf", Capability.ROOM_READ)
def print_record(op: Operation, *, room_id: int, number: int) -> Download:
    """The record on A4, with its hash and the signatures."""
    find_room(op.db, op.actor, room_id)
    content = printing.print_sitting_record(op, queries.find_record(op.db, op.actor, room_id, number))
    return Download(f"room-{room_id}-record-{number}.pdf", content, "application/pdf")


@desk.view(_EXAM, Capability.RESULT_READ, template="attempts/exam_records.html")
def show_exam_records(op: Operation, *, exam_id: int) -> ExamRecordsShown:
    """Which rooms of an exam have a record that both have signed."""
    exam = exams.find_exam(op.db, op.actor, exam_id)
    names = room_names(op.db, set(op.db.scalars(rooms_of_exam(exam_id))))
    states, seats = queries.states_of(op.db, names), seats_in_rooms(op.db, names)
    waivers = {room_id: waiver.reason for room_id in names if (waiver := queries.waiver_of(op.db, room_id))}
    return ExamRecordsShown(
        exam_id=exam_id,
        exam_name=exam.name,
        rooms=[
            FiledLine(
                room_id=room_id,
                room_name=name,
                candidates=sum(seat.room_id == room_id for seat in seats),
                states=states[room_id],
                filed=is_filed(states[room_id], waived=room_id in waivers),
                waiver=waivers.get(room_id, ""),
            )
            for room_id, name in sorted(names.items(), key=lambda pair: pair[1])
        ],
        may_waive=op.may(Capability.RELEASE_APPROVE),
    )


@desk.command(
    f"{_EXAM}/{{room_id}}/waive",
    Capability.RELEASE_APPROVE,
    then=_EXAM,
    retry=show_exam_records,
    fresh=True,
    said="已免除该考场的记录表，原因已记入日志。",
)
def waive_record(op: Operation, *, exam_id: int, room_id: int, given: RecordReason) -> Done:
    """Do without the record of a room, with a reason."""
    return Done(id=service.waive(op, exam_id=exam_id, room_id=room_id, reason=given.reason).id)


@desk.view(f"{_EXAM}/{{room_id}}/{{number}}.pdf", Capability.RESULT_READ)
def print_filed_record(op: Operation, *, exam_id: int, room_id: int, number: int) -> Download:
    """The same paper, for officer and approver."""
    exams.find_exam(op.db, op.actor, exam_id)
    content = printing.print_sitting_record(op, queries.find_record(op.db, op.actor, room_id, number))
    return Download(f"room-{room_id}-record-{number}.pdf", content, "application/pdf")


def _shown(op: Operation, row: SittingRecord, *, runs: bool) -> RecordShown:
    signatures = queries.signatures_of(op.db, row)
    persons = persons_of(op.db, {one.account_id for one in signatures})
    names = names_of(op.db, set(persons.values()))
    signed = {person_of(op.db, one.account_id) for one in signatures}
    open_now = row.state in {RecordState.DRAWN_UP, RecordState.SIGNED_ONCE}
    return RecordShown(
        number=row.number,
        state=row.state,
        content=service.read_content(row),
        content_hash=row.content_hash,
        signatures=[SignatureLine(name=names[persons[one.account_id]], at=one.at) for one in signatures],
        may_sign=runs and open_now and op.actor.person_id not in signed,
        may_return=runs and row.state is RecordState.SIGNED_ONCE,
    )
