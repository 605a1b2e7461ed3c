"""After an exam: results released, both offices, the joint review, the public notice, and certificates in one batch."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from app.certificates.service.batches import approve_batch, candidacies, propose_batch
from app.certificates.service.issuing import issue_batch
from app.clearance import queries
from app.clearance.models import ClearanceCase
from app.clearance.rules import CheckState, Office, Outcome
from app.clearance.service.checks import give_opinion, sign_off
from app.clearance.service.notices import propose_notice, publish_notice
from app.clearance.service.reviews import vote
from app.demo.invigilating import waive_records
from app.demo.registering import Planned
from app.demo.stage import Stage, each_later
from app.exams import queries as exams
from app.grading.calibrating import calibrate_exam
from app.grading.service import propose_release, release
from app.people.calendar import end_of_local_day
from app.security.permissions import Role
from app.wiring import make_worker

HANDLER = {Office.DISCIPLINE: Role.DISCIPLINE_HANDLER, Office.PUBLIC_SECURITY: Role.PUBLIC_SECURITY_HANDLER}
APPROVER = {Office.DISCIPLINE: Role.DISCIPLINE_APPROVER, Office.PUBLIC_SECURITY: Role.PUBLIC_SECURITY_APPROVER}
_GROUNDS = {
    Office.DISCIPLINE: "信访、线索、处分记录均已核查，未发现影响使用的情形",
    Office.PUBLIC_SECURITY: "违法犯罪记录已核查，未发现影响使用的情形",
}
_ADVERSE = {
    Office.DISCIPLINE: "受党内严重警告处分，仍在影响期内",
    Office.PUBLIC_SECURITY: "一年内有酒后驾驶机动车受行政处罚的记录",
}
T = TypeVar("T")

_AT_ONCE = 40


def release_results(stage: Stage, planned: Planned) -> None:
    """Proposed by an officer, released by an approver; a case is opened for each pass, and the items are calibrated."""
    waive_records(stage, planned)
    with stage.by(Role.EXAM_OFFICER, 1) as op:
        propose_release(op, exam_id=planned.exam_id)
    stage.workday(1, hour=10)
    with stage.by(Role.EXAM_APPROVER) as op:
        release(op, exam_id=planned.exam_id)
    calibrate_exam(stage.house, planned.exam_id)


def cases_of(stage: Stage, planned: Planned) -> list[ClearanceCase]:
    """The cases of an exam, in the order of opening."""
    with stage.house.database.transaction(reading=True) as db:
        return list(queries.cases_of_exam(db, planned.exam_id))


def opine(
    stage: Stage,
    case_ids: Collection[int],
    office: Office,
    *,
    adverse: Collection[int] = (),
) -> None:
    """The handlers of an office give their opinions on these cases, in turn; adverse on those named."""
    checks = _checks(stage, case_ids, office, CheckState.OPEN)
    handlers = len(stage.staff[HANDLER[office]])
    for n, chunk in enumerate(_chunks(list(checks.items()))):
        with each_later(stage, seconds=40) as later, stage.by(HANDLER[office], n % handlers) as op:
            for case_id, check_id in chunk:
                bad = case_id in adverse
                outcome, ground = (Outcome.ADVERSE, _ADVERSE[office]) if bad else (Outcome.CLEAR, _GROUNDS[office])
                give_opinion(later(op), check_id=check_id, outcome=outcome, ground=ground)


def sign(stage: Stage, case_ids: Collection[int], office: Office) -> None:
    """The office's approver signs what its handlers said."""
    checks = _checks(stage, case_ids, office, CheckState.OPINED)
    for chunk in _chunks(list(checks.values())):
        with each_later(stage, seconds=20) as later, stage.by(APPROVER[office]) as op:
            for check_id in chunk:
                sign_off(later(op), check_id=check_id, agreed=True, reason="同意经办意见")


def clear(stage: Stage, case_ids: Collection[int], *, adverse: Mapping[Office, Collection[int]] | None = None) -> None:
    """Both offices, each by two people: opinions one working day, signatures the next."""
    for office in Office:
        opine(stage, case_ids, office, adverse=(adverse or {}).get(office, ()))
    stage.workday(1)
    for office in Office:
        sign(stage, case_ids, office)


def review(stage: Stage, case_ids: Sequence[int], *, approve: bool = True, members: Iterable[int] = (0, 1)) -> None:
    """These panel members vote on these cases; two who agree decide."""
    reason = "综合考试与审查情况，同意认证" if approve else "审查结论不同意，不予认证"
    for member in members:
        for chunk in _chunks(case_ids):
            with each_later(stage, seconds=15) as later, stage.by(Role.PANEL_MEMBER, member) as op:
                for case_id in chunk:
                    vote(later(op), case_id=case_id, approve=approve, reason=reason)


def show_publicly(stage: Stage, planned: Planned, document_number: str) -> int:
    """Everyone approved goes on a notice, proposed by an officer and published by an approver; returns its id."""
    with stage.by(Role.EXAM_OFFICER) as op:
        notice_id = propose_notice(op, exam_id=planned.exam_id, document_number=document_number).id
    stage.wait_until(stage.clock.now() + timedelta(hours=2))
    with stage.by(Role.EXAM_APPROVER) as op:
        publish_notice(op, notice_id=notice_id)
    return notice_id


def wait_for_notice(stage: Stage, notice_id: int) -> None:
    """Until its days are over, and the next working day has begun."""
    with stage.house.database.transaction(reading=True) as db:
        last_day = queries.find_notice(db, notice_id).last_day
    if last_day is not None:
        stage.wait_until(end_of_local_day(last_day))
    stage.workday(0)


def issue(stage: Stage, planned: Planned, document_number: str) -> int:
    """Everybody who is ready, in one batch: proposed, approved by another, issued by the worker; returns how many."""
    with stage.by(Role.CERTIFICATE_OFFICER) as op:
        exam = exams.exam_by_id(op.db, planned.exam_id)
        ready = [found.case.id for found in candidacies(op, exam) if found.ready]
        batch_id = propose_batch(op, exam_id=exam.id, document_number=document_number, case_ids=ready).id
    stage.wait_until(stage.clock.now() + timedelta(hours=3))
    with stage.by(Role.CERTIFICATE_APPROVER) as op:
        approve_batch(op, batch_id=batch_id)
    issue_batch(stage.house, batch_id)
    make_worker(stage.house).drain()  # the job that the approval asked for finds its work done
    return len(ready)


def _checks(stage: Stage, case_ids: Collection[int], office: Office, state: CheckState) -> dict[int, int]:
    """The checks of one office in that state, by case."""
    with stage.house.database.transaction(reading=True) as db:
        found = queries.checks_of(db, case_ids)
    return {
        case_id: check.id
        for case_id, checks in found.items()
        for check in checks
        if check.office is office and check.state is state
    }


def _chunks(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(rows), _AT_ONCE):
        yield rows[first : first + _AT_ONCE]
