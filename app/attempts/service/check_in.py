"""报到: the proctor's board shows a code after looking at face and ID; with it and the ticket a candidate signs in."""

from dataclasses import dataclass

from app.accounts.models import Account
from app.accounts.queries import accounts_of_person, grants_of, session_by_token
from app.accounts.sessions import open_session
from app.attempts import queries
from app.attempts.lockdown.service import demand_at_sign_in
from app.attempts.models import CheckInCode
from app.attempts.room_day.service import check_lets_in
from app.attempts.rules import CODE_LIFE, CheckInRefused
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import NotFound
from app.exams.queries.seats import Seat, find_seat, seats_with_ticket, visible_rooms
from app.operation import Operation
from app.security import one_time_codes
from app.security.derivation import Purpose, derive
from app.security.fields import MasterKey
from app.security.permissions import Role
from app.security.rewrapping import Wrapped
from app.security.throttle import SignInGuard, Try


@dataclass(frozen=True)
class CheckedIn:
    """A session that was opened with ticket and code; the token is stored nowhere."""

    token: str
    registration_id: int
    exam_id: int


def issue_code(op: Operation, *, registration_id: int) -> tuple[int, CheckInCode]:
    """A new code for one candidate of a room that the actor runs; the codes before it are void. Returns the room too.
    Raises NotFound, RoomNotOpened: nobody comes in, and nobody changes machines, where no proctor has opened."""
    seat = find_seat(op.db, registration_id)
    if seat.room_id is None or seat.room_id not in set(op.db.scalars(visible_rooms(op.actor))):
        raise NotFound
    check_lets_in(op, seat.room_id, starts_at=seat.starts_at)
    for old in queries.codes_of(op.db, [registration_id], now=op.now):
        old.ends_at = op.now
    text = one_time_codes.draw()
    code = CheckInCode(
        registration_id=registration_id,
        code_digest=one_time_codes.digest(text, key=_key(op), owner=_owner(registration_id)),
        code_cipher=op.house.tool(MasterKey).wrap(text.encode(), context=_owner(registration_id)),
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
    context = _owner(code.registration_id)
    return op.house.tool(MasterKey).unwrap(code.code_cipher, context=context).decode()


def count_try(op: Operation, *, ticket_number: str) -> Try:
    """Count one guess at the codes of a ticket, in a transaction of its own that commits whatever follows (P38).

    A new code from the proctor starts with counters at zero. Raises TooMany.
    """
    issue = queries.newest_code_id(op.db, [seat.registration_id for seat in seats_with_ticket(op.db, ticket_number)])
    attempt = Try(f"ticket:{ticket_number}", issue, op.address)
    op.house.tool(SignInGuard).admit(op.db, attempt, now=op.now)
    return attempt


def check_in(op: Operation, *, ticket_number: str, code: str, counted: Try) -> CheckedIn:
    """Open a session for the candidate of this ticket and code; the code is good once. Raises CheckInRefused."""
    seats = {seat.registration_id: seat for seat in seats_with_ticket(op.db, ticket_number)}
    found = use_code(op, list(seats), code)
    if found is None:
        raise CheckInRefused
    seat = seats[found.registration_id]
    demand_at_sign_in(op, seat)  # refused, it spends no code: the transaction is undone
    account = _candidate(op, seat)
    op.house.tool(SignInGuard).forgive(op.db, counted, now=op.now)
    token, found.session_id = _open(op, account)
    record(
        op,
        AuditAction.REGISTRATION_CHECK_IN,
        subject=("registration", seat.registration_id),
        after={"code": found.id, "session_id": found.session_id},
    )
    return CheckedIn(token, seat.registration_id, seat.exam_id)


def use_code(op: Operation, registration_ids: list[int], code: str) -> CheckInCode | None:
    """Strike off the code that was typed and return it; None where it is none of theirs, used, or too old."""
    codes = queries.codes_of(op.db, registration_ids, now=op.now)
    for held in codes:
        if one_time_codes.match(code, [held.code_digest], key=_key(op), owner=_owner(held.registration_id)) is not None:
            held.used_at = op.now
            return held
    return None


def note_refusal(op: Operation, *, ticket_number: str) -> None:
    """Record that ticket and code did not fit."""
    seats = seats_with_ticket(op.db, ticket_number)
    subject = seats[0].registration_id if seats else 0
    record(op, AuditAction.SESSION_REFUSE, subject=("registration", subject), after={"cause": "check_in_code"})


def _open(op: Operation, account: Account) -> tuple[str, int]:
    token = open_session(op, account, factor=False)
    opened = session_by_token(op.db, token)
    if opened is None:
        raise CheckInRefused
    return token, opened[0].id


def _candidate(op: Operation, seat: Seat) -> Account:
    for account in accounts_of_person(op.db, seat.person_id):
        roles = {grant.role for grant in grants_of(op.db, account.id)}
        if account.disabled_at is None and Role.CANDIDATE in roles:
            return account
    raise CheckInRefused


def _key(op: Operation) -> bytes:
    return derive(op.settings.secret_key.get_secret_value(), Purpose.CHECK_IN_CODE)


def _owner(registration_id: int) -> str:
    return f"registration:{registration_id}"


CODES = Wrapped(CheckInCode.id, CheckInCode.code_cipher, (CheckInCode.registration_id,), _owner)
