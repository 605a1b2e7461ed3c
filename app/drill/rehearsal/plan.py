"""What a rehearsal is told: the shape of the exam and how long each part takes. Crosses to its process as JSON."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SECONDS_BETWEEN_SAVES = 15
"""How often a candidate saves, as the whole exam day is reckoned with."""

Said = Callable[[int, str, str], None]
"""Hears how far a rehearsal is: of a hundred, and what is being done in both languages."""


@dataclass(frozen=True)
class RoomShape:
    """One room as the exam has it; without its name."""

    capacity: int
    remote: bool
    columns: int = 6


@dataclass(frozen=True)
class Plan:
    """`arrival` seconds in which everybody comes, `storm` in which all start, `seconds` from the start to the bell; a
    save `every` so many seconds. Then up to `most_steps` steps of rising load with `savers` candidates, `step` seconds
    each, the first at `first_rate` saves a second. `instances` processes serve."""

    blueprint: Any
    """As `question_bank.blueprint_json` writes it."""
    candidates: int
    rooms: tuple[RoomShape, ...]
    reserve_forms: int
    reserve_set: bool
    arrival: float
    storm: float
    seconds: float
    every: float
    left: int
    """One candidate in so many leaves it to the bell; 0: nobody does."""
    savers: int
    step: float
    most_steps: int
    first_rate: int
    instances: int


def seated(rooms: tuple[RoomShape, ...], candidates: int) -> tuple[RoomShape, ...]:
    """The rooms with seats for that many candidates: as they are where they suffice, else each larger by the same
    share; one remote room where there is none."""
    room = sum(shape.capacity for shape in rooms)
    if not room:
        return (RoomShape(candidates, remote=True),)
    if room >= candidates:
        return rooms
    return tuple(RoomShape(-(-s.capacity * candidates // room), s.remote, s.columns) for s in rooms)
