"""All items of a bank as one form, as they stand: for printing, for scoring, for giving a bank out."""

from collections.abc import Mapping
from itertools import count

from question_bank.assembly.placing import places_of
from question_bank.blueprint import Section
from question_bank.form import Form, FormSection
from question_bank.items import Item
from question_bank.kinds import kind_of

_ONE_POINT = 100


def form_as_it_stands(items: Mapping[str, Item], *, title: str) -> Form:
    """Every item in the order of the file, a point each (a case: a point shared by its parts), nothing shuffled.

    Consecutive items of one type make a section.
    """
    sections: list[FormSection] = []
    positions = count(1)
    held: list[tuple[str, Item]] = [*items.items()]
    while held:
        item_type = held[0][1].item_type
        run = next((at for at, (_, item) in enumerate(held) if item.item_type is not item_type), len(held))
        section = Section(kind_of(item_type).name.zh, cells=())
        entries = tuple(
            placing.enter(
                position=next(positions),
                item_key=key,
                section=section,
                order=range(len(kind_of(placing.content.item_type).layout(placing.content.body).shown)),
            )
            for key, item in held[:run]
            for placing in places_of(item, _ONE_POINT)
        )
        sections.append(FormSection(section.title or title, entries))
        held = held[run:]
    return Form(1, tuple(sections))
