"""准考证: printed by candidates, units and officers, within a window; every print is counted and recorded."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, update

from app.audit.actions import AuditAction
from app.audit.models import AuditRecord
from app.audit.record import compose, record
from app.errors import FieldProblem, Invalid, NotFound
from app.exams import queries
from app.exams.accommodations import extra_minutes
from app.exams.models import Accommodation, Exam, Registration, Sitting
from app.exams.printed.papers import Heading, Ticket, print_tickets
from app.exams.queries.accommodations import accommodations_at
from app.exams.rules import PUBLIC_STATES, ExamMoveRefused, ExamState, NotSealed, RegistrationState
from app.exams.ticketing import TicketsShut
from app.operation import Operation
from app.people.calendar import day_text, hours_text, local_date
from app.people.queries import persons_by_id, photo_of, units_by_id
from app.security.permissions import Capability
from app.shapes import LOCAL

_DAYS = "一二三四五六日"
GENDERS = {"male": "男", "female": "女"}


def window_of(op: Operation, exam: Exam) -> tuple[datetime | None, datetime]:
    """From when to when tickets are printed; None: from sealing on, and it is not sealed yet."""
    return exam.tickets_from or exam.sealed_at, exam.tickets_until or queries.sittings_of(op.db, exam.id)[0].ends_at


def may_print(op: Operation, exam: Exam) -> bool:
    """Whether tickets of this exam can be printed now; officers and approvers are not bound by the window."""
    begins, ends = window_of(op, exam)
    if exam.state is not ExamState.SEALED or begins is None:
        return False
    return _runs_exams(op) or begins <= op.now < ends


def set_window(op: Operation, *, exam_id: int, begins: datetime | None, ends: datetime | None) -> Exam:
    """Say from when to when tickets are printed; None: from sealing, until the sitting ends. Raises Invalid naming
    `ends`, ExamMoveRefused unless the exam is published."""
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    if exam.state not in PUBLIC_STATES:
        raise ExamMoveRefused
    if begins is not None and ends is not None and ends <= begins:
        raise Invalid(FieldProblem("ends", "截止时间应晚于开始时间。", "The end is after the beginning."))
    exam.tickets_from, exam.tickets_until = begins, ends
    op.db.flush()
    after = {"tickets_from": begins, "tickets_until": ends}
    record(op, AuditAction.EXAM_SET_TICKETS, subject=("exam", exam.id), after=after)
    return exam


def print_own(op: Operation, *, exam_id: int) -> bytes:
    """The actor's own ticket. Raises NotFound without a confirmed registration, NotSealed, TicketsShut."""
    row = own_registration(op, exam_id)
    return _print(op, queries.exam_by_id(op.db, exam_id), [row])


def own_registration(op: Operation, exam_id: int) -> Registration:
    """The actor's own confirmed registration for a public exam. Raises NotFound."""
    person_id = op.actor.person_id
    row = queries.registration_of(op.db, exam_id, person_id) if person_id is not None else None
    exam = queries.exam_by_id(op.db, exam_id)
    if row is None or row.state is not RegistrationState.CONFIRMED or exam.state not in PUBLIC_STATES:
        raise NotFound
    return row


def candidates_by_unit(op: Operation, exam: Exam) -> dict[int, list[Registration]]:
    """The confirmed registrations of this exam that the actor may see, by unit, in the order of tickets."""
    rows = queries.list_confirmed(op.db, op.actor, exam.id)
    persons = persons_by_id(op.db, {row.person_id for row in rows})
    found: dict[int, list[Registration]] = {}
    for row in sorted(rows, key=lambda row: (row.ticket_number or "", row.id)):
        found.setdefault(persons[row.person_id].unit_id, []).append(row)
    return found


def print_unit(op: Operation, *, exam_id: int, unit_id: int) -> bytes:
    """The tickets of one unit's candidates. Raises NotFound where the actor sees none, NotSealed, TicketsShut."""
    exam = queries.find_exam(op.db, op.actor, exam_id)
    rows = candidates_by_unit(op, exam).get(unit_id)
    if not rows:
        raise NotFound
    return _print(op, exam, rows)


