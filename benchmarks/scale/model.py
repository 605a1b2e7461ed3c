"""An exam day as demand on a few parts, second by second. Pure: costs, machines and crowd in, waits out.

Each part serves so much work a second; what it cannot serve waits in front of it (a fluid queue: exact for crowds,
blind to single requests). Requests visit the instance, then, where they write, the journal of that instance, then the
database. The wait of a request is the sum of theirs.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

SAVES_AT_ONCE = 500
"""The journal's largest batch (`app.attempts.journal.MOST_IN_BATCH`)."""
STEADY_SHARE = 0.7
"""A part that is busier than this for long has no room for what nobody foresaw."""
DOOR_SECONDS, START_SECONDS, SAVE_SECONDS, BELL_SECONDS = 30.0, 5.0, 1.0, 60.0
"""How long a request may wait in each phase: a sign-in, the paper, a save, the closing at the end (P10)."""


class Request(StrEnum):
    """What candidates ask for."""

    SIGN_IN = "sign_in"
    PROMISE = "promise"
    FORM = "form"
    """The sealed form, fetched while waiting."""
    START = "start"
    """The key to it."""
    SAVE = "save"
    LOOK = "look"
    """At the time, every eight seconds or so."""
    HAND_IN = "hand_in"


class Phase(StrEnum):
    """Of the day."""

    DOOR = "door"
    START = "start"
    STEADY = "steady"
    BELL = "bell"


@dataclass(frozen=True)
class Cost:
    """Of one request: processor milliseconds of an instance and of the database, and kilobytes that are sent."""

    instance: float
    database: float
    sent_kb: float = 1.0


Costs = Mapping[Request, Cost]


@dataclass(frozen=True)
class Deployment:
    """The machines. An instance is one process: one core."""

    instances: int
    database_cores: float
    commit_ms: float = 2.0
    """From COMMIT to its acknowledgement: the disk of the primary and, with a synchronous standby, that of the standby
    and the way there and back."""
    databases: int = 1
    """Primaries that share the candidates (a distributed database, or one deployment a sitting)."""
    network_mb: float = 100.0
    """Megabytes a second that leave the instances together."""
    forms_elsewhere: bool = False
    """Whether sealed forms are served by object storage behind a CDN."""


@dataclass(frozen=True)
class Crowd:
    """Who comes, and how they sit."""

    candidates: int
    door_minutes: float = 30
    start_seconds: float = 2
    """Over how long the starts are spread: clocks differ, and so do hands."""
    minutes: float = 60
    save_every_seconds: float = 20
    look_every_seconds: float = 9
    bell_seconds: float = 5


@dataclass
class Part:
    """One part: work in front of it and how busy it was."""

    name: str
    capacity: float
    """Work a second, in the unit of its demand."""
    backlog: float = 0.0
    longest: dict[Phase, float] = field(default_factory=dict)
    """The longest wait of each phase, in seconds."""
    busiest: dict[Phase, float] = field(default_factory=dict)
    """The largest share of its capacity that was asked for in any second of each phase."""

    def serve(self, phase: Phase, demand: float, seconds: float) -> float:
        """Take the demand of some seconds; returns the wait of what comes last."""
        self.backlog = max(0.0, self.backlog + demand - self.capacity * seconds)
        share = demand / (self.capacity * seconds)
        # Within a step requests come at random: the mean wait of a queue of constant service times (M/D/1).
        jostle = min(share, 0.99) / (2 * (1 - min(share, 0.99))) / self.capacity
        wait = self.backlog / self.capacity + jostle
        self.longest[phase] = max(self.longest.get(phase, 0.0), wait)
        self.busiest[phase] = max(self.busiest.get(phase, 0.0), share)
        return wait


@dataclass(frozen=True)
class Day:
    """What came of it. `waits` are the longest of each phase, over all parts, in seconds."""

    parts: tuple[Part, ...]
    waits: dict[Phase, float]

    def gives_out(self) -> tuple[str, Phase] | None:
        """The part that is furthest beyond what it may be, and when; None where every part bears it."""
        limits = dict(zip(Phase, (DOOR_SECONDS, START_SECONDS, SAVE_SECONDS, BELL_SECONDS), strict=True))
        over = [
            (part.longest[phase] / limits[phase], part.name, phase)
            for part in self.parts
            for phase in part.longest
            if part.longest[phase] > limits[phase]
        ]
        over += [
            (part.busiest[phase] / STEADY_SHARE, part.name, phase)
            for part in self.parts
            for phase in (Phase.DOOR, Phase.STEADY)
            if part.busiest.get(phase, 0.0) > STEADY_SHARE
        ]
        if not over:
            return None
        _, name, phase = max(over)
        return name, phase


