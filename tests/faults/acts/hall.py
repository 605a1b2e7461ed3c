"""What is said in the room while the story's exam runs."""

from app.exams.models import RoomProctor
from app.exams.queries.seats import find_room
from app.operation import acting_as
from app.security.permissions import Role
from tests.support.faulty_story import Act, FaultyStory
from tests.support.personas import make_staff


def announce(story: FaultyStory) -> None:
    """Something is announced to a room, to all rooms of its sitting, and to the exam."""
    seat = story._seat(story.candidates[-1])
    chief = make_staff(story.house, Role.CHIEF_PROCTOR)
    with acting_as(story.house, "test") as op:
        op.db.add(RoomProctor(room_id=seat.room_id, account_id=chief.account_id))
        sitting_id = find_room(op.db, op.actor, seat.room_id or 0).sitting_id
    given = {"words": "请保持安静。"}
    story.act(story.by(Role.PROCTOR), f"/rooms/{seat.room_id}/announcements", given)
    story.act(story.as_(chief), f"/sittings/{sitting_id}/announcements", given)
    story.act(story.by(Role.EXAM_OFFICER), f"/exams/{story.exam_id}/announcements", given)


def raise_a_hand(story: FaultyStory) -> None:
    """A candidate whose attempt runs raises a hand, takes it down, and raises it three times more; the canned replies
    are kept meanwhile."""
    seat, officer, proctor = story._seat(story.candidates[-1]), story.by(Role.EXAM_OFFICER), story.by(Role.PROCTOR)
    candidate, hands = story.as_(story.candidates[-1]), f"/exams/{story.exam_id}/hands"

    def up() -> int:
        return int(story.act(candidate, hands, {"kind": "proctor"})["id"])

    canned = story.act(officer, "/canned-replies", {"zh": "请稍候。", "en": "Please wait."})["id"]
    story.act(candidate, f"/hands/{up()}/lower")
    here = f"/rooms/{seat.room_id}/hands"
    hand = up()
    story.act(proctor, f"{here}/{hand}/come")
    story.act(proctor, f"{here}/{hand}/answer", {"canned_id": canned})
    story.act(proctor, f"{here}/{up()}/close")
    story.act(officer, f"/canned-replies/{canned}/retire")


def report_an_item(story: FaultyStory) -> None:
    """A candidate reports an item, and the officer finds no fault in it."""
    here = f"/exams/{story.exam_id}/item-reports"
    story.act(story.as_(story.candidates[-1]), here, {"position": 1, "fault": "text"})
    officer = story.by(Role.EXAM_OFFICER)
    (item,) = story.succeed(officer.api_get(here))["items_reported"]
    given = {"decision": "no_fault", "reason": "原文如此"}
    story.act(officer, f"{here}/{item['item_version_id']}/decide", given)


ACTS = (
    Act(
        "morning",
        frozenset(
            {
                "/rooms/{room_id}/announcements",
                "/sittings/{sitting_id}/announcements",
                "/exams/{exam_id}/announcements",
            }
        ),
        announce,
    ),
    Act(
        "morning",
        frozenset(
            {
                "/exams/{exam_id}/hands",
                "/hands/{hand_id}/lower",
                "/rooms/{room_id}/hands/{hand_id}/come",
                "/rooms/{room_id}/hands/{hand_id}/answer",
                "/rooms/{room_id}/hands/{hand_id}/close",
                "/canned-replies",
                "/canned-replies/{reply_id}/retire",
            }
        ),
        raise_a_hand,
    ),
    Act(
        "morning",
        frozenset({"/exams/{exam_id}/item-reports", "/exams/{exam_id}/item-reports/{item_version_id}/decide"}),
        report_an_item,
    ),
)
