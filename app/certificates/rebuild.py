"""P31: the set of valid certificates at any moment, from the audit log alone. Pure: it reads lines, no table.

It knows the log's words and the table of transitions, and nothing else of the service. Records are taken in the order
of the log; verify the export first (`chizheng audit verify`), for a log that was tampered with proves nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from app.audit.export import read_records
from app.certificates.rules import CERTIFICATE_TRANSITIONS, CertificateAction, CertificateState, Ground
from question_bank.items import Level

_ISSUE = "certificate:issue"
_MOVES = {f"certificate:{action.value}": action for action in CertificateAction}


class LogUnsound(ValueError):
    """The log tells of certificates what cannot be: a step without an issue, a move that the table has not, two
    certificates with one number, or an issue without its proof. The sentence names the record."""


@dataclass(frozen=True)
class Attested:
    """A certificate as the log tells it; `ground_id` is what the ground rests on (the clearance case, where earned)."""

    certificate_id: int
    number: str
    person_id: int
    level: Level
    ground: Ground
    ground_id: int
    valid_from: datetime
    valid_until: datetime
    state: CertificateState


def valid_at(lines: Iterable[str], moment: datetime) -> dict[int, Attested]:
    """The certificates valid at `moment` (aware), by id, from the lines of an export. Raises LogUnsound."""
    told = certificates_at(read_records(lines), moment)
    return {
        certificate_id: found
        for certificate_id, found in told.items()
        if found.state is CertificateState.ACTIVE and found.valid_from <= moment < found.valid_until
    }


def certificates_at(records: Iterable[Mapping[str, Any]], moment: datetime) -> dict[int, Attested]:
    """Every certificate issued by `moment` with its state then, by id. Raises LogUnsound."""
    newest: dict[int, Attested] = {}
    since: dict[int, datetime] = {}
    found: dict[int, Attested] = {}
    numbers: set[str] = set()
    for record in records:
        action = str(record["action"])
        if action != _ISSUE and action not in _MOVES:
            continue
        certificate_id = int(record["subject_id"])
        before = newest.get(certificate_id)
        if action == _ISSUE:
            told = _read_issue(certificate_id, record)
            if before is not None or told.number in numbers:
                raise LogUnsound(f"record {record['id']}: certificate {told.number} is issued twice")
            numbers.add(told.number)
        else:
            state = CERTIFICATE_TRANSITIONS.get((before.state, _MOVES[action])) if before else None
            if before is None or state is None:
                raise LogUnsound(f"record {record['id']}: {action} of certificate {certificate_id} cannot be")
            told = replace(before, state=state)
        # A request that waited for another's lock carries an earlier moment than the step before it.
        at = max(_moment(record["at"]), since.get(certificate_id, _moment(record["at"])))
        newest[certificate_id], since[certificate_id] = told, at
        if at <= moment:
            found[certificate_id] = told
    return found


def _read_issue(certificate_id: int, record: Mapping[str, Any]) -> Attested:
    after = record["after"]
    try:
        return Attested(
            certificate_id=certificate_id,
            number=str(after["number"]),
            person_id=int(after["person_id"]),
            level=Level(after["level"]),
            ground=Ground(after["ground"]),
            ground_id=int(after["ground_id"]),
            valid_from=_moment(after["valid_from"]),
            valid_until=_moment(after["valid_until"]),
            state=CertificateState.ACTIVE,
        )
    except (KeyError, TypeError, ValueError):
        raise LogUnsound(f"record {record['id']}: an issue that does not say what it issues") from None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
