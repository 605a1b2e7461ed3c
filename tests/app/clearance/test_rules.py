"""The lifecycles of clearance, cell by cell, and who may never decide."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from app.clearance.rules import (
    CASE_TRANSITIONS,
    CHECK_TRANSITIONS,
    NOTICE_TRANSITIONS,
    OBJECTION_TRANSITIONS,
    CaseAction,
    CaseState,
    CheckAction,
    CheckState,
    MoveRefused,
    NoticeAction,
    NoticeState,
    ObjectionAction,
    ObjectionState,
    Office,
    Outcome,
    move_case,
    move_check,
    move_notice,
    move_objection,
    must_recuse,
    notice_open,
    signing,
    still_clear,
    verdict_of,
)

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LIFECYCLES = [
    (CHECK_TRANSITIONS, CheckState, CheckAction, move_check),
    (CASE_TRANSITIONS, CaseState, CaseAction, move_case),
    (NOTICE_TRANSITIONS, NoticeState, NoticeAction, move_notice),
    (OBJECTION_TRANSITIONS, ObjectionState, ObjectionAction, move_objection),
]
CELLS = [
    pytest.param(table, state, action, move, id=f"{state.value}-{action.value}")
    for table, states, actions, move in LIFECYCLES
    for state, action in product(states, actions)
]


@pytest.mark.parametrize(("table", "state", "action", "move"), CELLS)
def test_every_cell_is_in_the_table_or_refused(table, state, action, move):
    if (state, action) in table:
        assert move(state, action) is table[state, action]
    else:
        with pytest.raises(MoveRefused):
            move(state, action)


def test_an_adverse_outcome_is_final_only_after_the_person_could_answer():
    assert signing(Outcome.ADVERSE, round_number=1) is CheckAction.SIGN_ADVERSE_FIRST
    assert move_check(CheckState.OPINED, CheckAction.SIGN_ADVERSE_FIRST) is CheckState.STATEMENT
    assert signing(Outcome.ADVERSE, round_number=2) is CheckAction.SIGN_ADVERSE_FINAL


@pytest.mark.parametrize(
    ("actor", "close_to", "recused"), [(7, [], True), (8, [8], True), (8, [7, 8], True), (9, [8], False)]
)
def test_nobody_decides_on_themselves_or_somebody_close(actor, close_to, recused):  # P29
    assert must_recuse(actor_person=actor, judged=7, close_to=close_to) is recused


def test_every_office_must_be_clear_and_not_aged():  # P28
    clear = (Outcome.CLEAR, NOW + timedelta(days=1))
    assert still_clear(dict.fromkeys(Office, clear), now=NOW)
    assert not still_clear({Office.DISCIPLINE: clear}, now=NOW)
    assert not still_clear({Office.DISCIPLINE: clear, Office.PUBLIC_SECURITY: (Outcome.ADVERSE, clear[1])}, now=NOW)
    assert not still_clear({Office.DISCIPLINE: clear, Office.PUBLIC_SECURITY: (Outcome.CLEAR, NOW)}, now=NOW)
    assert not still_clear({Office.DISCIPLINE: clear, Office.PUBLIC_SECURITY: (None, None)}, now=NOW)


@pytest.mark.parametrize(
    ("votes", "verdict"),
    [([], None), ([True], None), ([True, False], None), ([True, True], True), ([False, True, False], False)],
)
def test_two_who_agree_decide(votes, verdict):
    assert verdict_of(votes) is verdict


@pytest.mark.parametrize(
    ("now", "is_open"),
    [(NOW - timedelta(microseconds=1), False), (NOW, True), (NOW + timedelta(days=7), False)],
)
def test_a_notice_is_shown_from_its_publication_to_its_end(now, is_open):
    assert notice_open(published_at=NOW, ends_at=NOW + timedelta(days=7), now=now) is is_open
