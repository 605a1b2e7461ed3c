"""What attempts tell the features above them, inside the transaction in which it happens."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AttemptClosed:
    """An attempt was handed in or closed at its deadline; its responses are folded and final (P2)."""

    attempt_id: int
