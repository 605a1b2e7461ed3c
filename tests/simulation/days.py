"""One seed, one day: a room with two candidates and their computers, two instances, two sweepers and the staff, under
every fault.

Many days share a database: each has candidates of its own in one sealed exam.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select

from app.attempts import service
from app.attempts.misconduct.models import MisconductCase
from app.attempts.models import Attempt, JournalEntry, PaperSheet, RefusedSave, Response, RoomSwitch
from app.attempts.rules import Closing
from app.operation import House
from tests.simulation.devices import Device, minutes, moments
from tests.simulation.schedule import Schedule
from tests.simulation.service import Faults, Instance, Network
from tests.simulation.staff import PaperRoom, Proctor, Staff
from tests.support.sealed_exam import Candidate, SealedExam
from tests.support.sitters import broken_promises

CANDIDATES = 2
_WINDOW = 120
_DURATION = 60


@dataclass
class Day:
    """What a seed came to: the computers, and which candidate each belonged to."""

    seed: int
    candidates: Sequence[Candidate]
    devices: list[Device] = field(default_factory=list)
    crashes: int = 0

    @property
    def acknowledged(self) -> int:
        """How many saves somebody was told of."""
        return sum(len(told) for told in {id(device.told): device.told for device in self.devices}.values())


def play(
    house: House, exam: SealedExam, staff: Staff, candidates: Sequence[Candidate], *, seed: int, faults: Faults
) -> Day:
    """Let the day of `seed` happen to the candidates of one room; the clock is set back to the start of the exam."""
    clock: Any = house.clock
    clock.set(exam.starts_at)
    schedule = Schedule(clock, seed)
    instances = [Instance(house, schedule, faults) for _ in range(2)]
    network = Network(schedule, instances, faults)
    day = Day(seed, candidates)
    for candidate in candidates:
        _plan(day, exam.starts_at, Device(house, schedule, network, candidate, {}))
        _watch(schedule, exam.starts_at, Proctor(house, staff.proctor, candidate))
    chance = schedule.chance
    for sweep_at in moments(schedule, exam.starts_at, within=_WINDOW + 30, count=4):
        schedule.at(sweep_at, lambda: service.sweep(house, clock.now()))
    if chance.random() < faults.on_paper:
        room = PaperRoom(house, schedule, staff, candidates[0].room_id)
        schedule.at(exam.starts_at + minutes(chance.uniform(2, 45)), room.begin)
        schedule.at(exam.ends_at + minutes(chance.uniform(1, 50)), room.key)
    folder = service.Folder()
    schedule.at(exam.starts_at + minutes(chance.uniform(5, 60)), lambda: folder.fold_recent(house))
    schedule.run()
    clock.set(exam.ends_at + minutes(60))
    closed = [service.sweep(house, clock.now()) for _ in range(2)]
    assert closed[1] == 0
    for instance in instances:
        day.crashes += instance.crashes
        instance.close()
    return day


@dataclass
class Sitter:
    """A candidate at the computer that is theirs now."""

    device: Device
    day: Day

    def begin(self) -> None:
        """Start here."""
        self.device.begin()

    def change(self) -> None:
        """Respond to some item."""
        self.device.change()

    def leave(self) -> None:
        """Hand in."""
        self.device.leave()

    def swap(self) -> None:
        """Go on at another computer, where that is allowed; the old one does not know yet, and is still typed at."""
        old = self.device
        other = old.swap(Device(old.house, old.schedule, old.network, old.candidate, old.told))
        if other is not None:
            self.device = other
            self.day.devices.append(other)
            old.schedule.after(old.schedule.chance.uniform(1, 300), old.change)


def _plan(day: Day, start: datetime, device: Device) -> None:
    """When one candidate comes, writes, breaks down, goes on elsewhere, and leaves (or never does)."""
    schedule, sitter = device.schedule, Sitter(device, day)
    chance = schedule.chance
    day.devices.append(device)
    come = start + minutes(chance.uniform(0, 25))
    schedule.at(come, sitter.begin)
    for at in moments(schedule, come, within=_DURATION + 3, count=chance.randint(3, 12)):
        schedule.at(at, sitter.change)
    if chance.random() < 0.4:
        schedule.at(come + minutes(chance.uniform(1, 50)), sitter.swap)
    if chance.random() < 0.6:
        schedule.at(come + minutes(chance.uniform(30, _DURATION)), sitter.leave)


def _watch(schedule: Schedule, start: datetime, proctor: Proctor) -> None:
    """What the proctor does about one candidate."""
    chance = schedule.chance
    if chance.random() < 0.4:
        schedule.at(start + minutes(chance.uniform(20, 70)), partial(proctor.grant, chance.choice((1, 5, 20))))
    if chance.random() < 0.3:
        stopped = start + minutes(chance.uniform(5, 60))
        schedule.at(stopped, proctor.pause)
        schedule.at(stopped + minutes(chance.uniform(0.1, 25)), proctor.resume)
    if chance.random() < 0.15:
        schedule.at(start + minutes(chance.uniform(10, 80)), proctor.end)


def faults_found(house: House, exam: SealedExam, days: Iterable[Day]) -> list[str]:
    """What the days broke of what was promised, a sentence each, with the seed that shows it."""
    seeds = {device.attempt_id: day.seed for day in days for device in day.devices}
    broken = broken_promises(house, [device for day in days for device in day.devices])
    for attempt_id, story in stories(house, exam).items():
        broken += [f"attempt {attempt_id}: {wrong}" for wrong in story.wrongs()]
    seeds_by_text = {str(attempt_id): seed for attempt_id, seed in seeds.items()}
    return [f"{sentence} (seed {_seed_in(sentence, seeds_by_text)})" for sentence in broken]


def _seed_in(sentence: str, seeds: dict[str, int]) -> int | None:
    words = sentence.replace("(", " ").replace(",", " ").replace(":", " ").split()
    return next((seeds[word] for word in words if word in seeds), None)


@dataclass
class Story:
    """All that is stored of one attempt, its moments in seconds from the start of the exam."""

    closing: Closing | None
    closed_at: float
    deadline: float
    grace: float
    ended: float
    """When people ended it, infinite where nobody did. It is closed as of an earlier moment where its clock stood still
    or had run out, and what arrived between the two is kept."""
    moved: float
    """When its room went over to paper, infinite where it did not or the attempt was closed by then."""
    journal: list[tuple[int, int, str, int, float]]
    counted: dict[int, tuple[int, str]]
    refused: list[tuple[int, int, str]]

    def wrongs(self) -> list[str]:
        """What contradicts the rules of saving and closing, whatever anybody was told."""
        newest: dict[int, tuple[int, str]] = {}
        for position, revision, response, _, _ in sorted(self.journal):
            newest[position] = (revision, response)
        epochs = [epoch for *_, epoch, _ in sorted(self.journal, key=lambda row: row[4])]
        on_paper = self.closing in {Closing.ON_PAPER, Closing.ABSENT}
        sent = [at for *_, at in self.journal if not (on_paper and at == self.closed_at)]  # the rest was keyed
        closed_late = self.closing is Closing.AT_DEADLINE and self.closed_at != self.deadline
        return [
            sentence
            for sentence, wrong in {
                "is still open": self.closing is None,
                "was closed after its deadline": self.closed_at > self.deadline and not on_paper,
                "was closed by the sweeper as of another moment than its deadline": closed_late,
                "keeps what came after it was ended": any(at > self.ended for at in sent),
                "went over to paper and was closed otherwise": on_paper == math.isinf(self.moved),
                "keeps what a computer sent after it went over to paper": any(at > self.moved for at in sent),
                "counts responses of somebody who was absent": self.closing is Closing.ABSENT and bool(self.counted),
                "counts other responses than the newest": self.counted != newest,
                "keeps what came after deadline and grace": any(at > self.deadline + self.grace for at in sent),
                "keeps what an older computer sent after the newer one": epochs != sorted(epochs),
            }.items()
            if wrong
        ]


def stories(house: House, exam: SealedExam) -> dict[int, Story]:
    """The stories of all attempts, by id."""

    def seconds(moment: datetime | None) -> float:
        return (moment - exam.starts_at).total_seconds() if moment else -1

    told: dict[int, Story] = {}
    with house.database.transaction(reading=True) as db:
        cases = {case.registration_id: case for case in db.scalars(select(MisconductCase).where(MisconductCase.ended))}
        moves = select(PaperSheet.attempt_id, RoomSwitch.settled_at)
        moved = {row[0]: row[1] for row in db.execute(moves.join(RoomSwitch, RoomSwitch.id == PaperSheet.switch_id))}
        for row in db.scalars(select(Attempt)):
            case = cases.get(row.registration_id)
            ends = seconds(row.closed_at), seconds(row.deadline_at), float(house.settings.grace_seconds)
            ended = seconds(case.reported_at) if case else math.inf
            left = seconds(moved[row.id]) if row.id in moved else math.inf
            told[row.id] = Story(row.closing, *ends, ended, left, [], {}, [])
        for entry in db.scalars(select(JournalEntry).order_by(JournalEntry.id)):
            at = seconds(entry.arrived_at)
            told[entry.attempt_id].journal.append((entry.position, entry.revision, entry.response, entry.epoch, at))
        for counted in db.scalars(select(Response)):
            told[counted.attempt_id].counted[counted.position] = (counted.revision, counted.response)
        for refused in db.scalars(select(RefusedSave).order_by(RefusedSave.id)):
            told[refused.attempt_id].refused.append((refused.position, refused.revision, str(refused.why)))
    return told
