"""What clearance tells those above it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AdverseOutcomeSigned:
    """An office's outcome on a case has become final, and it is adverse; a certificate may have been issued before."""

    case_id: int
