"""考前检查: everything that must be in place before the day, one line each, read from what is there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.accounts.queries import person_of
from app.exams import queries
from app.exams.models import Exam, Registration, Room
from app.exams.queries.changes import waiting_changes
from app.exams.queries.reserve import count_reserve_set
from app.exams.registering.queries import consents_of
from app.exams.rules import BlueprintState, ExamState, RegistrationState
from app.exams.service.candidates import still_eligible_among
from app.exams.service.rooms import units_by_room
from app.exams.service.seating import seats_stand
from app.operation import Operation
from app.people.queries import names_of, persons_by_id, with_photo

NAMED_AT_MOST = 8
"""How many are named of those who lack something."""
SIGNERS = 2
"""How many proctors sign the record of a room."""


@dataclass(frozen=True)
class Line:
    """One thing to be in place: its words, whether it is, how many of how many, who or what lacks it (the first few),
    and where it is mended."""

    zh: str
    en: str
    met: bool
    href: str
    done: int | None = None
    of: int | None = None
    lacking: tuple[str, ...] = ()


def readiness(op: Operation, exam: Exam) -> tuple[Line, ...]:
    """Every line for an exam, in the order of the work. Nothing is changed by asking."""
    live = queries.live_registrations(op.db, exam.id)
    candidates = [row for row in live if row.state is RegistrationState.CONFIRMED]
    sitting = queries.sittings_of(op.db, exam.id)[0]
    rooms = queries.rooms_of(op.db, sitting.id)
    return (
        *_of_the_plan(op, exam, live, candidates, rooms),
        *_of_the_people(op, exam, candidates),
        *_of_the_rooms(op, exam, candidates, rooms),
        *_of_the_forms(op, exam, candidates),
    )


def _of_the_plan(
    op: Operation, exam: Exam, live: Sequence[Registration], candidates: Sequence[Registration], rooms: Sequence[Room]
) -> Iterable[Line]:
    here = f"/exams/{exam.id}"
    blueprint = queries.blueprint_by_id(op.db, exam.blueprint_id)
    seats = sum(room.capacity for room in rooms)
    changes = [change for change in waiting_changes(op.db) if change.exam_id == exam.id]
    yield Line(
        "组卷方案已批准",
        "The blueprint is approved",
        blueprint.state is BlueprintState.APPROVED,
        f"/blueprints/{blueprint.id}",
    )
    yield Line("没有待批准的延期或取消", "No proposal to postpone or cancel waits", not changes, f"{here}/emergencies")
    yield Line(
        "报名全部办结",
        "Every registration is decided on",
        len(live) == len(candidates) > 0,
        f"{here}/registrations",
        done=len(candidates),
        of=len(live),
    )
    yield Line(
        "考场座位够用",
        "There are seats enough",
        seats >= len(candidates) > 0,
        here,
        done=seats,
        of=len(candidates),
    )


def _of_the_people(op: Operation, exam: Exam, candidates: Sequence[Registration]) -> Iterable[Line]:
    here = f"/exams/{exam.id}"
    names = names_of(op.db, {row.person_id for row in candidates})
    eligible = still_eligible_among(op, exam, candidates)
    photographed = with_photo(op.db, names.keys())
    consents = consents_of(op.db, [row.id for row in candidates])

    def line(zh: str, en: str, href: str, lacking: Sequence[Registration]) -> Line:
        return Line(
            zh,
            en,
            bool(candidates) and not lacking,
            href,
            done=len(candidates) - len(lacking),
            of=len(candidates),
            lacking=tuple(names[row.person_id] for row in lacking[:NAMED_AT_MOST]),
        )

    yield line(
        "考生仍符合报考资格",
        "Candidates are still eligible",
        f"{here}/registrations?state=confirmed",
        [row for row in candidates if row.id not in eligible],
    )
    yield line(
        "照片齐全",
        "Every candidate has a photograph",
        f"{here}/tickets",
        [row for row in candidates if row.person_id not in photographed],
    )
    yield line(
        "考生已同意告知书",
        "Every candidate has accepted the privacy notice",
        f"{here}/registrations?state=confirmed",
        [row for row in candidates if row.id not in consents],
    )
    yield line(
        "准考证已打印",
        "Every admission ticket is printed",
        f"{here}/tickets",
        [row for row in candidates if not row.ticket_stands],
    )


def _of_the_rooms(
    op: Operation, exam: Exam, candidates: Sequence[Registration], rooms: Sequence[Room]
) -> Iterable[Line]:
    here = f"/exams/{exam.id}"
    seated = sum(row.seat is not None for row in candidates)
    fixed = exam.state is ExamState.SEALED or seats_stand(op, exam)
    held = queries.proctors_by_room(op.db, [room.id for room in rooms])
    bare = [room.name for room in rooms if not room.remote and not held[room.id]]
    staff = {account: person_of(op.db, account) for accounts in held.values() for account in accounts}
    persons = persons_by_id(op.db, set(staff.values()))
    units = units_by_room(op, exam.id)
    clashes = [
        f"{room.name} {persons[staff[account]].name}"
        for room in rooms
        for account in held[room.id]
        if units[room.id][persons[staff[account]].unit_id]
    ]
    on_site = sum(not room.remote for room in rooms)
    yield Line(
        "座位已抽定",
        "Seats are drawn and stand",
        fixed and seated == len(candidates) > 0,
        f"{here}/seating",
        done=seated,
        of=len(candidates),
    )
    yield Line(
        "线下考场都有监考员",
        "Every room on site has its proctor",
        bool(rooms) and not bare,
        here,
        done=on_site - len(bare),
        of=on_site,
        lacking=tuple(bare[:NAMED_AT_MOST]),
    )
    # Two invigilators sign the record of a room, and after the day nobody can be assigned any more.
    manned = [room for room in rooms if not room.remote and (units[room.id] or not seated)]
    alone = [room.name for room in manned if len(held[room.id]) < SIGNERS]
    yield Line(
        "考场记录表有两名监考员签字",
        "Two proctors of each room can sign its record",
        bool(rooms) and not alone,
        here,
        done=len(manned) - len(alone),
        of=len(manned),
        lacking=tuple(alone[:NAMED_AT_MOST]),
    )
    yield Line(
        "监考员与本考场考生无同单位",
        "No proctor runs a room with candidates of the own unit",
        not clashes,
        here,
        lacking=tuple(clashes[:NAMED_AT_MOST]),
    )


def _of_the_forms(op: Operation, exam: Exam, candidates: Sequence[Registration]) -> Iterable[Line]:
    here = f"/exams/{exam.id}"
    sealed = exam.state is ExamState.SEALED
    left = queries.count_reserve_forms(op.db, exam.id)
    yield Line("试卷已封存", "The forms are sealed", sealed, here)
    yield Line(
        "还有补报用卷",
        "Forms for late additions are left",
        sealed and left > 0,
        here,
        done=left,
        of=exam.reserve_forms,
    )
    if exam.reserve_set:
        forms, _used = count_reserve_set(op.db, exam.id)
        yield Line(
            "成套备用卷已备好",
            "The reserve set is ready",
            sealed and forms >= len(candidates),
            here,
            done=forms,
            of=len(candidates),
        )
