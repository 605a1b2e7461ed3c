"""The demo's stage: a clock that only moves forward, and everyone who acts, each with the roles they were given.

Nothing of the demo writes a row itself: whoever acts does so through the services, under their own account, so that
the rules of the house hold here as everywhere.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from app.accounts.queries import grants_of
from app.audit.sealing import seal
from app.clock import ManualClock
from app.operation import House, Operation, acting_as
from app.people.calendar import LOCAL, WorkCalendar
from app.people.queries import work_calendar
from app.security.actor import Actor, ActorKind
from app.security.permissions import Role

DEMO = "demo"


@dataclass(frozen=True)
class Player:
    """Someone with an account: staff, or a candidate."""

    login: str
    account_id: int
    person_id: int
    name: str
    unit_id: int


@dataclass
class Stage:
    """The house, its clock, and who is on the stage. `told` hears what is being done, for a person who waits."""

    house: House
    clock: ManualClock
    draw: random.Random
    told: Callable[[str], None]
    staff: dict[Role, list[Player]] = field(default_factory=dict)
    workers: list[Player] = field(default_factory=list)
    """In the order of the register; each with a candidate's account."""
    numbers: dict[int, str] = field(default_factory=dict)
    """ID numbers by person, as a unit liaison has them on file; only for the lists that they hand in."""
    posts: dict[int, str] = field(default_factory=dict)
    root_unit_id: int = 0

    def player(self, role: Role, n: int = 0) -> Player:
        """The n-th person who holds a role."""
        return self.staff[role][n]

    @contextmanager
    def by(self, role: Role, n: int = 0) -> Iterator[Operation]:
        """One transaction in the name of the n-th person with that role, signed with a fresh second factor."""
        with self.acting(self.player(role, n), factor=True) as op:
            yield op

    @contextmanager
    def acting(self, player: Player, *, factor: bool = False) -> Iterator[Operation]:
        """One transaction in the name of `player`, with the roles that they hold now."""
        with acting_as(self.house, DEMO) as op:
            yield replace(op, actor=self.actor(op, player, factor=factor))

    def actor(self, op: Operation, player: Player, *, factor: bool = False, session_id: int | None = None) -> Actor:
        """The player as the one who acts."""
        return Actor(
            ActorKind.PERSON,
            account_id=player.account_id,
            person_id=player.person_id,
            name=player.name,
            session_id=session_id,
            factor_at=op.now if factor else None,
            grants=grants_of(op.db, player.account_id),
        )

    def wait_until(self, moment: datetime) -> None:
        """Seal what was done, then let time pass until `moment`; one that is past already changes nothing."""
        seal(self.house)
        if moment > self.clock.now():
            self.clock.set(moment)

    def calendar(self) -> WorkCalendar:
        """The working days as they stand."""
        with self.house.database.transaction(reading=True) as db:
            return work_calendar(db)

    def workday(self, days: int, *, hour: int = 9, minute: int = 0) -> None:
        """Let `days` pass, and on to the next working day at that local time."""
        calendar = self.calendar()
        day = self.today() + timedelta(days=days)
        while not calendar.is_workday(day):
            day += timedelta(days=1)
        self.wait_until(local(day, hour, minute))

    def today(self) -> date:
        """The local day on the stage."""
        return self.clock.now().astimezone(LOCAL).date()


def local(day: date, hour: int, minute: int = 0) -> datetime:
    """That local time as an aware UTC moment."""
    return datetime.combine(day, time(hour, minute), tzinfo=LOCAL).astimezone(UTC)


@contextmanager
def each_later(stage: Stage, *, seconds: int) -> Iterator[Callable[[Operation], Operation]]:
    """Acts of one transaction that follow each other: each call gives the same operation some seconds later, and at
    the end the clock stands where the last one stood."""
    now = stage.clock.now()

    def later(op: Operation) -> Operation:
        nonlocal now
        now += timedelta(seconds=seconds)
        return replace(op, now=now)

    yield later
    stage.clock.set(now)
