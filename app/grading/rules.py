"""Rules of results: the lifecycle of a release, and what must be true before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from app.errors import Conflict, Forbidden
from question_bank.blueprint import Blueprint
from question_bank.form import Form
from question_bank.scoring import FormScore, passes, round_half_up


class ReleaseState(StrEnum):
    """Where an exam's results stand: scored by the machine, proposed for release, released to all at once (P18)."""

    SCORED = "scored"
    PROPOSED = "proposed"
    RELEASED = "released"


class ReleaseAction(StrEnum):
    """What may be done to an exam's results."""

    SCORE = "score"
    PROPOSE = "propose"
    DECLINE = "decline"
    RELEASE = "release"


TRANSITIONS: dict[tuple[ReleaseState | None, ReleaseAction], ReleaseState] = {
    (None, ReleaseAction.SCORE): ReleaseState.SCORED,
    (ReleaseState.SCORED, ReleaseAction.SCORE): ReleaseState.SCORED,
    (ReleaseState.SCORED, ReleaseAction.PROPOSE): ReleaseState.PROPOSED,
    (ReleaseState.PROPOSED, ReleaseAction.DECLINE): ReleaseState.SCORED,
    (ReleaseState.PROPOSED, ReleaseAction.RELEASE): ReleaseState.RELEASED,
}


class ReleaseMoveRefused(Conflict):
    """The state of the results does not allow this."""

    code = "release.move_refused"
    zh = "成绩当前状态不能执行此操作。"
    en = "The present state of the results does not allow this."


class ResultsOut(Conflict):
    """Once results are out an absence is not taken back; a recognised reason is another matter."""

    code = "release.results_out"
    zh = "成绩已经公布，缺考名单不能重新开启；有正当事由的，可提出缺考事由。"
    en = "The results are out: the list of absences is not opened again, but a reason can still be recognised."


class RecordsMissing(Conflict):
    """A room's record is not signed by both invigilators, and no approver does without it."""

    code = "release.records_missing"
    zh = "还有 {count} 个考场的考场记录表没有签完，也未经审批免除，成绩不能公布。"
    en = "The records of {count} rooms are neither signed nor done without; the results cannot be released."


class FaultsWaiting(Conflict):
    """Whether an attempt counts at all is decided before anything is told."""

    code = "release.faults_waiting"
    zh = "还有 {count} 项技术故障没有认定，成绩不能提请公布。"
    en = "{count} reports of technical faults are undecided; the results cannot be proposed for release."


class TooLateForFault(Conflict):
    """What is told, or about to be, is not taken back by a report."""

    code = "release.too_late_for_fault"
    zh = "成绩已经提请公布或者公布，不能再报告或认定技术故障。"
    en = "The results are proposed for release or out; no technical fault can be reported or recognised any more."


class NotAllScored(Conflict):
    """Somebody may still be writing, or has not been scored."""

    code = "release.not_all_scored"
    zh = "尚不能提请公布：{open} 人仍在考试或等待收卷，{unscored} 份答卷尚未评分。"
    en = "Not yet to be released: {open} still writing or waiting to be closed, {unscored} attempts not scored."


class SameReleaser(Forbidden):
    """Proposing and releasing are done by two people."""

    code = "release.same_person"
    zh = "提请与批准成绩公布须由两人分别办理。"
    en = "Proposing and releasing results are done by two people."


def move(state: ReleaseState | None, action: ReleaseAction) -> ReleaseState:
    """The state after `action`; raises ReleaseMoveRefused where the table has no such move."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise ReleaseMoveRefused from None


def check_complete(*, still_open: int, unscored: int) -> None:
    """Refuse a proposal while anyone writes or waits for a score."""
    if still_open or unscored:
        raise NotAllScored(open=still_open, unscored=unscored)


def check_faults(undecided: int) -> None:
    """Refuse to release while that many reports of technical faults are undecided."""
    if undecided:
        raise FaultsWaiting(count=undecided)


def check_records(missing: int) -> None:
    """Refuse to release while the records of that many rooms are missing."""
    if missing:
        raise RecordsMissing(count=missing)


def reaches_minima(section_points: Sequence[int], minima: Sequence[int]) -> bool:
    """Whether each section earned its minimum, both in hundredths and in the order of the form; exactly on it is
    enough, and a minimum of 0 asks for nothing. To pass, the total must reach the cut score as well."""
    return all(max(0, earned) >= least for earned, least in zip(section_points, minima, strict=True))


def section_points(form: Form, outcome: FormScore) -> list[int]:
    """What each section of the form earned, in hundredths."""
    return [sum(outcome.points[entry.position - 1] or 0 for entry in section.entries) for section in form.sections]


def earns_pass(points: Sequence[int], outcome: FormScore, blueprint: Blueprint) -> bool:
    """Whether this score, with these points of its sections, passes its blueprint: the cut score, and the minimum of
    every section."""
    minima = [section.minimum_hundredths for section in blueprint.sections]
    return passes(outcome.total, cut_score_hundredths=blueprint.cut_score_hundredths) and reaches_minima(points, minima)


def capped_total(total: int, *, cut_score: int, maximum: int, full: int) -> int:
    """What a passing `total` counts where no more than the cut score does. All in hundredths; of a form that is worth
    `maximum` instead of the blueprint's `full`, for points have left it, the cut score is in proportion."""
    return min(total, round_half_up(Fraction(cut_score * maximum, full)))


@dataclass(frozen=True)
class Band:
    """One bar of the distribution: totals from `least` up to and without `below` (hundredths; the last bar includes
    the maximum), and how many have them."""

    least: int
    below: int
    count: int


def distribution(totals: list[int], maximum: int, *, bands: int = 10) -> list[Band]:
    """How totals spread over `bands` equal parts of the range 0 to `maximum`, all in hundredths.

    Every total is in exactly one band; exact integers, so that a boundary belongs to the band it opens.
    """
    edges = [maximum * n // bands for n in range(bands + 1)]
    counts = [0] * bands
    for total in totals:
        place = next((n for n in range(bands - 1, 0, -1) if total >= edges[n]), 0)
        counts[place] += 1
    return [Band(edges[n], edges[n + 1], counts[n]) for n in range(bands)]
