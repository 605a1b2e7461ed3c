"""The pages of absences: of one room, and of an exam with the reasons that were brought forward."""

from datetime import datetime

from pydantic import Field

from app.accounts.queries import person_of, persons_of
from app.attempts.absences import queries, service
from app.attempts.absences.models import AbsenceList
from app.attempts.absences.rules import AbsenceCause, ExcuseCause, ExcuseState, ListState
from app.exams import queries as exams
from app.exams.queries.seats import Seat, find_room, may_in_room, seats_of_registrations
from app.operation import Operation
from app.people.queries import names_of
from app.security.permissions import Capability
from app.shapes import Done, Given, Key, OptionalLine, Prose, Shown
from app.web.desk import Desk

desk = Desk("attempts")
_ROOM = "/rooms/{room_id}/absences"
_EXAM = "/exams/{exam_id}/absences"


class AbsentLine(Shown):
    """Somebody without an attempt; `cause` is empty until it is stated."""

    registration_id: int
    name: str
    ticket_number: str
    seat: int | None
    cause: AbsenceCause | None


class AbsencesShown(Shown):
    """The list of absences of one room; `may_settle`: it waits for this person or another."""

    room_id: int
    room_name: str
    exam_name: str
    runs: bool
    state: ListState | None
    may_come: int
    lines: list[AbsentLine]
    stated_by: str
    stated_at: datetime | None
    confirmed_by: str
    confirmed_at: datetime | None
    reason: str
    may_settle: bool


class StatedLine(Given):
    """One who is absent, and why."""

    registration_id: Key
    cause: AbsenceCause


class AbsencesGiven(Given):
    """Everybody who is absent."""

    absent: list[StatedLine] = Field(default_factory=list, max_length=2000)


class AbsencesReason(Given):
    """Why the list is wrong."""

    reason: Prose


class ReopeningSettled(Given):
    """Whether the second person agrees."""

    agreed: bool


class ExcuseLine(Shown):
    """An absence of an exam and the reason that was brought forward, if any; `may_decide`: it waits for this person."""

    registration_id: int
    name: str
    ticket_number: str
    room_name: str
    cause: AbsenceCause
    excuse: ExcuseCause | None
    proof: str
    state: ExcuseState | None
    may_propose: bool
    may_decide: bool


class ExamAbsencesShown(Shown):
    """The closed absences of an exam."""

    exam_id: int
    exam_name: str
    lines: list[ExcuseLine]


class ExcuseGiven(Given):
    """The reason, and what proves it."""

    cause: ExcuseCause
    proof: Prose


class ExcuseDecided(Given):
    """Whether it is recognised."""

    agreed: bool
    note: OptionalLine = ""


@desk.view(_ROOM, Capability.ROOM_READ, template="attempts/absences.html")
def show_absences(op: Operation, *, room_id: int) -> AbsencesShown:
    """Who is absent from a room, and how far the list is."""
    room = find_room(op.db, op.actor, room_id)
    row = queries.list_of(op.db, op.actor, room_id)
    stated = {one.registration_id: one.cause for one in queries.absences_on(op.db, row.id)} if row else {}
    found, may_come = service.without_attempt(op, room)
    listed = list(stated) if row and row.state is not ListState.RETURNED else found
    seats = seats_of_registrations(op.db, listed)
    names = names_of(op.db, {seat.person_id for seat in seats.values()})
    staff = {one: person_of(op.db, one) for one in ((row.stated_by, row.confirmed_by) if row else ()) if one}
    people = names_of(op.db, set(staff.values()))
    return AbsencesShown(
        room_id=room_id,
        room_name=room.room_name,
        exam_name=room.exam_name,
        runs=may_in_room(op.db, op.actor, room_id, Capability.ROOM_RUN),
        state=row.state if row else None,
        may_come=may_come,
        lines=[
            AbsentLine(
                registration_id=seat.registration_id,
                name=names[seat.person_id],
                ticket_number=seat.ticket_number or "",
                seat=seat.seat,
                cause=stated.get(seat.registration_id),
            )
            for seat in sorted(seats.values(), key=_place)
        ],
        stated_by=people[staff[row.stated_by]] if row else "",
        stated_at=row.stated_at if row else None,
        confirmed_by=people[staff[row.confirmed_by]] if row and row.confirmed_by else "",
        confirmed_at=row.confirmed_at if row else None,
        reason=row.reason if row else "",
        may_settle=row is not None and _may_settle(op, row),
    )


@desk.command(
    f"{_ROOM}/state", Capability.ROOM_RUN, then=_ROOM, retry=show_absences, said="缺考名单已提交，须由另一人确认。"
)
def state_absences(op: Operation, *, room_id: int, given: AbsencesGiven) -> Done:
    """Say who is absent from a room."""
    absent = {one.registration_id: one.cause for one in given.absent}
    return Done(id=service.state_absences(op, room_id=room_id, absent=absent).id)


