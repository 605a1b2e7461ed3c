"""How items look on a page: content with its key, what differs between two versions."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.accounts.queries import persons_of
from app.authoring.comparison import changes_between
from app.authoring.content_schemas import ContentShown, OptionShown, PartShown
from app.authoring.filing import file_under
from app.authoring.listing_schemas import RowShown
from app.authoring.models import Calibration, ItemRow
from app.authoring.queries.calibrations import add_up, tally_of
from app.authoring.queries.items import tags_of
from app.authoring.queries.topics import topic_path
from app.authoring.reading import Note
from app.authoring.schemas import (
    CalibrationShown,
    ChangeShown,
    ExamFiguresShown,
    NoteShown,
)
from app.people.queries import persons_by_id
from app.security.actor import Actor
from app.security.permissions import Capability
from question_bank.items import Item
from question_bank.kinds import kind_of
from question_bank.kinds.case_analysis import CaseBody, Part
from question_bank.kinds.choice import key_of, letter_of, options_of
from question_bank.statistics.calibration import LEAST_RESPONSES, MOST_ERROR

R = TypeVar("R", bound=Any)


def as_filed(db: Session, row: ItemRow, item: Item) -> Item:
    """The content of an item with the topic and the tags that it is filed with, whatever its version says."""
    return file_under(item, topic_path(db, row.topic_id), tags_of(db, [row.id])[row.id])


def show_content(item: Item) -> ContentShown:
    """The item with its key."""
    case = item.body if isinstance(item.body, CaseBody) else None
    return ContentShown(
        item_type=item.item_type,
        stem=item.stem,
        stimulus=case.stimulus if case else "",
        parts=[_show_part(part) for part in case.parts] if case else [],
        options=_show_options(item),
        key_lines=[] if case else _key_lines(item),
        explanation=item.explanation,
        topic=" / ".join(item.topic),
        tags=[*item.tags],
        difficulty=item.difficulty,
        level=item.level,
        basis="；".join(f"{basis.document} {basis.clause}".strip() for basis in item.basis),
    )


def _show_part(part: Part) -> PartShown:
    alone = Item(part.item_type, part.stem, part.body)
    return PartShown(
        item_type=part.item_type,
        stem=part.stem,
        options=_show_options(alone),
        key_lines=_key_lines(alone),
        explanation=part.explanation,
        share=part.share,
    )


def _show_options(item: Item) -> list[OptionShown]:
    return [
        OptionShown(letter=letter_of(at), text=option.text, right=at in key_of(item))
        for at, option in enumerate(options_of(item)[:26])
    ]


def _key_lines(item: Item) -> list[str]:
    """What is right, line by line, of an item whose options do not say it."""
    return [] if options_of(item) else kind_of(item.item_type).key_lines(item.body)


def show_note(note: Note) -> NoteShown:
    """A note, in both languages."""
    return NoteShown(zh=note.zh, en=note.en, place_zh=note.place_zh, place_en=note.place_en)


def show_row(row: Any, topics: Mapping[int, str]) -> RowShown:
    """A line of a list; `topics` are paths by id."""
    return RowShown(
        id=row.id,
        bank_id=row.bank_id,
        stem_start=row.stem_start,
        item_type=row.item_type,
        state=row.state,
        level=row.level,
        difficulty=row.difficulty,
        topic=topics.get(row.topic_id or 0, ""),
        version=row.version,
        stale_from=row.stale_from,
        forms_seen=row.forms_seen,
        confidentiality=row.confidentiality,
        open_threads=row.open_threads,
    )


def show_changes(before: Item, after: Item) -> list[ChangeShown]:
    """What differs between two versions."""
    return [
        ChangeShown(
            field=one.field,
            zh=one.name.zh,
            en=one.name.en,
            marks=one.marks,
            words={value: (word.zh, word.en) for value, word in one.words.items()},
        )
        for one in changes_between(before, after)
    ]


def names_of(db: Session, account_ids: Collection[int]) -> dict[int, str]:
    """The names of the persons behind these accounts."""
    persons = persons_of(db, account_ids)
    named = persons_by_id(db, set(persons.values()))
    return {account: named[person].name for account, person in persons.items()}


_IN_BANKS = (
    Capability.ITEM_WRITE,
    Capability.BANK_IMPORT,
    Capability.ITEM_REVIEW,
    Capability.REVIEW_ASSIGN,
    Capability.REGISTER_WRITE,
)


def may_over(actor: Actor, owner_path: str) -> list[Capability]:
    """What this actor may do in a bank whose owner is the unit of that path, beside looking into it."""
    return [one for one in _IN_BANKS if actor.covers(one, owner_path)]


def page_of(rows: Sequence[R], size: int) -> tuple[Sequence[R], int | None]:
    """The rows of a page, of which one more was asked for, and the id after which the next begins."""
    return rows[:size], rows[size - 1].id if len(rows) > size else None


def show_calibration(rows: Sequence[Calibration]) -> CalibrationShown | None:
    """What exams said of one version; `rows` are the newest calibration of each."""
    if not rows:
        return None
    pooled = add_up(rows)
    return CalibrationShown(
        responses=pooled.responses,
        easiness_permille=pooled.easiness,
        standard_error_permille=pooled.standard_error,
        suffices=pooled.suffices,
        least_responses=LEAST_RESPONSES,
        most_error_permille=MOST_ERROR,
        exams=[
            ExamFiguresShown(
                exam_id=row.exam_id,
                number=row.number,
                method=row.method,
                responses=row.responses,
                easiness_permille=tally_of(row).easiness,
                standard_error_permille=tally_of(row).standard_error,
                item_rest=row.item_rest,
                slope=row.slope,
                location=row.location,
                at=row.at,
            )
            for row in rows
        ],
    )
