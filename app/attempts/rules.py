"""Rules of an attempt: its lifecycle and the causes that change its time."""

from enum import StrEnum


class AttemptState(StrEnum):
    """Where an attempt stands; one that has not begun has no row."""

    OPEN = "open"
    CLOSED = "closed"


class AttemptAction(StrEnum):
    """What may be done to an attempt."""

    START = "start"
    SAVE = "save"
    TAKE_OVER = "take_over"
    GRANT_TIME = "grant_time"
    HAND_IN = "hand_in"
    CLOSE_AT_DEADLINE = "close_at_deadline"


class Closing(StrEnum):
    """How an attempt ended."""

    HANDED_IN = "handed_in"
    AT_DEADLINE = "at_deadline"


class TimeCause(StrEnum):
    """Why time was granted (补时)."""

    POWER_FAILURE = "power_failure"
    NETWORK_FAILURE = "network_failure"
    MACHINE_FAILURE = "machine_failure"
    ACCOMMODATION = "accommodation"
    OTHER = "other"


class RefusedWhy(StrEnum):
    """Why a save was refused; kept as evidence (P9)."""

    LATE = "late"
    CLOSED = "closed"
    OTHER_SESSION = "other_session"


TRANSITIONS: dict[tuple[AttemptState | None, AttemptAction], AttemptState] = {
    (None, AttemptAction.START): AttemptState.OPEN,
    (AttemptState.OPEN, AttemptAction.SAVE): AttemptState.OPEN,
    (AttemptState.OPEN, AttemptAction.TAKE_OVER): AttemptState.OPEN,
    (AttemptState.OPEN, AttemptAction.GRANT_TIME): AttemptState.OPEN,
    (AttemptState.OPEN, AttemptAction.HAND_IN): AttemptState.CLOSED,
    (AttemptState.OPEN, AttemptAction.CLOSE_AT_DEADLINE): AttemptState.CLOSED,
}
