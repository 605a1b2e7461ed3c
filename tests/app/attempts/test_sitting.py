"""The way of an attempt through the application: check-in, start, going on elsewhere, handing in, closing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from app.attempts import queries
from app.attempts.models import Attempt, Response
from app.attempts.service import Folder, sweep
from app.audit.actions import AuditAction
from app.audit.models import AuditRecord
from app.clock import ManualClock
from app.exams.models import FormRow
from app.grading.models import ScoringRun
from app.operation import House
from tests.app.attempts.conftest import Sit, new_code
from tests.support.client import Client, open_app
from tests.support.sealed_exam import SealedExam, make_sealed_exam, open_session_for


def acts(house: House, *actions: AuditAction) -> list[str]:
    with house.database.transaction(reading=True) as db:
        query = select(AuditRecord.action).where(AuditRecord.action.in_([a.value for a in actions]))
        return list(db.scalars(query.order_by(AuditRecord.id)))


def test_a_start_delivers_the_candidates_view_and_is_recorded_once(house: House, exam: SealedExam, sit: Sit) -> None:
    sitter = sit(start=False)
    first, again = sitter.start(), sitter.start()
    shown = first.json()
    assert shown["view"]["item_count"] == 14
    assert (shown["state"], shown["phase"], shown["epoch"], shown["writing"]) == ("open", "open", 1, True)
    assert again.json() == shown
    assert acts(house, AuditAction.ATTEMPT_START) == ["attempt:start"]
    with house.database.transaction(reading=True) as db:
        stored = db.scalars(
            select(FormRow.view).where(FormRow.registration_id == sitter.candidate.registration_id)
        ).one()
    assert stored in first.text


def test_twenty_starts_at_once_make_one_attempt(house: House, exam: SealedExam) -> None:
    # P8
    with open_app(house) as (app, portal), ThreadPoolExecutor(20) as pool:
        token, _ = open_session_for(house, exam.candidates[0])
        clients = [Client(app, portal) for _ in range(20)]
        for client in clients:
            client.http.cookies.set("chizheng", token)
        body = {"registration_id": exam.candidates[0].registration_id}
        answers = list(pool.map(lambda c: c.api("/attempts/start", body), clients))
        assert {a.status_code for a in answers} == {200}
        assert len({a.json()["attempt_id"] for a in answers}) == 1
        for client in clients:
            client.close()
    with house.database.transaction(reading=True) as db:
        assert db.scalar(select(func.count()).select_from(Attempt)) == 1
    assert acts(house, AuditAction.ATTEMPT_START) == ["attempt:start"]


def test_before_the_start_and_after_late_entry_nothing_of_the_form_is_given(house: House, clock: ManualClock) -> None:
    # P15
    exam = make_sealed_exam(house, starts_in=timedelta(minutes=10), proctored=True)
    with open_app(house) as (app, portal):
        client = Client(app, portal)
        client.http.cookies.set("chizheng", open_session_for(house, exam.candidates[0])[0])
        body = {"registration_id": exam.candidates[0].registration_id}
        early = client.api("/attempts/start", body)
        clock.set(exam.starts_at + timedelta(minutes=30, microseconds=1))
        late = client.api("/attempts/start", body)
        clock.set(exam.starts_at + timedelta(minutes=30))
        last = client.api("/attempts/start", body)
        client.close()
    assert [(a.status_code, a.json()["code"]) for a in (early, late)] == [
        (409, "attempt.not_open"),
        (409, "attempt.late_entry_over"),
    ]
    for answer in (early, late):
        assert "选项" not in answer.text
        assert set(answer.json()) == {"type", "code", "title", "status", "request_id"}
    assert last.status_code == 200


def test_in_a_room_only_who_checked_in_starts(sit: Sit, exam: SealedExam) -> None:
    sitter = sit(start=False, checked_in=False)
    answer = sitter.start()
    assert (answer.status_code, answer.json()["code"]) == (403, "attempt.not_checked_in")


def test_anothers_registration_looks_like_a_missing_one(sit: Sit, exam: SealedExam) -> None:
    # P21
    sitter = sit(0, start=False)
    for registration_id in (exam.candidates[1].registration_id, 999_999):
        answer = sitter.client.api("/attempts/start", {"registration_id": registration_id})
        assert (answer.status_code, answer.json()["code"]) == (404, "object.not_found")


def test_ticket_and_code_open_a_session_once(house: House, exam: SealedExam, clock: ManualClock) -> None:
    code = new_code(house, exam)
    ticket = exam.candidates[0].ticket_number
    with open_app(house) as (app, portal):
        first, second = Client(app, portal), Client(app, portal)
        wrong = first.api("/ticket-sign-in", {"ticket_number": ticket, "code": "2222-2222"})
        right = first.api("/ticket-sign-in", {"ticket_number": ticket, "code": code.lower().replace("-", " ")})
        used = second.api("/ticket-sign-in", {"ticket_number": ticket, "code": code})
        assert [a.status_code for a in (wrong, right, used)] == [401, 200, 401]
        assert wrong.json()["code"] == used.json()["code"] == "attempt.check_in_refused"
        assert right.json()["next"] == f"/exams/{exam.exam_id}/sit"
        assert "httponly" in right.headers["set-cookie"].lower()
        body = {"registration_id": right.json()["registration_id"]}
        assert first.api(f"/registrations/{body['registration_id']}/declaration", {"version": 1}).status_code == 200
        assert first.api("/attempts/start", body).status_code == 200
        expired = new_code(house, exam, 1)
        clock.advance(timedelta(minutes=10))
        late = second.api("/ticket-sign-in", {"ticket_number": exam.candidates[1].ticket_number, "code": expired})
        assert late.status_code == 401
        unknown = second.api("/ticket-sign-in", {"ticket_number": "nobody", "code": expired})
        assert unknown.json()["title"] == late.json()["title"]  # P38: which of them is wrong is not told
        first.close()
        second.close()


def test_guesses_at_a_code_are_bounded_and_a_new_code_starts_afresh(house: House, exam: SealedExam) -> None:
    # P38
    new_code(house, exam)
    ticket = exam.candidates[0].ticket_number
    with open_app(house) as (app, portal):
        client = Client(app, portal)
        answers = [
            client.api("/ticket-sign-in", {"ticket_number": ticket, "code": f"2222-222{n}"}) for n in range(2, 9)
        ]
        assert [a.status_code for a in answers] == [401] * 5 + [429] * 2
        assert "retry-after" in answers[-1].headers
        fresh = new_code(house, exam)
        assert client.api("/ticket-sign-in", {"ticket_number": ticket, "code": fresh}).status_code == 200
        client.close()


def test_a_swapped_computer_goes_on_after_the_release_and_the_old_one_is_shut_out(
    house: House, exam: SealedExam, sit: Sit, clock: ManualClock
) -> None:
    # P12
    old = sit()
    old.save(1, 1, [2])
    clock.advance(timedelta(minutes=1))
    new = sit(start=False, checked_in=False)
    assert new.start().json()["code"] == "attempt.other_session"
    new.attempt_id = old.attempt_id
    assert new.act("take-over").json()["code"] == "attempt.release_needed"
    assert new.act("take-over", {"code": "2222-2222"}).json()["code"] == "attempt.release_needed"
    assert new.look().json()["responses"] == []
    assert new.save(1, 2, [1]).json()["code"] == "attempt.other_session"
    taken = new.act("take-over", {"code": new_code(house, exam)})
    assert (taken.status_code, taken.json()["epoch"]) == (200, 2)
    assert taken.json()["responses"] == [
        {**taken.json()["responses"][0], "position": 1, "revision": 1, "response": [2]}
    ]
    stale = old.save(1, 9, [3])
    assert (stale.status_code, stale.json()["code"]) == (409, "attempt.other_session")
    assert old.look("time").json()["writing"] is False
    assert old.act("take-over").json()["code"] == "attempt.release_needed"
    assert old.act("hand-in", {"epoch": 2}).json()["code"] == "attempt.other_session"
    new.epoch = 2
    assert new.save(1, 2, [1]).status_code == 200
    with house.database.transaction(reading=True) as db:
        kept = [(row.revision, row.why) for row in queries.refused_saves(db, [old.attempt_id])]
    assert kept == [(2, "other_session"), (9, "other_session")]
    assert acts(house, AuditAction.ATTEMPT_TAKE_OVER) == ["attempt:take_over"]


def test_checking_in_anew_releases_that_session_once(
    house: House, exam: SealedExam, sit: Sit, clock: ManualClock
) -> None:
    old = sit()
    clock.advance(timedelta(minutes=1))
    new = sit(start=False)
    new.attempt_id = old.attempt_id
    assert new.act("take-over").status_code == 200
    clock.advance(timedelta(minutes=1))
    third = sit(start=False)
    third.attempt_id = old.attempt_id
    assert third.act("take-over").status_code == 200
    assert new.act("take-over").json()["code"] == "attempt.release_needed"


def test_guesses_at_a_release_are_bounded(house: House, exam: SealedExam, sit: Sit) -> None:
    # P38
    old, new = sit(), sit(start=False, checked_in=False)
    new_code(house, exam)
    new.attempt_id = old.attempt_id
    answers = [new.act("take-over", {"code": f"2222-222{n}"}) for n in range(2, 9)]
    assert [a.status_code for a in answers] == [403] * 5 + [429] * 2
    assert new.act("take-over", {"c\u006fde": "2222-2222"}).status_code == 429  # however the name is written


def test_a_second_tab_of_the_same_session_may_go_on_and_the_first_stops(sit: Sit) -> None:
    # P12
    sitter = sit()
    assert sitter.act("take-over").json()["epoch"] == 2
    assert sitter.save(1, 1, [0]).json()["code"] == "attempt.other_session"
    sitter.epoch = 2
    assert sitter.save(1, 1, [0]).status_code == 200


def test_handing_in_closes_once_with_a_code_and_saves_end(
    house: House, exam: SealedExam, sit: Sit, clock: ManualClock
) -> None:
    # P2
    sitter = sit()
    sitter.save_all([(1, 1, [2]), (2, 1, []), (3, 4, [1])])
    early = sitter.act("hand-in", {"epoch": 1})
    assert (early.status_code, early.json()["code"]) == (409, "attempt.hand_in_too_early")
    clock.set(exam.starts_at + timedelta(minutes=30))
    first, again = sitter.act("hand-in", {"epoch": 1}), sitter.act("hand-in", {"epoch": 1})
    assert first.status_code == 200, first.text
    assert first.json() == again.json()
    assert first.json()["answered"] == 2
    assert len(first.json()["receipt_code"]) == 14
    refused = sitter.save(1, 2, [1])
    assert (refused.status_code, refused.json()["code"]) == (409, "attempt.closed")
    with house.database.transaction(reading=True) as db:
        assert queries.folded_responses(db, sitter.attempt_id) == {1: "[2]", 2: "[]", 3: "[1]"}
        assert list(db.scalars(select(ScoringRun.attempt_id))) == [sitter.attempt_id]
    assert acts(house, AuditAction.ATTEMPT_HAND_IN, AuditAction.ATTEMPT_CLOSE, AuditAction.RESULT_SCORE) == [
        "attempt:hand_in",
        "result:score",
    ]
    closed = sitter.start().json()
    assert (closed["state"], closed["view"], closed["responses"]) == ("closed", None, [])
    assert closed["receipt_code"] == first.json()["receipt_code"]


def test_who_never_hands_in_is_closed_once_as_of_the_deadline(
    house: House, exam: SealedExam, sit: Sit, clock: ManualClock
) -> None:
    # P10
    sitter, other = sit(0), sit(1)
    sitter.save(1, 1, [2])
    clock.set(exam.starts_at + timedelta(minutes=50))
    sitter.look("time")
    clock.set(exam.starts_at + timedelta(minutes=60, seconds=15))
    assert sweep(house, clock.now()) == 0
    clock.set(exam.starts_at + timedelta(minutes=60, seconds=16))
    with ThreadPoolExecutor(2) as pool:
        closed = list(pool.map(lambda _: sweep(house, clock.now()), range(2)))
    assert sum(closed) == 2
    with house.database.transaction(reading=True) as db:
        scored = db.scalars(select(ScoringRun.attempt_id).order_by(ScoringRun.attempt_id)).all()
        assert scored == sorted([sitter.attempt_id, other.attempt_id])
        for attempt in db.scalars(select(Attempt)):
            assert attempt.closed_at == attempt.deadline_at == exam.starts_at + timedelta(minutes=60)
        assert queries.folded_responses(db, sitter.attempt_id) == {1: "[2]"}
    assert acts(house, AuditAction.ATTEMPT_CLOSE) == ["attempt:close"] * 2
    assert sitter.act("hand-in", {"epoch": 1}).json()["code"] == "attempt.closed"


@pytest.mark.parametrize("off", [timedelta(hours=-3), timedelta(hours=3)])
def test_the_index_of_the_sweeper_is_never_the_truth(
    house: House, exam: SealedExam, sit: Sit, clock: ManualClock, off: timedelta
) -> None:
    # P10: an index that lies early closes nothing early, one that lies late leaves nothing open
    sitter = sit()
    with house.database.transaction() as db:
        attempt = db.get_one(Attempt, sitter.attempt_id)
        attempt.next_check_at += off
    clock.set(exam.starts_at + timedelta(minutes=59))
    assert sweep(house, clock.now()) == 0
    clock.set(exam.starts_at + timedelta(minutes=61))
    assert sweep(house, clock.now()) == 1


def test_one_attempt_that_cannot_be_closed_leaves_the_others_closed(
    house: House, exam: SealedExam, sit: Sit, clock: ManualClock
) -> None:
    first, second = sit(0), sit(1)
    with house.database.transaction() as db:
        form_id = db.get_one(Attempt, first.attempt_id).form_id
        db.execute(text("UPDATE form SET content = '{}' WHERE id = :id"), {"id": form_id})
    clock.set(exam.starts_at + timedelta(minutes=61))
    assert sweep(house, clock.now()) == 1
    with house.database.transaction(reading=True) as db:
        states = {attempt.id: attempt.state.value for attempt in db.scalars(select(Attempt))}
    assert states == {first.attempt_id: "open", second.attempt_id: "closed"}


def test_folding_again_and_in_any_order_changes_nothing(house: House, sit: Sit) -> None:
    sitter, folder = sit(), Folder()
    sitter.save_all([(1, 1, [2]), (2, 7, [1])])
    assert folder.fold_recent(house) == 1
    sitter.save_all([(1, 2, [3])])
    assert folder.fold_recent(house) == 1
    assert Folder().fold_recent(house) == 1
    assert folder.fold_recent(house) == 0
    with house.database.transaction(reading=True) as db:
        rows = db.execute(select(Response.position, Response.revision, Response.response).order_by(Response.position))
        assert [tuple(row) for row in rows] == [(1, 2, "[3]"), (2, 7, "[1]")]
