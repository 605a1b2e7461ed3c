"""After a power cut: the clock of a room or of one attempt stands still, and nobody loses a second or a response."""

from collections.abc import Callable
from datetime import datetime, timedelta

from app.attempts.service import sweep
from app.audit.actions import AuditAction
from app.clock import ManualClock
from app.grading.service import last_end
from app.operation import House, acting_as
from app.security.permissions import Role
from tests.app.attempts.conftest import Sit
from tests.app.attempts.test_sitting import acts
from tests.support.client import Client
from tests.support.personas import Persona, make_staff
from tests.support.sealed_exam import SealedExam

Browsers = Callable[[Persona | None], Client]
CAUSE = {"cause": "power_failure"}


def after(exam: SealedExam, minutes: float) -> datetime:
    return exam.starts_at + timedelta(minutes=minutes)


def said(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def test_a_room_stands_still_and_goes_on_without_the_loss_of_a_second(
    house: House, exam: SealedExam, sit: Sit, browsers: Browsers, clock: ManualClock
) -> None:
    # P1, P9, P10, P11
    first, second = sit(0), sit(1)
    late = sit(2, start=False)
    proctor, room = browsers(exam.proctors[0]), f"/rooms/{exam.room_ids[0]}"
    clock.set(after(exam, 25))
    assert first.save(1, 1, [0]).status_code == 200
    assert proctor.api(f"{room}/pause", CAUSE).json()["attempts"] == 2
    again = proctor.api(f"{room}/pause", CAUSE)
    assert (again.status_code, again.json()["code"]) == (409, "attempt.nothing_to_pause")
    clock.set(after(exam, 35))  # late entry would be over, and half an hour is
    looked = first.look("time").json()
    assert (looked["paused"], looked["deadline_at"]) == (True, said(after(exam, 70)))
    assert second.save(2, 1, [1]).status_code == 200  # typed before the cut, sent when the machine is back
    assert first.act("hand-in", {"epoch": first.epoch}).json()["code"] == "attempt.paused"
    assert late.start().json()["code"] == "attempt.paused"
    for minutes in (60, 90):  # past every deadline: it stands still all the same
        clock.set(after(exam, minutes))
        first.look("time"), second.look("time"), late.client.api_get(f"/exams/{exam.exam_id}/entrance")
        proctor.get(room)
        assert sweep(house, clock.now()) == 0
    with acting_as(house, "test") as op:
        assert last_end(op, exam.exam_id) == exam.ends_at + timedelta(minutes=65)
    assert proctor.api(f"{room}/resume").json()["attempts"] == 2
    assert proctor.api(f"{room}/resume").json()["code"] == "attempt.nothing_to_resume"
    ends = after(exam, 60 + 65)
    for sitter in (first, second):
        state = sitter.look("time").json()
        assert (state["paused"], state["deadline_at"], state["state"]) == (False, said(ends), "open")
    assert second.look().json()["phase"] == "open"
    shown = late.start()  # entry moved by as much
    assert (shown.status_code, shown.json()["deadline_at"]) == (200, said(after(exam, 90 + 60)))
    assert proctor.api(f"{room}/time", {"minutes": 5, **CAUSE}).json()["attempts"] == 3
    assert late.look("time").json()["deadline_at"] == said(after(exam, 90 + 65))
    clock.set(ends + timedelta(minutes=5, seconds=5))
    assert first.save(3, 1, [0]).status_code == 200
    clock.set(ends + timedelta(minutes=5, seconds=16))
    assert first.save(4, 1, [0]).json()["code"] == "attempt.late"
    assert sweep(house, clock.now()) == 2
    assert first.look().json()["closed_at"] == said(ends + timedelta(minutes=5))
    assert acts(house, AuditAction.ROOM_PAUSE, AuditAction.ROOM_RESUME, AuditAction.ATTEMPT_RESUME) == [
        "room:pause",
        "attempt:resume",
        "attempt:resume",
        "room:resume",
    ]


def test_one_attempt_is_stopped_alone_and_a_room_that_goes_on_leaves_it_stopped(
    exam: SealedExam, sit: Sit, browsers: Browsers, clock: ManualClock, house: House
) -> None:
    first, second = sit(0), sit(1)
    proctor, room = browsers(exam.proctors[0]), f"/rooms/{exam.room_ids[0]}"
    one = {"registration_id": exam.candidates[0].registration_id}
    idle = {"registration_id": exam.candidates[2].registration_id}
    assert proctor.api(f"{room}/pause", {**CAUSE, **idle}).json()["code"] == "attempt.nothing_to_pause"
    assert proctor.api(f"{room}/pause", {**CAUSE, "registration_id": 999_999}).status_code == 404
    for nobody in (make_staff(house, Role.PROCTOR), make_staff(house, Role.EXAM_OFFICER)):
        for path, body in ((f"{room}/pause", CAUSE), (f"{room}/resume", {})):
            assert browsers(nobody).api(path, body).status_code in {403, 404}
    assert proctor.api(f"{room}/pause", {"cause": "machine_failure", **one}).json()["attempts"] == 1
    clock.set(after(exam, 10))
    assert proctor.api(f"{room}/pause", CAUSE).json()["attempts"] == 1
    clock.set(after(exam, 20) + timedelta(microseconds=1))
    assert proctor.api(f"{room}/resume").json()["attempts"] == 1
    assert (first.look("time").json()["paused"], second.look("time").json()["paused"]) == (True, False)
    assert second.look("time").json()["deadline_at"] == said(after(exam, 70) + timedelta(seconds=1))
    taken = sit(0, start=False)  # another machine may go on with it meanwhile
    taken.attempt_id = first.attempt_id
    assert taken.act("take-over").json()["paused"] is True
    clock.set(after(exam, 30))
    assert proctor.api(f"{room}/resume", one).json()["attempts"] == 1
    assert taken.look("time").json()["deadline_at"] == said(after(exam, 90))
