"""Filters that a person keeps by name. They say nothing about anyone and are not audited."""

from collections.abc import Mapping

from sqlalchemy.exc import IntegrityError

from app.authoring.models import SavedFilter
from app.authoring.queries import find_bank
from app.authoring.queries.listing import find_filter
from app.authoring.rules import FilterNameTaken
from app.authoring.service.entering import account_of
from app.errors import FieldProblem, NotFound
from app.operation import Operation


def save_filter(op: Operation, *, bank_id: int, name: str, query: Mapping[str, str]) -> int:
    """Keep a filter of a bank's list; returns its id. Raises NotFound, FilterNameTaken."""
    find_bank(op.db, op.actor, bank_id)
    kept = SavedFilter(account_id=account_of(op), bank_id=bank_id, name=name, query=dict(query), saved_at=op.now)
    try:
        with op.db.begin_nested():
            op.db.add(kept)
    except IntegrityError:
        raise FilterNameTaken(FieldProblem("name", FilterNameTaken.zh, FilterNameTaken.en)) from None
    return kept.id


def forget_filter(op: Operation, *, filter_id: int) -> int:
    """Forget a filter of the actor's own; returns its bank. Raises NotFound."""
    kept = find_filter(op.db, op.actor, filter_id)
    if kept is None:
        raise NotFound
    op.db.delete(kept)
    return kept.bank_id
