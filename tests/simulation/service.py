"""The service in simulation: instances that gather acts, judge them in batches on one database, and die at any point.

What decides is the product's own: `Judge`, `Lane`, the use cases. Threads, sockets and the clock are replaced.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.attempts.acts import Act
from app.attempts.judging import Judge
from app.attempts.lanes import Lane, open_lane
from app.attempts.receipts import ReceiptBook
from app.grading.marking import Marker
from app.operation import House
from tests.simulation.schedule import Schedule

Answer = Callable[[Any], None]


@dataclass
class Faults:
    """How often things go wrong, as shares of one. `answers_first` is a broken build: it answers before it commits."""

    lost: float = 0.1
    repeated: float = 0.1
    late: float = 0.1
    replayed: float = 0.05
    crash_before_commit: float = 0.04
    crash_after_commit: float = 0.04
    on_paper: float = 0.2
    answers_first: bool = False


@dataclass
class Instance:
    """One process of the service: what it has taken but not judged dies with it."""

    house: House
    schedule: Schedule
    faults: Faults
    taken: list[tuple[Act, Answer]] = field(default_factory=list)
    crashes: int = 0

    def __post_init__(self) -> None:
        secret = self.house.settings.secret_key.get_secret_value()
        self._judge = Judge(ReceiptBook(secret), self.house.settings, Marker(self.house))
        self._lane: Lane | None = None

    def take(self, act: Act, answer: Answer) -> None:
        """An act has arrived whole; the batch that it travels in is written a moment later."""
        if not self.taken:
            self.schedule.after(self.schedule.chance.uniform(0.001, 0.05), self._write)
        self.taken.append((act, answer))

    def _write(self) -> None:
        batch, self.taken = self.taken, []
        if not batch:
            return
        chance, faults = self.schedule.chance, self.faults
        lane = self._lane = self._lane or open_lane(self.house.database.url)
        lane.begin()
        outcomes = self._judge.judge(lane, [act for act, _ in batch])
        if faults.answers_first:
            _tell(batch, outcomes)
        if chance.random() < faults.crash_before_commit:
            self.die()
            return
        lane.commit()
        if chance.random() < faults.crash_after_commit:
            self.die()
            return
        if not faults.answers_first:
            _tell(batch, outcomes)

    def die(self) -> None:
        """`kill -9`: what was not committed is gone, whoever waits hears nothing, and a new process takes over."""
        self.crashes += 1
        self.taken = []
        self.close()
        self.__post_init__()

    def close(self) -> None:
        """Hang up."""
        if self._lane:
            self._lane.close()
            self._lane = None


def _tell(batch: list[tuple[Act, Answer]], outcomes: list[Any]) -> None:
    for (_, answer), outcome in zip(batch, outcomes, strict=True):
        answer(outcome)


class Network:
    """What lies between the candidates and the instances: it loses, repeats, delays, reorders and replays."""

    def __init__(self, schedule: Schedule, instances: list[Instance], faults: Faults) -> None:
        self.schedule = schedule
        self.instances = instances
        self.faults = faults

    def send(self, made: Callable[[], Act], answer: Answer) -> None:
        """Send what `made` makes on arrival (the server's clock stamps it then) to some instance; `answer` hears the
        outcome, once, twice or never."""
        chance, faults = self.schedule.chance, self.faults
        if chance.random() >= faults.lost:
            self.schedule.after(self._way(), lambda: self._arrive(made, answer))
        if chance.random() < faults.repeated:
            self.schedule.after(self._way() + chance.uniform(0, 20), lambda: self._arrive(made, answer))
        if chance.random() < faults.replayed:
            self.schedule.after(chance.uniform(60, 2400), lambda: self._arrive(made, _unheard))

    def _arrive(self, made: Callable[[], Act], answer: Answer) -> None:
        def back(outcome: Any) -> None:
            if self.schedule.chance.random() >= self.faults.lost:
                self.schedule.after(self._way(), lambda: answer(outcome))

        self.schedule.chance.choice(self.instances).take(made(), back)

    def _way(self) -> float:
        chance = self.schedule.chance
        return chance.uniform(1, 30) if chance.random() < self.faults.late else chance.uniform(0.005, 0.2)


def _unheard(_outcome: Any) -> None:
    """Nobody waits for the answer to a replayed request."""
