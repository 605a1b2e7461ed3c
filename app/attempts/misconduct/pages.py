"""The proctor records, staff witness, the department gives notice, proposes and decides."""

from app.attempts.misconduct import printing, queries, service
from app.attempts.misconduct.printing import Paper
from app.attempts.misconduct.rules import MisconductState
from app.attempts.misconduct.schemas import (
    MisconductListShown,
    MisconductShown,
    NotifyGiven,
    RecordGiven,
    RecordTaken,
    RoomMisconductShown,
    RulingGiven,
    RulingSettlementGiven,
    SeatChoice,
)
from app.attempts.misconduct.views import lines_of, show
from app.attempts.queries import attempts_of
from app.attempts.rules import AttemptState
from app.attempts.signals.service import signals_of
from app.exams.queries.seats import find_room, seats_in_room
from app.operation import Operation
from app.people.queries import names_of
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import Desk, NavEntry
from app.web.faces import Download

desk = Desk("attempts")
_PAGE = 50


@desk.view("/rooms/{room_id}/misconduct", Capability.ROOM_RUN, template="attempts/room_misconduct.html")
def show_room_misconduct(op: Operation, *, room_id: int, candidate: int | None = None) -> RoomMisconductShown:
    """The misconduct records of a room, and the form for a new one."""
    room = find_room(op.db, op.actor, room_id, by=Capability.ROOM_RUN)
    seats = seats_in_room(op.db, room_id)
    names = names_of(op.db, {seat.person_id for seat in seats})
    noticed = signals_of(op, {seat.registration_id: seat.person_id for seat in seats})
    running = attempts_of(op.db, [seat.registration_id for seat in seats])
    return RoomMisconductShown(
        room_id=room_id,
        room_name=room.room_name,
        now=op.now,
        seats=[
            SeatChoice(
                registration_id=seat.registration_id,
                label=f"{seat.seat or '—'} {names[seat.person_id]} {seat.ticket_number or ''}",
                running=seat.registration_id in running and running[seat.registration_id].state is AttemptState.OPEN,
                signals=noticed.get(seat.registration_id, []),
            )
            for seat in seats
        ],
        cases=lines_of(op, queries.cases_in_room(op.db, op.actor, room_id)),
        candidate=candidate if candidate in {seat.registration_id for seat in seats} else None,
    )


@desk.command(
    "/rooms/{room_id}/misconduct",
    Capability.ROOM_RUN,
    then="/misconduct/{id}",
    retry=show_room_misconduct,
    fresh=True,
    said="记录已生成，请本人签字，或由两名见证人确认。",
)
def record_misconduct(op: Operation, *, room_id: int, given: RecordGiven) -> RecordTaken:
    """Record what a candidate did; with `end`, end the running attempt at once."""
    case = service.record_case(
        op,
        room_id=room_id,
        registration_id=given.registration_id,
        category=given.category,
        happened_at=given.happened_at,
        facts=given.facts,
        evidence=given.evidence,
        end=given.end,
        cited=given.cited,
    )
    return RecordTaken(id=case.id, room_id=room_id)


@desk.view(
    "/misconduct", Capability.MISCONDUCT_READ, template="attempts/misconduct_list.html", nav=NavEntry("违纪处理", 46)
)
def list_misconduct(op: Operation, *, before: int = 0) -> MisconductListShown:
    """The misconduct cases that I may see: those that wait first."""
    settled = queries.list_cases(op.db, op.actor, states=[MisconductState.SETTLED], before=before, limit=_PAGE + 1)
    waiting = queries.list_cases(op.db, op.actor, states=queries.UNDECIDED, before=0, limit=500)
    return MisconductListShown(
        open=lines_of(op, waiting),
        settled=lines_of(op, settled[:_PAGE]),
        next_before=settled[_PAGE - 1].id if len(settled) > _PAGE else None,
    )


@desk.view("/misconduct/{case_id}", Capability.MISCONDUCT_READ, template="attempts/misconduct.html")
def show_misconduct(op: Operation, *, case_id: int) -> MisconductShown:
    """One misconduct case."""
    return show(op, queries.find_case(op.db, op.actor, case_id))


@desk.command(
    "/misconduct/{case_id}/witness",
    Capability.ROOM_RUN,
    then="/misconduct/{case_id}",
    retry=show_misconduct,
    fresh=True,
    said="您已作为见证人签字。",
)
def witness_misconduct(op: Operation, *, case_id: int) -> Done:
    """Confirm a record as one who saw it."""
    return Done(id=service.witness(op, case_id=case_id).id)


@desk.command(
    "/misconduct/{case_id}/notify",
    Capability.MISCONDUCT_HANDLE,
    then="/misconduct/{case_id}",
    retry=show_misconduct,
    fresh=True,
    said="告知书已发出，本人已收到消息。",
)
def notify_misconduct(op: Operation, *, case_id: int, given: NotifyGiven) -> Done:
    """Give notice to the person, who may then make a statement."""
    return Done(id=service.notify(op, case_id=case_id, document_number=given.document_number).id)


@desk.command(
    "/misconduct/{case_id}/propose",
    Capability.MISCONDUCT_HANDLE,
    then="/misconduct/{case_id}",
    retry=show_misconduct,
    fresh=True,
    said="拟办意见已提交，须由另一人决定。",
)
def propose_ruling(op: Operation, *, case_id: int, given: RulingGiven) -> Done:
    """Propose what follows."""
    proposal = service.propose(
        op, case_id=case_id, ruling=given.ruling, document_number=given.document_number, reason=given.reason
    )
    return Done(id=proposal.case_id)


@desk.command(
    "/misconduct/{case_id}/settle",
    Capability.MISCONDUCT_DECIDE,
    then="/misconduct/{case_id}",
    retry=show_misconduct,
    fresh=True,
    said="已办理。作出决定的，本人已收到消息。",
)
def settle_ruling(op: Operation, *, case_id: int, given: RulingSettlementGiven) -> Done:
    """Decide as was proposed, or send it back."""
    return Done(id=service.settle(op, case_id=case_id, agreed=given.agreed, note=given.note).id)


@desk.view("/misconduct/{case_id}/{paper}.pdf", Capability.MISCONDUCT_READ)
def print_misconduct(op: Operation, *, case_id: int, paper: str) -> Download:
    """The record, the notice or the decision, on A4."""
    content = printing.print_paper(op, queries.find_case(op.db, op.actor, case_id), Paper.of(paper))
    return Download(f"misconduct-{case_id}-{paper}.pdf", content, "application/pdf")
