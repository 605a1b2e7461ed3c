"""What hangs on doors and lies on desks: gathered for the printer."""

from collections.abc import Sequence

from app.accounts.queries import person_of
from app.errors import NotFound
from app.exams import queries
from app.exams.eligibility import answer_from_json, is_eligible, refusal
from app.exams.models import Registration
from app.exams.printed.papers import Checked, Place, RoomPaper, RoomSheets, print_joint_list, print_rooms
from app.exams.service.tickets import GENDERS, heading_of
from app.operation import Operation
from app.people.models import Person, Unit
from app.people.queries import names_of, persons_by_id, units_by_id
from app.people.rules import POLITICAL_STATUS_WORDS

OFFICES = ("组织部门意见", "纪检机关意见", "公安机关意见")


def print_room_papers(op: Operation, *, exam_id: int, paper: RoomPaper, room_id: int) -> bytes:
    """One kind of sheet for one room, or with room 0 for every room of the sitting that has a candidate. Raises
    NotFound where there is none."""
    exam = queries.find_exam(op.db, op.actor, exam_id)
    sitting = queries.sittings_of(op.db, exam.id)[0]
    rows = [row for row in queries.confirmed_registrations(op.db, exam.id) if row.seat]
    persons, units = _people(op, rows)
    rooms = [room for room in queries.rooms_of(op.db, sitting.id) if room_id in {0, room.id}]
    held = queries.proctors_by_room(op.db, [room.id for room in rooms])
    staff = {account: person_of(op.db, account) for accounts in held.values() for account in accounts}
    names = names_of(op.db, set(staff.values()))
    forms = queries.forms_of(op.db, exam.id) if paper is RoomPaper.HANDOVER else ()
    numbers = {form.registration_id: str(form.number) for form in forms if form.registration_id}
    sheets = []
    for room in rooms:
        seated = sorted((row for row in rows if row.room_id == room.id), key=lambda row: row.seat or 0)
        if not seated or (room.remote and paper is not RoomPaper.RECORD):
            continue
        places = [
            Place(
                seat=row.seat or 0,
                name=persons[row.person_id].name,
                number=row.ticket_number or "",
                unit=units[persons[row.person_id].unit_id].name,
                masked=persons[row.person_id].id_number_masked,
                form=numbers.get(row.id, ""),
            )
            for row in seated
        ]
        proctors = tuple(names[staff[account]] for account in held[room.id])
        sheets.append(RoomSheets(room.name, room.remote, room.columns, proctors, tuple(places)))
    if not sheets:
        raise NotFound
    return print_rooms(paper, sheets, heading=heading_of(op, exam, sitting))


def print_joint(op: Operation, *, exam_id: int) -> bytes:
    """资格联审表 of everybody who is registered or confirmed, by unit and name. Raises NotFound for nobody."""
    exam = queries.find_exam(op.db, op.actor, exam_id)
    rows = queries.live_registrations(op.db, exam.id)
    if not rows:
        raise NotFound
    persons, units = _people(op, rows)
    listed = []
    for row in sorted(rows, key=lambda r: (persons[r.person_id].unit_id, persons[r.person_id].name_pinyin, r.id)):
        person, answers = persons[row.person_id], [*map(answer_from_json, row.eligibility)]
        eligible = is_eligible(answers)
        listed.append(
            Checked(
                name=person.name,
                gender=GENDERS[person.gender],
                masked=person.id_number_masked,
                unit=units[person.unit_id].name,
                post=person.post,
                status=POLITICAL_STATUS_WORDS[person.political_status][0],
                entered=_entered(op, row),
                eligible=eligible,
                reason="" if eligible else refusal(answers, "zh"),
            )
        )
    heading = heading_of(op, exam, queries.sittings_of(op.db, exam.id)[0])
    return print_joint_list(listed, heading=heading, offices=OFFICES)


def _entered(op: Operation, row: Registration) -> str:
    if person_of(op.db, row.registered_by) != row.person_id:
        return "单位报名"
    return "本人报名，单位推荐" if row.endorsed_at else "本人报名"


def _people(op: Operation, rows: Sequence[Registration]) -> tuple[dict[int, Person], dict[int, Unit]]:
    persons = persons_by_id(op.db, {row.person_id for row in rows})
    return persons, units_by_id(op.db, {person.unit_id for person in persons.values()})
