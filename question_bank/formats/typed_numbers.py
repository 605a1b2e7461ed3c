"""Numbers as people type them into exchange formats, exactly."""

import re
from decimal import Decimal
from fractions import Fraction

_NUMBER = re.compile(r"[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?")
_RANGE = re.compile(rf"\s*({_NUMBER.pattern})\s*\.\.\s*({_NUMBER.pattern})\s*")


def read_number(text: str) -> Decimal | None:
    """The number in the text, or None where there is none; at most 30 digits on each side of the point."""
    text = text.strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def read_range(text: str) -> tuple[Decimal, Decimal] | None:
    """The two ends of `low..high` in ascending order, or None where the text is no range."""
    # Without the blank before it the first point of the two would be taken for a decimal one.
    found = _RANGE.fullmatch(re.sub(r"\.\.", " .. ", text))
    if found is None:
        return None
    low, high = sorted((Decimal(found[1]), Decimal(found[2])))
    return low, high


def exact_decimal(number: Fraction) -> Decimal | None:
    """The number in plain digits, or None where it has no end or more than 30 digits behind the point."""
    digits = 0
    while (number * 10**digits).denominator != 1:
        digits += 1
        if digits > 30:
            return None
    return Decimal(int(number * 10**digits)).scaleb(-digits)
