"""Seats: everyone one, own units apart, proctors never before their own; the same from the same seed."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exams.rules import SeatsTooFew
from app.exams.seating import clashes_of, faults_of, seat
from app.exams.sharing import Hall, Sitter
from app.exams.spacing import Grid
from tests.support.bank import SEED


def sitters(*units):
    return [Sitter(number, unit) for number, unit in enumerate(units, start=1)]


def halls(*capacities, barred=None, columns=6):
    return [
        Hall(n, capacity, frozenset((barred or {}).get(n, ())), columns=columns)
        for n, capacity in enumerate(capacities, start=1)
    ]


def units_by_room(people, rooms):
    unit = {s.registration_id: s.unit_id for s in people}
    found = {}
    for place in seat(people, rooms, seed=SEED, label="exam-1"):
        found.setdefault(place.room_id, Counter())[unit[place.registration_id]] += 1
    return found


def fewest_clashes(units, columns, capacity):
    """By trying every way: what no draw can do better."""
    left, cells, best = Counter(units), [None] * capacity, [99]
    left[None] = capacity - len(units)

    def fill(at, found):
        if found >= best[0]:
            return
        if at == capacity:
            best[0] = found
            return
        for unit in [unit for unit, count in left.items() if count]:
            before = [cells[n] for n in Grid(columns, capacity).neighbours(at) if n < at]
            left[unit] -= 1
            cells[at] = unit
            fill(at + 1, found + (before.count(unit) if unit is not None else 0))
            left[unit] += 1

    fill(0, 0)
    return best[0]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=8), st.integers(1, 4), st.integers(0, 1))
def test_in_one_room_no_draw_could_part_units_better(units, columns, spare):
    people, rooms = sitters(*units), halls(len(units) + spare, columns=columns)
    clashes = clashes_of(seat(people, rooms, seed=SEED, label="e"), people, rooms)
    assert len(clashes) == fewest_clashes(units, columns, len(units) + spare)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 6), st.booleans(), st.booleans()), max_size=30),
    st.lists(st.tuples(st.integers(1, 12), st.sets(st.integers(1, 6), max_size=2), st.booleans()), max_size=5),
)
def test_every_draw_keeps_the_rules_or_is_refused_with_cause(people, rooms):
    who = [Sitter(n, unit, apart, door) for n, (unit, apart, door) in enumerate(people)]
    where = [Hall(n, size, frozenset(barred), 3, apart) for n, (size, barred, apart) in enumerate(rooms)]
    try:
        seats = seat(who, where, seed=SEED, label="e")
    except SeatsTooFew:
        # A unit alone, or all together, has too few seats that it may take: by Hall's theorem some set of kinds has.
        kinds = {(s.unit_id, s.separate) for s in who}
        groups = [{k for n, k in enumerate(sorted(kinds)) if mask >> n & 1} for mask in range(1, 2 ** len(kinds))]
        assert any(
            sum((s.unit_id, s.separate) in group for s in who)
            > sum(h.capacity for h in where if any(h.separate == a and u not in h.barred_units for u, a in group))
            for group in groups
        )
        return
    assert faults_of(seats, who, where) == ()
    assert seat(who[::-1], where, seed=SEED, label="e") == seats


def test_six_hundred_of_many_units_sit_apart_at_once():
    people = sitters(*[n % 90 for n in range(600)])
    rooms = halls(*[30] * 22)
    seats = seat(people, rooms, seed=SEED, label="exam-1")
    assert faults_of(seats, people, rooms) == ()
    assert clashes_of(seats, people, rooms) == ()
    assert seats != seat(people, rooms, seed=bytes(32), label="exam-1")


def test_a_unit_that_is_more_than_half_has_the_fewest_conflicts_and_each_is_named():
    people, rooms = sitters(*[1] * 8, 2, 3), halls(10, columns=5)
    clashes = clashes_of(seat(people, rooms, seed=SEED, label="e"), people, rooms)
    assert len(clashes) == fewest_clashes([1] * 8 + [2, 3], 5, 10) == 7
    assert {clash.unit_id for clash in clashes} == {1}
    assert all(other - one in {1, 5} for _, one, other, _ in ((c.room_id, c.one, c.other, 0) for c in clashes))


def test_units_are_spread_over_the_rooms_and_a_seat_is_left_where_that_parts_them():
    spread = units_by_room(sitters(*[1] * 10, *[2] * 10), halls(15, 15))
    assert [room[1] for room in spread.values()] == [5, 5]
    people, rooms = sitters(1, 1, 1), halls(5, columns=5)
    assert [s.number for s in seat(people, rooms, seed=SEED, label="e")] == [1, 3, 5]


def test_special_needs_come_first():
    people = [*sitters(*[n % 4 for n in range(16)]), Sitter(17, 1, near_door=True), Sitter(18, 2, separate=True)]
    rooms = [*halls(18), Hall(9, 3, frozenset(), columns=3, separate=True)]
    placed = {s.registration_id: (s.room_id, s.number) for s in seat(people, rooms, seed=SEED, label="e")}
    assert placed[17] == (1, 1)
    assert placed[18] == (9, 1)
    with pytest.raises(SeatsTooFew, match=r"^room\.seats_too_few"):
        seat(people, rooms[:1], seed=SEED, label="e")


def test_nobody_sits_before_a_proctor_of_the_own_unit_and_a_full_room_makes_way():
    placed = units_by_room(sitters(*[1] * 5, *[2] * 5), halls(5, 5, barred={1: [1]}))
    assert placed == {1: {2: 5}, 2: {1: 5}}
    # Units 1 and 2 fill each other's only rooms unless somebody is handed on.
    tight = units_by_room(sitters(1, 1, 2, 2, 3, 3), halls(2, 2, 2, barred={1: [1], 2: [2], 3: [3]}))
    assert sum(sum(room.values()) for room in tight.values()) == 6
    for capacities, barred in (((1,), {}), ((5,), {1: [1]})):
        with pytest.raises(SeatsTooFew):
            seat(sitters(1, 1), halls(*capacities, barred=barred), seed=SEED, label="exam-1")


def test_the_checker_sees_what_must_never_be():
    people, rooms = sitters(1, 2, 3), halls(3, barred={1: [3]})
    (one, two) = seat(people[:2], rooms, seed=SEED, label="e")
    twice = type(one)(two.registration_id, 1, one.number)
    assert faults_of([one, twice], people[:2], rooms) == (f"twice {two.registration_id} 1 {one.number}",)
    assert faults_of([one], people[:2], rooms) == (f"unseated {two.registration_id}",)
    assert faults_of([type(one)(3, 1, 4)], people[2:], rooms) == ("beyond 1 4", "barred 3 1")
    assert faults_of([type(one)(8, 1, 1)], (), rooms) == ("unknown 8 1",)
