"""The journal itself, under concurrency and outage, on both databases."""

import asyncio
import random
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, text

from app.accounts.queries import token_digest
from app.attempts import journal as journal_module
from app.attempts import queries
from app.attempts.acts import Save
from app.attempts.journal import Journal
from app.attempts.judging import Kept
from app.attempts.messages import Change
from app.attempts.models import Attempt
from app.attempts.rules import AttemptState, Closed, Closing
from app.attempts.service import close
from app.attempts.service.closing import fold
from app.attempts.wires import SqliteWire
from app.errors import AppError, NotFound, Unavailable
from app.grading.marking import Marker
from app.operation import House, acting_as
from tests.support.grounds import Ground
from tests.support.savers import Running, start_attempts
from tests.support.sealed_exam import make_sealed_exam


@pytest.fixture
def journal(house: House) -> Journal:
    return house.tool(Journal)


def seat_many(house: House, number: int) -> list[Running]:
    return start_attempts(house, make_sealed_exam(house, candidates=number, remote=True))


SEATS = Ground("seats", partial(seat_many, number=3))


@pytest.fixture
def ground(request: pytest.FixtureRequest) -> Ground[list[Running]] | None:
    return SEATS if "seats" in request.fixturenames else None


@pytest.fixture
def seats(house: House) -> list[Running]:
    return SEATS.stand_on(house)


def a_save(house: House, seat: Running, *changes: tuple[int, int, list[int]], epoch: int = 1) -> Save:
    sent = [Change(position, revision, response, epoch) for position, revision, response in changes]
    return Save(seat.attempt_id, token_digest(seat.token), house.clock.now(), sent)


async def keep_all(journal: Journal, saves: Sequence[Save]) -> list[Kept | BaseException]:
    return await asyncio.gather(*(journal.keep(save) for save in saves), return_exceptions=True)


def stored(house: House, seat: Running) -> dict[int, tuple[int, str]]:
    with house.database.transaction(reading=True) as db:
        found = queries.newest_responses(db, seat.attempt_id)
    return {position: (kept.revision, kept.response) for position, kept in found.items()}


@pytest.mark.parametrize("seed", range(3))
def test_no_order_of_saves_makes_a_response_go_back(
    house: House, journal: Journal, seats: list[Running], seed: int
) -> None:
    # P3: shuffled, duplicated, reordered, split over requests at random
    chance = random.Random(seed)
    changes = [(seat, p, r, [(p + r) % 2]) for seat in seats for p in range(1, 15) for r in range(1, 9)]
    changes += chance.sample(changes, 80)
    chance.shuffle(changes)
    saves = []
    while changes:
        seat = changes[0][0]
        group = [change for change in changes if change[0] is seat][: chance.randint(1, 12)]
        for change in group:
            changes.remove(change)
        saves.append(a_save(house, seat, *(change[1:] for change in group)))
    chance.shuffle(saves)
    newest: dict[tuple[int, int], int] = {}

    async def run() -> None:
        while saves:
            wave = [saves.pop() for _ in range(min(len(saves), chance.randint(1, 40)))]
            for save, kept in zip(wave, await keep_all(journal, wave), strict=True):
                assert isinstance(kept, Kept), kept
                for result in kept.results:
                    place = (save.attempt_id, result.position)
                    assert result.newest >= result.revision
                    newest[place] = max(newest.get(place, 0), result.newest)

    asyncio.run(run())
    for seat in seats:
        assert stored(house, seat) == {p: (8, f"[{(p + 8) % 2}]") for p in range(1, 15)}
        assert all(newest[seat.attempt_id, p] == 8 for p in range(1, 15))


