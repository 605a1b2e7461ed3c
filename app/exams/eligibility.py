"""报考资格: who may sit, answered rule by rule. The values of it, and how answers are kept and told. Pure.

Which rules are asked is data (`policies`), how each is answered stands in `rule_kinds`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from app.people.rules import PoliticalStatus, StandingFact
from question_bank.items import Level


class EligibilityRule(StrEnum):
    """The kinds of rule that a candidate may be asked to satisfy."""

    FULL_MEMBER = "full_member"
    IN_POST = "in_post"
    PRIOR_LEVEL = "prior_level"
    LEVEL_NOT_HELD = "level_not_held"
    TRAINING_HOURS = "training_hours"
    UNIT_QUOTA = "unit_quota"
    NOT_BARRED = "not_barred"
    NO_PART_IN_MAKING = "no_part_in_making"
    MAKE_UP = "make_up"
    """Asked of make-up exams alone."""


class Part(StrEnum):
    """A part in the making of an exam."""

    ITEMS = "items"
    """Wrote, reviewed, imported or exported an item of its pool."""
    OFFICE = "office"
    """Wrote or approved its blueprint, planned, published, proposed or sealed it."""
    ROOM = "room"
    """Proctors one of its rooms."""


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
    """What is known of a person: `facts` as appended, `parts` in the making of this exam, the posts of their unit's
    quota, and which of its entries for this exam is theirs (from 1; who has not entered stands behind those who have).
    `make_up_due`: whether a cause entitles them to this make-up exam, and no other exam has made up for it."""

    status: PoliticalStatus
    in_post: bool
    facts: Sequence[StandingFact]
    parts: frozenset[Part]
    unit_posts: int = 0
    place_in_unit: int = 1
    make_up_due: bool = False


@dataclass(frozen=True)
class Occasion:
    """What is asked for: the level, the day of its sitting, and the day of the asking."""

    level: Level
    sitting_day: date
    today: date

    @property
    def days(self) -> tuple[date, ...]:
        """The days on which a bar or a certificate counts: that of the sitting and, once it has passed, today (P28)."""
        return tuple(sorted({self.sitting_day, max(self.sitting_day, self.today)}))


@dataclass(frozen=True)
class Rule:
    """One rule of a policy: its kind, and its parameters, every one of the kind by its name."""

    kind: EligibilityRule
    parameters: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """The rule as a policy keeps it."""
        return {"kind": self.kind.value, "parameters": dict(self.parameters)}


def rule_from_json(kept: Mapping[str, Any]) -> Rule:
    """What `to_json` gave."""
    return Rule(EligibilityRule(kept["kind"]), {str(name): int(value) for name, value in kept["parameters"].items()})


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
