"""标定: once results are out, what candidates earned on each item is told to the bank, whose next draws go by it."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.orm import Session

from app.authoring.queries.calibrations import calibrated_at
from app.authoring.service.calibrations import keep_calibrations
from app.exams import queries as exams
from app.exams.reading import read_form
from app.grading import queries
from app.grading.events import ResultsReleased, ResultsRescored
from app.grading.rescoring.queries import decided_in
from app.jobs.queue import enqueue
from app.jobs.worker import RunningJob
from app.operation import House, Operation, acting_as
from question_bank.canonical import read_json
from question_bank.corrections import Correction, corrected_form, is_void
from question_bank.form import Form
from question_bank.statistics.calibration import FULL_SHARE, ItemFigures, calibrate

JOB = "grading.calibrate"


def ask(op: Operation, event: ResultsReleased) -> None:
    """Have the exam's items calibrated by the worker: with many candidates that takes a while."""
    enqueue(op.db, kind=JOB, payload={"exam_id": event.exam_id}, now=op.now, dedupe_key=f"{JOB}/{event.exam_id}")


def ask_again(op: Operation, event: ResultsRescored) -> None:
    """The same once everyone was scored anew, beside a job that may be at work on the points of before."""
    key = f"{JOB}/{event.exam_id}/{event.rescoring_id}"
    enqueue(op.db, kind=JOB, payload={"exam_id": event.exam_id}, now=op.now, dedupe_key=key)


def make_handler(house: House) -> Callable[[RunningJob], None]:
    """The handler of the job; its result is how many item versions were calibrated."""

    def handle(job: RunningJob) -> None:
        exam_id = int(job.payload["exam_id"])
        figures = figures_of(house, exam_id)
        with acting_as(house, "calibration") as op:
            keep_calibrations(op, exam_id, figures)
            job.finish(op.db, {"versions": len(figures)})

    return handle


def calibrate_exam(house: House, exam_id: int) -> int:
    """Calibrate an exam's items now; returns how many item versions. Harmless to repeat."""
    figures = figures_of(house, exam_id)
    with acting_as(house, "calibration") as op:
        keep_calibrations(op, exam_id, figures)
    return len(figures)


def figures_of(house: House, exam_id: int) -> dict[int, ItemFigures]:
    """What a released exam says of item versions, by their ids; nothing if it was told since it was last scored."""
    with house.database.transaction(reading=True) as db:
        if not queries.is_released(db, exam_id):
            return {}
        lost = queries.lost_in(db, exam_id)  # where nothing was answered it was not the item that was hard
        runs = [run for run in queries.newest_runs(db, exam_id) if run[0] not in lost]
        told = calibrated_at(db, exam_id)
        if told is not None and all(at <= told for _, _, at in runs):
            return {}
        candidates = _candidates(db, exam_id, {registration_id: points for registration_id, points, _ in runs})
    return {int(key): found for key, found in calibrate(candidates).items()}


def _candidates(db: Session, exam_id: int, points: Mapping[int, str]) -> list[dict[str, int]]:
    """For each candidate who was scored the shares that they earned, in permille, by item."""
    forms = {row.registration_id: row.content for row in exams.forms_of(db, exam_id)}
    corrections = [one.correction for one in decided_in(db, exam_id)]
    return [
        shares_of(read_form(forms[holder]), hundredths_of(earned), corrections) for holder, earned in points.items()
    ]


def shares_of(form: Form, points: Sequence[int | None], corrections: Sequence[Correction] = ()) -> dict[str, int]:
    """The share of each item of a form, in permille from 0 to 1000, from the hundredths by position; the parts of a
    case count together. An item of which a part has no points yet, or is void, is left out."""
    earned: dict[str, list[int | None]] = defaultdict(list)
    most: dict[str, int] = defaultdict(int)
    for entry in corrected_form(form, corrections).entries:
        void = is_void(entry, corrections)
        earned[entry.item_key].append(None if void else points[entry.position - 1])
        most[entry.item_key] += entry.points_hundredths
    return {
        key: min(FULL_SHARE, max(0, (2 * FULL_SHARE * sum(found) + most[key]) // (2 * most[key])))
        for key, parts in earned.items()
        if len(found := [part for part in parts if part is not None]) == len(parts)
    }


def hundredths_of(text: str) -> list[int | None]:
    """The points of a scoring run as stored, by position; None where an item has none yet."""
    found = read_json(text)
    return [one if isinstance(one, int) else None for one in found] if isinstance(found, list) else []
