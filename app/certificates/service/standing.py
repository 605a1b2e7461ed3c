"""What people must know of certificates: facts of standing, written in the transaction of each move."""

from datetime import date, timedelta

from app.certificates.models import Certificate
from app.certificates.rules import CertificateAction, last_valid_day
from app.operation import Operation
from app.people.calendar import local_date
from app.people.rules import FactKind, StandingFact, standing
from app.people.service import append_fact, facts_of

_ENDS = (CertificateAction.SUPERSEDE, CertificateAction.CANCEL, CertificateAction.RETIRE)


def note_issue(op: Operation, certificate: Certificate) -> None:
    """The level is held from the day of issue to the last day of validity."""
    _hold(op, certificate, until=last_valid_day(certificate.valid_until))


def note_move(op: Operation, certificate: Certificate, action: CertificateAction) -> None:
    """What a move means for the standing of the holder.

    The day of the move no longer counts as held. A revoked certificate was wrongly issued: its level was never held.
    """
    yesterday = local_date(op.now) - timedelta(days=1)
    if action in _ENDS:
        _hold(op, certificate, until=min(yesterday, last_valid_day(certificate.valid_until)))
    elif action is CertificateAction.REVOKE:
        _hold(op, certificate, until=local_date(certificate.issued_at) - timedelta(days=1))
    else:
        _suspend(op, certificate, ending=action is CertificateAction.RESTORE)


def _hold(op: Operation, certificate: Certificate, *, until: date) -> None:
    first = local_date(certificate.issued_at)
    fact = StandingFact(FactKind.LEVEL_HELD, _reference(certificate), first, until, certificate.level)
    append_fact(op, person_id=certificate.person_id, fact=fact)


def _suspend(op: Operation, certificate: Certificate, *, ending: bool) -> None:
    stem = f"{_reference(certificate)}/"
    today = local_date(op.now)
    before = [
        fact
        for fact in standing(facts_of(op, [certificate.person_id])[certificate.person_id])
        if fact.kind is FactKind.LEVEL_SUSPENDED and fact.reference.startswith(stem)
    ]
    if ending:
        fact = StandingFact(
            FactKind.LEVEL_SUSPENDED, before[-1].reference, before[-1].first_day, today - timedelta(days=1)
        )
    else:
        fact = StandingFact(FactKind.LEVEL_SUSPENDED, f"{stem}{len(before) + 1}", today)
    append_fact(op, person_id=certificate.person_id, fact=fact)


def _reference(certificate: Certificate) -> str:
    return f"certificate:{certificate.id}"
