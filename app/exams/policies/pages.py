"""Policies of eligibility: listed, compared, proposed, approved by another person."""

from collections.abc import Sequence
from typing import Any

from app.accounts.queries import person_of
from app.exams.eligibility import EligibilityRule, Rule
from app.exams.pages.desk import desk
from app.exams.policies import queries, service
from app.exams.policies.rules import POLICY_TRANSITIONS, PolicyAction, PolicyState, version_on
from app.exams.policies.schemas import (
    ChangeShown,
    ParameterShown,
    PoliciesShown,
    PolicyFormShown,
    PolicyGiven,
    PolicyLine,
    PolicyShown,
    RuleShown,
)
from app.exams.registration_models import EligibilityPolicy
from app.exams.rule_kinds import KINDS, compare
from app.exams.schemas import ReasonGiven
from app.exams.service.deciding import persons_behind
from app.operation import Operation
from app.people.calendar import local_date
from app.people.queries import names_of
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import NavEntry
from question_bank.items import Level


@desk.view("/policies", Capability.POLICY_READ, template="exams/policies.html", nav=NavEntry("报考资格政策", 34))
def list_policies(op: Operation) -> PoliciesShown:
    """Every policy: which counts today, which will, how many exams were announced under each."""
    lines = _lines(op, queries.list_policies(op.db, op.actor))
    return PoliciesShown(policies=[PolicyLine(**line) for line in lines], may_propose=op.may(Capability.POLICY_PROPOSE))


@desk.view("/policies/new", Capability.POLICY_PROPOSE, template="exams/policy_form.html")
def show_new_policy(op: Operation, *, level: Level = Level.PRIMARY) -> PolicyFormShown:
    """The form for the next policy of a level, filled in as the version in force has it."""
    today = local_date(op.now)
    version = version_on(queries.versions_of(op.db, level), today)
    rules = service.rules_of(queries.policy_by_id(op.db, version.id)) if version else ()
    now = {rule.kind: rule for rule in rules}
    return PolicyFormShown(
        level=level,
        today=today,
        rules=[
            RuleShown(
                kind=kind,
                zh=what.zh,
                en=what.en,
                always=what.always,
                asked=kind in now,
                parameters=_parameters(kind, now.get(kind)),
            )
            for kind, what in KINDS.items()
            if level in what.levels
        ],
    )


@desk.command(
    "/policies",
    Capability.POLICY_PROPOSE,
    then="/policies/{id}",
    retry=show_new_policy,
    said="政策已提出，须由另一人批准。",
)
def propose_policy(op: Operation, *, given: PolicyGiven) -> Done:
    """Propose the rules of a level from a day on."""
    rules = service.read_rules(given.level, given.rules, given.parameters)
    row = service.propose(op, level=given.level, rules=rules, effective_from=given.effective_from, reason=given.reason)
    return Done(id=row.id)


@desk.view("/policies/{policy_id}", Capability.POLICY_READ, template="exams/policy.html")
def show_policy(op: Operation, *, policy_id: int, against: int = 0) -> PolicyShown:
    """One policy and what it changes, against the version before it or the version numbered `against`."""
    row = queries.find_policy(op.db, op.actor, policy_id)
    numbers = sorted(version.number for version in queries.versions_of(op.db, row.level) if version.id != row.id)
    before = [number for number in numbers if row.number is None or number < row.number]
    chosen = against if against in numbers else max(before, default=0)
    other = queries.version_numbered(op.db, row.level, chosen)
    changes = compare(service.rules_of(other) if other else (), service.rules_of(row))
    return PolicyShown(
        **_lines(op, [row])[0],
        proposed_at=row.proposed_at,
        settled_at=row.settled_at,
        against=other.number if other else None,
        numbers=numbers,
        changes=[
            ChangeShown(
                kind=change.kind,
                zh=KINDS[change.kind].zh,
                en=KINDS[change.kind].en,
                before=_parameters(change.kind, change.before) if change.before else None,
                after=_parameters(change.kind, change.after) if change.after else None,
                changed=other is not None and change.before != change.after,
            )
            for change in changes
        ],
    )


@desk.command(
    "/policies/{policy_id}/approve",
    Capability.POLICY_APPROVE,
    then="/policies/{policy_id}",
    retry=show_policy,
    fresh=True,
    said="政策已批准，自生效之日起发布的考试适用。",
)
def approve_policy(op: Operation, *, policy_id: int) -> Done:
    """Approve what another person proposed."""
    return Done(id=service.approve(op, policy_id=policy_id).id)


@desk.command(
    "/policies/{policy_id}/decline",
    Capability.POLICY_APPROVE,
    then="/policies/{policy_id}",
    retry=show_policy,
    fresh=True,
    said="未予批准。",
)
def decline_policy(op: Operation, *, policy_id: int, given: ReasonGiven) -> Done:
    """Decline a proposal, with a reason."""
    return Done(id=service.decline(op, policy_id=policy_id, reason=given.reason).id)


def _parameters(kind: EligibilityRule, rule: Rule | None) -> list[ParameterShown]:
    return [
        ParameterShown(
            name=p.name,
            zh=p.zh,
            en=p.en,
            least=p.least,
            most=p.most,
            value=rule.parameters[p.name] if rule else p.usual,
        )
        for p in KINDS[kind].parameters
    ]


def _lines(op: Operation, rows: Sequence[EligibilityPolicy]) -> list[dict[str, Any]]:
    today = local_date(op.now)
    in_force = {
        version.id for level in Level if (version := version_on(queries.versions_of(op.db, level), today)) is not None
    }
    exams = queries.count_exams(op.db)
    staff = {a: person_of(op.db, a) for row in rows for a in (row.proposed_by, row.settled_by) if a is not None}
    names = names_of(op.db, set(staff.values()))
    return [
        {
            "id": row.id,
            "level": row.level,
            "state": row.state,
            "number": row.number,
            "effective_from": row.effective_from,
            "in_force": row.id in in_force,
            "exams": exams[row.id],
            "proposed_by": names[staff[row.proposed_by]] if row.proposed_by else "",
            "settled_by": names[staff[row.settled_by]] if row.settled_by else "",
            "reason": row.reason,
            "remark": row.remark,
            "can": _can(op, row),
        }
        for row in rows
    ]


def _can(op: Operation, row: EligibilityPolicy) -> list[PolicyAction]:
    mine = row.state is PolicyState.PROPOSED and op.actor.person_id in persons_behind(op.db, row.proposed_by)
    if mine or not op.may(Capability.POLICY_APPROVE):
        return []
    return [action for action in PolicyAction if (row.state, action) in POLICY_TRANSITIONS]