def demand(crowd: Crowd) -> Iterator[tuple[Phase, float, dict[Request, float]]]:
    """(phase, seconds, how many of each request) in the order of the day."""
    n = crowd.candidates
    door = crowd.door_minutes * 60
    yield from _spread(Phase.DOOR, door, {Request.SIGN_IN: n, Request.PROMISE: n, Request.FORM: n}, step=60)
    yield from _spread(Phase.START, crowd.start_seconds, {Request.START: n}, step=1)
    yield Phase.START, START_SECONDS, _sitting(crowd, START_SECONDS)
    for _ in range(round(crowd.minutes)):
        yield Phase.STEADY, 60.0, _sitting(crowd, 60.0)
    yield from _spread(Phase.BELL, crowd.bell_seconds, {Request.HAND_IN: n}, step=1)
    yield Phase.BELL, BELL_SECONDS, {}


def _spread(
    phase: Phase, seconds: float, requests: Mapping[Request, float], *, step: float
) -> Iterator[tuple[Phase, float, dict[Request, float]]]:
    steps = max(1, math.ceil(seconds / step))
    for _ in range(steps):
        yield phase, seconds / steps, {request: count / steps for request, count in requests.items()}


def _sitting(crowd: Crowd, seconds: float) -> dict[Request, float]:
    n = crowd.candidates
    return {Request.SAVE: n * seconds / crowd.save_every_seconds, Request.LOOK: n * seconds / crowd.look_every_seconds}


_ROOM = {Request.SAVE: 1, Request.SIGN_IN: 10, Request.START: 10, Request.HAND_IN: 10}
"""What goes through the journal, and the room that each takes in a batch (`app.attempts.journal._ROOM`); promises are
transactions of their own on pooled connections."""


def simulate(crowd: Crowd, deployment: Deployment, costs: Costs) -> Day:
    """The whole day."""
    database_ms = 1000 * deployment.database_cores * deployment.databases
    instances = Part("instances", 1000.0 * deployment.instances)
    journals = Part("journals", deployment.instances * SAVES_AT_ONCE / (deployment.commit_ms / 1000))
    database = Part("database", database_ms)
    network = Part("network", 1000.0 * deployment.network_mb)
    waits = dict.fromkeys(Phase, 0.0)
    for phase, seconds, asked in demand(crowd):
        wait = instances.serve(phase, sum(costs[r].instance * n for r, n in asked.items()), seconds)
        wait += journals.serve(phase, sum(_ROOM.get(r, 0) * n for r, n in asked.items()), seconds)
        wait += database.serve(phase, sum(costs[r].database * n for r, n in asked.items()), seconds)
        sent = sum(
            costs[r].sent_kb * n for r, n in asked.items() if not (deployment.forms_elsewhere and r is Request.FORM)
        )
        wait += network.serve(phase, sent, seconds)
        waits[phase] = max(waits[phase], wait + deployment.commit_ms * 1.5 / 1000)
    return Day((instances, journals, database, network), waits)


def bears(deployment: Deployment, costs: Costs, crowd: Crowd) -> tuple[int, tuple[str, Phase]]:
    """The largest crowd of this kind (to one part in a hundred) that the deployment bears, and what gives out with a
    larger one: the part, and when."""
    fewest, most = 1, 2
    while (given := _gives_out(crowd, most, deployment, costs)) is None:
        fewest, most = most, most * 2
    while most - fewest > max(1, fewest // 100):
        middle = (fewest + most) // 2
        found = _gives_out(crowd, middle, deployment, costs)
        if found is None:
            fewest = middle
        else:
            most, given = middle, found
    return fewest, given


def _gives_out(crowd: Crowd, candidates: int, deployment: Deployment, costs: Costs) -> tuple[str, Phase] | None:
    return simulate(replace(crowd, candidates=candidates), deployment, costs).gives_out()
