"""Rules of an attempt, as tables: time, revisions, and the full product of states and actions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.attempts.proctoring.rules import may_grant, may_pause, may_resume, seconds_of_pause
from app.attempts.rules import (
    TRANSITIONS,
    AttemptAction,
    AttemptState,
    Closed,
    DeclarationMissing,
    HandInTooEarly,
    LateEntryOver,
    NoForm,
    NotCheckedIn,
    NotOpen,
    OtherSession,
    Over,
    Paused,
    Phase,
    ReleaseNeeded,
    Stage,
    Stored,
    Verdict,
    Window,
    check_hand_in,
    check_start,
    check_take_over,
    check_writing,
    deadline_of,
    is_due,
    is_late,
    judge_revision,
    phase,
    reckon,
)
from app.errors import AppError

NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


WINDOW = Window(
    starts_at=NINE,
    ends_at=NINE + minutes(90),
    late_entry=minutes(30),
    earliest_hand_in=minutes(30),
    grace=timedelta(seconds=5),
)


def stage(now: datetime, started: datetime | None = None, granted: timedelta = timedelta()) -> Phase:
    return phase(WINDOW, started=started, duration=HOUR, granted=granted, now=now).phase


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (NINE - minutes(30) - TICK, Phase.NOT_OPEN),
        (NINE - minutes(30), Phase.WAITING),
        (NINE - TICK, Phase.WAITING),
        (NINE, Phase.OPEN),
        (NINE + minutes(30), Phase.OPEN),
        (NINE + minutes(30) + TICK, Phase.LATE_ENTRY_OVER),
        (NINE + minutes(90) - TICK, Phase.LATE_ENTRY_OVER),
        (NINE + minutes(90), Phase.OVER),
    ],
)
def test_the_way_in_follows_the_clock_to_the_microsecond(now: datetime, expected: Phase) -> None:
    assert stage(now) is expected


@pytest.mark.parametrize(
    ("started", "granted", "deadline"),
    [
        (NINE, minutes(0), NINE + minutes(60)),
        (NINE + minutes(20), minutes(0), NINE + minutes(80)),
        (NINE + minutes(30), minutes(0), NINE + minutes(90)),
        (NINE + minutes(45), minutes(0), NINE + minutes(90)),  # a late comer gets no extra time
        (NINE + minutes(45), minutes(10), NINE + minutes(100)),  # granted time counts beyond the window's end
        (NINE, minutes(10), NINE + minutes(70)),
    ],
)
def test_the_deadline_and_its_grace_end_to_the_microsecond(
    started: datetime, granted: timedelta, deadline: datetime
) -> None:
    # P9
    assert deadline_of(WINDOW, started=started, duration=HOUR, granted=granted) == deadline
    assert stage(deadline - TICK, started, granted) is Phase.OPEN
    assert stage(deadline, started, granted) is Phase.GRACE
    assert stage(deadline + WINDOW.grace, started, granted) is Phase.GRACE
    assert stage(deadline + WINDOW.grace + TICK, started, granted) is Phase.OVER
    assert not is_late(deadline=deadline, grace=WINDOW.grace, arrived=deadline + WINDOW.grace)
    assert is_late(deadline=deadline, grace=WINDOW.grace, arrived=deadline + WINDOW.grace + TICK)


def test_the_phases_join_without_gap_or_overlap() -> None:
    for started in (None, NINE, NINE + minutes(45)):
        moment = NINE - minutes(40)
        seen = phase(WINDOW, started=started, duration=HOUR, granted=minutes(3), now=moment)
        while seen.until is not None and moment < NINE + minutes(120):
            assert phase(WINDOW, started=started, duration=HOUR, granted=minutes(3), now=seen.until - TICK) == seen
            moment = seen.until + TICK
            after = phase(WINDOW, started=started, duration=HOUR, granted=minutes(3), now=moment)
            assert after.since == seen.until
            seen = after
        assert seen.phase is Phase.OVER


@pytest.mark.parametrize(
    ("at", "checked_in", "declared", "has_form", "refusal"),
    [
        (Phase.NOT_OPEN, True, True, True, NotOpen),
        (Phase.WAITING, True, True, True, NotOpen),
        (Phase.OPEN, True, True, True, None),
        (Phase.OPEN, False, False, False, NotCheckedIn),
        (Phase.OPEN, True, False, False, DeclarationMissing),
        (Phase.OPEN, True, True, False, NoForm),
        (Phase.LATE_ENTRY_OVER, True, True, True, LateEntryOver),
        (Phase.OVER, True, True, True, Over),
    ],
)
def test_a_start_is_refused_in_words(
    at: Phase, checked_in: bool, declared: bool, has_form: bool, refusal: type[AppError] | None
) -> None:
    stage = Stage(at, None, None)
    if refusal is None:
        check_start(stage, WINDOW, checked_in=checked_in, declared=declared, has_form=has_form)
        return
    with pytest.raises(refusal) as caught:
        check_start(stage, WINDOW, checked_in=checked_in, declared=declared, has_form=has_form)
    assert "{" not in caught.value.sentence("zh") + caught.value.sentence("en")


def test_the_times_in_refusals_are_those_on_the_wall_of_the_room() -> None:
    with pytest.raises(NotOpen) as caught:
        check_start(Stage(Phase.WAITING, None, None), WINDOW, checked_in=True, declared=True, has_form=True)
    assert "09:00" in caught.value.sentence("zh")


@pytest.mark.parametrize(
    ("newest", "revision", "response", "verdict"),
    [
        (None, 1, "[0]", Verdict.STORED),
        (2, 3, "[0]", Verdict.STORED),
        (2, 2, "[1]", Verdict.REPEATED),
        (2, 2, "[0]", Verdict.CONFLICT),
        (2, 1, "[1]", Verdict.SUPERSEDED),
        (2, 1, "[0]", Verdict.SUPERSEDED),
    ],
)
def test_the_newest_revision_counts(newest: int | None, revision: int, response: str, verdict: Verdict) -> None:
    # P3
    stored = None if newest is None else Stored(newest, "[1]", NINE)
    assert judge_revision(stored, revision=revision, response=response) is verdict


DEADLINE = NINE + HOUR


def act(state: AttemptState, action: AttemptAction, now: datetime) -> bool:
    """Whether the rules let the action happen, for who writes in the right epoch with the proctor's release."""
    try:
        match action:
            case AttemptAction.HAND_IN:
                check_hand_in(state, window=WINDOW, deadline=DEADLINE, now=now, writes=True, epoch=1, sent_epoch=1)
            case AttemptAction.TAKE_OVER:
                check_take_over(state, deadline=DEADLINE, grace=WINDOW.grace, now=now, writes=False, released=True)
            case AttemptAction.GRANT_TIME:
                return may_grant(state, deadline=DEADLINE, grace=WINDOW.grace, now=now)
            case AttemptAction.PAUSE:
                return may_pause(state, deadline=DEADLINE, grace=WINDOW.grace, now=now, paused_at=None)
            case AttemptAction.RESUME:
                return may_resume(state, paused_at=NINE)
            case AttemptAction.CLOSE_AT_DEADLINE:
                return is_due(state, deadline=DEADLINE, grace=WINDOW.grace, now=now)
    except (Closed, Over):
        return False
    return True


