"""Training hours: entered by one person, confirmed by another, then a fact of standing until withdrawn."""

import pytest

from app.operation import acting_as
from app.people.queries import standing_facts
from app.people.rules import UnitKind, training_hundredths
from app.people.training.rules import (
    TRAINING_TRANSITIONS,
    SameEnterer,
    TrainingAction,
    TrainingMoveRefused,
    TrainingState,
    check_confirmer,
    move_training,
)
from app.security.permissions import Role
from tests.support.house import MORNING
from tests.support.personas import make_person, make_staff, make_unit

GIVEN = {"day": "2026-11-02", "kind": "theory", "hours": "7.5", "title": "发展党员工作细则专题"}


@pytest.mark.parametrize("state", TrainingState)
def test_moves_are_those_of_the_table(state):  # P13
    for action in TrainingAction:
        if (state, action) in TRAINING_TRANSITIONS:
            assert move_training(state, action) is TRAINING_TRANSITIONS[state, action]
        else:
            with pytest.raises(TrainingMoveRefused):
                move_training(state, action)


@pytest.mark.parametrize("confirmer", [None, 1, 2])
def test_nobody_confirms_what_they_entered_or_attended(confirmer):  # P29
    with pytest.raises(SameEnterer):
        check_confirmer(confirmer, entered_by=1, whose=2)
    check_confirmer(3, entered_by=1, whose=2)


def test_hours_count_once_another_person_has_confirmed_them(house, browsers):  # P20, P21, P35
    with acting_as(house, "test") as op:
        county = make_unit(op, "学时县", kind=UnitKind.COUNTY)
        east, west = make_unit(op, "学时东镇", parent=county), make_unit(op, "学时西镇", parent=county)
        ours, theirs = make_person(op, east), make_person(op, west)
    liaison = browsers(make_staff(house, Role.UNIT_LIAISON, unit=east))
    officer, other = (browsers(make_staff(house, Role.EXAM_OFFICER)) for _ in range(2))

    def hours():
        with house.database.transaction(reading=True) as db:
            facts = standing_facts(db, [ours.id])[ours.id]
            return training_hundredths(facts, until=MORNING.date(), months=12)

    here = f"/training/{ours.id}"
    for wrong in ({"hours": "0"}, {"hours": "1.005"}, {"hours": "NaN"}, {"day": "2027-01-01"}, {"kind": "sleep"}):
        assert liaison.api(here, GIVEN | wrong).status_code == 422
    assert liaison.api(f"/training/{theirs.id}", GIVEN).status_code == 404
    entered = [f"{here}/records/{liaison.api(here, GIVEN).json()['id']}" for _ in range(2)]
    assert liaison.api(f"{entered[0]}/confirm").status_code == 403
    assert hours() == 0
    own = f"{here}/records/{officer.api(here, GIVEN).json()['id']}"
    assert officer.api(f"{own}/confirm").status_code == 403
    assert other.api(f"{own}/decline", {"reason": "与签到表不符"}).status_code == 200
    assert officer.api(f"{entered[0]}/confirm").status_code == 200
    assert officer.api(f"{entered[0]}/confirm").status_code == 409
    assert officer.api(f"/training/{theirs.id}/records/{entered[1].rsplit('/', 1)[1]}/confirm").status_code == 404
    assert hours() == 750
    shown = officer.api_get("/training?waiting=true").json()
    assert [(line["person_id"], line["hundredths"], line["waiting"]) for line in shown["persons"]] == [
        (ours.id, 750, 1)
    ]
    assert "条培训学时待确认" in officer.get("/").text
    assert other.api(f"{entered[0]}/withdraw", {"reason": "重复登记"}).status_code == 200
    assert hours() == 0
    page = liaison.get(here).text
    assert "与签到表不符" in page
    assert "重复登记" in page
    assert {row["state"] for row in liaison.api_get(here).json()["records"]} == {"entered", "declined", "withdrawn"}
