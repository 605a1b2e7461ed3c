"""Policies of eligibility, as they are read."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Select, false, func, select, true
from sqlalchemy.orm import Session

from app.database import find_one, locked
from app.errors import NotFound
from app.exams.models import Exam
from app.exams.policies.rules import PolicyState, Version
from app.exams.registration_models import EligibilityPolicy
from app.security.actor import Actor
from app.security.permissions import Capability
from question_bank.items import Level


def visible(actor: Actor) -> Select[EligibilityPolicy]:
    """The policies this actor may see: all for officers and approvers, for others those that were approved."""
    if actor.may(Capability.POLICY_PROPOSE) or actor.may(Capability.POLICY_APPROVE):
        return select(EligibilityPolicy).where(true())
    approved = EligibilityPolicy.state == PolicyState.APPROVED
    return select(EligibilityPolicy).where(approved if actor.may(Capability.POLICY_READ) else false())


def list_policies(db: Session, actor: Actor) -> Sequence[EligibilityPolicy]:
    """Every visible policy, the newest first."""
    return db.scalars(visible(actor).order_by(EligibilityPolicy.id.desc())).all()


def find_policy(db: Session, actor: Actor, policy_id: int, *, lock: bool = False) -> EligibilityPolicy:
    """One visible policy; with `lock` its row is held. Raises NotFound."""
    query = visible(actor).where(EligibilityPolicy.id == policy_id)
    if lock:
        query = locked(query)
    return find_one(db, query)


def policy_by_id(db: Session, policy_id: int) -> EligibilityPolicy:
    """One policy, for the service's own work. Raises NotFound."""
    found = db.get(EligibilityPolicy, policy_id)
    if found is None:
        raise NotFound
    return found


def versions_of(db: Session, level: Level, *, hold: bool = False) -> list[Version]:
    """The approved policies of a level; with `hold` their rows are held: numbers are given one by one."""
    query = select(EligibilityPolicy).where(
        EligibilityPolicy.level == level, EligibilityPolicy.state == PolicyState.APPROVED
    )
    rows = db.scalars(locked(query.order_by(EligibilityPolicy.id)) if hold else query)
    return [Version(row.id, row.number or 0, row.effective_from) for row in rows]


def version_numbered(db: Session, level: Level, number: int) -> EligibilityPolicy | None:
    """One version of a level by its number."""
    query = select(EligibilityPolicy).where(EligibilityPolicy.level == level, EligibilityPolicy.number == number)
    return db.scalars(query).one_or_none()


def proposed_policies(db: Session) -> Sequence[EligibilityPolicy]:
    """Those that wait for approval, by id."""
    waiting = EligibilityPolicy.state == PolicyState.PROPOSED
    return db.scalars(select(EligibilityPolicy).where(waiting).order_by(EligibilityPolicy.id)).all()


def count_exams(db: Session) -> Counter[int]:
    """How many exams were announced under each policy, by its id."""
    rows = db.execute(select(Exam.policy_id, func.count()).where(Exam.policy_id.is_not(None)).group_by(Exam.policy_id))
    return Counter({policy_id: number for policy_id, number in rows.all() if policy_id is not None})
