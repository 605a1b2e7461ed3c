"""Who may sit: every rule's yes and no, with the first day of a yes."""

from datetime import date, timedelta

import pytest

from app.exams.eligibility import (
    EligibilityRule,
    Known,
    Occasion,
    Part,
    Rule,
    answer_from_json,
    is_eligible,
    refusal,
    rule_from_json,
)
from app.exams.rule_kinds import KINDS, compare
from app.exams.rule_kinds import judge as judge_rules
from app.people.rules import FactKind, PoliticalStatus, StandingFact
from question_bank.items import Level

DAY = date(2026, 11, 30)
RULES = EligibilityRule


def known(*facts, status=PoliticalStatus.FULL_MEMBER, in_post=True, parts=()):
    return Known(status, in_post, facts, frozenset(parts))


def as_delivered(level):
    """The rules of version 1 of a level, as the migration writes them."""
    kinds = [kind for kind, what in KINDS.items() if level in what.levels]
    return [
        Rule(kind, {"days": 365} if kind is RULES.PRIOR_LEVEL else {})
        for kind in kinds
        if kind not in {RULES.TRAINING_HOURS, RULES.UNIT_QUOTA, RULES.MAKE_UP}
    ]


def judge(person, *, level, sitting_day, today, rules=None):
    rules = as_delivered(level) if rules is None else rules
    return judge_rules(rules, person, Occasion(level, sitting_day, today))


def held(level, first, last=None, reference="C1"):
    return StandingFact(FactKind.LEVEL_HELD, reference, first, last, level)


def noes(person, *, level=Level.PRIMARY, today=DAY):
    return {a.rule: a for a in judge(person, level=level, sitting_day=DAY, today=today) if not a.yes}


def test_a_full_member_in_post_may_sit_primary():
    answers = judge(known(), level=Level.PRIMARY, sitting_day=DAY, today=DAY)
    assert is_eligible(answers)
    assert RULES.PRIOR_LEVEL not in {a.rule for a in answers}


def test_no_answers_are_no_yes():
    assert not is_eligible([])


@pytest.mark.parametrize("status", [s for s in PoliticalStatus if s is not PoliticalStatus.FULL_MEMBER])
def test_only_a_full_member_may(status):
    assert set(noes(known(status=status))) == {RULES.FULL_MEMBER}


def test_only_who_is_in_post_may():
    assert set(noes(known(in_post=False))) == {RULES.IN_POST}


def test_the_year_at_the_prior_level_is_counted_to_the_day():
    year_ago = DAY - timedelta(days=365)
    assert not noes(known(held(Level.PRIMARY, year_ago)), level=Level.INTERMEDIATE)
    answer = noes(known(held(Level.PRIMARY, year_ago + timedelta(days=1))), level=Level.INTERMEDIATE)
    assert answer[RULES.PRIOR_LEVEL].from_day == DAY + timedelta(days=1)


def test_who_never_held_the_prior_level_is_told_no_day():
    answer = noes(known(), level=Level.INTERMEDIATE)[RULES.PRIOR_LEVEL]
    assert answer.from_day is None
    assert "初级" in answer.zh
    assert "Primary" in answer.en


def test_a_certificate_that_ends_before_the_year_is_full_promises_no_day():
    facts = held(Level.PRIMARY, DAY - timedelta(days=300), DAY + timedelta(days=10))
    assert noes(known(facts), level=Level.INTERMEDIATE)[RULES.PRIOR_LEVEL].from_day is None


def test_advanced_asks_for_intermediate():
    primary = held(Level.PRIMARY, DAY - timedelta(days=999))
    assert RULES.PRIOR_LEVEL in noes(known(primary), level=Level.ADVANCED)
    assert not noes(known(held(Level.INTERMEDIATE, DAY - timedelta(days=400))), level=Level.ADVANCED)


@pytest.mark.parametrize("level", [Level.PRIMARY, Level.ADVANCED])
def test_who_holds_the_level_or_a_higher_one_does_not_sit_it(level):
    assert set(noes(known(held(level, DAY - timedelta(days=1))))) == {RULES.LEVEL_NOT_HELD}


