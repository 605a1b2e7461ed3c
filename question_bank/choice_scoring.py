"""Points for chosen options: eleven named rules.

The names and formulas are those in use at other systems (QTI mappings, Moodle fractions, PrairieLearn, Chinese
exam platforms). With R the right options, C the chosen ones (never empty there), h = |C ∩ R|, w = |C − R| and
M the full points, the formula stands at each function.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from question_bank.scoring import Scoring, ScoringRule


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
    """Full points of an item and the rule's set mark (0 where it takes none), in exact hundredths; the weight of each
    option in shares of the full points, where the rule takes weights."""

    full: Fraction
    mark: Fraction
    weights: tuple[Fraction, ...] = ()


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


def score_option_weights(choice: Choice, worth: Worth) -> Fraction:
    """M·Σ weights of the chosen options (a QTI mapping)."""
    return worth.full * sum((worth.weights[place] for place in choice.chosen), _ZERO)


def score_option_fractions(choice: Choice, worth: Worth) -> Fraction:
    """The same, but 0 where more options are chosen than have a weight above 0 (Moodle's several answers)."""
    most = sum(1 for weight in worth.weights if weight > 0)
    return _ZERO if len(choice.chosen) > most else score_option_weights(choice, worth)


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
    ScoringRule.OPTION_WEIGHTS: score_option_weights,
    ScoringRule.OPTION_FRACTIONS: score_option_fractions,
}

CHOICE_RULES = frozenset(_SCORE_BY)
"""The rules that score chosen options."""


def score_choice(choice: Choice, *, scoring: Scoring, points_hundredths: int) -> Fraction:
    """Exact hundredths that the choice earns, from the floor (0 unless the scoring says less) to `points_hundredths`; 0
    if nothing was chosen.

    The caller vouches that `choice.right` is not empty, that a rule which takes a mark has one, and that one which
    takes weights has one for each option: a valid item and a valid blueprint have.
    """
    if not choice.chosen:
        return _ZERO
    worth = Worth(Fraction(points_hundredths), Fraction(scoring.mark_hundredths or 0), scoring.weights)
    return min(worth.full, max(worth.full * scoring.floor, _SCORE_BY[scoring.rule](choice, worth)))
