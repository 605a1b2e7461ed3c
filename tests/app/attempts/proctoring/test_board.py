"""The board of a room: how every seat stands, who is heard of, and who may watch it move."""

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from app.accounts.sessions import end_sessions_of
from app.attempts import service
from app.attempts.proctoring.live import MOST_OF_ONE, Boards
from app.attempts.proctoring.presence import Presences, forget_presences
from app.attempts.proctoring.rules import SILENCE, Run, Standing, standing_of
from app.attempts.rules import AttemptState, Closing
from app.clock import ManualClock
from app.errors import TooMany
from app.operation import House, acting_as
from app.security.permissions import Role
from tests.app.attempts.conftest import Sit
from tests.support.client import Client
from tests.support.personas import Persona, make_staff
from tests.support.sealed_exam import SealedExam

Browsers = Callable[[Persona | None], Client]
NINE = datetime.fromisoformat("2026-11-23T01:00:00+00:00")
GRACE = timedelta(seconds=5)


def run(state: AttemptState = AttemptState.OPEN, **more: object) -> Run:
    known = {"closing": None, "deadline_at": NINE + timedelta(hours=1), "paused_at": None, "heard_at": NINE}
    return Run(state, **{**known, **more})  # type: ignore[arg-type]  # the keys are those of Run


@pytest.mark.parametrize(
    ("found", "now", "standing"),
    [
        (run(), NINE + SILENCE, Standing.RUNNING),
        (run(), NINE + SILENCE + timedelta(seconds=1), Standing.OFFLINE),
        (run(paused_at=NINE), NINE + timedelta(hours=3), Standing.PAUSED),
        (run(), NINE + timedelta(hours=1, seconds=6), Standing.OVER),
        (run(AttemptState.CLOSED, closing=Closing.HANDED_IN), NINE, Standing.HANDED_IN),
        (run(AttemptState.CLOSED, closing=Closing.AT_DEADLINE), NINE, Standing.CLOSED),
    ],
)
def test_a_seat_stands_as_its_attempt_does(found: Run, now: datetime, standing: Standing) -> None:
    assert standing_of(found, arrived=True, entry_over=True, grace=GRACE, now=now) is standing


def test_before_the_start_a_seat_is_empty_arrived_or_absent() -> None:
    seen = [
        standing_of(None, arrived=arrived, entry_over=over, grace=GRACE, now=NINE)
        for arrived, over in ((False, False), (True, False), (False, True), (True, True))
    ]
    assert seen == [Standing.NOT_ARRIVED, Standing.CHECKED_IN, Standing.ABSENT, Standing.ABSENT]


def test_looks_cost_no_write_until_they_are_gathered(
    house: House, exam: SealedExam, sit: Sit, browsers: Browsers, clock: ManualClock
) -> None:
    first, second = sit(0), sit(1)
    proctor, path = browsers(exam.proctors[0]), f"/rooms/{exam.room_ids[0]}/board"
    presences = house.tool(Presences)
    clock.set(exam.starts_at + timedelta(seconds=30))
    assert first.save(1, 1, [0]).status_code == 200
    first.look("time")
    second.save(1, 1, [0], epoch=9)  # refused: it proves no save
    counts = proctor.api_get(path).json()["counts"]
    assert (counts["offline"], counts["not_arrived"]) == (2, 1)
    assert presences.flush(house.database) == 1
    assert presences.flush(house.database) == 0
    shown = proctor.api_get(path).json()
    lines = {line["registration_id"]: line for line in shown["lines"]}
    heard = lines[exam.candidates[0].registration_id]
    assert (heard["standing"], heard["saved_at"]) == ("running", "2026-11-23T01:00:30Z")
    assert lines[exam.candidates[1].registration_id]["since"] == "2026-11-23T01:00:00Z"
    presences.note(first.attempt_id, exam.starts_at, saved=True)  # an instance that writes late undoes nothing
    presences.flush(house.database)
    again = {line["registration_id"]: line for line in proctor.api_get(path).json()["lines"]}
    assert again[exam.candidates[0].registration_id] == heard
    page = proctor.get(f"/rooms/{exam.room_ids[0]}?show=offline&ticket={exam.candidates[1].ticket_number}").text
    assert ("断线" in page, "data-called" in page) == (True, True)
    forget_presences(house.database, clock.now() + timedelta(days=3))
    assert proctor.api_get(path).json()["counts"]["offline"] == 2


def test_only_who_may_see_the_room_sees_its_board_and_its_faces(
    house: House, exam: SealedExam, browsers: Browsers
) -> None:
    # P21
    room, seat = exam.room_ids[0], exam.candidates[0].registration_id
    stranger = browsers(make_staff(house, Role.PROCTOR))
    for path in (f"/rooms/{room}/live", f"/rooms/{room}/seats/{seat}/photo"):
        assert stranger.get(path).status_code == 404
        assert browsers(make_staff(house, Role.LEADER)).get(path).status_code == 403
    assert stranger.api_get(f"/rooms/{room}/board").status_code == 404
    assert browsers(exam.proctors[0]).get(f"/rooms/{room}/seats/{seat}/photo").status_code == 404  # has none


def test_a_board_moves_by_itself_until_the_session_ends(
    house: House, exam: SealedExam, browsers: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    # P23
    monkeypatch.setattr("app.attempts.proctoring.live.READ_EVERY", 0.02)
    monkeypatch.setattr("app.attempts.proctoring.live.ASK_EVERY", 0.05)
    told = threading.Event()
    reads = 0

    def watch_board(house: House, room_id: int) -> tuple[str, str]:
        nonlocal reads
        reads += 1
        if reads > 2:
            told.set()  # the first read has been sent by then, or is about to be
        return service.watch_board(house, room_id)

    monkeypatch.setattr("app.attempts.pages.service", SimpleNamespace(**vars(service) | {"watch_board": watch_board}))
    proctor = browsers(exam.proctors[0])
    with ThreadPoolExecutor(1) as threads:
        watching = threads.submit(proctor.get, f"/rooms/{exam.room_ids[0]}/live")
        assert told.wait(10)
        with acting_as(house, "test") as op:
            end_sessions_of(op, exam.proctors[0].account_id, cause="test")
        answer = watching.result(10)
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [line[6:] for line in answer.text.splitlines() if line.startswith("data: ")]
    assert json.loads(events[0])["counts"]["not_arrived"] == 3
    assert answer.text.endswith("event: end\ndata: {}\n\n")


def test_one_reader_serves_all_who_watch_and_a_crowd_is_turned_away() -> None:
    # P45
    async def watch() -> tuple[int, int]:
        boards, reads = Boards(), 0

        def read() -> tuple[str, str]:
            nonlocal reads
            reads += 1
            return str(reads), str(reads)

        streams = [boards.watch(7, account_id=1, read=read, may_watch=lambda: True) for _ in range(MOST_OF_ONE)]
        seen = [await anext(stream) for stream in streams]
        with pytest.raises(TooMany):
            boards.refuse_crowd(1)
        boards.refuse_crowd(2)
        for stream in streams:
            await stream.aclose()
        boards.refuse_crowd(1)
        boards.close()
        return reads, len(seen)

    reads, seen = asyncio.run(watch())
    assert (reads <= 2, seen) == (True, MOST_OF_ONE)
