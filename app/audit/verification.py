"""Whether a log still is what was anchored: a check over an export, anchors kept outside, and trusted public keys.

It goes through the export once, in bounded memory, and asks nothing of the product's tables. Anchors outside count;
those in the export are compared with them and count only beyond them, where a crash kept one from the file. Pure.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.audit.anchors import NO_ANCHOR, Anchor, read_anchor
from app.audit.canonical import leaf_content, moment_text
from app.audit.findings import Finding, Tampering, Verdict
from app.audit.merkle import Frontier, hash_leaf
from app.audit.outside import Expected, Outside, Signatures

LATENESS = timedelta(minutes=5)
"""How much older than the anchor before its own a record may be: the longest transaction, and clocks that differ."""


def verify(
    export: Iterable[str],
    anchors: Iterable[str] | None,
    public_keys: Mapping[str, str],
    *,
    as_of: datetime | None = None,
) -> Verdict:
    """Check the lines of an export against the lines of the anchor file (None: it is not there).

    `anchors` can be gone through several times. `public_keys` (PEM by key id) are those that the checker trusts.
    An export made earlier is checked `as_of` its moment: anchors later than that do not count, and neither does what
    they would tell. Never raises for what the lines hold.
    """
    if anchors is None:
        return Verdict(Finding(Tampering.ANCHORS_MISSING))
    signatures = Signatures(public_keys)
    outside = Outside(anchors, signatures, as_of=moment_text(as_of) if as_of else None)
    if outside.finding:
        return Verdict(outside.finding)
    check = _Check(outside, signatures)
    number = 0
    for number, line in enumerate(export, 1):
        try:
            check.take(json.loads(line))
        except (ValueError, KeyError, TypeError, RecursionError):
            return Verdict(Finding(Tampering.UNREADABLE, line=number))
    finding = check.finish() if check.ended else Finding(Tampering.UNREADABLE, line=number + 1)
    newest = check.in_export or outside.newest
    return Verdict(finding, check.found, check.unsealed, newest.id if newest else None, outside.gaps)


def _hash_as(record: dict[str, Any], record_id: int) -> str:
    return hash_leaf(leaf_content({**record, "id": record_id})).hex()


@dataclass
class _Suspect:
    """The first place that is not as it should be, and what the rest of the log tells about how it came to be so."""

    index: int
    lost: Expected | None
    """What should stand there; None beyond the anchors outside."""
    odd: dict[str, Any] | None
    """The record that stands there; None where there is none."""
    record_id: int | None
    rehashed: bool
    """Whether the leaf's row was made to fit the record."""
    more: bool = False
    lost_found: bool = False
    odd_found: bool = False

    def look(self, expected: Expected | None, record: dict[str, Any]) -> None:
        """Compare with a later place, whatever number the record was given since."""
        self.more = True
        if expected and hash_leaf(leaf_content(record)).hex() == expected.leaf_hash:
            return  # all is as it should be there, so nothing came from there or went there
        if self.lost and _hash_as(record, self.lost.record_id) == self.lost.leaf_hash:
            self.lost_found = True
        if self.odd and expected and _hash_as(self.odd, expected.record_id) == expected.leaf_hash:
            self.odd_found = True

    def judge(self, *, forked: bool) -> Finding:
        """How it came to be so, as far as it can be told."""
        record_id = self.record_id
        if self.odd is None:
            kind = Tampering.DELETE if self.more else Tampering.TAIL_CUT
        elif self.lost_found and self.odd_found:
            kind = Tampering.REORDER
        elif self.lost_found:
            kind, record_id = Tampering.INSERT, self.odd["id"]
        elif self.odd_found:
            kind = Tampering.DELETE
        elif self.rehashed:
            kind = Tampering.FORK if forked else Tampering.REHASH
        else:
            kind = Tampering.EDIT
        return Finding(kind, record_id=record_id, leaf_index=self.index)


