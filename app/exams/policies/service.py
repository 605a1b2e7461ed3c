"""Policies: proposed by an officer, approved by another person, named by every exam that is announced."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date

from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import FieldProblem, Invalid, NotFound
from app.exams.eligibility import EligibilityRule, Rule
from app.exams.models import Exam
from app.exams.policies import queries
from app.exams.policies.rules import PolicyAction, PolicyState, check_in_time, move_policy, version_on
from app.exams.registration_models import EligibilityPolicy
from app.exams.rule_kinds import KINDS, LEVEL_WORDS, rules_from_json
from app.exams.service.deciding import acting_account, check_other_person
from app.operation import Operation
from app.people.calendar import local_date
from question_bank.canonical import canonical_json
from question_bank.items import Level


def read_rules(
    level: Level, chosen: Sequence[EligibilityRule], given: Mapping[str, Mapping[str, int]]
) -> tuple[Rule, ...]:
    """The rules of a policy in the order of the table. What is `given` to a kind that was not chosen is passed over:
    the page sends every field. Raises Invalid, naming the place, for a kind that the level has no use for, one that no
    policy does without, a parameter that is missing, unknown or out of its bounds."""
    found = []
    if unknown := set(given) - set(EligibilityRule):
        found.append(FieldProblem("parameters", "没有这个条件。", f"There is no such rule: {min(unknown)[:40]}."))
    for kind, what in KINDS.items():
        if what.always and kind not in chosen:
            found.append(FieldProblem("rules", f"“{what.zh}”不能去掉。", f"“{what.en}” cannot be left out."))
        if kind in chosen and level not in what.levels:
            zh, en = LEVEL_WORDS[level]
            found.append(FieldProblem("rules", f"{zh}不适用“{what.zh}”。", f"“{what.en}” is no rule of {en}."))
        found += _check_parameters(kind, given.get(kind, {}), chosen=kind in chosen)
    if found:
        raise Invalid(*found)
    return tuple(
        Rule(kind, {p.name: given[kind][p.name] for p in what.parameters})
        for kind, what in KINDS.items()
        if kind in chosen
    )


def _check_parameters(kind: EligibilityRule, given: Mapping[str, int], *, chosen: bool) -> list[FieldProblem]:
    known = {parameter.name: parameter for parameter in KINDS[kind].parameters}
    found = [
        FieldProblem(f"parameters.{kind}", "没有这个字段。", "There is no such field.")
        for name in given
        if name not in known
    ]
    for name, parameter in known.items() if chosen else ():
        if not parameter.least <= given.get(name, parameter.least - 1) <= parameter.most:
            found.append(
                FieldProblem(
                    f"parameters.{kind}.{name}",
                    f"应为 {parameter.least} 至 {parameter.most} 的整数。",
                    f"A whole number from {parameter.least} to {parameter.most}.",
                )
            )
    return found


def propose(
    op: Operation, *, level: Level, rules: Sequence[Rule], effective_from: date, reason: str
) -> EligibilityPolicy:
    """Propose the rules of a level from a day on. Raises Invalid for a day that has passed."""
    if effective_from < local_date(op.now):
        raise Invalid(FieldProblem("effective_from", "生效日期不早于今天。", "From today or later."))
    row = EligibilityPolicy(
        level=level,
        state=PolicyState.PROPOSED,
        number=None,
        effective_from=effective_from,
        rules=[rule.to_json() for rule in rules],
        reason=reason,
        proposed_by=acting_account(op),
        proposed_at=op.now,
        remark="",
    )
    op.db.add(row)
    op.db.flush()
    record(op, AuditAction.POLICY_PROPOSE, subject=("policy", row.id), after=_told(row), reason=reason)
    return row


def approve(op: Operation, *, policy_id: int) -> EligibilityPolicy:
    """Approve what another person proposed: it is the next version of its level. Raises NotFound, PolicyMoveRefused,
    SameOfficer, and PolicyOverdue where its day has passed meanwhile."""
    row = queries.find_policy(op.db, op.actor, policy_id, lock=True)
    state = move_policy(row.state, PolicyAction.APPROVE)
    check_other_person(op, row.proposed_by)
    check_in_time(row.effective_from, today=local_date(op.now))
    row.number = 1 + max((version.number for version in queries.versions_of(op.db, row.level, hold=True)), default=0)
    return _settle(op, row, state, AuditAction.POLICY_APPROVE)


def decline(op: Operation, *, policy_id: int, reason: str) -> EligibilityPolicy:
    """Decline a proposal, with a reason. Raises NotFound, PolicyMoveRefused, SameOfficer."""
    row = queries.find_policy(op.db, op.actor, policy_id, lock=True)
    state = move_policy(row.state, PolicyAction.DECLINE)
    check_other_person(op, row.proposed_by)
    row.remark = reason
    return _settle(op, row, state, AuditAction.POLICY_DECLINE, reason)


def policy_of(op: Operation, exam: Exam) -> EligibilityPolicy:
    """The policy that an exam was announced under; before that, the one in force today. Raises NotFound for a level
    without any."""
    if exam.policy_id is not None:
        return queries.policy_by_id(op.db, exam.policy_id)
    version = version_on(queries.versions_of(op.db, exam.level), local_date(op.now))
    if version is None:
        raise NotFound
    return queries.policy_by_id(op.db, version.id)


def rules_of(row: EligibilityPolicy) -> tuple[Rule, ...]:
    """The rules of a policy, as it keeps them."""
    return rules_from_json(row.rules)


def _settle(
    op: Operation, row: EligibilityPolicy, state: PolicyState, action: AuditAction, reason: str = ""
) -> EligibilityPolicy:
    before = {"state": row.state}
    row.state, row.settled_by, row.settled_at = state, acting_account(op), op.now
    op.db.flush()
    record(op, action, subject=("policy", row.id), before=before, after=_told(row), reason=reason)
    return row


def _told(row: EligibilityPolicy) -> dict[str, object]:
    return {
        "level": row.level,
        "state": row.state,
        "number": row.number,
        "effective_from": row.effective_from,
        "rules_hash": hashlib.sha256(canonical_json([*row.rules])).hexdigest(),
        "proposed_by": row.proposed_by,
    }