def test_a_bar_says_when_it_ends():
    bar = StandingFact(FactKind.BARRED, "B1", DAY - timedelta(days=9), DAY)
    assert noes(known(bar))[RULES.NOT_BARRED].from_day == DAY + timedelta(days=1)
    forever = StandingFact(FactKind.BARRED, "B1", DAY)
    assert noes(known(forever))[RULES.NOT_BARRED].from_day is None
    over = StandingFact(FactKind.BARRED, "B1", DAY - timedelta(days=9), DAY - timedelta(days=1))
    assert not noes(known(over))


@pytest.mark.parametrize("part", Part)
def test_whoever_had_a_part_in_the_making_does_not_sit(part):
    assert set(noes(known(parts=[part]))) == {RULES.NO_PART_IN_MAKING}


def test_after_the_sitting_what_came_since_counts_too():  # P28
    later = DAY + timedelta(days=20)
    bar = StandingFact(FactKind.BARRED, "B1", DAY + timedelta(days=5), later)
    assert not noes(known(bar))
    assert set(noes(known(bar), today=later)) == {RULES.NOT_BARRED}
    taken_over = held(Level.PRIMARY, DAY + timedelta(days=5))
    assert set(noes(known(taken_over), today=later)) == {RULES.LEVEL_NOT_HELD}


def test_answers_are_kept_whole_and_told_in_one_line():
    answers = judge(known(in_post=False, parts=[Part.ROOM]), level=Level.PRIMARY, sitting_day=DAY, today=DAY)
    assert tuple(answer_from_json(a.to_json()) for a in answers) == answers
    assert refusal(answers, "zh") == "不在党务工作岗位；担任本次考试的监考"
    assert refusal(answers, "en") == "is not in post; proctors a room of this exam"


def trained(reference, day, hundredths, last=None):
    return StandingFact(FactKind.TRAINING_HOURS, reference, day, last or day, amount=hundredths)


def test_training_counts_to_the_hundredth_within_its_months():
    rule = Rule(RULES.TRAINING_HOURS, {"hours": 24, "within_months": 12})
    first_day = date(2025, 11, 30)
    facts = [
        trained("T1", first_day, 1200),
        trained("T2", DAY, 1150),
        trained("T3", first_day - timedelta(days=1), 999),
    ]

    def asked(*more, given=rule):
        (answer,) = judge(known(*facts, *more), level=Level.PRIMARY, sitting_day=DAY, today=DAY, rules=[given])
        return answer

    assert not asked().yes
    assert "23.5 学时，不足 24 学时" in asked().zh
    assert "23.5" in asked().en
    assert asked(trained("T4", DAY, 50)).yes
    # Taken back, and what is still to come: neither counts.
    assert not asked(trained("T4", DAY, 50), trained("T4", DAY, 50, DAY - timedelta(days=1))).yes
    assert not asked(trained("T5", DAY + timedelta(days=1), 50)).yes
    assert asked(given=Rule(RULES.TRAINING_HOURS, {"hours": 33, "within_months": 0})).yes


@pytest.mark.parametrize(("posts", "percent", "most"), [(3, 100, 3), (3, 50, 2), (0, 100, 0), (2, 200, 4)])
def test_a_unit_enters_as_many_as_its_share_of_the_quota_rounded_up(posts, percent, most):
    rule = Rule(RULES.UNIT_QUOTA, {"percent": percent})
    for place in range(1, 6):
        person = Known(PoliticalStatus.FULL_MEMBER, True, (), frozenset(), posts, place)
        (answer,) = judge(person, level=Level.PRIMARY, sitting_day=DAY, today=DAY, rules=[rule])
        assert answer.yes is (place <= most)


def test_rules_are_kept_whole_and_compared_in_the_order_of_the_table():
    before, after = as_delivered(Level.INTERMEDIATE), [Rule(RULES.PRIOR_LEVEL, {"days": 400})]
    assert [rule_from_json(rule.to_json()) for rule in before] == before
    changes = {change.kind: (change.before, change.after) for change in compare(before, after)}
    assert list(changes) == [rule.kind for rule in before]
    assert changes[RULES.PRIOR_LEVEL][1] == after[0]
    assert changes[RULES.IN_POST][1] is None
