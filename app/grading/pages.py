"""The routes of grading: the officer looks at the distribution and proposes, the approver releases."""

from fractions import Fraction

from app.attempts.technical_faults.queries import count_undecided
from app.audit.sealing import anchor_first
from app.errors import NotFound
from app.exams import queries as exams
from app.grading import queries, service
from app.grading.make_ups import counted_totals
from app.grading.rules import distribution
from app.grading.schemas import (
    BandShown,
    ExamResultShown,
    ExamResultsShown,
    ReasonGiven,
    ResultShown,
    ResultsListShown,
)
from app.operation import Operation
from app.people import queries as people
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import Desk, NavEntry
from question_bank.scoring import round_half_up

desk = Desk("grading")


@desk.view("/results", Capability.RESULT_READ, template="grading/results.html", nav=NavEntry("成绩", 50))
def list_results(op: Operation) -> ResultsListShown:
    """Exams whose results stand somewhere."""
    rows = []
    for release in queries.releases(op.db, op.actor):
        lost = queries.lost_in(op.db, release.exam_id)
        results = [r for r in queries.results_of(op.db, op.actor, release.exam_id) if r.registration_id not in lost]
        rows.append(
            ExamResultsShown(
                exam_id=release.exam_id,
                name=exams.exam_by_id(op.db, release.exam_id).name,
                state=release.state,
                scored=sum(not r.absent for r in results),
                absent=sum(r.absent for r in results),
                released_at=release.released_at,
            )
        )
    return ResultsListShown(exams=rows)


@desk.view("/results/{exam_id}", Capability.RESULT_READ, template="grading/exam_results.html")
def show_results(op: Operation, *, exam_id: int) -> ExamResultShown:
    """One exam's results: figures, distribution, list."""
    release = queries.release_of(op.db, exam_id)
    if release is None:
        raise NotFound
    exam = exams.exam_by_id(op.db, exam_id)
    blueprint = service.blueprint_of_exam(op, exam)
    results = queries.results_of(op.db, op.actor, exam_id)
    registrations = {r.id: r for r in exams.confirmed_registrations(op.db, exam_id)}
    persons = people.persons_by_id(op.db, [r.person_id for r in registrations.values()])
    units = people.units_by_id(op.db, {p.unit_id for p in persons.values()})
    lost = queries.lost_in(op.db, exam_id)
    totals = [r.total for r in results if not r.absent and r.registration_id not in lost]
    counted = counted_totals(op, exam_id, [r.registration_id for r in results])
    withheld, void = queries.withheld_and_void(op.db, exam_id)
    rows = []
    for result in results:
        registration = registrations[result.registration_id]
        person = persons[registration.person_id]
        rows.append(
            ResultShown(
                registration_id=registration.id,
                ticket_number=registration.ticket_number or "",
                name=person.name,
                unit_name=units[person.unit_id].name,
                total=result.total,
                counted=counted.get(result.registration_id),
                absent=result.absent,
                passed=result.passed and result.registration_id not in void | lost,
                withheld=result.registration_id in withheld,
                void=result.registration_id in void,
                lost=result.registration_id in lost,
            )
        )
    return ExamResultShown(
        exam_id=exam_id,
        name=exam.name,
        state=release.state,
        cut_score=blueprint.cut_score_hundredths,
        maximum=blueprint.maximum_hundredths,
        registered=len(registrations),
        still_open=service.progress(op, exam_id).still_open,
        scored=len(totals),
        absent=sum(r.absent for r in results),
        withheld=len(withheld),
        void=len(void),
        lost=len(lost),
        faults_undecided=count_undecided(op.db, exam_id),
        passed=sum(row.passed and not row.withheld for row in rows),
        mean=round_half_up(Fraction(sum(totals), len(totals))) if totals else None,
        highest=max(totals, default=None),
        lowest=min(totals, default=None),
        bands=[
            BandShown(least=b.least, below=b.below, count=b.count)
            for b in distribution(totals, blueprint.maximum_hundredths)
        ],
        results=rows,
        proposed_at=release.proposed_at,
        released_at=release.released_at,
        proposed_by_me=release.proposed_by is not None and release.proposed_by == op.actor.account_id,
    )


@desk.command(
    "/results/{exam_id}/propose",
    Capability.RELEASE_PROPOSE,
    then="/results/{exam_id}",
    retry=show_results,
    fresh=True,
    said="已提请公布成绩，等待审批。",
)
def propose(op: Operation, *, exam_id: int) -> Done:
    """Propose to release the results."""
    return Done(id=service.propose_release(op, exam_id=exam_id).exam_id)


@desk.command(
    "/results/{exam_id}/decline",
    Capability.RELEASE_APPROVE,
    then="/results/{exam_id}",
    retry=show_results,
    said="已退回。",
)
def decline(op: Operation, *, exam_id: int, given: ReasonGiven) -> Done:
    """Send the proposal back."""
    return Done(id=service.decline_release(op, exam_id=exam_id, reason=given.reason).exam_id)


@desk.command(
    "/results/{exam_id}/release",
    Capability.RELEASE_APPROVE,
    then="/results/{exam_id}",
    retry=show_results,
    fresh=True,
    said="成绩已向全体考生公布。",
    prepare=anchor_first,
)
def release(op: Operation, *, exam_id: int) -> Done:
    """Release the results to all at once."""
    return Done(id=service.release(op, exam_id=exam_id).exam_id)
