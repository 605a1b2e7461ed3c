"""What the item's form takes and shows."""

from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints

from app.authoring.schemas import Content, NoteShown, OptionText, TopicShown
from app.shapes import Given, OptionalLine, OptionalProse, Prose, Shown
from question_bank.items import Difficulty, ItemType, Level
from question_bank.kinds.choice import MOST_OPTIONS
from question_bank.kinds.limits import LONGEST_EXPLANATION, MOST_BASES
from question_bank.kinds.sheet import Shape


class BasisGiven(Given):
    """A document, chosen from the register or typed, and the clause in it."""

    document: OptionalLine = ""
    clause: OptionalLine = ""


class ItemGiven(Given):
    """An item as it is typed. `body` holds the fields of the type's sheet (see `ItemFormShown.sheets`); a choice may be
    given as `options` and a key in letters, or 对 or 错, instead. Tags are parted by 、."""

    item_type: ItemType
    stem: Content
    options: Annotated[list[OptionText], Field(max_length=MOST_OPTIONS, default_factory=list)]
    key: OptionalLine = ""
    body: dict[str, JsonValue] | None = None
    topic: Annotated[str, StringConstraints(max_length=1700)] = ""
    explanation: Annotated[str, StringConstraints(max_length=LONGEST_EXPLANATION)] = ""
    difficulty: Difficulty = Difficulty.MEDIUM
    level: Level = Level.PRIMARY
    basis: Annotated[list[BasisGiven], Field(max_length=MOST_BASES, default_factory=list)]
    tags: Annotated[str, StringConstraints(max_length=4000)] = ""


class RevisionGiven(ItemGiven):
    """A new version; `base_version` is the number of the one it was made from."""

    base_version: Annotated[int, Field(ge=1, le=1_000_000)]
    reason: Prose


class DraftGiven(Given):
    """The form as far as it was filled in, whatever is missing; `more` names the list that is to have another row."""

    item_type: ItemType = ItemType.SINGLE_CHOICE
    stem: Content = ""
    body: dict[str, JsonValue] | None = None
    topic: Annotated[str, StringConstraints(max_length=1700)] = ""
    explanation: Annotated[str, StringConstraints(max_length=LONGEST_EXPLANATION)] = ""
    difficulty: Difficulty = Difficulty.MEDIUM
    level: Level = Level.PRIMARY
    basis: Annotated[list[BasisGiven], Field(max_length=MOST_BASES, default_factory=list)]
    tags: Annotated[str, StringConstraints(max_length=4000)] = ""
    base_version: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    reason: OptionalProse = ""
    more: OptionalLine = ""


class PickShown(Shown):
    """One of the values to choose from, and its words."""

    value: str
    zh: str
    en: str


class FieldShown(Shown):
    """A field of a type's sheet (see `question_bank.kinds.sheet`). `fields` are those of a row or a group."""

    name: str
    shape: Shape
    zh: str
    en: str
    hint_zh: str
    hint_en: str
    default: str
    picks: list[PickShown]
    fields: list["FieldShown"]
    rows: int


class DocumentChoice(Shown):
    """A document of the register, and its clauses."""

    title: str
    clauses: list[str]


class ItemFormShown(Shown):
    """What the item's form stands on: a bank, and the item that is revised or mended, if any. `values` are what the
    form shows, by field; `sheets` are the fields of each type, `more` the list that shows another row."""

    bank_id: int
    bank_name: str
    item_id: int | None
    import_id: int | None
    position: int
    base_version: int
    values: dict[str, str]
    sheets: dict[ItemType, list[FieldShown]]
    more: str
    topics: list[TopicShown]
    documents: list[DocumentChoice]
    notes: list[NoteShown]