class _Batch:
    """What came since the last anchor: where it begins, and the oldest record in it."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.first: int | None = None
        self.oldest: tuple[str, int, int] | None = None

    def take(self, index: int, record: dict[str, Any]) -> None:
        entry = (str(record["at"]), int(record["id"]), index)
        if self.first is None:
            self.first = entry[1]
        if self.oldest is None or entry < self.oldest:
            self.oldest = entry


class _Check:
    """One pass over an export."""

    def __init__(self, outside: Outside, signatures: Signatures) -> None:
        self.found = self.unsealed = 0
        self.ended = False
        self.in_export: Anchor | None = None
        self._outside = outside
        self._signatures = signatures
        self._told = outside.tell()
        self._next = next(self._told, None)
        self._anchors = outside.walk()
        self._frontier = Frontier()
        self._rows = self._count = 0
        self._batch = _Batch(0)
        self._moments = ("", "")  # of the newest anchor, and of the newest one with another moment
        self._suspect: _Suspect | None = None
        self._finding: Finding | None = None
        self._forked: Anchor | None = None
        self._altered: Anchor | None = None
        self._late: tuple[str, int] | None = None

    def take(self, said: dict[str, Any]) -> None:
        """Take one line of the export."""
        match said["line"]:
            case "leaf":
                self._rows += 1
                self._leaf(said)
            case "anchor":
                self._anchor(said["anchor"])
            case "unsealed":
                self._pending(said["record"])
            case "end":
                self.ended = said["leaves"] == self._rows
            case "format" | "key":
                pass
            case _:
                raise ValueError(said["line"])

    def _expect(self) -> Expected | None:
        """What must stand at the place that comes next, after settling the anchors due before it."""
        while isinstance(self._next, Anchor) and self._next.tree_size <= self._count:
            self._settle(self._next)
            self._next = next(self._told, None)
        if isinstance(self._next, Expected) and self._next.index == self._count:
            return self._next
        return None

    def _leaf(self, said: dict[str, Any]) -> None:
        place = int(said["index"])
        while (expected := self._expect()) and place > self._count:
            self._absent(expected, expected.record_id)
        record, index = said["record"], self._count
        if record is None:
            self._absent(expected, said["record_id"])
            return
        self._pass(expected)
        self.found += 1
        if self._suspect:
            self._suspect.look(expected, record)
            return
        leaf = hash_leaf(leaf_content(record))
        fits = said["hash"] == leaf.hex()
        if not fits or place != index or (expected and expected.leaf_hash != leaf.hex()):
            record_id = expected.record_id if expected else record["id"]
            self._suspect = _Suspect(index, expected, record, record_id, rehashed=fits)
            return
        self._frontier.append(leaf)
        self._batch.take(index, record)

    def _absent(self, expected: Expected | None, record_id: int) -> None:
        """Nothing stands at the place that comes next."""
        self._suspect = self._suspect or _Suspect(self._count, expected, None, record_id, rehashed=False)
        self._pass(expected)

    def _pass(self, expected: Expected | None) -> None:
        if expected:
            self._next = next(self._told, None)
        self._count += 1

    def _settle(self, anchor: Anchor) -> None:
        """Compare what was read with an anchor that covers exactly that, and the age of its records."""
        if self._suspect or self._finding:
            return
        if self._frontier.root().hex() != anchor.root_hash:
            self._finding = Finding(
                Tampering.REHASH, record_id=self._batch.first, leaf_index=self._batch.start, anchor_id=anchor.id
            )
            return
        before = self._moments[1] if anchor.at == self._moments[0] else self._moments[0]
        oldest = self._batch.oldest
        if before and oldest and oldest[0] < _earliest(min(before, anchor.at)):
            self._finding = Finding(Tampering.INSERT, record_id=oldest[1], leaf_index=oldest[2], anchor_id=anchor.id)
        if anchor.at != self._moments[0]:
            self._moments = (anchor.at, self._moments[0])
        self._batch = _Batch(self._count)

    def _anchor(self, said: Any) -> None:
        anchor = read_anchor(said)
        if anchor is None:
            raise ValueError("an anchor has another shape")
        before, self.in_export = self.in_export, anchor
        if anchor.kind != "gap" and anchor.id != (before.id + 1 if before else 1):
            self._altered = self._altered or anchor
        newest = self._outside.newest
        if newest and anchor.id <= newest.id:
            same = any(line.anchor == anchor for line in self._up_to(anchor.id))
            if not same and self._signatures.hold(anchor):
                self._forked = self._forked or anchor
            elif not same:
                self._altered = self._altered or anchor
            return
        previous = before if before and (newest is None or before.id > newest.id) else newest
        follows = anchor.previous_anchor_hash == (previous.digest() if previous else NO_ANCHOR)
        if not (follows and self._signatures.hold(anchor)):
            self._altered = self._altered or anchor
            return
        if self._expect() is None and anchor.tree_size == self._count:
            self._settle(anchor)

    def _up_to(self, anchor_id: int) -> Iterable[Any]:
        """The line of the file with that number, going on from the last one asked for."""
        for line in self._anchors:
            if line.anchor.id >= anchor_id:
                yield line
                return

    def _pending(self, record: dict[str, Any]) -> None:
        self.unsealed += 1
        entry = (str(record["at"]), int(record["id"]))
        if self._late is None or entry < self._late:
            self._late = entry

    def finish(self) -> Finding | None:
        """What the whole export tells; None where all is in order."""
        lost = self._expect()
        size = self.in_export.tree_size if self.in_export else 0
        if self.found + self.unsealed == 0 or (self._count == size == 0):
            first = lost.record_id if lost else None
            if self._suspect:
                first = self._suspect.record_id
            if first is not None:
                return Finding(Tampering.TOTAL_DELETION, record_id=first, leaf_index=0)
        if self._outside.newest is None and self._count:
            return Finding(Tampering.ANCHORS_MISSING)
        if self._finding:
            return self._finding
        if self._suspect:
            return self._suspect.judge(forked=self._forked is not None)
        return self._cut(lost, size) or self._strangers()

    def _cut(self, lost: Expected | None, size: int) -> Finding | None:
        """What the database lacks at its end."""
        newest = self._outside.newest
        behind = newest is not None and (self.in_export is None or self.in_export.id < newest.id)
        at_rest = size == self._count
        if behind and at_rest and not (self._forked or self._altered):
            return Finding(
                Tampering.OLD_BACKUP,
                record_id=lost.record_id if lost else None,
                leaf_index=lost.index if lost else None,
                anchor_id=newest.id if newest else None,
            )
        if self._forked:
            return Finding(Tampering.FORK, leaf_index=self._count, anchor_id=self._forked.id)
        if lost:
            return Finding(Tampering.TAIL_CUT, record_id=lost.record_id, leaf_index=lost.index)
        if size > self._count:
            return Finding(Tampering.TAIL_CUT, leaf_index=self._count)
        if behind:
            return Finding(Tampering.ANCHORS_ALTERED, anchor_id=newest.id if newest else None)
        return None

    def _strangers(self) -> Finding | None:
        """What the database has and no anchor explains."""
        if self._batch.first is not None:
            return Finding(Tampering.INSERT, record_id=self._batch.first, leaf_index=self._batch.start)
        if self._altered:
            return Finding(Tampering.ANCHORS_ALTERED, anchor_id=self._altered.id)
        # A record as late as this would have been sealed by the anchor before the newest, had it been there.
        if self._late and self._moments[1] and self._late[0] < _earliest(self._moments[1]):
            return Finding(Tampering.INSERT, record_id=self._late[1])
        return None


def _earliest(moment: str) -> str:
    """The moment of the oldest record that may still come after an anchor of `moment`."""
    return moment_text(datetime.fromisoformat(moment) - LATENESS)
