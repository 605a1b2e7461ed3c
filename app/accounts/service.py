"""Accounts and roles: made, activated, granted, withdrawn, disabled."""

from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from app.accounts import queries
from app.accounts.models import Account, FactorReset, PrintedCode, RoleGrant
from app.accounts.rules import ACTIVATION_DAYS, LoginTaken, OwnGrant, SamePerson, check_grant
from app.accounts.sessions import end_sessions_of
from app.audit.actions import AuditAction
from app.audit.record import record
from app.errors import FieldProblem, Invalid
from app.operation import Operation
from app.people.queries import unit_by_id
from app.security import one_time_codes, totp
from app.security.derivation import Purpose, derive
from app.security.fields import MasterKey
from app.security.passwords import problems
from app.security.permissions import ROLE_WORDS, Role


def create_account(op: Operation, *, person_id: int, login: str) -> Account:
    """An account without a password: it is activated with the code of a printed slip. Raises LoginTaken."""
    account = Account(person_id=person_id, login=login, password_hash="", totp_last_step=0, created_at=op.now)
    try:
        with op.db.begin_nested():
            op.db.add(account)
    except IntegrityError:
        raise LoginTaken(FieldProblem("login", LoginTaken.zh, LoginTaken.en)) from None
    record(op, AuditAction.ACCOUNT_CREATE, subject=("account", account.id), after={"person_id": person_id})
    return account


def invite_candidates(op: Operation) -> int:
    """An account with the role of a candidate for everybody in post who has none, named K and the person's number; how
    many were made. Their activation slips are printed from the list of accounts. Raises LoginTaken."""
    invited = queries.uninvited(op.db)
    for person_id in invited:
        account = create_account(op, person_id=person_id, login=f"K{person_id:06d}")
        grant_role(op, account_id=account.id, role=Role.CANDIDATE, unit_id=None)
    return len(invited)


def print_activation(op: Operation, account: Account) -> str:
    """A new activation code for a slip; the ones before it are void."""
    for code in queries.unused_codes(op.db, account.id, "activation", op.now):
        code.used_at = op.now
    return _print(op, account.id, "activation", [one_time_codes.draw()], days=ACTIVATION_DAYS)[0]


def print_codes(op: Operation, account_id: int) -> list[str]:
    """A new sheet of one-time codes for staff without phones; the sheet before it is void."""
    for code in queries.unused_codes(op.db, account_id, "factor", op.now):
        code.used_at = op.now
    codes = _print(op, account_id, "factor", list(one_time_codes.draw_sheet()), days=None)
    record(op, AuditAction.ACCOUNT_PRINT_CODES, subject=("account", account_id), after={"codes": len(codes)})
    return codes


def _print(op: Operation, account_id: int, purpose: str, codes: list[str], *, days: int | None) -> list[str]:
    key = derive(op.settings.secret_key.get_secret_value(), Purpose.ONE_TIME_CODE)
    for code in codes:
        op.db.add(
            PrintedCode(
                account_id=account_id,
                purpose=purpose,
                code_digest=one_time_codes.digest(code, key=key, owner=f"{purpose}:{account_id}"),
                created_at=op.now,
                ends_at=op.now + timedelta(days=days) if days else None,
            )
        )
    op.db.flush()
    return codes


def check_password(password: str, *, login: str) -> None:
    """Refuse a password that the policy does not allow, saying why."""
    found = problems(password, login_name=login)
    if found:
        raise Invalid(*found)


def set_password(op: Operation, account: Account, password_hash: str) -> None:
    """Give the account a new password (hashed by the caller, outside any transaction) and end its sessions."""
    account.password_hash = password_hash
    op.db.flush()
    end_sessions_of(op, account.id, cause="password_changed")
    record(op, AuditAction.ACCOUNT_CHANGE_PASSWORD, subject=("account", account.id))


