"""更正与重新评分: an item is chosen, its correction tried out on everyone, proposed, and approved by another."""

from collections.abc import Iterable, Sequence
from typing import Any

from app.accounts.queries import persons_of
from app.attempts.hall.queries import decisions_in
from app.attempts.hall.rules import FaultDecision
from app.audit.sealing import anchor_first
from app.authoring.queries import versions_by_id
from app.errors import NotFound
from app.exams import queries as exams
from app.exams.reading import RecordsDestroyed
from app.grading import queries as grading
from app.grading.models import Release
from app.grading.rescoring import queries, service
from app.grading.rescoring.models import RescoredResult, Rescoring
from app.grading.rescoring.rules import LIVING, CorrectionRefused, Decided, Policy, RescoringState
from app.grading.rescoring.schemas import (
    DraftShown,
    EffectShown,
    ItemChoice,
    ItemSeen,
    RescoringDeclined,
    RescoringGiven,
    RescoringLine,
    RescoringShown,
    RescoringsShown,
    ShiftShown,
)
from app.grading.rules import ReleaseState
from app.grading.service import frozen_items, progress
from app.operation import Operation
from app.people.queries import names_of
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import Desk
from question_bank.content.plaintext import plain
from question_bank.corrections import Correction, Treatment
from question_bank.items import Item, ItemType
from question_bank.kinds import kind_of
from question_bank.kinds.case_analysis import CaseBody, Part
from question_bank.kinds.choice import letter_of

desk = Desk("grading")
_LETTERED = frozenset({ItemType.ORDERING, ItemType.MATCHING})
_STEM = 60
"""Characters of a stem by which an item is chosen."""


@desk.view("/results/{exam_id}/rescorings", Capability.RESULT_READ, template="grading/rescorings.html")
def show_rescorings(
    op: Operation,
    *,
    exam_id: int,
    item_version_id: int | None = None,
    part: int | None = None,
    treatment: Treatment = Treatment.FULL_POINTS,
    key: str = "",
    policy: Policy = Policy.NOBODY_LOSES,
) -> RescoringsShown:
    """The corrections of an exam; with an item, what its correction would do to everyone."""
    release = _release(op, exam_id)
    rows = queries.rescorings_of(op.db, op.actor, exam_id)
    proposes = _proposes(op, release, rows)
    draft = None
    if proposes and item_version_id:
        told = Decided(Correction(str(item_version_id), treatment, _from_one(part), key.strip()), policy)
        draft = _try_out(op, exam_id, told)
    return RescoringsShown(
        exam_id=exam_id,
        exam_name=exams.exam_by_id(op.db, exam_id).name,
        release=release.state,
        rescorings=_lines(op, rows),
        items=_choices(op, exam_id) if proposes else [],
        draft=draft,
    )


@desk.view("/results/{exam_id}/rescorings/{rescoring_id}", Capability.RESULT_READ, template="grading/rescoring.html")
def show_rescoring(op: Operation, *, exam_id: int, rescoring_id: int) -> RescoringShown:
    """One correction: the item, what it would do or has done, and to whom."""
    release, row = _release(op, exam_id), queries.find_rescoring(op.db, op.actor, exam_id, rescoring_id)
    decided = queries.as_decided(row)
    if row.state is RescoringState.PROPOSED:
        effect = _foreseen(op, service.simulate(op, exam_id, decided))
    else:
        effect = _kept(op, queries.rescored_in(op.db, row.id))
    proposer = persons_of(op.db, {row.proposed_by})[row.proposed_by]
    return RescoringShown(
        **_lines(op, [row])[0].model_dump(),
        exam_id=exam_id,
        exam_name=exams.exam_by_id(op.db, exam_id).name,
        release=release.state,
        item=_item(op, exam_id, decided.correction),
        effect=effect,
        may_settle=row.state is RescoringState.PROPOSED
        and op.may(Capability.RESCORING_APPROVE)
        and proposer != op.actor.person_id,
    )


