"""Who acts, and whether they may decide on what others proposed."""

from sqlalchemy.orm import Session

from app.accounts.queries import person_of
from app.errors import Unauthenticated
from app.exams.rules import check_two_people
from app.operation import Operation


def acting_account(op: Operation) -> int:
    """The account that acts. Raises Unauthenticated for a process of the service: acts of exams are people's."""
    if op.actor.account_id is None:
        raise Unauthenticated
    return op.actor.account_id


def persons_behind(db: Session, *account_ids: int | None) -> tuple[int, ...]:
    """The natural persons of these accounts; those that are None are left out."""
    return tuple(person_of(db, account_id) for account_id in account_ids if account_id is not None)


def check_other_person(op: Operation, *proposers: int | None) -> None:
    """Raises SameOfficer where the person who acts is behind one of the accounts that proposed, whichever account
    they use now (P29)."""
    check_two_people(*persons_behind(op.db, *proposers), decider=op.actor.person_id)
