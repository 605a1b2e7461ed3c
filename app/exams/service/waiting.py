"""What waits for officers, approvers and units."""

from app.exams import queries
from app.exams.models import BlueprintRow, Exam
from app.exams.policies.queries import proposed_policies
from app.exams.queries.accommodations import proposed_accommodations
from app.exams.queries.changes import waiting_changes
from app.exams.registering.rules import RegistrationWay
from app.exams.rules import BlueprintState, ExamState, Phase, RegistrationState, phase_of
from app.exams.service.registrations import timetable
from app.operation import Operation, Task
from app.security.permissions import Capability


def waiting(op: Operation) -> list[Task]:
    """The tasks of exams for whoever asks; a task with count 0 is no task."""
    tasks: list[Task] = []
    if op.actor.account_id is None:
        return tasks
    if op.may(Capability.EXAM_APPROVE):
        tasks += _for_approver(op)
    if op.may(Capability.EXAM_WRITE):
        tasks += _for_officer(op)
    if op.actor.scopes(Capability.REGISTRATION_WRITE):
        tasks += _for_unit(op)
    return tasks


def _others(op: Operation, rows: list[tuple[Exam | BlueprintRow, int | None]]) -> int:
    """How many were proposed by another account than the one that asks."""
    return sum(proposer != op.actor.account_id for _, proposer in rows)


def _for_approver(op: Operation) -> list[Task]:
    blueprints = queries.blueprints_in(op.db, BlueprintState.SUBMITTED)
    submitted = queries.exams_in(op.db, ExamState.SUBMITTED)
    proposed = queries.exams_in(op.db, ExamState.SEAL_PROPOSED)
    return [
        Task(
            "个组卷方案待审批",
            "blueprints to approve",
            _others(op, [(row, row.submitted_by) for row in blueprints]),
            "/blueprints",
        ),
        Task(
            "项报考资格政策待批准",
            "policies of eligibility to approve",
            sum(row.proposed_by != op.actor.account_id for row in proposed_policies(op.db)),
            "/policies",
        ),
        Task(
            "项合理便利待批准",
            "accommodations to approve",
            sum(row.proposed_by != op.actor.account_id for row in proposed_accommodations(op.db, op.actor)),
            "/accommodations",
        ),
        *(
            Task(
                "项延期或取消申请待批准",
                "proposals to postpone or call off an exam",
                int(change.proposed_by != op.actor.account_id),
                f"/exams/{change.exam_id}/emergencies",
                urgent=True,
            )
            for change in waiting_changes(op.db)
        ),
        Task("场考试待发布", "exams to publish", _others(op, [(row, row.submitted_by) for row in submitted]), "/exams"),
        *(
            Task(
                f"场考试待封卷：{exam.name}",
                f"exam to seal: {exam.name}",
                _others(op, [(exam, exam.seal_proposed_by)]),
                f"/exams/{exam.id}",
                due=timetable(op, exam).starts_at,
                urgent=True,
            )
            for exam in proposed
        ),
    ]


def _for_officer(op: Operation) -> list[Task]:
    returned = queries.blueprints_in(op.db, BlueprintState.RETURNED)
    drafts = [exam for exam in queries.exams_in(op.db, ExamState.DRAFT) if exam.remark]
    broken = queries.open_alerts(op.db)
    tasks = [
        Task(
            "个组卷方案将因依据废止或知识点调整而缺题",
            "blueprints lack items, for a document ends or topics have changed",
            len({alert.blueprint_id for alert in broken}),
            "/blueprints",
        ),
        Task("个组卷方案被退回", "blueprints returned", len(returned), "/blueprints"),
        Task("场考试被退回修改", "exams returned", len(drafts), "/exams"),
    ]
    for exam in queries.exams_in(op.db, ExamState.PUBLISHED):
        times = timetable(op, exam)
        counts = queries.count_registrations(op.db, op.actor, exam.id)
        confirming = queries.count_registrations(op.db, op.actor, exam.id, by=Capability.REGISTRATION_CONFIRM)
        tasks.append(
            Task(
                f"份报名待确认：{exam.name}",
                f"registrations to confirm: {exam.name}",
                confirming[RegistrationState.REGISTERED],
                f"/exams/{exam.id}/registrations",
                due=times.starts_at,
            )
        )
        closed = phase_of(times, sealed=False, now=op.now) is Phase.REGISTRATION_CLOSED
        if closed and not counts[RegistrationState.REGISTERED] + counts[RegistrationState.APPLIED]:
            tasks.append(
                Task(
                    f"场考试可提请封卷：{exam.name}",
                    f"exam ready to be sealed: {exam.name}",
                    1,
                    f"/exams/{exam.id}",
                    due=times.starts_at,
                )
            )
    return tasks


def _for_unit(op: Operation) -> list[Task]:
    endorsing = [
        Task(
            f"份报名待推荐：{exam.name}",
            f"applications to endorse: {exam.name}",
            queries.count_registrations(op.db, op.actor, exam.id, by=Capability.REGISTRATION_WRITE)[
                RegistrationState.APPLIED
            ],
            f"/exams/{exam.id}/registrations?state=applied",
            due=exam.endorsement_closes_at or timetable(op, exam).starts_at,
        )
        for exam in queries.exams_in(op.db, ExamState.PUBLISHED)
        if exam.way is RegistrationWay.BOTH
    ]
    return endorsing + [
        Task(
            f"场考试正在报名：{exam.name}",
            f"exam open for registration: {exam.name}",
            1,
            f"/exams/{exam.id}/registrations",
            due=exam.registration_closes_at,
        )
        for exam in queries.exams_open_for_registration(op.db, op.now)
        if exam.way is not RegistrationWay.PERSON
    ]
