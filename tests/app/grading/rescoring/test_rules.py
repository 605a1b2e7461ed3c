"""The lifecycle of a correction as a full product, who is kept from losing, and where a shorter form passes."""

from dataclasses import replace
from itertools import product

import pytest

from app.grading.rescoring.rules import (
    RESCORING_TRANSITIONS,
    Decided,
    Policy,
    ReleaseWaits,
    RescoringAction,
    RescoringSettled,
    RescoringState,
    RescoringTooEarly,
    check_time,
    judge,
    move_rescoring,
)
from app.grading.rules import ReleaseState
from question_bank.corrections import Correction, Treatment
from question_bank.form import Entry, Form, FormSection
from question_bank.items import ItemType
from question_bank.scoring import ALL_OR_NOTHING
from tests.support.bank import SINGLE, blueprint_of, cell, single

ITEMS = {str(n): single(f"第{n}题") for n in range(5)}
FORM = Form(
    1,
    (
        FormSection(
            "一",
            tuple(Entry(n + 1, str(n), ItemType.SINGLE_CHOICE, 200, ALL_OR_NOTHING, (0, 1, 2, 3)) for n in range(5)),
        ),
    ),
)
BLUEPRINT = replace(blueprint_of(cell(SINGLE, 5)), cut_score_hundredths=600)


@pytest.mark.parametrize(("state", "action"), list(product(RescoringState, RescoringAction)))
def test_every_move_is_in_the_table_or_refused(state: RescoringState, action: RescoringAction) -> None:  # P13
    if (state, action) in RESCORING_TRANSITIONS:
        assert move_rescoring(state, action) is RESCORING_TRANSITIONS[state, action]
    else:
        with pytest.raises(RescoringSettled):
            move_rescoring(state, action)


def test_a_correction_waits_for_everyones_score_and_for_a_proposed_release() -> None:
    check_time(ReleaseState.SCORED, still_open=0, unscored=0)
    check_time(ReleaseState.RELEASED, still_open=0, unscored=0)
    with pytest.raises(ReleaseWaits):
        check_time(ReleaseState.PROPOSED, still_open=0, unscored=0)
    for figures in ({"still_open": 1, "unscored": 0}, {"still_open": 0, "unscored": 1}):
        with pytest.raises(RescoringTooEarly):
            check_time(ReleaseState.SCORED, **figures)


def found(right: int, *decided: tuple[str, Treatment, Policy], key: str = "B") -> tuple[int, int, bool, int]:
    """(total, maximum, passed, exact total) of who answers the first `right` of five items rightly."""
    made = [Decided(Correction(at, how, key="" if how.voids else key), policy) for at, how, policy in decided]
    said = {n + 1: [0] for n in range(right)}
    verdict = judge(FORM, ITEMS, said, blueprint=BLUEPRINT, decided=made)
    one = verdict.counting
    return one.total, one.maximum, one.passed, verdict.exact.total


def test_nobody_loses_unless_the_correction_says_so() -> None:  # P25, P27
    corrected, exact = Treatment.KEY_CORRECTED, Policy.AS_SCORED
    assert found(3, ("0", corrected, exact)) == (400, 1000, False, 400)
    assert found(3, ("0", corrected, Policy.NOBODY_LOSES)) == (600, 1000, True, 400)
    # What is won stays won, and what is decided later is judged against that.
    full = Treatment.FULL_POINTS
    assert found(2, ("4", full, Policy.NOBODY_LOSES)) == (600, 1000, True, 600)
    assert found(2, ("4", full, Policy.NOBODY_LOSES), ("0", corrected, exact)) == (400, 1000, False, 400)
    assert found(2, ("4", full, exact), ("0", corrected, Policy.NOBODY_LOSES)) == (600, 1000, True, 400)
    assert found(3, ("9", full, exact)) == (600, 1000, True, 600)  # not on this form


@pytest.mark.parametrize(
    ("right", "dropped", "expected"),
    [
        (3, "4", (600, 800, True, 600)),  # 600 of 800 where 480 are asked for
        (2, "4", (400, 800, False, 400)),  # 400 of 800: short of the share by a little
        (3, "0", (400, 800, False, 400)),
    ],
)
def test_the_cut_score_shrinks_with_the_form_exactly(
    right: int, dropped: str, expected: tuple[int, int, bool, int]
) -> None:
    assert found(right, (dropped, Treatment.DROPPED, Policy.AS_SCORED)) == expected
    # The minimum of a section shrinks likewise: all of its five, or all that is left of them.
    strict = replace(BLUEPRINT, sections=(replace(BLUEPRINT.sections[0], minimum_hundredths=1000),))
    one = Decided(Correction("4", Treatment.DROPPED), Policy.AS_SCORED)
    said = {n + 1: [0] for n in range(4)}
    assert judge(FORM, ITEMS, said, blueprint=strict, decided=[one]).counting.passed
    assert not judge(FORM, ITEMS, {1: [0], 2: [0], 3: [0]}, blueprint=strict, decided=[one]).counting.passed
