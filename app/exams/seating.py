"""座位: who sits where. Pure: the order follows from the exam's seed, so that it can be recomputed with the forms.

Units are spread over the rooms, no candidate sits in a room run by a proctor of the own unit, and within a room no two
of one unit sit side by side as long as there is another way.
"""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.exams.rules import SeatsTooFew
from question_bank.assembly import SeedStream


@dataclass(frozen=True)
class Sitter:
    """A candidate to be seated: the registration and the unit."""

    registration_id: int
    unit_id: int


@dataclass(frozen=True)
class Hall:
    """A room as seating sees it: `barred_units` are those of its proctors."""

    room_id: int
    capacity: int
    barred_units: frozenset[int]


@dataclass(frozen=True)
class Seat:
    """A place: the room, and the number in it, from 1."""

    registration_id: int
    room_id: int
    number: int


def seat(sitters: Sequence[Sitter], halls: Sequence[Hall], *, seed: bytes, label: str) -> tuple[Seat, ...]:
    """A seat for everyone, room by room. Raises SeatsTooFew where somebody finds none."""
    order = sorted(sitters, key=lambda s: s.registration_id)
    SeedStream(seed, f"{label}/seats").shuffle(order)
    seats = []
    for hall, group in zip(halls, _share_out(order, halls), strict=True):
        for number, sitter in enumerate(_apart(group), start=1):
            seats.append(Seat(sitter.registration_id, hall.room_id, number))
    return tuple(seats)


def _share_out(order: Sequence[Sitter], halls: Sequence[Hall]) -> list[list[Sitter]]:
    groups: list[list[Sitter]] = [[] for _ in halls]
    of_unit: list[Counter[int]] = [Counter() for _ in halls]
    units = Counter(sitter.unit_id for sitter in order)

    def wide(unit_id: int) -> int:
        """How many seats the unit may take at all: who has the least choice chooses first."""
        return sum(hall.capacity for hall in halls if unit_id not in hall.barred_units)

    place = {sitter.registration_id: index for index, sitter in enumerate(order)}
    queue = sorted(order, key=lambda s: (wide(s.unit_id), -units[s.unit_id], s.unit_id, place[s.registration_id]))
    for sitter in queue:
        free = [
            index
            for index, hall in enumerate(halls)
            if len(groups[index]) < hall.capacity and sitter.unit_id not in hall.barred_units
        ]
        if not free:
            raise SeatsTooFew(
                zh="有考生没有可安排的座位，请增加考场或调整监考员。",
                en="a candidate finds no seat; please add a room or change proctors.",
            )
        chosen = min(free, key=lambda i: (of_unit[i][sitter.unit_id], Fraction(len(groups[i]), halls[i].capacity), i))
        groups[chosen].append(sitter)
        of_unit[chosen][sitter.unit_id] += 1
    for group in groups:
        group.sort(key=lambda s: place[s.registration_id])
    return groups


def _apart(group: Sequence[Sitter]) -> list[Sitter]:
    """The same people in an order in which neighbours are of different units where that can be: always the largest
    unit that did not come last; between equals, whose next member came first."""
    waiting: dict[int, deque[Sitter]] = {}
    for sitter in group:
        waiting.setdefault(sitter.unit_id, deque()).append(sitter)
    rank = {sitter.registration_id: index for index, sitter in enumerate(group)}
    ordered: list[Sitter] = []
    while waiting:
        last = ordered[-1].unit_id if ordered else None
        choices = [unit for unit in waiting if unit != last] or list(waiting)
        unit = min(choices, key=lambda u: (-len(waiting[u]), rank[waiting[u][0].registration_id]))
        ordered.append(waiting[unit].popleft())
        if not waiting[unit]:
            del waiting[unit]
    return ordered