def heading_of(op: Operation, exam: Exam, sitting: Sitting) -> Heading:
    """What every sheet says of the exam."""
    starts = local_date(sitting.starts_at)
    day = f"{day_text(starts)}（星期{_DAYS[starts.weekday()]}）"
    return Heading(op.settings.authority, exam.name, day, hours_text(sitting.starts_at, sitting.ends_at))


def granted_words(row: Accommodation | None, exam: Exam) -> str:
    """What was granted to a person, as a ticket says it; empty where nothing was."""
    if row is None:
        return ""
    extra = extra_minutes(row.extra_percent, row.extra_minutes, duration_minutes=exam.duration_minutes)
    words = [f"加时 {extra} 分钟"] if extra else []
    words += [word for word, held in (("大字", row.large_print), ("单独考场", row.separate_room)) if held]
    return "，".join([*words, "靠近出入口"] if row.near_door else words)


def _runs_exams(op: Operation) -> bool:
    return op.may(Capability.EXAM_WRITE) or op.may(Capability.EXAM_APPROVE)


def _print(op: Operation, exam: Exam, rows: Sequence[Registration]) -> bytes:
    if exam.state is not ExamState.SEALED:
        raise NotSealed
    begins, ends = window_of(op, exam)
    if not may_print(op, exam):
        words = [f"{moment.astimezone(LOCAL):%Y-%m-%d %H:%M}" for moment in (begins or ends, ends)]
        raise TicketsShut(zh=f"{words[0]} 至 {words[1]}。", en=f"from {words[0]} to {words[1]}.")
    sitting = queries.sittings_of(op.db, exam.id)[0]
    persons = persons_by_id(op.db, {row.person_id for row in rows})
    units = units_by_id(op.db, {person.unit_id for person in persons.values()})
    rooms = queries.room_names(op.db, {row.room_id for row in rows if row.room_id})
    granted = accommodations_at(op.db, persons.keys(), sitting.starts_at)
    tickets = [
        Ticket(
            name=person.name,
            number=row.ticket_number or "",
            room=rooms.get(row.room_id or 0, "—"),
            seat=str(row.seat or "—"),
            facts=(
                ("性　　别", GENDERS[person.gender]),
                ("身份证号", person.id_number_masked),
                ("单　　位", units[person.unit_id].name),
            ),
            granted=granted_words(granted.get(row.person_id), exam),
            photo=photo_of(op.db, row.person_id),
        )
        for row in rows
        for person in (persons[row.person_id],)
    ]
    _count(op, rows)
    return print_tickets(tickets, heading=heading_of(op, exam, sitting), rules=_rules(exam))


def _count(op: Operation, rows: Sequence[Registration]) -> None:
    """Count a print of each, and write it down: the second and every further one is a reprint."""
    counted = op.db.execute(
        update(Registration)
        .where(Registration.id.in_([row.id for row in rows]))
        .values(ticket_prints=Registration.ticket_prints + 1, ticket_voided_at=None)
        .returning(Registration.id, Registration.ticket_prints)
        .execution_options(synchronize_session=False)
    ).all()
    acts = [
        compose(op, AuditAction.TICKET_PRINT, subject=("ticket", row.id), after={"prints": row.ticket_prints})
        for row in sorted(counted)
    ]
    op.db.execute(insert(AuditRecord), acts)


def _rules(exam: Exam) -> tuple[str, ...]:
    return (
        "凭本证和本人有效身份证件，在开考前 30 分钟内到考场报到，由监考员核对后领取签到码。",
        f"开考 {exam.late_entry_minutes} 分钟后不得入场；开考 {exam.earliest_hand_in_minutes} 分钟内不得交卷。",
        "手机等电子设备须关机并存放在指定位置，不得带至座位。",
        "作答自动保存。计算机或网络有故障时举手示意，不要自行关机，已保存的作答都在。",
        "到截止时间自动收卷。服从监考员安排，违反考试纪律的按规定处理。",
    )
