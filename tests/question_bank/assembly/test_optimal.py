"""The one best form: the published optimum, and what is said where there is none."""

import csv
from itertools import combinations
from pathlib import Path

import pytest

from question_bank.assembly.optimal import Bound, NoOptimum, choose_best, information
from question_bank.commands.optimise import compose_optimum
from question_bank.errors import InvalidMatrix


@pytest.mark.real_data
def test_the_published_optimum_is_found_and_proved(real_data: Path) -> None:
    with (real_data / "ata/eatATA/items_mini.csv").open(encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)]
    worth = [information(0, difficulty=float(row["difficulty"])) for row in rows]
    best = choose_best(worth, count=10, bounds=[Bound([float(row["time"]) for row in rows], 475, 485)])
    assert [int(rows[at]["item"]) for at in best.chosen] == [8, 14, 15, 20, 22, 24, 25, 26, 28, 29]
    assert best.objective == pytest.approx(6.729573876, abs=1e-9)
    assert best.proved
    assert sum(float(rows[at]["time"]) for at in best.chosen) == pytest.approx(477.08666, abs=1e-5)


@pytest.mark.real_data
def test_the_command_gives_the_published_optimum(real_data: Path) -> None:
    table = (real_data / "ata/eatATA/items_mini.csv").read_bytes()
    told = compose_optimum(table, count=10, ability=0.0, bounds=["time=475..485"], apart="", seconds=60)
    assert told["chosen"] == ["8", "14", "15", "20", "22", "24", "25", "26", "28", "29"]
    assert told["information"] == pytest.approx(6.729573876, abs=1e-9)
    assert told["proved"]


@pytest.mark.parametrize(
    ("table", "bound", "words"),
    [
        (b"item,b\n1,0\n", "", "difficulty"),
        (b"item,difficulty\n1,x\n", "", "difficulty 2"),
        (b"item,difficulty\n1,99\n", "", "-20"),
        (b"item,difficulty\n1,0\n", "time=1..2", "time"),
        (b"item,difficulty\n1,0\n", "difficulty<2", "COLUMN"),
        (b"item,difficulty\n1,0\n", "difficulty=1.2.3..4", "1.2.3"),
    ],
)
def test_what_cannot_be_read_is_named(table: bytes, bound: str, words: str) -> None:
    with pytest.raises(InvalidMatrix, match=words) as refused:
        compose_optimum(table, count=1, ability=0.0, bounds=[bound] if bound else [], apart="", seconds=5)
    assert refused.value.zh


def test_the_best_of_a_small_choice_is_that_of_trying_all() -> None:
    worth = [information(0.3, difficulty=number / 5 - 1, slope=1 + number % 3 / 2) for number in range(11)]
    times = [30 + 7 * number % 23 for number in range(11)]
    apart = [(4, 5), (6, 7, 8)]
    best = choose_best(worth, count=4, bounds=[Bound(times, most=150)], apart=apart)
    allowed = [
        chosen
        for chosen in combinations(range(11), 4)
        if sum(times[at] for at in chosen) <= 150 and all(len({*chosen} & {*group}) < 2 for group in apart)
    ]
    assert best.chosen == max(allowed, key=lambda chosen: sum(worth[at] for at in chosen))
    assert (best.proved, best.bound) == (True, pytest.approx(best.objective))


def test_no_choice_is_named_as_such() -> None:
    with pytest.raises(NoOptimum) as refused:
        choose_best([1.0, 2.0, 3.0], count=2, apart=[(0, 1, 2)])
    assert refused.value.code == "optimum.infeasible"
    with pytest.raises(NoOptimum) as late:
        choose_best([1.0] * 3, count=2, seconds=-10)  # with what is waited for the process, no time at all
    assert late.value.code == "optimum.time"
