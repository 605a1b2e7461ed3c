"""The kinds of rule that a policy of eligibility is made of: one table, one protocol. Pure.

A kind is a function of what is known of a person, the parameters that the policy gives, and the occasion. To add one:
its word in `EligibilityRule`, its function, its line in `KINDS`. The kinds delivered are those of domain.md: a worker
is a full party member in post; the next level may be sat by one who has held the one before it for a year on the day of
the sitting; training hours are counted; a unit has its quota; whoever had a part in the making does not sit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from app.exams.eligibility import Answer, EligibilityRule, Known, Occasion, Part, Rule, rule_from_json
from app.people.rules import PoliticalStatus, barred_on, days_at_level, level_on, training_hundredths
from question_bank.items import Level

LEVEL_WORDS: dict[Level, tuple[str, str]] = {
    Level.PRIMARY: ("初级", "Primary"),
    Level.INTERMEDIATE: ("中级", "Intermediate"),
    Level.ADVANCED: ("高级", "Advanced"),
}
_PART_WORDS: dict[Part, tuple[str, str]] = {
    Part.ITEMS: ("参与过本次考试备选试题的命制、审核、导入或导出", "had a part in items of the pool"),
    Part.OFFICE: ("承担本次考试的考务或审批工作", "is an officer or approver of this exam"),
    Part.ROOM: ("担任本次考试的监考", "proctors a room of this exam"),
}


class Judges(Protocol):
    """How a kind answers: yes, or no with the reason in both languages and the first day of a yes, if that is known."""

    def __call__(self, known: Known, given: Mapping[str, int], when: Occasion, /) -> Answer:
        """The answer for one person; `given` has every parameter of the kind."""
        ...


@dataclass(frozen=True)
class Parameter:
    """A whole number that a policy gives to a rule: its name, its words, its bounds (both inside), its usual value,
    which is also what a policy means that was approved before there was the parameter."""

    name: str
    zh: str
    en: str
    least: int
    most: int
    usual: int


@dataclass(frozen=True)
class RuleKind:
    """A kind of rule: how it answers, its words, its parameters, and the levels that it makes sense for. What is
    `always` asked stands in every policy: no department may do without it."""

    judge: Judges
    zh: str
    en: str
    parameters: tuple[Parameter, ...] = ()
    levels: frozenset[Level] = frozenset(Level)
    always: bool = False


def judge(rules: Sequence[Rule], known: Known, when: Occasion) -> tuple[Answer, ...]:
    """Every rule's answer, in the order of the rules."""
    return tuple(KINDS[rule.kind].judge(known, rule.parameters, when) for rule in rules)


@dataclass(frozen=True)
class Change:
    """A kind of rule as two policies have it; None where one does not ask it."""

    kind: EligibilityRule
    before: Rule | None
    after: Rule | None


def compare(before: Sequence[Rule], after: Sequence[Rule]) -> list[Change]:
    """Two policies side by side, in the order of the table: every kind that either asks."""
    old, new = ({rule.kind: rule for rule in rules} for rules in (before, after))
    return [Change(kind, old.get(kind), new.get(kind)) for kind in KINDS if kind in old or kind in new]


