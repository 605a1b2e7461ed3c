"""报到: the proctor's board shows a code after looking at face and ID. With it and the ticket a candidate signs in (see
`app.attempts.check_ins`), or another computer takes an attempt over."""

from app.attempts import queries
from app.attempts.models import CheckInCode
from app.attempts.room_day.service import check_lets_in
from app.attempts.rules import CODE_LIFE
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import NotFound
from app.exams.queries.seats import find_seat, visible_rooms
from app.operation import Operation
from app.security import one_time_codes
from app.security.derivation import Purpose, derive
from app.security.fields import MasterKey
from app.security.permissions import Capability
from app.security.rewrapping import Wrapped


def issue_code(op: Operation, *, registration_id: int) -> tuple[int, CheckInCode]:
    """A new code for one candidate of a room that the actor runs; the codes before it are void. Returns the room too.
    Raises NotFound, RoomNotOpened: nobody comes in, and nobody changes machines, where no proctor has opened."""
    seat = find_seat(op.db, registration_id)
    if seat.room_id is None or seat.room_id not in set(op.db.scalars(visible_rooms(op.actor, by=Capability.ROOM_RUN))):
        raise NotFound
    check_lets_in(op, seat.room_id, starts_at=seat.starts_at)
    for old in queries.codes_of(op.db, [registration_id], now=op.now):
        old.ends_at = op.now
    text, owner = one_time_codes.draw(), one_time_codes.check_in_owner(registration_id)
    code = CheckInCode(
        registration_id=registration_id,
        code_digest=one_time_codes.digest(text, key=_key(op), owner=owner),
        code_cipher=op.house.tool(MasterKey).wrap(text.encode(), context=owner),
        issued_at=op.now,
        ends_at=op.now + CODE_LIFE,
        issued_by=op.actor.account_id or 0,
    )
    op.db.add(code)
    op.db.flush()
    record(op, AuditAction.REGISTRATION_ISSUE_CODE, subject=("registration", registration_id), after={"code": code.id})
    return seat.room_id, code


def read_code(op: Operation, code: CheckInCode) -> str:
    """The code in clear, for the board that shows it."""
    context = one_time_codes.check_in_owner(code.registration_id)
    return op.house.tool(MasterKey).unwrap(code.code_cipher, context=context).decode()


def use_code(op: Operation, registration_ids: list[int], code: str) -> CheckInCode | None:
    """Strike off the code that was typed and return it; None where it is none of theirs, used, or too old."""
    codes = queries.codes_of(op.db, registration_ids, now=op.now)
    for held in codes:
        owner = one_time_codes.check_in_owner(held.registration_id)
        if one_time_codes.match(code, [held.code_digest], key=_key(op), owner=owner) is not None:
            held.used_at = op.now
            return held
    return None


def _key(op: Operation) -> bytes:
    return derive(op.settings.secret_key.get_secret_value(), Purpose.CHECK_IN_CODE)


CODES = Wrapped(CheckInCode.id, CheckInCode.code_cipher, (CheckInCode.registration_id,), one_time_codes.check_in_owner)
