"""应急处置: proposals to postpone an exam or to call it off."""

from app.accounts.queries import person_of
from app.exams import queries
from app.exams.emergencies import ChangeState
from app.exams.pages.desk import desk
from app.exams.queries.changes import changes_of
from app.exams.rules import EXAM_TRANSITIONS
from app.exams.schemas import ReasonGiven
from app.exams.schemas.emergencies import ChangeGiven, ChangeShown, EmergenciesShown
from app.exams.service import emergencies as service
from app.operation import Operation
from app.people.queries import names_of
from app.security.permissions import Capability
from app.shapes import Done


@desk.view("/exams/{exam_id}/emergencies", Capability.EXAM_PRINT, template="exams/emergencies.html")
def show_emergencies(op: Operation, *, exam_id: int) -> EmergenciesShown:
    """What was proposed for this exam, what became of it, what can be proposed."""
    exam = queries.find_exam(op.db, op.actor, exam_id)
    sitting = queries.sittings_of(op.db, exam.id)[0]
    changes = changes_of(op.db, exam.id)
    staff = {a: person_of(op.db, a) for c in changes for a in (c.proposed_by, c.settled_by) if a is not None}
    names = names_of(op.db, set(staff.values()))
    waits = any(change.state is ChangeState.PROPOSED for change in changes)
    proposes = op.may(Capability.EXAM_WRITE) and op.now < sitting.starts_at and not waits
    return EmergenciesShown(
        exam_id=exam.id,
        exam_name=exam.name,
        starts_at=sitting.starts_at,
        kinds=[kind for kind, move in service.MOVES.items() if proposes and (exam.state, move) in EXAM_TRANSITIONS],
        changes=[
            ChangeShown(
                id=change.id,
                kind=change.kind,
                state=change.state,
                starts_at=change.starts_at,
                reason=change.reason,
                proposed_by=names[staff[change.proposed_by]],
                proposed_at=change.proposed_at,
                settled_by=names[staff[change.settled_by]] if change.settled_by else "",
                settled_at=change.settled_at,
                may_settle=change.state is ChangeState.PROPOSED
                and op.may(Capability.EXAM_APPROVE)
                and staff[change.proposed_by] != op.actor.person_id,
            )
            for change in changes
        ],
    )


@desk.command(
    "/exams/{exam_id}/emergencies",
    Capability.EXAM_WRITE,
    then="/exams/{exam_id}/emergencies",
    retry=show_emergencies,
    said="已提出，须由另一人批准。",
)
def propose_change(op: Operation, *, exam_id: int, given: ChangeGiven) -> Done:
    """Propose to postpone an exam or to call it off."""
    return Done(id=service.propose_change(op, exam_id=exam_id, **given.model_dump()).id)


@desk.command(
    "/exams/{exam_id}/emergencies/{change_id}/approve",
    Capability.EXAM_APPROVE,
    then="/exams/{exam_id}/emergencies",
    retry=show_emergencies,
    fresh=True,
    said="已批准，已通知考生。",
)
def approve_change(op: Operation, *, exam_id: int, change_id: int) -> Done:
    """Do what another person proposed."""
    return Done(id=service.approve_change(op, exam_id=exam_id, change_id=change_id).id)


@desk.command(
    "/exams/{exam_id}/emergencies/{change_id}/decline",
    Capability.EXAM_APPROVE,
    then="/exams/{exam_id}/emergencies",
    retry=show_emergencies,
    fresh=True,
    said="未予批准。",
)
def decline_change(op: Operation, *, exam_id: int, change_id: int, given: ReasonGiven) -> Done:
    """Leave the exam as it is."""
    return Done(id=service.decline_change(op, exam_id=exam_id, change_id=change_id, reason=given.reason).id)
