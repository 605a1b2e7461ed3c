"""What goes in and what comes out: the two base models, and the few types that all features' schemas share.

Fields that were not declared are refused, not ignored (P22). Text never holds control characters: PostgreSQL refuses
NUL, and no page needs the others.
"""

import unicodedata
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

LOCAL = ZoneInfo("Asia/Shanghai")


class Given(BaseModel):
    """What a caller sends."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Shown(BaseModel):
    """What a caller is shown: exactly the declared fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class Done(Shown):
    """The outcome of a command that has nothing to show but the id of what it touched."""

    id: int


def _printable(value: str) -> str:
    if any(unicodedata.category(c) in {"Cc", "Cs", "Co"} and c not in "\n\t\r" for c in value):
        raise PydanticCustomError("control_character", "contains a character that cannot be printed")
    return value


def one_line(value: str) -> str:
    """Refuse line breaks and control characters."""
    if "\n" in value or "\r" in value or "\t" in value:
        raise PydanticCustomError("control_character", "must be a single line")
    return _printable(value)


def _aware(value: object) -> object:
    """A moment typed into a page has no zone: it is meant in local time. One sent by a program must say its zone or
    gets the same reading."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return moment.replace(tzinfo=LOCAL) if moment.tzinfo is None else moment
    return value


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(one_line)]
OptionalLine = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(one_line)]
Prose = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), AfterValidator(_printable)
]
OptionalProse = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(_printable)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=256), AfterValidator(_printable)]
Moment = Annotated[datetime, BeforeValidator(_aware)]
Key = Annotated[int, Field(ge=1, le=2**63 - 1)]
