"""Extra time that was granted for every exam: in the ledger and in the deadline from the start on, once."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.attempts.models import Attempt, GrantedTime
from app.attempts.proctoring.rules import TimeCause
from app.audit.models import AuditRecord
from app.clock import ManualClock
from app.exams.accommodations import AccommodationState
from app.exams.models import Accommodation
from app.operation import House, acting_as
from tests.app.attempts.conftest import Sit
from tests.support.sealed_exam import SealedExam


def grant(house: House, exam: SealedExam, number: int, **what: int) -> None:
    """An approved accommodation of one of the exam's candidates."""
    with acting_as(house, "test") as op:
        named = {"extra_percent": 0, "extra_minutes": 0, "large_print": True, "separate_room": False} | what
        op.db.add(
            Accommodation(
                person_id=exam.candidates[number].persona.person_id,
                state=AccommodationState.APPROVED,
                near_door=False,
                valid_from=op.now - timedelta(days=what.pop("days", 30)),
                valid_until=op.now + timedelta(days=1),
                basis_cipher="",
                proposed_by=exam.proctors[0].account_id,
                proposed_at=op.now,
                settled_by=exam.proctors[0].account_id,
                **named,
            )
        )


@pytest.mark.parametrize(("what", "minutes"), [({"extra_percent": 27}, 17), ({"extra_minutes": 40}, 40)])
def test_extra_time_moves_the_deadline_from_the_start_on(
    house: House, exam: SealedExam, sit: Sit, clock: ManualClock, what: dict[str, int], minutes: int
) -> None:  # P9, P11
    grant(house, exam, 0, **what)
    helped, plain = sit(0, start=False), sit(1, start=False)
    door = helped.client.api_get(f"/exams/{exam.exam_id}/entrance").json()
    assert (door["extra_minutes"], door["large_print"], door["duration_minutes"]) == (minutes, True, 60)
    assert 'data-granted-size="large"' in helped.client.get(f"/exams/{exam.exam_id}/sit").text
    assert helped.client.api_get("/sittings").json()["sittings"][0]["extra_minutes"] == minutes
    shown, again = helped.start().json(), helped.start().json()
    usual = plain.start().json()
    assert shown["deadline_at"] == again["deadline_at"]
    with house.database.transaction(reading=True) as db:
        runs = {run.id: run for run in db.scalars(select(Attempt))}
        entries = list(db.scalars(select(GrantedTime)))
        told = db.scalars(select(AuditRecord).where(AuditRecord.action == "attempt:grant_time")).one()
    run = runs[shown["attempt_id"]]
    assert run.deadline_at - runs[usual["attempt_id"]].deadline_at == timedelta(minutes=minutes)
    assert run.next_check_at > run.deadline_at
    assert [(e.attempt_id, e.seconds, e.cause) for e in entries] == [(run.id, minutes * 60, TimeCause.ACCOMMODATION)]
    assert json.loads(told.after)["seconds"] == minutes * 60
    usual_end = runs[usual["attempt_id"]].deadline_at
    while clock.now() <= usual_end + timedelta(seconds=30):
        clock.advance(timedelta(minutes=12))
        assert {sitter.look("time").status_code for sitter in (helped, plain)} == {200}
    clock.set(usual_end + timedelta(minutes=minutes) - timedelta(seconds=5))
    assert helped.save(1, 1, [0]).status_code == 200
    assert plain.save(1, 1, [0]).status_code == 409


def test_what_is_not_approved_or_out_of_its_days_gives_nothing(house: House, exam: SealedExam, sit: Sit) -> None:
    grant(house, exam, 0, extra_minutes=20)
    with acting_as(house, "test") as op:
        row = op.db.scalars(select(Accommodation)).one()
        row.valid_until = op.now - timedelta(hours=1)
    first = sit(0).look().json()
    with acting_as(house, "test") as op:
        row = op.db.scalars(select(Accommodation)).one()
        row.person_id, row.valid_until, row.state = (
            exam.candidates[1].persona.person_id,
            None,
            AccommodationState.PROPOSED,
        )
    second = sit(1).look().json()
    assert first["deadline_at"][:16] == second["deadline_at"][:16]
    with house.database.transaction(reading=True) as db:
        assert list(db.scalars(select(GrantedTime))) == []
