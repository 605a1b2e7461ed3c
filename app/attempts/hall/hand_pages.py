"""The desk of raised hands: the candidate's own, the proctor's, and the canned replies that the department keeps."""

from app.attempts.hall import hands, queries
from app.attempts.hall.models import Hand
from app.attempts.hall.schemas import (
    CannedRepliesShown,
    CannedReplyGiven,
    CannedReplyShown,
    HandDone,
    HandGiven,
    ReplyGiven,
)
from app.attempts.pages import show_room
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import Desk

desk = Desk("hands")
_ROOM = "/rooms/{room_id}"
_HAND = "/rooms/{room_id}/hands/{hand_id}"


@desk.command("/exams/{exam_id}/hands", Capability.ATTEMPT_SIT, page=False)
def raise_hand(op: Operation, *, exam_id: int, given: HandGiven) -> Done:
    """Raise my hand in my exam."""
    hand = hands.raise_hand(op, exam_id=exam_id, kind=given.kind, position=given.position, words=given.words)
    return Done(id=hand.id)


@desk.command("/hands/{hand_id}/lower", Capability.ATTEMPT_SIT, page=False)
def lower_hand(op: Operation, *, hand_id: int) -> Done:
    """Take my hand down."""
    return Done(id=hands.lower_hand(op, hand_id=hand_id).id)


@desk.command(f"{_HAND}/come", Capability.ROOM_RUN, then=_ROOM, retry=show_room, said="考生页面会显示监考员正在过来。")
def come_to_hand(op: Operation, *, room_id: int, hand_id: int) -> HandDone:
    """Say that somebody is on the way."""
    return _done(room_id, hands.come_to(op, room_id=room_id, hand_id=hand_id))


@desk.command(f"{_HAND}/answer", Capability.ROOM_RUN, then=_ROOM, retry=show_room, said="答复已发出。")
def answer_hand(op: Operation, *, room_id: int, hand_id: int, given: ReplyGiven) -> HandDone:
    """Say something to a candidate whose hand is up."""
    hand = hands.answer_hand(op, room_id=room_id, hand_id=hand_id, canned_id=given.canned_id, words=given.words)
    return _done(room_id, hand)


@desk.command(f"{_HAND}/close", Capability.ROOM_RUN, then=_ROOM, retry=show_room, said="举手已处理。")
def close_hand(op: Operation, *, room_id: int, hand_id: int) -> HandDone:
    """Close a hand that was seen to on the spot."""
    return _done(room_id, hands.close_hand(op, room_id=room_id, hand_id=hand_id))


@desk.view("/canned-replies", Capability.ROOM_READ, template="attempts/canned_replies.html")
def list_replies(op: Operation) -> CannedRepliesShown:
    """The canned replies that proctors choose from."""
    replies = [CannedReplyShown.model_validate(row) for row in queries.canned_replies(op.db)]
    return CannedRepliesShown(replies=replies, keeps=op.may(Capability.EXAM_WRITE))


@desk.command(
    "/canned-replies", Capability.EXAM_WRITE, then="/canned-replies", retry=list_replies, said="常用答复已添加。"
)
def keep_reply(op: Operation, *, given: CannedReplyGiven) -> Done:
    """Add a canned reply."""
    return Done(id=hands.keep_reply(op, zh=given.zh, en=given.en).id)


@desk.command(
    "/canned-replies/{reply_id}/retire",
    Capability.EXAM_WRITE,
    then="/canned-replies",
    retry=list_replies,
    said="常用答复已停用。",
)
def retire_reply(op: Operation, *, reply_id: int) -> Done:
    """Offer a canned reply no more."""
    return Done(id=hands.retire_reply(op, reply_id=reply_id).id)


def _done(room_id: int, hand: Hand) -> HandDone:
    return HandDone(id=hand.id, room_id=room_id, state=hand.state)
