"""What the figures of a drill say, what gives out first, when there can be none, and how one ends: pure tables."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from app.drill.rules import (
    AFTERWARDS,
    APART,
    TRANSITIONS,
    DrillAction,
    DrillOver,
    DrillState,
    ExamTooNear,
    Figures,
    Front,
    Limit,
    Rule,
    SittingTime,
    bend,
    capacity,
    check_quiet,
    judge,
    move,
    verdict,
)
from app.drill.words import LIMIT_WORDS, RULE_WORDS, STATE_WORDS, amount, limit
from tests.support.drill_figures import BORNE, GOOD

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def test_a_good_day_is_a_go_and_every_rule_is_told():
    findings = judge(GOOD)
    assert [finding.rule for finding in findings] == list(Rule)
    assert all(finding.kept for finding in findings)
    assert verdict(findings) is DrillAction.PASS
    apart = judge(replace(GOOD, connections_left=None, front=None))  # SQLite on one machine
    assert {finding.rule for finding in apart} == set(Rule) - {Rule.CONNECTIONS, Rule.FRONT}


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        (Rule.NOTHING_LOST, {"broken": ("save (1, 2, 3) is not stored",)}),
        (Rule.SCORED, {"wrongly_scored": 1}),
        (Rule.CLOSED, {"not_closed": 1}),
        (Rule.ERRORS, {"errors": 1}),
        (Rule.SIGN_IN, {"sign_in_p99_us": 3_000_001}),
        (Rule.START, {"start_p99_us": 2_000_001}),
        (Rule.SAVE, {"save_p99_us": 1_000_001}),
        (Rule.HAND_IN, {"hand_in_p99_us": 3_000_001}),
        (Rule.CLOSING, {"closing_us": 60_000_001}),
        (Rule.CLOCK, {"clock_offset_us": 2_000_001}),
        (Rule.CLOCK, {"front": Front("https://exam.example", True, True, 900, -2_000_001, 80, ())}),
        (Rule.FSYNC, {"fsync_p99_us": 200_001}),
        (Rule.DISK, {"disk_free_mb": 1_999}),
        (Rule.CONNECTIONS, {"connections_left": 4}),
        (Rule.CAPACITY, {"needed": 51}),
        (Rule.CAPACITY, {"steps": ()}),
        (Rule.FRONT, {"front": Front("https://exam.example", False, False, 0, 9_000_000, None, ())}),
        (Rule.FRONT, {"front": Front("https://exam.example", True, False, 900, 0, None, ())}),
        (Rule.FRONT, {"front": Front("https://exam.example", True, True, 900, 0, 6, ())}),
        (Rule.FRONT, {"front": Front("https://exam.example", True, True, 900, 0, 80, ("referrer-policy",))}),
        (Rule.PRODUCTION, {"changed": ("attempt",)}),
    ],
)
def test_each_rule_alone_makes_it_a_no_go(rule, change):
    findings = judge(replace(GOOD, **change))
    assert [finding.rule for finding in findings if not finding.kept] == [rule]
    assert verdict(findings) is DrillAction.FAIL


@pytest.mark.parametrize(
    ("change", "gave_out"),
    [
        ({"connections_left": 2, "process_permille": 990}, Limit.CONNECTIONS),
        ({"fsync_p99_us": 80_000}, Limit.COMMITS),
        ({"process_permille": 930, "machine_permille": 950}, Limit.PROCESS),
        ({"machine_permille": 950}, Limit.MACHINE),
        ({"generator_late_us": 150_000}, Limit.GENERATOR),
        ({}, Limit.UNKNOWN),
    ],
)
def test_what_gives_out_first_is_told_by_the_first_step_that_was_not_borne(change, gave_out):
    bent = replace(BORNE, rate=200, answered=190, save_p99_us=300_000, **change)
    steps = (BORNE, bent, replace(BORNE, rate=400))
    assert (bend(steps), capacity(steps)) == (gave_out, 100)
    assert (bend(steps[:1]), capacity(steps[:1])) == (Limit.NOT_REACHED, 100)


@pytest.mark.parametrize("change", [{"refused": 1}, {"errors": 1}, {"answered": 89}, {"save_p99_us": 200_001}])
def test_a_step_is_not_borne_where_anyone_is_refused_or_kept_waiting(change):
    assert capacity((replace(BORNE, **change),)) == 0


@pytest.mark.parametrize(
    ("begins", "near"),
    [
        (APART + timedelta(seconds=1), False),
        (APART, True),
        (timedelta(0), True),
        (-timedelta(hours=1) - AFTERWARDS, True),
        (-timedelta(hours=1, seconds=1) - AFTERWARDS, False),
    ],
)
def test_there_is_no_drill_while_a_sitting_runs_or_soon_does(begins, near):
    sitting = SittingTime("初级考试", NOW + begins, NOW + begins + timedelta(hours=1))
    if near:
        with pytest.raises(ExamTooNear, match="drill"):
            check_quiet([sitting], now=NOW)
    else:
        check_quiet([sitting], now=NOW)


@pytest.mark.parametrize(("state", "action"), list(product(DrillState, DrillAction)))
def test_a_drill_ends_once(state, action):
    if (state, action) in TRANSITIONS:
        assert move(state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(DrillOver):
            move(state, action)


def test_everything_has_its_words_and_figures_their_unit():
    assert (set(RULE_WORDS), set(LIMIT_WORDS), set(STATE_WORDS)) == (set(Rule), set(Limit), set(DrillState))
    assert [amount(*one) for one in ((Rule.SAVE, 9_000), (Rule.CLOSING, 21_000_000), (Rule.ERRORS, 2))] == [
        "9.0 ms",
        "21.00 s",
        "2",
    ]
    assert (limit(Rule.DISK, 2048), limit(Rule.CAPACITY, 14), limit(Rule.ERRORS, 0)) == ("≥ 2.0 GB", "≥ 14 /s", "≤ 0")
    assert {field.name for field in fields(Figures)} >= {"front", "changed", "needed", "disk_free_mb"}
