"""计算题: a number, right within a tolerance, with or without its unit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from question_bank.canonical import Json
from question_bank.errors import InvalidItem
from question_bank.items import Body, ItemType
from question_bank.kinds.numbers import Amount, decimal_from_text, decimal_text, fold_unit, read_amount
from question_bank.kinds.protocol import BodyText, Extent, Layout
from question_bank.kinds.sheet import Field, Shape, Sheet
from question_bank.kinds.words import RIGHT_OR_NOTHING, UNANSWERED
from question_bank.kinds.written import LONGEST_ENTRY, parse_text
from question_bank.record import Record
from question_bank.scoring import Scoring, ScoringRule
from question_bank.wording import Problem, Wording

_OF_ONE = {"": Fraction(1), "%": Fraction(1, 100), "‰": Fraction(1, 1000)}
LONGEST_UNIT = 20
MOST_UNITS = 20


NO_UNIT = Wording("没有单位时不填。", "Leave it empty where there is none.")


class ToleranceKind(StrEnum):
    """误差: absolute |x − v| ≤ t; relative |x − v| ≤ t·|v|; geometric v/(1 + t) ≤ x ≤ v·(1 + t), for v < 0 mirrored."""

    ABSOLUTE = "absolute"
    RELATIVE = "relative"
    GEOMETRIC = "geometric"


@dataclass(frozen=True, slots=True)
class Unit:
    """Another unit that is accepted: one of it is `factor` of the item's unit."""

    name: str
    factor: Decimal


@dataclass(frozen=True, slots=True)
class NumericBody(Body):
    """The value in `unit` ("" where it has none), the tolerance and its kind, and further units. A response without
    unit is taken as given in `unit`."""

    value: Decimal
    tolerance: Decimal = Decimal(0)
    tolerance_kind: ToleranceKind = ToleranceKind.ABSOLUTE
    unit: str = ""
    units: tuple[Unit, ...] = ()


class Numeric:
    """The kind of `ItemType.NUMERIC`."""

    item_type = ItemType.NUMERIC
    name = Wording("计算题", "Numeric")
    is_objective = True
    is_written = True
    body_type = NumericBody
    sheet = Sheet(
        (
            Field("value", Shape.DECIMAL, Wording("标准答案", "Key"), faults=("item.number",)),
            Field("unit", Shape.LINE, Wording("单位", "Unit"), NO_UNIT, faults=("item.unit",)),
            Field(
                "tolerance", Shape.DECIMAL, Wording("允许误差", "Tolerance"), default="0", faults=("item.tolerance",)
            ),
            Field(
                "tolerance_kind",
                Shape.PICK,
                Wording("误差的算法", "Kind of tolerance"),
                default=ToleranceKind.ABSOLUTE.value,
                picks=(
                    (ToleranceKind.ABSOLUTE.value, Wording("绝对误差（±数值）", "Absolute (± a number)")),
                    (ToleranceKind.RELATIVE.value, Wording("相对误差（±比例）", "Relative (± a share)")),
                    (ToleranceKind.GEOMETRIC.value, Wording("倍数误差（×÷ 1+比例）", "Geometric (×÷ 1+ a share)")),
                ),
            ),
            Field(
                "units",
                Shape.ROWS,
                Wording("也可用的单位", "Other units"),
                Wording(
                    "写明 1 个该单位等于多少个标准答案的单位。", "Say how many of the unit of the key one of it is."
                ),
                fields=(
                    Field("name", Shape.LINE, Wording("单位", "Unit")),
                    Field("factor", Shape.DECIMAL, Wording("折合", "Is worth"), default="1"),
                ),
                rows=1,
            ),
        )
    )
    scoring_rules = frozenset({ScoringRule.ALL_OR_NOTHING})

    def body_problems(self, _stem: str, body: NumericBody) -> list[Problem]:
        """Every reason why the body could not be presented and scored."""
        problems: list[Problem] = []
        numbers = (body.value, body.tolerance, *(unit.factor for unit in body.units))
        if any(decimal_text(number) is None for number in numbers):
            problems.append(
                Problem(
                    "item.number",
                    "数值应为有限小数，整数、小数部分各不超过 30 位。",
                    "A number must have at most 30 digits on either side of its point.",
                )
            )
        elif body.tolerance < 0 or any(unit.factor <= 0 for unit in body.units):
            problems.append(
                Problem(
                    "item.tolerance",
                    "误差不应为负，单位换算应大于 0。",
                    "A tolerance is not negative; the factor of a unit is above 0.",
                )
            )
        names = [fold_unit(name) for name in (body.unit, *(unit.name for unit in body.units))]
        if not all(names[1:]) or len(set(names)) < len(names) or len(names) > MOST_UNITS:
            problems.append(
                Problem(
                    "item.units",
                    "单位为空、重复或过多。",
                    "A unit is empty, stands there twice, or there are too many.",
                )
            )
        if any(_reads_as_number(name) for name in names if name):
            problems.append(
                Problem("item.unit_unclear", "单位不应以数字开头。", "A unit must not begin like a number.")
            )
        return problems

    def texts(self, body: NumericBody) -> Iterator[BodyText]:
        """The units."""
        for name in (body.unit, *(unit.name for unit in body.units)):
            yield BodyText("单位", "unit", name, LONGEST_UNIT, literal=True)

    def body_to_json(self, body: NumericBody) -> dict[str, Json]:
        """Numbers as plain decimal texts."""
        return {
            "value": _written(body.value),
            "tolerance": _written(body.tolerance),
            "tolerance_kind": body.tolerance_kind.value,
            "unit": body.unit,
            "units": [{"name": unit.name, "factor": _written(unit.factor)} for unit in body.units],
        }

    def body_from_json(self, value: Json, at: str) -> NumericBody:
        """What `body_to_json` wrote. Raises `InvalidItem`."""
        members = frozenset({"value", "tolerance", "tolerance_kind", "unit", "units"})
        record = Record(value, members=members, at=at, refusal=InvalidItem)
        return NumericBody(
            _read_decimal(record, "value", at),
            _read_decimal(record, "tolerance", at),
            record.member("tolerance_kind", ToleranceKind),
            record.text("unit"),
            record.each("units", _read_unit),
        )

    def key_lines(self, body: NumericBody) -> list[str]:
        """Value, tolerance and units."""
        allowed = {
            ToleranceKind.ABSOLUTE: f" ±{body.tolerance}",
            ToleranceKind.RELATIVE: f" ±{(body.tolerance * 100).normalize():f}%",
            ToleranceKind.GEOMETRIC: f" ×÷ {1 + body.tolerance}",
        }
        tolerance = allowed[body.tolerance_kind] if body.tolerance else ""
        return [
            f"{body.value}{tolerance} {body.unit}".strip(),
            *(f"1 {unit.name} = {unit.factor} {body.unit}" for unit in body.units),
        ]

    def layout(self, body: NumericBody) -> Layout:
        """The unit that a bare number is taken in."""
        return Layout(unit=body.unit)

    def free_places(self, _body: NumericBody) -> tuple[int, ...]:
        """None."""
        return ()

    def dealt_place(self, _body: NumericBody) -> int | None:
        """None."""
        return None

    def key(self, body: NumericBody, _order: Sequence[int]) -> str:
        """The value in plain digits."""
        return _written(body.value)

    def nothing(self, _extent: Extent) -> str:
        """No text."""
        return ""

    def parse_response(self, raw: object, _extent: Extent) -> str:
        """What was written, white space around it taken away: what is no number is kept and earns nothing. Raises
        `InvalidResponse`."""
        return parse_text(raw, longest=LONGEST_ENTRY)

    def is_answered(self, response: str) -> bool:
        """Whether anything was written."""
        return bool(response)

    def same_response(self, one: str, other: str) -> bool:
        """Whether the same was written."""
        return one == other

    def score(
        self, response: str, *, body: NumericBody, order: Sequence[int], scoring: Scoring, points_hundredths: int
    ) -> Fraction:
        """Full points within the tolerance, bounds included; else 0."""
        del order, scoring
        given = _in_unit(response, body)
        return Fraction(points_hundredths if given is not None and _is_within(given, body) else 0)

    def summarise(self, response: str) -> Wording:
        """What was written."""
        return Wording(response, response) if response else UNANSWERED

    def describe(self, _scoring: Scoring) -> Wording:
        """Right or not."""
        return RIGHT_OR_NOTHING


