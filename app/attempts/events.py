"""What attempts tell the features above them, inside the transaction in which it happens."""

from dataclasses import dataclass

from app.attempts.misconduct.rules import Ruling


@dataclass(frozen=True)
class AttemptClosed:
    """An operation closed an attempt; its responses are folded and final (P2). The journal tells of what it closes by
    `app.attempts.endings.Mark`."""

    attempt_id: int


@dataclass(frozen=True)
class MisconductSettled:
    """Two people have decided a misconduct case; what was scored counts or does not, by the ruling."""

    case_id: int
    registration_id: int
    exam_id: int
    ruling: Ruling


@dataclass(frozen=True)
class PersonBarred:
    """A person may not sit for a while, and was told so in the same transaction."""

    person_id: int


@dataclass(frozen=True)
class AbsencesClosed:
    """Two people have closed the absences of a room; these registrations have no attempt and get none."""

    exam_id: int
    registration_ids: tuple[int, ...]


@dataclass(frozen=True)
class AbsencesReopened:
    """Two people have opened a list of absences again: nothing that followed from it stands. Who listens may refuse."""

    exam_id: int
    registration_ids: tuple[int, ...]


@dataclass(frozen=True)
class AbsenceExcused:
    """Two people have recognised the reason of an absence: a make-up exam (补考) is due to this registration."""

    registration_id: int
    exam_id: int


@dataclass(frozen=True)
class FaultReported:
    """Somebody says that an attempt was lost to a technical fault; nothing follows yet. Who listens may refuse."""

    registration_id: int
    exam_id: int


@dataclass(frozen=True)
class FaultRecognised:
    """Two people have found that an attempt was lost to a technical fault: it counts for nothing, and a make-up exam
    (补考) is due to this registration. Who listens may refuse."""

    fault_id: int
    registration_id: int
    exam_id: int
