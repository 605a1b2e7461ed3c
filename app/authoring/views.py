"""How items look on a page: content with its key, what differs between two versions."""

import difflib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.accounts.queries import persons_of
from app.authoring.listing_schemas import RowShown
from app.authoring.reading import Note
from app.authoring.schemas import ChangeShown, ContentShown, NoteShown, OptionShown
from app.authoring.writing import form_values
from app.people.queries import persons_by_id
from question_bank.items import Item
from question_bank.kinds import kind_of
from question_bank.kinds.choice import key_of, letter_of, options_of

R = TypeVar("R", bound=Any)

_LONGEST_COMPARISON = 4_000_000
"""Comparing letter by letter takes time by the product of the lengths; longer texts are shown one after the other."""


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
    )


def changes_between(before: Item, after: Item) -> list[ChangeShown]:
    """The fields in which two versions differ, as they are typed."""
    old, new = _fields(before), _fields(after)
    return [
        ChangeShown(field=name, marks=word_changes(old.get(name, ""), new.get(name, "")))
        for name in dict.fromkeys([*old, *new])
        if old.get(name, "") != new.get(name, "")
    ]


def _fields(item: Item) -> dict[str, str]:
    options = {f"option {letter_of(at)}": option.text for at, option in enumerate(options_of(item)[:26])}
    values = form_values(item)
    accepted = {"accepted": "\n".join(_key_lines(item))}
    return {"item_type": values.pop("item_type"), "stem": values.pop("stem"), **options, **values, **accepted}


def word_changes(before: str, after: str) -> list[tuple[str, str]]:
    """The two texts as one sequence of ("same" | "out" | "in", text), for a page to mark."""
    found: list[tuple[str, str]] = []
    if len(before) * len(after) > _LONGEST_COMPARISON:
        return [(kind, text) for kind, text in (("out", before), ("in", after)) if text]
    for kind, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", before[i:j]))
            continue
        if i < j:
            found.append(("out", before[i:j]))
        if k < m:
            found.append(("in", after[k:m]))
    return found


def names_of(db: Session, account_ids: Collection[int]) -> dict[int, str]:
    """The names of the persons behind these accounts."""
    persons = persons_of(db, account_ids)
    named = persons_by_id(db, set(persons.values()))
    return {account: named[person].name for account, person in persons.items()}


def page_of(rows: Sequence[R], size: int) -> tuple[Sequence[R], int | None]:
    """The rows of a page, of which one more was asked for, and the id after which the next begins."""
    return rows[:size], rows[size - 1].id if len(rows) > size else None
