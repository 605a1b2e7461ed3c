"""The day of a room: opened, begun and closed by its proctor; nobody is let in before (decision 0026)."""

from datetime import timedelta

import pytest

from app.attempts.room_day.rules import (
    LOUD_BEFORE,
    OPENS_BEFORE,
    ROOM_TRANSITIONS,
    RoomAction,
    RoomMoved,
    RoomNotDone,
    RoomNotYet,
    RoomOver,
    RoomState,
    check_beginning,
    check_closing,
    check_opening,
    is_loud,
    move_room,
)
from app.audit.actions import AuditAction
from app.exams.models import Sitting
from app.operation import acting_as
from app.security.permissions import Role
from tests.app.attempts.test_sitting import acts
from tests.support.house import MORNING
from tests.support.personas import make_staff
from tests.support.sealed_exam import make_sealed_exam

CHECKS = {"checks": ["invigilators", "equipment", "seats"]}


@pytest.mark.parametrize("state", [None, *RoomState])
def test_moves_are_those_of_the_table(state):  # P13
    for action in RoomAction:
        if (state, action) in ROOM_TRANSITIONS:
            assert move_room(state, action) is ROOM_TRANSITIONS[state, action]
        else:
            with pytest.raises(RoomMoved):
                move_room(state, action)


def test_a_room_is_opened_and_begun_within_its_window_and_closed_when_all_are_done():
    times = {"starts_at": MORNING, "ends_at": MORNING + timedelta(hours=2)}
    tick, over = timedelta(microseconds=1), times["ends_at"]
    check_opening(**times, now=MORNING - OPENS_BEFORE)
    check_beginning(**times, now=MORNING)
    for check, now, refusal in (
        (check_opening, MORNING - OPENS_BEFORE - tick, RoomNotYet),
        (check_beginning, MORNING - tick, RoomNotYet),
        (check_opening, over, RoomOver),
        (check_beginning, over, RoomOver),
    ):
        with pytest.raises(refusal) as refused:
            check(**times, now=now)
        if refusal is RoomNotYet:
            assert "2026-11-23 0" in refused.value.sentence("zh")
    loud = [MORNING - LOUD_BEFORE - tick, MORNING - LOUD_BEFORE, over - tick, over]
    assert [is_loud(None, **times, now=now) for now in loud] == [False, True, True, False]
    assert not is_loud(RoomState.OPENED, **times, now=MORNING)
    check_closing(unfinished=0)
    with pytest.raises(RoomNotDone):
        check_closing(unfinished=1)


def test_nobody_is_let_in_before_the_room_is_opened_nor_after_it_is_closed(house, browsers, clock):
    exam = make_sealed_exam(house, candidates=1, proctored=True, opened=False, starts_in=timedelta(minutes=20))
    room, ticket = exam.room_ids[0], exam.candidates[0].ticket_number
    proctor, officer = browsers(exam.proctors[0]), browsers(make_staff(house, Role.EXAM_OFFICER))
    code, day = f"/registrations/{exam.candidates[0].registration_id}/check-in-code", f"/rooms/{room}/day"
    assert proctor.api(code).json()["code"] == "room.not_opened"
    assert "尚未开启" in proctor.get(f"/rooms/{room}").text
    assert officer.api_get("/control-room").json()["sittings"][0]["rooms"][0]["loud"] is True
    assert "1 个考场尚未开启" in officer.get("/control-room").text
    assert day in proctor.get("/").text
    assert browsers(make_staff(house, Role.PROCTOR)).api(f"{day}/open", CHECKS).status_code == 404
    assert officer.api(f"{day}/open", CHECKS).status_code == 403
    half = proctor.api(f"{day}/open", {"checks": ["equipment"]})
    assert (half.status_code, half.json()["errors"][0]["field"]) == (422, "checks")
    stranger = {**CHECKS, "present": [make_staff(house, Role.PROCTOR).account_id]}
    assert proctor.api(f"{day}/open", stranger).json()["errors"][0]["field"] == "present"
    assert proctor.submit(f"{day}/open", CHECKS).status_code == 303
    assert proctor.api(f"{day}/open", CHECKS).json()["code"] == "room.moved"
    assert proctor.api(f"{day}/start").json()["code"] == "room.not_yet"
    assert proctor.api(code).status_code == 200
    given = proctor.api_get(f"/rooms/{room}").json()["candidates"][0]["code"]
    clock.set(exam.starts_at)
    assert proctor.api(f"{day}/start").json()["state"] == "started"
    assert proctor.api(f"{day}/close", {}).json()["code"] == "room.not_done"
    clock.set(exam.starts_at + timedelta(minutes=30, seconds=1))
    assert proctor.api(code).status_code == 200
    given = proctor.api_get(f"/rooms/{room}").json()["candidates"][0]["code"] or given
    mismatch = proctor.api(f"{day}/close", {"sheets": 1})
    assert mismatch.json()["errors"][0]["field"] == "note"
    assert proctor.submit(f"{day}/close", {"sheets": "0", "slips": "4", "note": ""}).status_code == 303
    assert proctor.api(code).json()["code"] == "room.not_opened"
    used = browsers(None).api("/ticket-sign-in", {"ticket_number": ticket, "code": given})
    assert used.status_code == 401
    shown = proctor.api_get(day).json()
    assert (shown["state"], shown["slips"], shown["present"]) == ("closed", 4, 0)
    assert proctor.api(f"{day}/reopen", {"reason": "漏数"}).json()["state"] == "started"
    told = [AuditAction.ROOM_OPEN, AuditAction.ROOM_START, AuditAction.ROOM_CLOSE, AuditAction.ROOM_REOPEN]
    assert acts(house, *told) == [act.value for act in told]
    for lang in ("zh", "en"):
        proctor.http.cookies.set("lang", lang)
        assert proctor.get(day).status_code == 200


def test_a_remote_room_lets_its_candidates_wait_and_a_postponed_one_is_opened_anew(house, browsers):
    remote = make_sealed_exam(house, candidates=1, proctored=True, remote=True, opened=False)
    day = f"/rooms/{remote.room_ids[0]}/day"
    proctor = browsers(remote.proctors[0])
    assert proctor.api(f"{day}/open", {"checks": ["invigilators", "equipment"]}).status_code == 200
    with acting_as(house, "test") as op:
        op.db.get_one(Sitting, remote.sitting_id).starts_at += timedelta(hours=1)
    assert proctor.api_get(day).json()["state"] is None
    assert proctor.api(f"{day}/open", CHECKS).json()["state"] == "opened"


def test_a_room_that_was_never_opened_says_so_and_offers_nothing_that_would_be_refused(house, browsers, clock):
    exam = make_sealed_exam(house, candidates=1, proctored=True, opened=False)
    clock.advance(timedelta(days=1))
    proctor, day = browsers(exam.proctors[0]), f"/rooms/{exam.room_ids[0]}/day"
    page = proctor.get(day).text
    assert "不能再补办" in page
    assert f"{day}/open" not in page
    assert "未开启" in proctor.get("/rooms").text
    assert proctor.api(f"{day}/open", CHECKS).json()["code"] == "room.over"
