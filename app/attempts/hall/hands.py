"""举手: raised from the exam page, seen on the board, seen to by the proctor; every move is audited."""

import hashlib
from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from app.attempts import queries as attempts
from app.attempts.hall import queries
from app.attempts.hall.models import CannedReply, Hand
from app.attempts.hall.rules import (
    UP,
    HandAction,
    HandKind,
    check_raising,
    check_reply,
    check_words,
    move_hand,
    refuse_hint,
)
from app.attempts.hall.schemas import HandLine, HandShown
from app.attempts.lockdown.service import demand
from app.attempts.rules import AttemptState
from app.audit.actions import AuditAction
from app.audit.record import record
from app.exams.queries.seats import Seat, find_room, find_seat, seat_in_exam
from app.operation import Operation
from app.people.queries import names_of
from app.security.permissions import Capability

_ACTS = {
    HandAction.COME: AuditAction.HAND_COME,
    HandAction.ANSWER: AuditAction.HAND_ANSWER,
    HandAction.CLOSE: AuditAction.HAND_CLOSE,
    HandAction.LOWER: AuditAction.HAND_LOWER,
}


def raise_hand(op: Operation, *, exam_id: int, kind: HandKind, position: int | None, words: str) -> Hand:
    """Raise the actor's hand in their own exam. Raises NotFound, NoHandNow, HandUp, TooManyHands, Invalid."""
    check_words(kind, words)
    seat = seat_in_exam(op.db, exam_id=exam_id, person_id=op.actor.person_id)
    demand(op, seat)
    # The attempt is held: of two pages that raise a hand at once, one comes second and finds it up.
    attempt = attempts.attempt_of(op.db, seat.registration_id)
    held = attempts.hold_own(op.db, op.actor, attempt.id) if attempt else None
    before = queries.hands_of(op.db, seat.registration_id)
    runs = held is not None and held.state is AttemptState.OPEN
    check_raising(runs=runs, up=any(hand.state in UP for hand in before), raised=len(before))
    hand = Hand(
        registration_id=seat.registration_id,
        kind=kind,
        position=position,
        words=words,
        state=move_hand(None, HandAction.RAISE),
        turn=1,
        raised_at=op.now,
        moved_by=op.actor.account_id or 0,
        moved_at=op.now,
    )
    op.db.add(hand)
    op.db.flush()
    after = {
        "registration_id": hand.registration_id,
        "kind": kind,
        "position": position,
        "state": hand.state,
        "words_hash": _digest(words),
    }
    record(op, AuditAction.HAND_RAISE, subject=("hand", hand.id), after=after)
    return hand


def lower_hand(op: Operation, *, hand_id: int) -> Hand:
    """Take one's own hand down. Raises NotFound, HandMoved."""
    hand = queries.hold_own_hand(op.db, op.actor, hand_id)
    demand(op, find_seat(op.db, hand.registration_id))
    return _move(op, hand, HandAction.LOWER)


def come_to(op: Operation, *, room_id: int, hand_id: int) -> Hand:
    """Say that somebody is on the way. Raises NotFound, HandMoved."""
    return _move(op, _held(op, room_id, hand_id), HandAction.COME)


def answer_hand(op: Operation, *, room_id: int, hand_id: int, canned_id: int | None, words: str) -> Hand:
    """Say something to it, canned or in words of one's own. Raises NotFound, HandMoved, Invalid, TellsKey."""
    check_reply(canned=canned_id is not None, words=words)
    hand = _held(op, room_id, hand_id)
    canned = queries.canned_reply(op.db, canned_id) if canned_id is not None else None
    hand.reply_zh, hand.reply_en = (canned.zh, canned.en) if canned else (words, "")
    return _move(op, hand, HandAction.ANSWER, {"canned_id": canned_id, "words_hash": _digest(hand.reply_zh)})


def close_hand(op: Operation, *, room_id: int, hand_id: int) -> Hand:
    """Close a hand that was seen to on the spot. Raises NotFound, HandMoved."""
    return _move(op, _held(op, room_id, hand_id), HandAction.CLOSE)


def own_hands(db: Session, seat: Seat) -> list[HandShown]:
    """The hands of a seat that is the actor's own."""
    return [HandShown.model_validate(hand) for hand in queries.hands_of(db, seat.registration_id)]


def hands_in(db: Session, room_ids: Collection[int], *, seats: Mapping[int, Seat]) -> list[HandLine]:
    """The hands that are up in rooms that the actor may see, whose `seats` are given by registration."""
    up = [hand for hand in queries.hands_up(db, room_ids) if hand.registration_id in seats]
    names = names_of(db, {seats[hand.registration_id].person_id for hand in up}) if up else {}
    return [
        HandLine(
            id=hand.id,
            registration_id=hand.registration_id,
            candidate_name=names[seats[hand.registration_id].person_id],
            seat=seats[hand.registration_id].seat,
            kind=hand.kind,
            position=hand.position,
            words=hand.words,
            state=hand.state,
            raised_at=hand.raised_at,
        )
        for hand in up
    ]


def keep_reply(op: Operation, *, zh: str, en: str) -> CannedReply:
    """Add a canned reply. Raises TellsKey."""
    for words in (zh, en):
        refuse_hint(words)
    reply = CannedReply(zh=zh, en=en, made_by=op.actor.account_id, made_at=op.now)
    op.db.add(reply)
    op.db.flush()
    record(op, AuditAction.CANNED_REPLY_KEEP, subject=("canned_reply", reply.id), after={"words_hash": _digest(zh)})
    return reply


def retire_reply(op: Operation, *, reply_id: int) -> CannedReply:
    """Offer a canned reply no more; what was said with it stays. Raises NotFound."""
    reply = queries.canned_reply(op.db, reply_id, lock=True)
    reply.retired_at = op.now
    op.db.flush()
    record(op, AuditAction.CANNED_REPLY_RETIRE, subject=("canned_reply", reply.id))
    return reply


def _held(op: Operation, room_id: int, hand_id: int) -> Hand:
    find_room(op.db, op.actor, room_id, by=Capability.ROOM_RUN)
    return queries.hold_hand_in_room(op.db, op.actor, room_id, hand_id)


def _move(op: Operation, hand: Hand, action: HandAction, about: Mapping[str, object] | None = None) -> Hand:
    before, hand.state = hand.state, move_hand(hand.state, action)
    hand.turn += 1
    hand.moved_by, hand.moved_at = op.actor.account_id or 0, op.now
    op.db.flush()
    after = {"registration_id": hand.registration_id, "state": hand.state, **(about or {})}
    record(op, _ACTS[action], subject=("hand", hand.id), before={"state": before}, after=after)
    return hand


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
