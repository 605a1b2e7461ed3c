"""Raised hands: from the page to the board and back, seen to once, and never a hint at a key."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.attempts.hall.rules import (
    HAND_TRANSITIONS,
    MOST_HANDS,
    HandAction,
    HandMoved,
    HandState,
    TooManyHands,
    check_raising,
    move_hand,
)
from app.audit.actions import AuditAction as A
from app.clock import ManualClock
from app.operation import House
from app.security.permissions import Role
from tests.app.attempts.conftest import Sit
from tests.app.attempts.test_sitting import acts
from tests.support.client import Client
from tests.support.personas import Persona, make_staff
from tests.support.sealed_exam import SealedExam, make_sealed_exam

Browsers = Callable[[Persona | None], Client]


def test_every_state_and_action() -> None:
    for state in (None, *HandState):
        for action in HandAction:
            if (state, action) in HAND_TRANSITIONS:
                assert move_hand(state, action) is HAND_TRANSITIONS[state, action]
            else:
                with pytest.raises(HandMoved):
                    move_hand(state, action)
    check_raising(runs=True, up=False, raised=MOST_HANDS - 1)
    with pytest.raises(TooManyHands):
        check_raising(runs=True, up=False, raised=MOST_HANDS)


def test_a_hand_goes_to_the_board_and_comes_back_answered(
    house: House, exam: SealedExam, sit: Sit, browsers: Browsers, clock: ManualClock
) -> None:  # P4, P14, P21, P35
    first, second, early = sit(0), sit(1), sit(2, start=False)
    hands, room = f"/exams/{exam.exam_id}/hands", f"/rooms/{exam.room_ids[0]}"
    other = make_sealed_exam(house, candidates=1, proctored=True)
    proctor, stranger = browsers(exam.proctors[0]), browsers(other.proctors[0])
    assert early.client.api(hands, {"kind": "machine"}).json()["code"] == "hall.no_hand_now"
    assert first.client.api(hands, {"kind": "other"}).status_code == 422
    given, key = {"kind": "item_unclear", "position": 3, "words": "图片看不清"}, {"idempotency-key": "0123456789abcdef"}
    raised = first.client.api(hands, given, headers=key).json()
    assert first.client.api(hands, given, headers=key).json() == raised  # sent again when the network is back
    assert first.client.api(hands, given).json()["code"] == "hall.hand_up"
    clock.advance(timedelta(minutes=2))
    mine = second.client.api(hands, {"kind": "machine"}).json()["id"]
    board = proctor.api_get(f"{room}/board").json()["hands"]
    assert [(row["seat"], row["kind"], row["position"], row["words"]) for row in board] == [
        (1, "item_unclear", 3, "图片看不清"),
        (2, "machine", None, ""),
    ]
    shown = proctor.api_get(room).json()
    assert [row["needs_a_hand"] for row in shown["candidates"]] == [True, True, False]
    here = f"{room}/hands/{raised['id']}"
    for act in ("come", "close", "answer"):
        body = {"words": "好的"} if act == "answer" else {}
        assert stranger.api(f"{here}/{act}", body).status_code == 404
        assert stranger.api(f"/rooms/{other.room_ids[0]}/hands/{raised['id']}/{act}", body).status_code == 404
        assert browsers(make_staff(house, Role.EXAM_OFFICER)).api(f"{here}/{act}", body).status_code == 403
    assert second.client.api(f"/hands/{raised['id']}/lower").status_code == 404
    assert first.look("time").json()["turns"] == 1
    assert proctor.api(f"{here}/come").json()["state"] == "coming"
    assert proctor.api(f"{here}/come").json()["code"] == "hall.hand_moved"
    canned = shown["canned"][0]
    for body in ({}, {"words": "好", "canned_id": canned["id"]}, {"words": "这题应选 B"}, {"canned_id": 999_999}):
        assert proctor.api(f"{here}/answer", body).status_code in {404, 422}
    assert proctor.submit(f"{here}/answer", {"canned_id": str(canned["id"]), "words": ""}).status_code == 303
    assert first.look("time").json()["turns"] == 3
    hall = first.client.api_get(f"/exams/{exam.exam_id}/hall").json()
    (hand,) = hall["hands"]
    assert (hand["state"], hand["reply_zh"], hand["reply_en"]) == ("answered", canned["zh"], canned["en"])
    assert second.client.api(f"/hands/{mine}/lower").status_code == 200
    assert proctor.api(f"{room}/hands/{mine}/close").json()["code"] == "hall.hand_moved"
    again = second.client.api(hands, {"kind": "proctor"}).json()["id"]
    assert proctor.api(f"{room}/hands/{again}/close").json()["state"] == "closed"
    assert proctor.api_get(f"{room}/board").json()["hands"] == []
    second.act("hand-in", {"epoch": 1})
    told = acts(house, A.HAND_RAISE, A.HAND_COME, A.HAND_ANSWER, A.HAND_CLOSE, A.HAND_LOWER)
    assert [word.split(":")[1] for word in told] == ["raise", "raise", "come", "answer", "lower", "raise", "close"]


def test_the_department_keeps_the_canned_replies(house: House, browsers: Browsers) -> None:
    officer, proctor = browsers(make_staff(house, Role.EXAM_OFFICER)), browsers(make_staff(house, Role.PROCTOR))
    came_with = proctor.api_get("/canned-replies").json()
    assert (len(came_with["replies"]), came_with["keeps"]) == (6, False)
    assert proctor.api("/canned-replies", {"zh": "好", "en": "Yes"}).status_code == 403
    assert officer.api("/canned-replies", {"zh": "应选第二项", "en": "Yes"}).json()["code"] == "hall.tells_key"
    assert officer.submit("/canned-replies", {"zh": "可以饮水。", "en": "You may drink."}).status_code == 303
    first = came_with["replies"][0]["id"]
    assert officer.api(f"/canned-replies/{first}/retire").status_code == 200
    assert officer.api(f"/canned-replies/{first}/retire").status_code == 404
    kept = proctor.api_get("/canned-replies").json()["replies"]
    assert (len(kept), kept[-1]["en"]) == (6, "You may drink.")
    assert "可以饮水。" in officer.get("/canned-replies").text
    assert acts(house, A.CANNED_REPLY_KEEP, A.CANNED_REPLY_RETIRE) == ["canned_reply:keep", "canned_reply:retire"]
