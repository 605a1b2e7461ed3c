"""A bank's list of items: narrowed, searched, page by page; and the filters that a person keeps by name."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time

from app.authoring.listing_schemas import Choice, FilterGiven, ItemsPage, ItemsShown, Row
from app.authoring.pages.front import chosen, desk
from app.authoring.queries.choices import choices_of
from app.authoring.queries.listing import ItemFilter, list_items
from app.authoring.rules import Confidentiality, ItemState
from app.authoring.service import lists
from app.authoring.views import may_over, page_of
from app.errors import FieldProblem, Invalid
from app.operation import Operation
from app.security.permissions import Capability
from app.shapes import LOCAL, Done
from question_bank.items import Difficulty, ItemType, Level

ROWS = 100
"""Items on a page of a bank's list."""
_make_row: Callable[..., Row] = Row


@desk.view(
    "/banks/{bank_id}", Capability.BANK_READ, template="authoring/items.html", documented=ItemsShown, express=True
)
def list_bank(
    op: Operation,
    *,
    bank_id: int,
    state: str = "",
    item_type: str = "",
    level: str = "",
    difficulty: str = "",
    topic: int = 0,
    tag: str = "",
    document: int = 0,
    stale: str = "",
    author: int = 0,
    unseen: str = "",
    source: int = 0,
    confidentiality: str = "",
    threads: str = "",
    assigned: str = "",
    search: str = "",
    saved: int = 0,
    after: int = 0,
) -> ItemsPage:
    """The items of a bank, newest first, narrowed by state, type, level, difficulty, topic (with all below it), tag,
    document, staleness ("yes"), author (an account), use (`unseen`: "never", or the day since when), import,
    confidentiality, `threads` ("open": something said about it is not settled), `assigned` ("none", or the account
    that is asked to review it), and a search in the stems: Chinese, pinyin or initials. `saved` opens one of my saved
    filters."""
    query = {
        "state": state,
        "item_type": item_type,
        "level": level,
        "difficulty": difficulty,
        "topic": str(topic or ""),
        "tag": tag.strip(),
        "document": str(document or ""),
        "stale": stale,
        "author": str(author or ""),
        "unseen": unseen,
        "source": str(source or ""),
        "confidentiality": confidentiality,
        "threads": threads,
        "assigned": assigned,
        "search": search.strip(),
    }
    choices = choices_of(op.db, op.actor, bank_id)
    query |= choices.saved.get(saved, {})
    topics = {id_: words for kind, id_, words in choices.known if kind == "topic"}
    found = list_items(op.db, op.actor, bank_id, read_filter(query, after=after), limit=ROWS + 1)
    rows, next_after = page_of([_make_row(*row[:7], topics.get(row[7], ""), *row[8:]) for row in found], ROWS)
    return ItemsPage(
        bank_id=bank_id,
        bank_name=choices.bank_name,
        rows=rows,
        choices=[Choice(*one) for one in choices.known],
        hidden=choices.hidden,
        may=may_over(op.actor, choices.owner_path),
        query={name: value for name, value in query.items() if value},
        saved=saved if saved in choices.saved else 0,
        next_after=next_after,
    )


def read_filter(query: dict[str, str], *, after: int) -> ItemFilter:
    """The filter that a query asks for. Raises Invalid for a word that is none of those given."""
    unseen = query.get("unseen", "")
    return ItemFilter(
        state=chosen("state", query.get("state", ""), ItemState),
        item_type=chosen("item_type", query.get("item_type", ""), ItemType),
        level=chosen("level", query.get("level", ""), Level),
        difficulty=chosen("difficulty", query.get("difficulty", ""), Difficulty),
        topic_id=_number(query, "topic"),
        tag=query.get("tag", ""),
        document_id=_number(query, "document"),
        stale=query.get("stale", "") == "yes",
        author=_number(query, "author"),
        unseen=unseen == "never",
        unseen_since=_since(unseen) if unseen not in {"", "never"} else None,
        import_id=_number(query, "source"),
        confidentiality=chosen("confidentiality", query.get("confidentiality", ""), Confidentiality),
        open_threads=query.get("threads", "") == "open",
        unassigned=query.get("assigned", "") == "none",
        reviewer=_number(query, "assigned") if query.get("assigned", "") != "none" else None,
        search=query.get("search", ""),
        after=after,
    )


def _number(query: dict[str, str], name: str) -> int | None:
    text = query.get(name, "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Invalid(FieldProblem(name, "请从给出的选项中选择。", "Please choose one of those given."))
    return int(text) if text and int(text) else None


def _since(text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
        return datetime.combine(day, time(), LOCAL).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(
            FieldProblem("unseen", "请填写日期，如 2026-01-31。", "Give a day, such as 2026-01-31.")
        ) from None


@desk.command(
    "/banks/{bank_id}/filters",
    Capability.BANK_READ,
    then="/banks/{bank_id}?saved={id}",
    retry=list_bank,
    said="筛选已保存。",
)
def save_filter(op: Operation, *, bank_id: int, given: FilterGiven) -> Done:
    """Keep a filter under a name, for myself."""
    query = {name: value for name, value in given.model_dump().items() if name != "name" and value}
    read_filter(query, after=0)
    return Done(id=lists.save_filter(op, bank_id=bank_id, name=given.name, query=query))


@desk.command("/filters/{filter_id}/forget", Capability.BANK_READ, then="/banks/{id}", said="筛选已删除。")
def forget_filter(op: Operation, *, filter_id: int) -> Done:
    """Forget one of my filters."""
    return Done(id=lists.forget_filter(op, filter_id=filter_id))
