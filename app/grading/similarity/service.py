"""Comparing the responses of an exam: asked for by a person, done by the worker, read by people. Nothing follows."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.attempts.queries import any_destroyed, attempts_of, first_arrivals, folded_of
from app.attempts.responses import SAYS_NOTHING
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import NotFound
from app.exams import queries as exams
from app.exams.models import Registration
from app.exams.reading import RecordsDestroyed, read_form
from app.exams.spacing import neighbours_of
from app.grading import queries as grading
from app.grading.calibrating import hundredths_of
from app.grading.rescoring.queries import decided_in
from app.grading.service import progress
from app.grading.similarity.models import SimilarityReport
from app.grading.similarity.rules import StillSitting, count_soon, seconds_taken, wrong_responses
from app.jobs.queue import enqueue
from app.jobs.worker import RunningJob
from app.operation import House, Operation, acting_as
from question_bank.corrections import corrected_form, is_void
from question_bank.statistics.similarity import Script, SimilarPair, find_similar
from question_bank.statistics.timing import Timed, TimedPair, find_timed_alike

JOB = "grading.similarity"
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Sat:
    """One candidate's script, when each wrong response was last saved, and how long each item took."""

    script: Script
    saved_at: dict[str, datetime]
    timed: Timed


def ask(op: Operation, *, exam_id: int) -> int:
    """Have the responses of an exam compared; returns the job. Asked again meanwhile, it is the same job. Raises
    NotFound, StillSitting, RecordsDestroyed."""
    if grading.release_of(op.db, exam_id) is None:
        raise NotFound
    if any_destroyed(op.db, exam_id):
        raise RecordsDestroyed
    standing = progress(op, exam_id)
    if standing.still_open or standing.unscored:
        raise StillSitting
    job_id = enqueue(
        op.db,
        kind=JOB,
        payload={"exam_id": exam_id},
        now=op.now,
        dedupe_key=f"{JOB}/{exam_id}",
        created_by=op.actor.account_id,
    )
    record(op, AuditAction.SIMILARITY_ASK, subject=("exam", exam_id), after={"job_id": job_id})
    return job_id


