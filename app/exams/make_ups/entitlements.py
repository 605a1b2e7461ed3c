"""Entitlements: granted and lapsed by what happens, used by a registration, free again where that is withdrawn.

What stands above exams, absences, misconduct, technical faults, results, tells its causes here from its own events
(app/wiring.py).
"""

from collections.abc import Collection, Mapping

from app.audit.actions import AuditAction
from app.audit.record import record
from app.exams import queries as exams
from app.exams.make_ups import queries
from app.exams.make_ups.models import MakeUp, MakeUpEntitlement
from app.exams.make_ups.rules import (
    Cause,
    EntitlementAction,
    EntitlementState,
    EntitlementUsed,
    allowed_after_failing,
    move_entitlement,
)
from app.exams.models import Exam, Registration
from app.exams.policies.queries import policy_by_id
from app.exams.rule_kinds import allowed_failings, rules_from_json
from app.exams.rules import RegistrationState
from app.operation import Operation
from app.outbox.post import post_to_all
from app.outbox.templates import Kind


def grant(op: Operation, cause: Cause, sources: Mapping[int, str]) -> None:
    """Entitle these registrations, each by its source (`kind:id`), in the transaction of the cause; harmless to repeat.
    The persons are told, but for a failing: the inbox never says who passed."""
    known = queries.by_registration(op.db, cause, sources)
    granted = []
    for registration_id, source in sorted(sources.items()):
        row = known.get(registration_id)
        if row is not None and row.state is EntitlementState.DUE:
            continue
        state = move_entitlement(row.state if row else None, EntitlementAction.GRANT)
        if row is None:
            row = MakeUpEntitlement(registration_id=registration_id, cause=cause)
            op.db.add(row)
        row.state, row.source, row.granted_at, row.lapsed_at = state, source, op.now, None
        after = {"cause": cause, "source": source}
        record(op, AuditAction.MAKE_UP_GRANT, subject=("registration", registration_id), after=after)
        granted.append(registration_id)
    op.db.flush()
    if cause is not Cause.FAILED:
        _tell(op, granted)


def lapse(op: Operation, cause: Cause, registration_ids: Collection[int]) -> None:
    """Take an entitlement back whose cause is gone. A registration that uses it stays and is refused by eligibility,
    which is asked again when it is confirmed and when its exam is sealed."""
    for registration_id, row in queries.by_registration(op.db, cause, registration_ids).items():
        if row.state is EntitlementState.LAPSED:
            continue
        row.state, row.lapsed_at = move_entitlement(row.state, EntitlementAction.LAPSE), op.now
        record(op, AuditAction.MAKE_UP_LAPSE, subject=("registration", registration_id), after={"cause": cause})
    op.db.flush()


def follow_failures(op: Operation, exam_id: int, failed: Collection[int], *, among: Collection[int]) -> None:
    """Bring the entitlements by failing of `among` in line with released results: `failed` are those without a pass.
    How many make-ups follow on failings says the policy that their exam was announced under."""
    exam = exams.exam_by_id(op.db, exam_id)
    allowed = 0
    if exam.policy_id is not None:
        allowed = allowed_failings(rules_from_json(policy_by_id(op.db, exam.policy_id).rules))
    before = _failings_before(op, failed)
    due = {one for one in failed if allowed_after_failing(before[one], allowed=allowed)}
    granted = queries.granted_in(op.db, exam_id, Cause.FAILED) & set(among)
    lapse(op, Cause.FAILED, granted - due)
    grant(op, Cause.FAILED, {one: f"result:{one}" for one in due - granted})


def follow_cancellation(op: Operation, exam: Exam, source: str) -> None:
    """An exam does not take place. Whoever was confirmed is entitled; where it made up for another itself, that one is
    free to be made up by the next."""
    live = exams.live_registrations(op.db, exam.id)
    if exam.makes_up_for is not None:
        free(op, [row.id for row in live])
        return
    confirmed = [row.id for row in live if row.state is RegistrationState.CONFIRMED]
    grant(op, Cause.CALLED_OFF, dict.fromkeys(confirmed, source))


def take(op: Operation, exam: Exam, row: Registration) -> None:
    """Link a new registration for a make-up exam to what it makes up for; does nothing for other exams.

    Raises EntitlementUsed where another exam was first.
    """
    if exam.makes_up_for is None:
        return
    found = queries.usable(op.db, exam, [row.person_id]).get(row.person_id)
    if found is not None:
        queries.hold_original(op.db, found.registration_id)
        found = queries.usable(op.db, exam, [row.person_id]).get(row.person_id)  # read anew: ours now, or gone
    if found is None:
        raise EntitlementUsed
    op.db.add(MakeUp(registration_id=row.id, original_id=found.registration_id, entitlement_id=found.id))
    op.db.flush()
    after = {"original_id": found.registration_id, "cause": found.cause}
    record(op, AuditAction.MAKE_UP_TAKE, subject=("registration", row.id), after=after)


def free(op: Operation, registration_ids: Collection[int]) -> None:
    """Let these registrations, which are refused, withdrawn, or of an exam that is cancelled, make up for nothing."""
    used = queries.made_up_by(op.db, registration_ids)
    queries.strike(op.db, used)
    for registration_id, entitlement in sorted(used.items()):
        after = {"original_id": entitlement.registration_id, "cause": entitlement.cause}
        record(op, AuditAction.MAKE_UP_FREE, subject=("registration", registration_id), after=after)


def _failings_before(op: Operation, registration_ids: Collection[int]) -> dict[int, int]:
    """How many make-ups each of these registrations has behind it that were due to a failing."""
    counted, back = dict.fromkeys(registration_ids, 0), {one: one for one in registration_ids}
    while back:
        used = queries.made_up_by(op.db, set(back.values()))
        for one in [one for one, at in back.items() if at in used]:
            counted[one] += used[back[one]].cause is Cause.FAILED
        back = {one: used[at].registration_id for one, at in back.items() if at in used}
    return counted


def _tell(op: Operation, registration_ids: Collection[int]) -> None:
    for exam_id, persons in _persons_by_exam(op, registration_ids).items():
        told = {"exam": exams.exam_by_id(op.db, exam_id).name}
        post_to_all(op.db, person_ids=persons, template=Kind.MAKE_UP_DUE, params=told, now=op.now)


def _persons_by_exam(op: Operation, registration_ids: Collection[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for row in exams.registrations_by_id(op.db, registration_ids):
        found.setdefault(row.exam_id, []).append(row.person_id)
    return found
