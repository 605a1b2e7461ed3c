"""One place under measurement: the product serving, its candidates and how far they are, the yardsticks beside it."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from benchmarks import legs
from benchmarks.candidates import Candidate, Day
from benchmarks.generator import Tally
from benchmarks.ground import environment, make_hall
from benchmarks.places import Place
from benchmarks.processes import Running, running

T = TypeVar("T")

WAY = ("ticket_sign_in", "make_promise", "start", "save_page", "hand_in")
"""The steps of a candidate in their order; whoever stands at step n has taken all before it."""


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    pairs: int
    seconds: float
    """Of each leg that has no end of its own."""
    chunk: int
    """Candidates in a leg that they can take once."""
    savers: int
    connections: int
    items: int
    """In the bank that is listed."""
    imported: int
    """In the large workbook."""
    forms: int
    banks: tuple[int, int]
    """Items in the two banks that parallel forms are drawn from."""
    rate: float
    """Saves a second of the open loop."""
    minutes: float
    """How long the soak lasts."""
    stored: int
    """Old attempts, and old responses, that a save and a start are measured beside."""
    day: Day

    @property
    def hall(self) -> int:
        """Candidates that a whole run needs."""
        return (self.pairs + 1) * self.chunk + self.savers


FULL = Scale(
    pairs=5, seconds=3.0, chunk=200, savers=500, connections=64, items=100_000, imported=100_000,
    forms=400, banks=(100_000, 1_000_000),
    rate=2000, minutes=10, stored=1_000_000,
    day=Day(candidates=10_000, entry=60, every=15, bell=300, away=60, closing=60),
)  # fmt: skip
QUICK = Scale(
    pairs=2, seconds=0.6, chunk=40, savers=64, connections=16, items=500, imported=2_500,
    forms=40, banks=(20_000, 40_000),
    rate=200, minutes=0.05, stored=20_000,
    day=Day(candidates=60, entry=1.0, every=0.5, bell=4.0, away=1.0, closing=1.0),
)  # fmt: skip


@dataclass
class Stage:
    """`close` it by the exit stack that it was opened on."""

    place: Place
    other: Place
    """The PostgreSQL place: where the yardsticks stand that know nothing else."""
    scale: Scale
    generator: ProcessPoolExecutor
    held: ExitStack
    bank: tuple[int, str, int] | None = None
    """A bank with items, the session of one of its authors, and after which item the last page of its list stands."""
    offset: int = 0
    """Users of the yardsticks' storms that have been spent."""
    _waiting: dict[str, list[Candidate]] = field(default_factory=dict)
    _yards: dict[tuple[str, ...], Running] = field(default_factory=dict)
    _prepared: set[str] = field(default_factory=set)

    @cached_property
    def product(self) -> Running:
        """The product, serving."""
        log = self.place.folder / f"product-{self.place.kind}.log"
        return self.held.enter_context(running("benchmarks.product", log=log, environment=environment(self.place)))

    def yard(self, module: str, *arguments: str) -> Running:
        """A yardstick, serving; started when first asked for."""
        key = (module, *arguments)
        if key not in self._yards:
            log = self.place.folder / f"{module}-{arguments[0]}.log"
            self._yards[key] = self.held.enter_context(running(f"benchmarks.yardsticks.{module}", *arguments, log=log))
        return self._yards[key]

    def once(self, name: str, prepare: Callable[[], None]) -> None:
        """Prepare what several measurements need, when the first of them needs it."""
        if name not in self._prepared:
            prepare()
            self._prepared.add(name)

    def drive(self, leg: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Run a leg in the generator's process."""
        return self.generator.submit(leg, *arguments, **named).result()

    def step(self, hall: list[Candidate], name: str) -> Tally:
        """Let these candidates take one step; they then stand before the next one."""
        tally, hall = self.drive(legs.each_once, self.product.port, hall, name, self.scale.connections)
        following = WAY.index(name) + 1
        if following < len(WAY):
            self._waiting.setdefault(WAY[following], []).extend(hall)
        return tally

    def take(self, before: str, count: int) -> list[Candidate]:
        """Candidates who stand before this step; who is not yet so far is brought there, unmeasured."""
        waiting = self._waiting.setdefault(before, [])
        missing = count - len(waiting)
        if missing > 0 and before == WAY[0]:
            waiting.extend(make_hall(self.place, candidates=max(missing, self.scale.hall)))
        elif missing > 0:
            previous = WAY[WAY.index(before) - 1]
            tally = self.step(self.take(previous, missing), previous)
            if tally.errors:
                raise RuntimeError(f"{previous}: {tally.errors} errors, first: {tally.first_error}")
        taken, self._waiting[before] = waiting[:count], waiting[count:]
        return taken

    def give_back(self, before: str, hall: list[Candidate]) -> None:
        """Candidates who stand where they stood."""
        self._waiting.setdefault(before, []).extend(hall)
