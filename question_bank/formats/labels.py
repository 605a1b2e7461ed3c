"""What foreign formats have no place for, as labels among an item's tags: `difficulty:hard`, `rule:net_correct`.

A label is a word, a colon and a value; any other tag is a tag. Difficulty and level are written only where they are
not those that an item without a word about them has. `rule:default` says that the blueprint decides.
"""

import re
from dataclasses import dataclass

from question_bank.items import Basis, Difficulty, Item, Level
from question_bank.scoring import Scoring, ScoringRule

LONGEST_TAG = 50
"""Moodle cuts longer tags."""

_SLASH = re.compile(r"(?<!/)/(?!/)")
_RULE, _DEFAULT = "rule", "default"


@dataclass(frozen=True)
class Labels:
    """What the tags of a foreign item say. `names_rule` tells a named absence of a rule from no word about it."""

    tags: tuple[str, ...] = ()
    difficulty: Difficulty = Difficulty.MEDIUM
    level: Level = Level.PRIMARY
    basis: tuple[Basis, ...] = ()
    topic: tuple[str, ...] = ()
    rule: ScoringRule | None = None
    mark_hundredths: int | None = None
    names_rule: bool = False

    def scoring_or(self, native: Scoring | None) -> Scoring | None:
        """The rule that the labels name, else what the format itself says."""
        if not self.names_rule:
            return native
        if self.rule is None:
            return None
        if self.rule.takes_weights:
            return native if native is not None and native.weights else None
        scoring = Scoring(self.rule, self.mark_hundredths)
        return scoring if scoring.is_sound else native


def labels_of(item: Item, *, with_rule: bool) -> list[str]:
    """Tags and labels of an item; its rule where `with_rule`."""
    labels = [*item.tags]
    if item.difficulty is not Difficulty.MEDIUM:
        labels.append(f"difficulty:{item.difficulty.value}")
    if item.level is not Level.PRIMARY:
        labels.append(f"level:{item.level.value}")
    labels += [f"basis:{basis.document}|{basis.clause}" for basis in item.basis]
    if with_rule:
        labels.append(rule_label(item.scoring))
    return labels


def topic_label(topic: tuple[str, ...]) -> str:
    """`topic:` and the path, a slash within a name doubled."""
    return "topic:" + "/".join(name.replace("/", "//") for name in topic)


def rule_label(scoring: Scoring | None) -> str:
    """`rule:` and the name of the rule, with its mark in hundredths where it takes one."""
    if scoring is None:
        return f"{_RULE}:{_DEFAULT}"
    mark = "" if scoring.mark_hundredths is None else f":{scoring.mark_hundredths}"
    return f"{_RULE}:{scoring.rule.value}{mark}"


def read_labels(tags: tuple[str, ...]) -> Labels:
    """The labels among the tags; what only looks like a label stays a tag."""
    kept: list[str] = []
    found: dict[str, str] = {}
    basis: list[Basis] = []
    topic: tuple[str, ...] = ()
    for tag in tags:
        name, colon, value = tag.partition(":")
        if colon and name == "topic" and not topic:
            topic = tuple(one.replace("//", "/") for one in _SLASH.split(value))
        elif colon and name == "basis" and value.count("|") == 1:
            document, clause = value.split("|")
            basis.append(Basis(document, clause))
        elif colon and name not in found and _is_known(name, value):
            found[name] = value
        else:
            kept.append(tag)
    rule, _, mark = found.get(_RULE, "").partition(":")
    return Labels(
        tuple(kept),
        Difficulty(found.get("difficulty", Difficulty.MEDIUM)),
        Level(found.get("level", Level.PRIMARY)),
        tuple(basis),
        topic,
        ScoringRule(rule) if rule and rule != _DEFAULT else None,
        int(mark) if mark else None,
        _RULE in found,
    )


def _is_known(name: str, value: str) -> bool:
    if name == _RULE:
        rule, colon, mark = value.partition(":")
        is_mark = mark.isascii() and mark.isdigit() and len(mark) <= 9
        return rule in {_DEFAULT, *ScoringRule} and (is_mark if colon else True)
    return (name == "difficulty" and value in set(Difficulty)) or (name == "level" and value in set(Level))
