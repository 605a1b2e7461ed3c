"""Responses compared after a sitting: on whatever form, in whatever order, by people's wish, for people's eyes."""

import json
from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy import select, update

from app.attempts.models import Attempt, JournalEntry
from app.attempts.responses import SAYS_NOTHING
from app.audit.actions import AuditAction as A
from app.exams.models import FormRow
from app.exams.reading import read_form
from app.grading.similarity.models import SimilarityReport
from app.grading.similarity.rules import (
    RAREST,
    count_soon,
    one_in,
    same_on_every_form,
    seconds_taken,
    wrong_responses,
)
from app.grading.similarity.service import compare
from app.operation import acting_as
from app.security.permissions import Role
from app.wiring import make_worker
from question_bank.form import Entry, Form, FormSection
from question_bank.items import ItemType
from question_bank.scoring import Scoring, ScoringRule
from question_bank.statistics import timing
from question_bank.statistics.similarity import Nearness
from tests.app.attempts.test_sitting import acts
from tests.support.bank import mixed_pool
from tests.support.personas import make_staff
from tests.support.sealed_exam import make_sealed_exam
from tests.support.sitting import sit


def entry(position: int, item_type: ItemType, order: tuple[int, ...] = (), part: int | None = None) -> Entry:
    return Entry(position, f"v{position}", item_type, 200, Scoring(ScoringRule.ALL_OR_NOTHING), order, part=part)


def test_what_is_the_same_wrong_response() -> None:
    multiple, ordering = entry(1, ItemType.MULTIPLE_CHOICE, (2, 0, 3, 1)), entry(2, ItemType.ORDERING, (1, 2, 0))
    part, blank = entry(3, ItemType.NUMERIC, part=1), entry(4, ItemType.FILL_BLANK)
    assert same_on_every_form(multiple, "[0,3]") == "[1, 2]"
    assert same_on_every_form(ordering, "[2,0,1]") == "[0, 1, 2]"
    assert same_on_every_form(entry(3, ItemType.MATCHING, (1, 0)), "[0,null]") == "[1, null]"
    assert same_on_every_form(blank, '["A b"]') == same_on_every_form(blank, '["ab "]')
    form = Form(1, (FormSection("一", (multiple, ordering, part, blank)),))
    said = {1: "[0]", 2: "[]", 3: '"7"', 4: '["8"]'}
    found = wrong_responses(form, [100, 0, 0, 200], said, nothing=SAYS_NOTHING)
    assert found == {"v1": (1, "[2]"), "v3/1": (3, '["7"]')}  # right in part is wrong; what is left out is not
    assert wrong_responses(form, [None] * 4, said, nothing=SAYS_NOTHING) == {}
    at = datetime(2026, 11, 23, tzinfo=UTC)
    one, other = {"a": at, "b": at}, {"a": at + timedelta(seconds=30), "b": at - timedelta(seconds=31)}
    assert count_soon(one, other, ("a", "b")) == 1
    arrived = {2: at + timedelta(seconds=40), 1: at + timedelta(seconds=100), 3: at + timedelta(seconds=101), 9: at}
    assert seconds_taken(form, arrived, started_at=at) == {"v2": 40, "v1": 60, "v3/1": 1}
    assert [one_in(chance) for chance in (1.0, 0.025, 2.1e-7, 0.0)] == [1, 40, 4_700_000, RAREST]


def respond_at_the_pace_of_items(house, exam, paces) -> None:
    """Move the first saves of each candidate so that every item takes what the pace of the candidate makes of it."""
    with acting_as(house, "test") as op:
        for candidate, pace in zip(exam.candidates, paces, strict=True):
            form = read_form(
                op.db.scalars(select(FormRow.content).filter_by(registration_id=candidate.registration_id)).one()
            )
            attempt = op.db.scalars(select(Attempt).filter_by(registration_id=candidate.registration_id)).one()
            at = attempt.started_at
            for one in form.entries:
                at += timedelta(seconds=20 + Random(f"{pace}{one.item_key}").random() * 60)
                mine = JournalEntry.attempt_id == attempt.id, JournalEntry.position == one.position
                op.db.execute(update(JournalEntry).where(*mine).values(arrived_at=at))


