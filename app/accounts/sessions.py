"""Log-in sessions: opened, resolved to an actor on every request, confirmed by a second factor, ended."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts import queries
from app.accounts.models import Account, LoginSession
from app.accounts.rules import CodeRefused, FactorExists, session_over
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import AppError, Forbidden
from app.operation import Caller, House, Operation, perform
from app.security import one_time_codes, totp
from app.security.actor import PUBLIC, Actor, ActorKind
from app.security.derivation import Purpose, derive
from app.security.fields import MasterKey
from app.security.permissions import STAFF, Capability
from app.security.rewrapping import Wrapped
from app.security.throttle import SignInGuard, Try
from app.web.caller import csrf_token

_SEEN_EVERY = timedelta(minutes=1)
_TOTP_CONTEXT = "second factor of account {}"
FACTORS = Wrapped(Account.id, Account.totp_cipher, (Account.id,), _TOTP_CONTEXT.format)


def resolve_actor(db: Session, caller: Caller, house: House) -> Actor:
    """Who the caller's session belongs to, with the roles of this very moment (P23); the public where there is none.

    Whoever holds a role of staff but gave no second factor in this session acts without any role (P39).
    """
    if not caller.session_token:
        return PUBLIC
    found = queries.standing_of(db, caller.session_token)
    if found is None:
        return PUBLIC
    over = session_over(
        created_at=found.created_at,
        seen_at=found.seen_at,
        ends_at=found.ends_at,
        ended_at=found.ended_at,
        now=caller.arrived_at,
        idle=timedelta(minutes=house.settings.session_idle_minutes),
    )
    if over or found.disabled_at is not None:
        return PUBLIC
    _note_seen(db, house, found, caller.arrived_at)
    grants = found.grants
    if found.factor_at is None and any(grant.role in STAFF for grant in grants):
        grants = ()
    return Actor(
        kind=ActorKind.PERSON,
        account_id=found.account_id,
        person_id=found.person_id,
        name=found.name,
        session_id=found.session_id,
        csrf_token=csrf_token(caller.session_token),
        factor_at=found.factor_at,
        grants=grants,
    )


def _note_seen(db: Session, house: House, found: queries.Standing, now: datetime) -> None:
    """Keep an idle session from ending while it is used; written once a minute at most."""
    if now - found.seen_at < _SEEN_EVERY:
        return
    seen = update(LoginSession).where(LoginSession.id == found.session_id).values(seen_at=now)
    if db.get_bind().get_execution_options().get("chizheng_reading", False):
        with house.database.transaction() as own:  # what only reads keeps nothing; being seen is kept beside it
            own.execute(seen)
    else:
        db.execute(seen)


def new_token() -> str:
    """What a browser is given for a session: 256 bits from the operating system's randomness."""
    return secrets.token_urlsafe(32)


def open_session(op: Operation, account: Account, *, factor: bool) -> str:
    """A new session for `account`; returns its token, which is stored nowhere. Always a new id (P39), and the session
    that the same browser had before ends: its token would lie about unwatched."""
    if op.actor.session_id is not None:
        end_session(op, cause="signed_in_anew")
    token = new_token()
    session = LoginSession(
        token_digest=queries.token_digest(token),
        account_id=account.id,
        created_at=op.now,
        seen_at=op.now,
        ends_at=op.now + timedelta(hours=op.settings.session_hours),
        factor_at=op.now if factor else None,
        address=op.address,
    )
    op.db.add(session)
    op.db.flush()
    record(op, AuditAction.SESSION_OPEN, subject=("session", session.id), after={"account_id": account.id})
    return token


def end_session(op: Operation, *, cause: str = "signed_out") -> None:
    """The session in which the actor acts ends on the server."""
    op.db.execute(update(LoginSession).where(LoginSession.id == op.actor.session_id).values(ended_at=op.now))
    record(op, AuditAction.SESSION_END, subject=("session", op.actor.session_id or 0), after={"cause": cause})


def end_sessions_of(op: Operation, account_id: int, *, cause: str) -> None:
    """End every session of an account, for instance when its password changes."""
    op.db.execute(
        update(LoginSession)
        .where(LoginSession.account_id == account_id, LoginSession.ended_at.is_(None))
        .values(ended_at=op.now)
    )
    record(op, AuditAction.SESSION_END, subject=("account", account_id), after={"cause": cause})