@desk.command(
    f"{_ROOM}/confirm",
    Capability.ABSENCE_CONFIRM,
    then=_ROOM,
    retry=show_absences,
    fresh=True,
    said="缺考名单已确认。",
)
def confirm_absences(op: Operation, *, room_id: int) -> Done:
    """Confirm what another person stated."""
    return Done(id=service.confirm_absences(op, room_id=room_id).id)


@desk.command(
    f"{_ROOM}/return", Capability.ABSENCE_CONFIRM, then=_ROOM, retry=show_absences, said="已退回，请重新核对后提交。"
)
def return_absences(op: Operation, *, room_id: int, given: AbsencesReason) -> Done:
    """Send the list back, with a reason."""
    return Done(id=service.return_absences(op, room_id=room_id, reason=given.reason).id)


@desk.command(
    f"{_ROOM}/ask-reopening",
    Capability.ABSENCE_CONFIRM,
    then=_ROOM,
    retry=show_absences,
    fresh=True,
    said="已申请重新开启，须由另一人同意。",
)
def ask_reopening(op: Operation, *, room_id: int, given: AbsencesReason) -> Done:
    """Ask that a closed list be opened again."""
    return Done(id=service.ask_reopening(op, room_id=room_id, reason=given.reason).id)


@desk.command(
    f"{_ROOM}/settle-reopening",
    Capability.ABSENCE_CONFIRM,
    then=_ROOM,
    retry=show_absences,
    fresh=True,
    said="缺考名单的申请已办理。",
)
def settle_reopening(op: Operation, *, room_id: int, given: ReopeningSettled) -> Done:
    """Open the list again as another person asked, or leave it closed."""
    return Done(id=service.settle_reopening(op, room_id=room_id, agreed=given.agreed).id)


@desk.view(_EXAM, Capability.RESULT_READ, template="attempts/exam_absences.html")
def show_exam_absences(op: Operation, *, exam_id: int) -> ExamAbsencesShown:
    """Who is absent from an exam, and which reasons were brought forward."""
    exam = exams.find_exam(op.db, op.actor, exam_id)
    absences = queries.absences_of_exam(op.db, op.actor, exam_id)
    seats = seats_of_registrations(op.db, [one.registration_id for one in absences])
    names = names_of(op.db, {seat.person_id for seat in seats.values()})
    excuses = queries.excuses_of(op.db, op.actor, seats)
    own = persons_of(op.db, {row.proposed_by for row in excuses.values()})
    lines = []
    for one in absences:
        seat, row = seats[one.registration_id], excuses.get(one.registration_id)
        waits = row is not None and row.state is ExcuseState.PROPOSED
        lines.append(
            ExcuseLine(
                registration_id=one.registration_id,
                name=names[seat.person_id],
                ticket_number=seat.ticket_number or "",
                room_name=seat.room_name or "",
                cause=one.cause,
                excuse=row.cause if row else None,
                proof=service.proof_of(op, row, person_id=seat.person_id) if row else "",
                state=row.state if row else None,
                may_propose=op.may(Capability.EXAM_WRITE) and (row is None or row.state is ExcuseState.DECLINED),
                may_decide=waits
                and op.may(Capability.EXAM_APPROVE)
                and row is not None
                and own[row.proposed_by] != op.actor.person_id,
            )
        )
    return ExamAbsencesShown(exam_id=exam_id, exam_name=exam.name, lines=lines)


@desk.command(
    f"{_EXAM}/{{registration_id}}/excuse",
    Capability.EXAM_WRITE,
    then=_EXAM,
    retry=show_exam_absences,
    said="缺考事由已提出，须由另一人认定。",
)
def propose_excuse(op: Operation, *, exam_id: int, registration_id: int, given: ExcuseGiven) -> Done:
    """Bring a reason for an absence forward."""
    row = service.propose_excuse(
        op, exam_id=exam_id, registration_id=registration_id, cause=given.cause, proof=given.proof
    )
    return Done(id=row.id)


@desk.command(
    f"{_EXAM}/{{registration_id}}/decide",
    Capability.EXAM_APPROVE,
    then=_EXAM,
    retry=show_exam_absences,
    fresh=True,
    said="缺考事由已办理。",
)
def decide_excuse(op: Operation, *, exam_id: int, registration_id: int, given: ExcuseDecided) -> Done:
    """Recognise a reason, or decline it."""
    row = service.decide_excuse(
        op, exam_id=exam_id, registration_id=registration_id, agreed=given.agreed, note=given.note
    )
    return Done(id=row.id)


def _place(seat: Seat) -> tuple[int, int]:
    return seat.seat or 0, seat.registration_id


def _may_settle(op: Operation, row: AbsenceList) -> bool:
    asked = {ListState.STATED: row.stated_by, ListState.REOPENING: row.asked_by}.get(row.state)
    return asked is not None and op.may(Capability.ABSENCE_CONFIRM) and person_of(op.db, asked) != op.actor.person_id
