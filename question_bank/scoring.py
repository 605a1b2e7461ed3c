"""The nine named scoring rules, and the exact arithmetic of points.

Points are integers in hundredths of a point wherever they are kept, and `Fraction`s of a hundredth while a
rule is at work; no float comes near them. One item is rounded once, half up, to 0.01; it never falls below 0
nor rises above its full points; a total is the sum of rounded items; an empty response scores 0 under every rule.

The names and formulas are those in use at other systems (QTI mappings, Moodle fractions, PrairieLearn, Chinese
exam platforms). With R the right options, C the chosen ones (never empty there), h = |C ∩ R|, w = |C − R| and
M the full points, the formula stands at each function.
"""

from collections.abc import Callable
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

    @property
    def takes_mark(self) -> bool:
        """Whether the rule needs a set mark beside the full points."""
        return self in _RULES_WITH_MARK


_RULES_WITH_MARK = frozenset({ScoringRule.FIXED_IF_MISSED, ScoringRule.PER_OPTION_MARKS, ScoringRule.PER_OPTION_SIGNED})


@dataclass(frozen=True, slots=True)
class Scoring:
    """A rule and, for the three rules that take one, its set mark in hundredths (positive).

    `mark_hundredths` is what an incomplete response gets (fixed_if_missed), what each right option gets in an
    incomplete response (per_option_marks), or what each wrong option costs (per_option_signed); else None.
    """

    rule: ScoringRule = ScoringRule.ALL_OR_NOTHING
    mark_hundredths: int | None = None


ALL_OR_NOTHING = Scoring()
"""多选题 as delivered, and every item that is right or not."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen and what is right, as positions in one and the same order of `option_count` options."""

    chosen: frozenset[int]
    right: frozenset[int]
    option_count: int

    @property
    def hits(self) -> int:
        """Right options that were chosen."""
        return len(self.chosen & self.right)

    @property
    def wrong(self) -> int:
        """Wrong options that were chosen."""
        return len(self.chosen - self.right)


@dataclass(frozen=True, slots=True)
class Worth:
    """Full points of an item and the rule's set mark (0 where it takes none), in exact hundredths."""

    full: Fraction
    mark: Fraction


_ZERO = Fraction(0)


def score_all_or_nothing(choice: Choice, worth: Worth) -> Fraction:
    """M if C = R, else 0."""
    return worth.full if choice.chosen == choice.right else _ZERO


def score_half_if_missed(choice: Choice, worth: Worth) -> Fraction:
    """M if C = R; M/2 if w = 0; else 0. The half is exact: nothing is rounded before the item is."""
    return _complete_or(choice, worth, worth.full / 2)


def score_fixed_if_missed(choice: Choice, worth: Worth) -> Fraction:
    """M if C = R; the set mark if w = 0; else 0."""
    return _complete_or(choice, worth, worth.mark)


def score_proportional_if_no_wrong(choice: Choice, worth: Worth) -> Fraction:
    """M·h/|R| if w = 0, else 0."""
    return _complete_or(choice, worth, worth.full * choice.hits / len(choice.right))


def score_per_option_marks(choice: Choice, worth: Worth) -> Fraction:
    """M if C = R; h times the set mark if w = 0; else 0."""
    return _complete_or(choice, worth, worth.mark * choice.hits)


def score_per_option_signed(choice: Choice, worth: Worth) -> Fraction:
    """M·h/|R| less the set mark for each wrong option."""
    return worth.full * choice.hits / len(choice.right) - worth.mark * choice.wrong


def score_net_correct(choice: Choice, worth: Worth) -> Fraction:
    """M·max(0, h − w)/|R|."""
    return worth.full * max(0, choice.hits - choice.wrong) / len(choice.right)


def score_coverage(choice: Choice, worth: Worth) -> Fraction:
    """M·(h/|R|)·(h/|C|)."""
    return worth.full * choice.hits * choice.hits / (len(choice.right) * len(choice.chosen))


def score_each_answer(choice: Choice, worth: Worth) -> Fraction:
    """M·(right decisions)/(options): a right option chosen, or a wrong one left, is a right decision."""
    left_rightly = choice.option_count - len(choice.right) - choice.wrong
    return worth.full * (choice.hits + left_rightly) / choice.option_count


def _complete_or(choice: Choice, worth: Worth, incomplete: Fraction) -> Fraction:
    if choice.wrong:
        return _ZERO
    return worth.full if choice.chosen == choice.right else incomplete


_SCORE_BY: dict[ScoringRule, Callable[[Choice, Worth], Fraction]] = {
    ScoringRule.ALL_OR_NOTHING: score_all_or_nothing,
    ScoringRule.HALF_IF_MISSED: score_half_if_missed,
    ScoringRule.FIXED_IF_MISSED: score_fixed_if_missed,
    ScoringRule.PROPORTIONAL_IF_NO_WRONG: score_proportional_if_no_wrong,
    ScoringRule.PER_OPTION_MARKS: score_per_option_marks,
    ScoringRule.PER_OPTION_SIGNED: score_per_option_signed,
    ScoringRule.NET_CORRECT: score_net_correct,
    ScoringRule.COVERAGE: score_coverage,
    ScoringRule.EACH_ANSWER: score_each_answer,
}


def score_choice(choice: Choice, *, scoring: Scoring, points_hundredths: int) -> Fraction:
    """Exact hundredths that the choice earns, from 0 to `points_hundredths`; 0 if nothing was chosen.

    The caller vouches that `choice.right` is not empty and that a rule which takes a mark has one: a valid
    item and a valid blueprint have.
    """
    if not choice.chosen:
        return _ZERO
    worth = Worth(Fraction(points_hundredths), Fraction(scoring.mark_hundredths or 0))
    return min(worth.full, max(_ZERO, _SCORE_BY[scoring.rule](choice, worth)))


def round_half_up(hundredths: Fraction) -> int:
    """The nearest whole hundredth of a value that is not negative; exactly half goes up."""
    return (2 * hundredths.numerator + hundredths.denominator) // (2 * hundredths.denominator)


@dataclass(frozen=True, slots=True)
class FormScore:
    """Points in hundredths: `points[i]` belongs to position i + 1; `maximum` is what the form is worth."""

    points: tuple[int, ...]
    maximum: int

    @property
    def total(self) -> int:
        """Sum of the rounded items, in hundredths."""
        return sum(self.points)


def passes(total_hundredths: int, *, cut_score_hundredths: int) -> bool:
    """Whether the total reaches the cut score; exactly on it is a pass."""
    return total_hundredths >= cut_score_hundredths


def points_text(hundredths: int) -> str:
    """Points as people write them, from 0 upwards: 200 → "2", 150 → "1.5", 5 → "0.05"."""
    whole, part = divmod(hundredths, 100)
    return f"{whole}.{part:02d}".rstrip("0") if part else str(whole)


def describe(scoring: Scoring) -> Wording:
    """What the rule says, in the words that a candidate reads above an item with several right options."""
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
}
