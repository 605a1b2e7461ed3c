"""What takes one position of a form: an item, or a part of a case. A case takes one for each of its parts, in order."""

from collections.abc import Sequence
from dataclasses import dataclass

from question_bank.blueprint import Section
from question_bank.form import Entry
from question_bank.items import Item
from question_bank.kinds import kind_of
from question_bank.kinds.case_analysis import CaseBody, Part, points_of_parts


@dataclass(frozen=True, slots=True)
class Placing:
    """An item with its points, or the part number `part` (from 0) of a case with its share of them."""

    content: Item | Part
    points_hundredths: int
    part: int | None

    def enter(self, *, position: int, item_key: str, section: Section, order: Sequence[int]) -> Entry:
        """The entry at that position, its options, elements or choices in that order. The author's own rule comes
        before the section's."""
        content = self.content
        return Entry(
            position=position,
            item_key=item_key,
            item_type=content.item_type,
            points_hundredths=self.points_hundredths,
            scoring=content.scoring or section.scoring_of(content.item_type),
            order=tuple(order),
            slots=kind_of(content.item_type).layout(content.body).extent.slots,
            part=self.part,
        )


def places_of(item: Item, points_hundredths: int) -> list[Placing]:
    """The positions that an item of so many points takes."""
    body = item.body
    if not isinstance(body, CaseBody):
        return [Placing(item, points_hundredths, None)]
    shared = zip(body.parts, points_of_parts(body, points_hundredths), strict=True)
    return [Placing(part, points, number) for number, (part, points) in enumerate(shared)]
