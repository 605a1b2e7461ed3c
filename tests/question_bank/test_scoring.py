from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.choice_scoring import Choice, score_choice
from question_bank.scoring import (
    ALL_OR_NOTHING,
    FormScore,
    Scoring,
    ScoringRule,
    describe,
    passes,
    points_text,
    round_half_up,
)

R = ScoringRule

# Four options, A, B and C right, 2 points; set marks 0.50. Worked out by hand, in hundredths:
#                             ABC   AB   A   ABD   AD   D    ABCD
GOLDEN = {
    R.ALL_OR_NOTHING: (200, 0, 0, 0, 0, 0, 0),
    R.HALF_IF_MISSED: (200, 100, 100, 0, 0, 0, 0),
    R.FIXED_IF_MISSED: (200, 50, 50, 0, 0, 0, 0),
    R.PROPORTIONAL_IF_NO_WRONG: (200, 133, 67, 0, 0, 0, 0),
    R.PER_OPTION_MARKS: (200, 100, 50, 0, 0, 0, 0),
    R.PER_OPTION_SIGNED: (200, 133, 67, 83, 17, 0, 150),
    R.NET_CORRECT: (200, 133, 67, 67, 0, 0, 133),
    R.COVERAGE: (200, 133, 67, 89, 33, 0, 150),
    R.EACH_ANSWER: (200, 150, 100, 100, 50, 0, 150),
}
CHOSEN = ("ABC", "AB", "A", "ABD", "AD", "D", "ABCD")


def positions(letters: str) -> frozenset[int]:
    return frozenset(ord(letter) - ord("A") for letter in letters)


def scoring_by(rule: ScoringRule, mark: int = 50) -> Scoring:
    return Scoring(rule, mark if rule.takes_mark else None)


@pytest.mark.parametrize("rule", GOLDEN)
def test_each_rule_gives_the_points_worked_out_by_hand(rule: ScoringRule) -> None:  # P25
    earned = tuple(
        round_half_up(
            score_choice(
                Choice(positions(letters), positions("ABC"), 4), scoring=scoring_by(rule), points_hundredths=200
            )
        )
        for letters in CHOSEN
    )
    assert earned == GOLDEN[rule]


@pytest.mark.parametrize("rule", GOLDEN)
def test_an_empty_response_scores_nothing_under_every_rule(rule: ScoringRule) -> None:
    nothing = Choice(frozenset(), positions("A"), 5)
    assert score_choice(nothing, scoring=scoring_by(rule), points_hundredths=200) == 0


def test_set_marks_that_would_exceed_the_full_points_stop_there() -> None:
    generous = Scoring(R.PER_OPTION_MARKS, 150)
    choice = Choice(positions("AB"), positions("ABC"), 4)
    assert score_choice(choice, scoring=generous, points_hundredths=200) == 200


def test_thirds_stay_exact_until_the_item_is_rounded() -> None:
    scoring = Scoring(R.PROPORTIONAL_IF_NO_WRONG)
    exact = score_choice(Choice(positions("A"), positions("ABC"), 4), scoring=scoring, points_hundredths=100)
    assert exact == Fraction(100, 3)


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        (Fraction(0), 0),
        (Fraction(1, 2), 1),
        (Fraction(3, 2), 2),
        (Fraction(5, 2), 3),
        (Fraction(49, 100), 0),
        (Fraction(199, 3), 66),
        (Fraction(200, 3), 67),
        (Fraction(10**20 + 1, 2), (10**20 + 2) // 2),
    ],
)
def test_exactly_half_goes_up(exact: Fraction, rounded: int) -> None:
    assert round_half_up(exact) == rounded


def test_a_total_is_the_sum_of_rounded_items() -> None:
    assert FormScore((67, 67, 67), 300).total == 201  # not 200, the rounded sum of three times 66 2/3


def test_a_total_exactly_on_the_cut_score_passes_and_a_hundredth_below_does_not() -> None:  # P25
    # Ten times 0.08 is 0.80: the boundary that floats miss.
    assert passes(FormScore((8,) * 10, 100).total, cut_score_hundredths=80)
    assert not passes(79, cut_score_hundredths=80)


@pytest.mark.parametrize(
    ("hundredths", "text"),
    [(0, "0"), (5, "0.05"), (50, "0.5"), (100, "1"), (150, "1.5"), (1000, "10"), (10001, "100.01")],
)
def test_points_are_written_as_people_write_them(hundredths: int, text: str) -> None:
    assert points_text(hundredths) == text


def test_every_rule_is_told_to_the_candidate_in_both_languages_with_its_mark() -> None:
    told = {rule: describe(scoring_by(rule)) for rule in R}
    assert len(set(told.values())) == len(R)
    for rule, (zh, en) in told.items():
        assert zh.endswith("。")
        assert en.endswith(".")
        assert "{" not in zh + en
        assert ("0.5" in zh, "0.5" in en) == (rule.takes_mark, rule.takes_mark)


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    count = draw(st.integers(2, 8))
    place = st.integers(0, count - 1)
    return Choice(draw(st.frozensets(place)), draw(st.frozensets(place, min_size=1)), count)


rules = st.sampled_from(list(GOLDEN))
full_points = st.integers(2, 1000)


@given(choice=choices(), rule=rules, points=full_points, mark=st.integers(1, 1000))
def test_no_rule_leaves_the_range_from_nothing_to_full(
    choice: Choice, rule: ScoringRule, points: int, mark: int
) -> None:
    exact = score_choice(choice, scoring=scoring_by(rule, mark), points_hundredths=points)
    assert 0 <= exact <= points
    assert 0 <= round_half_up(exact) <= points


@given(choice=choices(), rule=rules, points=full_points, mark=st.integers(1, 1000))
def test_exactly_the_right_options_earn_full_points(choice: Choice, rule: ScoringRule, points: int, mark: int) -> None:
    exactly = Choice(choice.right, choice.right, choice.option_count)
    assert score_choice(exactly, scoring=scoring_by(rule, mark), points_hundredths=points) == points


@given(choice=choices(), rule=rules, points=full_points, extra=st.integers(0, 7))
def test_a_further_right_option_never_costs_and_a_further_wrong_one_never_pays(
    choice: Choice, rule: ScoringRule, points: int, extra: int
) -> None:
    added = extra % choice.option_count
    scoring = scoring_by(rule, points // 2)
    before = score_choice(choice, scoring=scoring, points_hundredths=points)
    more = Choice(choice.chosen | {added}, choice.right, choice.option_count)
    after = score_choice(more, scoring=scoring, points_hundredths=points)
    if added in choice.right:
        assert after >= before
    elif choice.chosen:  # leaving all options alone is no response, and so no right decision
        assert after <= before


@given(choice=choices(), rule=rules, points=full_points, turn=st.integers(0, 7))
def test_the_order_of_options_does_not_matter(choice: Choice, rule: ScoringRule, points: int, turn: int) -> None:
    def turned(places: frozenset[int]) -> frozenset[int]:
        return frozenset((place + turn) % choice.option_count for place in places)

    other = Choice(turned(choice.chosen), turned(choice.right), choice.option_count)
    scoring = scoring_by(rule)
    assert score_choice(other, scoring=scoring, points_hundredths=points) == score_choice(
        choice, scoring=scoring, points_hundredths=points
    )


def test_the_rule_as_delivered_is_all_or_nothing() -> None:
    assert (ALL_OR_NOTHING.rule, ALL_OR_NOTHING.mark_hundredths) == (R.ALL_OR_NOTHING, None)
