"""What the register of documents, the desk of stale items and the pages of near items and enemies take and show."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.authoring.content_schemas import ContentShown
from app.authoring.rules import DocumentKind, ItemState
from app.shapes import Given, Key, Line, OptionalLine, Prose, Shown


class DocumentGiven(Given):
    """A document for the register."""

    title: Line
    issuer: Line
    kind: DocumentKind
    number: OptionalLine = ""
    effective_on: date


class SettleGiven(Given):
    """Which document a name means."""

    title: Line
    document_id: Key


class ClauseGiven(Given):
    """An article, and what it says in short."""

    label: Line
    summary: Prose


class SupersedeGiven(Given):
    """From which day a document does not hold, which one does instead, and why."""

    on: date
    by_id: Key | None = None
    reason: Prose


class ConfirmGiven(Given):
    """The document that the item rests on now, and why it is right still."""

    version: Annotated[int, Field(ge=1, le=1_000_000)]
    document_id: Key
    reason: Prose


class DocumentListed(Shown):
    """A document; `items` is how many rest on it."""

    id: int
    title: str
    issuer: str
    kind: DocumentKind
    number: str
    effective_on: date
    superseded_on: date | None
    items: int


class UnmatchedShown(Shown):
    """A name that so many items cite and the register does not know."""

    name: str
    items: int


class RegisterShown(Shown):
    """The register."""

    documents: list[DocumentListed]
    unmatched: list[UnmatchedShown]


class ClauseShown(Shown):
    """An article."""

    label: str
    summary: str


class DocumentShown(Shown):
    """One document, and the others that may take its place."""

    document: DocumentListed
    superseded_by: DocumentListed | None
    clauses: list[ClauseShown]
    others: list[DocumentListed]
    today: date


class CitationShown(Shown):
    """What an item cites; `document_id` where the register knows it."""

    document: str
    clause: str
    document_id: int | None
    superseded_on: date | None
    successor_id: int | None


class StaleShown(Shown):
    """An item whose basis ends."""

    id: int
    version: int
    bank_id: int
    bank_name: str
    state: ItemState
    stale_from: date | None
    content: ContentShown
    citations: list[CitationShown]


class StaleQueueShown(Shown):
    """Items that wait to be confirmed or revised; `own`: the actor's own."""

    own: bool
    items: list[StaleShown]
    documents: list[DocumentListed]
    next_after: int | None


class EnemyGiven(Given):
    """The other item, and why the two may not meet."""

    other_id: Key
    enemy_reason: Prose


class NearPartShown(Shown):
    """A part of a case beside that of the first, by its number: where the stems differ."""

    number: int
    marks: list[tuple[str, str]]


class NearItemShown(Shown):
    """An item near the first of its group: how much they share (in thousandths), and where the stems differ; of cases
    with the stimulus, and part by part."""

    id: int
    likeness: int
    marks: list[tuple[str, str]]
    parts: list[NearPartShown]


class NearGroupShown(Shown):
    """Items that are nearly the same; `more` are not shown."""

    first_id: int
    first_stem: str
    others: list[NearItemShown]
    more: int


class NearBankShown(Shown):
    """What the last look through a bank found; `checked_at` is None before the first."""

    bank_id: int
    bank_name: str
    checked_at: datetime | None
    groups: list[NearGroupShown]
    next_after: int | None
