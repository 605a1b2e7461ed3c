"""Rules of rescoring: how a correction is decided, what it makes of a score, and what each refusal says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from app.errors import Conflict, Invalid
from app.grading.rules import ReleaseState
from question_bank.blueprint import Blueprint
from question_bank.corrections import Correction, corrected_form, score_corrected
from question_bank.form import Form
from question_bank.items import Item
from question_bank.kinds import Response
from question_bank.scoring import FormScore


class RescoringState(StrEnum):
    """Where a correction stands: proposed; approved, while everyone is scored anew; applied to all; or declined."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    APPLIED = "applied"
    DECLINED = "declined"


class RescoringAction(StrEnum):
    """What may be done with a correction; FINISH is the machine's, once everyone is scored anew."""

    APPROVE = "approve"
    DECLINE = "decline"
    FINISH = "finish"


RESCORING_TRANSITIONS: dict[tuple[RescoringState, RescoringAction], RescoringState] = {
    (RescoringState.PROPOSED, RescoringAction.APPROVE): RescoringState.APPROVED,
    (RescoringState.PROPOSED, RescoringAction.DECLINE): RescoringState.DECLINED,
    (RescoringState.APPROVED, RescoringAction.FINISH): RescoringState.APPLIED,
}

LIVING = frozenset({RescoringState.PROPOSED, RescoringState.APPROVED})
IN_FORCE = frozenset({RescoringState.APPROVED, RescoringState.APPLIED})


class Policy(StrEnum):
    """What becomes of who would lose by a correction. As delivered nobody does: the fault was the house's own."""

    NOBODY_LOSES = "nobody_loses"
    AS_SCORED = "as_scored"


class RescoringSettled(Conflict):
    """The correction was approved or declined already."""

    code = "rescoring.settled"
    zh = "这项更正已经办结。"
    en = "This correction has been settled already."


class RescoringWaits(Conflict):
    """One correction of an exam at a time, and no release before it is settled and everyone scored anew."""

    code = "rescoring.waits"
    zh = "本次考试有一项更正尚未办结或正在重新评分，请等它完成。"
    en = "A correction of this exam waits to be settled, or everyone is being scored anew; please wait for that."


class RescoringTooEarly(Conflict):
    """Somebody may still be writing, or has not been scored."""

    code = "rescoring.too_early"
    zh = "还有 {open} 人在考试或等待收卷，{unscored} 份答卷尚未评分；全部评分后才能更正。"
    en = "{open} still writing or waiting to be closed, {unscored} attempts not scored; corrections come after that."


class ReleaseWaits(Conflict):
    """The results wait to be released: what was proposed for release does not change under the approver's hands."""

    code = "rescoring.release_waits"
    zh = "成绩已提请公布。请先退回公布申请，再办理更正。"
    en = "The release of the results is proposed. Please have that sent back first, then correct."


class CorrectionRefused(Invalid):
    """The rule book refuses the correction; its own sentence says why."""

    code = "rescoring.refused"
    zh = "{zh}"
    en = "{en}"


def move_rescoring(state: RescoringState, action: RescoringAction) -> RescoringState:
    """The state after `action`; raises RescoringSettled where the table has no such move."""
    try:
        return RESCORING_TRANSITIONS[state, action]
    except KeyError:
        raise RescoringSettled from None


def check_time(release: ReleaseState, *, still_open: int, unscored: int) -> None:
    """Refuse a correction while anyone writes or waits for a score, or the results wait for their release."""
    if release is ReleaseState.PROPOSED:
        raise ReleaseWaits
    if still_open or unscored:
        raise RescoringTooEarly(open=still_open, unscored=unscored)


@dataclass(frozen=True)
class Decided:
    """A correction in force, and whether anybody may lose by it."""

    correction: Correction
    policy: Policy


@dataclass(frozen=True)
class Judged:
    """A score and whether it passes. `points` are hundredths by position, None where people have still to mark."""

    points: tuple[int | None, ...]
    total: int
    maximum: int
    passed: bool

    @property
    def standing(self) -> tuple[bool, Fraction]:
        """What makes one better than another: a pass, then the share of what the form is worth."""
        return self.passed, Fraction(self.total, self.maximum)


@dataclass(frozen=True)
class Verdict:
    """What a candidate's responses are worth under the corrections in force: `exact` by all of them, `counting` the
    one that stands for the candidate. They differ where somebody is kept from losing."""

    counting: Judged
    exact: Judged


def judge(
    form: Form,
    items: Mapping[str, Item],
    responses: Mapping[int, Response],
    *,
    blueprint: Blueprint,
    decided: Sequence[Decided],
) -> Verdict:
    """Score responses under what was decided, in order: a correction by which nobody is to lose counts only where it
    is no worse than what stood before it. It follows from the arguments alone, so that doing it twice, or late, gives
    the same. Refuses as `score_corrected` does."""
    counting = exact = _judge(form, items, responses, blueprint, ())
    corrections: list[Correction] = []
    for one in decided:
        corrections.append(one.correction)
        if not concerns(form, one.correction):
            continue
        exact = _judge(form, items, responses, blueprint, corrections)
        if one.policy is Policy.AS_SCORED or exact.standing >= counting.standing:
            counting = exact
    return Verdict(counting, exact)


def concerns(form: Form, correction: Correction) -> bool:
    """Whether the form has the item that is corrected."""
    return any(correction.concerns(entry) for entry in form.entries)


def _judge(
    form: Form,
    items: Mapping[str, Item],
    responses: Mapping[int, Response],
    blueprint: Blueprint,
    corrections: Sequence[Correction],
) -> Judged:
    outcome = score_corrected(form, items, responses, corrections)
    passed = passes_corrected(form, corrected_form(form, corrections), outcome, blueprint)
    return Judged(outcome.points, outcome.total, outcome.maximum, passed)


def passes_corrected(drawn: Form, made: Form, outcome: FormScore, blueprint: Blueprint) -> bool:
    """Whether a score passes where the form `drawn` may have become worth less, as `made`: the cut score, and the
    minimum of each section, shrink with what they are part of. Exactly on them is a pass."""
    if outcome.total * drawn.maximum_hundredths < blueprint.cut_score_hundredths * made.maximum_hundredths:
        return False
    for before, after, section in zip(drawn.sections, made.sections, blueprint.sections, strict=True):
        earned = max(0, sum(outcome.points[entry.position - 1] or 0 for entry in after.entries))
        worth = [sum(entry.points_hundredths for entry in one.entries) for one in (before, after)]
        if earned * worth[0] < section.minimum_hundredths * worth[1]:
            return False
    return True
