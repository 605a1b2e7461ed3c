"""知识点 as a tree: where an item is filed, and what becomes of the tree when a node moves or two become one; tags.

The filing is the institution's and changes; an item's version keeps the topic that was written. Paths are names joined
by "/", as `Topic.path` holds them. Nothing here reads or writes a row.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from app.authoring.rules import LONGEST_TOPIC_PATH, TopicRefused
from app.errors import FieldProblem
from question_bank.items import Item
from question_bank.kinds.limits import DEEPEST_TOPIC

_NUMERAL = re.compile(r"((?:(?<=第)|^)[零〇一二三四五六七八九十百]+|[0-9]+)")
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0}


@lru_cache(maxsize=8192)
def reading_order(path: str) -> tuple[tuple[str | int, ...], ...]:
    """The key of topics in the order of a book: each node before those below it, 第二章 before 第三章 and 第十章."""
    return tuple(
        tuple(_number(part) if at % 2 else part for at, part in enumerate(_NUMERAL.split(name)))
        for name in path.split("/")
    )


def _number(numeral: str) -> int:
    """十二 as 12, 一百零三 as 103; digits that follow one another without 十 and 百 (二〇二六) are read one by one."""
    if numeral.isdecimal():
        return int(numeral)
    whole = last = 0
    for sign in numeral:
        if sign in "十百":
            whole, last = whole + (last or 1) * (10 if sign == "十" else 100), 0
        else:
            last = last * 10 + _DIGITS[sign]
    return whole + last


def file_under(item: Item, path: str | None, tags: Collection[str] | None = None) -> Item:
    """The item with the topic that it is filed under, and with the tags; what is not told (None) stays as written."""
    filed = item if path is None else replace(item, topic=tuple(path.split("/")))
    return filed if tags is None else tagged(filed, tags)


def tagged(item: Item, tags: Collection[str]) -> Item:
    """The item with the tags that it is filed with: what was written stays in its order, what came later follows."""
    kept = [tag for tag in item.tags if tag in tags]
    return replace(item, tags=(*kept, *sorted(set(tags) - set(kept))))


def refused(field: str) -> TopicRefused:
    """The refusal, at a field of the form."""
    return TopicRefused(FieldProblem(field, TopicRefused.zh, TopicRefused.en))


def joined(above: str | None, name: str, *, field: str) -> str:
    """The path of a node of that name below `above` (None: at the root). Raises TopicRefused for a name that is empty
    or holds "/" in any width, and for a path that is too deep or too long."""
    if not name or "/" in name or "／" in name:
        raise refused(field)
    path = f"{above}/{name}" if above else name
    _check_size(path, field)
    return path


def _check_size(path: str, field: str) -> None:
    if path.count("/") >= DEEPEST_TOPIC or len(path) > LONGEST_TOPIC_PATH:
        raise refused(field)


def is_at_or_below(path: str, top: str) -> bool:
    """Whether a path is that of the node or of one below it."""
    return path == top or path.startswith(f"{top}/")


def moved(paths: Mapping[int, str], *, top: str, to: str, field: str) -> dict[int, str]:
    """The new paths (by topic) of the node at `top` and of all below it when it goes to `to`; {} where it stays.

    `paths` are those of the whole tree. Raises TopicRefused where there is a node already, below itself, and for paths
    that become too deep or too long.
    """
    if to == top:
        return {}
    if to in paths.values() or is_at_or_below(to, top):
        raise refused(field)
    found = {one: to + path[len(top) :] for one, path in paths.items() if is_at_or_below(path, top)}
    for path in found.values():
        _check_size(path, field)
    return found


@dataclass(frozen=True)
class Merge:
    """What merging does: `paths` are new paths by topic; `into` says for each topic that goes which one takes over."""

    paths: dict[int, str]
    into: dict[int, int]


def merged(paths: Mapping[int, str], *, top: str, into: str, field: str) -> Merge:
    """The node at `top` becomes one with that at `into`: what is below it goes below that one, and a node whose path is
    there already becomes one with it. Raises TopicRefused for a node and itself or one below it, and for paths that
    become too deep or too long."""
    if is_at_or_below(into, top):
        raise refused(field)
    at = {path: one for one, path in paths.items()}
    result = Merge({}, {})
    for one, path in paths.items():
        if not is_at_or_below(path, top):
            continue
        there = into + path[len(top) :]
        # A node below `top` may itself be at the place that another goes to, where `into` is above `top`: it leaves.
        if there in at and not is_at_or_below(there, top):
            result.into[one] = at[there]
        else:
            _check_size(there, field)
            result.paths[one] = there
    return result
