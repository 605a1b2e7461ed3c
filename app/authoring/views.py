"""How items look on a page: content with its key, what differs between two versions."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.accounts.queries import persons_of
from app.authoring.comparison import changes_between
from app.authoring.listing_schemas import RowShown
from app.authoring.models import Bank, ItemRow
from app.authoring.queries import bank_owner_path
from app.authoring.queries.items import made_by
from app.authoring.queries.threads import comments_of, threads_of
from app.authoring.reading import Note
from app.authoring.schemas import ChangeShown, ContentShown, NoteShown, OptionShown
from app.authoring.thread_schemas import CommentShown, ThreadShown
from app.operation import Operation
from app.people.queries import persons_by_id
from app.security.permissions import Capability
from question_bank.items import Item
from question_bank.kinds import kind_of
from question_bank.kinds.choice import key_of, letter_of, options_of

R = TypeVar("R", bound=Any)


def show_content(item: Item) -> ContentShown:
    """The item with its key."""
    return ContentShown(
        item_type=item.item_type,
        stem=item.stem,
        options=[
            OptionShown(letter=letter_of(at), text=option.text, right=at in key_of(item))
            for at, option in enumerate(options_of(item)[:26])
        ],
        key_lines=_key_lines(item),
        explanation=item.explanation,
        topic=" / ".join(item.topic),
        difficulty=item.difficulty,
        level=item.level,
        basis="；".join(f"{basis.document} {basis.clause}".strip() for basis in item.basis),
    )


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


def show_threads(op: Operation, item: ItemRow, bank: Bank) -> list[ThreadShown]:
    """What was said about an item, thread by thread."""
    threads = threads_of(op.db, item.id)
    said = comments_of(op.db, [thread.id for thread in threads])
    accounts = {one.author_id for comments in said.values() for one in comments}
    names, persons = names_of(op.db, accounts), persons_of(op.db, accounts)
    judges = op.actor.covers(Capability.ITEM_REVIEW, bank_owner_path(op.db, bank.id)) and not made_by(
        op.db, [item.id], op.actor.person_id
    )
    return [
        ThreadShown(
            id=thread.id,
            version=thread.version,
            field=thread.field,
            state=thread.state,
            comments=[
                CommentShown(
                    id=one.id,
                    act=one.act,
                    author=names[one.author_id],
                    at=one.at,
                    text="" if one.withdrawn_at else one.text,
                    withdrawn=one.withdrawn_at is not None,
                    own=persons[one.author_id] == op.actor.person_id,
                )
                for one in said[thread.id]
            ],
            may_settle=judges or persons[thread.opened_by] == op.actor.person_id,
        )
        for thread in threads
    ]


def names_of(db: Session, account_ids: Collection[int]) -> dict[int, str]:
    """The names of the persons behind these accounts."""
    persons = persons_of(db, account_ids)
    named = persons_by_id(db, set(persons.values()))
    return {account: named[person].name for account, person in persons.items()}


def page_of(rows: Sequence[R], size: int) -> tuple[Sequence[R], int | None]:
    """The rows of a page, of which one more was asked for, and the id after which the next begins."""
    return rows[:size], rows[size - 1].id if len(rows) > size else None
