"""Scoring of attempts as they are handed in, many in one transaction: the same outcome as `service.score`, by
statements written by hand (decision 0006).
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
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
from app.grading.point_tables import PointTables, Sheet
from app.grading.rules import ReleaseAction, ReleaseState, earns_pass, move
from app.grading.service import frozen_items
from app.operation import House
from question_bank.blueprint import Blueprint
from question_bank.errors import ContentError
from question_bank.items import Item

_CONTENTS = Statement(
    "mark_contents",
    """
SELECT {all}({list}(id, content)) FROM form WHERE id IN (SELECT CAST(value ->> 0 AS bigint) FROM {sent})""",
)
_BEFORE = Statement(
    "mark_before",
    """
SELECT {all}({list}(k.attempt_id,
       (SELECT p.state FROM attempt a JOIN registration r ON r.id = a.registration_id
                                      JOIN result_release p ON p.exam_id = r.exam_id WHERE a.id = k.attempt_id),
       (SELECT coalesce(max(s.number), 0) FROM scoring_run s WHERE s.attempt_id = k.attempt_id)))
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
class _Sealed:
    """What a sealed exam asks of whoever passes it; it never changes (P17)."""

    items: Mapping[str, Item]
    blueprint: Blueprint


class Marker:
    """Scores what the journal closes, in the journal's transaction (see `app.attempts.endings.Mark`)."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._tables: OrderedDict[int, PointTables] = OrderedDict()
        self._sealed: dict[int, _Sealed] = {}

    def learn(self, exam_id: int, form_id: int, content: str) -> None:
        """Make ready what a form is scored by; one that cannot be read is refused when it is scored."""
        with suppress(ContentError):
            self._tables_of(exam_id).learn(form_id, content)

    def before(self, attempt_ids: Sequence[int]) -> Question:
        """What `mark` must be told of the attempts that may end."""
        return Question(_BEFORE, [(attempt_id,) for attempt_id in attempt_ids])

    def mark(self, wire: Wire, ended: Sequence[Ended], before: Sequence[Any]) -> None:
        """Score each exactly, keep run, result and record; raises ReleaseMoveRefused where an exam's results are no
        longer to be added to, InvalidForm and InvalidResponse as `score_form` does."""
        stood = {attempt_id: (state, number) for attempt_id, state, number in before}
        self._open_releases(wire, {one.exam_id: stood[one.attempt_id][0] for one in ended})
        sheets = self._sheets(wire, ended)
        runs, results, records = list[Any](), list[Any](), list[dict[str, Any]]()
        for one in ended:
            sealed, sheet, number = self._sealed_exam(one.exam_id), sheets[one.form_id], stood[one.attempt_id][1] + 1
            outcome = sheet.score(sealed.items, one.responses)
            passed = earns_pass(sheet.section_points(outcome), outcome, sealed.blueprint)
            points = msgspec.json.encode(outcome.points).decode()  # integers and null: canonical as they come
            runs.append((one.attempt_id, number, points, one.responses_hash, moment_said(one.act.now)))
            whose = (one.exam_id, one.registration_id, one.attempt_id, number)
            total = outcome.total
            results.append((*whose, total, outcome.maximum, passed))
            after = {
                "attempt_id": one.attempt_id,
                "run": number,
                "points": total,
                "passed": passed,
                "responses_hash": one.responses_hash,
            }
            subject = ("registration", one.registration_id)
            records.append(compose(one.act, AuditAction.RESULT_SCORE, subject=subject, after=after))
        wire.tell(_RUN, runs)
        wire.tell(_RESULT, sorted(results))
        record_all(wire, records)

    def _open_releases(self, wire: Wire, stood: Mapping[int, str | None]) -> None:
        missing = []
        for exam_id, state in sorted(stood.items()):
            following = move(ReleaseState(state) if state else None, ReleaseAction.SCORE)
            if state is None:
                missing.append((exam_id, following))
        if missing:
            wire.tell(_OPEN_RELEASE, missing)

    def _sheets(self, wire: Wire, ended: Sequence[Ended]) -> dict[int, Sheet]:
        """The sheet of each form; one that no save has brought here is read now."""
        sheets = {one.form_id: self._tables_of(one.exam_id).sheet(one.form_id) for one in ended}
        known = {form_id: sheet for form_id, sheet in sheets.items() if sheet is not None}
        if len(known) < len(sheets):
            exam_of = {one.form_id: one.exam_id for one in ended if one.form_id not in known}
            (contents,) = wire.ask(Question(_CONTENTS, [(form_id,) for form_id in sorted(exam_of)]))
            for form_id, content in contents:
                known[form_id] = self._tables_of(exam_of[form_id]).learn(form_id, content)
        return known

    def _tables_of(self, exam_id: int) -> PointTables:
        known = self._tables.get(exam_id)
        if known is None:
            known = self._tables[exam_id] = PointTables()
            if len(self._tables) > _MOST_EXAMS:
                forgotten, _ = self._tables.popitem(last=False)
                self._sealed.pop(forgotten, None)
        return known

    def _sealed_exam(self, exam_id: int) -> _Sealed:
        """Items and blueprint, read when the first attempt of the exam ends."""
        known = self._sealed.get(exam_id)
        if known is None:
            with self._house.database.transaction(reading=True) as db:
                blueprint = blueprint_of(exams.blueprint_by_id(db, exams.exam_by_id(db, exam_id).blueprint_id))
                known = self._sealed[exam_id] = _Sealed(frozen_items(db, self._house, exam_id), blueprint)
        return known
