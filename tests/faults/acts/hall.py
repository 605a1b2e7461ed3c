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
)
