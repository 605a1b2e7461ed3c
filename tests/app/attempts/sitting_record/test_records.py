"""The record of a room: made from what happened, signed by two, never changed, asked for before a release."""

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader

from app.attempts.sitting_record.models import SittingRecord
from app.attempts.sitting_record.rules import (
    RECORD_TRANSITIONS,
    RecordAction,
    RecordMoved,
    RecordState,
    is_filed,
    move_record,
)
from app.attempts.sitting_record.service import read_content
from app.exams.models import RoomProctor
from app.exams.reading import RecordsDestroyed
from app.operation import acting_as
from app.security.permissions import Role
from tests.support.client import Client
from tests.support.personas import make_staff
from tests.support.sealed_exam import make_sealed_exam
from tests.support.sitting import sit


@pytest.mark.parametrize("state", [None, *RecordState])
def test_moves_are_those_of_the_table(state):  # P13
    for action in RecordAction:
        if (state, action) in RECORD_TRANSITIONS:
            assert move_record(state, action) is RECORD_TRANSITIONS[state, action]
        else:
            with pytest.raises(RecordMoved):
                move_record(state, action)


def test_a_room_is_filed_when_all_is_signed_or_an_approver_does_without():
    assert not is_filed([], waived=False)
    assert is_filed([], waived=True)
    assert is_filed([RecordState.SIGNED], waived=False)
    assert not is_filed([RecordState.SIGNED, RecordState.SIGNED_ONCE], waived=False)


def succeed(client: Client, path: str, body=None):
    answer = client.api(path, body)
    assert answer.status_code == 200, f"{path}: {answer.text}"
    return answer.json()


def test_a_record_that_was_destroyed_at_its_term_says_so():  # P37
    with pytest.raises(RecordsDestroyed):
        read_content(SittingRecord(content=""))


def test_results_wait_for_the_record_that_two_invigilators_sign(house, browsers):
    exam = make_sealed_exam(house, candidates=3, proctored=True, earliest_hand_in_minutes=0, recorded=True)
    room, (first, *others) = f"/rooms/{exam.room_ids[0]}", exam.candidates
    second = make_staff(house, Role.PROCTOR)
    with acting_as(house, "test") as op:
        op.db.add(RoomProctor(room_id=exam.room_ids[0], account_id=second.account_id))
    house.clock.set(exam.starts_at + timedelta(minutes=5))
    sit(house, browsers(None), exam, first, right=5)
    one = browsers(exam.proctors[0])
    when = house.clock.now().isoformat()
    assert one.api(f"{room}/incidents", {"happened_at": "2020-01-01T00:00:00Z", "words": "早"}).status_code == 422
    succeed(one, f"{room}/incidents", {"happened_at": when, "words": "3 座鼠标失灵，已更换"})
    assert one.api(f"{room}/record/draw-up").json()["code"] == "record.too_early"
    house.clock.set(exam.ends_at + timedelta(minutes=1))
    one, two = browsers(exam.proctors[0]), browsers(second)
    officer, approver = browsers(make_staff(house, Role.EXAM_OFFICER)), browsers(make_staff(house, Role.EXAM_APPROVER))
    propose = f"/results/{exam.exam_id}/propose"
    assert officer.api(propose).json()["code"] == "release.records_missing"
    assert "没有签完" in officer.get("/control-room").text
    succeed(one, f"{room}/day/close", {"slips": 3})
    absent = [{"registration_id": other.registration_id, "cause": "no_show"} for other in others]
    succeed(one, f"{room}/absences/state", {"absent": absent})
    succeed(two, f"{room}/absences/confirm")
    succeed(one, f"{room}/record/draw-up")
    (shown,) = one.api_get(f"{room}/record").json()["records"]
    facts = shown["content"]["facts"]
    assert [facts[key] for key in ("expected", "present", "handed_in", "slips")] == [3, 1, 1, 3]
    assert [len(facts[key]) for key in ("absent", "late", "ended", "incidents")] == [2, 1, 0, 1]
    given, sign = {"content_hash": shown["content_hash"]}, f"{room}/record/1/sign"
    assert one.api(sign, {"content_hash": "0" * 64}).json()["code"] == "record.changed"
    succeed(one, sign, given)
    assert one.api(sign, given).json()["code"] == "record.same_person"
    assert one.api(f"{room}/record/draw-up").json()["code"] == "record.moved"
    succeed(two, f"{room}/record/1/return", {"reason": "草稿纸数目不对"})
    assert one.api(sign, given).json()["code"] == "record.moved"
    succeed(one, f"{room}/day/reopen", {"reason": "漏数"})
    succeed(one, f"{room}/day/close", {"slips": 4})
    house.clock.advance(timedelta(minutes=1))
    succeed(one, f"{room}/record/draw-up")
    (shown,) = one.api_get(f"{room}/record").json()["records"]
    assert shown["signatures"] == [], "a signature under other words counts no more"
    given = {"content_hash": shown["content_hash"]}
    for signer in (two, one):
        succeed(signer, sign, given)
    for refused in ("draw-up", "1/return"):
        assert one.api(f"{room}/record/{refused}", {"reason": "x"} if "return" in refused else None).status_code == 409
    pages = PdfReader(io.BytesIO(one.get(f"{room}/record/1.pdf").content)).pages
    printed = "".join(page.extract_text() for page in pages)
    assert shown["content_hash"][:16] in printed
    assert "鼠标失灵" in printed
    succeed(officer, propose)
    succeed(two, f"{room}/record/additions", {"words": "3 座换机时间为 09:10"})
    release = f"/results/{exam.exam_id}/release"
    assert approver.api(release).json()["code"] == "release.records_missing"
    waive = f"/exams/{exam.exam_id}/sitting-records/{exam.room_ids[0]}/waive"
    assert officer.api(waive, {"reason": "补充未签"}).status_code == 403
    succeed(approver, waive, {"reason": "补充记录另行归档"})
    assert approver.api(waive, {"reason": "再次"}).json()["code"] == "record.moved"
    succeed(approver, release)
    for lang in ("zh", "en"):
        for client, path in ((one, f"{room}/record"), (approver, f"/exams/{exam.exam_id}/sitting-records")):
            client.http.cookies.set("lang", lang)
            assert client.get(path).status_code == 200
