"""Starts, saves and hand-ins in one batch: judged in the order of arrival, each alone in its refusal."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select, text

from app.accounts.queries import token_digest
from app.attempts import queries
from app.attempts.acts import Act, HandIn, Save, Start
from app.attempts.journal import Journal
from app.attempts.judging import Kept
from app.attempts.messages import AttemptShown, Change, HandInShown
from app.attempts.models import Attempt
from app.attempts.rules import Closed, DeclarationMissing, OtherSession
from app.audit.models import AuditRecord
from app.errors import AppError, NotFound
from app.grading.marking import Marker
from app.grading.models import Result, ScoringRun
from app.operation import Caller, House
from tests.support.grounds import Ground
from tests.support.savers import Running, start_attempts
from tests.support.sealed_exam import SealedExam, make_sealed_exam, open_session_for

EXAM = Ground("remote", partial(make_sealed_exam, candidates=4, remote=True, earliest_hand_in_minutes=0))


@pytest.fixture
def ground() -> Ground[SealedExam]:
    return EXAM


@pytest.fixture
def exam(house: House) -> SealedExam:
    return EXAM.stand_on(house)


@pytest.fixture
def seats(house: House, exam: SealedExam) -> list[Running]:
    return start_attempts(house, exam)


def in_one_batch(house: House, acts: Sequence[Act]) -> list[Any]:
    """What becomes of acts that arrive while the writing thread is not there yet: one batch."""
    journal = house.tool(Journal)

    async def run() -> list[Any]:
        return await asyncio.gather(*map(journal._take, acts), return_exceptions=True)

    return asyncio.run(run())


def a_save(house: House, seat: Running, revision: int, response: list[int]) -> Save:
    return Save(seat.attempt_id, token_digest(seat.token), house.clock.now(), [Change(1, revision, response, 1)])


def an_end(house: House, seat: Running, *, epoch: int = 1, token: str = "") -> HandIn:
    token = token or seat.token
    return HandIn(seat.attempt_id, epoch, token_digest(token), Caller(token, "127.0.0.1", "test", house.clock.now()))


def count(house: House, table: Any, *conditions: Any) -> int:
    with house.database.transaction(reading=True) as db:
        return db.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def test_a_save_before_the_hand_in_of_its_batch_is_marked_and_one_after_it_refused(
    house: House, seats: list[Running]
) -> None:
    # P2
    seat = seats[0]
    acts = [a_save(house, seat, 1, [0]), an_end(house, seat), a_save(house, seat, 2, [1]), an_end(house, seat)]
    before, end, after, again = in_one_batch(house, acts)
    assert isinstance(before, Kept)
    assert isinstance(end, HandInShown)
    assert isinstance(after, Closed)
    assert end == again
    assert end.answered == 1
    with house.database.transaction(reading=True) as db:
        assert queries.folded_responses(db, seat.attempt_id) == {1: "[0]"}
        assert [refused.revision for refused in queries.refused_saves(db, [seat.attempt_id])] == [2]
    assert (count(house, ScoringRun), count(house, Result)) == (1, 1)
    assert count(house, AuditRecord, AuditRecord.action == "attempt:hand_in") == 1


def test_hand_ins_that_are_refused_cost_the_others_of_the_batch_nothing(house: House, seats: list[Running]) -> None:
    # P13, P21
    stranger = an_end(house, seats[0], token=seats[1].token)
    stale, good = an_end(house, seats[1], epoch=2), an_end(house, seats[2])
    missing = an_end(house, Running(seats[0].attempt_id + 10_000, seats[0].token))
    with house.database.transaction() as db:
        form_id = db.get_one(Attempt, seats[3].attempt_id).form_id
        db.execute(text("UPDATE form SET content = '{}' WHERE id = :id"), {"id": form_id})
    spoilt = an_end(house, seats[3])
    outcomes = in_one_batch(house, [stranger, stale, good, missing, spoilt])
    assert [type(outcome) for outcome in outcomes[:4]] == [NotFound, OtherSession, HandInShown, NotFound]
    assert isinstance(outcomes[4], Exception)
    assert not isinstance(outcomes[4], AppError)
    assert count(house, Attempt, Attempt.state == "closed") == count(house, ScoringRun) == 1


def test_starts_of_a_batch_make_one_attempt_each_whoever_else_begins(house: House, exam: SealedExam) -> None:
    # P8: twice in one batch, by another instance at the same moment, and for what is not one's own
    running = start_attempts(house, exam)
    whose = [candidate.registration_id for candidate in exam.candidates]

    def a_start(seat: Running, registration_id: int) -> Start:
        caller = Caller(seat.token, "127.0.0.1", "test", house.clock.now())
        return Start(registration_id, token_digest(seat.token), caller)

    with house.database.transaction() as db:
        db.execute(text("DELETE FROM attempt"))
    starts = [a_start(running[number], whose[number]) for number in (0, 1, 2, 3)] * 2
    starts += [a_start(running[0], whose[1]), a_start(running[0], 999_999)]
    other = Journal(house.database.url, house.settings, mark=Marker(house))

    async def run() -> list[Any]:
        journals = (house.tool(Journal), other)
        both = [journal._take(start) for journal in journals for start in starts]
        return await asyncio.gather(*both, return_exceptions=True)

    try:
        outcomes = asyncio.run(run())
    finally:
        other.close()
    half = len(starts)
    for number in range(8):
        first, second = outcomes[number], outcomes[half + number]
        assert isinstance(first, AttemptShown)
        assert isinstance(second, AttemptShown)
        assert first.attempt_id == second.attempt_id
        assert first.view == second.view
    assert all(isinstance(outcomes[at], NotFound) for at in (8, 9, half + 8, half + 9))
    assert count(house, Attempt) == 4
    assert count(house, AuditRecord, AuditRecord.action == "attempt:start") == 8  # four before they were deleted


def test_the_journal_starts_nobody_who_has_not_made_the_declaration(house: House, exam: SealedExam) -> None:
    tokens = [open_session_for(house, exam.candidates[n], promised=n == 1)[0] for n in (0, 1)]
    starts = [
        Start(
            exam.candidates[n].registration_id,
            token_digest(token),
            Caller(token, "127.0.0.1", "test", house.clock.now()),
        )
        for n, token in enumerate(tokens)
    ]
    refused, begun = in_one_batch(house, starts)
    assert isinstance(refused, DeclarationMissing)
    assert isinstance(begun, AttemptShown)
    assert count(house, Attempt) == 1
    assert count(house, AuditRecord, AuditRecord.action == "attempt:start") == 1
