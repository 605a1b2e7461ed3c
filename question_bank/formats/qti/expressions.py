"""Expressions of QTI over the variables of one item: texts as lists, numbers exact, truth as bool; None is null."""

import unicodedata
from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

from lxml import etree

from question_bank.formats.qti.declarations import Declarations
from question_bank.formats.qti.names import attribute, name_of
from question_bank.formats.secure_xml import text_of
from question_bank.formats.typed_numbers import read_number

Value: TypeAlias = list[str] | Fraction | bool

_DEEPEST = 60


class NotInterpreted(Exception):
    """A rule or an expression that is not interpreted; its name is the argument."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class NotANumber(NotInterpreted):
    """A number is needed, and what stands there is none."""


def as_number(value: Value) -> Fraction:
    """The number that a value is. Raises `NotANumber` for what is none."""
    if isinstance(value, bool):
        raise NotANumber("boolean as number")
    if isinstance(value, Fraction):
        return value
    number = read_number(value[0]) if len(value) == 1 else None
    if number is None:
        raise NotANumber("text as number")
    return Fraction(number)


class Evaluation:
    """The variables of one run, and the value of expressions over them."""

    def __init__(self, declarations: Declarations, variables: dict[str, Value | None]) -> None:
        self._declarations = declarations
        self._depth = 0
        self.variables = variables

    def truth(self, expression: etree._Element) -> bool:
        """Whether the expression is true; null is not."""
        return self.value(expression) is True

    def value(self, expression: etree._Element) -> Value | None:
        """The value of an expression. Raises `NotInterpreted`."""
        compute = _EXPRESSIONS.get(name_of(expression))
        if compute is None or self._depth > _DEEPEST:
            raise NotInterpreted(name_of(expression))
        self._depth += 1
        try:
            return compute(self, expression)
        finally:
            self._depth -= 1

    def values(self, expression: etree._Element) -> list[Value | None]:
        """The values of what stands inside the expression, in order."""
        return [self.value(inner) for inner in expression]

    def matches_correct(self, identifier: str) -> bool:
        """Whether a response is the declared right one, by its cardinality."""
        declaration = self._declarations.responses.get(identifier)
        if declaration is None:
            raise NotInterpreted(f"correct {identifier}"[:60])
        given = self.variables.get(identifier)
        if given is None or not declaration.correct:
            return False
        return _same(given, list(declaration.correct), declaration.cardinality, declaration.base_type)

    def map_response(self, identifier: str) -> Fraction:
        """The worth of a response by its declared mapping; one that was not given is worth what its bounds say."""
        declaration = self._declarations.responses.get(identifier)
        if declaration is None or declaration.mapping is None:
            raise NotInterpreted(f"mapResponse {identifier}"[:60])
        given = self.variables.get(identifier)
        values = given if isinstance(given, list) else []
        if declaration.base_type == "pair":
            values = [_sorted_pair(value) for value in values]
        return declaration.mapping.worth_of(values)

    def match(self, expression: etree._Element) -> bool | None:
        """`match`: the same values; in any order where a variable of that cardinality is compared."""
        first, second = self._pair(expression)
        if first is None or second is None:
            return None
        cardinality, base_type = "single", ""
        for inner in expression:
            declaration = self._declarations.responses.get(attribute(inner, "identifier"))
            if declaration is not None:
                cardinality, base_type = declaration.cardinality, declaration.base_type
        return _same(first, second, cardinality, base_type)

    def correct(self, expression: etree._Element) -> Value | None:
        """The declared right values of a variable."""
        declaration = self._declarations.responses.get(attribute(expression, "identifier"))
        return list(declaration.correct) if declaration is not None and declaration.correct else None

    def variable(self, expression: etree._Element) -> Value | None:
        """The value of a variable."""
        identifier = attribute(expression, "identifier")
        if identifier not in self.variables:
            raise NotInterpreted(f"variable {identifier}"[:60])
        return self.variables[identifier]

    def _pair(self, expression: etree._Element) -> tuple[Value | None, Value | None]:
        if len(expression) != 2:
            raise NotInterpreted(name_of(expression))
        return self.value(expression[0]), self.value(expression[1])

    def numbers(self, expression: etree._Element) -> list[Fraction] | None:
        """The numbers inside the expression; None where one of them is null."""
        found: list[Fraction] = []
        for value in self.values(expression):
            if value is None:
                return None
            if isinstance(value, list) and len(value) != 1:
                found += [as_number([one]) for one in value]
            else:
                found.append(as_number(value))
        return found

    def texts(self, expression: etree._Element) -> tuple[str, str] | None:
        """The two single texts inside the expression; None where one of them is null."""
        first, second = self._pair(expression)
        if first is None or second is None:
            return None
        if not isinstance(first, list) or not isinstance(second, list) or len(first) != 1 or len(second) != 1:
            raise NotInterpreted(name_of(expression))
        return first[0], second[0]

    def lists(self, expression: etree._Element) -> tuple[list[str], list[str]] | None:
        """The two containers inside the expression; None where one of them is null."""
        first, second = self._pair(expression)
        if first is None or second is None:
            return None
        if not isinstance(first, list) or not isinstance(second, list):
            raise NotInterpreted(name_of(expression))
        return first, second


def _sorted_pair(value: str) -> str:
    return " ".join(sorted(value.split()))


def _same(first: Value, second: Value, cardinality: str, base_type: str) -> bool:
    if not isinstance(first, list) or not isinstance(second, list):
        if isinstance(first, bool) or isinstance(second, bool):
            return first is second
        return as_number(first) == as_number(second)
    if base_type in ("float", "integer"):
        numbers = [read_number(one) for one in (*first, *second)]
        if all(number is not None for number in numbers):
            first, second = [str(Fraction(one)) for one in first], [str(Fraction(one)) for one in second]
    if base_type == "pair":
        first, second = [_sorted_pair(one) for one in first], [_sorted_pair(one) for one in second]
    return sorted(first) == sorted(second) if cardinality == "multiple" else first == second


def _base_value(_: Evaluation, expression: etree._Element) -> Value:
    text = text_of(expression)
    base_type = attribute(expression, "baseType")
    if base_type == "boolean":
        return text.lower() in ("true", "1")
    if base_type in ("float", "integer"):
        return as_number([text])
    return [text]


def _gathered(run: Evaluation, expression: etree._Element) -> Value | None:
    gathered: list[str] = []
    for value in run.values(expression):
        if isinstance(value, list):
            gathered += value
        elif value is not None:
            gathered.append(str(value))
    return gathered or None


def _container_size(run: Evaluation, expression: etree._Element) -> Value | None:
    gathered = _gathered(run, expression)
    return Fraction(len(gathered)) if isinstance(gathered, list) else Fraction(0)


def _and(run: Evaluation, expression: etree._Element) -> Value:
    return all(run.truth(inner) for inner in expression)


def _or(run: Evaluation, expression: etree._Element) -> Value:
    return any(run.truth(inner) for inner in expression)


def _not(run: Evaluation, expression: etree._Element) -> Value | None:
    values = run.values(expression)
    return None if len(values) != 1 or values[0] is None else not values[0]


def _member(run: Evaluation, expression: etree._Element) -> Value | None:
    found = run.lists(expression)
    return None if found is None else len(found[0]) == 1 and found[0][0] in found[1]


def _contains(run: Evaluation, expression: etree._Element) -> Value | None:
    found = run.lists(expression)
    return None if found is None else all(found[0].count(one) >= found[1].count(one) for one in found[1])


def _string_match(run: Evaluation, expression: etree._Element) -> Value | None:
    texts = run.texts(expression)
    if texts is None:
        return None
    first, second = texts
    if attribute(expression, "caseSensitive") == "false":
        first, second = first.casefold(), second.casefold()
    return second in first if attribute(expression, "substring") == "true" else first == second


def _substring(run: Evaluation, expression: etree._Element) -> Value | None:
    texts = run.texts(expression)
    if texts is None:
        return None
    first, second = texts
    if attribute(expression, "caseSensitive") == "false":
        first, second = first.casefold(), second.casefold()
    return first in second


def _equal(run: Evaluation, expression: etree._Element) -> Value | None:
    try:
        numbers = run.numbers(expression)
    except NotANumber:
        return False  # what is no number equals none
    if numbers is None or len(numbers) != 2:
        return None
    first, second = numbers
    mode = attribute(expression, "toleranceMode") or "exact"
    if mode == "exact":
        return first == second
    allowed = [as_number([one]) for one in attribute(expression, "tolerance").split()]
    if not allowed or mode not in ("absolute", "relative"):
        raise NotInterpreted("equal tolerance")
    below, above = allowed[0], allowed[-1]
    if mode == "relative":
        below, above = abs(first) * below / 100, abs(first) * above / 100
    low_in = attribute(expression, "includeLowerBound") != "false"
    high_in = attribute(expression, "includeUpperBound") != "false"
    over = second > first - below or (low_in and second == first - below)
    return over and (second < first + above or (high_in and second == first + above))


def _compared(test: Callable[[Fraction, Fraction], bool]) -> Callable[[Evaluation, etree._Element], Value | None]:
    def compare(run: Evaluation, expression: etree._Element) -> Value | None:
        numbers = run.numbers(expression)
        return None if numbers is None or len(numbers) != 2 else test(numbers[0], numbers[1])

    return compare


def _computed(combine: Callable[[list[Fraction]], Fraction]) -> Callable[[Evaluation, etree._Element], Value | None]:
    def compute(run: Evaluation, expression: etree._Element) -> Value | None:
        numbers = run.numbers(expression)
        return None if not numbers else combine(numbers)

    return compute


def _product(numbers: list[Fraction]) -> Fraction:
    result = Fraction(1)
    for number in numbers:
        result *= number
        if result.denominator.bit_length() + result.numerator.bit_length() > 4_000:
            raise NotInterpreted("product")
    return result


def _quotient(numbers: list[Fraction]) -> Fraction:
    if len(numbers) != 2 or numbers[1] == 0:
        raise NotInterpreted("divide")
    return numbers[0] / numbers[1]


def _custom(run: Evaluation, expression: etree._Element) -> Value | None:
    """Three operators that Dutch exam boards share; any other is not interpreted."""
    name = attribute(expression, "definition").rsplit(":", 1)[-1]
    change = _CUSTOM.get(name)
    if change is None or len(expression) != 1:
        raise NotInterpreted(f"customOperator {name}"[:60])
    value = run.value(expression[0])
    return [change(text) for text in value] if isinstance(value, list) else value


def _to_ascii(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))


_CUSTOM: dict[str, Callable[[str], str]] = {
    "ParseCommaDecimal": lambda text: text.replace(",", "."),
    "Trim": str.strip,
    "ToAscii": _to_ascii,
}

_EXPRESSIONS: dict[str, Callable[[Evaluation, etree._Element], Value | None]] = {
    "baseValue": _base_value,
    "variable": Evaluation.variable,
    "correct": Evaluation.correct,
    "mapResponse": lambda run, expression: run.map_response(attribute(expression, "identifier")),
    "null": lambda _run, _expression: None,
    "isNull": lambda run, expression: all(value is None for value in run.values(expression)),
    "match": Evaluation.match,
    "member": _member,
    "contains": _contains,
    "and": _and,
    "or": _or,
    "not": _not,
    "stringMatch": _string_match,
    "substring": _substring,
    "equal": _equal,
    "multiple": _gathered,
    "ordered": _gathered,
    "containerSize": _container_size,
    "customOperator": _custom,
    "gt": _compared(lambda first, second: first > second),
    "gte": _compared(lambda first, second: first >= second),
    "lt": _compared(lambda first, second: first < second),
    "lte": _compared(lambda first, second: first <= second),
    "sum": _computed(lambda numbers: sum(numbers, Fraction(0))),
    "product": _computed(_product),
    "subtract": _computed(lambda numbers: numbers[0] - sum(numbers[1:], Fraction(0))),
    "divide": _computed(_quotient),
    "min": _computed(min),
    "max": _computed(max),
}