def rules_from_json(kept: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """The rules of a policy, as it keeps them, each with every parameter of its kind."""
    found = map(rule_from_json, kept)
    return tuple(
        Rule(rule.kind, {p.name: rule.parameters.get(p.name, p.usual) for p in KINDS[rule.kind].parameters})
        for rule in found
    )


def asked_for(rules: Sequence[Rule], *, make_up: bool) -> tuple[Rule, ...]:
    """Which rules of a policy are asked for an exam. Whether a make-up is due is asked of make-up exams, whatever the
    policy says of failings, and of no other; who makes up was within the unit's quota, which is not asked again."""
    if not make_up:
        return tuple(rule for rule in rules if rule.kind is not EligibilityRule.MAKE_UP)
    apart = {EligibilityRule.MAKE_UP, EligibilityRule.UNIT_QUOTA}
    return (*(rule for rule in rules if rule.kind not in apart), Rule(EligibilityRule.MAKE_UP, {}))


def allowed_failings(rules: Sequence[Rule]) -> int:
    """How many make-ups a policy allows after failings; none where it says nothing of them."""
    return next((rule.parameters["after_failing"] for rule in rules if rule.kind is EligibilityRule.MAKE_UP), 0)


def caps_passes(rules: Sequence[Rule]) -> bool:
    """Whether a pass in a make-up after failing counts no more than the cut score; in full where a policy says nothing
    of make-ups."""
    return any(rule.kind is EligibilityRule.MAKE_UP and rule.parameters["capped"] for rule in rules)


def _full_member(known: Known, _given: Mapping[str, int], _when: Occasion) -> Answer:
    if known.status is PoliticalStatus.FULL_MEMBER:
        return Answer(EligibilityRule.FULL_MEMBER, yes=True)
    return Answer(EligibilityRule.FULL_MEMBER, False, "不是中共正式党员", "is not a full party member")


def _in_post(known: Known, _given: Mapping[str, int], _when: Occasion) -> Answer:
    if known.in_post:
        return Answer(EligibilityRule.IN_POST, yes=True)
    return Answer(EligibilityRule.IN_POST, False, "不在党务工作岗位", "is not in post")


def _prior_level(known: Known, given: Mapping[str, int], when: Occasion) -> Answer:
    rule, asked, day = EligibilityRule.PRIOR_LEVEL, given["days"], when.sitting_day
    prior = list(Level)[when.level.rank - 2]
    held = days_at_level(known.facts, prior, day)
    if held >= asked:
        return Answer(rule, yes=True)
    zh, en = LEVEL_WORDS[prior]
    from_day = None
    if held:
        reached = day + timedelta(days=asked - held)
        from_day = reached if days_at_level(known.facts, prior, reached) >= asked else None
    return Answer(
        rule,
        False,
        f"至考试日持有{zh}证书 {held} 天，不满 {asked} 天",
        f"has held {en} for {held} days on the day of the sitting, less than {asked}",
        from_day,
    )


def _level_not_held(known: Known, _given: Mapping[str, int], when: Occasion) -> Answer:
    found = (level_on(known.facts, day) for day in when.days)
    held = next((level for level in found if level and level.rank >= when.level.rank), None)
    if held is None:
        return Answer(EligibilityRule.LEVEL_NOT_HELD, yes=True)
    zh, en = LEVEL_WORDS[held]
    return Answer(
        EligibilityRule.LEVEL_NOT_HELD, False, f"已持有{zh}证书", f"holds a certificate of this level or above ({en})"
    )


def _training_hours(known: Known, given: Mapping[str, int], when: Occasion) -> Answer:
    asked, months = given["hours"], given["within_months"]
    found = training_hundredths(known.facts, until=when.sitting_day, months=months)
    if found >= asked * 100:
        return Answer(EligibilityRule.TRAINING_HOURS, yes=True)
    hours = f"{found // 100}.{found % 100:02d}".rstrip("0").rstrip(".")
    within_zh, within_en = (
        (f"考试日前 {months} 个月内", f" within {months} months of the sitting") if months else ("", "")
    )
    return Answer(
        EligibilityRule.TRAINING_HOURS,
        False,
        f"{within_zh}已确认培训 {hours} 学时，不足 {asked} 学时",
        f"has {hours} confirmed hours of training{within_en}, less than {asked}",
    )


def _unit_quota(known: Known, given: Mapping[str, int], _when: Occasion) -> Answer:
    # Percentages round up (domain.md); a unit without posts enters nobody.
    most = -(-known.unit_posts * given["percent"] // 100)
    if known.place_in_unit <= most:
        return Answer(EligibilityRule.UNIT_QUOTA, yes=True)
    return Answer(
        EligibilityRule.UNIT_QUOTA,
        False,
        f"本单位本次考试最多报名 {most} 人，已满",
        f"the unit may enter {most} for this exam, and has",
    )


def _not_barred(known: Known, _given: Mapping[str, int], when: Occasion) -> Answer:
    ends = [end for day in when.days if (end := barred_on(known.facts, day))]
    if not ends:
        return Answer(EligibilityRule.NOT_BARRED, yes=True)
    last = max(ends)
    from_day = last + timedelta(days=1) if last < date.max else None
    return Answer(EligibilityRule.NOT_BARRED, False, "处于禁考期内", "is barred from sitting", from_day)


def _no_part_in_making(known: Known, _given: Mapping[str, int], _when: Occasion) -> Answer:
    if not known.parts:
        return Answer(EligibilityRule.NO_PART_IN_MAKING, yes=True)
    words = [_PART_WORDS[part] for part in Part if part in known.parts]
    zh, en = "、".join(zh for zh, _ in words), ", ".join(en for _, en in words)
    return Answer(EligibilityRule.NO_PART_IN_MAKING, False, zh, en)


def _make_up(known: Known, _given: Mapping[str, int], _when: Occasion) -> Answer:
    if known.make_up_due:
        return Answer(EligibilityRule.MAKE_UP, yes=True)
    return Answer(
        EligibilityRule.MAKE_UP,
        False,
        "没有所补考试的补考资格，或已参加另一场补考",
        "nothing entitles to this make-up exam, or another exam has made up for it",
    )


KINDS: dict[EligibilityRule, RuleKind] = {
    EligibilityRule.FULL_MEMBER: RuleKind(_full_member, "中共正式党员", "Full party member"),
    EligibilityRule.IN_POST: RuleKind(_in_post, "在岗", "In post"),
    EligibilityRule.PRIOR_LEVEL: RuleKind(
        _prior_level,
        "持有下一级证书满规定天数",
        "Held the level below long enough",
        (Parameter("days", "天数", "Days", 1, 3650, 365),),
        frozenset({Level.INTERMEDIATE, Level.ADVANCED}),
    ),
    EligibilityRule.LEVEL_NOT_HELD: RuleKind(_level_not_held, "尚未持有本级证书", "Does not hold this level yet"),
    EligibilityRule.TRAINING_HOURS: RuleKind(
        _training_hours,
        "培训学时达到要求",
        "Enough training hours",
        (
            Parameter("hours", "学时", "Hours", 1, 1000, 24),
            Parameter(
                "within_months", "考试日前几个月内（0 为不限）", "Months before the sitting (0: any time)", 0, 120, 12
            ),
        ),
    ),
    EligibilityRule.UNIT_QUOTA: RuleKind(
        _unit_quota,
        "单位报名人数不超过员额比例",
        "Within the unit's share of its quota",
        (Parameter("percent", "员额的百分比", "Percent of the quota", 1, 1000, 100),),
    ),
    EligibilityRule.NOT_BARRED: RuleKind(_not_barred, "不在禁考期内", "Not barred", always=True),
    EligibilityRule.NO_PART_IN_MAKING: RuleKind(
        _no_part_in_making, "未参与本次考试的命题与考务", "No part in making this exam", always=True
    ),
    EligibilityRule.MAKE_UP: RuleKind(
        _make_up,
        "有补考资格（只适用于补考）",
        "Entitled to make up (make-up exams only)",
        (
            Parameter("after_failing", "不合格后可补考几次", "Make-ups allowed after failing", 0, 5, 1),
            Parameter(
                "capped",
                "不合格补考合格的成绩（0 为按实得分计，1 为按合格线计）",
                "A pass after failing counts (0: in full, 1: as the cut score)",
                0,
                1,
                0,
            ),
        ),
    ),
}
"""Every kind, in the order in which a policy asks."""
