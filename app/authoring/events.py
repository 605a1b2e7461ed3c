"""What the bank tells the features above, inside the transaction in which it happens."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class SupplyShrinks:
    """From that day on items of these banks may not be drawn any more, or not for what they were drawn for: a document
    that they cite is superseded, or they are filed under another topic."""

    bank_ids: frozenset[int]
    on: date


@dataclass(frozen=True)
class SupplyRestored:
    """Items of these banks may be drawn again, or will not be lost: somebody confirmed or approved them, or filed them
    where a blueprint looks for them."""

    bank_ids: frozenset[int]