@desk.command(
    "/results/{exam_id}/rescorings",
    Capability.RESCORING_PROPOSE,
    then="/results/{exam_id}/rescorings/{id}",
    retry=show_rescorings,
    fresh=True,
    said="已提出更正，须由另一人批准。",
)
def propose_rescoring(op: Operation, *, exam_id: int, given: RescoringGiven) -> Done:
    """Propose to correct an item."""
    correction = Correction(str(given.item_version_id), given.treatment, _from_one(given.part), given.key)
    proposed = Decided(correction, given.policy)
    return Done(id=service.propose(op, exam_id=exam_id, proposed=proposed, reason=given.reason).id)


@desk.command(
    "/results/{exam_id}/rescorings/{rescoring_id}/approve",
    Capability.RESCORING_APPROVE,
    then="/results/{exam_id}/rescorings/{id}",
    retry=show_rescoring,
    fresh=True,
    said="已批准，正在为全体考生重新评分。",
    prepare=anchor_first,
)
def approve_rescoring(op: Operation, *, exam_id: int, rescoring_id: int) -> Done:
    """Put the correction in force and have everyone scored anew."""
    return Done(id=service.approve(op, exam_id=exam_id, rescoring_id=rescoring_id).id)


@desk.command(
    "/results/{exam_id}/rescorings/{rescoring_id}/decline",
    Capability.RESCORING_APPROVE,
    then="/results/{exam_id}/rescorings/{id}",
    retry=show_rescoring,
    fresh=True,
    said="未批准更正，成绩不变。",
)
def decline_rescoring(op: Operation, *, exam_id: int, rescoring_id: int, given: RescoringDeclined) -> Done:
    """Leave every result as it is."""
    row = service.decline(op, exam_id=exam_id, rescoring_id=rescoring_id, reason=given.reason)
    return Done(id=row.id)


def _from_one(part: int | None) -> int | None:
    """The part as the rules count it, from 0."""
    return part - 1 if part else None


def _release(op: Operation, exam_id: int) -> Release:
    found = grading.release_of(op.db, exam_id)
    if found is None:
        raise NotFound
    return found


def _proposes(op: Operation, release: Release, rows: Sequence[Rescoring]) -> bool:
    """Whether this person could propose a correction now: nothing else waits, and everyone is scored."""
    if not op.may(Capability.RESCORING_PROPOSE) or release.state is ReleaseState.PROPOSED:
        return False
    figures = progress(op, release.exam_id)
    return not (figures.still_open or figures.unscored or any(row.state in LIVING for row in rows))


def _choices(op: Operation, exam_id: int) -> list[ItemChoice]:
    items, decisions = frozen_items(op.db, op.house, exam_id), decisions_in(op.db, op.actor, exam_id)
    faulty = {at for at, decision in decisions.items() if decision.decision is FaultDecision.WITHDRAW}
    choices = [
        ItemChoice(
            item_version_id=version.item_version_id,
            item_id=version.item_id,
            stem=plain(items[str(version.item_version_id)].stem)[:_STEM],
            reported=version.item_version_id in faulty,
        )
        for version in versions_by_id(op.db, exams.pool_version_ids(op.db, exam_id))
    ]
    return sorted(choices, key=lambda choice: (not choice.reported, choice.item_id))


def _item(op: Operation, exam_id: int, correction: Correction) -> ItemSeen:
    version_id = int(correction.item_key)
    item = frozen_items(op.db, op.house, exam_id).get(correction.item_key)
    if item is None:
        raise NotFound
    content: Item | Part = item
    if correction.part is not None and isinstance(item.body, CaseBody):
        content = dict(enumerate(item.body.parts)).get(correction.part, item)
    kind = kind_of(content.item_type)
    shown = kind.layout(content.body).shown if content.item_type in _LETTERED else ()
    (version,) = versions_by_id(op.db, [version_id])
    return ItemSeen(
        item_version_id=version_id,
        item_id=version.item_id,
        item_type=content.item_type,
        stem=plain(content.stem),
        key_lines=kind.key_lines(content.body),
        choices=[f"{letter_of(place)}. {text}" for place, text in enumerate(shown)],
    )


