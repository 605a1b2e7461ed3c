"""Numbers as people write them, read exactly and within bounds.

Full-width digits, signs and marks are read as their plain forms; thousands may be parted by commas; 万 and 亿, per cent
and per mille, a fraction (3/4) and a power of ten (1.2e3) are understood. A unit may follow.
"""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,40})?(?:\.(?P<part>\d{1,40}))?"
    r"(?:/(?P<below>\d{1,20})|[eE](?P<power>[+-]?\d{1,2}))?(?P<unit>.*)",
    re.ASCII | re.DOTALL,
)
_SCALES = {"万": 10**4, "亿": 10**8}
_SIGNS = str.maketrans({"−": "-", "–": "-", "—": "-", "。": "."})
_PLAIN = re.compile(r"-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,30})?")


class Amount(NamedTuple):
    """A number and what is written after it: a unit, a per cent mark, or "" where nothing is."""

    number: Fraction
    unit: str

    def in_terms_of(self, factors: Mapping[str, Fraction]) -> Fraction | None:
        """The number times the factor of its unit; None where the unit has none. 万 and 亿 may stand before a unit."""
        factor = factors.get(self.unit)
        if factor is None and self.unit[:1] in _SCALES:
            rest = factors.get(self.unit[1:])
            factor = None if rest is None else rest * _SCALES[self.unit[0]]
        return None if factor is None else self.number * factor


def fold_unit(text: str) -> str:
    """The unit without differences of width and white space; capital letters count (m and M are two units)."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def read_amount(text: str) -> Amount | None:
    """The number that the text is, or None where it is none."""
    plain = fold_unit(text).translate(_SIGNS)
    found = _NUMBER.fullmatch(plain)
    if found is None or (found["whole"] is None and found["part"] is None):
        return None
    whole, part = (found["whole"] or "0").replace(",", ""), found["part"] or ""
    number = Fraction(int(whole + part), 10 ** len(part))
    if found["below"]:
        below = int(found["below"])
        if not below:
            return None
        number /= below
    if found["power"]:
        number *= Fraction(10) ** int(found["power"])
    return Amount(-number if found["sign"] == "-" else number, found["unit"])


def decimal_text(value: Decimal) -> str | None:
    """The decimal in plain digits, or None where it has more than 30 on a side, or is none at all."""
    if not value.is_finite() or value.adjusted() > 29 or int(value.as_tuple().exponent) < -30:
        return None
    text = format(value, "f")
    return text if _PLAIN.fullmatch(text) else None


def decimal_from_text(text: str) -> Decimal | None:
    """What `decimal_text` wrote; None for any other text."""
    if not _PLAIN.fullmatch(text):
        return None
    value = Decimal(text)
    return value if decimal_text(value) == text else None
