"""From rows to what is shown of misconduct cases."""

from collections.abc import Sequence

from app.accounts.queries import persons_of
from app.attempts.misconduct import queries
from app.attempts.misconduct.models import MisconductCase, MisconductProposal
from app.attempts.misconduct.rules import (
    GRADES,
    WITNESSES,
    Grade,
    MisconductMoved,
    MisconductState,
    NotHeard,
    Ruling,
    RulingTooGrave,
    may_state,
    move_misconduct,
    proposing,
)
from app.attempts.misconduct.schemas import (
    MisconductLine,
    MisconductShown,
    OwnMisconductShown,
    ProposalShown,
    SignatureShown,
)
from app.attempts.misconduct.service import bar_months, facts_of, had_part, reason_of
from app.attempts.signals.schemas import SignalShown
from app.attempts.signals.service import answered
from app.exams.queries import room_names
from app.exams.queries.seats import find_seat, may_in_room, seats_of_registrations
from app.operation import Operation
from app.people.queries import names_of, person_by_id, unit_by_id
from app.security.permissions import Capability


def lines_of(op: Operation, cases: Sequence[MisconductCase]) -> list[MisconductLine]:
    """Cases on a list; four reads, however many."""
    seats = seats_of_registrations(op.db, {case.registration_id for case in cases})
    names = names_of(op.db, {seat.person_id for seat in seats.values()})
    witnesses = queries.witnesses_of(op.db, [case.id for case in cases])
    rooms = room_names(op.db, {case.room_id for case in cases})
    return [
        MisconductLine(
            id=case.id,
            name=names[seat.person_id],
            ticket_number=seat.ticket_number or "",
            exam_name=seat.exam_name,
            room_name=rooms[case.room_id],
            seat=case.seat,
            category=case.category,
            grade=GRADES[case.category],
            happened_at=case.happened_at,
            ended=case.ended,
            state=case.state,
            ruling=case.ruling,
            signatures=len(witnesses[case.id]),
            signed_by_candidate=case.signed_at is not None,
            statement_due_at=case.statement_due_at,
            stated=case.stated_at is not None,
        )
        for case in cases
        for seat in (seats[case.registration_id],)
    ]


def show(op: Operation, case: MisconductCase) -> MisconductShown:
    """One case with everything that was said in it, for who may see it."""
    facts, evidence, statement = facts_of(op, case)
    seat = find_seat(op.db, case.registration_id)
    witnesses = queries.witnesses_of(op.db, [case.id])[case.id]
    proposals = queries.proposals_of(op.db, case.id)
    accounts = {case.reported_by, *(one.account_id for one in witnesses)}
    accounts |= {account for one in proposals for account in (one.proposed_by, one.decided_by) if account}
    persons = persons_of(op.db, accounts)
    names = names_of(op.db, set(persons.values()))
    signed = case.signed_at is not None or len(witnesses) >= WITNESSES
    outside = not had_part(op, case, proposal=None)
    handles = outside and op.may(Capability.MISCONDUCT_HANDLE)
    recorded = case.state is MisconductState.RECORDED
    rulings = _open_rulings(op, case) if handles else []
    waiting = proposals[-1] if case.state is MisconductState.PROPOSED else None
    return MisconductShown(
        case=lines_of(op, [case])[0],
        room_id=case.room_id,
        unit_name=unit_by_id(op.db, person_by_id(op.db, seat.person_id).unit_id).name,
        facts=facts,
        evidence=evidence,
        cited=cited_in(op, case, person_id=seat.person_id),
        reporter=names[persons[case.reported_by]],
        reported_at=case.reported_at,
        candidate_signed_at=case.signed_at,
        witnesses=[SignatureShown(name=names[persons[one.account_id]], at=one.at) for one in witnesses],
        notice_number=case.notice_number,
        notified_at=case.notified_at,
        statement=statement,
        stated_at=case.stated_at,
        proposals=[
            ProposalShown(
                ruling=one.ruling,
                document_number=one.document_number,
                reason=reason_of(op, case, one),
                proposed_by=names[persons[one.proposed_by]],
                proposed_at=one.proposed_at,
                agreed=one.agreed,
                decided_by=names[persons[one.decided_by]] if one.decided_by else "",
                decided_at=one.decided_at,
                bar_until=one.bar_until,
            )
            for one in proposals
        ],
        may_witness=recorded and outside and may_in_room(op.db, op.actor, case.room_id, Capability.ROOM_RUN),
        may_notify=recorded and signed and handles,
        may_propose=bool(rulings),
        rulings=rulings,
        bar_months=0 if GRADES[case.category] is Grade.BREACH else bar_months(op, case.category),
        may_settle=waiting is not None
        and op.may(Capability.MISCONDUCT_DECIDE)
        and not had_part(op, case, proposal=waiting),
    )


def show_own(op: Operation, case: MisconductCase) -> OwnMisconductShown:
    """One's own case: what is only proposed stays with those who propose."""
    facts, evidence, statement = facts_of(op, case)
    decided = decision_of(op, case)
    return OwnMisconductShown(
        case=lines_of(op, [case])[0],
        facts=facts,
        evidence=evidence,
        cited=cited_in(op, case, person_id=op.actor.person_id or 0),
        reported_at=case.reported_at,
        candidate_signed_at=case.signed_at,
        may_sign=case.state is MisconductState.RECORDED and case.signed_at is None,
        notice_number=case.notice_number,
        notified_at=case.notified_at,
        statement=statement,
        stated_at=case.stated_at,
        may_state=may_state(case.state, stated=case.stated_at is not None, due=case.statement_due_at, now=op.now),
        decision=decided.document_number if decided else "",
        reason=reason_of(op, case, decided) if decided else "",
        decided_at=decided.decided_at if decided else None,
        bar_until=decided.bar_until if decided else None,
    )


def cited_in(op: Operation, case: MisconductCase, *, person_id: int) -> list[SignalShown]:
    """The signals that a case cites, as they stood when it was recorded, with what its person says to them."""
    said = answered(op, case.registration_id, person_id)
    return [
        SignalShown(
            kind=one.kind,
            count=one.count,
            seconds=one.seconds,
            first_at=one.first_at,
            last_at=one.last_at,
            more=one.more,
            answer=said[one.kind][0] if one.kind in said else "",
            answered_at=said[one.kind][1] if one.kind in said else None,
        )
        for one in queries.citations_of(op.db, case.id)
    ]


def decision_of(op: Operation, case: MisconductCase) -> MisconductProposal | None:
    """The proposal that was decided; None until then."""
    return queries.proposals_of(op.db, case.id)[-1] if case.state is MisconductState.SETTLED else None


def _open_rulings(op: Operation, case: MisconductCase) -> list[Ruling]:
    """What may be proposed on a case now, by the rule that judges the proposal."""
    found = []
    for ruling in Ruling:
        try:
            action = proposing(
                ruling,
                category=case.category,
                ended=case.ended,
                notified=case.notified_at is not None,
                stated=case.stated_at is not None,
                due=case.statement_due_at,
                now=op.now,
            )
            move_misconduct(case.state, action)
        except (NotHeard, RulingTooGrave, MisconductMoved):
            continue
        found.append(ruling)
    return found
