"""What is kept of a best form, and the refusals. Pure."""

from dataclasses import dataclass
from typing import Any

from app.errors import Conflict
from question_bank.assembly.best_form import BestForm
from question_bank.canonical import Json

LEAST_SECONDS, MOST_SECONDS, USUAL_SECONDS = 5, 600, 60


class SearchUnderway(Conflict):
    """A search for this blueprint is not over."""

    code = "best_form.underway"
    zh = "该方案正在求解最优固定卷，请等它完成或先取消。"
    en = "A best form is being looked for already; wait until it is found, or cancel it."


class NothingFound(Conflict):
    """There is no form to keep."""

    code = "best_form.nothing_found"
    zh = "还没有求得可以采用的最优固定卷。"
    en = "No best form has been found yet that could be kept."


class BlueprintChanged(Conflict):
    """The blueprint is no longer the one that the form was found for."""

    code = "best_form.blueprint_changed"
    zh = "求解之后方案已修改，请重新求解。"
    en = "The blueprint has changed since; please look for its best form anew."


@dataclass(frozen=True)
class FoundItem:
    """An item of the form by its number in the bank; `cell` is None where the blueprint fixes it. Information in
    thousandths."""

    item_id: int
    cell: int | None
    information: int
    calibrated: bool


@dataclass(frozen=True)
class Found:
    """A best form as it is kept; the figures are those of `question_bank.assembly.best_form.BestForm`."""

    items: tuple[FoundItem, ...]
    figures: dict[str, Any]
    curve: tuple[tuple[int, int, int], ...]


_FIGURES = (
    "ability",
    "information",
    "bound",
    "proved",
    "expected_hundredths",
    "drawn_information",
    "drawn_expected_hundredths",
    "available",
)


def found_to_json(best: BestForm, item_ids: dict[str, int]) -> dict[str, Json]:
    """The form with its items by their numbers in the bank; `item_ids` are those by the keys of the pool."""
    figures: dict[str, Json] = {name: getattr(best, name) for name in _FIGURES}
    return figures | {
        "items": [[item_ids[one.key], one.cell, one.information, one.calibrated] for one in best.chosen],
        "curve": [[*point] for point in best.curve],
    }


def found_from_json(value: Any) -> Found:
    """What `found_to_json` wrote."""
    return Found(
        tuple(FoundItem(*one) for one in value["items"]),
        {name: value[name] for name in _FIGURES},
        tuple((at, best, drawn) for at, best, drawn in value["curve"]),
    )