RULED = [
    AttemptAction.HAND_IN,
    AttemptAction.TAKE_OVER,
    AttemptAction.GRANT_TIME,
    AttemptAction.PAUSE,
    AttemptAction.RESUME,
    AttemptAction.CLOSE_AT_DEADLINE,
]


@pytest.mark.parametrize("state", list(AttemptState))
@pytest.mark.parametrize("action", RULED)
def test_only_declared_moves_happen(state: AttemptState, action: AttemptAction) -> None:
    # P13: the full product; whatever the hour, a move that is not in the table never happens
    hours = (NINE + minutes(40), DEADLINE + minutes(5))
    happened = any(act(state, action, now) for now in hours)
    assert happened is ((state, action) in TRANSITIONS)


def test_the_table_knows_no_way_back() -> None:
    assert {target for (state, _), target in TRANSITIONS.items() if state is AttemptState.CLOSED} == set()
    assert [action for state, action in TRANSITIONS if state is None] == [
        AttemptAction.START,
        AttemptAction.MOVE_TO_PAPER,
    ]


def test_handing_in_begins_after_the_first_half_hour_and_ends_with_the_grace() -> None:
    def hand_in(now: datetime, **more: int) -> None:
        check_hand_in(
            AttemptState.OPEN,
            window=WINDOW,
            deadline=DEADLINE,
            now=now,
            writes=True,
            epoch=2,
            sent_epoch=more.get("epoch", 2),
        )

    with pytest.raises(HandInTooEarly):
        hand_in(NINE + minutes(30) - TICK)
    hand_in(NINE + minutes(30))
    hand_in(DEADLINE + WINDOW.grace)
    with pytest.raises(Over):
        hand_in(DEADLINE + WINDOW.grace + TICK)
    with pytest.raises(OtherSession):
        hand_in(NINE + minutes(40), epoch=1)


