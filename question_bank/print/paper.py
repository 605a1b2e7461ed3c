"""What is printed: one or many copies of forms under one heading, as values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from question_bank.content import Picture
from question_bank.form import Form
from question_bank.items import Item

DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Heading:
    """What stands above every copy. `facts` are short (级别、时间、满分); `notes` are the 注意事项, in order."""

    authority: str
    title: str
    facts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """For whom a copy is; what is empty is left to be written by hand."""

    name: str = ""
    ticket_number: str = ""
    unit: str = ""
    room: str = ""
    seat: str = ""


@dataclass(frozen=True)
class Copy:
    """One form on paper. `label` tells forms apart (A 卷, 第 12 号卷), `mark` tells copies apart, and who had them
    made."""

    form: Form
    label: str
    candidate: Candidate = field(default_factory=Candidate)
    mark: str = ""


@dataclass(frozen=True)
class Paper:
    """Copies, the items that their forms name, and the pictures that those show, by hash."""

    heading: Heading
    copies: tuple[Copy, ...]
    items: Mapping[str, Item]
    pictures: Mapping[str, Picture] = field(default_factory=dict)


def ordinal(number: int) -> str:
    """1 to 99 as Chinese count sections: 一, 十, 十二, 二十, 三十五."""
    tens, ones = divmod(number, 10)
    if not tens:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")


def points_text(hundredths: int) -> str:
    """Points without needless zeros: 200 → "2", 150 → "1.5"."""
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


def distinct(words: Iterator[str]) -> list[str]:
    """The words once each, in the order of their first appearance."""
    return list(dict.fromkeys(words))
