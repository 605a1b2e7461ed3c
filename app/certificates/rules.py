"""Rules of certificates: the lifecycles of batch, certificate and act."""

from enum import StrEnum


class BatchState(StrEnum):
    """Where a batch stands."""

    PROPOSED = "proposed"
    ISSUED = "issued"
    DECLINED = "declined"


class BatchAction(StrEnum):
    """What may be done to a batch."""

    ISSUE = "issue"
    DECLINE = "decline"


BATCH_TRANSITIONS: dict[tuple[BatchState, BatchAction], BatchState] = {
    (BatchState.PROPOSED, BatchAction.ISSUE): BatchState.ISSUED,
    (BatchState.PROPOSED, BatchAction.DECLINE): BatchState.DECLINED,
}


class Ground(StrEnum):
    """签发依据: the only five grounds on which a certificate is issued (P28)."""

    EARNED = "earned"
    DOWNGRADED = "downgraded"
    CORRECTED = "corrected"
    REPLACED = "replaced"
    TAKEN_OVER = "taken_over"


class CertificateState(StrEnum):
    """Where a certificate stands. That it has expired (到期) is computed from `valid_until`, never stored."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    RETIRED = "retired"


class CertificateAction(StrEnum):
    """What may be done to a certificate."""

    SUSPEND = "suspend"
    RESTORE = "restore"
    SUPERSEDE = "supersede"
    CANCEL = "cancel"
    REVOKE = "revoke"
    RETIRE = "retire"


_LIVE = (CertificateState.ACTIVE, CertificateState.SUSPENDED)

CERTIFICATE_TRANSITIONS: dict[tuple[CertificateState, CertificateAction], CertificateState] = {
    (CertificateState.ACTIVE, CertificateAction.SUSPEND): CertificateState.SUSPENDED,
    (CertificateState.SUSPENDED, CertificateAction.RESTORE): CertificateState.ACTIVE,
    (CertificateState.ACTIVE, CertificateAction.SUPERSEDE): CertificateState.SUPERSEDED,
    **{(state, CertificateAction.CANCEL): CertificateState.CANCELLED for state in _LIVE},
    **{(state, CertificateAction.REVOKE): CertificateState.REVOKED for state in _LIVE},
    **{(state, CertificateAction.RETIRE): CertificateState.RETIRED for state in _LIVE},
}


class ActState(StrEnum):
    """Where a proposed act on a certificate stands."""

    PROPOSED = "proposed"
    DONE = "done"
    DECLINED = "declined"
