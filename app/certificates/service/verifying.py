"""What the public may ask: is this certificate valid; which credentials no longer hold; what they attest (P32, P33)."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.certificates import credential, queries, status_list
from app.certificates.credential import StatusPurpose
from app.certificates.models import Certificate
from app.certificates.rules import CertificateState, read_code, read_number
from app.certificates.service.issuing import issuer_of, list_url
from app.operation import Operation
from app.security.derivation import Purpose, derive
from app.security.signing_keys import KeyPurpose, Keyring
from app.security.throttle import Limit, admit, check, digest, source_of

MISSES = Limit(count=30, window=timedelta(minutes=10))
"""Wrong guesses per source; whoever scans a right code is not counted, however many share an address."""
KEPT = timedelta(seconds=30)
"""How long a signed list is served again as it is, while nothing changes."""

_SET_BY: dict[StatusPurpose, tuple[CertificateState, ...]] = {
    StatusPurpose.REVOCATION: (
        CertificateState.SUPERSEDED,
        CertificateState.CANCELLED,
        CertificateState.REVOKED,
        CertificateState.RETIRED,
    ),
    StatusPurpose.SUSPENSION: (CertificateState.SUSPENDED,),
}


def look_up(op: Operation, *, number: str, code: str) -> Certificate | None:
    """The certificate with this number and this check code, as people type them; None for everything else alike.

    Raises TooMany for a source that has guessed wrong too often; a miss is counted once the answer is settled.
    """
    key = digest(derive(op.settings.secret_key.get_secret_value(), Purpose.THROTTLE), "verify", source_of(op.address))
    check(op.db, key, now=op.now, limit=MISSES)
    found = match(op.db, number=number, code=code)
    if found is not None:
        return found

    def count() -> None:
        with op.house.database.transaction() as session:
            admit(session, key, now=op.now, limit=MISSES)

    op.after_commit(count)
    return None


def match(db: Session, *, number: str, code: str) -> Certificate | None:
    """The certificate with this number and this check code, as people type them."""
    read, wanted = read_number(number), read_code(code)
    if read is None or wanted is None:
        return None
    found = queries.certificate_by_number(db, read)
    return found if found is not None and hmac.compare_digest(found.check_code, wanted) else None


@dataclass(frozen=True)
class SignedList:
    """A status list that was signed at `at`."""

    places: tuple[int, ...]
    kid: str
    at: datetime
    token: str


class SignedLists(dict[StatusPurpose, SignedList]):
    """The newest signed list of each purpose, kept for a while: an asker does not make the service sign anew."""


def signed_status_list(op: Operation, purpose: StatusPurpose) -> str:
    """The status list as a signed credential: what changed shows at once, what did not is signed anew in 30 s."""
    places = queries.places_of(op.db, _SET_BY[purpose])
    key = op.house.tool(Keyring).current(op.db, KeyPurpose.CREDENTIAL, now=op.now)
    lists = op.house.tool(SignedLists)
    kept = lists.get(purpose)
    if kept and (kept.places, kept.kid) == (places, key.kid) and timedelta(0) <= op.now - kept.at < KEPT:
        return kept.token
    issuer = issuer_of(op.settings)
    payload = status_list.compose(
        url=list_url(op.settings, purpose), purpose=purpose, indexes=places, issuer=issuer, now=op.now
    )
    token = credential.sign(payload, key, issuer=issuer)
    lists[purpose] = SignedList(places, key.kid, op.now, token)
    return token
