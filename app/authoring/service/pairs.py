"""互斥题: declared and withdrawn by people; near duplicates: looked for by the worker whenever a bank has changed."""

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.models import EnemyPair, NearCheck, NearGroup
from app.authoring.queries.items import find_item
from app.authoring.queries.pairs import bank_marks, find_pair, near_check_of, stems_of
from app.authoring.rules import EnemyRefused
from app.authoring.service.entering import account_of
from app.errors import FieldProblem, NotFound
from app.operation import House, Operation, acting_as
from app.security.permissions import Capability
from question_bank.duplicates import near_groups


def declare_enemy(op: Operation, *, item_id: int, other_id: int, reason: str) -> int:
    """Say that two items of a bank may not stand in one form; returns the pair's id. Raises NotFound, EnemyRefused."""
    refused = EnemyRefused(FieldProblem("other_id", EnemyRefused.zh, EnemyRefused.en))
    item = find_item(op.db, op.actor, item_id, capability=Capability.ITEM_WRITE)
    try:
        other = find_item(op.db, op.actor, other_id, capability=Capability.ITEM_WRITE)
    except NotFound:
        raise refused from None
    if other.bank_id != item.bank_id or other.id == item.id:
        raise refused
    first, second = sorted((item.id, other.id))
    pair = EnemyPair(
        bank_id=item.bank_id,
        item_id=first,
        other_id=second,
        reason=reason,
        declared_by=account_of(op),
        declared_at=op.now,
    )
    try:
        with op.db.begin_nested():
            op.db.add(pair)
    except IntegrityError:
        raise refused from None
    after = {"pair_id": pair.id, "other_id": second}
    record(op, AuditAction.ITEM_DECLARE_ENEMY, subject=("item", first), after=after, reason=reason)
    return pair.id


def withdraw_enemy(op: Operation, *, pair_id: int, reason: str) -> int:
    """Take such a word back; returns the first item of the pair. Raises NotFound."""
    pair = find_pair(op.db, op.actor, pair_id)
    op.db.delete(pair)
    op.db.flush()
    after = {"pair_id": pair.id, "other_id": pair.other_id}
    record(op, AuditAction.ITEM_WITHDRAW_ENEMY, subject=("item", pair.item_id), after=after, reason=reason)
    return pair.item_id


def look_through(house: House) -> int:
    """Look for near duplicates in every bank that has changed since it was last looked through; returns how many.

    The looking stands in no transaction; what it finds takes the place of what was found before, at once.
    """
    with house.database.transaction(reading=True) as db:
        marks = bank_marks(db)
        known = {bank_id: near_check_of(db, bank_id) for bank_id in marks}
    changed = [one for one, mark in marks.items() if (check := known[one]) is None or check.mark != mark]
    for bank_id in changed:
        with house.database.transaction(reading=True) as db:
            stems = stems_of(db, bank_id)
        groups = [[stems[at][0] for at in group] for group in near_groups([fold for _, fold in stems])]
        with acting_as(house, "near") as op:
            op.db.execute(delete(NearGroup).where(NearGroup.bank_id == bank_id))
            if groups:
                op.db.execute(insert(NearGroup), [{"bank_id": bank_id, "items": group} for group in groups])
            op.db.merge(NearCheck(bank_id=bank_id, mark=marks[bank_id], checked_at=op.now))
    return len(changed)
