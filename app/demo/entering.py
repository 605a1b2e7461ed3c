"""What registering rests on: policies of eligibility, training hours, causes of make-ups, those who come themselves."""

from collections.abc import Sequence
from datetime import date, timedelta

from app.demo.registering import Planned
from app.demo.stage import Player, Stage
from app.exams import queries
from app.exams.eligibility import EligibilityRule, Rule
from app.exams.make_ups import service as make_ups
from app.exams.policies import service as policies
from app.exams.policies.queries import policy_by_id, versions_of
from app.exams.policies.rules import version_on
from app.exams.registering import service as registering
from app.exams.registering.rules import CURRENT
from app.operation import Operation
from app.people.training import service as training
from app.people.training.rules import TrainingKind
from app.security.permissions import Role
from question_bank.items import Level

_HOURS = Rule(EligibilityRule.TRAINING_HOURS, {"hours": 24, "within_months": 12})
_MAKE_UP = Rule(EligibilityRule.MAKE_UP, {"after_failing": 1, "capped": 0})
_COURSES = (
    (TrainingKind.THEORY, 1600, "发展党员工作专题培训"),
    (TrainingKind.ON_SITE, 800, "示范党支部现场教学"),
)


def allow_make_ups(stage: Stage) -> None:
    """From today one make-up exam follows on failing the primary level; its pass counts in full."""
    with stage.by(Role.EXAM_OFFICER) as op:
        reason = "县委组织部关于初级认证考试不合格人员补考的通知"
        rules = [*_rules_now(op, stage, Level.PRIMARY), _MAKE_UP]
        row = policies.propose(op, level=Level.PRIMARY, rules=rules, effective_from=stage.today(), reason=reason)
    with stage.by(Role.EXAM_APPROVER) as op:
        policies.approve(op, policy_id=row.id)


def enter_entitled(stage: Stage, planned: Planned) -> None:
    """The officer enters everybody whom a cause entitles to this make-up exam."""
    with stage.by(Role.EXAM_OFFICER) as op:
        make_ups.enter_entitled(op, exam_id=planned.exam_id)


def settle_policies(stage: Stage) -> None:
    """From next year the primary level asks for training hours, too; the same for the intermediate one waits."""
    begins = date(stage.today().year + 1, 1, 1)
    for level in (Level.PRIMARY, Level.INTERMEDIATE):
        with stage.by(Role.EXAM_OFFICER) as op:
            rules = [*_rules_now(op, stage, level), _HOURS]
            reason = "县委组织部关于将培训学时纳入报考资格的通知"
            row = policies.propose(op, level=level, rules=rules, effective_from=begins, reason=reason)
        if level is Level.PRIMARY:
            with stage.by(Role.EXAM_APPROVER) as op:
                policies.approve(op, policy_id=row.id)


def count_training(stage: Stage, people: Sequence[Player]) -> None:
    """The county's liaison enters two courses of each; an officer has confirmed most of them."""
    day = stage.today() - timedelta(days=20)
    entered: list[tuple[int, int]] = []
    with stage.by(Role.UNIT_LIAISON) as op:
        for player in people:
            for kind, hundredths, title in _COURSES:
                attended = training.Training(day, kind, hundredths, title)
                entered.append((player.person_id, training.enter(op, person_id=player.person_id, training=attended).id))
    with stage.by(Role.EXAM_OFFICER, 1) as op:
        for person_id, record_id in entered[:-9]:
            training.confirm(op, person_id=person_id, record_id=record_id)


def enter_themselves(stage: Stage, planned: Planned, people: Sequence[Player]) -> None:
    """They enter themselves; their unit endorses the first three and not the fourth, the others wait for it."""
    for player in people:
        with stage.acting(player) as op:
            registering.apply(op, exam_id=planned.exam_id, version=CURRENT)
    with stage.by(Role.UNIT_LIAISON) as op:
        rows = [queries.registration_of(op.db, planned.exam_id, player.person_id) for player in people[:4]]
        *endorsed, declined = (row.id for row in rows if row is not None)
        registering.endorse(op, exam_id=planned.exam_id, registration_ids=endorsed)
        registering.decline(
            op, exam_id=planned.exam_id, registration_id=declined, reason="本人近期借调在外，建议参加下一次考试"
        )


def _rules_now(op: Operation, stage: Stage, level: Level) -> Sequence[Rule]:
    now = version_on(versions_of(op.db, level), stage.today())
    return policies.rules_of(policy_by_id(op.db, now.id)) if now else ()
