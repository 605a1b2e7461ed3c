"""Rooms and proctors of an exam that is not sealed."""

from app.exams.pages.desk import desk
from app.exams.pages.exams import show_exam
from app.exams.schemas import ProctorGiven, RoomGiven
from app.exams.service import rooms as service
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Done


@desk.command(
    "/exams/{exam_id}/rooms", Capability.EXAM_WRITE, then="/exams/{exam_id}", retry=show_exam, said="考场已添加。"
)
def add_room(op: Operation, *, exam_id: int, given: RoomGiven) -> Done:
    """Add a room."""
    room = service.add_room(op, exam_id=exam_id, plan=service.RoomPlan(**given.model_dump()))
    return Done(id=room.id)


@desk.command(
    "/exams/{exam_id}/rooms/{room_id}/remove",
    Capability.EXAM_WRITE,
    then="/exams/{exam_id}",
    retry=show_exam,
    said="考场已撤销。",
)
def remove_room(op: Operation, *, exam_id: int, room_id: int) -> Done:
    """Take a room away."""
    service.remove_room(op, exam_id=exam_id, room_id=room_id)
    return Done(id=room_id)


@desk.command(
    "/exams/{exam_id}/rooms/{room_id}/proctors",
    Capability.EXAM_WRITE,
    then="/exams/{exam_id}",
    retry=show_exam,
    said="监考员已安排。",
)
def assign_proctor(op: Operation, *, exam_id: int, room_id: int, given: ProctorGiven) -> Done:
    """Give a room a proctor."""
    return Done(id=service.assign_proctor(op, exam_id=exam_id, room_id=room_id, account_id=given.account_id).id)


@desk.command(
    "/exams/{exam_id}/rooms/{room_id}/proctors/release",
    Capability.EXAM_WRITE,
    then="/exams/{exam_id}",
    retry=show_exam,
    said="监考员已撤下。",
)
def release_proctor(op: Operation, *, exam_id: int, room_id: int, given: ProctorGiven) -> Done:
    """Take a proctor from a room."""
    return Done(id=service.release_proctor(op, exam_id=exam_id, room_id=room_id, account_id=given.account_id).id)
