"""The anchors outside as a checker uses them: first looked through for their own soundness, then told leaf by leaf.

A restore steps back to an earlier size and says so by a signed gap. What stood beyond that size is lost and explained;
only what no later gap gave up is expected of the database. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.audit.anchors import NO_ANCHOR, Anchor, AnchorLine, read_lines
from app.audit.findings import Finding, Gap, Tampering
from app.security.key_pairs import Algorithm, KeyRefused, PublicKey


class Signatures:
    """Checks signatures of anchors against the public keys that the checker trusts."""

    def __init__(self, public_keys: Mapping[str, str]) -> None:
        """`public_keys` is PEM by key id; one that is no P-256 key vouches for nothing."""
        self._keys: dict[str, PublicKey] = {}
        for key_id, pem in public_keys.items():
            try:
                self._keys[key_id] = PublicKey.from_pem(pem, Algorithm.ES256)
            except KeyRefused:
                continue

    def hold(self, anchor: Anchor) -> bool:
        """Whether the anchor is signed by a trusted key."""
        key = self._keys.get(anchor.key_id)
        try:
            return key is not None and key.verify(anchor.statement(), bytes.fromhex(anchor.signature))
        except ValueError:
            return False


@dataclass(frozen=True)
class Expected:
    """A leaf that the database must have: its place, the record it stands for, its hash."""

    index: int
    record_id: int
    leaf_hash: str


class Outside:
    """The file of anchors, bounded by the newest that counts."""

    def __init__(self, lines: Iterable[str], signatures: Signatures, *, as_of: str | None = None) -> None:
        """Look the file through. `lines` can be gone through several times; anchors later than `as_of` do not count."""
        self._lines = lines
        self.newest: Anchor | None = None
        self.gaps: tuple[Gap, ...] = ()
        self.finding: Finding | None = None
        for line in read_lines(lines):
            if as_of is not None and line.anchor.at > as_of:
                break
            self.finding = self._fault(line, signatures)
            if self.finding:
                break
            if line.anchor.kind == "gap":
                lost_to = self.newest.tree_size if self.newest else 0
                gap = Gap(line.anchor.id, line.anchor.at, lost_from=line.anchor.tree_size, lost_to=lost_to)
                self.gaps = (*self.gaps, gap)
            self.newest = line.anchor

    def _fault(self, line: AnchorLine, signatures: Signatures) -> Finding | None:
        """What is wrong with a line, given that all before it are sound."""
        anchor, before = line.anchor, self.newest
        first = line.leaves[0][0] if line.leaves else None
        if not signatures.hold(anchor):
            return Finding(Tampering.ANCHORS_ALTERED, record_id=first, anchor_id=anchor.id)
        size = before.tree_size if before else 0
        follows = anchor.previous_anchor_hash == (before.digest() if before else NO_ANCHOR)
        if before and not follows and anchor.id <= before.id + 1:
            start = anchor.tree_size - len(line.leaves)
            return Finding(Tampering.FORK, record_id=first, leaf_index=start, anchor_id=anchor.id)
        if anchor.kind == "gap":
            sound = anchor.tree_size <= size and not line.leaves
        else:
            sound = len(line.leaves) == anchor.tree_size - size
        if not (follows and sound):
            return Finding(Tampering.ANCHORS_ALTERED, record_id=first, leaf_index=size, anchor_id=anchor.id)
        return None

    def walk(self) -> Iterator[AnchorLine]:
        """The lines that count, in the order of the file."""
        for line in read_lines(self._lines):
            if self.newest is None or line.anchor.id > self.newest.id:
                return
            yield line

    def tell(self) -> Iterator[Expected | Anchor]:
        """What the database must have: leaves in the order of the log, each anchor after the leaves it covers."""
        for line in self.walk():
            anchor = line.anchor
            limit = min((gap.lost_from for gap in self.gaps if gap.anchor_id > anchor.id), default=anchor.tree_size)
            start = anchor.tree_size - len(line.leaves)
            for index, (record_id, leaf_hash) in enumerate(line.leaves, start):
                if index < limit:
                    yield Expected(index, record_id, leaf_hash)
            if anchor.tree_size <= limit:
                yield anchor
