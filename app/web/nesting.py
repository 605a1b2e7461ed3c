"""Names of a form's fields that say where a value belongs: `cells.0.topic` is the topic of the first cell. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

from app.errors import FieldProblem, Invalid

_DEEPEST = 12
_LONGEST_NUMBER = 4


def nest_fields(fields: Mapping[str, Any], *, known: Collection[str], lists: Collection[str]) -> dict[str, Any]:
    """The fields as mappings and lists. Empty fields count as absent; rows keep the order of their numbers, without
    gaps; only names that begin with one of the `known` are taken apart; one of the `lists` that came once is a list.
    Raises Invalid where two names contradict each other, or one leads too deep."""
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if value == "":
            continue
        head, *rest = name.split(".")
        if not rest or head not in known:
            _put(found, name, value, name)
            continue
        if len(rest) > _DEEPEST:
            raise _contradiction(name)
        place: dict[Any, Any] = found
        for step in (head, *rest[:-1]):
            place = place.setdefault(_step(step), {})
            if not isinstance(place, dict):
                raise _contradiction(name)
        _put(place, _step(rest[-1]), value, name)
    made = {name: _closed(value) for name, value in found.items()}
    return {name: [value] if name in lists and not isinstance(value, list) else value for name, value in made.items()}


def _put(place: dict[Any, Any], step: Any, value: Any, name: str) -> None:
    if step in place:
        raise _contradiction(name)
    place[step] = value


def _step(text: str) -> str | int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER else text


def _closed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if all(isinstance(step, int) for step in value):
        return [_closed(value[number]) for number in sorted(value)]
    return {str(step): _closed(held) for step, held in value.items()}


def _contradiction(name: str) -> Invalid:
    shown = "".join(c if c.isprintable() else "?" for c in name)[:80]
    return Invalid(FieldProblem(shown, "没有这个字段。", "There is no such field."))
