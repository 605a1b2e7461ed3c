"""Everything that is read from the tables of accounts."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Account, FactorReset, LoginSession, PrintedCode, RoleGrant
from app.database import find_one, locked
from app.people.queries import ids_named, ids_within, with_name_and_path
from app.people.units import ROOT
from app.security.actor import Actor, Grant
from app.security.permissions import ROLE_CAPABILITIES, STAFF, Capability, Role
from app.statements import Statement


def visible(actor: Actor) -> Select[Account]:
    """The accounts this actor may see: all for the security administrator, else one's own."""
    if actor.may(Capability.ACCOUNT_READ):
        return select(Account)
    return select(Account).where(Account.id == actor.account_id)


def find_account(db: Session, actor: Actor, account_id: int) -> Account:
    """One visible account, locked for the transaction. Raises NotFound."""
    return find_one(db, locked(visible(actor).where(Account.id == account_id)))


def account_by_login(db: Session, login: str) -> Account | None:
    """For signing in only."""
    return db.scalars(select(Account).where(Account.login == login)).one_or_none()


def hold_by_login(db: Session, login: str) -> Account | None:
    """The same, locked for the transaction: whoever sets a new password or disables it waits until that is over, and
    then ends the session that it opened."""
    return db.scalars(locked(select(Account).where(Account.login == login))).one_or_none()


def accounts_of_person(db: Session, person_id: int) -> Sequence[Account]:
    """Every account of one natural person (P29: the same person under any account)."""
    return db.scalars(select(Account).where(Account.person_id == person_id)).all()


_PERSON = Statement(select(Account.person_id).where(Account.id == bindparam("account_id")))


def person_of(db: Session, account_id: int) -> int:
    """The natural person behind an account."""
    db.flush()
    ((person_id,),) = _PERSON.rows(db, account_id=account_id)
    return int(person_id)


def persons_of(db: Session, account_ids: Collection[int]) -> dict[int, int]:
    """The natural persons behind these accounts, by account."""
    rows = db.execute(select(Account.id, Account.person_id).where(Account.id.in_(account_ids)))
    return {row.id: row.person_id for row in rows}


def addresses_of(db: Session, session_ids: Collection[int]) -> dict[int, str]:
    """The address from which each of these sessions was opened; to be compared, never to be shown."""
    rows = db.execute(select(LoginSession.id, LoginSession.address).where(LoginSession.id.in_(session_ids)))
    return {row.id: row.address for row in rows}


def logins_of(db: Session, account_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """(person, log-in name) behind these accounts, by account; for pages that name who did something."""
    rows = db.execute(select(Account.id, Account.person_id, Account.login).where(Account.id.in_(account_ids)))
    return {row.id: (row.person_id, row.login) for row in rows}


def accounts_named(db: Session, typed: str, *, limit: int) -> list[int]:
    """The accounts whose log-in name is what was typed, or whose person's name fits it."""
    fits = or_(Account.login == typed, Account.person_id.in_(ids_named(typed)))
    return list(db.scalars(select(Account.id).where(fits).order_by(Account.id).limit(limit)))


def idle_staff(db: Session) -> int:
    """How many accounts of staff are enabled and were never activated: their holders cannot work yet."""
    staff = select(RoleGrant.account_id).where(RoleGrant.role.in_(STAFF), RoleGrant.revoked_at.is_(None))
    unused = Account.id.in_(staff), Account.disabled_at.is_(None), Account.password_hash == ""
    return db.execute(select(func.count(Account.id)).where(*unused)).scalar_one()


def list_accounts(
    db: Session, actor: Actor, *, search: str, roles: Collection[Role] | None, after: str, limit: int
) -> list[tuple[Account, list[RoleGrant]]]:
    """Visible accounts in the order of their login names, with the grants that stand; with `roles` only those that
    hold one of them."""
    query = visible(actor).where(Account.login > after).order_by(Account.login).limit(limit)
    if search:
        named = Account.person_id.in_(ids_named(search))
        query = query.where(or_(Account.login.contains(search, autoescape=True), named))
    if roles is not None:
        holders = select(RoleGrant.account_id).where(RoleGrant.role.in_(roles), RoleGrant.revoked_at.is_(None))
        query = query.where(Account.id.in_(holders))
    accounts = db.scalars(query).all()
    grants = db.scalars(
        select(RoleGrant).where(RoleGrant.account_id.in_([a.id for a in accounts]), RoleGrant.revoked_at.is_(None))
    ).all()
    return [(account, [g for g in grants if g.account_id == account.id]) for account in accounts]


def grants_standing(db: Session, account_id: int) -> list[RoleGrant]:
    """The rows of the roles that an account holds now, in the order of giving."""
    standing = RoleGrant.account_id == account_id, RoleGrant.revoked_at.is_(None)
    return list(db.scalars(select(RoleGrant).where(*standing).order_by(RoleGrant.id)))


_GRANTS = Statement(
    with_name_and_path(
        select(RoleGrant.role)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(RoleGrant.account_id == bindparam("account_id"), RoleGrant.revoked_at.is_(None))
        .order_by(RoleGrant.id),
        person_id=Account.person_id,
        unit_id=RoleGrant.unit_id,
    )
)


def grants_of(db: Session, account_id: int) -> tuple[Grant, ...]:
    """The roles that an account holds now, in the order of giving, with the paths of their scopes."""
    db.flush()
    return tuple([Grant(Role(role), path or "/") for role, _, path in _GRANTS.rows(db, account_id=account_id)])


def roles_of_person(db: Session, person_id: int) -> frozenset[Role]:
    """Every role that a natural person holds now, under any account."""
    rows = db.scalars(
        select(RoleGrant.role)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(Account.person_id == person_id, RoleGrant.revoked_at.is_(None))
    )
    return frozenset(rows)


def uninvited(db: Session) -> list[int]:
    """The persons in post who have no account."""
    known = set(db.scalars(select(Account.person_id)))
    return [person_id for person_id in db.scalars(ids_within((ROOT,), in_post=True)) if person_id not in known]


def find_grant(db: Session, grant_id: int) -> RoleGrant:
    """One standing grant, locked. Raises NotFound."""
    return find_one(db, locked(select(RoleGrant).where(RoleGrant.id == grant_id, RoleGrant.revoked_at.is_(None))))


def accounts_with_role(db: Session, role: Role) -> list[int]:
    """Ids of the accounts that hold a role now."""
    return list(
        db.scalars(
            select(RoleGrant.account_id)
            .join(Account, Account.id == RoleGrant.account_id)
            .where(RoleGrant.role == role, RoleGrant.revoked_at.is_(None), Account.disabled_at.is_(None))
            .distinct()
        )
    )


def holders_of(db: Session, capability: Capability, unit_path: str) -> dict[int, int]:
    """The enabled accounts that hold a capability over the unit of that path ("/1/7/"), each with its person."""
    roles = [role for role, held in ROLE_CAPABILITIES.items() if capability in held]
    above = [int(one) for one in unit_path.strip("/").split("/")]
    rows = db.execute(
        select(Account.id, Account.person_id)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.role.in_(roles),
            RoleGrant.revoked_at.is_(None),
            or_(RoleGrant.unit_id.is_(None), RoleGrant.unit_id.in_(above)),
            Account.disabled_at.is_(None),
        )
        .distinct()
    )
    return {row[0]: row[1] for row in rows}


