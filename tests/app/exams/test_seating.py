"""Seats: everyone one, own units apart, proctors never before their own; the same from the same seed."""

from collections import Counter
from itertools import pairwise

import pytest

from app.exams.rules import SeatsTooFew
from app.exams.seating import Hall, Sitter, seat
from tests.support.bank import SEED


def sitters(*units):
    return [Sitter(number, unit) for number, unit in enumerate(units, start=1)]


def halls(*capacities, barred=None):
    return [Hall(n, capacity, frozenset((barred or {}).get(n, ()))) for n, capacity in enumerate(capacities, start=1)]


def rows(people, rooms, seed=SEED):
    unit = {s.registration_id: s.unit_id for s in people}
    found = {}
    for place in seat(people, rooms, seed=seed, label="exam-1"):
        found.setdefault(place.room_id, {})[place.number] = unit[place.registration_id]
    return {room: [units[n] for n in sorted(units)] for room, units in found.items()}


def test_everyone_gets_one_seat_within_the_rooms():
    people = sitters(*[n % 7 for n in range(50)])
    seats = seat(people, halls(30, 20), seed=SEED, label="exam-1")
    assert {s.registration_id for s in seats} == {p.registration_id for p in people}
    assert len({(s.room_id, s.number) for s in seats}) == 50
    assert all(1 <= s.number <= {1: 30, 2: 20}[s.room_id] for s in seats)


def test_neighbours_are_of_different_units_wherever_that_can_be():
    for units in ([1] * 10 + [2] * 10, [1] * 10 + [2] * 6 + [3] * 5, [n % 9 for n in range(40)]):
        for row in rows(sitters(*units), halls(25, 25)).values():
            assert all(one != other for one, other in pairwise(row)), row


def test_a_unit_alone_still_sits():
    assert rows(sitters(1, 1, 1), halls(3)) == {1: [1, 1, 1]}


def test_units_are_spread_over_the_rooms():
    spread = rows(sitters(*[1] * 10, *[2] * 10), halls(15, 15))
    assert [Counter(row)[1] for row in spread.values()] == [5, 5]


def test_nobody_sits_before_a_proctor_of_the_own_unit():
    placed = rows(sitters(*[1] * 5, *[2] * 5), halls(5, 5, barred={1: [1]}))
    assert set(placed[1]) == {2}


def test_who_has_the_least_choice_chooses_first():
    placed = rows(sitters(*[2] * 4, *[1] * 4), halls(4, 4, barred={1: [1]}))
    assert placed == {1: [2] * 4, 2: [1] * 4}


def test_too_few_seats_are_said_so():
    with pytest.raises(SeatsTooFew):
        seat(sitters(1, 1), halls(1), seed=SEED, label="exam-1")
    with pytest.raises(SeatsTooFew):
        seat(sitters(1), halls(5, barred={1: [1]}), seed=SEED, label="exam-1")


def test_the_seed_alone_decides():
    people, rooms = sitters(*[n % 5 for n in range(20)]), halls(20)
    assert seat(people, rooms, seed=SEED, label="a") == seat(people[::-1], rooms, seed=SEED, label="a")
    assert seat(people, rooms, seed=SEED, label="a") != seat(people, rooms, seed=bytes(32), label="a")
