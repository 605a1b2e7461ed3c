"""The body of an item, or of a part of one, by its interactions: one, or text entries that are blanks together."""

from collections.abc import Callable, Sequence

from lxml import etree

from question_bank.formats.qti.context import QtiItem
from question_bank.formats.qti.hypertext import BLANK
from question_bank.formats.qti.interactions import READERS, Made
from question_bank.formats.qti.names import descendants, name_of
from question_bank.formats.qti.text_entries import read_text_entries

TEXT_ENTRY = "textEntryInteraction"
_HELPERS = frozenset(["endAttemptInteraction"])


def interactions_in(element: etree._Element) -> list[etree._Element]:
    """Where a candidate responds, in order."""
    return [one for one in element.iter() if name_of(one).endswith("Interaction") and name_of(one) not in _HELPERS]


def is_one_body(interactions: Sequence[etree._Element]) -> bool:
    """Whether the interactions can be one body of ours."""
    return len(interactions) == 1 or all(name_of(one) == TEXT_ENTRY for one in interactions)


def read_body(item: QtiItem, element: etree._Element, interactions: list[etree._Element]) -> tuple[str, Made]:
    """(stem, what the interactions make), where they are one body."""
    if all(name_of(one) == TEXT_ENTRY for one in interactions):
        made = read_text_entries(item, interactions)
        stem = item.text(element, lambda _: BLANK)
        # One entry on a line of its own below the stem is where the response goes, and no blank of the stem.
        last = f"\n{BLANK}"
        return (stem.removesuffix(last).rstrip() if len(interactions) == 1 else stem), made
    only = interactions[0]
    made = READERS[name_of(only)](item, only)
    return item.text(element, numbered([*descendants(only, "gap")])), made


def numbered(elements: list[etree._Element]) -> Callable[[etree._Element], str]:
    """What stands in a text for one of these: its number and a blank."""

    def blank(element: etree._Element) -> str:
        number = next((at for at, one in enumerate(elements, start=1) if one is element), 0)
        return f"（{number}）{BLANK}" if number else BLANK

    return blank
