"""Reading a bank from text, and what is said of it in one line each."""

import textwrap

from question_bank.formats import ImportReport, read_bank
from question_bank.items import ItemType
from question_bank.kinds.choice import key_of, options_of

SINGLE, MULTIPLE, JUDGE = ItemType.SINGLE_CHOICE, ItemType.MULTIPLE_CHOICE, ItemType.TRUE_FALSE
BLANK, SHORT = ItemType.FILL_BLANK, ItemType.SHORT_ANSWER


def read(text: str) -> ImportReport:
    """The report of a text file with this content, its common indent taken away."""
    return read_bank("题库.txt", textwrap.dedent(text).strip("\n").encode())


def rows(report: ImportReport) -> list[tuple[ItemType, str, list[str], str]]:
    """(type, stem, options, key as letters) of every item."""
    return [
        (
            one.item.item_type,
            one.item.stem,
            [option.text for option in options_of(one.item)],
            "".join("ABCDEFGHIJKL"[position] for position in sorted(key_of(one.item))),
        )
        for one in report.items
    ]


def codes(report: ImportReport) -> list[list[str]]:
    """The codes of the doubts of every item."""
    return [[doubt.code for doubt in one.doubts] for one in report.items]
