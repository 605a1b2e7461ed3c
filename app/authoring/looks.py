"""An item while it is written, as it will look: to its candidate by the values of the exam's page, and to markers."""

from typing import Any

from app.authoring.asking_schemas import ItemAsked, asked_fields
from app.authoring.picture_schemas import LookShown, MarkerTextShown, ProblemShown
from question_bank.assembly.sequence import form_as_it_stands
from question_bank.items import Item
from question_bank.kinds import kind_of, marker_texts
from question_bank.kinds.limits import common_texts, text_problems
from question_bank.presentation import CandidateView, candidate_view, view_to_json

_ALONE = "item"


def view_alone(item: Item) -> CandidateView:
    """What the candidate of a form of this item alone would see: numbered from 1, nothing shuffled."""
    return candidate_view(form_as_it_stands({_ALONE: item}, title=""), {_ALONE: item})


def show_look(bank_id: int, item: Item | None) -> LookShown:
    """What is to be seen of a draft; of None nothing."""
    if item is None:
        return LookShown(bank_id=bank_id, asked=[], marking=[], explanation="", problems=[])
    view: Any = view_to_json(view_alone(item))
    faults = text_problems([*common_texts(item), *kind_of(item.item_type).texts(item.body)])
    return LookShown(
        bank_id=bank_id,
        asked=[ItemAsked(**asked_fields(one)) for section in view["sections"] for one in section["items"]],
        marking=[MarkerTextShown(zh=one.zh, en=one.en, text=one.text) for one in marker_texts(item) if one.text],
        explanation=item.explanation,
        problems=[ProblemShown(zh=fault.zh, en=fault.en) for fault in faults],
    )