def test_a_save_racing_the_closing_is_in_the_marked_set_or_refused(house: House, journal: Journal) -> None:
    # P2
    seats = seat_many(house, 12)
    acknowledged: dict[int, int] = {}
    refused: set[int] = set()
    gate = threading.Event()

    def close_all() -> None:
        gate.wait(10)
        for seat in seats:
            with acting_as(house, "test") as op:
                attempt = queries.hold(op.db, seat.attempt_id)
                while attempt is None:
                    attempt = queries.hold(op.db, seat.attempt_id)
                close(op, attempt, closing=Closing.AT_DEADLINE, as_of=op.now)

    async def write(seat: Running) -> None:
        for revision in range(1, 3000):
            if refused and revision > 400:  # until somebody has met the closing
                return
            try:
                await journal.keep(a_save(house, seat, (1, revision, [revision % 2])))
            except Closed:
                refused.add(seat.attempt_id)
                return
            acknowledged[seat.attempt_id] = revision
            if revision == 5:
                gate.set()

    async def run() -> None:
        await asyncio.gather(*(write(seat) for seat in seats))

    closer = threading.Thread(target=close_all)
    closer.start()
    asyncio.run(run())
    closer.join()
    assert refused, "nothing raced: the closing came after every save"
    with house.database.transaction(reading=True) as db:
        for seat in seats:
            assert queries.folded_responses(db, seat.attempt_id) == {1: f"[{acknowledged[seat.attempt_id] % 2}]"}
            assert db.get_one(Attempt, seat.attempt_id).state is AttemptState.CLOSED
        for seat in seats:
            assert (
                max(r.revision for r in queries.newest_responses(db, seat.attempt_id).values())
                == (acknowledged[seat.attempt_id])
            )


def test_two_processes_may_receive_the_saves_of_one_attempt(
    house: House, journal: Journal, seats: list[Running]
) -> None:
    """Each instance has a journal of its own; the database alone decides."""
    other = Journal(house.database.url, house.settings, mark=Marker(house))
    try:

        async def run() -> list[Any]:
            saves = [a_save(house, seats[0], (1, r, [r % 2])) for r in range(1, 81)]
            half = [keep_all(journal, saves[0::2]), keep_all(other, saves[1::2])]
            twice = [keep_all(journal, saves), keep_all(other, saves)]
            return [kept for kepts in await asyncio.gather(*half, *twice) for kept in kepts]

        assert all(isinstance(kept, Kept) for kept in asyncio.run(run()))
        assert stored(house, seats[0]) == {1: (80, "[0]")}
    finally:
        other.close()


def test_one_bad_save_costs_its_neighbours_nothing(house: House, journal: Journal, seats: list[Running]) -> None:
    missing = Running(seats[0].attempt_id + 10_000, seats[0].token)
    stranger = Running(seats[0].attempt_id, "no such token")

    async def run() -> list[Kept | BaseException]:
        return await keep_all(
            journal,
            [
                a_save(house, seats[0], (1, 1, [1])),
                a_save(house, missing, (1, 1, [1])),
                a_save(house, stranger, (1, 1, [1])),
                a_save(house, seats[1], (99, 1, [1])),
                a_save(house, seats[2], (1, 1, [1])),
            ],
        )

    kept = asyncio.run(run())
    codes = [k.code if isinstance(k, AppError) else type(k).__name__ for k in kept]
    assert codes == ["Kept", NotFound.code, "session.required", "request.invalid", "Kept"]
    assert (stored(house, seats[0]), stored(house, seats[2])) == ({1: (1, "[1]")}, {1: (1, "[1]")})


def test_a_defect_in_judging_one_save_is_that_saves_alone(house: House, journal: Journal, seats: list[Running]) -> None:
    form_id = form_of(house, seats[1])
    spoil = "UPDATE form SET content = '{}' WHERE id = :id"
    with house.database.transaction() as db:
        db.execute(text(spoil), {"id": form_id})

    async def run() -> list[Kept | BaseException]:
        return await keep_all(journal, [a_save(house, seat, (1, 1, [1])) for seat in seats])

    first, second, third = asyncio.run(run())
    assert isinstance(first, Kept)
    assert isinstance(third, Kept)
    assert isinstance(second, Exception)
    assert not isinstance(second, AppError)


def form_of(house: House, seat: Running) -> int:
    with house.database.transaction(reading=True) as db:
        return db.scalars(select(Attempt.form_id).where(Attempt.id == seat.attempt_id)).one()


