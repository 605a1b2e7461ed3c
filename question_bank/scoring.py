"""The named scoring rules, and the exact arithmetic of points.

Points are integers in hundredths of a point wherever they are kept, and `Fraction`s of a hundredth while a
rule is at work; no float comes near them. One item is rounded once, half up, to 0.01; it never rises above its full
points, nor falls below 0 unless its author set a lower floor; a total is the sum of rounded items and never below 0; an
empty response scores 0 under every rule. The formulas stand in `choice_scoring`, and with the kinds that use them.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from question_bank.wording import Wording


class ScoringRule(StrEnum):
    """评分规则. The value is what files and tables use."""

    ALL_OR_NOTHING = "all_or_nothing"
    HALF_IF_MISSED = "half_if_missed"
    FIXED_IF_MISSED = "fixed_if_missed"
    PROPORTIONAL_IF_NO_WRONG = "proportional_if_no_wrong"
    PER_OPTION_MARKS = "per_option_marks"
    PER_OPTION_SIGNED = "per_option_signed"
    NET_CORRECT = "net_correct"
    COVERAGE = "coverage"
    EACH_ANSWER = "each_answer"
    OPTION_WEIGHTS = "option_weights"
    OPTION_FRACTIONS = "option_fractions"
    PER_BLANK = "per_blank"
    ADJACENT_PAIRS = "adjacent_pairs"
    POSITION_MATCHES = "position_matches"
    PER_PAIR = "per_pair"
    NET_PAIRS = "net_pairs"

    @property
    def takes_mark(self) -> bool:
        """Whether the rule needs a set mark beside the full points."""
        return self in _RULES_WITH_MARK

    @property
    def takes_weights(self) -> bool:
        """Whether the rule needs a weight for each option: only an item's author can give them."""
        return self in _RULES_WITH_WEIGHTS


_RULES_WITH_MARK = frozenset({ScoringRule.FIXED_IF_MISSED, ScoringRule.PER_OPTION_MARKS, ScoringRule.PER_OPTION_SIGNED})
_RULES_WITH_WEIGHTS = frozenset({ScoringRule.OPTION_WEIGHTS, ScoringRule.OPTION_FRACTIONS})


@dataclass(frozen=True, slots=True)
class Scoring:
    """A rule and, for the rules that take them, its set mark in hundredths (positive) or the weights of the options.

    `mark_hundredths` is what an incomplete response gets (fixed_if_missed), what each right option gets in an
    incomplete response (per_option_marks), or what each wrong option costs (per_option_signed); else None.
    `weights[i]` is what choosing the option at place i of the item is worth, as a share of the full points, and `floor`
    the least that the item may earn, from -1 to 0, as such a share; () and 0 where the rule takes no weights.
    """

    rule: ScoringRule = ScoringRule.ALL_OR_NOTHING
    mark_hundredths: int | None = None
    weights: tuple[Fraction, ...] = ()
    floor: Fraction = Fraction(0)

    @property
    def is_sound(self) -> bool:
        """Whether mark, weights and floor are there exactly where the rule takes them, and within their ranges."""
        has_mark = self.mark_hundredths is not None and self.mark_hundredths > 0
        fits_mark = has_mark if self.rule.takes_mark else self.mark_hundredths is None
        fits_weights = bool(self.weights) is self.rule.takes_weights and all(-1 <= w <= 1 for w in self.weights)
        return fits_mark and fits_weights and -1 <= self.floor <= 0 and (self.rule.takes_weights or not self.floor)


ALL_OR_NOTHING = Scoring()
"""多选题 as delivered, and every item that is right or not."""


def round_half_up(hundredths: Fraction) -> int:
    """The nearest whole hundredth; exactly half goes up, below 0 too."""
    return (2 * hundredths.numerator + hundredths.denominator) // (2 * hundredths.denominator)


@dataclass(frozen=True, slots=True)
class FormScore:
    """Points in hundredths: `points[i]` belongs to position i + 1, None where people have still to mark it; `maximum`
    is what the form is worth."""

    points: tuple[int | None, ...]
    maximum: int

    @property
    def total(self) -> int:
        """Sum of the rounded items that are scored, in hundredths; never below 0."""
        return max(0, sum(points for points in self.points if points is not None))

    @property
    def is_complete(self) -> bool:
        """Whether no position waits to be marked."""
        return None not in self.points


def passes(total_hundredths: int, *, cut_score_hundredths: int) -> bool:
    """Whether the total reaches the cut score; exactly on it is a pass."""
    return total_hundredths >= cut_score_hundredths