def _in_unit(response: str, body: NumericBody) -> Fraction | None:
    """The response in the item's unit; None where it is no number, or its unit is not accepted."""
    amount = read_amount(response)
    main = fold_unit(body.unit)
    measure = _OF_ONE.get(main, Fraction(1))
    factors = {mark: share / measure for mark, share in _OF_ONE.items() if main in _OF_ONE}
    factors |= {fold_unit(unit.name): Fraction(unit.factor) for unit in body.units}
    factors |= {main: Fraction(1), "": Fraction(1)}
    return None if amount is None else amount.in_terms_of(factors)


def _is_within(given: Fraction, body: NumericBody) -> bool:
    value, tolerance = Fraction(body.value), Fraction(body.tolerance)
    if body.tolerance_kind is ToleranceKind.GEOMETRIC:
        near, far = sorted((value / (1 + tolerance), value * (1 + tolerance)))
        return near <= given <= far
    if body.tolerance_kind is ToleranceKind.RELATIVE:
        tolerance *= abs(value)
    return abs(given - value) <= tolerance


def _reads_as_number(name: str) -> bool:
    return read_amount(f"1{name}") != Amount(Fraction(1), name)


def _written(value: Decimal) -> str:
    text = decimal_text(value)
    if text is None:
        raise InvalidItem(
            "item.number",
            zh="数值应为有限小数，整数、小数部分各不超过 30 位。",
            en="A number must have at most 30 digits on either side of its point.",
        )
    return text


def _read_decimal(record: Record, name: str, at: str) -> Decimal:
    value = decimal_from_text(record.text(name))
    if value is None:
        raise InvalidItem("json.shape", zh=f"{at}.{name}：应为小数。", en=f"{at}.{name}: a decimal is expected.")
    return value


def _read_unit(value: Json, at: str) -> Unit:
    record = Record(value, members=frozenset({"name", "factor"}), at=at, refusal=InvalidItem)
    return Unit(record.text("name"), _read_decimal(record, "factor", at))