def test_a_locked_database_is_an_outage_and_the_journal_recovers_by_itself(
    house: House, journal: Journal, seats: list[Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    # P7
    monkeypatch.setattr("app.attempts.wires.WAIT_SECONDS", 1)

    async def save(revision: int) -> list[Kept | BaseException]:
        return await keep_all(journal, [a_save(house, seat, (1, revision, [1])) for seat in seats])

    with house.database.transaction() as db:
        for seat in seats:
            queries.hold(db, seat.attempt_id)
        refused = asyncio.run(save(1))
    assert all(isinstance(kept, Unavailable) for kept in refused)
    assert [stored(house, seat) for seat in seats] == [{}, {}, {}]
    assert all(isinstance(kept, Kept) for kept in asyncio.run(save(1)))
    assert [stored(house, seat) for seat in seats] == [{1: (1, "[1]")}] * 3


def test_who_waits_for_sqlite_looks_again_at_once_and_finds_a_short_gap(house: House) -> None:
    if house.database.dialect != "sqlite":
        return  # a row's lock is handed on there
    wire, asked = SqliteWire(house.database.url), list[str]()
    with closing(sqlite3.connect(house.database.url.database or "", isolation_level=None)) as other:

        def look(statement: str) -> None:
            asked.append(statement)
            if len(asked) == 3:
                other.execute("ROLLBACK")

        other.execute("BEGIN IMMEDIATE")
        wire._connection.set_trace_callback(look)
        wire.begin()
        assert asked == ["BEGIN IMMEDIATE"] * len(asked)
        wire._connection.set_trace_callback(None)
        wire.close()


def test_a_crowd_beyond_the_bound_is_refused_at_once(
    house: House, journal: Journal, seats: list[Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    # P7, P45
    monkeypatch.setattr(journal_module, "MOST_WAITING", 20)
    monkeypatch.setattr(journal_module, "MOST_IN_BATCH", 5)
    held = threading.Event()
    write = journal._write

    def slow(saves: Sequence[Save]) -> Any:
        held.wait(10)
        return write(saves)

    monkeypatch.setattr(journal, "_write", slow)

    async def run() -> list[Kept | BaseException]:
        crowd = [asyncio.ensure_future(journal.keep(a_save(house, seats[0], (1, r, [1])))) for r in range(1, 51)]
        done, _ = await asyncio.wait(crowd, timeout=0.5)
        assert 20 <= len(done) <= 30
        assert all(isinstance(task.exception(), Unavailable) for task in done)
        held.set()
        return await asyncio.gather(*crowd, return_exceptions=True)

    kept = [k for k in asyncio.run(run()) if isinstance(k, Kept)]
    assert 20 <= len(kept) <= 30


def test_closing_the_journal_writes_what_waits(house: House, journal: Journal, seats: list[Running]) -> None:
    async def run() -> list[Kept | BaseException]:
        waiting = asyncio.gather(*(journal.keep(a_save(house, seats[0], (1, r, [1]))) for r in range(1, 30)))
        await asyncio.sleep(0)
        await asyncio.to_thread(journal.close)
        kept = await waiting
        with pytest.raises(Unavailable):
            await journal.keep(a_save(house, seats[0], (1, 99, [1])))
        return list(kept)

    assert all(isinstance(kept, Kept) for kept in asyncio.run(run()))
    assert stored(house, seats[0]) == {1: (29, "[1]")}


def test_folding_while_saves_go_on_neither_blocks_nor_goes_back(
    house: House, journal: Journal, seats: list[Running]
) -> None:
    stop = threading.Event()
    failed: list[BaseException] = []

    def keep_folding() -> None:
        while not stop.is_set():
            try:
                with house.database.transaction() as db:
                    for seat in seats:
                        fold(db, seat.attempt_id)
            except Exception as error:  # noqa: BLE001 - whatever fails in the thread is told to the test
                failed.append(error)

    folder = threading.Thread(target=keep_folding)
    folder.start()

    async def run() -> None:
        for revision in range(1, 60):
            kept = await keep_all(journal, [a_save(house, s, (p, revision, [1])) for s in seats for p in (1, 2, 3)])
            assert all(isinstance(k, Kept) for k in kept), kept

    asyncio.run(run())
    stop.set()
    folder.join()
    assert failed == []
    with house.database.transaction() as db:
        for seat in seats:
            fold(db, seat.attempt_id)
            assert queries.folded_responses(db, seat.attempt_id) == {1: "[1]", 2: "[1]", 3: "[1]"}
