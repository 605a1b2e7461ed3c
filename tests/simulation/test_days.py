"""Attempts in simulated time, under every fault at once: two hundred seeds here, ten thousand in `make faults`.

A seed that fails is played again with `SIMULATION_SEEDS=<seed>:<seed + 1>`.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.attempts.rules import Closing
from app.operation import House
from tests.simulation.days import CANDIDATES, Day, faults_found, play, stories
from tests.simulation.service import Faults
from tests.simulation.staff import take_on
from tests.support.databases import DIALECTS, Databases
from tests.support.house import open_house
from tests.support.sealed_exam import SealedExam, make_sealed_exam

pytestmark = pytest.mark.fault
_QUICK = range(200)
_CHUNK = 50
_PLAYED = set(Closing) - {Closing.ABSENT}
"""How attempts end in each handful of these days; few are those who had not come when their room went over to paper."""


def seeds() -> list[range]:
    """The seeds to be played, in handfuls that share a database."""
    first, _, last = os.environ.get("SIMULATION_SEEDS", "").partition(":")
    wanted = range(int(first), int(last)) if last else _QUICK
    return [wanted[at : at + _CHUNK] for at in range(0, len(wanted), _CHUNK)]


@pytest.fixture(params=DIALECTS)
def empty_house(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[House]:
    with databases.fresh(request.param) as url, open_house(url, tmp_path) as house:
        yield house


def play_all(house: House, wanted: range, faults: Faults) -> tuple[SealedExam, list[Day]]:
    rooms = len(wanted)
    exam = make_sealed_exam(house, candidates=CANDIDATES * rooms, rooms=rooms, remote=True, earliest_hand_in_minutes=0)
    staff = take_on(house, exam)
    days = []
    for nth, seed in enumerate(wanted):
        candidates = exam.candidates[nth::rooms]
        days.append(play(house, exam, staff, candidates, seed=seed, faults=faults))
    return exam, days


@pytest.mark.parametrize("wanted", seeds(), ids=lambda wanted: f"{wanted.start}-{wanted.stop}")
def test_nothing_acknowledged_is_lost_and_everything_is_closed_once(empty_house: House, wanted: range) -> None:
    # P1, P2, P3, P8, P9, P10, P12, P13
    exam, days = play_all(empty_house, wanted, Faults())
    assert faults_found(empty_house, exam, days) == []
    # The days were such that something could have gone wrong.
    assert sum(day.crashes for day in days) > len(wanted) // 2
    assert sum(day.acknowledged for day in days) > 3 * len(wanted)
    known = stories(empty_house, exam).values()
    assert {story.closing for story in known} >= _PLAYED or len(wanted) < _CHUNK
    assert any(story.refused for story in known) or len(wanted) < _CHUNK


def test_the_same_seed_is_the_same_day(empty_house: House) -> None:
    told = []
    for _ in range(2):
        exam, days = play_all(empty_house, range(7, 9), Faults())
        known = stories(empty_house, exam)
        told.append(
            [(day.acknowledged, day.crashes, [known.get(one.attempt_id) for one in day.devices]) for day in days]
        )
    assert told[0] == told[1]
    assert all(acknowledged for acknowledged, _, _ in told[0])


def test_a_build_that_answers_before_it_commits_is_caught(empty_house: House) -> None:
    exam, days = play_all(empty_house, range(8), Faults(answers_first=True, crash_before_commit=0.3))
    assert any("is not stored" in sentence for sentence in faults_found(empty_house, exam, days))
