"""The lifecycles as full products, the phases, plans and points."""

from datetime import UTC, datetime, timedelta

import pytest

from app.errors import Invalid
from app.exams.planning import BadPoints, Plan, check_plan, points_hundredths, ticket_number
from app.exams.rules import (
    BLUEPRINT_TRANSITIONS,
    EXAM_TRANSITIONS,
    REGISTRATION_TRANSITIONS,
    BlueprintAction,
    BlueprintState,
    ExamAction,
    ExamMoveRefused,
    ExamSealedAlready,
    ExamState,
    Phase,
    RegistrationAction,
    RegistrationState,
    SameOfficer,
    Timetable,
    check_two_people,
    move_blueprint,
    move_exam,
    move_registration,
    phase_of,
)

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("state", BlueprintState)
@pytest.mark.parametrize("action", BlueprintAction)
def test_a_blueprint_moves_by_its_table_and_no_other_way(state, action):
    if (state, action) in BLUEPRINT_TRANSITIONS:
        assert move_blueprint(state, action) is BLUEPRINT_TRANSITIONS[state, action]
    else:
        with pytest.raises(ExamMoveRefused):
            move_blueprint(state, action)


@pytest.mark.parametrize("state", ExamState)
@pytest.mark.parametrize("action", ExamAction)
def test_an_exam_moves_by_its_table_and_no_other_way(state, action):
    if (state, action) in EXAM_TRANSITIONS:
        assert move_exam(state, action) is EXAM_TRANSITIONS[state, action]
    else:
        with pytest.raises(ExamSealedAlready if state is ExamState.SEALED else ExamMoveRefused):
            move_exam(state, action)


@pytest.mark.parametrize("state", RegistrationState)
@pytest.mark.parametrize("action", RegistrationAction)
def test_a_registration_moves_by_its_table_and_no_other_way(state, action):
    if (state, action) in REGISTRATION_TRANSITIONS:
        assert move_registration(state, action) is REGISTRATION_TRANSITIONS[state, action]
    else:
        with pytest.raises(ExamMoveRefused):
            move_registration(state, action)


def test_nothing_leaves_the_end_of_a_lifecycle():
    assert {a for s, a in EXAM_TRANSITIONS if s is ExamState.CANCELLED} == set()
    leaving = {a: EXAM_TRANSITIONS[s, a] for s, a in EXAM_TRANSITIONS if s is ExamState.SEALED}
    assert leaving.pop(ExamAction.CALL_OFF) is ExamState.CANCELLED  # by two people, before the start
    assert set(leaving.values()) == {ExamState.SEALED}
    assert not [s for s, _ in BLUEPRINT_TRANSITIONS if s is BlueprintState.APPROVED]


def test_one_person_never_decides_on_what_they_proposed():  # P29
    check_two_people(1, None, decider=2)
    with pytest.raises(SameOfficer):
        check_two_people(1, 2, decider=2)


TIMES = Timetable(NOON, NOON + HOUR, NOON + 3 * HOUR, NOON + 5 * HOUR)


@pytest.mark.parametrize(
    ("hours", "sealed", "phase"),
    [
        (-1, False, Phase.ANNOUNCED),
        (0, False, Phase.REGISTRATION_OPEN),
        (1, False, Phase.REGISTRATION_CLOSED),
        (2, True, Phase.WAITING),
        (3, True, Phase.RUNNING),
        (5, True, Phase.OVER),
    ],
)
def test_time_tells_the_phase_and_a_bound_belongs_to_what_begins(hours, sealed, phase):
    assert phase_of(TIMES, sealed=sealed, now=NOON + hours * HOUR) is phase


def plan(**more):
    given = {
        "times": Timetable(NOON, NOON + HOUR, NOON + 3 * HOUR, NOON + 5 * HOUR),
        "duration_minutes": 90,
        "late_entry_minutes": 30,
        "earliest_hand_in_minutes": 30,
        "room_names": ["一", "二"],
    }
    return Plan(**{**given, **more})


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"times": Timetable(NOON, NOON, NOON + 3 * HOUR, NOON + 5 * HOUR)}, "registration_closes_at"),
        ({"times": Timetable(NOON, NOON + 3 * HOUR, NOON + 3 * HOUR, NOON + 5 * HOUR)}, "starts_at"),
        ({"times": Timetable(NOON - 5 * HOUR, NOON - 4 * HOUR, NOON, NOON + 2 * HOUR)}, "starts_at"),
        ({"duration_minutes": 121}, "ends_at"),
        ({"times": Timetable(NOON, NOON + HOUR, NOON + 3 * HOUR, NOON + 16 * HOUR)}, "ends_at"),
        ({"late_entry_minutes": 91}, "late_entry_minutes"),
        ({"earliest_hand_in_minutes": 91}, "earliest_hand_in_minutes"),
        ({"room_names": ["一", "一"]}, "rooms"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused_by_field(wrong, field):
    check_plan(plan(), now=NOON)
    with pytest.raises(Invalid) as refused:
        check_plan(plan(**wrong), now=NOON)
    assert [problem.field for problem in refused.value.fields] == [field]


@pytest.mark.parametrize(
    ("text", "hundredths"),
    [("2", 200), ("1.5", 150), ("0.05", 5), (" １．５ ", 150), ("0", 0), ("999999.99", 99999999)],
)
def test_points_are_read_exactly(text, hundredths):
    assert points_hundredths(text) == hundredths


@pytest.mark.parametrize("text", ["", "1.555", "-1", "1e3", "NaN", ".5", "1.", "一", "1,5", "1" * 20])
def test_what_is_no_number_of_points_is_refused(text):
    with pytest.raises(BadPoints):
        points_hundredths(text)


def test_a_ticket_number_says_year_exam_and_sequence():
    assert ticket_number(year=2026, exam_id=7, sequence=42) == "202600070042"
