"""Who the ids of the audit log are: what the kernel's pages are told by the feature that knows."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from app.accounts import queries
from app.audit.reading import Register, Who
from app.people.queries import names_of

_MOST_NAMED = 200


def _accounts(db: Session, account_ids: Collection[int]) -> dict[int, Who]:
    logins = queries.logins_of(db, account_ids)
    names = names_of(db, {person_id for person_id, _ in logins.values()})
    return {account_id: Who(names.get(person_id, ""), login) for account_id, (person_id, login) in logins.items()}


def _named(db: Session, typed: str) -> list[int]:
    return queries.accounts_named(db, typed, limit=_MOST_NAMED)


REGISTER = Register(accounts=_accounts, persons=names_of, named=_named)