def points_text(hundredths: int) -> str:
    """Points as people write them, from 0 upwards: 200 → "2", 150 → "1.5", 5 → "0.05"."""
    whole, part = divmod(hundredths, 100)
    return f"{whole}.{part:02d}".rstrip("0") if part else str(whole)


def describe(scoring: Scoring) -> Wording:
    """What the rule says, in the words that a candidate reads."""
    mark = points_text(scoring.mark_hundredths or 0)
    zh, en = _WORDS[scoring.rule]
    return Wording(zh.format(mark=mark), en.format(mark=mark))


_WORDS: dict[ScoringRule, Wording] = {
    ScoringRule.ALL_OR_NOTHING: Wording(
        "全部选对得满分，少选、多选、错选或不选均不得分。",
        "Full points for exactly the right options; otherwise none.",
    ),
    ScoringRule.HALF_IF_MISSED: Wording(
        "全部选对得满分，选对但不全得一半分，有错选或不选不得分。",
        "Full points for exactly the right options; half if some are missing and none is wrong; else none.",
    ),
    ScoringRule.FIXED_IF_MISSED: Wording(
        "全部选对得满分，选对但不全得 {mark} 分，有错选或不选不得分。",
        "Full points for exactly the right options; {mark} if some are missing and none is wrong; else none.",
    ),
    ScoringRule.PROPORTIONAL_IF_NO_WRONG: Wording(
        "无错选时按选对的比例得分，有错选或不选不得分。",
        "Points in proportion to the right options chosen; none if a wrong one is chosen.",
    ),
    ScoringRule.PER_OPTION_MARKS: Wording(
        "全部选对得满分，选对但不全时每选对一项得 {mark} 分，有错选或不选不得分。",
        "Full points for exactly the right options; {mark} for each one if some are missing; "
        "none if a wrong one is chosen.",
    ),
    ScoringRule.PER_OPTION_SIGNED: Wording(
        "按选对的比例得分，每错选一项扣 {mark} 分，扣完为止；不选不得分。",
        "Points in proportion to the right options chosen, less {mark} for each wrong one, never below zero.",
    ),
    ScoringRule.NET_CORRECT: Wording(
        "每错选一项抵消一项选对，按抵消后的比例得分；不选不得分。",
        "Each wrong option cancels a right one; points in proportion to what remains, never below zero.",
    ),
    ScoringRule.COVERAGE: Wording(
        "得分为满分乘以选对项占正确项的比例，再乘以选对项占所选项的比例；不选不得分。",
        "Full points times the share of the right options that you chose, times the share of your choices "
        "that are right.",
    ),
    ScoringRule.EACH_ANSWER: Wording(
        "每个选项单独判断：该选的选、不该选的不选，各得相同的分；全部不选不得分。",
        "Every option counts alike: chosen if right, left if wrong; nothing chosen earns nothing.",
    ),
    ScoringRule.OPTION_WEIGHTS: Wording(
        "各选项分值不同，所选各项的分值（可为负）相加，不超过满分；不选不得分。",
        "The options differ in worth, some may cost points; what you chose is added up, at most to full points.",
    ),
    ScoringRule.OPTION_FRACTIONS: Wording(
        "所选各项的分值（可为负）相加；所选项数多于应选项数的不得分。",
        "What you chose is added up, some options may cost points; choosing more options than are right earns none.",
    ),
    ScoringRule.PER_BLANK: Wording(
        "每空单独评分，填对得该空的分。",
        "Each blank is scored by itself.",
    ),
    ScoringRule.ADJACENT_PAIRS: Wording(
        "按相邻两项先后正确的对数占全部相邻对数的比例得分；不排不得分。",
        "Points in proportion to the neighbours that rightly follow each other; none without an order.",
    ),
    ScoringRule.POSITION_MATCHES: Wording(
        "按位置正确的项数占全部项数的比例得分；不排不得分。",
        "Points in proportion to the elements that stand in their right place; none without an order.",
    ),
    ScoringRule.PER_PAIR: Wording(
        "按配对正确的个数占全部个数的比例得分。",
        "Points in proportion to the right pairs.",
    ),
    ScoringRule.NET_PAIRS: Wording(
        "每配错一个抵消一个正确配对，按抵消后的比例得分；未配的不抵消。",
        "Each wrong pair cancels a right one; points in proportion to what remains; pairs left open cost nothing.",
    ),
}
