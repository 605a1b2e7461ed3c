"""How a body is written by hand: each kind lists its fields, and what was typed into them becomes its JSON. Pure.

A form, a page and a test ask the sheet of a kind; none of them knows the types apart. Typed values are texts, as a form
sends them; what a program sends may also have the type that the field stands for (5, true, a list).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple

from question_bank.kinds.numbers import decimal_text, fold_unit
from question_bank.wording import Wording

NOTHING = Wording("", "")
_LONGEST_NUMBER = 80


class Shape(StrEnum):
    """What is typed: a line; a text with marks; a whole, decimal or broken number; a tick; one of several words; yes
    or no in words; texts one a line; texts each in a row of its own; rows of fields; fields under one heading; the
    body of another type."""

    LINE = "line"
    TEXT = "text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    FRACTION = "fraction"
    TICK = "tick"
    PICK = "pick"
    FLAG = "flag"
    LINES = "lines"
    TEXTS = "texts"
    ROWS = "rows"
    GROUP = "group"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to type.

    `default` holds where nothing is typed. `picks`: the values to choose from with their words; of a flag "true" and
    "false". `fields`: those of a row or a group. `rows`: how many rows an empty form shows. `bodies`: of a body, the
    sheets by the value of its sibling `item_type`. `faults`: the codes of problems that this field has to answer for.
    """

    name: str
    shape: Shape
    label: Wording
    hint: Wording = NOTHING
    default: str = ""
    picks: tuple[tuple[str, Wording], ...] = ()
    fields: tuple["Field", ...] = ()
    rows: int = 2
    bodies: Mapping[str, "Sheet"] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


def _same(value: dict[str, Any]) -> dict[str, Any]:
    return value


@dataclass(frozen=True, slots=True)
class Sheet:
    """The fields of a kind. `from_json` and `to_json` lead between the kind's JSON and that of the fields, where a
    person writes it in another shape than it is kept in."""

    fields: tuple[Field, ...]
    from_json: Callable[[dict[str, Any]], dict[str, Any]] = _same
    to_json: Callable[[dict[str, Any]], dict[str, Any]] = _same


class Misread(NamedTuple):
    """A field, by its path ("blanks.0.share"), that does not hold what it should."""

    place: str
    zh: str
    en: str


def read_sheet(sheet: Sheet, typed: Mapping[str, Any], at: str) -> tuple[dict[str, Any], list[Misread]]:
    """The kind's JSON of what was typed, and every field that cannot be read, each under `at`. The JSON is whole only
    where nothing was misread."""
    problems: list[Misread] = []
    found = _read_fields(sheet.fields, typed, at, problems)
    return ({} if problems else sheet.to_json(found)), problems