def prove_factor(op: Operation, account: Account, code: str) -> None:
    """Accept a one-time code of the authenticator or of the printed sheet; each is good once.

    Raises CodeRefused where it is neither.
    """
    if account.totp_cipher is not None:
        secret = op.house.tool(MasterKey).unwrap(account.totp_cipher, context=_TOTP_CONTEXT.format(account.id)).decode()
        step = totp.verify(secret, code, now=op.now, last_step=account.totp_last_step or None)
        if step is not None:
            moved = op.db.execute(
                update(Account)
                .where(Account.id == account.id, Account.totp_last_step < step)
                .values(totp_last_step=step)
                .returning(Account.id)
            )
            if moved.first() is not None:
                return
            raise CodeRefused
    codes = queries.unused_codes(op.db, account.id, "factor", op.now)
    key = derive(op.settings.secret_key.get_secret_value(), Purpose.ONE_TIME_CODE)
    place = one_time_codes.match(code, [c.code_digest for c in codes], key=key, owner=f"factor:{account.id}")
    if place is None:
        raise CodeRefused
    codes[place].used_at = op.now


def count_code(house: House, caller: Caller, **_arguments: object) -> None:
    """`prepare=` of an act of the signed in that takes a one-time code: the try is counted in a transaction of its
    own, so that whoever sits at another's open session cannot guess on (P38). Raises TooMany."""
    perform(
        house, caller, Capability.SIGNED_IN, lambda op: op.house.tool(SignInGuard).admit(op.db, _guess(op), now=op.now)
    )


def _guess(op: Operation) -> Try:
    return Try(f"factor:{op.actor.account_id}", 0, op.address)


def note_refused_code(house: House, caller: Caller, error: AppError) -> None:
    """`refused=` of the same acts: a wrong code stands in the log, as that of a refused sign-in does."""
    if isinstance(error, CodeRefused):
        perform(house, caller, Capability.SIGNED_IN, lambda op: note_refusal(op, op.actor.account_id, "factor"))


def note_refusal(op: Operation, account_id: int | None, cause: str) -> None:
    """Record that somebody was refused; in a transaction of its own, for that of the act is rolled back. No account is
    named where there is none."""
    record(op, AuditAction.SESSION_REFUSE, subject=("account", account_id or 0), after={"cause": cause})


def confirm(op: Operation, code: str) -> None:
    """Give the second factor again: for the next minutes decisions may be signed (P30). Where it is the session's
    first, the roles of staff come with it, and so does a new token."""
    account = queries.find_account(op.db, op.actor, op.actor.account_id or 0)
    prove_factor(op, account, code)
    op.house.tool(SignInGuard).forgive(op.db, _guess(op), now=op.now)
    _note_factor(op, bound=False)
    record(op, AuditAction.SESSION_CONFIRM, subject=("session", op.actor.session_id or 0))


def offer_factor(op: Operation) -> str:
    """The secret of a second factor that is being enrolled; kept (wrapped) until `enrol_factor` proves it.

    Raises FactorExists where one has been enrolled.
    """
    account = queries.find_account(op.db, op.actor, op.actor.account_id or 0)
    if account.totp_last_step:
        raise FactorExists
    context = _TOTP_CONTEXT.format(account.id)
    if account.totp_cipher is None:
        secret = totp.new_secret()
        account.totp_cipher = op.house.tool(MasterKey).wrap(secret.encode(), context=context)
        return secret
    return op.house.tool(MasterKey).unwrap(account.totp_cipher, context=context).decode()


def enrol_factor(op: Operation, code: str) -> None:
    """Prove the offered secret by its first code; from now on the account has a second factor."""
    account = queries.find_account(op.db, op.actor, op.actor.account_id or 0)
    if account.totp_last_step:
        raise FactorExists
    if account.totp_cipher is None:
        raise Forbidden
    prove_factor(op, account, code)
    op.house.tool(SignInGuard).forgive(op.db, _guess(op), now=op.now)
    _note_factor(op, bound=True)
    record(op, AuditAction.ACCOUNT_ENROL_FACTOR, subject=("account", account.id))


def _note_factor(op: Operation, *, bound: bool) -> None:
    """The session's second factor was given now. Where that makes the session more than it was (it is its first, or
    one was `bound`) its token changes, and the old one opens nothing from the commit on (P39, decision 0047). The row
    itself is asked: of two first codes at once only one changes the token."""
    token, own = new_token(), update(LoginSession).where(LoginSession.id == op.actor.session_id)
    risen = own if bound else own.where(LoginSession.factor_at.is_(None))
    changed = risen.values(factor_at=op.now, token_digest=queries.token_digest(token)).returning(LoginSession.id)
    if op.db.execute(changed).first() is not None:
        op.new_token = token
    else:
        op.db.execute(own.values(factor_at=op.now))
