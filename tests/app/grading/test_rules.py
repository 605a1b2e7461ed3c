"""The lifecycle of a release, cell by cell, and the distribution."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.grading.rules import (
    TRANSITIONS,
    NotAllScored,
    ReleaseAction,
    ReleaseMoveRefused,
    ReleaseState,
    check_complete,
    distribution,
    move,
    reaches_minima,
)


@pytest.mark.parametrize(("state", "action"), list(product([None, *ReleaseState], ReleaseAction)))
def test_every_cell_is_in_the_table_or_refused(state, action):
    if (state, action) in TRANSITIONS:
        assert move(state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(ReleaseMoveRefused):
            move(state, action)


def test_nothing_leads_on_from_released():
    assert not [action for state, action in TRANSITIONS if state is ReleaseState.RELEASED]


@pytest.mark.parametrize(("still_open", "unscored"), [(1, 0), (0, 1), (3, 2)])
def test_a_proposal_waits_for_everyone(still_open, unscored):
    with pytest.raises(NotAllScored):
        check_complete(still_open=still_open, unscored=unscored)


def test_a_boundary_belongs_to_the_band_it_opens():
    bands = distribution([0, 999, 1000, 5999, 6000, 10000], 10000)
    assert [band.count for band in bands] == [2, 1, 0, 0, 0, 1, 1, 0, 0, 1]


@given(st.lists(st.integers(0, 10000)))
def test_everyone_stands_in_exactly_one_band(totals):
    assert sum(band.count for band in distribution(totals, 10000)) == len(totals)


@pytest.mark.parametrize(
    ("earned", "minima", "reached"),
    [
        ([600, 0], [600, 0], True),  # exactly on it
        ([599, 4000], [600, 0], False),  # a hundredth below, whatever the other section brings
        ([600, 399], [600, 400], False),
        ([0, 0], [0, 0], True),  # no minimum asked for
        ([-50, 900], [0, 0], True),  # where wrong options cost points
        ([-50, 900], [1, 0], False),
    ],
)
def test_every_section_must_reach_its_minimum(earned, minima, reached):
    assert reaches_minima(earned, minima) is reached
