"""The staff of a simulated day: a proctor who grants time, stops clocks and ends attempts; officers who let a room go
on on paper and key its sheets."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from app.accounts.queries import grants_of
from app.attempts.misconduct.rules import Category, NothingToEnd
from app.attempts.misconduct.service import record_case
from app.attempts.on_paper.queries import sheets_of_rooms
from app.attempts.on_paper.service import key_sheet
from app.attempts.proctoring import ledger
from app.attempts.proctoring.rules import NothingToGrant, NothingToPause, NothingToResume, TimeCause
from app.attempts.switches.rules import NobodyForPaper, SwitchCause, SwitchKind
from app.attempts.switches.service import approve, propose
from app.exams.models import RoomProctor
from app.operation import House, Operation, acting_as
from app.security.actor import Actor, ActorKind
from app.security.permissions import Role
from tests.simulation.schedule import Schedule
from tests.support.personas import Persona, make_staff
from tests.support.sealed_exam import Candidate, SealedExam


@contextmanager
def acting(house: House, persona: Persona) -> Iterator[Operation]:
    """One transaction of one person."""
    with acting_as(house, "simulation") as op:
        grants = grants_of(op.db, persona.account_id)
        yield replace(op, actor=Actor(ActorKind.PERSON, persona.account_id, persona.person_id, grants=grants))


@dataclass(frozen=True)
class Staff:
    """Everybody who works on the day: one proctor for all rooms, an approver, and two who key sheets."""

    sitting_id: int
    proctor: Persona
    approver: Persona
    keyers: tuple[Persona, Persona]


def take_on(house: House, exam: SealedExam) -> Staff:
    """The staff of an exam."""
    proctor, approver = make_staff(house, Role.PROCTOR), make_staff(house, Role.EXAM_APPROVER)
    with acting_as(house, "simulation") as op:
        op.db.add_all(RoomProctor(room_id=room_id, account_id=proctor.account_id) for room_id in exam.room_ids)
    keyers = make_staff(house, Role.EXAM_OFFICER), make_staff(house, Role.EXAM_OFFICER)
    return Staff(exam.sitting_id, proctor, approver, keyers)


class Proctor:
    """Grants time to a candidate, stops their clock for a while, or ends their attempt."""

    def __init__(self, house: House, persona: Persona, candidate: Candidate) -> None:
        self._house, self._persona = house, persona
        self._where = {"room_id": candidate.room_id, "registration_id": candidate.registration_id}

    def grant(self, granted: int) -> None:
        """So many minutes, where there is a running attempt."""
        with suppress(NothingToGrant), acting(self._house, self._persona) as op:
            ledger.grant_time(op, minutes=granted, cause=TimeCause.OTHER, note="", **self._where)

    def pause(self) -> None:
        """Stop the clock, where it runs."""
        with suppress(NothingToPause), acting(self._house, self._persona) as op:
            ledger.pause(op, cause=TimeCause.POWER_FAILURE, note="", **self._where)

    def resume(self) -> None:
        """Let it go on, where it stands."""
        with suppress(NothingToResume), acting(self._house, self._persona) as op:
            ledger.resume(op, **self._where)

    def end(self) -> None:
        """End the attempt for misconduct, where it runs."""
        about = {"category": Category.DEVICE, "facts": "", "evidence": "", "end": True, **self._where}
        with suppress(NothingToEnd), acting(self._house, self._persona) as op:
            record_case(op, happened_at=op.now, **about)


class PaperRoom:
    """A room that goes over to paper, where anybody in it is unfinished; what stands on its sheets is up to chance."""

    def __init__(self, house: House, schedule: Schedule, staff: Staff, room_id: int) -> None:
        self._house, self._schedule, self._staff, self._room_id = house, schedule, staff, room_id

    def begin(self) -> None:
        """Power is gone: one proposes, another approves."""
        about = {"sitting_id": self._staff.sitting_id, "kind": SwitchKind.ON_PAPER, "cause": SwitchCause.POWER_FAILURE}
        with suppress(NobodyForPaper):
            with acting(self._house, self._staff.keyers[0]) as op:
                switch = propose(op, room_id=self._room_id, note="", **about)
            with acting(self._house, self._staff.approver) as op:
                approve(op, sitting_id=self._staff.sitting_id, switch_id=switch.id)

    def key(self) -> None:
        """Both key every sheet, and read the same."""
        chance = self._schedule.chance
        with self._house.database.transaction(reading=True) as db:
            sheet_ids = [sheet.id for sheet in sheets_of_rooms(db, [self._room_id])]
        for sheet_id in sorted(sheet_ids):
            present = chance.random() < 0.5
            typed = {at: chance.choice("AB") for at in chance.sample(range(1, 15), 5)} if present else {}
            for keyer in self._staff.keyers:
                with acting(self._house, keyer) as op:
                    key_sheet(op, sheet_id=sheet_id, present=present, typed=typed)