@pytest.mark.parametrize(
    ("writes", "released", "allowed"), [(True, False, True), (False, True, True), (False, False, False)]
)
def test_another_computer_goes_on_only_after_the_release(writes: bool, released: bool, allowed: bool) -> None:
    # P12
    def take_over() -> None:
        check_take_over(
            AttemptState.OPEN, deadline=DEADLINE, grace=WINDOW.grace, now=NINE, writes=writes, released=released
        )

    if allowed:
        take_over()
    else:
        with pytest.raises(ReleaseNeeded):
            take_over()


def test_only_the_writing_session_in_its_epoch_writes() -> None:
    check_writing(writes=True, epoch=3, sent_epoch=3)
    for writes, sent in ((False, 3), (True, 2), (True, 4)):
        with pytest.raises(OtherSession):
            check_writing(writes=writes, epoch=3, sent_epoch=sent)


def test_the_sweeper_waits_until_saves_in_time_have_settled() -> None:
    # P2, P10
    def due(now: datetime) -> bool:
        return is_due(AttemptState.OPEN, deadline=DEADLINE, grace=WINDOW.grace, now=now)

    assert not due(DEADLINE + timedelta(seconds=15))
    assert due(DEADLINE + timedelta(seconds=15) + TICK)


def test_while_the_clock_stands_still_nothing_is_late_and_nobody_is_paused_twice() -> None:
    # P9, P11
    stopped, later = NINE + minutes(40), DEADLINE + minutes(30)
    more = {"deadline": DEADLINE, "grace": WINDOW.grace, "now": later}
    assert reckon(later, paused_at=None) == later
    assert reckon(later, paused_at=stopped) == stopped
    assert reckon(NINE, paused_at=stopped) == NINE  # what arrived before the pause came then
    assert may_grant(AttemptState.OPEN, **more, paused_at=stopped)
    assert not may_pause(AttemptState.OPEN, deadline=DEADLINE, grace=WINDOW.grace, now=stopped, paused_at=stopped)
    assert not may_pause(AttemptState.OPEN, **more, paused_at=None)
    assert not may_resume(AttemptState.OPEN, paused_at=None)


def test_a_pause_adds_whole_seconds_and_moves_late_entry_and_end_for_who_comes_later() -> None:
    # P11
    assert seconds_of_pause(began=NINE, ended=NINE + TICK) == 1
    assert seconds_of_pause(began=NINE, ended=NINE - TICK) == 0
    moved = replace(WINDOW, shift=minutes(20))
    assert (moved.entry_until, moved.closes_at) == (NINE + minutes(50), NINE + minutes(110))
    assert deadline_of(moved, started=NINE + minutes(50), duration=HOUR, granted=minutes(1)) == NINE + minutes(111)
    assert deadline_of(WINDOW, started=NINE, duration=HOUR, granted=minutes(1), paused=minutes(7)) == NINE + minutes(68)
    assert phase(moved, started=None, duration=HOUR, granted=minutes(0), now=NINE + minutes(49)).phase is Phase.OPEN
    with pytest.raises(Paused):
        check_start(
            Stage(Phase.OPEN, None, None), WINDOW, checked_in=True, declared=True, has_form=True, room_paused=True
        )
