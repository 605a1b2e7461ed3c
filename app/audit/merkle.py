"""The Merkle tree of RFC 6962: one hash that stands for a whole list, and short proofs about it. Pure.

Leaves and nodes are hashed with different first bytes, so that none can be passed off as the other (section 2.1).
"""

import hashlib
from collections.abc import Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def hash_leaf(content: bytes) -> bytes:
    """The 32-byte hash of one leaf's content."""
    return hashlib.sha256(b"\x00" + content).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """The 32-byte hash of a node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a tree: all that is needed to go on appending, and to name the root at any size.

    Holds one hash per set bit of `size`, the largest perfect subtree first.
    """

    def __init__(self, size: int = 0, nodes: Sequence[bytes] = ()) -> None:
        if len(nodes) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} perfect subtrees, not {len(nodes)}")
        self.size = size
        self._nodes = list(nodes)

    def append(self, leaf: bytes) -> bytes:
        """Take one more leaf hash; returns the root of the largest perfect subtree that now ends with it."""
        node, size = leaf, self.size
        while size & 1:
            node = hash_node(self._nodes.pop(), node)
            size >>= 1
        self._nodes.append(node)
        self.size += 1
        return node

    def root(self) -> bytes:
        """The root over all leaves taken so far."""
        if not self._nodes:
            return EMPTY_ROOT
        node = self._nodes[-1]
        for left in reversed(self._nodes[:-1]):
            node = hash_node(left, node)
        return node


def frontier_ends(size: int) -> list[int]:
    """The leaf indexes at which the perfect subtrees of a tree of `size` leaves end, the largest first."""
    ends, end = [], 0
    for bit in reversed(range(size.bit_length())):
        if size >> bit & 1:
            end += 1 << bit
            ends.append(end - 1)
    return ends


def find_root(leaves: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def _split(size: int) -> int:
    """The largest power of two smaller than `size` (of at least 2)."""
    return 1 << (size - 1).bit_length() - 1


def prove_inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of leaf `index` (RFC 6962, 2.1.1), nearest sibling first; IndexError outside the list."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    path: list[bytes] = []
    while len(leaves) > 1:
        split = _split(len(leaves))
        if index < split:
            path.append(find_root(leaves[split:]))
            leaves = leaves[:split]
        else:
            path.append(find_root(leaves[:split]))
            leaves, index = leaves[split:], index - split
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that `leaf` stands at `index` of the `size` leaves under `root` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, at, last = leaf, index, size - 1
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = hash_node(sibling, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = hash_node(node, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


def prove_consistency(leaves: Sequence[bytes], size: int) -> list[bytes]:
    """The proof that the tree of the first `size` leaves is the beginning of this one (RFC 6962, 2.1.2).

    `size` is from 1 to the number of leaves; IndexError else.
    """
    if not 0 < size <= len(leaves):
        raise IndexError(size)
    path: list[bytes] = []
    whole = True
    while size != len(leaves):
        split = _split(len(leaves))
        if size <= split:
            path.append(find_root(leaves[split:]))
            leaves = leaves[:split]
        else:
            path.append(find_root(leaves[:split]))
            leaves, size, whole = leaves[split:], size - split, False
    if not whole:
        path.append(find_root(leaves))
    return path[::-1]


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the new tree begins with the old one (RFC 9162, 2.1.4.2)."""
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    steps = list(proof)
    if old_size.bit_count() == 1:
        steps.insert(0, old_root)
    if not steps:
        return False
    at, last = old_size - 1, new_size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = hash_node(step, old), hash_node(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = hash_node(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root
