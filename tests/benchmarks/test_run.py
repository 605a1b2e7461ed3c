"""Each measurement runs with tiny numbers against the real server, without an error, and prints a ratio or says why
there is none. How fast it is, no test judges."""

import pytest

from benchmarks.__main__ import MEASURES, main
from benchmarks.generator import Tally
from benchmarks.pairs import PRODUCT, show, take_turns
from benchmarks.places import POSTGRESQL, SQLITE


@pytest.mark.long
@pytest.mark.parametrize("kind", [SQLITE, POSTGRESQL])
def test_every_measurement_of_the_exam_day_gives_a_ratio_or_says_that_there_is_none(kind, capsys):
    names = ["tickets", "starts", "sealed-starts", "saves", "pages", "hand-ins"]
    assert main([*names, "--quick", "--on", kind]) == 0
    said = capsys.readouterr().out
    assert "ERROR" not in said
    assert said.count("of 2 pairs") + said.count("not measured") >= len(names)


@pytest.mark.long
def test_every_other_measurement_gives_a_ratio_or_says_that_there_is_none(capsys):
    names = sorted(set(MEASURES) - {"tickets", "starts", "sealed-starts", "saves", "pages", "hand-ins"})
    assert main([*names, "--quick", "--on", SQLITE]) == 0
    said = capsys.readouterr().out
    assert "ERROR" not in said
    assert said.count("of 2 pairs") + said.count("not measured") >= len(names)


def test_an_unknown_name_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["nonsense"])
    assert "nonsense" in capsys.readouterr().err


def test_the_first_turn_warms_up_and_each_further_one_gives_a_ratio():
    rates = iter([1, 2, 100, 50, 300, 100])

    def leg(_turn):
        return Tally(requests=next(rates), seconds=1.0)

    said = show("saves", take_turns({PRODUCT: (leg, None), "R": (leg, None)}, pairs=2))
    assert said[1] == "  / R          2.5 [2 to 3] of 2 pairs"


def test_an_error_is_shown_whatever_the_ratio_even_in_the_turn_that_warms_up():
    failed = iter([1, 0])

    def leg(_turn):
        return Tally(requests=5, seconds=1.0, errors=next(failed, 0), first_error="500")

    turns = take_turns({PRODUCT: (leg, None), "R": (lambda _turn: Tally(requests=5, seconds=1.0), None)}, pairs=1)
    assert any("ERROR product: 1 errors, first: 500" in line for line in show("saves", turns))