def test_an_officer_asks_and_reads_and_nothing_follows(house, browsers, monkeypatch) -> None:  # P18, P21
    few = [entry.item for entry in mixed_pool(singles=8, multiples=6, judgements=6)]
    exam = make_sealed_exam(house, candidates=3, earliest_hand_in_minutes=0, items=few)
    for candidate, right in zip(exam.candidates, (9, 9, 14), strict=True):
        sit(house, browsers(None), exam, candidate, right=right)
    officer, approver = (browsers(make_staff(house, role)) for role in (Role.EXAM_OFFICER, Role.EXAM_APPROVER))
    here = f"/results/{exam.exam_id}/similarity"
    assert officer.api("/results/999/similarity").status_code == 404
    assert approver.api(here).status_code == 403
    assert browsers(make_staff(house, Role.PROCTOR)).api_get(here).status_code == 403
    assert officer.api_get(here).json()["made_at"] is None
    before = officer.api_get(f"/results/{exam.exam_id}").json()
    assert officer.api(here).json()["id"] == officer.api(here).json()["id"]  # one comparison at a time
    assert officer.api_get(here).json()["busy"] is True
    make_worker(house).drain()
    shown = approver.api_get(here).json()
    assert (shown["candidates"], shown["compared"], shown["pairs"], shown["busy"]) == (3, 3, [], False)
    assert "没有建议查看的组合" in approver.get(here).text
    found = compare(house, exam.exam_id)
    assert found.timed == []  # of one moment nobody took any time
    assert shown["timed"] == []
    monkeypatch.setattr(timing, "LEAST_TIMED", 2)
    monkeypatch.setattr(timing, "LEAST_SHARED", 5)
    respond_at_the_pace_of_items(house, exam, ("a", "a", "b"))
    holders = tuple(candidate.registration_id for candidate in exam.candidates[:2])
    assert [(pair.one, pair.other, pair.nearness) for pair in compare(house, exam.exam_id).timed] == [
        (*holders, Nearness.NEIGHBOURS)
    ]
    assert found.compared == {Nearness.NEIGHBOURS: 2, Nearness.SAME_ROOM: 1, Nearness.APART: 0}
    told = acts(house, A.SIMILARITY_ASK, A.SIMILARITY_REPORT)
    assert told == ["similarity:ask", "similarity:ask", "similarity:report"]
    one, other = holders
    pair = {"one": one, "other": other, "nearness": "neighbours", "both_wrong": 20, "same": 18, "expected": "6.4"}
    said = {"compared": {"neighbours": 1}, "pairs": [{**pair, "chance": "2.1e-07", "soon": 5}]}
    timed = {"one": one, "other": other, "nearness": "neighbours", "shared": 44, "correlation": "0.91"}
    content = json.dumps(said | {"timed": [{**timed, "chance": "3.1e-09"}]})
    with acting_as(house, "test") as op:
        report = SimilarityReport(exam_id=exam.exam_id, candidates=3, content=content, made_at=op.now)
        op.db.add(report)
    (row,) = officer.api_get(here).json()["pairs"]  # the newest counts
    assert (row["one"]["seat"], row["other"]["seat"], row["same"], row["soon"]) == (1, 2, 18, 5)
    page = officer.get(here).text
    assert "都答错 20 题，其中 18 题错得相同" in page
    assert "5 题先后不超过半分钟" in page
    assert "约 4,700,000 分之一" in page
    (row,) = officer.api_get(here).json()["timed"]
    assert (row["other"]["seat"], row["shared"], row["correlation"], row["one_in"]) == (2, 44, "0.91", 320_000_000)
    assert "两人都有用时的 44 题" in page
    with acting_as(house, "test") as op:  # as one was made before times were compared
        op.db.add(SimilarityReport(exam_id=exam.exam_id, candidates=3, content=json.dumps(said), made_at=op.now))
    assert officer.api_get(here).json()["timed"] is None
    assert "用时的相关" not in officer.get(here).text
    assert officer.api_get(f"/results/{exam.exam_id}").json() == before
    early = make_sealed_exam(house, candidates=2, earliest_hand_in_minutes=0)
    sit(house, browsers(None), early, early.candidates[0], right=3)
    assert officer.api(f"/results/{early.exam_id}/similarity").json()["code"] == "similarity.still_sitting"
