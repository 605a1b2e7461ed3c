"""The bodies of schema `item/1`: options, key and accepted texts, side by side in every item."""

from question_bank.canonical import Json
from question_bank.errors import InvalidItem
from question_bank.items import Body, ItemType
from question_bank.kinds.choice import ChoiceBody, ChoiceKind
from question_bank.kinds.fill_blank import FillBlankBody, blanks_of
from question_bank.kinds.short_answer import ShortAnswerBody
from question_bank.record import Record

_CHOICES = frozenset({ItemType.SINGLE_CHOICE, ItemType.MULTIPLE_CHOICE, ItemType.TRUE_FALSE})
_CHOICE_KIND = ChoiceKind()


def first_body_to_json(body: Body) -> dict[str, Json] | None:
    """options, key and accepted, or None where they do not hold the whole body."""
    if isinstance(body, ChoiceBody):
        return {**_CHOICE_KIND.body_to_json(body), "accepted": []}
    accepted: list[tuple[str, ...]] | None = None
    if isinstance(body, FillBlankBody):
        texts = [tuple(variant.text for variant in blank.accepted) for blank in body.blanks]
        accepted = texts if body == blanks_of(*texts) else None
    elif isinstance(body, ShortAnswerBody) and not body.rubric:
        accepted = [body.models] if body.models else []
    if accepted is None:
        return None
    return {"options": [], "key": [], "accepted": [[*texts] for texts in accepted]}


def first_body_from_json(record: Record, item_type: ItemType, at: str) -> Body:
    """What `first_body_to_json` wrote for an item of that type. Raises `InvalidItem`."""
    choice = _CHOICE_KIND.body_from_json({"options": record.raw("options"), "key": record.raw("key")}, at)
    accepted = record.text_lists("accepted")
    is_choice = item_type in _CHOICES
    if (accepted if is_choice else choice.options or choice.key) or (
        item_type is ItemType.SHORT_ANSWER and (len(accepted) > 1 or accepted == ((),))
    ):
        raise InvalidItem("json.shape", zh=f"{at}：答案的形式与题型不符。", en=f"{at}: another key than its type has.")
    if is_choice:
        return choice
    if item_type is ItemType.FILL_BLANK:
        return blanks_of(*accepted)
    if item_type is ItemType.SHORT_ANSWER:
        return ShortAnswerBody(models=accepted[0] if accepted else ())
    raise InvalidItem(
        "json.shape", zh=f"{at}.item_type：取值不在允许范围。", en=f"{at}.item_type: not one of the allowed values."
    )
