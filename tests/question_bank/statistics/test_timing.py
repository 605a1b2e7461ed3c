"""Similar response times: the tail against printed tables, the rest against what was put in."""

import math
import random

import numpy as np
import pytest

from question_bank.statistics.similarity import Nearness
from question_bank.statistics.timing import (
    LEAST_SHARED,
    LEAST_TIMED,
    Timed,
    correlation_tail,
    find_timed_alike,
    normal_scores,
    residuals,
)


@pytest.mark.parametrize(
    ("count", "chance", "critical"),
    # Critical values of r as tables of statistics print them, by degrees of freedom (count - 2), one side.
    [(12, 0.05, 0.4973), (12, 0.005, 0.7079), (20, 0.025, 0.4438), (20, 0.005, 0.5614), (52, 0.025, 0.2732)],
)
def test_the_tail_is_that_of_the_tables(count, chance, critical):
    assert correlation_tail(critical, count) == pytest.approx(chance, rel=0.002)
    assert correlation_tail(-critical, count) == pytest.approx(1 - chance, rel=0.001)
    assert correlation_tail(0, count) == pytest.approx(0.5)
    assert correlation_tail(1, count) == 0


def test_of_six_pairs_the_tail_is_a_polynomial():
    # Their density is 3/4 (1 - r²).
    for r in (0.2, 0.9, 0.999):
        assert correlation_tail(r, 6) == pytest.approx(0.5 - 0.75 * (r - r**3 / 3), rel=1e-6)


def test_speed_and_length_are_taken_away():
    speeds, lengths = (0.0, 0.5, -0.3), {f"i{n}": n / 10 for n in range(LEAST_TIMED * 2)}
    people = [{item: math.exp(4 + speed + length) for item, length in lengths.items()} for speed in speeds * 4]
    people[0] = {**people[0], "i3": people[0]["i3"] * 2, "i4": 0.2}
    del people[1]["i5"]
    items, rest = residuals([*people, {"rare": 30.0}])
    assert items == sorted(lengths)
    at = {item: column for column, item in enumerate(items)}
    assert np.isnan(rest[0, at["i4"]])  # sent again, not timed
    assert np.isnan(rest[1, at["i5"]])
    odd = rest[0, at["i3"]]
    assert 0.55 < odd < math.log(2)
    others = np.delete(rest[:-1].ravel(), at["i3"])
    assert np.nanmax(np.abs(others)) < odd / 4
    assert normal_scores(np.array([5.0, 1.0, 5.0, 9.0])).tolist() == pytest.approx([0, -0.8416, 0, 0.8416], abs=1e-4)


def sitting(draw, *, people, items, alike=()):
    """Candidates of different speed on items of different length, in rooms of twenty; of each pair in `alike` the
    second is slow and quick with the first."""
    lengths = {f"i{n}": draw.gauss(3.5, 0.5) for n in range(items)}
    noise = {n: {item: draw.gauss(0, 0.4) for item in lengths} for n in range(people)}
    for one, other in alike:
        noise[other] = {item: 0.9 * noise[one][item] + draw.gauss(0, 0.1) for item in lengths}
    return [
        Timed(
            n,
            {item: math.exp(draw.gauss(0, 0.01) + speed + length + noise[n][item]) for item, length in lengths.items()},
            n // 20,
            frozenset({n - 1, n + 1} & set(range(people))) if n % 20 not in {0, 19} else frozenset(),
        )
        for n in range(people)
        for speed in [draw.gauss(0, 0.3)]
    ]


def test_who_worked_together_is_listed_and_who_worked_alone_is_hardly_ever():
    draw = random.Random(7)
    found = find_timed_alike(sitting(draw, people=60, items=40, alike=[(3, 17), (5, 45)]))
    listed = {(pair.one, pair.other, pair.nearness) for pair in found}
    assert listed == {(3, 17, Nearness.SAME_ROOM), (5, 45, Nearness.APART)}
    assert all(pair.shared == 40 and pair.correlation > 0.8 and pair.chance <= pair.limit for pair in found)
    # 5 in 100 sittings may list somebody.
    assert sum(bool(find_timed_alike(sitting(draw, people=24, items=30))) for _ in range(20)) <= 4
    few = sitting(draw, people=24, items=LEAST_SHARED - 1, alike=[(3, 4)])
    assert find_timed_alike(few) == ()