def make_handler(house: House) -> Callable[[RunningJob], None]:
    """The handler of the job; its result is how many pairs are worth a look. Harmless to repeat."""

    def handle(job: RunningJob) -> None:
        exam_id = int(job.payload["exam_id"])
        found = compare(house, exam_id, check=job.check)
        with acting_as(house, "similarity") as op:
            report = _keep(op, exam_id, found, asked_by=job.created_by)
            job.finish(op.db, {"pairs": len(json.loads(report.content)["pairs"])})

    return handle


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found: how many candidates and pairs were compared, and the pairs, each with on how many of
    its agreements both responded at about the same time; the pairs whose times are alike."""

    candidates: int
    compared: dict[str, int]
    pairs: list[tuple[SimilarPair, int]]
    timed: list[TimedPair]


def compare(house: House, exam_id: int, *, check: Callable[[], None] = lambda: None) -> Compared:
    """Compare the responses of an exam, sitting by sitting; `check` is called between steps and may raise."""
    every: dict[str, int] = {}
    pairs: list[tuple[SimilarPair, int]] = []
    timed: list[TimedPair] = []
    candidates = 0
    with house.database.transaction(reading=True) as db:
        sittings = [sitting.id for sitting in exams.sittings_of(db, exam_id)]
        points = {registration_id: earned for registration_id, earned, _ in grading.newest_runs(db, exam_id)}
        for sitting_id in sittings:
            sat = _read(db, exam_id, sitting_id, points, check)
            check()
            found = find_similar([one.script for one in sat.values()])
            candidates += len(sat)
            for nearness, count in found.compared.items():
                every[nearness.value] = every.get(nearness.value, 0) + count
            pairs += [
                (pair, count_soon(sat[pair.one].saved_at, sat[pair.other].saved_at, pair.items)) for pair in found.pairs
            ]
            check()
            timed += find_timed_alike([one.timed for one in sat.values()])
    return Compared(candidates, every, pairs, timed)


def _read(
    db: Session, exam_id: int, sitting_id: int, points: dict[int, str], check: Callable[[], None]
) -> dict[int, _Sat]:
    """The scripts of everybody of a sitting who was scored, by registration."""
    rows = [row for row in exams.confirmed_registrations(db, exam_id) if row.sitting_id == sitting_id]
    rows = [row for row in rows if row.id in points]
    forms = {row.registration_id: row.content for row in exams.forms_of(db, exam_id)}
    corrections = [one.correction for one in decided_in(db, exam_id)]
    near = _neighbours(db, sitting_id, rows)
    sat = {}
    for first in range(0, len(rows), _AT_ONCE):
        check()
        some = rows[first : first + _AT_ONCE]
        begun = attempts_of(db, [row.id for row in some])
        attempts = {attempt.id: holder for holder, attempt in begun.items()}
        said: dict[int, dict[int, tuple[str, datetime]]] = {row.id: {} for row in some}
        for attempt_id, position, response, saved_at in folded_of(db, attempts):
            said[attempts[attempt_id]][position] = response, saved_at
        arrived: dict[int, dict[int, datetime]] = {row.id: {} for row in some}
        for attempt_id, position, at in first_arrivals(db, attempts):
            arrived[attempts[attempt_id]][position] = at
        for row in some:
            responses = {position: response for position, (response, _) in said[row.id].items()}
            form = corrected_form(read_form(forms[row.id]), corrections)
            earned = hundredths_of(points[row.id])
            counting = [None if is_void(entry, corrections) else earned[entry.position - 1] for entry in form.entries]
            wrong = wrong_responses(form, counting, responses, nothing=SAYS_NOTHING)
            room, beside = near[row.id]
            script = Script(row.id, {item: words for item, (_, words) in wrong.items()}, room, beside)
            saved = {item: said[row.id][position][1] for item, (position, _) in wrong.items()}
            taken = seconds_taken(form, arrived[row.id], started_at=begun[row.id].started_at) if row.id in begun else {}
            sat[row.id] = _Sat(script, saved, Timed(row.id, taken, room, beside))
    return sat


def _neighbours(db: Session, sitting_id: int, rows: Sequence[Registration]) -> dict[int, tuple[int, frozenset[int]]]:
    """The room of each registration and who sat next to them. Who sat remotely, or has no seat, sat by themselves: a
    room of their own, below zero."""
    rooms = {room.id: room for room in exams.rooms_of(db, sitting_id) if not room.remote}
    holders = {(row.room_id, row.seat): row.id for row in rows if row.room_id in rooms and row.seat}
    last = max((seat for _, seat in holders), default=0)
    near = {row.id: (-row.id, frozenset[int]()) for row in rows}
    for (room_id, seat), holder in holders.items():
        room = rooms[room_id]
        beside = neighbours_of(seat, columns=room.columns, capacity=max(room.capacity, last))
        near[holder] = room_id, frozenset(holders[room_id, one] for one in beside if (room_id, one) in holders)
    return near


def _keep(op: Operation, exam_id: int, found: Compared, *, asked_by: int | None) -> SimilarityReport:
    pairs = [
        {
            "one": pair.one,
            "other": pair.other,
            "nearness": pair.nearness.value,
            "both_wrong": pair.both_wrong,
            "same": pair.same,
            "expected": f"{pair.expected:.1f}",
            "chance": f"{pair.chance:.1e}",
            "soon": soon,
        }
        for pair, soon in found.pairs
    ]
    timed = [
        {
            "one": pair.one,
            "other": pair.other,
            "nearness": pair.nearness.value,
            "shared": pair.shared,
            "correlation": f"{pair.correlation:.2f}",
            "chance": f"{pair.chance:.1e}",
        }
        for pair in found.timed
    ]
    content = json.dumps({"compared": found.compared, "pairs": pairs, "timed": timed}, separators=(",", ":"))
    report = SimilarityReport(
        exam_id=exam_id, candidates=found.candidates, content=content, asked_by=asked_by, made_at=op.now
    )
    op.db.add(report)
    op.db.flush()
    after = {"pairs": len(pairs), "timed": len(timed), "content_hash": hashlib.sha256(content.encode()).hexdigest()}
    record(op, AuditAction.SIMILARITY_REPORT, subject=("exam", exam_id), after=after)
    return report
