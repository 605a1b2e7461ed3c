"""The rule of a choice item as parts of the mark for each option, as Moodle's formats write it."""

from fractions import Fraction

from question_bank.formats.moodle.grades import ALLOWED
from question_bank.formats.writers.outlay import ItemOut
from question_bank.items import ItemType
from question_bank.kinds.choice import ChoiceBody
from question_bank.scoring import ScoringRule

_ONE, _ZERO = Fraction(1), Fraction(0)
_NATIVE = frozenset({ScoringRule.OPTION_FRACTIONS, ScoringRule.PROPORTIONAL_IF_NO_WRONG})


def option_parts(out: ItemOut, body: ChoiceBody) -> list[Fraction]:
    """What choosing each option earns: rights sum to 1 and a wrong one costs all, unless the rule says otherwise.

    No target has our other rules: they stand in a label, and that the target will not follow them is noted.
    """
    scoring = out.item.scoring
    single = out.item.item_type is not ItemType.MULTIPLE_CHOICE
    if scoring is not None and scoring.weights and (single or scoring.rule is ScoringRule.OPTION_FRACTIONS):
        return [_allowed(out, weight) for weight in scoring.weights]
    if single:
        return [_ONE if place in body.key else _ZERO for place in range(len(body.options))]
    rule = ScoringRule.ALL_OR_NOTHING if scoring is None else scoring.rule
    if rule not in _NATIVE:
        out.lose("评分规则（仅以标签保存）", "the scoring rule (kept as a label only)")
    share = _allowed(out, Fraction(1, len(body.key))) if body.key else _ZERO
    return [share if place in body.key else -_ONE for place in range(len(body.options))]


def _allowed(out: ItemOut, part: Fraction) -> Fraction:
    sign = -1 if part < 0 else 1
    nearest = min(ALLOWED, key=lambda allowed: abs(allowed - abs(part)))
    if nearest != abs(part):
        out.lose("精确的得分比例", "exact parts of the mark")
    return sign * nearest
