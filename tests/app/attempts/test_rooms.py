"""The proctor's desk: who sees which room, codes, granted time."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.attempts.service import sweep
from app.audit.actions import AuditAction
from app.clock import ManualClock
from app.exams.models import RoomProctor
from app.operation import House, acting_as
from app.security.permissions import Role
from tests.app.attempts.conftest import Sit
from tests.app.attempts.test_sitting import acts
from tests.support.client import Client
from tests.support.personas import Persona, make_staff
from tests.support.sealed_exam import SealedExam, make_sealed_exam

Browsers = Callable[[Persona | None], Client]


def test_a_proctor_sees_the_own_rooms_only_a_chief_those_of_the_sitting(house: House, browsers: Browsers) -> None:
    exam = make_sealed_exam(house, candidates=4, rooms=2, proctored=True)
    other = make_sealed_exam(house, candidates=1, proctored=True)
    chief = make_staff(house, Role.CHIEF_PROCTOR)
    with acting_as(house, "test") as op:
        op.db.add(RoomProctor(room_id=exam.room_ids[0], account_id=chief.account_id))
    seen = {}
    for name, persona in {
        "proctor": exam.proctors[0],
        "chief": chief,
        "stranger": make_staff(house, Role.PROCTOR),
        "officer": make_staff(house, Role.EXAM_OFFICER),
    }.items():
        client = browsers(persona)
        seen[name] = {room["room_id"] for room in client.api_get("/rooms").json()["rooms"]}
        for room_id in [*exam.room_ids, *other.room_ids]:
            assert client.api_get(f"/rooms/{room_id}").status_code == (200 if room_id in seen[name] else 404)
    assert seen == {
        "proctor": {exam.room_ids[0]},
        "chief": set(exam.room_ids),
        "stranger": set(),
        "officer": {*exam.room_ids, *other.room_ids},
    }


def test_an_officer_who_is_chief_proctor_too_runs_the_own_sitting_only(house: House, browsers: Browsers) -> None:  # P20
    """Every act is tried by tests/support/borrower.py; here it is that the pages offer none."""
    own, other = (make_sealed_exam(house, candidates=1, proctored=True) for _ in range(2))
    both = make_staff(house, Role.EXAM_OFFICER, Role.CHIEF_PROCTOR)
    with acting_as(house, "test") as op:
        op.db.add(RoomProctor(room_id=own.room_ids[0], account_id=both.account_id))
    client = browsers(both)
    for exam, runs in ((own, True), (other, False)):
        for page in ("", "/day", "/absences", "/faults", "/files", "/record", "/signals"):
            assert client.api_get(f"/rooms/{exam.room_ids[0]}{page}").json()["runs"] is runs, page
    shown = client.api_get("/control-room").json()["sittings"]
    assert {one["sitting_id"]: one["runs"] for one in shown} == {own.sitting_id: True, other.sitting_id: False}
    assert client.get("/control-room").text.count("全场补时") == 1


def test_a_code_is_made_by_who_runs_the_room_and_stands_on_the_board_until_used(
    house: House, exam: SealedExam, browsers: Browsers
) -> None:
    registration_id = exam.candidates[0].registration_id
    path = f"/registrations/{registration_id}/check-in-code"
    assert browsers(make_staff(house, Role.PROCTOR)).api(path).status_code == 404
    assert browsers(make_staff(house, Role.EXAM_OFFICER)).api(path).status_code == 403
    proctor = browsers(exam.proctors[0])
    issued = proctor.submit(path)
    assert (issued.status_code, issued.headers["location"].split("?")[0]) == (303, f"/rooms/{exam.room_ids[0]}")
    board = proctor.api_get(f"/rooms/{exam.room_ids[0]}").json()
    code = board["candidates"][0]["code"]
    assert len(code) == 9
    assert code in proctor.get(f"/rooms/{exam.room_ids[0]}").text
    candidate = browsers(None)
    given = {"ticket_number": exam.candidates[0].ticket_number, "code": code}
    assert candidate.api("/ticket-sign-in", given).status_code == 200
    line = proctor.api_get(f"/rooms/{exam.room_ids[0]}").json()["candidates"][0]
    assert (line["code"], line["standing"]) == (None, "checked_in")
    assert acts(house, AuditAction.REGISTRATION_ISSUE_CODE, AuditAction.REGISTRATION_CHECK_IN) == [
        "registration:issue_code",
        "registration:check_in",
    ]


def test_a_new_code_voids_the_one_before(exam: SealedExam, browsers: Browsers) -> None:
    proctor = browsers(exam.proctors[0])
    path, room = f"/registrations/{exam.candidates[0].registration_id}/check-in-code", f"/rooms/{exam.room_ids[0]}"
    proctor.api(path)
    first = proctor.api_get(room).json()["candidates"][0]["code"]
    proctor.api(path)
    second = proctor.api_get(room).json()["candidates"][0]["code"]
    assert first != second
    ticket = exam.candidates[0].ticket_number
    candidate = browsers(None)
    assert candidate.api("/ticket-sign-in", {"ticket_number": ticket, "code": first}).status_code == 401
    assert candidate.api("/ticket-sign-in", {"ticket_number": ticket, "code": second}).status_code == 200


def test_granted_time_reaches_a_running_attempt_at_once_and_moves_its_closing(
    house: House, exam: SealedExam, sit: Sit, browsers: Browsers, clock: ManualClock
) -> None:
    # P11
    running, other = sit(0), sit(1)
    proctor = browsers(exam.proctors[0])
    path = f"/rooms/{exam.room_ids[0]}/time"
    one = {"minutes": 10, "cause": "power_failure", "registration_id": exam.candidates[0].registration_id}
    assert proctor.api(path, one).json() == {"room_id": exam.room_ids[0], "attempts": 1}
    assert proctor.api(path, {"minutes": 5, "cause": "network_failure"}).json()["attempts"] == 2
    ends = {0: exam.starts_at + timedelta(minutes=75), 1: exam.starts_at + timedelta(minutes=65)}
    for number, sitter in enumerate((running, other)):
        deadline = ends[number].isoformat().replace("+00:00", "Z")
        assert sitter.look("time").json()["deadline_at"] == deadline
        assert sitter.save(1, 1, [0]).json()["deadline_at"] == deadline
    for minutes in (30, 64):
        clock.set(exam.starts_at + timedelta(minutes=minutes))
        running.look("time")
    clock.set(ends[1] + timedelta(seconds=16))
    assert sweep(house, clock.now()) == 1
    assert running.save(1, 2, [1]).status_code == 200
    clock.set(ends[0] + timedelta(seconds=5, microseconds=1))
    assert running.save(1, 3, [0]).json()["code"] == "attempt.late"
    assert acts(house, AuditAction.ATTEMPT_GRANT_TIME) == ["attempt:grant_time"] * 3


def test_time_is_granted_to_running_attempts_only_and_never_taken_away(
    exam: SealedExam, sit: Sit, browsers: Browsers, clock: ManualClock
) -> None:
    # P11
    path = f"/rooms/{exam.room_ids[0]}/time"
    proctor = browsers(exam.proctors[0])
    nobody = proctor.api(path, {"minutes": 10, "cause": "other"})
    assert (nobody.status_code, nobody.json()["code"]) == (409, "attempt.nothing_to_grant")
    sit(0)
    for wrong in ({"minutes": 0}, {"minutes": -5}, {"minutes": 181}, {"minutes": 5, "cause": "mercy"}, {"seconds": 5}):
        assert proctor.api(path, {"minutes": 5, "cause": "other", **wrong}).status_code == 422
    clock.set(exam.starts_at + timedelta(minutes=50))
    proctor.get("/rooms")
    clock.set(exam.starts_at + timedelta(minutes=60, seconds=5, microseconds=1))
    assert proctor.api(path, {"minutes": 5, "cause": "other"}).json()["code"] == "attempt.nothing_to_grant"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_of_the_desk_can_be_read(exam: SealedExam, sit: Sit, browsers: Browsers, lang: str) -> None:
    sit(0).save(1, 1, [0])
    proctor = browsers(exam.proctors[0])
    proctor.http.cookies.set("lang", lang)
    rooms, room = proctor.get("/rooms"), proctor.get(f"/rooms/{exam.room_ids[0]}")
    assert (rooms.status_code, room.status_code) == (200, 200)
    assert ("In progress" if lang == "en" else "答题中") in room.text
    refused = proctor.submit(f"/rooms/{exam.room_ids[0]}/time", {"minutes": "0", "cause": "other"})
    assert refused.status_code == 422
    assert 'id="e-minutes"' in refused.text
    home = proctor.get("/")
    assert "/rooms" in home.text
