"""Lists of registrations: a dry run that says of every row what would happen, then one commit of exactly the good
rows, or of nobody."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app.audit.actions import AuditAction
from app.audit.record import record
from app.exams import queries
from app.exams.eligibility import Answer, is_eligible, refusal
from app.exams.models import Exam, RegistrationList
from app.exams.roster import RosterRow, read_roster
from app.exams.rules import (
    ContentRefused,
    ExamMoveRefused,
    LeftOutDiffers,
    ListChanged,
    ListState,
    OtherName,
    PersonNotFound,
    RowOutcome,
)
from app.exams.service.candidates import answers_for
from app.exams.service.deciding import acting_account
from app.exams.service.registrations import enter, open_exam
from app.operation import Operation
from app.people.identity import BadIdNumber, mask, parse_id_number
from app.people.models import Person
from app.people.names import same_name
from app.people.queries import persons_by_id, unit_paths
from app.people.service import find_by_id_numbers
from app.security.permissions import Capability
from question_bank.errors import UnreadableFile

_WORDS: Mapping[RowOutcome, tuple[str, str]] = {
    RowOutcome.GOOD: ("可以登记", "Can be registered"),
    RowOutcome.NO_NAME: ("未填姓名", "The name is missing"),
    RowOutcome.NOT_FOUND: (PersonNotFound.zh, PersonNotFound.en),
    RowOutcome.OTHER_NAME: (OtherName.zh, OtherName.en),
    RowOutcome.TWICE: ("与前面第 {row} 行是同一人", "The same person as in row {row}"),
    RowOutcome.REGISTERED: ("已报名本次考试", "Is registered already"),
}


def check_list(op: Operation, *, exam_id: int, file_name: str, content: bytes) -> RegistrationList:
    """The dry run: keep what would become of every row. Raises RegistrationShut, and ContentRefused where the file
    cannot be read as a list."""
    exam = open_exam(op, exam_id)
    try:
        roster = read_roster(file_name, content)
    except UnreadableFile as error:
        raise ContentRefused(zh=error.zh, en=error.en) from None
    row = RegistrationList(
        exam_id=exam.id,
        state=ListState.CHECKED,
        file_name=file_name,
        file_hash=hashlib.sha256(content).hexdigest(),
        rows=_check_rows(op, exam, roster),
        uploaded_by=acting_account(op),
        uploaded_at=op.now,
    )
    op.db.add(row)
    op.db.flush()
    after = {"exam_id": exam.id, "file_hash": row.file_hash, **_counts(row)}
    record(op, AuditAction.LIST_CHECK, subject=("list", row.id), after=after)
    return row


def commit_list(op: Operation, *, list_id: int, left_out: int) -> RegistrationList:
    """Register exactly the persons of the good rows, all in one, or nobody.

    `left_out` is the number of rows that the caller knows to be left out. Raises LeftOutDiffers where it is another
    one, ListChanged, naming rows, where a good row is good no longer, RegistrationShut.
    """
    row = queries.find_list(op.db, op.actor, list_id, lock=True)
    if row.state is not ListState.CHECKED:
        raise ExamMoveRefused
    exam = open_exam(op, row.exam_id)
    good = [entry for entry in row.rows if entry["outcome"] == RowOutcome.GOOD]
    if left_out != len(row.rows) - len(good) or not good:
        raise LeftOutDiffers(left_out=len(row.rows) - len(good))
    persons = persons_by_id(op.db, {entry["person_id"] for entry in good})
    answers = answers_for(op, exam, list(persons.values()))
    own = _own(op, persons.values())
    taken = {registration.person_id for registration in queries.live_registrations(op.db, exam.id)}
    changed = [
        entry["row"]
        for entry in good
        if entry["person_id"] in taken or not is_eligible(answers[entry["person_id"]]) or entry["person_id"] not in own
    ]
    if changed:
        raise ListChanged(rows="、".join(map(str, changed)))
    for entry in good:
        enter(op, exam, persons[entry["person_id"]], answers[entry["person_id"]])
    return _settle(op, row, ListState.COMMITTED, AuditAction.LIST_COMMIT, registered=len(good), left_out=left_out)


def discard_list(op: Operation, *, list_id: int) -> RegistrationList:
    """Put a list aside; nobody is registered."""
    row = queries.find_list(op.db, op.actor, list_id, lock=True)
    if row.state is not ListState.CHECKED:
        raise ExamMoveRefused
    return _settle(op, row, ListState.DISCARDED, AuditAction.LIST_DISCARD)


def _settle(
    op: Operation, row: RegistrationList, state: ListState, action: AuditAction, **figures: int
) -> RegistrationList:
    row.state, row.settled_at = state, op.now
    op.db.flush()
    record(op, action, subject=("list", row.id), after={"exam_id": row.exam_id, "state": state, **figures})
    return row


def _counts(row: RegistrationList) -> dict[str, int]:
    good = sum(entry["outcome"] == RowOutcome.GOOD for entry in row.rows)
    return {"good": good, "left_out": len(row.rows) - good}


def _check_rows(op: Operation, exam: Exam, roster: Sequence[RosterRow]) -> list[dict[str, Any]]:
    numbers: dict[int, str] = {}
    refused: dict[int, BadIdNumber] = {}
    for line in roster:
        try:
            numbers[line.row] = parse_id_number(line.id_number).number
        except BadIdNumber as error:
            refused[line.row] = error
    known = find_by_id_numbers(op, set(numbers.values()))
    own = _own(op, known.values())
    in_order = {known[number].id: known[number] for number in numbers.values() if number in known}
    answers = answers_for(op, exam, [person for person in in_order.values() if person.id in own])
    taken = {registration.person_id for registration in queries.live_registrations(op.db, exam.id)}
    first: dict[str, int] = {}
    rows = []
    for line in roster:
        if line.row in refused:
            bad = refused[line.row]
            rows.append(_said(line, RowOutcome.BAD_NUMBER, zh=bad.zh, en=bad.en))
            continue
        number = numbers[line.row]
        person = known.get(number)
        outcome = RowOutcome.GOOD
        if not line.name:
            outcome = RowOutcome.NO_NAME
        elif first.setdefault(number, line.row) != line.row:
            outcome = RowOutcome.TWICE
        elif person is None or person.id not in own:
            outcome = RowOutcome.NOT_FOUND
        elif not same_name(person.name, line.name):
            outcome = RowOutcome.OTHER_NAME
        elif person.id in taken:
            outcome = RowOutcome.REGISTERED
        else:
            rows.append(_judged(line, number, person, answers[person.id]))
            continue
        zh, en = _WORDS[outcome]
        at = first.get(number, 0)
        rows.append(_said(line, outcome, masked=mask(number), zh=zh.format(row=at), en=en.format(row=at)))
    return rows


def _judged(line: RosterRow, number: str, person: Person, answers: Sequence[Answer]) -> dict[str, Any]:
    if is_eligible(answers):
        zh, en = _WORDS[RowOutcome.GOOD]
        return _said(line, RowOutcome.GOOD, masked=mask(number), zh=zh, en=en, person_id=person.id)
    return _said(
        line,
        RowOutcome.NOT_ELIGIBLE,
        masked=mask(number),
        zh=refusal(answers, "zh"),
        en=refusal(answers, "en"),
        person_id=person.id,
    )


def _said(
    line: RosterRow, outcome: RowOutcome, *, zh: str, en: str, masked: str = "", person_id: int | None = None
) -> dict[str, Any]:
    return {
        "row": line.row,
        "name": line.name,
        "masked": masked,
        "outcome": outcome.value,
        "zh": zh,
        "en": en,
        "person_id": person_id,
    }


def _own(op: Operation, persons: Collection[Person]) -> set[int]:
    """The ids of those who are of the caller's units."""
    paths = unit_paths(op.db, {person.unit_id for person in persons})
    return {p.id for p in persons if op.actor.covers(Capability.REGISTRATION_WRITE, paths[p.unit_id])}
