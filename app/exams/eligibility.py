"""报考资格: who may sit, answered rule by rule. Pure: what is known of a person in, answers out.

The rules are those of domain.md: a worker is a full party member in post; the next level may be sat by one who has held
the one before it for a year on the day of the sitting; whoever had a part in the making of an exam does not sit it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from app.people.rules import PoliticalStatus, StandingFact, barred_on, days_at_level, level_on
from question_bank.items import Level

DAYS_AT_PRIOR_LEVEL = 365

LEVEL_WORDS: dict[Level, tuple[str, str]] = {
    Level.PRIMARY: ("初级", "Primary"),
    Level.INTERMEDIATE: ("中级", "Intermediate"),
    Level.ADVANCED: ("高级", "Advanced"),
}


class EligibilityRule(StrEnum):
    """A rule that every candidate must satisfy."""

    FULL_MEMBER = "full_member"
    IN_POST = "in_post"
    PRIOR_LEVEL = "prior_level"
    LEVEL_NOT_HELD = "level_not_held"
    NOT_BARRED = "not_barred"
    NO_PART_IN_MAKING = "no_part_in_making"


class Part(StrEnum):
    """A part in the making of an exam."""

    ITEMS = "items"
    """Wrote, reviewed, imported or exported an item of its pool."""
    OFFICE = "office"
    """Wrote or approved its blueprint, planned, published, proposed or sealed it."""
    ROOM = "room"
    """Proctors one of its rooms."""


_PART_WORDS: dict[Part, tuple[str, str]] = {
    Part.ITEMS: ("参与过本次考试备选试题的命制、审核、导入或导出", "had a part in items of the pool"),
    Part.OFFICE: ("承担本次考试的考务或审批工作", "is an officer or approver of this exam"),
    Part.ROOM: ("担任本次考试的监考", "proctors a room of this exam"),
}


@dataclass(frozen=True)
class Answer:
    """The answer of one rule: yes, or no with the reason and, where it can be told, the first day of a yes."""

    rule: EligibilityRule
    yes: bool
    zh: str = ""
    en: str = ""
    from_day: date | None = None

    def to_json(self) -> dict[str, Any]:
        """The answer as it is kept with the registration."""
        return {
            "rule": self.rule.value,
            "yes": self.yes,
            "zh": self.zh,
            "en": self.en,
            "from_day": self.from_day.isoformat() if self.from_day else None,
        }


def answer_from_json(kept: Mapping[str, Any]) -> Answer:
    """What `to_json` gave."""
    day = kept["from_day"]
    rule, yes = EligibilityRule(kept["rule"]), bool(kept["yes"])
    return Answer(rule, yes, str(kept["zh"]), str(kept["en"]), date.fromisoformat(day) if day else None)


@dataclass(frozen=True)
class Known:
    """What is known of a person: `facts` as appended, `parts` in the making of this exam."""

    status: PoliticalStatus
    in_post: bool
    facts: Sequence[StandingFact]
    parts: frozenset[Part]


def judge(known: Known, *, level: Level, sitting_day: date, today: date) -> tuple[Answer, ...]:
    """Every rule's answer, in the order of the rules; a prior level is no rule of the primary one.

    The year at the prior level counts on the sitting's day. Member and post are asked as they stand. A bar and the
    level itself are asked on the sitting's day and, once that has passed, on `today` too (P28: still eligible).
    """
    days = {sitting_day, max(sitting_day, today)}
    return (
        _say(
            EligibilityRule.FULL_MEMBER,
            yes=known.status is PoliticalStatus.FULL_MEMBER,
            zh="不是中共正式党员",
            en="is not a full party member",
        ),
        _say(EligibilityRule.IN_POST, yes=known.in_post, zh="不在党务工作岗位", en="is not in post"),
        *([] if level is Level.PRIMARY else [_judge_prior_level(known.facts, level, sitting_day)]),
        _judge_level_held(known.facts, level, days),
        _judge_bar(known.facts, days),
        _judge_parts(known.parts),
    )


def is_eligible(answers: Sequence[Answer]) -> bool:
    """Whether every rule says yes; no answers at all is no yes."""
    return bool(answers) and all(answer.yes for answer in answers)


def refusal(answers: Sequence[Answer], lang: str) -> str:
    """The reasons of every no in one line, with the day from which it would be yes."""
    lines = []
    for answer in answers:
        if answer.yes:
            continue
        reason = answer.en if lang == "en" else answer.zh
        if answer.from_day:
            reason += f" (from {answer.from_day})" if lang == "en" else f"（{answer.from_day} 起可报考）"
        lines.append(reason)
    return ("; " if lang == "en" else "；").join(lines)


def _say(rule: EligibilityRule, *, yes: bool, zh: str, en: str, from_day: date | None = None) -> Answer:
    return Answer(rule, yes=True) if yes else Answer(rule, yes, zh, en, from_day)


def _judge_prior_level(facts: Sequence[StandingFact], level: Level, day: date) -> Answer:
    prior = list(Level)[level.rank - 2]
    held = days_at_level(facts, prior, day)
    zh, en = LEVEL_WORDS[prior]
    from_day = None
    if 0 < held < DAYS_AT_PRIOR_LEVEL:
        reached = day + timedelta(days=DAYS_AT_PRIOR_LEVEL - held)
        from_day = reached if days_at_level(facts, prior, reached) >= DAYS_AT_PRIOR_LEVEL else None
    return _say(
        EligibilityRule.PRIOR_LEVEL,
        yes=held >= DAYS_AT_PRIOR_LEVEL,
        zh=f"至考试日持有{zh}证书 {held} 天，不满 {DAYS_AT_PRIOR_LEVEL} 天",
        en=f"has held {en} for {held} days on the day of the sitting, less than {DAYS_AT_PRIOR_LEVEL}",
        from_day=from_day,
    )


def _judge_level_held(facts: Sequence[StandingFact], level: Level, days: set[date]) -> Answer:
    held = [found for day in sorted(days) if (found := level_on(facts, day)) and found.rank >= level.rank]
    zh, en = LEVEL_WORDS[held[0]] if held else ("", "")
    return _say(
        EligibilityRule.LEVEL_NOT_HELD,
        yes=not held,
        zh=f"已持有{zh}证书",
        en=f"holds a certificate of this level or above ({en})",
    )


def _judge_bar(facts: Sequence[StandingFact], days: set[date]) -> Answer:
    ends = [end for day in days if (end := barred_on(facts, day))]
    last = max(ends, default=date.min)
    return _say(
        EligibilityRule.NOT_BARRED,
        yes=not ends,
        zh="处于禁考期内",
        en="is barred from sitting",
        from_day=last + timedelta(days=1) if ends and last < date.max else None,
    )


def _judge_parts(parts: frozenset[Part]) -> Answer:
    words = [_PART_WORDS[part] for part in Part if part in parts]
    return _say(
        EligibilityRule.NO_PART_IN_MAKING,
        yes=not parts,
        zh="、".join(zh for zh, _ in words),
        en=", ".join(en for _, en in words),
    )
