"""After the results are out: an item is neutralised and everyone scored anew; one candidate's result is rechecked."""

from datetime import timedelta

from app.demo.registering import Planned
from app.demo.stage import Stage
from app.exams import queries as exams
from app.grading import queries as grading
from app.grading.calibrating import calibrate_exam, hundredths_of
from app.grading.rechecks import service as rechecks
from app.grading.rescoring import service as rescoring
from app.grading.rescoring.applying import apply_rescoring
from app.grading.rescoring.rules import Decided, Policy
from app.security.permissions import Role
from question_bank.canonical import read_json
from question_bank.corrections import Correction, Treatment
from question_bank.form_json import form_from_json
from question_bank.items import ItemType

_SIMPLE = frozenset({ItemType.SINGLE_CHOICE, ItemType.TRUE_FALSE})


def neutralise(stage: Stage, planned: Planned) -> None:
    """One item had been printed before the exam (nothing is wrong with the item itself, which ships): whoever had it
    gets its full points, as an officer proposes and an approver agrees. It is one that the candidate missed who stands
    most narrowly below the cut: not even they are lifted over it (`story`)."""
    exam_id, nearest = planned.exam_id, _nearest(stage, planned)
    with stage.by(Role.EXAM_OFFICER) as op:
        row = exams.form_for(op.db, nearest)
        points = {registration: earned for registration, earned, _ in grading.newest_runs(op.db, exam_id)}[nearest]
        if row is None:
            raise RuntimeError("whoever sat has a form")
        earned = hundredths_of(points)
        entries = form_from_json(read_json(row.content)).entries
        printed = next(e.item_key for e in entries if e.item_type in _SIMPLE and not earned[e.position - 1])
        proposed = Decided(Correction(printed, Treatment.FULL_POINTS), Policy.NOBODY_LOSES)
        reason = "经核实，该题曾作为例题印在部分单位的考前辅导材料中，为公平起见予以作废。"
        rescoring_id = rescoring.propose(op, exam_id=exam_id, proposed=proposed, reason=reason).id
    stage.wait_until(stage.clock.now() + timedelta(minutes=50))
    with stage.by(Role.EXAM_APPROVER) as op:
        rescoring.approve(op, exam_id=exam_id, rescoring_id=rescoring_id)
    apply_rescoring(stage.house, rescoring_id)
    calibrate_exam(stage.house, exam_id)


def recheck(stage: Stage, planned: Planned) -> None:
    """Who missed the cut most narrowly asks for a recheck; an officer recounts, an approver answers: the result
    stands."""
    registration_id = _nearest(stage, planned)
    with stage.house.database.transaction(reading=True) as db:
        person_id = exams.registration_by_id(db, registration_id).person_id
    player = next(worker for worker in stage.workers if worker.person_id == person_id)
    with stage.acting(player) as op:
        recheck_id = rechecks.ask(op, registration_id=registration_id).id
    stage.wait_until(stage.clock.now() + timedelta(minutes=40))
    with stage.by(Role.EXAM_OFFICER, 1) as op:
        note = "按存档作答重新核计，各题得分与合计均与公布的成绩一致。"
        rechecks.recount(op, recheck_id=recheck_id, note=note)
    stage.wait_until(stage.clock.now() + timedelta(minutes=30))
    with stage.by(Role.EXAM_APPROVER, 1) as op:
        rechecks.settle(op, recheck_id=recheck_id, agreed=True)


def _nearest(stage: Stage, planned: Planned) -> int:
    """The registration with the highest total among those that have not passed."""
    with stage.house.database.transaction(reading=True) as db:
        totals = grading.totals_scored(db, [row.id for row in exams.confirmed_registrations(db, planned.exam_id)])
        failed = totals.keys() - grading.passed_released_among(db, totals)
    return max(failed, key=lambda one: (totals[one], one))
