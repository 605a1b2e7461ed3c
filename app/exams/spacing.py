"""Who sits on which seat of one room: neighbours of different units wherever that can be. Pure, integers only.

Seats are numbered from 1, row by row from the lectern, `columns` to a row. Neighbours (邻座) of a seat are the seats
beside it in its row and those before and behind it. A conflict is a pair of neighbours of one unit.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from question_bank.assembly import SeedStream

_LOOKED_AT = 400
"""How many other seats a conflict is tried on in one pass: rooms of thousands stay fast, rooms of hundreds whole."""
_PASSES = 4


@dataclass(frozen=True)
class Grid:
    """The first `seats` seats of a room with `columns` seats to a row."""

    columns: int
    seats: int

    def neighbours(self, seat: int) -> Iterator[int]:
        """The seats (from 0) beside, before and behind one."""
        if seat % self.columns:
            yield seat - 1
        if (seat + 1) % self.columns and seat + 1 < self.seats:
            yield seat + 1
        if seat >= self.columns:
            yield seat - self.columns
        if seat + self.columns < self.seats:
            yield seat + self.columns


def neighbours_of(number: int, *, columns: int, capacity: int) -> list[int]:
    """The numbers (from 1) of the seats next to one."""
    return [seat + 1 for seat in Grid(columns, capacity).neighbours(number - 1)]


def space_out(units: Sequence[int], *, first: int, columns: int, capacity: int, stream: SeedStream) -> list[int]:
    """A seat number for each person, given by units; the first `first` of them sit nearest to seat 1, by the door.

    The seats in front are used, without gaps; where that leaves a conflict, gaps are left as far as the room has them.
    There are at most `capacity` people.
    """
    best: list[int | None] = []
    least = -1
    for seats in dict.fromkeys((len(units), capacity)):
        for made in _ways(units, first, Grid(columns, seats), stream):
            found = made.count()
            if least < 0 or found < least:
                best, least = made.cells, found
            if not least:
                break
        if not least:
            break
    numbers = [0] * len(units)
    for seat, person in enumerate(best):
        if person is not None:
            numbers[person] = seat + 1
    return numbers


def _ways(units: Sequence[int], first: int, grid: Grid, stream: SeedStream) -> Iterator["_Plan"]:
    """Plans of one room, the most random first, the one with the strictest pattern last."""
    plan = _Plan(units, first, grid)
    plan.fill(range(first, len(units)))
    plan.mend(stream)
    yield plan
    largest = max(Counter(units).items(), key=lambda entry: (entry[1], -entry[0]))[0] if units else 0
    for colour in (0, 1):
        plan = _Plan(units, first, grid)
        plan.chequer(largest, colour, stream)
        plan.mend(stream)
        yield plan


class _Plan:
    """A room while it is filled: who sits on each seat, None where nobody does."""

    def __init__(self, units: Sequence[int], first: int, grid: Grid) -> None:
        self.cells: list[int | None] = [None] * grid.seats
        self._units = units
        self._grid = grid
        self._next = [tuple(grid.neighbours(seat)) for seat in range(grid.seats)]
        self._free = [True] * grid.seats
        for person in range(first):
            empty = [seat for seat in range(min(grid.seats, 3 * first + 2)) if self.cells[seat] is None]
            seat = next((seat for seat in empty if not self._clashes(seat, units[person])), empty[0])
            self.cells[seat], self._free[seat] = person, False

    def fill(self, people: Sequence[int]) -> None:
        """Seat these people on the empty seats from the front: the first who fits, but one of the largest unit while it
        needs every second seat that is left."""
        waiting, left = list(people), Counter(self._units[person] for person in people)
        empty = [seat for seat, person in enumerate(self.cells) if person is None]
        for done, seat in enumerate(empty):
            if not waiting:
                break
            taken = {self._unit(other) for other in self._next[seat]}
            largest, members = max(left.items(), key=lambda entry: (entry[1], -entry[0]))
            pressing = 2 * members >= len(empty) - done and largest not in taken
            index = next(
                (
                    i
                    for i, person in enumerate(waiting)
                    if (self._units[person] == largest if pressing else self._units[person] not in taken)
                ),
                None,
            )
            if index is None:
                if len(empty) - done > len(waiting):
                    continue
                index = 0
            person = waiting.pop(index)
            left[self._units[person]] -= 1
            self.cells[seat] = person

    def chequer(self, largest: int, colour: int, stream: SeedStream) -> None:
        """Seat the largest unit on the seats of one colour of a chequered board, everybody else on the others; where it
        is more than half, the others sit where they part the most."""
        seated = {person for person in self.cells if person is not None}
        people = [person for person in range(len(self._units)) if person not in seated]
        many = [person for person in people if self._units[person] == largest]
        others = [person for person in people if self._units[person] != largest]
        empty = [seat for seat, person in enumerate(self.cells) if person is None]
        stream.shuffle(empty)
        apart = [seat for seat in empty if self._colour(seat) != colour]
        own = [seat for seat in empty if self._colour(seat) == colour]
        parting = len(empty) - len(many)
        if parting <= len(apart):
            apart.sort(key=lambda seat: -len(self._next[seat]))
            kept = set(apart[:parting])
            home = [seat for seat in empty if seat not in kept]
        else:
            own.sort(key=lambda seat: self._clashes(seat, largest))
            home = own[: len(many)]
        for seat, person in zip(home, many, strict=True):
            self.cells[seat] = person
        self.fill(others)

    def mend(self, stream: SeedStream) -> None:
        """Exchange seats as long as that leaves fewer conflicts."""
        size = len(self.cells)
        for _ in range(_PASSES):
            wrong = [seat for seat in range(size) if self._free[seat] and self._wrong(seat)]
            if not wrong:
                return
            gained = False
            for seat in wrong:
                if not self._wrong(seat):
                    continue
                start = stream.below(size)
                for step in range(min(size, _LOOKED_AT)):
                    other = (start + step) % size
                    if other != seat and self._free[other] and self._exchange(seat, other):
                        gained = True
                        break
            if not gained:
                return

    def count(self) -> int:
        """How many conflicts there are."""
        return sum(self._wrong(seat) for seat in range(len(self.cells))) // 2

    def _exchange(self, one: int, other: int) -> bool:
        """Exchange two seats if that leaves fewer conflicts."""
        cells = self.cells
        before = self._wrong(one) + self._wrong(other)
        cells[one], cells[other] = cells[other], cells[one]
        if self._wrong(one) + self._wrong(other) < before:
            return True
        cells[one], cells[other] = cells[other], cells[one]
        return False

    def _unit(self, seat: int) -> int | None:
        person = self.cells[seat]
        return None if person is None else self._units[person]

    def _wrong(self, seat: int) -> int:
        unit = self._unit(seat)
        return 0 if unit is None else self._clashes(seat, unit)

    def _clashes(self, seat: int, unit: int) -> int:
        return sum(self._unit(other) == unit for other in self._next[seat])

    def _colour(self, seat: int) -> int:
        return (seat // self._grid.columns + seat % self._grid.columns) % 2
