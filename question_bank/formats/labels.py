"""What foreign formats have no place for, as labels among an item's tags: `difficulty:hard`, `rule:net_correct`.

A label is a word, a colon and a value; any other tag is a tag. Difficulty and level are written only where they are
not those that an item without a word about them has. `rule:default` says that the blueprint decides.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from question_bank.items import Basis, Difficulty, Item, Level
from question_bank.kinds.case_analysis import CaseBody
from question_bank.scoring import Scoring, ScoringRule

LONGEST_TAG = 50
"""Moodle cuts longer tags."""

_SLASH = re.compile(r"(?<!/)/(?!/)")
_RULE, _PART_RULE, _DEFAULT = "rule", "part-rule", "default"
_PART = re.compile(r"([1-9]\d?):(.+)")


@dataclass(frozen=True)
class RuleLabel:
    """A rule by its name, with its mark where it takes one; None says that the blueprint decides."""

    rule: ScoringRule | None = None
    mark_hundredths: int | None = None

    def or_native(self, native: Scoring | None) -> Scoring | None:
        """The rule named; what the format itself says where that knows the weights, or where the name is unsound."""
        if self.rule is None:
            return None
        if self.rule.takes_weights:
            return native if native is not None and native.weights else None
        scoring = Scoring(self.rule, self.mark_hundredths)
        return scoring if scoring.is_sound else native


@dataclass(frozen=True)
class Labels:
    """What the tags of a foreign item say; `rule` is None without a word about it. `of_parts` are the rules of the
    parts of a case, by their number from 1."""

    tags: tuple[str, ...] = ()
    difficulty: Difficulty = Difficulty.MEDIUM
    level: Level = Level.PRIMARY
    basis: tuple[Basis, ...] = ()
    topic: tuple[str, ...] = ()
    rule: RuleLabel | None = None
    of_parts: Mapping[int, RuleLabel] = field(default_factory=dict)

    def scoring_or(self, native: Scoring | None) -> Scoring | None:
        """The rule that the labels name, else what the format itself says."""
        return native if self.rule is None else self.rule.or_native(native)

    def scoring_of_part(self, number: int, native: Scoring | None) -> Scoring | None:
        """The same for a part of a case."""
        label = self.of_parts.get(number)
        return native if label is None else label.or_native(native)


def labels_of(item: Item, *, with_rule: bool) -> list[str]:
    """Tags and labels of an item; its rule, and those of the parts of a case, where `with_rule`."""
    labels = [*item.tags]
    if item.difficulty is not Difficulty.MEDIUM:
        labels.append(f"difficulty:{item.difficulty.value}")
    if item.level is not Level.PRIMARY:
        labels.append(f"level:{item.level.value}")
    labels += [f"basis:{basis.document}|{basis.clause}" for basis in item.basis]
    if with_rule:
        labels.append(f"{_RULE}:{_named(item.scoring)}")
        if isinstance(item.body, CaseBody):
            parts = enumerate(item.body.parts, start=1)
            labels += [f"{_PART_RULE}:{number}:{_named(part.scoring)}" for number, part in parts]
    return labels


def topic_label(topic: tuple[str, ...]) -> str:
    """`topic:` and the path, a slash within a name doubled."""
    return "topic:" + "/".join(name.replace("/", "//") for name in topic)


def _named(scoring: Scoring | None) -> str:
    """The name of the rule, with its mark in hundredths where it takes one."""
    if scoring is None:
        return _DEFAULT
    mark = "" if scoring.mark_hundredths is None else f":{scoring.mark_hundredths}"
    return f"{scoring.rule.value}{mark}"


def read_labels(tags: tuple[str, ...]) -> Labels:
    """The labels among the tags; what only looks like a label stays a tag."""
    kept: list[str] = []
    found: dict[str, str] = {}
    basis: list[Basis] = []
    topic: tuple[str, ...] = ()
    of_parts: dict[int, RuleLabel] = {}
    for tag in tags:
        name, colon, value = tag.partition(":")
        if colon and name == "topic" and not topic:
            topic = tuple(one.replace("//", "/") for one in _SLASH.split(value))
        elif colon and name == "basis" and value.count("|") == 1:
            document, clause = value.split("|")
            basis.append(Basis(document, clause))
        elif colon and name == _PART_RULE and (part := _PART.fullmatch(value)) and _is_known(_RULE, part[2]):
            of_parts[int(part[1])] = _rule_label(part[2])
        elif colon and name not in found and _is_known(name, value):
            found[name] = value
        else:
            kept.append(tag)
    return Labels(
        tuple(kept),
        Difficulty(found.get("difficulty", Difficulty.MEDIUM)),
        Level(found.get("level", Level.PRIMARY)),
        tuple(basis),
        topic,
        _rule_label(found[_RULE]) if _RULE in found else None,
        of_parts,
    )


def _rule_label(value: str) -> RuleLabel:
    rule, _, mark = value.partition(":")
    return RuleLabel(None if rule == _DEFAULT else ScoringRule(rule), int(mark) if mark else None)


def _is_known(name: str, value: str) -> bool:
    if name == _RULE:
        rule, colon, mark = value.partition(":")
        is_mark = mark.isascii() and mark.isdigit() and len(mark) <= 9
        return rule in {_DEFAULT, *ScoringRule} and (is_mark if colon else True)
    return (name == "difficulty" and value in set(Difficulty)) or (name == "level" and value in set(Level))
