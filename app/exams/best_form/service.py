"""Ask for the best form of a blueprint, find it in the background, keep its items as a new draft."""

from collections.abc import Callable

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.queries.calibrations import fitted_of_bank
from app.authoring.service.import_jobs import actor_of
from app.exams import queries as exams
from app.exams.best_form import queries
from app.exams.best_form.models import BestFormRow
from app.exams.best_form.rules import (
    BlueprintChanged,
    Found,
    NothingFound,
    SearchUnderway,
    found_from_json,
    found_to_json,
)
from app.exams.models import BlueprintRow
from app.exams.service.blueprints import blueprint_of, create_blueprint, ground_of
from app.exams.service.deciding import acting_account
from app.jobs import queue
from app.jobs.rules import LIVING
from app.jobs.worker import RunningJob
from app.operation import House, Operation, acting_as
from question_bank.assembly.best_form import find_best_form, fix_form
from question_bank.canonical import canonical_json, read_json, sha256_hex

JOB = "exams.best_form"
_ATTEMPTS = 2


def ask_best_form(op: Operation, *, blueprint_id: int, seconds: int) -> BestFormRow:
    """Have the worker look for it. Raises NotFound, and SearchUnderway while another search goes on."""
    row = exams.find_blueprint(op.db, op.actor, blueprint_id, lock=True)
    before = queries.newest_of(op.db, op.actor, blueprint_id)
    if before is not None and queue.find(op.db, before.job_id).state in LIVING:
        raise SearchUnderway
    asked = BestFormRow(
        blueprint_id=row.id,
        content_hash=_hash_of(row),
        seconds=seconds,
        job_id=0,
        asked_by=acting_account(op),
        asked_at=op.now,
    )
    op.db.add(asked)
    op.db.flush()
    asked.job_id = queue.enqueue(
        op.db,
        kind=JOB,
        payload={"best_form_id": asked.id},
        now=op.now,
        max_attempts=_ATTEMPTS,
        created_by=asked.asked_by,
    )
    op.db.flush()
    after = {"blueprint_id": row.id, "content_hash": asked.content_hash, "seconds": seconds, "job_id": asked.job_id}
    record(op, AuditAction.BEST_FORM_ASK, subject=("best_form", asked.id), after=after)
    return asked


def cancel_best_form(op: Operation, *, blueprint_id: int) -> BestFormRow:
    """Stop the search; nothing of it stays. Raises NotFound, NothingFound where none was begun, JobOver."""
    exams.find_blueprint(op.db, op.actor, blueprint_id, lock=True)
    asked = queries.newest_of(op.db, op.actor, blueprint_id)
    if asked is None:
        raise NothingFound
    queue.cancel(op.db, asked.job_id, now=op.now)
    record(op, AuditAction.BEST_FORM_CANCEL, subject=("best_form", asked.id), after={"job_id": asked.job_id})
    return asked


def keep_best_form(op: Operation, *, blueprint_id: int, name: str) -> BlueprintRow:
    """A draft under another name in which the items that were found are fixed in the place of the cells; it goes the
    way of every blueprint. Raises NotFound, NothingFound, BlueprintChanged, and what `create_blueprint` raises."""
    row = exams.find_blueprint(op.db, op.actor, blueprint_id, lock=True)
    asked = queries.newest_of(op.db, op.actor, blueprint_id)
    found = None if asked is None else found_of(asked)
    if asked is None or found is None:
        raise NothingFound
    if asked.content_hash != _hash_of(row):
        raise BlueprintChanged
    cells = [(str(one.item_id), one.cell) for one in found.items if one.cell is not None]
    kept = create_blueprint(op, bank_id=row.bank_id, blueprint=fix_form(blueprint_of(row), name, cells))
    asked.kept_as = kept.id
    op.db.flush()
    after = {"blueprint_id": row.id, "kept_as": kept.id, "items": len(found.items)}
    record(op, AuditAction.BEST_FORM_KEEP, subject=("best_form", asked.id), after=after)
    return kept


def found_of(asked: BestFormRow) -> Found | None:
    """What was found; None until then."""
    return None if asked.found is None else found_from_json(read_json(asked.found))


def stands(asked: BestFormRow, row: BlueprintRow) -> bool:
    """Whether the blueprint is still the one that the search was for."""
    return asked.content_hash == _hash_of(row)


def make_handler(house: House) -> Callable[[RunningJob], None]:
    """The handler of the job. What it reads is read in one transaction; none is open while the solver is at work."""

    def handle(job: RunningJob) -> None:
        with house.database.transaction(reading=True) as db:
            asked = queries.by_id(db, int(job.payload["best_form_id"]))
            blueprint_id, seconds, actor = asked.blueprint_id, asked.seconds, actor_of(db, asked.asked_by)
        job.progress(0, seconds, zh="正在整理备选题", en="gathering the items")
        with acting_as(house, "best form", actor=actor) as op:
            row = exams.find_blueprint(op.db, op.actor, blueprint_id)
            blueprint, ground = blueprint_of(row), ground_of(op, row)
            fitted = fitted_of_bank(op.db, row.bank_id)

        def watch(waited: float) -> None:
            job.progress(min(int(waited), seconds - 1), seconds, zh="正在求解", en="solving")

        best = find_best_form(
            ground.pool,
            blueprint,
            facts=ground.facts,
            fitted={str(version_id): figures for version_id, figures in fitted.items()},
            seconds=seconds,
            watch=watch,
        )
        job.check()
        item_ids = {str(version.item_version_id): version.item_id for version in ground.versions}
        with acting_as(house, "best form", actor=actor) as op:
            asked = queries.by_id(op.db, int(job.payload["best_form_id"]))
            asked.found = canonical_json(found_to_json(best, item_ids)).decode()
            op.db.flush()
            after: dict[str, object] = {"blueprint_id": blueprint_id, "items": len(best.chosen), "proved": best.proved}
            after["found_hash"] = sha256_hex(read_json(asked.found))
            record(op, AuditAction.BEST_FORM_FIND, subject=("best_form", asked.id), after=after)
            job.finish(op.db, {"items": len(best.chosen)})

    return handle


def _hash_of(row: BlueprintRow) -> str:
    return sha256_hex(read_json(row.content))
