"""Rules of sheets: the lifecycle walked as a whole, and what may be typed for every type of item."""

import pytest

from app.attempts.on_paper.rules import (
    SHEET_TRANSITIONS,
    KeyedRefused,
    SheetAction,
    SheetMoved,
    SheetState,
    counting,
    differing,
    move_sheet,
    read_keyed,
    say_keyed,
)
from question_bank.form import Entry, Form, FormSection
from question_bank.items import ItemType
from question_bank.scoring import ALL_OR_NOTHING

T = ItemType


@pytest.mark.parametrize("state", SheetState)
def test_moves_are_those_of_the_table(state):  # P13
    for action in SheetAction:
        if (state, action) in SHEET_TRANSITIONS:
            assert move_sheet(state, action) is SHEET_TRANSITIONS[state, action]
        else:
            with pytest.raises(SheetMoved):
                move_sheet(state, action)


def form(*entries):
    placed = [
        Entry(at, str(at), kind, 200, ALL_OR_NOTHING, tuple(range(shown)), slots)
        for at, (kind, shown, slots) in enumerate(entries, start=1)
    ]
    return Form(1, (FormSection("大题", tuple(placed)),))


FORM = form(
    (T.SINGLE_CHOICE, 4, 0),
    (T.MULTIPLE_CHOICE, 5, 0),
    (T.TRUE_FALSE, 2, 0),
    (T.FILL_BLANK, 0, 2),
    (T.NUMERIC, 0, 0),
    (T.ORDERING, 3, 0),
    (T.MATCHING, 4, 3),
    (T.SHORT_ANSWER, 0, 0),
)


def test_what_is_typed_is_read_and_said_again():
    typed = {1: " c ", 2: "d，B", 3: "×", 4: "十九 | 一", 5: "3.5", 6: "bca", 7: "D-a", 8: "从严治党"}
    read = read_keyed(FORM, typed)
    assert read == {
        1: [2],
        2: [1, 3],
        3: [1],
        4: ["十九", "一"],
        5: "3.5",
        6: [1, 2, 0],
        7: [3, None, 0],
        8: "从严治党",
    }
    said = {entry.position: say_keyed(entry, read[entry.position]) for entry in FORM.entries}
    assert read_keyed(FORM, said) == read
    assert said[2] == "BD"
    assert read_keyed(FORM, {1: "", 4: "|", 7: "---"}) == {}  # nothing stands there


def test_what_cannot_be_a_response_names_its_place():
    bad = {1: "AB", 2: "AF", 3: "C", 4: "一", 6: "AB", 7: "AB"}
    with pytest.raises(KeyedRefused) as refused:
        read_keyed(FORM, bad)
    assert [problem.field for problem in refused.value.fields] == [f"typed.{at}" for at in (1, 2, 3, 4, 6, 7)]


def test_the_sheet_counts_and_what_it_leaves_empty_was_given_online():
    one, other = {1: [0], 2: [1, 2]}, {1: [0], 2: [1], 5: "7"}
    assert differing(one, other) == [2, 5]
    assert counting({1: [3], 4: ["a", "b"]}, one) == {1: [0], 2: [1, 2], 4: ["a", "b"]}
