"""The table of classes, terms and their bounds, both lifecycles, what becomes of an entry."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from app.errors import Invalid
from app.retention.holdings import BY_CLASS, HELD
from app.retention.models import RetentionTerms
from app.retention.rules import (
    LIST_TRANSITIONS,
    TERMS_TRANSITIONS,
    Fate,
    ListAction,
    ListState,
    RetentionMoved,
    SameAdministrator,
    TermsAction,
    TermsState,
    check_people,
    judge_entry,
    move_list,
    move_terms,
)
from app.retention.rules.classes import (
    CLASSES,
    DELIVERED,
    OUTLIVES,
    TIMED,
    Hold,
    Moment,
    RecordClass,
    check_terms,
    due_before,
)
from app.retention.rules.words import HOLD_WORDS, MOMENT_WORDS, SUBJECT_WORDS
from app.retention.service.terms import days_of


def problems(days):
    with pytest.raises(Invalid) as refused:
        check_terms(days)
    return {problem.field for problem in refused.value.fields}


def test_the_table_is_whole():
    assert set(CLASSES) == set(RecordClass)
    assert set(MOMENT_WORDS) == set(Moment)
    assert set(HOLD_WORDS) == set(Hold) == set(HELD)
    assert set(BY_CLASS) == set(TIMED) == set(RecordClass) - {RecordClass.AUDIT}  # P37: nothing can list the log
    names = [holding.name for one in TIMED for holding in BY_CLASS[one]]
    assert sorted(names) == sorted(SUBJECT_WORDS)
    check_terms(DELIVERED)
    for one in TIMED:
        assert 0 < CLASSES[one].least <= CLASSES[one].usual
        held = any(holding.held is not None for holding in BY_CLASS[one])
        assert held == bool(CLASSES[one].holds)


@pytest.mark.parametrize("one", TIMED)
def test_a_term_keeps_its_bounds(one):
    field = f"days.{one}"
    assert field in problems({**DELIVERED, one: CLASSES[one].least - 1})
    assert field in problems({**DELIVERED, one: 36_501})
    assert field in problems({name: days for name, days in DELIVERED.items() if name is not one})
    assert problems({**DELIVERED, RecordClass.AUDIT: 9999}) == {"days.audit"}


@pytest.mark.parametrize(("longer", "shorter"), OUTLIVES)
def test_what_must_outlive_is_not_shorter(longer, shorter):
    same = {**DELIVERED, RecordClass.FORMS: 1825, shorter: 1825, longer: 1825}
    check_terms(same)
    assert problems({**same, longer: 1824}) == {f"days.{longer}"}


def test_terms_of_before_keep_a_class_that_a_release_brought_as_delivered():
    before = RetentionTerms(days={"notices": 365})
    assert days_of(before) == {**DELIVERED, RecordClass.NOTICES: 365}


def test_a_term_is_over_when_its_days_have_passed():
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert due_before(180, now=now) == now - timedelta(days=180)


@pytest.mark.parametrize(
    ("table", "move", "states", "actions"),
    [
        (TERMS_TRANSITIONS, move_terms, [*TermsState], TermsAction),
        (LIST_TRANSITIONS, move_list, [None, *ListState], ListAction),
    ],
)
def test_every_move_is_in_the_table_or_refused(table, move, states, actions):  # P13
    for state, action in product(states, actions):
        if (state, action) in table:
            assert move(state, action) is table[state, action]
        else:
            with pytest.raises(RetentionMoved):
                move(state, action)


def test_nobody_decides_on_what_they_did_before():  # P24, P37
    check_people(1, 2, decider=3)
    for decider in (1, 2, None):
        with pytest.raises(SameAdministrator):
            check_people(1, 2, decider=decider)


def test_what_is_held_or_is_not_what_was_approved_stays():
    fates = {
        (held, same): judge_entry(approved="a", found="a" if same else "b", held=held)
        for held, same in product((True, False), repeat=2)
    }
    assert fates == {
        (True, True): Fate.HELD,
        (True, False): Fate.HELD,
        (False, True): Fate.DESTROYED,
        (False, False): Fate.CHANGED,
    }
