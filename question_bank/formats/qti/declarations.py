"""What a QTI item declares: its variables, which values are right, and what each value is worth."""

from dataclasses import dataclass, field
from fractions import Fraction

from lxml import etree

from question_bank.formats.qti.names import attribute, child, children, descendants
from question_bank.formats.secure_xml import text_of
from question_bank.formats.typed_numbers import read_number


@dataclass(frozen=True)
class MapEntry:
    """What one value is worth."""

    key: str
    worth: Fraction
    case_sensitive: bool = True


@dataclass(frozen=True)
class Mapping:
    """`mapping`: worth of each value, of any other value, and the bounds of their sum."""

    entries: tuple[MapEntry, ...]
    default: Fraction = Fraction(0)
    lower: Fraction | None = None
    upper: Fraction | None = None

    def worth_of(self, values: list[str]) -> Fraction:
        """The sum over the distinct values, within the bounds."""
        total = Fraction(0)
        for value in dict.fromkeys(values):
            total += next((entry.worth for entry in self.entries if _matches(entry, value)), self.default)
        if self.lower is not None:
            total = max(total, self.lower)
        return total if self.upper is None else min(total, self.upper)


def _matches(entry: MapEntry, value: str) -> bool:
    return entry.key == value or (not entry.case_sensitive and entry.key.casefold() == value.casefold())


@dataclass(frozen=True)
class Declaration:
    """A variable of the response or the outcome. `correct` are the right values, `default` those it begins with, `most`
    is the greatest that an outcome may be, as far as it is declared."""

    identifier: str
    cardinality: str
    base_type: str
    correct: tuple[str, ...] = ()
    default: tuple[str, ...] = ()
    mapping: Mapping | None = None
    has_area_mapping: bool = False
    table: tuple[tuple[Fraction, str], ...] = ()
    interpolates: bool = False
    most: Fraction | None = None


@dataclass
class Declarations:
    """All of an item."""

    responses: dict[str, Declaration] = field(default_factory=dict)
    outcomes: dict[str, Declaration] = field(default_factory=dict)


def read_declarations(item: etree._Element) -> Declarations:
    """The declarations below the root of an item."""
    found = Declarations()
    for element in children(item, "responseDeclaration"):
        declaration = _read(element)
        found.responses[declaration.identifier] = declaration
    for element in children(item, "outcomeDeclaration"):
        declaration = _read(element)
        found.outcomes[declaration.identifier] = declaration
    return found


def _read(element: etree._Element) -> Declaration:
    table = child(element, "matchTable")
    interpolation = child(element, "interpolationTable")
    rows = [*children(table, "matchTableEntry"), *children(interpolation, "interpolationTableEntry")]
    return Declaration(
        identifier=attribute(element, "identifier"),
        cardinality=attribute(element, "cardinality") or "single",
        base_type=attribute(element, "baseType"),
        correct=_values(child(element, "correctResponse")),
        default=_values(child(element, "defaultValue")),
        mapping=_read_mapping(child(element, "mapping")),
        has_area_mapping=child(element, "areaMapping") is not None,
        table=tuple((_number(attribute(row, "sourceValue")), attribute(row, "targetValue")) for row in rows),
        interpolates=interpolation is not None,
        most=_bound(attribute(element, "normalMaximum")),
    )


def _values(element: etree._Element | None) -> tuple[str, ...]:
    return tuple(text_of(value) for value in descendants(element, "value"))


def _read_mapping(element: etree._Element | None) -> Mapping | None:
    if element is None:
        return None
    return Mapping(
        tuple(
            MapEntry(
                attribute(entry, "mapKey"),
                _number(attribute(entry, "mappedValue")),
                attribute(entry, "caseSensitive") != "false",
            )
            for entry in children(element, "mapEntry")
        ),
        _number(attribute(element, "defaultValue")),
        _bound(attribute(element, "lowerBound")),
        _bound(attribute(element, "upperBound")),
    )


def _bound(text: str) -> Fraction | None:
    number = read_number(text)
    return None if number is None else Fraction(number)


def _number(text: str) -> Fraction:
    return _bound(text) or Fraction(0)
