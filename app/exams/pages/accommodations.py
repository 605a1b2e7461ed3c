"""Accommodations: proposed, approved by another person, withdrawn."""

from datetime import timedelta

from app.accounts.queries import person_of
from app.exams.accommodations import ACCOMMODATION_TRANSITIONS, AccommodationAction, AccommodationState, Grant
from app.exams.models import Accommodation
from app.exams.pages.desk import desk
from app.exams.queries.accommodations import list_accommodations
from app.exams.schemas import ReasonGiven
from app.exams.schemas.accommodations import AccommodationGiven, AccommodationShown, AccommodationsShown
from app.exams.service import accommodations as service
from app.exams.service.deciding import persons_behind
from app.operation import Operation
from app.people.calendar import local_date
from app.people.queries import names_of, persons_by_id, units_by_id
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import NavEntry


@desk.view(
    "/accommodations",
    Capability.ACCOMMODATION_READ,
    template="exams/accommodations.html",
    nav=NavEntry("合理便利", 33),
)
def show_accommodations(op: Operation) -> AccommodationsShown:
    """Every accommodation: for whom, what, from when to when, by whom."""
    rows = list_accommodations(op.db, op.actor)
    persons = persons_by_id(op.db, {row.person_id for row in rows})
    units = units_by_id(op.db, {person.unit_id for person in persons.values()})
    staff = {a: person_of(op.db, a) for row in rows for a in (row.proposed_by, row.settled_by) if a is not None}
    names = names_of(op.db, set(staff.values()))
    return AccommodationsShown(
        accommodations=[
            AccommodationShown(
                id=row.id,
                person_name=persons[row.person_id].name,
                id_number_masked=persons[row.person_id].id_number_masked,
                unit_name=units[persons[row.person_id].unit_id].name,
                state=row.state,
                extra_percent=row.extra_percent,
                extra_minutes=row.extra_minutes,
                large_print=row.large_print,
                separate_room=row.separate_room,
                near_door=row.near_door,
                first_day=local_date(row.valid_from),
                last_day=local_date(row.valid_until - timedelta(seconds=1)) if row.valid_until else None,
                basis=service.basis_of(op, row),
                proposed_by=names[staff[row.proposed_by]],
                proposed_at=row.proposed_at,
                settled_by=names[staff[row.settled_by]] if row.settled_by else "",
                settled_at=row.settled_at,
                can=_can(op, row, units[persons[row.person_id].unit_id].path),
            )
            for row in rows
        ],
        may_propose=bool(op.actor.scopes(Capability.ACCOMMODATION_PROPOSE)),
    )


@desk.command(
    "/accommodations",
    Capability.ACCOMMODATION_PROPOSE,
    then="/accommodations",
    retry=show_accommodations,
    said="已提出，须由另一人批准。",
)
def propose_accommodation(op: Operation, *, given: AccommodationGiven) -> Done:
    """Propose an accommodation for a person."""
    grant = Grant(given.extra_percent, given.extra_minutes, given.large_print, given.separate_room, given.near_door)
    proposal = service.Proposal(given.name, given.id_number, grant, given.first_day, given.last_day, given.basis)
    return Done(id=service.propose(op, proposal).id)


@desk.command(
    "/accommodations/{accommodation_id}/approve",
    Capability.ACCOMMODATION_APPROVE,
    then="/accommodations",
    retry=show_accommodations,
    fresh=True,
    said="合理便利已批准，今后各场考试自动适用。",
)
def approve_accommodation(op: Operation, *, accommodation_id: int) -> Done:
    """Approve what another person proposed."""
    return Done(id=service.approve(op, accommodation_id=accommodation_id).id)


@desk.command(
    "/accommodations/{accommodation_id}/decline",
    Capability.ACCOMMODATION_APPROVE,
    then="/accommodations",
    retry=show_accommodations,
    fresh=True,
    said="未予批准。",
)
def decline_accommodation(op: Operation, *, accommodation_id: int, given: ReasonGiven) -> Done:
    """Decline a proposal, with a reason."""
    return Done(id=service.decline(op, accommodation_id=accommodation_id, reason=given.reason).id)


@desk.command(
    "/accommodations/{accommodation_id}/withdraw",
    Capability.ACCOMMODATION_APPROVE,
    then="/accommodations",
    retry=show_accommodations,
    fresh=True,
    said="合理便利已撤销。",
)
def withdraw_accommodation(op: Operation, *, accommodation_id: int, given: ReasonGiven) -> Done:
    """End an approved accommodation, with a reason."""
    return Done(id=service.withdraw(op, accommodation_id=accommodation_id, reason=given.reason).id)


def _can(op: Operation, row: Accommodation, unit_path: str) -> list[AccommodationAction]:
    if not op.actor.covers(Capability.ACCOMMODATION_APPROVE, unit_path):
        return []
    mine = row.state is AccommodationState.PROPOSED and op.actor.person_id in persons_behind(op.db, row.proposed_by)
    return [] if mine else [a for a in AccommodationAction if (row.state, a) in ACCOMMODATION_TRANSITIONS]
