"""Mock exams and practice attempts move by their tables alone; what becomes of a book of wrong answers."""

from itertools import product

import pytest

from app.practice.rules import (
    MOCK_TRANSITIONS,
    PRACTICE_TRANSITIONS,
    Done,
    MockAction,
    MockClosed,
    MockState,
    PracticeAction,
    PracticeOver,
    PracticeState,
    Standing,
    Tally,
    move_mock,
    move_practice,
    redo_minutes,
    settle,
    tally,
)

RIGHT, WRONG, BLANK = Done(200, 200, responded=True), Done(100, 200, responded=True), Done(0, 200, responded=False)


@pytest.mark.parametrize(
    ("table", "states", "actions", "move", "refusal"),
    [
        (MOCK_TRANSITIONS, MockState, MockAction, move_mock, MockClosed),
        (PRACTICE_TRANSITIONS, PracticeState, PracticeAction, move_practice, PracticeOver),
    ],
)
def test_nothing_moves_but_by_its_table(table, states, actions, move, refusal):  # P13
    for state, action in product([None, *states], actions):
        if (state, action) in table:
            assert move(state, action) is table[state, action]
        else:
            with pytest.raises(refusal):
                move(state, action)


def test_an_item_enters_when_wrong_and_leaves_when_right_twice_in_a_row():
    assert settle(None, RIGHT) is None
    assert settle(None, BLANK) is None
    once = settle(None, WRONG)
    assert once == Standing(1)
    assert settle(once, BLANK) == once
    half = settle(once, RIGHT)
    assert half == Standing(1, 1)
    assert settle(half, WRONG) == Standing(2)
    assert settle(half, RIGHT) is None


def test_progress_counts_what_was_responded_by_topic():
    done = {"1": RIGHT, "2": WRONG, "3": BLANK, "4": RIGHT}
    topics = {"1": "党章", "2": "党章", "3": "纪律", "4": "条例"}
    assert tally(done, topics) == {"党章": Tally(2, 1), "条例": Tally(1, 1)}
    assert [redo_minutes(1), redo_minutes(20)] == [10, 60]
