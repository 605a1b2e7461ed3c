"""What the pages of topics take and show."""

from app.shapes import Given, Key, Line, Prose, Shown


class TopicGiven(Given):
    """A new node, and the one above it (None: it stands at the root)."""

    name: Line
    parent_id: Key | None = None


class NameGiven(Given):
    """Another name for a node."""

    name: Line


class PlaceGiven(Given):
    """The node that another goes below (None: to the root)."""

    parent_id: Key | None = None


class MergeGiven(Given):
    """The node that takes over, and why."""

    into_id: Key
    reason: Prose


class NodeShown(Shown):
    """A node: its path, its depth from 0, how many items are filed under it itself, and with all below it."""

    id: int
    name: str
    path: str
    depth: int
    own: int
    items: int


class TreeShown(Shown):
    """The topics of a bank in the order of the tree; `may` says whether the actor may change them."""

    bank_id: int
    bank_name: str
    nodes: list[NodeShown]
    may: bool


class NodePageShown(Shown):
    """One node, those directly below it, and all of its tree that do not stand below it."""

    bank_id: int
    bank_name: str
    node: NodeShown
    parent_id: int | None
    below: list[NodeShown]
    others: list[NodeShown]
    may: bool
