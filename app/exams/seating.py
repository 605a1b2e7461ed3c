"""座位: who sits where. Pure: everything follows from the draw's own seed, so that anybody can recompute it.

Version "zw1". Candidates who were granted a room apart sit in such rooms and nobody else does; no candidate sits in a
room run by a proctor of the own unit; units are spread over the rooms (`sharing`); within a room, who needs the door
sits by it, and neighbours are of different units wherever that can be (`spacing`). Any change of what follows from a
seed is another version: draws are recomputed for as long as their records are kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from app.exams.sharing import Hall, Sitter, share_out
from app.exams.spacing import neighbours_of, space_out
from question_bank.assembly import SeedStream

SEATING_VERSION = "zw1"


@dataclass(frozen=True)
class Seat:
    """A place: the room, and the number in it, from 1."""

    registration_id: int
    room_id: int
    number: int


@dataclass(frozen=True)
class Clash:
    """Two neighbours of one unit: the room, the lower number and the higher, the unit."""

    room_id: int
    one: int
    other: int
    unit_id: int


def seat(sitters: Sequence[Sitter], halls: Sequence[Hall], *, seed: bytes, label: str) -> tuple[Seat, ...]:
    """A seat for everyone, room by room. Raises SeatsTooFew where somebody finds none."""
    order = sorted(sitters, key=lambda s: s.registration_id)
    SeedStream(seed, f"{label}/seats").shuffle(order)
    seats = []
    for hall, group in zip(halls, share_out(order, halls), strict=True):
        numbers = _numbers(group, hall, SeedStream(seed, f"{label}/room-{hall.room_id}"))
        placed = sorted(zip(numbers, group, strict=True), key=lambda pair: pair[0])
        seats += [Seat(sitter.registration_id, hall.room_id, number) for number, sitter in placed]
    return tuple(seats)


def _numbers(group: list[Sitter], hall: Hall, stream: SeedStream) -> list[int]:
    if hall.remote:
        return [*range(1, len(group) + 1)]
    group.sort(key=lambda sitter: not sitter.near_door)
    first = sum(sitter.near_door for sitter in group)
    units = [sitter.unit_id for sitter in group]
    return space_out(units, first=first, columns=hall.columns, capacity=hall.capacity, stream=stream)


def clash_count(hall: Hall, units: Mapping[int, int], number: int, unit_id: int) -> int:
    """How many neighbours of the own unit somebody would have on that seat; `units` are those of the taken seats."""
    if hall.remote:
        return 0
    beside = neighbours_of(number, columns=hall.columns, capacity=hall.capacity)
    return sum(units.get(other) == unit_id for other in beside)


def clashes_of(seats: Sequence[Seat], sitters: Sequence[Sitter], halls: Sequence[Hall]) -> tuple[Clash, ...]:
    """Every pair of neighbours of one unit, by room and number."""
    unit_of = {sitter.registration_id: sitter.unit_id for sitter in sitters}
    hall_of = {hall.room_id: hall for hall in halls}
    found = []
    for room_id, group in groupby(sorted(seats, key=lambda s: (s.room_id, s.number)), key=lambda s: s.room_id):
        hall = hall_of[room_id]
        units = {place.number: unit_of[place.registration_id] for place in group}
        if hall.remote:
            continue
        for number, unit_id in units.items():
            beside = neighbours_of(number, columns=hall.columns, capacity=hall.capacity)
            found += [
                Clash(room_id, number, n, unit_id) for n in sorted(beside) if n > number and units.get(n) == unit_id
            ]
    return tuple(found)


def faults_of(seats: Sequence[Seat], sitters: Sequence[Sitter], halls: Sequence[Hall]) -> tuple[str, ...]:
    """What must never be, as short words with the ids it concerns: somebody without a seat or with two, a seat given
    twice or beyond the room, a candidate in a room that does not take them. Empty for every draw of `seat`."""
    sitter_of = {sitter.registration_id: sitter for sitter in sitters}
    hall_of = {hall.room_id: hall for hall in halls}
    found, people, places = [], set[int](), set[tuple[int, int]]()
    for place in seats:
        sitter, hall = sitter_of.get(place.registration_id), hall_of.get(place.room_id)
        if sitter is None or hall is None:
            found.append(f"unknown {place.registration_id} {place.room_id}")
            continue
        if place.registration_id in people or (place.room_id, place.number) in places:
            found.append(f"twice {place.registration_id} {place.room_id} {place.number}")
        if not 1 <= place.number <= hall.capacity:
            found.append(f"beyond {place.room_id} {place.number}")
        if not hall.takes(sitter):
            found.append(f"barred {place.registration_id} {place.room_id}")
        people.add(place.registration_id)
        places.add((place.room_id, place.number))
    return tuple(found + [f"unseated {missing}" for missing in sorted(sitter_of.keys() - people)])
