"""Scoring of attempts as they are handed in, many in one transaction: the same outcome as `service.score`, by
statements written by hand (decision 0006).
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from app.attempts.acts import record_all
from app.attempts.endings import Ended
from app.attempts.wires import Question, Statement, Wire, moment_said
from app.audit.actions import AuditAction
from app.audit.record import compose
from app.exams import queries as exams
from app.exams.service.blueprints import blueprint_of
from app.grading.rules import ReleaseAction, ReleaseState, earns_pass, move
from app.grading.sealed_forms import read_sealed
from app.grading.service import frozen_items
from app.operation import House
from question_bank.blueprint import Blueprint
from question_bank.canonical import canonical_json
from question_bank.form import Form, score_form
from question_bank.items import Item
from question_bank.scoring import FormScore

_CONTENTS = Statement(
    "mark_contents",
    """
SELECT {all}({list}(id, content)) FROM form WHERE id IN (SELECT CAST(value ->> 0 AS bigint) FROM {sent})""",
)
_RELEASES = Statement(
    "mark_releases",
    """
SELECT {all}({list}(exam_id, state)) FROM result_release
WHERE exam_id IN (SELECT CAST(value ->> 0 AS bigint) FROM {sent})""",
)
_NUMBERS = Statement(
    "mark_numbers",
    """
SELECT {all}({list}(k.attempt_id, (SELECT coalesce(max(s.number), 0) FROM scoring_run s
                                   WHERE s.attempt_id = k.attempt_id)))
FROM (SELECT CAST(value ->> 0 AS bigint) AS attempt_id FROM {sent}) AS k""",
)
_RUN = Statement(
    "mark_run",
    """
INSERT INTO scoring_run (attempt_id, number, points, responses_hash, at)
SELECT CAST(value ->> 0 AS bigint), CAST(value ->> 1 AS int), value ->> 2, value ->> 3, CAST(value ->> 4 AS {moment})
FROM {sent}""",
)
_OPEN_RELEASE = Statement(
    "mark_open_release",
    """
INSERT INTO result_release (exam_id, state)
SELECT CAST(value ->> 0 AS bigint), value ->> 1 FROM {sent} WHERE true
ON CONFLICT (exam_id) DO NOTHING""",
)
_RESULT = Statement(
    "mark_result",
    """
INSERT INTO result (exam_id, registration_id, run_id, absent, total, maximum, passed)
SELECT CAST(value ->> 0 AS bigint), CAST(value ->> 1 AS bigint),
       (SELECT s.id FROM scoring_run s
        WHERE s.attempt_id = CAST(value ->> 2 AS bigint) AND s.number = CAST(value ->> 3 AS int)),
       false, CAST(value ->> 4 AS int), CAST(value ->> 5 AS int), CAST(value ->> 6 AS boolean)
FROM {sent} WHERE true
ON CONFLICT (registration_id) DO UPDATE
SET run_id = excluded.run_id, absent = excluded.absent, total = excluded.total, maximum = excluded.maximum,
    passed = excluded.passed""",
)
_MOST_EXAMS = 8


@dataclass(frozen=True, slots=True)
class _Book:
    """What a sealed exam is scored by; it never changes (P17)."""

    items: Mapping[str, Item]
    blueprint: Blueprint


class Marker:
    """Scores what the journal closes, in the journal's transaction (see `app.attempts.endings.Mark`)."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._books: OrderedDict[int, _Book] = OrderedDict()

    def __call__(self, wire: Wire, ended: Sequence[Ended]) -> None:
        """Score each exactly, keep run, result and record; raises ReleaseMoveRefused where an exam's results are no
        longer to be added to, InvalidForm and InvalidResponse as `score_form` does."""
        exam_ids = sorted({one.exam_id for one in ended})
        contents, releases, numbers = wire.ask(
            Question(_CONTENTS, [(one.form_id,) for one in ended]),
            Question(_RELEASES, [(exam_id,) for exam_id in exam_ids]),
            Question(_NUMBERS, [(one.attempt_id,) for one in ended]),
        )
        self._open_releases(wire, exam_ids, dict(releases))
        content_of, last = dict(contents), dict(numbers)
        runs, results, records = list[Any](), list[Any](), list[dict[str, Any]]()
        for one in ended:
            book, number = self._book(one.exam_id), last[one.attempt_id] + 1
            form = read_sealed(content_of[one.form_id])
            outcome = _score(form, book.items, one.responses)
            passed = earns_pass(form, outcome, book.blueprint)
            points = canonical_json(list(outcome.points)).decode()
            runs.append((one.attempt_id, number, points, one.responses_hash, moment_said(one.act.now)))
            whose = (one.exam_id, one.registration_id, one.attempt_id, number)
            results.append((*whose, outcome.total, outcome.maximum, passed))
            after = {
                "attempt_id": one.attempt_id,
                "run": number,
                "points": outcome.total,
                "passed": passed,
                "responses_hash": one.responses_hash,
            }
            subject = ("registration", one.registration_id)
            records.append(compose(one.act, AuditAction.RESULT_SCORE, subject=subject, after=after))
        wire.tell(_RUN, runs)
        wire.tell(_RESULT, sorted(results))
        record_all(wire, records)

    def _open_releases(self, wire: Wire, exam_ids: Sequence[int], known: Mapping[int, str]) -> None:
        missing = []
        for exam_id in exam_ids:
            state = known.get(exam_id)
            following = move(ReleaseState(state) if state else None, ReleaseAction.SCORE)
            if state is None:
                missing.append((exam_id, following))
        if missing:
            wire.tell(_OPEN_RELEASE, missing)

    def _book(self, exam_id: int) -> _Book:
        known = self._books.get(exam_id)
        if known is None:
            with self._house.database.transaction(reading=True) as db:
                blueprint = blueprint_of(exams.blueprint_by_id(db, exams.exam_by_id(db, exam_id).blueprint_id))
                known = _Book(frozen_items(db, self._house, exam_id), blueprint)
            self._books[exam_id] = known
            if len(self._books) > _MOST_EXAMS:
                self._books.popitem(last=False)
        return known


def _score(form: Form, items: Mapping[str, Item], stored: Mapping[int, str]) -> FormScore:
    # `score_form` parses every response against its entry; here they only become values.
    return score_form(form, items, {at: msgspec.json.decode(raw) for at, raw in stored.items()})
