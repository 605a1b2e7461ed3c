"""Calibration: sums that add up, figures against the plain formulas, slopes where everyone sat other items."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.statistics import MarkMatrix, fit
from question_bank.statistics.calibration import LEAST_RESPONSES, MOST_ERROR, CalibrationMethod, Tally, calibrate
from question_bank.statistics.latent import fit_incomplete

SHARES = st.lists(st.sampled_from([0, 250, 333, 500, 667, 1000]), min_size=2, max_size=30)


def tally_of(shares: list[int]) -> Tally:
    return Tally(len(shares), sum(shares), sum(share * share for share in shares))


@settings(max_examples=60, deadline=None)
@given(SHARES, SHARES)
def test_exams_add_up_as_if_they_had_been_one(one, other):
    both = tally_of(one) + tally_of(other)
    assert both == tally_of(one + other)
    assert abs(both.easiness - np.mean(one + other)) <= 0.5
    # The textbook's standard error of a mean, with one response right by half among the others; rounded up.
    told = np.array([*one, *other, 500])
    exact = told.std(ddof=1) / np.sqrt(len(told))
    assert exact <= both.standard_error + 1e-6 < exact + 1.001


def test_few_responses_and_wide_errors_do_not_stand_for_the_authors_word():
    alike = {n: tally_of([1000] * n) for n in (1, LEAST_RESPONSES - 1, LEAST_RESPONSES)}
    assert [alike[n].suffices for n in alike] == [False, False, True]
    assert (alike[1].standard_error, alike[LEAST_RESPONSES].standard_error) == (1000, 10)
    halves = {n: tally_of([0, 1000] * n) for n in range(25, 120)}
    assert {n for n in halves if halves[n].suffices} == {n for n in halves if halves[n].standard_error <= MOST_ERROR}
    assert not halves[25].suffices
    assert halves[101].suffices


def simulated(candidates: int, items: int, sat: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(right, seen, slopes, locations): each candidate sat `sat` items by chance, or all of them."""
    chance = np.random.default_rng(7)
    slopes, locations = chance.uniform(0.7, 1.8, items), chance.uniform(-1.5, 1.0, items)
    abilities = chance.standard_normal((candidates, 1))
    right = chance.random((candidates, items)) < 1 / (1 + np.exp(-slopes * (abilities - locations)))
    seen = np.argsort(chance.random((candidates, items)), axis=1) < sat
    return right.astype(np.float64), seen.astype(np.float64), slopes, locations


def test_where_everyone_sat_everything_the_model_is_the_ordinary_one():
    right, seen, *_ = simulated(400, 6, 6)
    names = tuple("abcdef")
    whole = fit(MarkMatrix(names, right, np.ones(400, dtype=np.int64), np.ones(6)), one_slope=False)
    slopes, locations, settled = fit_incomplete(right, seen)
    assert settled
    assert slopes == pytest.approx([item.slope for item in whole.items], abs=1e-3)
    assert locations == pytest.approx([item.location for item in whole.items], abs=1e-3)


def test_slopes_and_locations_come_back_from_forms_of_which_no_two_are_alike():
    right, seen, slopes, locations = simulated(3000, 30, 15)
    candidates = [
        {f"{item:02}": int(1000 * right[row, item]) for item in np.flatnonzero(seen[row]).tolist()}
        for row in range(len(right))
    ]
    found = calibrate(candidates)
    assert {one.method for one in found.values()} == {CalibrationMethod.TWO_PARAMETER}
    figures = [found[f"{item:02}"] for item in range(30)]
    assert np.corrcoef([one.slope for one in figures], slopes)[0, 1] > 0.85
    assert np.abs(np.array([one.location for one in figures]) / 1000 - locations).mean() < 0.12
    shares = (right * seen).sum(axis=0) / seen.sum(axis=0)
    assert [one.tally.easiness for one in figures] == [int(1000 * share + 0.5) for share in shares]
    # The better half of the candidates knows more of every item.
    assert all(one.item_rest and one.item_rest > 0 for one in figures)


def test_few_candidates_get_shares_and_no_model():
    assert calibrate([]) == {}
    found = calibrate([{"a": 1000, "b": 0}, {"a": 0, "b": 1000}, {"a": 500}])
    assert (found["a"].tally, found["b"].tally) == (Tally(3, 1500, 1_250_000), Tally(2, 1000, 1_000_000))
    assert (found["b"].item_rest, found["b"].method) == (-1000, CalibrationMethod.CLASSICAL)
    # Whoever sat nothing else has no rest to compare with.
    assert calibrate([{"a": 1000}, {"a": 0}])["a"].item_rest is None
