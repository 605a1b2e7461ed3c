"""Who could not sit or finish in the demo, and what it entitles to: an absence with its reason, a line that fails."""

from collections.abc import Sequence
from datetime import timedelta

from app.attempts.absences import service as absences
from app.attempts.absences.queries import absences_of_exam
from app.attempts.absences.rules import ExcuseCause
from app.attempts.technical_faults import queries as faults
from app.attempts.technical_faults import service
from app.attempts.technical_faults.rules import FaultCause
from app.demo.registering import Planned
from app.demo.sitting import Sitter
from app.demo.stage import Stage
from app.security.permissions import Role


def lose_line(stage: Stage, _planned: Planned, sitters: Sequence[Sitter]) -> set[int]:
    """One who sits remotely loses the network for good; the chief proctor reports it. Returns the registration, which
    writes no more."""
    seat = next(one.seat for one in sitters if one.seat.remote)
    with stage.by(Role.CHIEF_PROCTOR) as op:
        service.report(
            op,
            room_id=seat.room_id or 0,
            registration_id=seat.registration_id,
            cause=FaultCause.NETWORK_FAILURE,
            happened_at=op.now - timedelta(minutes=4),
            facts="所在乡镇光缆被施工挖断，手机热点也无信号，当日不能恢复；补时和换机都无法继续。",
        )
    return {seat.registration_id}


def recognise_fault(stage: Stage) -> None:
    """An officer recognises what was reported."""
    with stage.by(Role.EXAM_OFFICER) as op:
        (row,) = faults.waiting_faults(op.db, op.actor)
        note = "电信公司已出具故障证明"
        service.decide(op, room_id=row.room_id, registration_id=row.registration_id, agreed=True, note=note)


def excuse(stage: Stage, planned: Planned) -> None:
    """An officer brings a reason forward for the first who was absent from a room, an approver recognises it."""
    exam_id = planned.exam_id
    with stage.by(Role.EXAM_OFFICER) as op:
        registration_id = absences_of_exam(op.db, op.actor, exam_id)[0].registration_id
        proof = "县人民医院急诊病历和病假证明，原件存县委组织部。"
        absences.propose_excuse(
            op, exam_id=exam_id, registration_id=registration_id, cause=ExcuseCause.ILLNESS, proof=proof
        )
    with stage.by(Role.EXAM_APPROVER) as op:
        absences.decide_excuse(op, exam_id=exam_id, registration_id=registration_id, agreed=True, note="属实")
