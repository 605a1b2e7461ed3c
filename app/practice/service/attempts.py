"""Practice attempts: a form is drawn for each start, responses are kept by revision, and the end is scored at once.

The page is that of an exam, and asks for the same things; what an exam promises of them (one writing session, signed
receipts, forms sealed beforehand) would be theatre here. Nothing of it is written into the audit log.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from app.attempts.rules import Late, RevisionConflict, Stored, Verdict, is_late, judge_revision
from app.authoring.queries import read_content, versions_by_id
from app.authoring.queries.filings import standing_versions
from app.errors import FieldProblem, Forbidden, Invalid
from app.exams.accommodations import extra_minutes
from app.exams.queries.accommodations import accommodations_at
from app.exams.service.pooling import pool_items
from app.operation import House, Operation, acting_as
from app.people.calendar import local_date
from app.practice import queries
from app.practice.models import PracticeAttempt, PracticeResponse
from app.practice.rules import (
    MOST_REDONE,
    AnotherRuns,
    BookEmpty,
    MockAction,
    PracticeAction,
    PracticeState,
    move_mock,
    move_practice,
    redo_minutes,
)
from app.practice.service.book import learn
from app.practice.service.mock_exams import Ready, draw_one, ready
from question_bank.assembly import NO_FACTS, PoolItem, supply_of
from question_bank.assembly.stream import SEED_BYTES
from question_bank.blueprint import Blueprint, Cell, Section
from question_bank.canonical import canonical_json, read_json
from question_bank.errors import InvalidResponse
from question_bank.form import Form, parse_response, score_form
from question_bank.form_json import form_from_json, form_to_json
from question_bank.items import Item, ItemType, Level
from question_bank.kinds import Response, content_fold, kind_of
from question_bank.presentation import candidate_view, view_to_json

_AT_ONCE = 200
_REDO_POINTS = 100
_REDO_POINTS_OF_CASE = 1000


def start(op: Operation, *, mock_exam_id: int) -> PracticeAttempt:
    """Begin a mock exam, as often as one likes; who is at it goes on. Raises NotFound, MockClosed, AnotherRuns."""
    running = _running(op)
    if running is not None:
        if running.mock_exam_id != mock_exam_id:
            raise AnotherRuns
        return running
    mock = queries.mock_exam_by_id(op.db, mock_exam_id)
    move_mock(mock.state, MockAction.CLOSE)  # what may be closed is open
    made = ready(op, mock)
    items = dict(zip(made.supply.keys, made.supply.items, strict=True))
    return _begin(op, made, items, mock_exam_id=mock.id, minutes=mock.duration_minutes)


def start_redo(op: Operation, *, topic: str | None) -> PracticeAttempt:
    """Do items of one's book again, those that stand in it longest, of one topic or of all. Raises AnotherRuns,
    BookEmpty where nothing of it may be practised any more."""
    if _running(op) is not None:
        raise AnotherRuns
    ids = queries.longest_wrong(op.db, op.actor, topic=topic, limit=MOST_REDONE)
    pool = _apart(pool_items(standing_versions(op.db, ids, on=local_date(op.now))))
    if not pool:
        raise BookEmpty
    blueprint = _redo_blueprint(pool)
    made = Ready(supply_of(pool, blueprint, NO_FACTS), blueprint)
    items = {entry.key: entry.item for entry in pool}
    return _begin(op, made, items, mock_exam_id=None, minutes=redo_minutes(len(pool)))


def _apart(pool: Sequence[PoolItem]) -> list[PoolItem]:
    """One item of each content: two of one content do not stand in one form, and the other is done the next time."""
    return list({content_fold(entry.item): entry for entry in pool}.values())


def _redo_blueprint(pool: Sequence[PoolItem]) -> Blueprint:
    """All of these items, a section for each type."""
    counts: dict[ItemType, int] = {}
    for entry in pool:
        counts[entry.item.item_type] = counts.get(entry.item.item_type, 0) + 1
    sections = tuple(
        Section(
            kind_of(kind).name.zh,
            (Cell((), kind, count, _REDO_POINTS_OF_CASE if kind is ItemType.CASE_ANALYSIS else _REDO_POINTS),),
        )
        for kind, count in sorted(counts.items())
    )
    return Blueprint("错题重做", Level.PRIMARY, sections, 1)


def _running(op: Operation) -> PracticeAttempt | None:
    """The attempt that the actor is at, held; one whose time is over is ended first."""
    running = queries.running_of(op.db, op.actor, lock=True)
    if running is not None and _is_over(running, op.now, op.settings.grace_seconds):
        end(op, running, PracticeAction.CLOSE_AT_DEADLINE, at=running.deadline_at)
        return None
    return running


def _is_over(attempt: PracticeAttempt, now: datetime, grace_seconds: int) -> bool:
    return is_late(deadline=attempt.deadline_at, grace=timedelta(seconds=grace_seconds), arrived=now)


def _begin(
    op: Operation, made: Ready, items: dict[str, Item], *, mock_exam_id: int | None, minutes: int
) -> PracticeAttempt:
    person_id = op.actor.person_id
    if person_id is None:
        raise Forbidden
    _forget_oldest(op, person_id)
    seed = secrets.token_bytes(SEED_BYTES)
    form = draw_one(made, seed=seed, label=label_of(mock_exam_id))
    granted = accommodations_at(op.db, [person_id], op.now).get(person_id)
    if granted is not None:
        minutes += extra_minutes(granted.extra_percent, granted.extra_minutes, duration_minutes=minutes)
    view = view_to_json(candidate_view(form, items))
    attempt = PracticeAttempt(
        person_id=person_id,
        mock_exam_id=mock_exam_id,
        state=move_practice(None, PracticeAction.START),
        seed=seed.hex(),
        form=canonical_json(form_to_json(form)).decode(),
        view=json.dumps(view, ensure_ascii=False, separators=(",", ":")),
        started_at=op.now,
        deadline_at=op.now + timedelta(minutes=minutes),
        maximum=form.maximum_hundredths,
    )
    try:
        with op.db.begin_nested():
            op.db.add(attempt)
    except IntegrityError:  # another page of the same person was first
        raise AnotherRuns from None
    return attempt


def label_of(mock_exam_id: int | None) -> str:
    """The name of the stream of numbers that a form is drawn from."""
    return "redo" if mock_exam_id is None else f"mock-{mock_exam_id}"


@dataclass(frozen=True)
class Change:
    """One response as the page sends it; `revision` counts up per position there."""

    position: int
    revision: int
    response: object


@dataclass(frozen=True)
class Kept:
    """What became of one change: the verdict, and what is stored now."""

    change: Change
    verdict: Verdict
    stored: Stored


def save(op: Operation, *, attempt_id: int, changes: Sequence[Change]) -> tuple[PracticeAttempt, list[Kept]]:
    """Keep the changes, all or none; a newer revision stands for good (as P3). Raises NotFound, PracticeOver, Late,
    Invalid for what cannot be said at a position, RevisionConflict."""
    attempt = queries.find_attempt(op.db, op.actor, attempt_id, lock=True)
    move_practice(attempt.state, PracticeAction.SAVE)
    if _is_over(attempt, op.now, op.settings.grace_seconds):
        raise Late
    form = form_of(attempt)
    rows = queries.responses_of(op.db, attempt.id)
    kept, conflicts = [], []
    for index, change in enumerate(changes):
        said = msgspec.json.encode(_response(form, change, index)).decode()
        row = rows.get(change.position)
        newest = Stored(row.revision, row.response, row.saved_at) if row else None
        verdict = judge_revision(newest, revision=change.revision, response=said)
        if verdict is Verdict.CONFLICT:
            conflicts.append(FieldProblem(f"changes.{index}", RevisionConflict.zh, RevisionConflict.en))
            continue
        if verdict is Verdict.STORED or newest is None:
            newest = Stored(change.revision, said, op.now)
            if row is None:
                row = rows[change.position] = PracticeResponse(attempt_id=attempt.id, position=change.position)
                op.db.add(row)
            row.revision, row.response, row.saved_at = newest.revision, newest.response, newest.at
        kept.append(Kept(change, verdict, newest))
    if conflicts:
        raise RevisionConflict(*conflicts)
    op.db.flush()
    return attempt, kept


def _response(form: Form, change: Change, index: int) -> Response:
    try:
        return parse_response(form, change.response, position=change.position)
    except InvalidResponse as error:
        raise Invalid(FieldProblem(f"changes.{index}.response", error.zh, error.en)) from None


def form_of(attempt: PracticeAttempt) -> Form:
    """The form that was drawn."""
    return form_from_json(read_json(attempt.form))


def items_of_form(op: Operation, form: Form) -> dict[str, Item]:
    """The items of a form by key, in the versions that it was drawn with."""
    versions = versions_by_id(op.db, {int(entry.item_key) for entry in form.entries})
    return {str(version.item_version_id): read_content(version.content) for version in versions}


def hand_in(op: Operation, *, attempt_id: int) -> PracticeAttempt:
    """End it and have it scored; again gives the same. Raises NotFound."""
    attempt = queries.find_attempt(op.db, op.actor, attempt_id, lock=True)
    if attempt.state is PracticeState.OPEN:
        over = _is_over(attempt, op.now, op.settings.grace_seconds)
        action = PracticeAction.CLOSE_AT_DEADLINE if over else PracticeAction.HAND_IN
        end(op, attempt, action, at=min(op.now, attempt.deadline_at))
    return attempt


def end(op: Operation, attempt: PracticeAttempt, action: PracticeAction, *, at: datetime) -> None:
    """End a held attempt as of `at`: score it as exams are scored, and let the person's book and progress learn."""
    attempt.state = move_practice(attempt.state, action)
    form = form_of(attempt)
    stored = queries.responses_of(op.db, attempt.id)
    responses = {place: parse_response(form, read_json(row.response), position=place) for place, row in stored.items()}
    outcome = score_form(form, items_of_form(op, form), responses)
    attempt.closed_at, attempt.total = at, outcome.total
    attempt.points = canonical_json(list(outcome.points)).decode()
    op.db.flush()
    learn(op, attempt.person_id, form, outcome.points, responses)


def close_due(house: House) -> int:
    """End what ran past its deadline, as of it; returns how many."""
    with acting_as(house, "practice") as op:
        late = op.now - timedelta(seconds=house.settings.grace_seconds)
        found = queries.due(op.db, late, limit=_AT_ONCE)
        for attempt in found:
            end(op, attempt, PracticeAction.CLOSE_AT_DEADLINE, at=attempt.deadline_at)
    return len(found)


def _forget_oldest(op: Operation, person_id: int) -> None:
    behind = queries.too_many(op.db, person_id)
    if behind is not None:
        _forget(op, op.db.scalars(behind).all())


def _forget(op: Operation, ids: Sequence[int]) -> None:
    if ids:
        op.db.execute(delete(PracticeResponse).where(PracticeResponse.attempt_id.in_(ids)))
        op.db.execute(delete(PracticeAttempt).where(PracticeAttempt.id.in_(ids)))
