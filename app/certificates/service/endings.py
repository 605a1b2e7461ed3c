"""Certificates that are about to end: holder, liaison and certificate officer are told ahead, once for each term."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import insert

from app.accounts.queries import holders_of
from app.audit.actions import AuditAction
from app.audit.models import AuditRecord
from app.audit.record import compose
from app.certificates import queries
from app.certificates.models import Certificate
from app.certificates.rules import due_warning, last_valid_day
from app.operation import House, Operation, acting_as
from app.outbox.post import post
from app.outbox.templates import Kind
from app.people.queries import persons_by_id, unit_paths
from app.security.permissions import Capability

AT_ONCE = 300
"""How many certificates are told of in one transaction."""
TOLD = (Capability.PERSON_CONTACT, Capability.CERTIFICATE_PROPOSE)
"""Whoever reaches the holder, and whoever sees to certificates, over the holder's unit."""


def warn_of_ends(house: House) -> None:
    """Tell of every certificate that has come within a term of its end (`certificate_warning_days`); harmless to
    repeat, and to run beside another."""
    while warn_some(house) == AT_ONCE:
        pass


def warn_some(house: House) -> int:
    """Tell of at most `AT_ONCE` certificates; returns how many."""
    days = house.settings.certificate_warning_days
    with acting_as(house, "certificates") as op:
        found = queries.hold_unwarned(op.db, now=op.now, days=days, limit=AT_ONCE)
        for row in found:
            row.warned_days = due_warning(row.valid_until, now=op.now, days=days, told=row.warned_days)
            until = last_valid_day(row.valid_until).isoformat()
            params = {"number": row.number, "until": until}
            post(op.db, person_id=row.person_id, template=Kind.CERTIFICATE_ENDING, params=params, now=op.now)
        op.db.flush()
        _tell_staff(op, found)
        acts = [
            compose(op, AuditAction.CERTIFICATE_WARN, subject=("certificate", row.id), after={"days": row.warned_days})
            for row in found
        ]
        if acts:
            op.db.execute(insert(AuditRecord), acts)
    return len(found)


def _tell_staff(op: Operation, found: Sequence[Certificate]) -> None:
    """Each of them once a term, with how many certificates of their units it is."""
    persons = persons_by_id(op.db, {row.person_id for row in found})
    paths = unit_paths(op.db, {person.unit_id for person in persons.values()})
    ending = Counter((persons[row.person_id].unit_id, row.warned_days) for row in found)
    told = Counter[tuple[int, int | None]]()
    for (unit_id, days), count in ending.items():
        holders = {p for capability in TOLD for p in holders_of(op.db, capability, paths[unit_id]).values()}
        for person_id in holders:
            told[person_id, days] += count
    for (person_id, days), count in sorted(told.items()):
        params = {"count": count, "days": days}
        post(op.db, person_id=person_id, template=Kind.CERTIFICATES_ENDING, params=params, now=op.now)