def _try_out(op: Operation, exam_id: int, told: Decided) -> DraftShown:
    refused: CorrectionRefused | RecordsDestroyed | None = None
    effect = None
    try:
        effect = _foreseen(op, service.simulate(op, exam_id, told))
    except (CorrectionRefused, RecordsDestroyed) as error:
        refused = error
    correction = told.correction
    return DraftShown(
        part=None if correction.part is None else correction.part + 1,
        treatment=correction.treatment,
        key=correction.key,
        policy=told.policy,
        item=_item(op, exam_id, correction),
        refused_zh=refused.sentence("zh") if refused else "",
        refused_en=refused.sentence("en") if refused else "",
        effect=effect,
    )


def _lines(op: Operation, rows: Sequence[Rescoring]) -> list[RescoringLine]:
    accounts = {account for row in rows for account in (row.proposed_by, row.settled_by) if account is not None}
    staff = persons_of(op.db, accounts)
    names = names_of(op.db, set(staff.values()))
    items = {v.item_version_id: v.item_id for v in versions_by_id(op.db, {row.item_version_id for row in rows})}
    return [
        RescoringLine(
            id=row.id,
            item_id=items[row.item_version_id],
            part=None if row.part is None else row.part + 1,
            treatment=row.treatment,
            key=row.key,
            policy=row.policy,
            reason=row.reason,
            state=row.state,
            proposed_by=names[staff[row.proposed_by]],
            proposed_at=row.proposed_at,
            settled_by=names[staff[row.settled_by]] if row.settled_by else "",
            settled_at=row.settled_at,
            applied_at=row.applied_at,
        )
        for row in rows
    ]


def _foreseen(op: Operation, shifts: Sequence[service.Shift]) -> EffectShown:
    """What a correction would do."""
    return _effect(
        op,
        len(shifts),
        [
            {
                "registration_id": shift.result.registration_id,
                "total_before": shift.result.total,
                "maximum_before": shift.result.maximum,
                "passed_before": shift.result.passed,
                "total_after": shift.after.total,
                "maximum_after": shift.after.maximum,
                "passed_after": shift.after.passed,
                "kept": shift.kept,
            }
            for shift in shifts
            if shift.changes or shift.kept
        ],
    )


def _kept(op: Operation, rows: Sequence[RescoredResult]) -> EffectShown:
    """What a correction has done."""
    names = (*(f"{what}_{when}" for when in ("before", "after") for what in ("total", "maximum", "passed")), "kept")
    told = [
        {name: getattr(row, name) for name in ("registration_id", *names)} for row in rows if row.changes or row.kept
    ]
    return _effect(op, len(rows), told)


def _effect(op: Operation, had: int, told: Iterable[dict[str, Any]]) -> EffectShown:
    rows = list(told)
    registrations = {row.id: row for row in exams.registrations_by_id(op.db, [row["registration_id"] for row in rows])}
    names = names_of(op.db, {row.person_id for row in registrations.values()})
    shifts = []
    for row in rows:
        registration = registrations[row["registration_id"]]
        name = names[registration.person_id]
        shifts.append(ShiftShown(ticket_number=registration.ticket_number or "", name=name, **row))
    return EffectShown(
        had=had,
        changed=sum(
            (one.total_before, one.maximum_before, one.passed_before)
            != (one.total_after, one.maximum_after, one.passed_after)
            for one in shifts
        ),
        won=sum(one.passed_after and not one.passed_before for one in shifts),
        lost=sum(one.passed_before and not one.passed_after for one in shifts),
        kept=sum(one.kept for one in shifts),
        shifts=sorted(shifts, key=lambda one: (one.passed_before == one.passed_after, one.ticket_number)),
    )