def grant_role(op: Operation, *, account_id: int, role: Role, unit_id: int | None) -> RoleGrant:
    """Give a role within a part of the tree. Raises RoleClash, OwnGrant, NotFound (the unit too).

    The account's row is locked, so that two grants at once cannot bring together what may never meet.
    """
    account = queries.find_account(op.db, op.actor, account_id)
    if unit_id is not None:
        unit_by_id(op.db, unit_id)
    held = queries.roles_of_person(op.db, account.person_id)
    words = {r: w[0] for r, w in ROLE_WORDS.items()}
    check_grant(held=held, wanted=role, words=words, own=account.person_id == op.actor.person_id)
    grant = RoleGrant(
        account_id=account_id, role=role, unit_id=unit_id, granted_by=op.actor.account_id, granted_at=op.now
    )
    op.db.add(grant)
    op.db.flush()
    after = {"account_id": account_id, "role": role.value, "unit_id": unit_id}
    record(op, AuditAction.ROLE_GRANT, subject=("role_grant", grant.id), after=after)
    return grant


def withdraw_role(op: Operation, *, grant_id: int) -> RoleGrant:
    """Take a role away; it works on the next request (P23)."""
    grant = queries.find_grant(op.db, grant_id)
    account = queries.find_account(op.db, op.actor, grant.account_id)
    if account.person_id == op.actor.person_id:
        raise OwnGrant
    grant.revoked_by, grant.revoked_at = op.actor.account_id, op.now
    after = {"account_id": grant.account_id, "role": grant.role.value, "unit_id": grant.unit_id}
    record(op, AuditAction.ROLE_WITHDRAW, subject=("role_grant", grant.id), after=after)
    return grant


def disable_account(op: Operation, *, account_id: int, reason: str) -> Account:
    """Stop an account at once, its sessions with it."""
    account = queries.find_account(op.db, op.actor, account_id)
    account.disabled_at = op.now
    end_sessions_of(op, account_id, cause="disabled")
    record(op, AuditAction.ACCOUNT_DISABLE, subject=("account", account_id), reason=reason)
    return account


def enable_account(op: Operation, *, account_id: int, reason: str) -> Account:
    """Let a disabled account sign in again."""
    account = queries.find_account(op.db, op.actor, account_id)
    account.disabled_at = None
    record(op, AuditAction.ACCOUNT_ENABLE, subject=("account", account_id), reason=reason)
    return account


def propose_reset(op: Operation, *, account_id: int) -> FactorReset:
    """Propose to reset a lost second factor; another person approves it."""
    queries.find_account(op.db, op.actor, account_id)
    reset = FactorReset(account_id=account_id, proposed_by=op.actor.account_id or 0, proposed_at=op.now)
    op.db.add(reset)
    op.db.flush()
    record(op, AuditAction.ACCOUNT_PROPOSE_RESET, subject=("account", account_id), after={"reset_id": reset.id})
    return reset


def approve_reset(op: Operation, *, reset_id: int) -> FactorReset:
    """Approve a reset that another proposed: the factor is gone, the account's sessions with it. Raises SamePerson."""
    reset = queries.find_reset(op.db, reset_id)
    if queries.person_of(op.db, reset.proposed_by) == op.actor.person_id:
        raise SamePerson
    account = queries.find_account(op.db, op.actor, reset.account_id)
    if account.person_id == op.actor.person_id:
        raise OwnGrant
    account.totp_cipher, account.totp_last_step = None, 0
    for code in queries.unused_codes(op.db, account.id, "factor", op.now):
        code.used_at = op.now
    reset.approved_by, reset.approved_at = op.actor.account_id, op.now
    end_sessions_of(op, account.id, cause="factor_reset")
    after = {"proposed_by": reset.proposed_by}
    record(op, AuditAction.ACCOUNT_RESET_FACTOR, subject=("account", account.id), after=after)
    return reset


def furnish_staff(
    op: Operation, *, person_id: int, login: str, password_hash: str, roles: tuple[tuple[Role, int | None], ...]
) -> tuple[Account, str]:
    """A ready staff account for the demo: password and a factor that no page shows, roles granted.

    Returns the account and the secret of its second factor.
    """
    account = create_account(op, person_id=person_id, login=login)
    account.password_hash = password_hash
    secret = totp.new_secret()
    context = f"second factor of account {account.id}"
    account.totp_cipher = op.house.tool(MasterKey).wrap(secret.encode(), context=context)
    account.totp_last_step = 1  # enrolled: no page shows the secret again
    op.db.flush()
    for role, unit_id in roles:
        grant_role(op, account_id=account.id, role=role, unit_id=unit_id)
    return account, secret
