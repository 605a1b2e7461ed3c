"""Rules of results: the lifecycle of a release."""

from enum import StrEnum


class ReleaseState(StrEnum):
    """Where an exam's results stand: scored by the machine, proposed for release, released to all at once (P18)."""

    SCORED = "scored"
    PROPOSED = "proposed"
    RELEASED = "released"


class ReleaseAction(StrEnum):
    """What may be done to an exam's results."""

    SCORE = "score"
    PROPOSE = "propose"
    DECLINE = "decline"
    RELEASE = "release"


TRANSITIONS: dict[tuple[ReleaseState | None, ReleaseAction], ReleaseState] = {
    (None, ReleaseAction.SCORE): ReleaseState.SCORED,
    (ReleaseState.SCORED, ReleaseAction.SCORE): ReleaseState.SCORED,
    (ReleaseState.SCORED, ReleaseAction.PROPOSE): ReleaseState.PROPOSED,
    (ReleaseState.PROPOSED, ReleaseAction.DECLINE): ReleaseState.SCORED,
    (ReleaseState.PROPOSED, ReleaseAction.RELEASE): ReleaseState.RELEASED,
}
