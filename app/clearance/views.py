"""From rows to what is shown: the same for every page of clearance."""

from app.accounts.queries import person_of
from app.clearance import queries
from app.clearance.models import Check, ClearanceCase, PublicNotice
from app.clearance.rules import notice_open, still_clear
from app.clearance.schemas import CaseShown, CheckShown, NoticeLineShown
from app.exams import queries as exams
from app.operation import Operation
from app.people import queries as people
from app.people.calendar import local_date


def checks_shown(op: Operation, rows: list[tuple[Check, ClearanceCase]]) -> list[CheckShown]:
    """Checks as their office sees them; three statements, however many rows."""
    persons = people.persons_by_id(op.db, [case.person_id for _, case in rows])
    units = people.units_by_id(op.db, {person.unit_id for person in persons.values()})
    calendar = people.work_calendar(op.db) if rows else None
    today = local_date(op.now)
    shown = []
    for check, case in rows:
        person = persons[case.person_id]
        shown.append(
            CheckShown(
                id=check.id,
                office=check.office,
                name=person.name,
                id_number_masked=person.id_number_masked,
                unit_name=units[person.unit_id].name,
                post=person.post,
                received_at=case.opened_at,
                due_on=check.due_on,
                workdays_left=calendar.workdays_between(today, check.due_on) if calendar else 0,
                overdue=check.due_on < today,
                state=check.state,
                round=check.round,
                outcome=check.outcome,
                statement_due_at=check.statement_due_at,
            )
        )
    return shown


def cases_shown(op: Operation, cases: list[ClearanceCase]) -> list[CaseShown]:
    """Cases as the panel sees them on a list."""
    persons = people.persons_by_id(op.db, [case.person_id for case in cases])
    units = people.units_by_id(op.db, {person.unit_id for person in persons.values()})
    checks = queries.checks_of(op.db, [case.id for case in cases])
    shown = []
    for case in cases:
        person = persons[case.person_id]
        votes = queries.votes_of(op.db, case.id, case.review)
        outcomes = {c.office: (c.outcome, c.valid_until) for c in checks[case.id]}
        shown.append(
            CaseShown(
                id=case.id,
                name=person.name,
                id_number_masked=person.id_number_masked,
                unit_name=units[person.unit_id].name,
                post=person.post,
                state=case.state,
                opened_at=case.opened_at,
                decided_at=case.decided_at,
                clear=still_clear(outcomes, now=op.now),
                votes=len(votes),
                voted=any(person_of(op.db, v.member_id) == op.actor.person_id for v in votes),
            )
        )
    return shown


def notice_shown(op: Operation, notice: PublicNotice) -> NoticeLineShown:
    """A notice on a list."""
    return NoticeLineShown(
        id=notice.id,
        exam_name=exams.exam_by_id(op.db, notice.exam_id).name,
        document_number=notice.document_number,
        state=notice.state,
        published_at=notice.published_at,
        last_day=notice.last_day,
        persons=len(queries.entries_of(op.db, notice.id)),
        shown_now=notice_open(published_at=notice.published_at, ends_at=notice.ends_at, now=op.now),
        proposed_by_me=notice.proposed_by == op.actor.account_id,
    )