def token_digest(token: str) -> str:
    """What is stored of a session's token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def session_by_token(db: Session, token: str) -> tuple[LoginSession, Account] | None:
    """The session of a token and its account, whatever their state."""
    row = db.execute(
        select(LoginSession, Account)
        .join(Account, Account.id == LoginSession.account_id)
        .where(LoginSession.token_digest == token_digest(token))
    ).one_or_none()
    return None if row is None else (row[0], row[1])


class Standing(NamedTuple):
    """A log-in session with whose it is, whatever their state, and the roles that the account holds now."""

    session_id: int
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    factor_at: datetime | None
    account_id: int
    disabled_at: datetime | None
    person_id: int
    name: str
    grants: tuple[Grant, ...]


_SESSION = (
    select(
        LoginSession.id,
        LoginSession.created_at,
        LoginSession.seen_at,
        LoginSession.ends_at,
        LoginSession.ended_at,
        LoginSession.factor_at,
        Account.id,
        Account.disabled_at,
        Account.person_id,
        RoleGrant.role,
    )
    .join(Account, Account.id == LoginSession.account_id)
    .outerjoin(RoleGrant, (RoleGrant.account_id == Account.id) & RoleGrant.revoked_at.is_(None))
    .where(LoginSession.token_digest == bindparam("digest"))
    .order_by(RoleGrant.id)
)
_STANDING = Statement(with_name_and_path(_SESSION, person_id=Account.person_id, unit_id=RoleGrant.unit_id))


def standing_of(db: Session, token: str) -> Standing | None:
    """Everything that is asked of a session's token on every request, in one statement."""
    rows = _STANDING.rows(db, digest=token_digest(token))
    if not rows:
        return None
    *session, _, name, _ = rows[0]
    grants = tuple([Grant(Role(role), path or "/") for *_, role, _, path in rows if role is not None])
    return Standing._make((*session, name, grants))


def codes_beside_no_phone(db: Session, account_id: int, now: datetime) -> int | None:
    """How many printed codes are left to an account to which no phone is bound; None where one is. Locks nothing."""
    left = select(func.count(PrintedCode.id)).where(*_unused(account_id, "factor", now)).scalar_subquery()
    bound, count = db.execute(select(Account.totp_last_step, left).where(Account.id == account_id)).one()
    return None if bound else count


def unused_codes(db: Session, account_id: int, purpose: str, now: datetime) -> Sequence[PrintedCode]:
    """The printed codes of an account that may still be used, locked."""
    return db.scalars(
        select(PrintedCode).where(*_unused(account_id, purpose, now)).order_by(PrintedCode.id).with_for_update()
    ).all()


def _unused(account_id: int, purpose: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        PrintedCode.account_id == account_id,
        PrintedCode.purpose == purpose,
        PrintedCode.used_at.is_(None),
        or_(PrintedCode.ends_at.is_(None), PrintedCode.ends_at > now),
    )


def open_resets(db: Session) -> Sequence[FactorReset]:
    """Resets that were proposed and wait for a second person."""
    return db.scalars(select(FactorReset).where(FactorReset.approved_at.is_(None)).order_by(FactorReset.id)).all()


def find_reset(db: Session, reset_id: int) -> FactorReset:
    """One open reset, locked. Raises NotFound."""
    return find_one(
        db, locked(select(FactorReset).where(FactorReset.id == reset_id, FactorReset.approved_at.is_(None)))
    )
