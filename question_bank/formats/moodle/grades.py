"""Parts of a mark as Moodle writes them: percentages of a list, with five or seven digits."""

from fractions import Fraction

ALLOWED = tuple(
    sorted(
        {
            *(Fraction(part, 10) for part in range(11)),
            Fraction(1, 20),
            Fraction(1, 3),
            Fraction(2, 3),
            Fraction(1, 4),
            Fraction(3, 4),
            Fraction(1, 6),
            Fraction(5, 6),
            Fraction(1, 7),
            Fraction(1, 8),
            Fraction(1, 9),
        }
    )
)
"""The parts that Moodle allows for one option, from 0 to 1; their negatives as well."""

_NEAREST_WITHIN = Fraction(1, 200)


def read_percentage(text: str) -> Fraction | None:
    """The part of the mark that a percentage means: 33.33333 and 33 are 1/3. None for what is none.

    A value within half a per cent of an allowed one is that one, as Moodle's own "nearest grade" has it; any
    other stays exact, from −1 to 1.
    """
    try:
        exact = Fraction(text.strip()) / 100
    except (ValueError, ZeroDivisionError):
        return None
    if not -1 <= exact <= 1:
        return None
    sign = -1 if exact < 0 else 1
    nearest = min(ALLOWED, key=lambda allowed: abs(allowed - abs(exact)))
    return sign * nearest if abs(nearest - abs(exact)) <= _NEAREST_WITHIN else exact


def write_percentage(part: Fraction) -> str:
    """The percentage, with five decimals where it is not whole: 1/3 is 33.33333."""
    if (part * 100).denominator == 1:
        return str(int(part * 100))
    scaled = round(part * 100 * 10**5)
    sign, digits = ("-" if scaled < 0 else ""), f"{abs(scaled):06d}"
    return f"{sign}{digits[:-5]}.{digits[-5:]}".rstrip("0").rstrip(".")
