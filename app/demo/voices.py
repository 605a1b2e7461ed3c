"""What persons and the public say in a clearance: statements, objections, and the panel's word on them."""

from dataclasses import replace

from app.clearance import queries
from app.clearance.rules import CheckState, Office
from app.clearance.service.checks import file_statement
from app.clearance.service.notices import decide_objection, raise_objection
from app.demo.stage import DEMO, Stage
from app.operation import acting_as
from app.security.actor import PUBLIC
from app.security.permissions import Role


def answer(stage: Stage, case_id: int, office: Office, text: str) -> None:
    """The person of a case answers an adverse outcome."""
    with stage.house.database.transaction(reading=True) as db:
        person_id = queries.cases_by_id(db, [case_id])[case_id].person_id
        check_id = next(
            check.id
            for check in queries.checks_of(db, [case_id])[case_id]
            if check.office is office and check.state is CheckState.STATEMENT
        )
    player = next(worker for worker in stage.workers if worker.person_id == person_id)
    with stage.acting(player) as op:
        file_statement(op, check_id=check_id, text=text)


def object_to(stage: Stage, notice_id: int, case_id: int, text: str, contact: str) -> None:
    """Somebody of the public objects to one entry of a notice that is being shown."""
    with acting_as(stage.house, DEMO) as op:
        entry = next(e for e in queries.entries_of(op.db, notice_id) if e.case_id == case_id)
        raise_objection(replace(op, actor=PUBLIC), notice_id=notice_id, entry_id=entry.id, text=text, contact=contact)


def decide(stage: Stage, case_id: int, *, uphold: bool, reason: str) -> None:
    """A panel member decides the open objection to a case."""
    with stage.by(Role.PANEL_MEMBER, 2) as op:
        objection = next(o for o, entry in queries.open_objections(op.db) if entry.case_id == case_id)
        decide_objection(op, objection_id=objection.id, uphold=uphold, reason=reason)
