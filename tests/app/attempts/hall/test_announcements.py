"""Announcements: who makes them to whom, who hears them when, and that nothing said is ever changed."""

from collections.abc import Callable
from functools import partial

import pytest

from app.attempts.hall.readings import Readings
from app.attempts.hall.rules import TellsKey, refuse_hint
from app.audit.actions import AuditAction
from app.exams.models import RoomProctor
from app.operation import House, acting_as
from app.security.permissions import Role
from tests.app.attempts.conftest import Sit
from tests.app.attempts.test_sitting import acts
from tests.support.client import Client
from tests.support.grounds import Ground
from tests.support.personas import Persona, make_staff
from tests.support.sealed_exam import SealedExam, make_sealed_exam

Browsers = Callable[[Persona | None], Client]
EXAM = Ground("two-rooms", partial(make_sealed_exam, candidates=4, rooms=2, proctored=True))


@pytest.fixture
def ground() -> Ground[SealedExam]:
    return EXAM


@pytest.fixture
def exam(house: House) -> SealedExam:
    """Four candidates, dealt to two rooms."""
    return EXAM.stand_on(house)


@pytest.mark.parametrize(
    "words",
    ["第5题选C", "第十二题应为正确", "答案是B", "这题应选第二项", "选 Ａ 就行", "Choose option B", "the answer is 3"],
)
def test_words_that_give_a_key_away_are_refused(words: str) -> None:  # P14
    with pytest.raises(TellsKey):
        refuse_hint(words)


@pytest.mark.parametrize(
    "words",
    [
        "请勿交头接耳，不得互传答案。",
        "第5题选项C的“十日”更正为“十五日”。",
        "第三题题干有错别字，不影响作答。",
        "A 区停电，请在座位上等候。",
        "请核对座位号，答题卡选用2B铅笔。",
        "Please stay seated; the exam goes on in ten minutes.",
    ],
)
def test_arrangements_and_corrections_may_be_told(words: str) -> None:
    refuse_hint(words)


def test_an_announcement_reaches_its_room_and_is_replaced_but_never_changed(
    house: House, exam: SealedExam, sit: Sit, browsers: Browsers
) -> None:  # P11, P21, P35
    first, elsewhere, waits = sit(0), sit(1), sit(2, start=False)
    room = f"/rooms/{exam.room_ids[0]}"
    hall, door = f"/exams/{exam.exam_id}/hall", f"/exams/{exam.exam_id}/entrance"
    proctor = browsers(exam.proctors[0])
    for stranger, status in ((exam.proctors[1], 404), (make_staff(house, Role.EXAM_OFFICER), 403)):
        refused = browsers(stranger).api(f"{room}/announcements", {"words": "请安静"})
        assert refused.status_code == status
    refused = proctor.api(f"{room}/announcements", {"words": "第5题选C"})
    assert (refused.status_code, refused.json()["code"]) == (422, "hall.tells_key")
    made = proctor.api(f"{room}/announcements", {"words": "空调故障，可以移到前排。"}).json()
    assert (first.look("time").json()["announced"], elsewhere.look("time").json()["announced"]) == (1, 0)
    assert waits.client.api_get(door).json()["announced"] == 1
    replaced = {"words": "空调已修好，请坐原位。", "replaces_id": made["id"]}
    assert proctor.api(f"{room}/announcements", replaced).json()["number"] == 2
    again = proctor.api(f"{room}/announcements", replaced)
    assert (again.status_code, again.json()["code"]) == (409, "hall.already_replaced")
    other = browsers(exam.proctors[1]).api(f"/rooms/{exam.room_ids[1]}/announcements", replaced)
    assert other.status_code == 404
    told = first.client.api_get(hall).json()["announcements"]
    assert [(row["number"], row["words"], row["replaced_by"], row["replaces"]) for row in told] == [
        (1, "空调故障，可以移到前排。", 2, None),
        (2, "空调已修好，请坐原位。", None, 1),
    ]
    assert elsewhere.client.api_get(hall).json()["announcements"] == []
    assert browsers(make_staff(house, Role.EXAM_OFFICER)).api_get(hall).status_code == 403
    assert acts(house, AuditAction.ANNOUNCEMENT_MAKE) == ["announcement:make"] * 2


def test_the_board_shows_who_has_received_it_and_a_whole_exam_hears_its_officer(
    house: House, exam: SealedExam, sit: Sit, browsers: Browsers
) -> None:
    chief, officer = make_staff(house, Role.CHIEF_PROCTOR), make_staff(house, Role.EXAM_OFFICER)
    with acting_as(house, "test") as op:
        op.db.add(RoomProctor(room_id=exam.room_ids[1], account_id=chief.account_id))
    first, second, waits = sit(0), sit(1), sit(2, start=False)
    to_exam, to_sitting = f"/exams/{exam.exam_id}/announcements", f"/sittings/{exam.sitting_id}/announcements"
    first.look("time?seen=99")  # what nobody has announced cannot have been seen
    waits.client.api_get(f"/exams/{exam.exam_id}/entrance?seen=99")
    assert browsers(officer).api(to_exam, {"words": "考试延长开放时间"}).json()["number"] == 1
    assert browsers(officer).api(to_sitting, {"words": "请安静"}).status_code == 403
    assert browsers(make_staff(house, Role.CHIEF_PROCTOR)).api(to_sitting, {"words": "请安静"}).status_code == 404
    assert browsers(chief).api(to_sitting, {"words": "本场请保持安静"}).json()["number"] == 2
    readings, door = house.tool(Readings), f"/exams/{exam.exam_id}/entrance"

    def received() -> list[tuple[int, list[int]]]:
        readings.flush(house.database)
        shown = browsers(exam.proctors[0]).api_get(f"/rooms/{exam.room_ids[0]}/board").json()
        return [(row["received"], row["missing"]) for row in shown["announcements"]]

    assert received() == [(0, [1, 3]), (0, [1, 3])]
    for odd in ("x", "-1", "1.5", "9" * 30):
        assert first.look(f"time?seen={odd}").status_code == 422
    assert first.look("time?seen=2").json()["announced"] == 2
    waits.client.api_get(f"{door}?seen=1")
    assert received() == [(1, [3]), (2, [])]
    first.look("time?seen=1"), waits.client.api_get(f"{door}?seen=2")
    assert received() == [(2, []), (2, [])]
    control = browsers(chief).api_get("/control-room").json()["sittings"][0]
    assert [(row["reach"], row["received"], row["missing"]) for row in control["announcements"]] == [
        ("sitting", 2, [2]),
        ("exam", 2, [2]),
    ]
    assert second.look("time").json()["announced"] == 2
    for persona, page in ((exam.proctors[0], f"/rooms/{exam.room_ids[0]}"), (chief, "/control-room")):
        text = browsers(persona).get(page).text
        assert "本场请保持安静" in text
        assert "人已收到" in text
