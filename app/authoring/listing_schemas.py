"""What the lists of items take and show."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from app.authoring.rules import Confidentiality, ItemState
from app.security.permissions import Capability
from app.shapes import Given, Line, OptionalLine, Shown
from question_bank.items import Difficulty, ItemType, Level


class ChoiceShown(Shown):
    """Something that a list may be narrowed by: `kind` is topic, document, import or saved."""

    kind: str
    id: int
    words: str


class FilterGiven(Given):
    """A filter under its name; the fields are those of the list."""

    name: Line
    state: OptionalLine = ""
    item_type: OptionalLine = ""
    level: OptionalLine = ""
    difficulty: OptionalLine = ""
    topic: OptionalLine = ""
    tag: OptionalLine = ""
    document: OptionalLine = ""
    stale: OptionalLine = ""
    author: OptionalLine = ""
    unseen: OptionalLine = ""
    source: OptionalLine = ""
    search: OptionalLine = ""
    confidentiality: OptionalLine = ""
    threads: OptionalLine = ""
    assigned: OptionalLine = ""


class RowShown(Shown):
    """An item in a list; stale from a day on where a document that it cites ends then."""

    id: int
    bank_id: int
    stem_start: str
    item_type: ItemType
    state: ItemState
    level: Level
    difficulty: Difficulty
    topic: str
    version: int
    stale_from: date | None
    forms_seen: int
    confidentiality: Confidentiality
    open_threads: int


class ItemsShown(Shown):
    """A page of a bank's items, newest first; `query` is the filter, to be repeated in links; `saved` its id, or 0."""

    bank_id: int
    bank_name: str
    rows: list[RowShown]
    choices: list[ChoiceShown]
    hidden: int
    """How many secret items of the bank I may not see."""
    may: list[Capability]
    """What I may do in this bank."""
    query: dict[str, str]
    saved: int
    next_after: int | None


class Choice(Struct, frozen=True):
    """`ChoiceShown`, as the page of a list is made of it."""

    kind: str
    id: int
    words: str


class Row(Struct, frozen=True):
    """`RowShown`, as the page of a list is made of it: the words of closed sets and days are plain text."""

    id: int
    bank_id: int
    stem_start: str
    item_type: str
    state: str
    level: str
    difficulty: str
    topic: str
    version: int
    stale_from: str | None
    forms_seen: int
    confidentiality: str
    open_threads: int


class ItemsPage(Struct, frozen=True):
    """`ItemsShown`, field by field, made and written as JSON at a tenth of its cost; a test holds the two together."""

    bank_id: int
    bank_name: str
    rows: Sequence[Row]
    choices: Sequence[Choice]
    hidden: int
    may: Sequence[Capability]
    query: dict[str, str]
    saved: int
    next_after: int | None


class OwnItemsShown(Shown):
    """The actor's own items in one state."""

    state: str
    rows: list[RowShown]
    next_after: int | None
