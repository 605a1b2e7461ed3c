"""What a format would carry of an item, told without making a file: by the function that writes the item itself, so
that the outlook and the file cannot disagree."""

from collections.abc import Callable

from question_bank.formats.report import Place
from question_bank.formats.writers.gift import gift_block
from question_bank.formats.writers.moodle_xml import moodle_element
from question_bank.formats.writers.outlay import Fate, ItemOut, Pictures, fate_of
from question_bank.formats.writers.qti_elements import Maker
from question_bank.formats.writers.qti_item import item_element
from question_bank.formats.writers.rows import rows_as_read
from question_bank.items import Item


def _paper(_out: ItemOut) -> None:
    """A paper shows everything that can be answered."""


def _qti(version: str) -> Callable[[ItemOut], object]:
    maker = Maker(version)
    return lambda out: item_element(out, maker, "item")


WAYS: dict[str, Callable[[ItemOut], object]] = {
    "xlsx": rows_as_read,
    "docx": _paper,
    "docx-key": _paper,
    "moodle-xml": moodle_element,
    "gift": gift_block,
    "qti21": _qti("2.1"),
    "qti30": _qti("3.0"),
}
"""How each format that a bank is given out in writes one item; our own JSON loses nothing."""


def foresee(item: Item, file_format: str, pictures: Pictures) -> tuple[Fate, str]:
    """(what would become of the item in one of `WAYS`, its title); `pictures` are those that it shows, by hash."""
    out = ItemOut(place=Place(row=None), item=item, number=1, pictures=pictures)
    return fate_of(out, WAYS[file_format]), out.title
