"""What attempts tell the features above them, inside the transaction in which it happens."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AttemptClosed:
    """An operation closed an attempt; its responses are folded and final (P2). The journal tells of what it closes by
    `app.attempts.endings.Mark`."""

    attempt_id: int
