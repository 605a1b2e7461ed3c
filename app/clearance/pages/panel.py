"""The panel's desk: joint review and objections."""

from app.accounts.queries import person_of
from app.clearance import queries
from app.clearance.models import Check, ClearanceCase
from app.clearance.pages.routes import desk
from app.clearance.rules import (
    CaseState,
)
from app.clearance.schemas import (
    CaseCheckShown,
    CaseDetailShown,
    ObjectionDecisionGiven,
    ObjectionShown,
    PanelShown,
    ReasonGiven,
    VoteGiven,
    VoteShown,
)
from app.clearance.service import checks, notices, reviews
from app.clearance.views import cases_shown
from app.operation import Operation
from app.people import queries as people
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import NavEntry

PAGE = 100


@desk.view("/cases", Capability.CASE_READ, template="clearance/panel.html", nav=NavEntry("综合评审", 64))
def show_panel(op: Operation, *, after: int = 0) -> PanelShown:
    """The panel's desk: cases to review, objections to decide."""
    waiting = queries.list_cases(op.db, op.actor, states=[CaseState.IN_REVIEW], after=after, limit=PAGE + 1)
    decided = queries.list_cases(op.db, op.actor, states=[CaseState.APPROVED, CaseState.REJECTED], after=0, limit=PAGE)
    objections = []
    for objection, entry in queries.open_objections(op.db):
        case = queries.lock_case(op.db, entry.case_id)
        text, contact = notices.objection_words(op, objection, person_id=case.person_id)
        objections.append(
            ObjectionShown(
                id=objection.id,
                case_id=case.id,
                name=people.person_name(op.db, case.person_id),
                unit_name=entry.unit_name,
                text=text,
                contact=contact,
                raised_at=objection.raised_at,
            )
        )
    return PanelShown(
        in_review=cases_shown(op, list(waiting[:PAGE])),
        decided=cases_shown(op, list(decided)),
        objections=objections,
        next_after=waiting[PAGE - 1].id if len(waiting) > PAGE else None,
    )


def _case_check(op: Operation, check: Check, case: ClearanceCase) -> CaseCheckShown:
    return CaseCheckShown(
        office=check.office,
        outcome=check.outcome,
        ground=checks.ground_of(op, check, case),
        statement=checks.statement_text(op, check, case),
        valid_until=check.valid_until,
    )


@desk.view("/cases/{case_id}", Capability.CASE_READ, template="clearance/case.html")
def show_case(op: Operation, *, case_id: int) -> CaseDetailShown:
    """One case as the panel reviews it."""
    case = queries.find_case(op.db, op.actor, case_id)
    shown = cases_shown(op, [case])[0]
    votes = queries.votes_of(op.db, case.id, case.review)
    recused = checks.is_recused(op, case)
    return CaseDetailShown(
        case=shown,
        checks=[_case_check(op, check, case) for check in queries.checks_of(op.db, [case.id])[case.id]],
        votes=[
            VoteShown(approve=v.approve, at=v.at, mine=person_of(op.db, v.member_id) == op.actor.person_id)
            for v in votes
        ],
        may_vote=case.state is CaseState.IN_REVIEW and not shown.voted and not recused,
        recused=recused,
    )


@desk.command(
    "/cases/{case_id}/vote",
    Capability.JOINT_REVIEW,
    then="/cases",
    retry=show_case,
    fresh=True,
    said="评审意见已记录。",
)
def vote(op: Operation, *, case_id: int, given: VoteGiven) -> Done:
    """My vote in the joint review."""
    return Done(id=reviews.vote(op, case_id=case_id, approve=given.approve, reason=given.reason).id)


@desk.command(
    "/cases/{case_id}/ask-again",
    Capability.JOINT_REVIEW,
    then="/cases",
    retry=show_case,
    fresh=True,
    said="已重新送审。",
)
def ask_again(op: Operation, *, case_id: int, given: ReasonGiven) -> Done:
    """Begin the checks of a case anew."""
    return Done(id=reviews.ask_again(op, case_id=case_id, reason=given.reason).id)


@desk.command(
    "/objections/{objection_id}/decide",
    Capability.OBJECTION_DECIDE,
    then="/cases",
    retry=show_panel,
    fresh=True,
    said="异议已处理。",
)
def decide_objection(op: Operation, *, objection_id: int, given: ObjectionDecisionGiven) -> Done:
    """The panel's word on an objection."""
    decided = notices.decide_objection(op, objection_id=objection_id, uphold=given.uphold, reason=given.reason)
    return Done(id=decided.id)
