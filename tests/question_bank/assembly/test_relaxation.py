from dataclasses import replace

from question_bank.assembly import Easing, PoolFacts, PoolItem, feasibility, relaxations
from question_bank.blueprint import Evenness
from question_bank.items import Difficulty
from tests.support.bank import SINGLE, blueprint_of, cell, pool_of, single

POOL = [
    PoolItem(entry.key, replace(entry.item, difficulty=Difficulty.HARD if number < 3 else Difficulty.EASY))
    for number, entry in enumerate(
        pool_of(
            *(single(f"一{n}", topic=("党章", "第1章")) for n in range(6)),
            *(single(f"二{n}", topic=("党章", "第2章")) for n in range(10)),
        )
    )
]


def test_nothing_is_offered_where_nothing_is_short() -> None:
    assert relaxations(blueprint_of(cell(SINGLE, 6, topic=("党章", "第1章"))), POOL) == ()


def test_every_step_that_would_help_is_told_with_its_cost() -> None:
    asked = replace(cell(SINGLE, 5, topic=("党章", "第1章")), difficulty=Difficulty.HARD)
    found = relaxations(blueprint_of(asked), POOL)
    told = [(one.easing, one.cell.topic, one.cell.difficulty, one.cell.count, one.short) for one in found]
    # Widening the topic alone brings no hard item more, and so is not offered.
    assert told == [
        (Easing.DIFFICULTY, ("党章", "第1章"), None, 5, 0),
        (Easing.COUNT, ("党章", "第1章"), Difficulty.HARD, 3, 0),
    ]
    assert [one.shift_permille for one in found] == [200, 0]


def test_the_next_difficulty_comes_before_any_and_costs_by_what_is_taken_from_it() -> None:
    pool = [
        PoolItem(entry.key, replace(entry.item, difficulty=[*Difficulty][number % 3]))
        for number, entry in enumerate(pool_of(*(single(f"题{n}") for n in range(12))))
    ]
    asked = replace(cell(SINGLE, 6), difficulty=Difficulty.MEDIUM)
    found = relaxations(blueprint_of(asked), pool)
    told = [(one.easing, one.cell.difficulty, one.cell.count, one.short, one.shift_permille) for one in found]
    # Two of six from a difficulty whose items are worth 200 permille more or less.
    assert told[:3] == [
        (Easing.NEIGHBOUR, Difficulty.EASY, 2, 0, 66),
        (Easing.NEIGHBOUR, Difficulty.HARD, 2, 0, -67),
        (Easing.DIFFICULTY, None, 6, 0, 0),
    ]
    hard = replace(asked, difficulty=Difficulty.HARD, count=10)
    (first, *_) = relaxations(blueprint_of(hard), pool)
    assert (first.easing, first.cell.difficulty, first.cell.count, first.short) == (
        Easing.NEIGHBOUR,
        Difficulty.MEDIUM,
        6,
        2,
    )


def test_topics_above_rest_and_cap_are_offered_where_they_help() -> None:
    blueprint = blueprint_of(cell(SINGLE, 5, topic=("党章", "第1章")))
    resting = PoolFacts(resting=frozenset({"item-0000", "item-0001"}))
    found = {one.easing: one.short for one in relaxations(blueprint, POOL, resting)}
    assert found == {Easing.TOPIC: 0, Easing.COUNT: 0, Easing.REST: 0}
    capped = replace(blueprint, evenness=Evenness(exposure_permille=500))
    (report,) = feasibility(capped, POOL)
    assert (report.wanted, report.stock, report.served, report.short) == (5, 10, 6, 4)
    assert {one.easing for one in relaxations(capped, POOL)} == {Easing.TOPIC, Easing.COUNT, Easing.EXPOSURE}
