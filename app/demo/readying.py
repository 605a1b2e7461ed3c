"""The day before an exam: tickets are printed, candidates accept the notice, so that the checklist is nearly done."""

from app.demo.registering import Planned
from app.demo.stage import Stage
from app.exams import queries
from app.exams.registering import service as registering
from app.exams.registering.rules import CURRENT
from app.exams.service import tickets
from app.security.permissions import Role

_SILENT = 3
"""So many have not accepted the notice yet: what the checklist still asks for."""


def make_ready(stage: Stage, planned: Planned) -> None:
    """The officer prints every unit's tickets; all candidates but a few accept the notice."""
    with stage.by(Role.EXAM_OFFICER) as op:
        by_unit = tickets.candidates_by_unit(op, queries.find_exam(op.db, op.actor, planned.exam_id))
        for unit_id in by_unit:
            tickets.print_unit(op, exam_id=planned.exam_id, unit_id=unit_id)
    candidates = {row.person_id for rows in by_unit.values() for row in rows}
    players = [player for player in stage.workers if player.person_id in candidates]
    for player in players[:-_SILENT]:
        with stage.acting(player) as op:
            registering.consent(op, version=CURRENT)
