"""Strict reading of one JSON object: exactly the declared members, each of exactly the declared type.

No coercion: true is not 1, "7" is not 7, an unknown member is refused and so is a missing one. Every refusal names
the place, in the error of whoever reads.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NoReturn, TypeVar

from question_bank.canonical import Json
from question_bank.errors import ContentError

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


class Record:
    """A JSON object being read. Raises `refusal` (code `json.shape`) wherever its shape is not the declared one."""

    def __init__(self, value: Json, *, members: frozenset[str], at: str, refusal: type[ContentError]) -> None:
        self._at = at
        self._refusal = refusal
        if not isinstance(value, dict):
            self._refuse(at, "应为对象", "an object is expected")
        if unknown := sorted(value.keys() - members):
            self._refuse(at, f"多出「{unknown[0]}」", f"unknown member {unknown[0]!r}")
        if missing := sorted(members - value.keys()):
            self._refuse(at, f"缺少「{missing[0]}」", f"member {missing[0]!r} is missing")
        self._members = value

    def raw(self, name: str) -> Json:
        """A member as it stands, for another reader."""
        return self._members[name]

    def text(self, name: str) -> str:
        """A text, maybe empty."""
        value = self._members[name]
        if not isinstance(value, str):
            self._refuse(f"{self._at}.{name}", "应为文本", "a text is expected")
        return value

    def integer(self, name: str) -> int:
        """An integer; true and false are none."""
        return self._as_integer(self._members[name], f"{self._at}.{name}")

    def integer_or_none(self, name: str) -> int | None:
        """An integer, or null."""
        return None if self._members[name] is None else self.integer(name)

    def boolean(self, name: str) -> bool:
        """True or false; 0 and 1 are none."""
        value = self._members[name]
        if not isinstance(value, bool):
            self._refuse(f"{self._at}.{name}", "应为 true 或 false", "true or false is expected")
        return value

    def member(self, name: str, of: type[E]) -> E:
        """One member of an enumeration."""
        text = self.text(name)
        try:
            return of(text)
        except ValueError:
            self._refuse(f"{self._at}.{name}", "取值不在允许范围", "not one of the allowed values")

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        return self._each(self._members[name], f"{self._at}.{name}", self._as_text)

    def text_lists(self, name: str) -> tuple[tuple[str, ...], ...]:
        """A list of lists of texts."""
        return self._each(
            self._members[name],
            f"{self._at}.{name}",
            lambda value, at: self._each(value, at, self._as_text),
        )

    def integers(self, name: str) -> tuple[int, ...]:
        """A list of integers."""
        return self._each(self._members[name], f"{self._at}.{name}", self._as_integer)

    def each(self, name: str, read: Callable[[Json, str], T]) -> tuple[T, ...]:
        """A list, each member of it read by `read(value, place)`."""
        return self._each(self._members[name], f"{self._at}.{name}", read)

    def nested(self, name: str, read: Callable[[Json, str], T]) -> T:
        """What `read(value, place)` makes of it."""
        return read(self._members[name], f"{self._at}.{name}")

    def optional(self, name: str, read: Callable[[Json, str], T]) -> T | None:
        """Null, or what `read(value, place)` makes of it."""
        value = self._members[name]
        return None if value is None else read(value, f"{self._at}.{name}")

    def expect(self, name: str, value: str) -> None:
        """Refuse any other text than `value`: the name of the schema and its version."""
        if self.text(name) != value:
            self._refuse(f"{self._at}.{name}", f"应为「{value}」", f"{value!r} is expected")

    def _each(self, value: Json, at: str, read: Callable[[Json, str], T]) -> tuple[T, ...]:
        if not isinstance(value, list):
            self._refuse(at, "应为列表", "a list is expected")
        return tuple(read(member, f"{at}[{index}]") for index, member in enumerate(value))

    def _as_text(self, value: Json, at: str) -> str:
        if not isinstance(value, str):
            self._refuse(at, "应为文本", "a text is expected")
        return value

    def _as_integer(self, value: Json, at: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            self._refuse(at, "应为整数", "an integer is expected")
        return value

    def _refuse(self, at: str, zh: str, en: str) -> NoReturn:
        raise self._refusal("json.shape", zh=f"{at}：{zh}。", en=f"{at}: {en}.")