def draft_sheet(sheet: Sheet, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The kind's JSON as far as it was typed, to be looked at: for what cannot be read something stands in that shows
    nothing of itself."""
    return sheet.to_json(_read_fields(sheet.fields, typed, "", []))


def spread_sheet(sheet: Sheet, value: dict[str, Any] | None, at: str) -> dict[str, str]:
    """What the fields show, by path under `at`: of the kind's JSON, or None for an empty form with its defaults."""
    return dict(_spread(sheet.fields, sheet.from_json(value) if value is not None else {}, at))


def place_of(sheet: Sheet, code: str) -> str:
    """The name of the field that answers for a problem of that code; the first, where none says so."""
    named = (field.name for field in sheet.fields if code.startswith(field.faults or ("\0",)))
    return next(named, sheet.fields[0].name)


def _read_fields(
    fields: tuple[Field, ...], typed: Mapping[str, Any], at: str, problems: list[Misread]
) -> dict[str, Any]:
    if set(typed) - {field.name for field in fields}:
        problems.append(
            Misread(
                at,
                "内容与题型不符，请按所选题型填写。",
                "The content does not fit the type; please fill in its fields.",
            )
        )
    found: dict[str, Any] = {}
    for one in fields:
        place = f"{at}.{one.name}"
        value = typed.get(one.name)
        if one.shape is Shape.BODY:
            found[one.name] = _read_body(one, value, _type_of(fields, typed), place, problems)
        elif one.shape is Shape.ROWS:
            found[one.name] = [
                _read_fields(one.fields, row if isinstance(row, dict) else {"": row}, f"{place}.{number}", problems)
                for number, row in enumerate(_listed(value))
                if not (isinstance(row, dict) and _is_blank(one.fields, row))
            ]
        elif one.shape is Shape.GROUP:
            found[one.name] = _read_fields(one.fields, value if isinstance(value, dict) else {}, place, problems)
        elif one.shape is Shape.TEXTS:
            found[one.name] = _read_texts(value, place, problems)
        else:
            try:
                found[one.name] = _READERS[one.shape](one, one.default if value in (None, "") else value)
            except (TypeError, ValueError, ArithmeticError):
                problems.append(Misread(place, *_UNREADABLE[one.shape]))
                found[one.name] = one.default or _STAND_INS.get(one.shape, "")
    return found


def _type_of(fields: tuple[Field, ...], typed: Mapping[str, Any]) -> str:
    default = next((one.default for one in fields if one.name == "item_type"), "")
    return str(typed.get("item_type") or default)


def _is_blank(fields: tuple[Field, ...], row: Mapping[str, Any]) -> bool:
    """Whether nothing was typed into a row: what stands there by itself does not count."""
    for one in fields:
        value = row.get(one.name)
        if value in (None, "", one.default) or (one.shape in {Shape.PICK, Shape.FLAG} and one.default):
            continue
        if one.shape is Shape.GROUP and isinstance(value, dict) and _is_blank(one.fields, value):
            continue
        if one.shape is Shape.ROWS and all(isinstance(r, dict) and _is_blank(one.fields, r) for r in _listed(value)):
            continue
        sheet = one.bodies.get(_type_of(fields, row))
        if sheet is not None and isinstance(value, dict) and _is_blank(sheet.fields, value):
            continue
        return False
    return not set(row) - {one.name for one in fields}


def _read_body(one: Field, value: object, item_type: str, place: str, problems: list[Misread]) -> dict[str, Any]:
    sheet = one.bodies.get(item_type)
    if sheet is None:
        problems.append(Misread(place, *_UNREADABLE[Shape.PICK]))
        return {}
    return sheet.to_json(_read_fields(sheet.fields, value if isinstance(value, dict) else {}, place, problems))


def _read_texts(value: object, place: str, problems: list[Misread]) -> list[str]:
    texts = _listed(value)
    if not all(isinstance(text, str) for text in texts):
        problems.append(Misread(place, *_NO_TEXT))
        return []
    return [_text(text) for text in texts if text.strip()]


def _listed(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: object) -> str:
    """Browsers send line ends as CR LF; content has LF."""
    if not isinstance(value, str):
        raise ValueError("no text")  # noqa: TRY004 - one kind of refusal for whatever was sent
    return value.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def _whole(_one: Field, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = fold_unit(_text(value))
    if len(text) > 9:
        raise ValueError(text)
    return int(text)


def _decimal(_one: Field, value: object) -> str:
    text = fold_unit(_text(value)).replace(",", "").removeprefix("+")
    if len(text) > _LONGEST_NUMBER:
        raise ValueError(text)
    try:
        plain = decimal_text(Decimal(text))
    except InvalidOperation:
        plain = None
    if plain is None:
        raise ValueError(text)
    return plain


def _fraction(_one: Field, value: object) -> str:
    text = fold_unit(_text(value))
    if not 0 < len(text) <= 20 or "e" in text.lower():
        raise ValueError(text)
    return str(Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text))


def _pick(one: Field, value: object) -> str:
    if value == "" and not one.default:
        return ""
    if value not in {choice for choice, _ in one.picks}:
        raise ValueError(value)
    return str(value)


def _lines(_one: Field, value: object) -> list[str]:
    if isinstance(value, list):
        return [_text(text) for text in value]
    return [line.strip() for line in _text(value).split("\n") if line.strip()]


_READERS: dict[Shape, Callable[[Field, Any], Any]] = {
    Shape.LINE: lambda _one, value: _text(value).strip(),
    Shape.TEXT: lambda _one, value: _text(value),
    Shape.WHOLE: _whole,
    Shape.DECIMAL: _decimal,
    Shape.FRACTION: _fraction,
    Shape.TICK: lambda _one, value: value is True or value in {"on", "true"},
    Shape.PICK: _pick,
    Shape.FLAG: lambda one, value: value if isinstance(value, bool) else _pick(one, value) == "true",
    Shape.LINES: _lines,
}
_STAND_INS: dict[Shape, Any] = {
    Shape.WHOLE: 1,
    Shape.DECIMAL: "0",
    Shape.FRACTION: "1",
    Shape.TICK: False,
    Shape.FLAG: False,
    Shape.LINES: [],
}
_NO_TEXT = Wording("应为文字。", "A text is needed.")
_UNREADABLE: dict[Shape, Wording] = {
    Shape.LINE: _NO_TEXT,
    Shape.TEXT: _NO_TEXT,
    Shape.WHOLE: Wording("须为整数。", "A whole number is needed."),
    Shape.DECIMAL: Wording("请填写数字，如 12.5。", "Please give a number, such as 12.5."),
    Shape.FRACTION: Wording("请填写 1、1/2 或 50% 这样的比例。", "Please give a share, such as 1, 1/2 or 50%."),
    Shape.TICK: _NO_TEXT,
    Shape.PICK: Wording("请从给出的选项中选择。", "Please choose one of those given."),
    Shape.FLAG: Wording("请从给出的选项中选择。", "Please choose one of those given."),
    Shape.LINES: _NO_TEXT,
}


def _spread(fields: tuple[Field, ...], value: dict[str, Any], at: str) -> Iterator[tuple[str, str]]:
    for one in fields:
        place, held = f"{at}.{one.name}", value.get(one.name)
        if one.shape is Shape.BODY:
            sheet = one.bodies[str(value["item_type"])]
            yield from _spread(sheet.fields, sheet.from_json(held or {}), place)
        elif one.shape is Shape.ROWS:
            for number, row in enumerate(held or []):
                yield from _spread(one.fields, row, f"{place}.{number}")
        elif one.shape is Shape.GROUP:
            yield from _spread(one.fields, held or {}, place)
        elif one.shape is Shape.TEXTS:
            for number, text in enumerate(held or []):
                yield f"{place}.{number}", text
        else:
            shown = one.default if held is None else _shown(held)
            if shown and not (one.shape is Shape.TICK and held is False):
                yield place, shown


def _shown(held: object) -> str:
    if isinstance(held, bool):
        return "true" if held else "false"
    return "\n".join(held) if isinstance(held, list) else str(held)
