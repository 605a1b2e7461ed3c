"""封卷, and what sealing itself provides for: late additions, the disclosed seed."""

from app.exams.pages.desk import desk
from app.exams.pages.exams import show_exam
from app.exams.schemas import LateGiven, ReasonGiven
from app.exams.service.drawing import disclose_seed as disclose
from app.exams.service.late import add_late as add
from app.exams.service.sealing import decline_seal as decline
from app.exams.service.sealing import propose_seal as propose
from app.exams.service.sealing import seal as seal_exam
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Done


@desk.command(
    "/exams/{exam_id}/seal/propose",
    Capability.EXAM_WRITE,
    then="/exams/{exam_id}",
    retry=show_exam,
    said="已提请封卷，须由另一人批准。",
)
def propose_seal(op: Operation, *, exam_id: int) -> Done:
    """Propose to seal."""
    return Done(id=propose(op, exam_id=exam_id).id)


@desk.command(
    "/exams/{exam_id}/seal/decline",
    Capability.EXAM_APPROVE,
    then="/exams/{exam_id}",
    retry=show_exam,
    fresh=True,
    said="未予封卷，已退回。",
)
def decline_seal(op: Operation, *, exam_id: int, given: ReasonGiven) -> Done:
    """Decline to seal, with a reason."""
    return Done(id=decline(op, exam_id=exam_id, reason=given.reason).id)


@desk.command(
    "/exams/{exam_id}/seal",
    Capability.EXAM_APPROVE,
    then="/exams/{exam_id}",
    retry=show_exam,
    fresh=True,
    said="考试已封卷。",
)
def seal(op: Operation, *, exam_id: int) -> Done:
    """Seal an exam that another proposed to seal."""
    return Done(id=seal_exam(op, exam_id=exam_id).id)


@desk.command(
    "/exams/{exam_id}/late",
    Capability.EXAM_APPROVE,
    then="/exams/{exam_id}",
    retry=show_exam,
    fresh=True,
    said="已补报，使用备用卷。",
)
def add_late(op: Operation, *, exam_id: int, given: LateGiven) -> Done:
    """Add a candidate to a sealed exam, with a reserve form."""
    added = add(op, exam_id=exam_id, name=given.name, id_number=given.id_number, reason=given.reason)
    return Done(id=added.id)


@desk.command(
    "/exams/{exam_id}/seed",
    Capability.EXAM_APPROVE,
    then="/exams/{exam_id}",
    retry=show_exam,
    fresh=True,
    said="随机种子已公开。",
)
def disclose_seed(op: Operation, *, exam_id: int) -> Done:
    """Make the seed public once every sitting is over."""
    return Done(id=disclose(op, exam_id=exam_id).id)
