"""The control room: all rooms of a sitting at once, all processes, and acts upon every room."""

from collections.abc import Callable
from datetime import timedelta

from app.clock import ManualClock
from app.exams.models import RoomProctor
from app.observability.instances import Reporter, forget_instances
from app.observability.metrics import SAVE_ROUTE, Metrics, Totals, quantile
from app.operation import House, acting_as
from app.security.permissions import Role
from tests.app.attempts.conftest import Sit
from tests.support.client import Client
from tests.support.personas import Persona, make_staff
from tests.support.sealed_exam import SealedExam, make_sealed_exam

Browsers = Callable[[Persona | None], Client]


def test_the_largest_bound_that_the_share_reaches_is_told() -> None:
    empty = Totals(0, 0, 0, (0,) * 14)
    assert quantile(empty.save_buckets, 0.99) is None
    assert quantile((99, 1, *(0,) * 12), 0.99) == 0.001
    assert quantile((98, 2, *(0,) * 12), 0.99) == 0.0025
    assert quantile((*(0,) * 13, 5), 0.99) == 20
    assert Totals(9, 2, 4, (1, 3)).since(Totals(5, 1, 1, (1, 0))) == Totals(4, 1, 3, (0, 3))


def test_every_process_says_how_it_is_and_a_silent_one_is_named(
    house: House, exam: SealedExam, browsers: Browsers, clock: ManualClock
) -> None:
    metrics = Metrics("one")
    reporter = Reporter(house.database, metrics, house.settings.data_folder, "0.1", name="one:1")
    Reporter(house.database, Metrics("two"), house.settings.data_folder, "0.1", name="two:1").report(clock.now())
    reporter.report(clock.now())
    for status in (200, 200, 409, 503):
        metrics.count_request(method="POST", route=SAVE_ROUTE, status=status, seconds=0.004)
    clock.advance(timedelta(seconds=30))
    reporter.report(clock.now())
    officer = browsers(make_staff(house, Role.EXAM_OFFICER))
    shown = officer.api_get("/control-room").json()
    one, two = shown["instances"]
    assert (one["name"], one["silent"], two["name"], two["silent"]) == ("one:1", False, "two:1", True)
    assert (one["save_p99_us"], two["save_p99_us"], shown["save_p99_us"]) == (5000, None, 5000)
    assert one["saves_per_minute"] == 2 * one["errors_per_minute"] > 0
    assert one["disk_free_mb"] > 0
    assert [room["room_id"] for sitting in shown["sittings"] for room in sitting["rooms"]] == exam.room_ids
    assert "two:1" in officer.get("/control-room").text
    administrator = browsers(make_staff(house, Role.SYSTEM_ADMINISTRATOR)).api_get("/control-room").json()
    assert (len(administrator["instances"]), administrator["sittings"]) == (2, [])
    assert browsers(exam.proctors[0]).api_get("/control-room").status_code == 403
    forget_instances(house.database, clock.now() + timedelta(days=1))
    assert officer.api_get("/control-room").json()["instances"] == []


def test_the_chief_acts_upon_every_room_of_a_sitting(
    house: House, exam: SealedExam, sit: Sit, browsers: Browsers, clock: ManualClock
) -> None:
    # P11
    other = make_sealed_exam(house, candidates=2, rooms=2, proctored=True)
    chief = make_staff(house, Role.CHIEF_PROCTOR)
    with acting_as(house, "test") as op:
        for room_id in (exam.room_ids[0], other.room_ids[0]):
            op.db.add(RoomProctor(room_id=room_id, account_id=chief.account_id))
    running = sit(0)
    client, path = browsers(chief), f"/sittings/{exam.sitting_id}"
    cause = {"cause": "power_failure"}
    assert client.api(f"{path}/time", {"minutes": 5, **cause}).json()["attempts"] == 1
    nobody = client.api(f"/sittings/{other.sitting_id}/time", {"minutes": 5, **cause})
    assert (nobody.status_code, nobody.json()["code"]) == (409, "attempt.nothing_to_grant")
    assert client.api(f"/sittings/{other.sitting_id}/pause", cause).json()["attempts"] == 0  # entry waits in both rooms
    assert client.api(f"{path}/pause", cause).json()["attempts"] == 1
    assert client.api(f"{path}/pause", cause).json()["code"] == "attempt.nothing_to_pause"
    sittings = {line["sitting_id"]: line for line in client.api_get("/control-room").json()["sittings"]}
    assert [bool(room["paused_at"]) for room in sittings[other.sitting_id]["rooms"]] == [True, True]
    assert sittings[exam.sitting_id]["counts"]["paused"] == 1
    clock.set(exam.starts_at + timedelta(minutes=10))
    assert client.api(f"{path}/resume").json()["attempts"] == 1
    assert client.api(f"{path}/resume").json()["code"] == "attempt.nothing_to_resume"
    assert running.look("time").json()["deadline_at"] == "2026-11-23T02:15:00Z"
    for refused, status in ((exam.proctors[0], 403), (make_staff(house, Role.CHIEF_PROCTOR), 404)):
        assert browsers(refused).api(f"{path}/pause", cause).status_code == status
    page = client.submit(f"{path}/time", {"minutes": "0", "cause": "other"})
    assert page.status_code == 422
