"""Figures that others published for data that others gathered: ours agree to the digits that were printed."""

from pathlib import Path

import pytest

from question_bank.statistics import analyse, describe_quiz, fit, read_table
from question_bank.statistics.matrix import MarkMatrix

pytestmark = pytest.mark.real_data

QUIZ = "moodle-quiz-statistics/mod/quiz/report/statistics/tests/fixtures/results00.csv"


def matrix_of(folder: Path, name: str) -> MarkMatrix:
    return read_table((folder / "psychometrics" / name).read_bytes()).matrix


def test_the_classical_figures_of_lsat6(real_data):
    found = analyse(matrix_of(real_data, "mirt__LSAT6.csv"))
    assert found.candidates == 1000
    assert [round(item.facility, 3) for item in found.items] == [0.924, 0.709, 0.553, 0.763, 0.870]
    assert round(found.alpha, 3) == 0.295
    assert [round(item.item_rest, 4) for item in found.items] == [0.1128, 0.1532, 0.1728, 0.1444, 0.1216]
    assert [round(item.alpha_if_deleted, 4) for item in found.items] == [0.2754, 0.2376, 0.2168, 0.2459, 0.2663]


def test_one_slope_for_lsat6(real_data):
    found = fit(matrix_of(real_data, "mirt__LSAT6.csv"), one_slope=True)
    assert found.converged
    assert {round(item.slope, 3) for item in found.items} == {0.755}
    assert [round(item.location, 3) for item in found.items] == [-3.615, -1.322, -0.318, -1.730, -2.780]
    assert found.log_likelihood == pytest.approx(-2466.938, abs=0.001)


def test_a_slope_for_each_item_of_lsat6(real_data):
    found = fit(matrix_of(real_data, "mirt__LSAT6.csv"), one_slope=False)
    assert found.converged
    # Three packages print .8257 .8254 .825, .7227 .7229 .723, .8909 .8905 .890 ...: they agree to 0.001.
    assert [item.slope for item in found.items] == pytest.approx([0.8257, 0.7227, 0.8909, 0.6884, 0.6569], abs=0.001)
    assert [item.location for item in found.items] == pytest.approx(
        [-3.3597, -1.3696, -0.2799, -1.8659, -3.1236], abs=0.001
    )
    assert found.log_likelihood == pytest.approx(-2466.653, abs=0.001)
    assert found.patterns[0].marks == (0, 0, 0, 0, 0)
    assert found.patterns[0].ability == pytest.approx(-1.897, abs=0.0005)
    assert found.patterns[-1].ability == pytest.approx(0.646, abs=0.0005)


def test_lsat7(real_data):
    matrix = matrix_of(real_data, "mirt__LSAT7.csv")
    classical, found = analyse(matrix), fit(matrix, one_slope=False)
    assert [round(item.facility, 3) for item in classical.items] == [0.828, 0.658, 0.772, 0.606, 0.843]
    assert round(classical.alpha, 4) == 0.4534
    assert [round(item.slope, 3) for item in found.items] == [0.988, 1.081, 1.706, 0.765, 0.736]
    assert [item.intercept for item in found.items] == pytest.approx([1.856, 0.808, 1.804, 0.486, 1.855], abs=0.001)
    assert found.log_likelihood == pytest.approx(-2658.805, abs=0.001)
    # Published as marginal reliability: that of the abilities that follow from sums; from patterns it is 0.442.
    assert (round(found.sum_reliability, 3), round(found.reliability, 3)) == (0.432, 0.442)
    # Printed from a grid that ends at 4, ours at 6: the ends differ by 0.003, the middle does not.
    abilities = [pattern.ability for pattern in found.patterns[:6]]
    assert abilities == pytest.approx([-1.8666, -1.5267, -1.5134, -1.1852, -1.0947, -0.7667], abs=0.004)


def test_the_reliability_of_a_long_exam(real_data):
    matrix = matrix_of(real_data, "exam1-items-scored.txt")
    found = analyse(matrix)
    assert (found.candidates, len(found.items)) == (6000, 56)
    assert found.alpha == pytest.approx(0.910616920064902, abs=1e-12)
    assert found.lambda2 == pytest.approx(0.911941572128058, abs=1e-12)


def test_a_quiz_report(real_data):
    table = read_table((real_data / "psychometrics" / QUIZ).read_bytes())
    assert table.ignored == ("quizattempt", "summarks")
    found = describe_quiz(table.matrix)
    assert (found.candidates, found.median) == (25, 4.5)
    assert found.mean == pytest.approx(4.617333, abs=1e-6)
    assert found.deviation == pytest.approx(0.8117266, abs=1e-7)
    assert found.skewness == pytest.approx(-0.0925025, abs=1e-7)
    assert found.kurtosis == pytest.approx(-0.7073969, abs=1e-6)
    assert found.internal_consistency == pytest.approx(-87.22309, abs=1e-5)
    assert found.error_ratio == pytest.approx(136.82949, abs=1e-5)
    assert found.standard_error == pytest.approx(1.1106813, abs=1e-7)
    expected = [
        (0.704, 0.451368, -7.06508, -9.45505, 21.29227),
        (0.48, 0.509902, -28.89821, -36.78341, 18.89798),
        (0.973333, 0.133333, -9.12307, -21.65450, 4.44301),
        (0.68, 0.476095, -22.63064, -31.44114, 18.93473),
        (0.52, 0.305505, -17.69970, -21.17948, 11.14501),
        (0.64, 0.489898, -45.37852, -56.93660, 9.80813),
        (0.62, 0.331662, -5.65432, -6.50438, 15.47886),
    ]
    for item, figures in zip(found.items, expected, strict=True):
        ours = (
            item.facility,
            item.deviation,
            item.discrimination_index,
            item.discriminative_efficiency,
            item.effective_weight,
        )
        assert ours == pytest.approx(figures, abs=1e-5)
