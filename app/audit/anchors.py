"""Anchors: signed heads of the log, each bound to the one before. Pure.

Outside the database they stand one per line of JSON, each with the leaves that it adds, so that a checker who holds
that file can name the very record that was touched.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from app.audit.canonical import canonical, moment_text

FORMAT = "chizheng-anchor/1"
NO_ANCHOR = "0" * 64
"""What the first anchor names as the one before it."""

Sign = Callable[[bytes], tuple[str, bytes]]
"""Signs a message: the key's id and the signature."""


@dataclass(frozen=True)
class Anchor:
    """What an anchor says. Hashes and the signature are lower-case hex; `at` is UTC text of fixed width."""

    id: int
    kind: str
    tree_size: int
    root_hash: str
    at: str
    previous_anchor_hash: str
    key_id: str = ""
    signature: str = ""

    def statement(self) -> bytes:
        """The bytes that are signed: everything but the key and the signature."""
        said = {name: value for name, value in asdict(self).items() if name not in {"key_id", "signature"}}
        return canonical({"format": FORMAT, **said}).encode()

    def digest(self) -> str:
        """The hash that the next anchor names, over statement and signature."""
        return hashlib.sha256(canonical(asdict(self)).encode()).hexdigest()


def make_anchor(previous: Anchor | None, *, kind: str, tree_size: int, root: bytes, at: datetime, sign: Sign) -> Anchor:
    """The signed anchor that follows `previous` (None: the first of the log)."""
    bare = Anchor(
        id=previous.id + 1 if previous else 1,
        kind=kind,
        tree_size=tree_size,
        root_hash=root.hex(),
        at=moment_text(at),
        previous_anchor_hash=previous.digest() if previous else NO_ANCHOR,
    )
    key_id, signature = sign(bare.statement())
    return replace(bare, key_id=key_id, signature=signature.hex())


@dataclass(frozen=True)
class AnchorLine:
    """One line of the file outside: the anchor, and (record id, leaf hash) of each leaf since the one before."""

    anchor: Anchor
    leaves: tuple[tuple[int, str], ...]

    def text(self) -> str:
        """The line, without its end."""
        return canonical({"anchor": asdict(self.anchor), "leaves": [list(leaf) for leaf in self.leaves]})


_FIELDS = {
    "id": int,
    "kind": str,
    "tree_size": int,
    "root_hash": str,
    "at": str,
    "previous_anchor_hash": str,
    "key_id": str,
    "signature": str,
}


def read_anchor(said: Any) -> Anchor | None:
    """The anchor that these JSON members describe; None where they do not have its shape."""
    if not isinstance(said, dict) or said.keys() != _FIELDS.keys():
        return None
    if any(type(said[name]) is not kind for name, kind in _FIELDS.items()):
        return None
    return Anchor(**said)


def read_line(line: str) -> AnchorLine | None:
    """The anchor that a line holds; None for a torn line (a crash while writing: the next one says it again)."""
    try:
        said = json.loads(line)
        anchor = read_anchor(said["anchor"])
        leaves = tuple((int(record_id), str(leaf)) for record_id, leaf in said["leaves"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return AnchorLine(anchor, leaves) if anchor else None


def read_lines(lines: Iterable[str]) -> Iterator[AnchorLine]:
    """Every anchor of the file, in its order, torn lines left out (the chain tells whether one is missing)."""
    for line in lines:
        found = read_line(line)
        if found:
            yield found
