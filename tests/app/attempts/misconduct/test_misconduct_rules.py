"""The table of a misconduct case walked whole, and who may propose and decide what, when."""

from datetime import date, datetime, timedelta
from itertools import product

import pytest

from app.attempts.misconduct.rules import (
    ADVERSE,
    CATEGORY_WORDS,
    GRADES,
    MISCONDUCT_TRANSITIONS,
    RULING_WORDS,
    Category,
    Grade,
    MisconductAction,
    MisconductMoved,
    MisconductState,
    NotHeard,
    NotSigned,
    OwnMisconduct,
    Ruling,
    RulingTooGrave,
    SamePersonInCase,
    check_people,
    check_signed,
    check_when,
    last_day_of_bar,
    may_state,
    move_misconduct,
    proposing,
    settling,
)
from app.errors import Invalid
from tests.support.house import MORNING


def test_the_table_of_moves_is_all_there_is() -> None:
    for state, action in product((None, *MisconductState), MisconductAction):
        if (state, action) in MISCONDUCT_TRANSITIONS:
            assert move_misconduct(state, action) is MISCONDUCT_TRANSITIONS[state, action]
        else:
            with pytest.raises(MisconductMoved):
                move_misconduct(state, action)
    assert set(GRADES) == set(CATEGORY_WORDS) == set(Category)
    assert set(RULING_WORDS) == set(Ruling)


def test_nobody_is_found_against_before_they_could_answer() -> None:
    due = MORNING + timedelta(days=7)
    before = due - timedelta(seconds=1)
    for ruling, category, ended, (notified, stated, now) in product(
        Ruling,
        (Category.TALKING, Category.NOTES, Category.ORGANISED),
        (False, True),
        ((False, False, MORNING), (True, False, before), (True, True, before), (True, False, due)),
    ):
        asked = {"category": category, "ended": ended, "notified": notified, "stated": stated}
        heard = stated or (notified and now >= due)
        too_grave = (ruling is Ruling.BAR and GRADES[category] is Grade.BREACH) or (
            ruling is Ruling.MAKE_UP and not ended
        )
        if too_grave or (ruling in ADVERSE and not heard):
            with pytest.raises(RulingTooGrave if too_grave else NotHeard):
                proposing(ruling, due=due if notified else None, now=now, **asked)
        else:
            action = MisconductAction.PROPOSE if notified else MisconductAction.PROPOSE_UNHEARD
            assert proposing(ruling, due=due if notified else None, now=now, **asked) is action
    assert settling(agreed=True, notified=True) is settling(agreed=True, notified=False) is MisconductAction.SETTLE
    assert settling(agreed=False, notified=True) is MisconductAction.RETURN
    assert settling(agreed=False, notified=False) is MisconductAction.RETURN_UNHEARD


@pytest.mark.parametrize(
    ("state", "stated", "now", "may"),
    [
        (MisconductState.NOTIFIED, False, MORNING - timedelta(microseconds=1), True),
        (MisconductState.NOTIFIED, False, MORNING, False),
        (MisconductState.NOTIFIED, True, MORNING - timedelta(days=1), False),
        (MisconductState.RECORDED, False, MORNING - timedelta(days=1), False),
        (MisconductState.PROPOSED, False, MORNING - timedelta(days=1), False),
    ],
)
def test_a_statement_is_made_once_and_in_time(state: MisconductState, stated: bool, now: datetime, may: bool) -> None:
    assert may_state(state, stated=stated, due=MORNING, now=now) is may


def test_a_record_counts_once_signed_by_the_candidate_or_two_witnesses() -> None:
    check_signed(by_candidate=True, witnesses=0)
    check_signed(by_candidate=False, witnesses=2)
    for witnesses in (0, 1):
        with pytest.raises(NotSigned):
            check_signed(by_candidate=False, witnesses=witnesses)
    check_when(MORNING, opens=MORNING, now=MORNING)
    for moment in (MORNING - timedelta(seconds=1), MORNING + timedelta(hours=2)):
        with pytest.raises(Invalid):
            check_when(moment, opens=MORNING, now=MORNING + timedelta(hours=1))


def test_nobody_acts_twice_in_a_case_nor_on_their_own() -> None:  # P29
    check_people(4, others={1, 2}, judged=3, close_to={5})
    for actor, refusal in ((1, SamePersonInCase), (None, SamePersonInCase), (3, OwnMisconduct), (5, OwnMisconduct)):
        with pytest.raises(refusal):
            check_people(actor, others={1, 2}, judged=3, close_to={5})


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2026, 11, 23), 12, date(2027, 11, 22)),
        (date(2026, 12, 1), 36, date(2029, 11, 30)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
    ],
)
def test_the_last_day_of_a_bar(first: date, months: int, last: date) -> None:
    assert last_day_of_bar(first, months=months) == last
