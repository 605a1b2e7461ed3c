"""A breach from the record to the decision, by the people who may, and none of it by anybody else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.attempts.misconduct.models import MisconductCase
from app.attempts.models import Attempt
from app.attempts.rules import AttemptState, Closing
from app.audit.models import AuditRecord
from app.clock import ManualClock
from app.exams.make_ups.queries import granted_in
from app.exams.make_ups.rules import Cause
from app.exams.models import RoomProctor
from app.grading.models import Result, ScoringRun
from app.grading.queries import passed_registrations, released_result
from app.operation import House, acting_as
from app.outbox.models import OutboxMessage
from app.people.rules import barred_on
from app.people.service import facts_of
from app.security.permissions import Role
from tests.app.attempts.conftest import Sit
from tests.support.client import Client
from tests.support.personas import Persona, make_staff
from tests.support.sealed_exam import SealedExam

Browsers = Callable[[Persona | None], Client]


class Desk:
    """Everybody who has to do with misconduct in the room of `exam`; each has just signed in when asked."""

    def __init__(self, house: House, exam: SealedExam, browsers: Browsers) -> None:
        self.house, self.exam, self.room, self._browsers = house, exam, exam.room_ids[0], browsers
        others = [make_staff(house, Role.PROCTOR), make_staff(house, Role.CHIEF_PROCTOR)]
        with acting_as(house, "test") as op:
            op.db.add_all(RoomProctor(room_id=self.room, account_id=one.account_id) for one in others)
        self.people = {
            "proctor": exam.proctors[0],
            "witness": others[0],
            "chief": others[1],
            "officer": make_staff(house, Role.EXAM_OFFICER),
            "approver": make_staff(house, Role.EXAM_APPROVER),
            "both": make_staff(house, Role.EXAM_OFFICER, Role.EXAM_APPROVER),
            "stranger": make_staff(house, Role.PROCTOR),
            **{f"candidate {n}": one.persona for n, one in enumerate(exam.candidates)},
        }

    def at(self, who: str) -> Client:
        """A browser in which this person has just signed in."""
        return self._browsers(self.people[who])

    def record(self, number: int = 0, *, by: str = "proctor", expect: int = 200, **more: Any) -> Any:
        given = {
            "registration_id": self.exam.candidates[number].registration_id,
            "category": "device",
            "happened_at": self.house.clock.now().isoformat(),
            "facts": "查看手机",
            "evidence": "手机一部，已封存",
            **more,
        }
        answer = self.at(by).api(f"/rooms/{self.room}/misconduct", given)
        assert answer.status_code == expect, answer.text
        return answer.json()

    def does(self, who: str, case_id: int, verb: str, body: Any = None, *, own: bool = False) -> str:
        """The code of the refusal, or of success."""
        answer = self.at(who).api(f"/{'own-' if own else ''}misconduct/{case_id}/{verb}", body)
        return "ok" if answer.status_code == 200 else str(answer.json()["code"])

    def notify(self, case_id: int) -> str:
        return self.does("officer", case_id, "notify", {"document_number": "示组考〔2026〕7号"})

    def propose(self, case_id: int, ruling: str, who: str = "officer") -> str:
        given = {"ruling": ruling, "document_number": "示组考〔2026〕8号", "reason": "事实清楚"}
        return self.does(who, case_id, "propose", given)

    def settle(self, case_id: int, who: str = "approver", *, agreed: bool = True) -> str:
        return self.does(who, case_id, "settle", {"agreed": agreed})


@pytest.fixture
def desk(house: House, exam: SealedExam, browsers: Browsers) -> Desk:
    return Desk(house, exam, browsers)


def test_a_person_ends_an_attempt_and_what_was_saved_counts_as_of_then(
    house: House, exam: SealedExam, sit: Sit, desk: Desk, clock: ManualClock
) -> None:  # P2, P9, P13, P18
    first, second = sit(0), sit(1)
    first.save(1, 1, [0])
    clock.advance(timedelta(minutes=5))
    assert desk.at("proctor").api(f"/rooms/{desk.room}/pause", {"cause": "other"}).status_code == 200
    clock.advance(timedelta(minutes=5))
    taken = desk.record(0, end=True)
    assert first.save(1, 2, [1]).json()["code"] == "attempt.closed"  # and what was acknowledged stays
    assert first.act("hand-in", {"epoch": first.epoch}).json()["code"] == "attempt.closed"
    assert first.start().json()["closing"] == "ended"
    assert desk.record(0, end=True, expect=409)["code"] == "misconduct.nothing_to_end"
    assert desk.record(2, end=True, expect=409)["code"] == "misconduct.nothing_to_end"  # never began
    assert desk.at("proctor").api(f"/rooms/{desk.room}/resume").status_code == 200
    assert second.save(1, 1, [0]).status_code == 200  # nobody else was touched
    board = desk.at("proctor").api_get(f"/rooms/{desk.room}").json()
    assert [line["standing"] for line in board["candidates"]] == ["ended", "offline", "not_arrived"]
    with house.database.transaction(reading=True) as db:
        attempt = db.get_one(Attempt, first.attempt_id)
        ended = (attempt.state, attempt.closing, attempt.closed_at, attempt.paused_at)
        assert ended == (AttemptState.CLOSED, Closing.ENDED, exam.starts_at + timedelta(minutes=5), None)
        run = db.scalars(select(ScoringRun).where(ScoringRun.attempt_id == attempt.id)).one()
        assert db.scalars(select(Result.run_id)).all() == [run.id]
        record = db.scalars(select(AuditRecord).where(AuditRecord.action == "attempt:end")).one()
        assert record.after is not None
        assert '"cause":"device"' in str(record.after).replace(" ", "").replace("'", '"')
        case = db.get_one(MisconductCase, taken["id"])
        assert "手机" not in case.facts_cipher + case.evidence_cipher  # P46
    page = first.client.get(f"/exams/{exam.exam_id}/sit").text
    assert "本场答卷已由监考员终止" in page


def test_signed_told_answered_and_decided_by_different_people(
    house: House, exam: SealedExam, sit: Sit, desk: Desk, clock: ManualClock
) -> None:  # P21, P29, P30, P35
    sit(0).act("hand-in", {"epoch": 1})
    case_id = desk.record()["id"]
    mine, other = "candidate 0", "candidate 1"
    assert desk.notify(case_id) == "misconduct.not_signed"
    assert desk.propose(case_id, "bar") == "misconduct.not_heard"
    assert desk.does("proctor", case_id, "witness") == "misconduct.same_person"
    assert [desk.does(one, case_id, "witness") for one in ("witness", "chief")] == ["ok", "ok"]
    assert desk.does("witness", case_id, "witness") == "misconduct.signed_already"
    # Nobody else sees it, and the person sees no more than is theirs.
    assert desk.does(other, case_id, "sign", own=True) == "object.not_found"
    for page in (f"/misconduct/{case_id}", f"/misconduct/{case_id}/record.pdf"):
        asked = [desk.at(who).get(page).status_code for who in ("stranger", mine, "proctor", "approver")]
        assert asked == [404, 403, 200, 200]
    assert desk.at("stranger").api_get("/misconduct").json()["open"] == []
    assert desk.at(other).api_get("/own-misconduct").json()["cases"] == []
    assert desk.at(other).get(f"/own-misconduct/{case_id}/notice.pdf").status_code == 404
    assert desk.at(mine).get(f"/own-misconduct/{case_id}/record.pdf").status_code == 404
    assert desk.does(mine, case_id, "statement", {"text": "早了"}, own=True) == "misconduct.statement_closed"
    assert "份考场情况记录可查看签字" in desk.at(mine).get("/").text
    assert desk.does(mine, case_id, "sign", own=True) == "ok"
    assert "份考场情况记录可查看签字" not in desk.at(mine).get("/").text
    assert desk.does(mine, case_id, "sign", own=True) == "misconduct.signed_already"
    assert desk.notify(case_id) == "ok"
    assert desk.notify(case_id) == "misconduct.moved"
    shown = desk.at(mine).api_get("/own-misconduct").json()["cases"][0]
    # Told on a Monday: five working days end with the next Monday.
    assert shown["case"]["statement_due_at"] == "2026-11-30T16:00:00Z"
    assert "reporter" not in shown
    assert desk.propose(case_id, "void") == "misconduct.not_heard"
    clock.set(clock.now().replace(day=30, hour=15))
    assert desk.does(mine, case_id, "statement", {"text": "只是看时间"}, own=True) == "ok"
    assert desk.does(mine, case_id, "statement", {"text": "再说一次"}, own=True) == "misconduct.statement_closed"
    assert desk.propose(case_id, "make_up") == "misconduct.ruling_not_provided"
    assert desk.propose(case_id, "bar", "both") == "ok"
    assert desk.settle(case_id, "both") == "misconduct.same_person"
    assert desk.settle(case_id, agreed=False) == "ok"  # sent back
    assert desk.at(mine).api_get("/own-misconduct").json()["cases"][0]["decided_at"] is None
    assert desk.propose(case_id, "bar") == "ok"
    assert desk.settle(case_id) == "ok"
    for _ in range(2):
        assert desk.settle(case_id) == "misconduct.moved"
    shown = desk.at(mine).api_get("/own-misconduct").json()["cases"][0]
    assert (shown["case"]["ruling"], shown["bar_until"]) == ("bar", "2027-11-29")
    for paper in ("notice", "decision"):
        assert desk.at(mine).get(f"/own-misconduct/{case_id}/{paper}.pdf").content.startswith(b"%PDF")
    with acting_as(house, "test") as op:
        person_id = exam.candidates[0].persona.person_id
        facts = facts_of(op, [person_id])[person_id]
        today = clock.now().date()
        assert str(barred_on(facts, today)) == "2027-11-29"
        assert barred_on(facts, today.replace(year=2027)) is None
        acts = op.db.scalars(
            select(AuditRecord.action).where(AuditRecord.subject_kind == "misconduct").order_by(AuditRecord.id)
        ).all()
        told = op.db.scalars(select(OutboxMessage.template).order_by(OutboxMessage.id)).all()
    steps = "record witness witness witness notify state propose settle propose settle"
    assert acts == [f"misconduct:{step}" for step in steps.split()]
    assert told == ["misconduct_recorded", "misconduct_notified", "misconduct_settled"]
    pages = {"proctor": f"/rooms/{desk.room}/misconduct", "officer": "/misconduct", mine: "/own-misconduct"}
    for who, path in {**pages, "approver": f"/misconduct/{case_id}"}.items():
        for lang in ("zh", "en"):
            browser = desk.at(who)
            browser.http.cookies.set("lang", lang)
            assert browser.get(path).status_code == 200


def test_a_result_is_withheld_until_the_decision(
    house: House, exam: SealedExam, sit: Sit, desk: Desk, clock: ManualClock
) -> None:  # P18, P27
    sitters = [sit(number) for number in range(3)]
    clock.set(exam.starts_at + timedelta(minutes=31))
    assert [one.act("hand-in", {"epoch": one.epoch}).status_code for one in sitters[1:]] == [200, 200]
    withheld, void, counted = (one.registration_id for one in exam.candidates)
    cases = {withheld: desk.record(0, end=True)["id"], void: desk.record(1)["id"], counted: desk.record(2)["id"]}
    clock.set(exam.ends_at + timedelta(minutes=1))
    for registration_id, ruling in ((counted, "counts"), (void, "counts")):
        assert desk.propose(cases[registration_id], ruling) == "ok"
    assert desk.settle(cases[counted]) == "ok"
    with acting_as(house, "test") as op:
        for result in op.db.scalars(select(Result)):
            result.passed, result.total = True, result.maximum
    assert desk.at("officer").api(f"/results/{exam.exam_id}/propose").status_code == 200
    assert desk.at("approver").api(f"/results/{exam.exam_id}/release").status_code == 200
    shown = desk.at("approver").api_get(f"/results/{exam.exam_id}").json()
    assert (shown["withheld"], shown["void"], shown["passed"]) == (2, 0, 1)
    assert desk.settle(cases[void], agreed=False) == "ok"
    assert desk.propose(cases[withheld], "make_up") == "ok"
    assert desk.settle(cases[withheld]) == "ok"
    with acting_as(house, "test") as op:
        assert passed_registrations(op.db, exam.exam_id) == (counted,)
        assert granted_in(op.db, exam.exam_id, Cause.UNFOUNDED) == {withheld}
        found = [released_result(op.db, one) for one in (withheld, void, counted)]
        assert [(one.withheld, one.void) for one in found if one] == [(False, True), (True, False), (False, False)]
        voided = op.db.scalars(select(AuditRecord).where(AuditRecord.action == "result:void")).all()
        assert [record.subject_id for record in voided] == [str(withheld)]
    words = [
        next(
            one
            for one in desk.at(f"candidate {n}").api_get("/way").json()["ways"][0]["stations"]
            if one["stage"] == "result"
        )
        for n in range(3)
    ]
    assert [(one["word"], one["total"]) for one in words] == [("void", None), ("withheld", None), ("passed", 2800)]
    # What was told is not taken back by a record alone; only by the decision (P27).
    clock.advance(timedelta(minutes=1))
    again = desk.record(2, category="notes")["id"]
    with acting_as(house, "test") as op:
        late = released_result(op.db, counted)
        assert late is not None
        assert not late.withheld
    assert desk.propose(again, "counts") == "ok"
    assert desk.settle(again) == "ok"


def test_what_is_recorded_is_within_the_sitting_and_the_room(
    house: House, exam: SealedExam, desk: Desk
) -> None:  # P21, P41
    early = (exam.starts_at - timedelta(hours=2)).isoformat()
    assert desk.record(happened_at=early, expect=422)["errors"][0]["field"] == "happened_at"
    assert desk.record(facts=" ", expect=422)
    assert desk.record(category="smoking", expect=422)
    assert desk.record(registration_id=2**40, expect=404)
    assert desk.record(by="stranger", expect=404)
    for paper in ("notice", "decision", "secret"):
        assert desk.at("officer").get(f"/misconduct/{desk.record()['id']}/{paper}.pdf").status_code == 404
