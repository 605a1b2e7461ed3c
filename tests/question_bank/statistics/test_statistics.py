"""Item analysis on data small enough to be worked out by hand, and on data whose truth is known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.errors import InvalidMatrix, UnreadableFile
from question_bank.statistics import analyse, analyse_choices, describe_quiz, fit, read_table

RIGHT_OR_WRONG = b"q1,q2,q3\n1,1,1\n1,1,0\n1,0,0\n0,0,0\n"


def refusal(data: bytes, key: str | None = None) -> InvalidMatrix:
    with pytest.raises(InvalidMatrix) as refused:
        read_table(data, key=key)
    assert refused.value.zh
    assert refused.value.en
    return refused.value


def test_a_matrix_worked_out_by_hand():
    found = analyse(read_table(RIGHT_OR_WRONG).matrix)
    # Totals 3 2 1 0: mean 1.5, variance 1.25; item variances 3/16, 4/16, 3/16.
    assert (found.mean, found.deviation) == (1.5, pytest.approx(math.sqrt(1.25)))
    assert found.alpha == pytest.approx(3 / 2 * (1 - 0.625 / 1.25))
    assert found.standard_error == pytest.approx(math.sqrt(1.25 * (1 - 0.75)))
    # Item 1 with the rest 2 1 0 0: covariance 0.1875, variances 0.1875 and 0.6875.
    assert found.items[0].item_rest == pytest.approx(0.1875 / math.sqrt(0.1875 * 0.6875))
    assert [item.upper_lower for item in found.items] == [1.0, 1.0, 1.0]
    # Off-diagonal covariances 1/8, 1/16, 1/8, each twice.
    between, squared = 2 * (0.125 + 0.0625 + 0.125), 2 * (0.125**2 + 0.0625**2 + 0.125**2)
    assert found.lambda2 == pytest.approx((between + math.sqrt(3 / 2 * squared)) / 1.25)


def test_frequencies_stand_for_candidates():
    folded = read_table("甲,乙,人数\n1,0,3\n0,1,2\n1,1,4\n".encode()).matrix
    unfolded = read_table(("甲,乙\n" + "1,0\n" * 3 + "0,1\n" * 2 + "1,1\n" * 4).encode()).matrix
    assert folded.candidates == 9
    one, other = analyse(folded), analyse(unfolded)
    assert (one.mean, one.alpha, one.lambda2) == pytest.approx((other.mean, other.alpha, other.lambda2))
    for item, same in zip(one.items, other.items, strict=True):
        assert (item.facility, item.item_rest, item.upper_lower) == pytest.approx(
            (same.facility, same.item_rest, same.upper_lower)
        )
    assert describe_quiz(folded).standard_error == pytest.approx(describe_quiz(unfolded).standard_error)
    assert unfolded.collapse().counts.tolist() == [2, 3, 4]


def test_raw_responses_are_marked_by_the_key_and_every_option_is_counted():
    table = read_table("姓名,1,2\n甲,A,bd\n乙,C,BD\n丙,A,B\n丁,,D B\n".encode(), key="A,BD")
    assert table.ignored == ("姓名",)
    assert table.matrix.marks.tolist() == [[1, 1], [0, 1], [1, 0], [0, 1]]
    first, second = analyse_choices(table.matrix)
    assert {(count.choice, count.is_key, count.count) for count in first} == {
        ("", False, 1),
        ("A", True, 2),
        ("C", False, 1),
    }
    assert {count.choice for count in second} >= {"BD", "B"}
    assert analyse_choices(read_table(RIGHT_OR_WRONG).matrix) == ()


def test_a_key_of_one_letter_an_item_needs_no_commas():
    assert read_table(b"A,B\nC,D\n", key="AD").matrix.marks.tolist() == [[1, 0], [0, 1]]


def test_full_width_letters_and_words_of_judgement_are_responses_not_names_of_columns():
    for data, key in (("Ａ，,T\na,f\n", "A,T"), ("a,对\nＡ,错\n", "Ａ，对")):
        assert read_table(data.encode(), key=key).matrix.marks.tolist() == [[1, 1], [1, 0]], data


def test_a_row_of_maxima_divides_the_marks():
    table = read_table("姓名,题1,题2\n满分,5,10\n甲,5,0\n乙,0,5\n".encode())
    assert table.matrix.maxima.tolist() == [5, 10]
    assert [item.facility for item in analyse(table.matrix).items] == [0.5, 0.25]


def test_without_spread_a_figure_is_missing_never_nan():
    found = analyse(read_table(b"a,b\n1,1\n1,1\n").matrix)
    assert (found.alpha, found.lambda2, found.standard_error) == (None, None, None)
    assert all(item.item_rest is None and item.item_total is None for item in found.items)
    quiz = describe_quiz(read_table(b"a,b\n1,1\n1,1\n").matrix)
    assert (quiz.skewness, quiz.internal_consistency, quiz.items[0].discrimination_index) == (None, None, None)
    assert quiz.items[0].effective_weight is None


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"\n", "matrix.empty", ""),
        (b"a,b\n1\n", "matrix.ragged", "第 2 行"),
        (b'a,b\n"' + b"1,0\n" * 40_000, "matrix.no_table", "引号"),
        (b"a,b\n1,0\n1,x\n", "matrix.not_a_number", "第 3 行「b」"),
        (b"a,b\n1,0\n1,nan\n", "matrix.not_a_number", "第 3 行「b」"),
        (b"a,b\n1,0\n-1,1\n", "matrix.not_a_number", "第 3 行「a」"),
        (b"a,b\n1,0\n", "matrix.too_small", ""),
        ("姓名,a\n满分,1\n甲,2\n乙,1\n".encode(), "matrix.mark_range", "第 1 名考生的「a」"),
    ],
)
def test_bad_data_is_refused_with_its_place(data, code, place):
    refused = refusal(data)
    assert refused.code == code
    assert place in refused.zh


def test_a_key_of_another_length_is_refused():
    assert refusal(b"A,B\nC,D\n", key="ABC").code == "matrix.key_length"


def test_what_is_no_text_is_refused():
    with pytest.raises(UnreadableFile):
        read_table(b"\x00\x01\x02\xff\xfe\x00")


def test_a_model_needs_right_or_wrong_and_spread():
    with pytest.raises(InvalidMatrix, match="marks in between"):
        fit(read_table(b"a,b\n2,0\n1,1\n0,1\n").matrix, one_slope=True)
    with pytest.raises(InvalidMatrix, match="alike by all"):
        fit(read_table(b"a,b\n1,0\n1,1\n").matrix, one_slope=True)


def test_a_model_finds_the_parameters_that_made_the_data():
    source = np.random.default_rng(20261121)
    slopes, locations = np.array([0.6, 1.0, 1.4, 1.0, 2.0, 0.8]), np.array([-1.0, -0.5, 0.0, 0.5, 0.2, 1.0])
    ability = source.normal(size=20_000)
    right = source.random((20_000, 6)) < 1 / (1 + np.exp(-slopes * (ability[:, None] - locations)))
    rows = "\n".join(",".join("1" if hit else "0" for hit in row) for row in right)
    found = fit(read_table(rows.encode()).matrix, one_slope=False)
    assert found.converged
    # Slope and location trade with each other; the chance of a right response is what must agree.
    for item, slope, location in zip(found.items, slopes, locations, strict=True):
        for theta in (-2, -1, 0, 1, 2):
            truth = 1 / (1 + math.exp(-slope * (theta - location)))
            assert 1 / (1 + math.exp(-item.slope * (theta - item.location))) == pytest.approx(truth, abs=0.03)
    # More right answers never mean less ability where all slopes are equal.
    equal = fit(read_table(rows.encode()).matrix, one_slope=True)
    by_total: dict[int, list[float]] = {}
    for pattern in equal.patterns:
        by_total.setdefault(sum(pattern.marks), []).append(pattern.ability)
    means = [np.mean(by_total[total]) for total in sorted(by_total)]
    assert means == sorted(means)


@given(st.lists(st.lists(st.sampled_from([0, 1]), min_size=3, max_size=3), min_size=2, max_size=12))
def test_every_figure_stays_in_its_range(rows):
    found = analyse(read_table("\n".join(",".join(map(str, row)) for row in rows).encode()).matrix)
    for item in found.items:
        assert 0 <= item.facility <= 1
        assert item.item_rest is None or -1 - 1e-9 <= item.item_rest <= 1 + 1e-9
        assert -1 <= item.upper_lower <= 1
    assert found.alpha is None or found.alpha <= 1 + 1e-9
    assert found.lambda2 is None or found.lambda2 >= found.alpha - 1e-9
