"""The desk of what is said during a sitting: announcements made, and read by candidates."""

from app.attempts.hall import announcements
from app.attempts.hall.announcements import announce, announcements_to
from app.attempts.hall.hands import own_hands
from app.attempts.hall.models import Announcement
from app.attempts.hall.rules import Place
from app.attempts.hall.schemas import AnnouncementGiven, AnnouncementMade, HallShown
from app.attempts.lockdown.service import demand
from app.attempts.pages import show_room
from app.attempts.proctoring.control_pages import show_control_room
from app.exams.queries.seats import seat_in_exam
from app.operation import Operation
from app.security.permissions import Capability
from app.web.desk import Desk

desk = Desk("hall")
_SAID = "公告已发出，考生页面十秒内显示。"


@desk.view("/exams/{exam_id}/hall", Capability.ATTEMPT_SIT)
def show_hall(op: Operation, *, exam_id: int) -> HallShown:
    """What is said to me in my exam."""
    seat = seat_in_exam(op.db, exam_id=exam_id, person_id=op.actor.person_id)
    demand(op, seat)
    hands = own_hands(op.db, seat)
    return HallShown(
        announcements=announcements_to(op.db, announcements.place_of(seat)),
        hands=hands,
        turns=sum(hand.turn for hand in hands),
    )


@desk.command(
    "/rooms/{room_id}/announcements", Capability.ROOM_RUN, then="/rooms/{room_id}", retry=show_room, said=_SAID
)
def announce_in_room(op: Operation, *, room_id: int, given: AnnouncementGiven) -> AnnouncementMade:
    """Announce something to a room."""
    return _announce(op, announcements.place_of_room(op, room_id), given)


@desk.command(
    "/sittings/{sitting_id}/announcements",
    Capability.CONTROL_RUN,
    then="/control-room",
    retry=show_control_room,
    said=_SAID,
)
def announce_in_sitting(op: Operation, *, sitting_id: int, given: AnnouncementGiven) -> AnnouncementMade:
    """Announce something to every room of a sitting."""
    return _announce(op, announcements.place_of_sitting(op, sitting_id), given)


@desk.command(
    "/exams/{exam_id}/announcements",
    Capability.EXAM_WRITE,
    then="/control-room",
    retry=show_control_room,
    said=_SAID,
)
def announce_in_exam(op: Operation, *, exam_id: int, given: AnnouncementGiven) -> AnnouncementMade:
    """Announce something to every room of every sitting of an exam."""
    return _announce(op, announcements.place_of_exam(op, exam_id), given)


def _announce(op: Operation, place: Place, given: AnnouncementGiven) -> AnnouncementMade:
    made: Announcement = announce(
        op, place, words=given.words, replaces_id=given.replaces_id, withdraws=given.withdraws
    )
    return AnnouncementMade(
        id=made.id,
        exam_id=made.exam_id,
        sitting_id=made.sitting_id,
        room_id=made.room_id,
        number=made.number,
    )
