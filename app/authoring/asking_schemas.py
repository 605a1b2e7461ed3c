"""An item as its candidate is asked it: what the exam's page, practice and the look at a draft have in common."""

from typing import Any

from app.shapes import Shown
from question_bank.items import ItemType
from question_bank.kinds import kind_of


class WordingShown(Shown):
    """A sentence in both languages."""

    zh: str
    en: str


class OptionAsked(Shown):
    """An option in displayed order; `value` is its displayed index, from 0."""

    key: str
    value: int
    text: str
    chosen: bool


class PremiseAsked(Shown):
    """A premise of a matching item; `chosen` is the displayed index of the choice given to it."""

    text: str
    chosen: int | None


class CaseAsked(Shown):
    """材料 of a case, which the numbers from `first` to `last` are about."""

    first: int
    last: int
    stem: str
    stimulus: str


class ItemAsked(Shown):
    """An item as displayed, and nothing of its key (P14).

    What has been given stands in it: `chosen` options, the texts of `blanks`, `text`, the choices of `premises`, and
    for an ordering item the order of `options`.
    """

    number: int
    kind: str
    type_name: WordingShown
    scoring: WordingShown
    points_hundredths: int
    stem: str
    options: list[OptionAsked]
    premises: list[PremiseAsked]
    blanks: list[str]
    text: str
    unit: str
    case: CaseAsked | None
    responded: bool


def asked_fields(item: dict[str, Any], response: Any = None) -> dict[str, Any]:
    """The fields of `ItemAsked` as plain values, for whoever makes many at once: an item of a candidate's view
    (`question_bank.presentation.view_to_json`) with the response to it, None where there is none; its kind has judged
    what stands in it."""
    kind = ItemType(item["item_type"])
    premises, blanks = item.get("premises"), item.get("blanks", 0)
    chosen = response if isinstance(response, list) else []
    options = [
        {"key": option["letter"], "value": value, "text": option["text"], "chosen": value in chosen}
        for value, option in enumerate(item["options"])
    ]
    if kind is ItemType.ORDERING and chosen:
        options = [options[value] for value in chosen]
    return {
        "number": item["position"],
        "kind": kind.value,
        "type_name": item["type_name"],
        "scoring": item["scoring"],
        "points_hundredths": item["points_hundredths"],
        "stem": item["stem"],
        "options": options,
        "premises": [
            {"text": text, "chosen": given}
            for text, given in zip(premises, chosen or [None] * len(premises), strict=True)
        ]
        if premises
        else [],
        "blanks": (chosen or [""] * blanks) if blanks else [],
        "text": response if isinstance(response, str) else "",
        "unit": item.get("unit", ""),
        "case": item.get("case"),
        "responded": response is not None and kind_of(kind).is_answered(response),
    }
