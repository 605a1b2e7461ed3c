"""The tree of units (and, by the same rules, that of party organisations) as materialised paths: "/1/7/31/".

A path names every ancestor by its id, the node itself last, so that "within" is a prefix, on both databases alike.
"""

from app.errors import AppError

ROOT = "/"
DEPTH_LIMIT = 12


class UnitInsideItself(AppError):
    """A node cannot hang below itself or below one of its own descendants."""

    code = "unit.inside_itself"
    status = 409
    zh = "不能将单位移至其自身或其下级之下。"
    en = "A unit cannot be moved below itself or below one of its own."


class UnitTooDeep(AppError):
    """The tree would become deeper than any administration is."""

    code = "unit.too_deep"
    status = 409
    zh = "单位层级过深，最多 {limit} 级。"
    en = "The tree of units is too deep; {limit} levels are the most."


def path_below(parent_path: str, node_id: int) -> str:
    """The path of node `node_id` below the node at `parent_path` ("/" for a root). Raises UnitTooDeep."""
    if len(ancestor_ids(parent_path)) >= DEPTH_LIMIT:
        raise UnitTooDeep(limit=DEPTH_LIMIT)
    return f"{parent_path}{node_id}/"


def ancestor_ids(path: str) -> tuple[int, ...]:
    """The ids along a path, from the root to the node itself."""
    return tuple(int(part) for part in path.split("/") if part)


def is_within(path: str, scope: str) -> bool:
    """Whether the node at `path` is the one at `scope` or below it. Paths end with "/": /1/70/ is not within /1/7/."""
    return path.startswith(scope)


def moved(path: str, *, below: str, nodes: tuple[str, ...]) -> dict[str, str]:
    """New paths, by old ones, when the node at `path` moves below the node at `below`.

    `nodes` are the paths of the node and of everything below it. Raises UnitInsideItself and UnitTooDeep.
    """
    if is_within(below, path):
        raise UnitInsideItself
    stem = path_below(below, ancestor_ids(path)[-1])
    paths = {old: stem + old.removeprefix(path) for old in nodes}
    if any(len(ancestor_ids(new)) > DEPTH_LIMIT for new in paths.values()):
        raise UnitTooDeep(limit=DEPTH_LIMIT)
    return paths
