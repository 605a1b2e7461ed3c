"""抽座位: drawn in one act from a seed made in that act, drawn again only with a cause; every draw is kept and can be
recomputed by anybody."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, update

from app.audit.actions import AuditAction
from app.audit.models import AuditRecord
from app.audit.record import compose, record
from app.errors import FieldProblem, Invalid
from app.exams import queries
from app.exams.models import Exam, Registration, SeatingDraw
from app.exams.queries.accommodations import accommodations_at
from app.exams.queries.seating import newest_draw
from app.exams.rules import ExamAction, NotReady, Phase, SeatsNotYet, move_exam, phase_of
from app.exams.seating import SEATING_VERSION, Clash, Seat, clashes_of, faults_of, seat
from app.exams.service.deciding import acting_account, check_other_person
from app.exams.service.drawing import label_of
from app.exams.service.registrations import timetable
from app.exams.service.rooms import clear_seats, halls_of
from app.exams.service.ticket_news import void_tickets
from app.exams.sharing import Hall, Sitter
from app.operation import Operation
from app.outbox.post import post_to_all
from app.outbox.templates import Kind
from app.people.queries import persons_by_id
from question_bank.assembly.stream import SEED_BYTES
from question_bank.canonical import canonical_json, read_json

LAST_REDRAW = timedelta(hours=1)
"""How long before the start seats may be drawn for the last time: after that people are on their way."""


def draw_seats(op: Operation, *, exam_id: int, reason: str) -> SeatingDraw:
    """Draw the seats of an exam that is not sealed, once registration has closed; again only with a reason.

    Raises ExamMoveRefused, SeatsNotYet, Invalid naming `reason`, NotReady without a candidate, SeatsTooFew.
    """
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    move_exam(exam.state, ExamAction.DRAW_SEATS)
    if not may_draw(op, exam):
        raise SeatsNotYet
    last = newest_draw(op.db, exam.id)
    if last is not None:
        _check_reason(reason)
    return write_draw(op, exam, reason if last is not None else "")


def redraw_sealed(op: Operation, *, exam_id: int, reason: str) -> SeatingDraw:
    """Draw the seats of a sealed exam anew: forms and ticket numbers stay. Whose place has changed is told, and their
    printed ticket is void. Raises SameOfficer for whoever proposed the sealing; else as `draw_seats`."""
    exam = queries.find_exam(op.db, op.actor, exam_id, lock=True)
    move_exam(exam.state, ExamAction.REDRAW_SEATS)
    check_other_person(op, exam.seal_proposed_by)
    if not may_draw(op, exam):
        raise SeatsNotYet
    _check_reason(reason)
    before = _places(op, exam)
    draw = write_draw(op, exam, reason)
    after = _places(op, exam)
    moved = [row for row in queries.confirmed_registrations(op.db, exam.id) if before.get(row.id) != after[row.id]]
    void = void_tickets(op, exam, moved)
    _tell(op, exam, Kind.TICKET_VOID, void)
    _tell(op, exam, Kind.SEATS_CHANGED, {row.person_id for row in moved} - void)
    return draw


def write_draw(op: Operation, exam: Exam, reason: str) -> SeatingDraw:
    """Draw, whose row is held, and give everybody the seat that was drawn. Raises NotReady, SeatsTooFew."""
    rows = queries.confirmed_registrations(op.db, exam.id)
    if not rows:
        raise NotReady(zh="没有已确认的考生。", en="there is no candidate.")
    last = newest_draw(op.db, exam.id)
    sitting = queries.sittings_of(op.db, exam.id)[0]
    sitters, halls = sitters_of(op, rows), halls_of(op, sitting)
    seed, number = secrets.token_bytes(SEED_BYTES), last.number + 1 if last else 1
    seats = seat(sitters, halls, seed=seed, label=_label(exam.id, number))
    draw = SeatingDraw(
        exam_id=exam.id,
        number=number,
        version=SEATING_VERSION,
        seed=seed.hex(),
        reason=reason,
        facts=_facts_to_json(sitters, halls),
        places_hash=_hash(seats),
        clashes=len(clashes_of(seats, sitters, halls)),
        drawn_by=acting_account(op),
        drawn_at=op.now,
    )
    op.db.add(draw)
    clear_seats(op, exam.id)
    op.db.flush()
    op.db.execute(
        update(Registration), [{"id": s.registration_id, "room_id": s.room_id, "seat": s.number} for s in seats]
    )
    for row in rows:
        op.db.expire(row, ["room_id", "seat"])
    acts = [
        compose(
            op,
            AuditAction.REGISTRATION_SEAT,
            subject=("registration", s.registration_id),
            after={"room_id": s.room_id, "seat": s.number},
        )
        for s in seats
    ]
    op.db.execute(insert(AuditRecord), acts)
    told = _told(draw)
    before = _told(last) if last else None
    record(op, AuditAction.EXAM_DRAW_SEATS, subject=("exam", exam.id), before=before, after=told, reason=reason)
    return draw


def sitters_of(op: Operation, rows: Sequence[Registration]) -> list[Sitter]:
    """These candidates of one exam as seating sees them, with what was granted to them."""
    persons = persons_by_id(op.db, {row.person_id for row in rows})
    starts_at = queries.sittings_of(op.db, rows[0].exam_id)[0].starts_at if rows else op.now
    granted = accommodations_at(op.db, persons.keys(), starts_at)
    return [
        Sitter(
            row.id,
            persons[row.person_id].unit_id,
            separate=row.person_id in granted and granted[row.person_id].separate_room,
            near_door=row.person_id in granted and granted[row.person_id].near_door,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class SeatingVerdict:
    """What recomputing a draw says: whether the same seats follow from its seed and facts, whether every rule holds
    in them, and the neighbours of one unit."""

    agrees: bool
    sound: bool
    clashes: tuple[Clash, ...]


def recompute_seats(draw: SeatingDraw) -> SeatingVerdict:
    """Draw again from what is kept, and compare."""
    sitters, halls = _facts_from_json(draw.facts)
    seats = seat(sitters, halls, seed=bytes.fromhex(draw.seed), label=_label(draw.exam_id, draw.number))
    clashes = clashes_of(seats, sitters, halls)
    agrees = draw.version == SEATING_VERSION and _hash(seats) == draw.places_hash and len(clashes) == draw.clashes
    return SeatingVerdict(agrees, not faults_of(seats, sitters, halls), clashes)


def seats_stand(op: Operation, exam: Exam) -> bool:
    """Whether seats were drawn, every candidate has one, and every rule still holds in them: what was granted or who
    runs a room may have changed since."""
    rows = queries.confirmed_registrations(op.db, exam.id)
    seats = [Seat(row.id, row.room_id, row.seat) for row in rows if row.room_id and row.seat]
    halls = halls_of(op, queries.sittings_of(op.db, exam.id)[0])
    return newest_draw(op.db, exam.id) is not None and not faults_of(seats, sitters_of(op, rows), halls)


def may_draw(op: Operation, exam: Exam) -> bool:
    """Whether it is time: after registration has closed, and not too close to the start."""
    times = timetable(op, exam)
    closed = phase_of(times, sealed=False, now=op.now) is Phase.REGISTRATION_CLOSED
    return closed and op.now <= times.starts_at - LAST_REDRAW


def _places(op: Operation, exam: Exam) -> dict[int, tuple[int | None, int | None]]:
    return {row.id: (row.room_id, row.seat) for row in queries.confirmed_registrations(op.db, exam.id)}


def _tell(op: Operation, exam: Exam, kind: Kind, person_ids: set[int]) -> None:
    params = {"exam": exam.name, "exam_id": exam.id}
    post_to_all(op.db, person_ids=person_ids, template=kind, params=params, now=op.now)


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid(FieldProblem("reason", "重抽座位须说明原因。", "Please say why the seats are drawn again."))


def _told(draw: SeatingDraw) -> dict[str, object]:
    return {
        "number": draw.number,
        "draw_seed": draw.seed,
        "version": draw.version,
        "places_hash": draw.places_hash,
        "clashes": draw.clashes,
    }


def _label(exam_id: int, number: int) -> str:
    return f"{label_of(exam_id)}/draw-{number}"


def _hash(seats: Sequence[Seat]) -> str:
    said: Any = [[s.registration_id, s.room_id, s.number] for s in sorted(seats, key=lambda s: s.registration_id)]
    return hashlib.sha256(canonical_json(said)).hexdigest()


def _facts_to_json(sitters: Sequence[Sitter], halls: Sequence[Hall]) -> str:
    rooms: Any = [{**asdict(hall), "barred_units": sorted(hall.barred_units)} for hall in halls]
    return canonical_json({"sitters": [asdict(sitter) for sitter in sitters], "halls": rooms}).decode()


def _facts_from_json(text: str) -> tuple[list[Sitter], list[Hall]]:
    said: Any = read_json(text)
    halls = [Hall(**{**hall, "barred_units": frozenset(hall["barred_units"])}) for hall in said["halls"]]
    return [Sitter(**sitter) for sitter in said["sitters"]], halls
