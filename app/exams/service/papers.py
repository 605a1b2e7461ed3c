"""备用纸质卷: a sealed exam on paper for the day the network fails; two people, and every page says whose (P19)."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import partial

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.queries.pictures import pictures_by_hash
from app.errors import NotFound
from app.exams import queries
from app.exams.models import Exam, FormRow, PaperOrder
from app.exams.queries.papers import find_order
from app.exams.queries.reserve import spare_forms
from app.exams.reading import read_form
from app.exams.rules import ExamState, NotSealed, PaperGranted
from app.exams.service.deciding import acting_account, check_other_person, persons_behind
from app.exams.service.drawing import items_of_pool
from app.operation import Operation
from app.people.calendar import hours_text
from app.people.queries import persons_by_id, units_by_id
from app.shapes import LOCAL
from question_bank.content import pictures_in
from question_bank.items import Item, Level
from question_bank.kinds import kind_of
from question_bank.print import (
    Candidate,
    Copy,
    Heading,
    Paper,
    print_answer_sheets,
    print_keys,
    print_papers,
    write_answer_sheets,
    write_papers,
)

_LEVELS = {Level.PRIMARY: "初级", Level.INTERMEDIATE: "中级", Level.ADVANCED: "高级"}
_NOTES = (
    "开考前在密封线外填写姓名、准考证号和单位，不得在其他地方作任何标记。",
    "所有题目在答题卡上作答，写在试卷上无效。",
    "考试结束后，试卷、答题卡和草稿纸一并交回。",
)


class Sheets(StrEnum):
    """What is printed: forms, answer sheets, keys; forms and answer sheets as Word files."""

    FORMS = "forms"
    ANSWERS = "answers"
    KEYS = "keys"
    WORD = "word"
    ANSWERS_WORD = "answers_word"


_MAKERS: Mapping[Sheets, Callable[[Paper], bytes]] = {
    Sheets.FORMS: print_papers,
    Sheets.ANSWERS: print_answer_sheets,
    Sheets.KEYS: print_keys,
    Sheets.WORD: partial(write_papers, with_key=False),
    Sheets.ANSWERS_WORD: write_answer_sheets,
}


def propose_paper(op: Operation, *, exam_id: int, reason: str) -> PaperOrder:
    """Ask for a sealed exam on paper. Raises NotSealed."""
    exam = _sealed(queries.find_exam(op.db, op.actor, exam_id, lock=True))
    order = PaperOrder(exam_id=exam.id, proposed_by=acting_account(op), proposed_at=op.now, reason=reason)
    op.db.add(order)
    op.db.flush()
    after = {"order_id": order.id}
    record(op, AuditAction.EXAM_PROPOSE_PAPER, subject=("exam", exam.id), after=after, reason=reason)
    return order


def grant_paper(op: Operation, *, exam_id: int, order_id: int) -> PaperOrder:
    """Grant what another person asked for. Raises NotSealed, PaperGranted, SameOfficer."""
    exam = _sealed(queries.find_exam(op.db, op.actor, exam_id, lock=True))
    order = find_order(op.db, op.actor, exam_id, order_id, lock=True)
    if order.approved_by is not None:
        raise PaperGranted
    check_other_person(op, order.proposed_by)
    order.approved_by, order.approved_at = acting_account(op), op.now
    op.db.flush()
    after = {"order_id": order.id, "proposed_by": order.proposed_by, "forms": len(queries.forms_of(op.db, exam.id))}
    record(op, AuditAction.EXAM_GRANT_PAPER, subject=("exam", exam.id), after=after)
    return order


def order_for_room(op: Operation, *, exam_id: int, proposed_by: int, reason: str) -> PaperOrder:
    """An order that two people have agreed on already, by switching a room to paper: the actor grants what
    `proposed_by` asked for."""
    order = PaperOrder(exam_id=exam_id, proposed_by=proposed_by, proposed_at=op.now, reason=reason)
    order.approved_by, order.approved_at = acting_account(op), op.now
    op.db.add(order)
    op.db.flush()
    after = {"order_id": order.id, "proposed_by": proposed_by, "forms": len(queries.forms_of(op.db, exam_id))}
    record(op, AuditAction.EXAM_GRANT_PAPER, subject=("exam", exam_id), after=after)
    return order


def may_take(op: Operation, order: PaperOrder) -> bool:
    """Whether the actor is one of the two people of a granted order."""
    if order.approved_by is None or op.actor.person_id is None:
        return False
    return op.actor.person_id in persons_behind(op.db, order.proposed_by, order.approved_by)


def print_sheets(op: Operation, *, exam_id: int, order_id: int, what: Sheets, room_id: int) -> bytes:
    """The forms of a room's candidates, or with room 0 the spare forms, as a file; each page names order and taker.

    Raises NotFound where the order is not granted or not the actor's, or where there is no such room or form.
    """
    exam = queries.find_exam(op.db, op.actor, exam_id)
    order = find_order(op.db, op.actor, exam_id, order_id)
    if not may_take(op, order):
        raise NotFound
    paper = _paper(op, _sealed(exam), order, room_id=room_id)
    return _MAKERS[what](paper)


def _sealed(exam: Exam) -> Exam:
    if exam.state is not ExamState.SEALED:
        raise NotSealed
    return exam


def _paper(op: Operation, exam: Exam, order: PaperOrder, *, room_id: int) -> Paper:
    sitting = queries.sittings_of(op.db, exam.id)[0]
    rooms = {room.id: room.name for room in queries.rooms_of(op.db, sitting.id)}
    if room_id and room_id not in rooms:
        raise NotFound
    live = {row.id: row for row in queries.live_registrations(op.db, exam.id)}
    if room_id:
        seated = {row.id for row in live.values() if row.room_id == room_id}
        rows = [row for row in queries.forms_of(op.db, exam.id) if row.registration_id in seated]
    else:
        rows = [*spare_forms(op.db, exam.id)]
    if not rows:
        raise NotFound
    rows.sort(key=lambda row: (live[row.registration_id].seat or 0) if row.registration_id else row.number)
    items = items_of_pool(op, exam.id)
    forms = [read_form(row.content) for row in rows]
    used = {entry.item_key for form in forms for entry in form.entries}
    shown = {key: items[key] for key in sorted(used)}
    starts = sitting.starts_at.astimezone(LOCAL)
    maximum = forms[0].maximum_hundredths
    facts = (
        _LEVELS[exam.level],
        f"{starts:%Y} 年 {starts.month} 月 {starts.day} 日 {hours_text(sitting.starts_at, sitting.ends_at)}",
        f"时间 {exam.duration_minutes} 分钟",
        f"满分 {maximum // 100} 分",
    )
    candidates = _candidates(op, rows, rooms)
    mark = _mark(op, order)
    copies = tuple(
        Copy(
            form,
            f"第 {form.number} 号卷",
            candidates.get(row.registration_id or 0, Candidate()),
            f"{mark}-{row.number}",
        )
        for row, form in zip(rows, forms, strict=True)
    )
    pictures = pictures_by_hash(op.db, _hashes(list(shown.values())))
    return Paper(Heading(op.settings.authority, exam.name, facts, _NOTES), copies, shown, pictures)


def _mark(op: Operation, order: PaperOrder) -> str:
    name = persons_by_id(op.db, [op.actor.person_id or 0])[op.actor.person_id or 0].name
    return f"{name} {op.now.astimezone(LOCAL):%Y-%m-%d %H:%M} 备用卷 {order.id}"


def _candidates(op: Operation, rows: Sequence[FormRow], rooms: dict[int, str]) -> dict[int, Candidate]:
    found = queries.registrations_by_id(op.db, [row.registration_id for row in rows if row.registration_id])
    persons = persons_by_id(op.db, {row.person_id for row in found})
    units = units_by_id(op.db, {person.unit_id for person in persons.values()})
    return {
        row.id: Candidate(
            persons[row.person_id].name,
            row.ticket_number or "",
            units[persons[row.person_id].unit_id].name,
            rooms.get(row.room_id or 0, ""),
            str(row.seat or ""),
        )
        for row in found
    }


def _hashes(items: Sequence[Item]) -> list[str]:
    texts = [
        text for item in items for text in (item.stem, *(t.text for t in kind_of(item.item_type).texts(item.body)))
    ]
    return sorted({use.sha256 for text in texts for use in pictures_in(text)})
