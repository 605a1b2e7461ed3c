"""Which candidate sits in which room: units spread, never before a proctor of the own unit. Pure, integers only."""

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from app.exams.rules import SeatsTooFew

_SHARE = 2**20


@dataclass(frozen=True)
class Sitter:
    """A candidate to be seated: the registration, the unit, and what was granted to the person."""

    registration_id: int
    unit_id: int
    separate: bool = False
    near_door: bool = False


@dataclass(frozen=True)
class Hall:
    """A room as seating sees it: `barred_units` are those of its proctors, `columns` the seats to a row; `separate` is
    a room for those who were granted one apart. Who sits remotely has no neighbours."""

    room_id: int
    capacity: int
    barred_units: frozenset[int]
    columns: int = 1
    separate: bool = False
    remote: bool = False

    def takes(self, sitter: Sitter) -> bool:
        """Whether this candidate may sit here at all."""
        return sitter.separate == self.separate and sitter.unit_id not in self.barred_units


def share_out(order: Sequence[Sitter], halls: Sequence[Hall]) -> list[list[Sitter]]:
    """The people of each room, in the order given. Raises SeatsTooFew where there is no way to seat everyone: a full
    room hands people on before anybody is refused."""
    share = _Share(halls)
    kinds: dict[tuple[bool, int], list[Sitter]] = {}
    for sitter in order:
        kinds.setdefault((sitter.separate, sitter.unit_id), []).append(sitter)
    rooms = {kind: [i for i, hall in enumerate(halls) if hall.takes(members[0])] for kind, members in kinds.items()}
    # Who has the least choice chooses first.
    for kind in sorted(kinds, key=lambda k: (sum(halls[i].capacity for i in rooms[k]), -len(kinds[k]), k)):
        share.place(kind, kinds[kind], rooms)
    rank = {sitter.registration_id: index for index, sitter in enumerate(order)}
    groups = [[sitter for members in room.values() for sitter in members] for room in share.rooms]
    for group in groups:
        group.sort(key=lambda sitter: rank[sitter.registration_id])
    return groups


_Kind = tuple[bool, int]


class _Share:
    """Rooms while they fill: who is in each, by kind (grant and unit)."""

    def __init__(self, halls: Sequence[Hall]) -> None:
        self.rooms: list[dict[_Kind, list[Sitter]]] = [{} for _ in halls]
        self._left = [hall.capacity for hall in halls]
        self._capacity = [hall.capacity for hall in halls]

    def place(self, kind: _Kind, members: list[Sitter], rooms: dict[_Kind, list[int]]) -> None:
        """Spread the members of one kind over the rooms that take them: always where they would take the smallest
        part of the seats, then where the smallest part is taken."""
        heap = [self._key(kind, index) for index in rooms[kind] if self._left[index]]
        heapq.heapify(heap)
        for member in members:
            index = heapq.heappop(heap)[-1] if heap else self._make_way(kind, rooms)
            self.rooms[index].setdefault(kind, []).append(member)
            self._left[index] -= 1
            if self._left[index]:
                heapq.heappush(heap, self._key(kind, index))

    def _key(self, kind: _Kind, index: int) -> tuple[int, int, int]:
        taken = self._capacity[index] - self._left[index]
        own = len(self.rooms[index].get(kind, ())) + 1
        capacity = self._capacity[index]
        return own * _SHARE // capacity, taken * _SHARE // capacity, index

    def _make_way(self, kind: _Kind, rooms: dict[_Kind, list[int]]) -> int:
        """A room of this kind with a seat made free by handing people on, room by room, to one that has a seat."""
        came_from: dict[int, tuple[int, _Kind] | None] = dict.fromkeys(rooms[kind])
        waiting = deque(rooms[kind])
        while waiting:
            full = waiting.popleft()
            for other, members in self.rooms[full].items():
                for index in rooms[other] if members else ():
                    if index in came_from:
                        continue
                    came_from[index] = (full, other)
                    if self._left[index]:
                        return self._hand_on(index, came_from)
                    waiting.append(index)
        separate = kind[0]
        raise SeatsTooFew(
            zh=f"有考生没有可安排的座位，请增加{'单独考场' if separate else '考场'}或调整监考员。",
            en=f"a candidate finds no seat; please add a room{' apart' if separate else ''} or change proctors.",
        )

    def _hand_on(self, index: int, came_from: dict[int, tuple[int, _Kind] | None]) -> int:
        while (step := came_from[index]) is not None:
            full, other = step
            self.rooms[index].setdefault(other, []).append(self.rooms[full][other].pop())
            self._left[index] -= 1
            self._left[full] += 1
            index = full
        return index
