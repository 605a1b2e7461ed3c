"""The desk that the routes of authoring stand on, and what they share."""

from enum import StrEnum
from typing import TypeVar

from app.authoring.form_schemas import DocumentChoice, FieldShown, ItemFormShown, ItemGiven, PickShown
from app.authoring.models import Bank
from app.authoring.queries.documents import titles_with_clauses
from app.authoring.queries.items import topics_of
from app.authoring.schemas import TopicShown
from app.authoring.service.promises import need_promise
from app.authoring.writing import compose_item
from app.errors import FieldProblem, Invalid
from app.operation import Operation
from app.web.desk import Desk
from question_bank.items import Basis, Item
from question_bank.kinds import KINDS
from question_bank.kinds.sheet import Field

E = TypeVar("E", bound=StrEnum)

hall = Desk("authoring")
"""What is open to who has not accepted the declaration of confidentiality yet: the declaration."""
desk = Desk("authoring", guard=need_promise)
PAGE = 50


def chosen(name: str, text: str, of: type[E]) -> E | None:
    """What a filter names, None where it is left empty. Raises Invalid for a word that is none of them."""
    if not text:
        return None
    if text not in {member.value for member in of}:
        raise Invalid(FieldProblem(name, "请从给出的选项中选择。", "Please choose one of those given."))
    return of(text)


def typed_item(given: ItemGiven, before: Item | None = None) -> Item:
    """The item that was typed; what the form does not show stays as it was `before`."""
    return compose_item(
        item_type=given.item_type,
        stem=given.stem,
        options=given.options,
        key=given.key,
        body=given.body,
        topic=given.topic,
        explanation=given.explanation,
        difficulty=given.difficulty,
        level=given.level,
        basis=[Basis(one.document, one.clause) for one in given.basis],
        tags=given.tags,
        before=before,
    )


def item_form(op: Operation, bank: Bank, **more: object) -> ItemFormShown:
    """The page of the item's form; `more` says what it stands on besides the bank."""
    blank: dict[str, object] = {
        "item_id": None,
        "import_id": None,
        "position": 0,
        "base_version": 0,
        "values": {},
        "more": "",
        "notes": [],
        "sheets": SHEETS,
        "documents": [DocumentChoice(title=title, clauses=clauses) for title, clauses in titles_with_clauses(op.db)],
    }
    topics = [TopicShown(id=t.id, path=t.path) for t in topics_of(op.db, bank.id)]
    return ItemFormShown.model_validate({**blank, "bank_id": bank.id, "bank_name": bank.name, "topics": topics, **more})


def _show_field(field: Field) -> FieldShown:
    return FieldShown(
        name=field.name,
        shape=field.shape,
        zh=field.label.zh,
        en=field.label.en,
        hint_zh=field.hint.zh,
        hint_en=field.hint.en,
        default=field.default,
        picks=[PickShown(value=value, zh=word.zh, en=word.en) for value, word in field.picks],
        fields=[_show_field(one) for one in field.fields],
        rows=field.rows,
    )


SHEETS = {item_type: [_show_field(field) for field in kind.sheet.fields] for item_type, kind in KINDS.items()}
"""How each type is written, as pages and programs are told."""
