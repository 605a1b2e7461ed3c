"""Who has accepted which edition of the declaration of confidentiality."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.authoring.models import Promise


def promise_of(db: Session, account_id: int | None, edition: int) -> Promise | None:
    """The promise of an account in that edition, if it was given."""
    return db.scalars(select(Promise).where(Promise.account_id == account_id, Promise.edition == edition)).one_or_none()
