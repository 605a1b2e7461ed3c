"""What of exams and registrations waits for a person who may enter exams."""

from app.exams import queries
from app.exams.eligibility import is_eligible
from app.exams.queries.tickets import exams_printing
from app.exams.registering.queries import consents_of, open_to_persons, own_registrations
from app.exams.rules import RegistrationState
from app.exams.service.candidates import answers_for
from app.exams.service.registrations import timetable
from app.exams.service.tickets import window_of
from app.operation import Operation, Task
from app.people.queries import person_by_id
from app.security.permissions import Capability


def waiting(op: Operation) -> list[Task]:
    """The privacy notice, while an exam that the person is registered for is still to come; admission tickets that can
    be printed and are not; exams that they may enter themselves now."""
    if op.actor.person_id is None or not op.may(Capability.REGISTRATION_OWN):
        return []
    live = [row for row in own_registrations(op.db, op.actor) if row.state in queries.LIVE]
    accepted = consents_of(op.db, [row.id for row in live])
    lacking = {row.exam_id for row in live if row.id not in accepted}
    entered = {row.exam_id for row in live}
    exams = open_to_persons(op.db, op.now, lacking)
    starts = {exam.id: timetable(op, exam).starts_at for exam in exams if exam.id in lacking}
    coming = [moment for moment in starts.values() if moment > op.now]
    unprinted = [row.exam_id for row in live if row.state is RegistrationState.CONFIRMED and not row.ticket_stands]
    person = person_by_id(op.db, op.actor.person_id)
    return [
        Task(
            "场考试的报名与个人信息告知书待同意",
            "registrations for which the privacy notice waits for your consent",
            len(coming),
            "/consent",
            due=min(coming, default=None),
        ),
        *(
            Task(
                f"张准考证可以打印：{exam.name}",
                f"admission ticket to print: {exam.name}",
                1,
                f"/exams/{exam.id}/ticket",
                due=min(window_of(op, exam)[1], timetable(op, exam).starts_at),
            )
            for exam in exams_printing(op.db, unprinted, op.now)
        ),
        *(
            Task(
                f"场考试可以报名：{exam.name}",
                f"exam that you may enter: {exam.name}",
                1,
                "/registrations",
                due=exam.registration_closes_at,
            )
            for exam in exams
            if exam.id not in entered and is_eligible(answers_for(op, exam, [person])[person.id])
        ),
    ]
