"""The rehearsal from its ground to its figures: the day itself, then load that rises until the service bends."""

import random
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.attempts import queries as attempts
from app.database import upgrade
from app.drill.history import broken_promises
from app.drill.load.open_loop import Diary, Punctual, keep_to_time, times_of
from app.drill.rehearsal import candidates as scenes
from app.drill.rehearsal.candidates import Candidate, Part, expected_total, make_candidates
from app.drill.rehearsal.gauges import Gauges, Probe
from app.drill.rehearsal.ground import Ground, hand_out_codes, lay_ground, open_rooms, set_times
from app.drill.rehearsal.plan import Plan, Said
from app.drill.rehearsal.serving import INSTANCE, Running, serving
from app.drill.rules import Measured, Step, bears
from app.grading import queries as grading
from app.main import make_house
from app.observability.instances import instances
from app.operation import House
from app.settings import Settings
from app.wiring import close_house, measure_clock

_LEAD_SECONDS = 0.3
"""Between setting the times and the first request, and from the start of the sitting to the first who starts: an
instance whose clock is a hair behind would say that it has not come yet."""
_ROOM_SECONDS = 0.05
"""What opening a room may take before the first request."""
_LOOK_SECONDS = 0.25
_CLOSING_PATIENCE_SECONDS = 90.0
_RISE = 2
"""Each step asks for so many times what the one before it did."""
_CODES_HOLD = timedelta(hours=4)
_ENTERING = ("正在登记模拟考生并封卷", "entering synthetic candidates and sealing the exam")


def rehearse(settings: Settings, plan: Plan, said: Said, *, module: str = INSTANCE) -> Measured:
    """Rehearse `plan` in the place that `settings` name, and nowhere else; `module` is what serves there.

    Raises NotServing, and whatever keeps an exam from being sealed.
    """
    said(0, "正在建立演练库", "making the drill's own database")
    upgrade(settings.database_url)
    house = make_house(settings)
    try:
        measure_clock(house)
        ground = lay_ground(house, plan, lambda done, of: said(5 + 20 * done // of, *_ENTERING))
        said(25, "正在启动演练实例", "starting the drill's instances")
        log = settings.data_folder / "instances.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with (
            serving(settings, instances=plan.instances, log=log, module=module) as running,
            Gauges(running.process_ids, Probe(house.database.url, settings.data_folder)) as gauges,
        ):
            return _Rehearsal(house, ground, plan, running, gauges, said).hold()
    finally:
        close_house(house)


@dataclass(frozen=True)
class _Rehearsal:
    house: House
    ground: Ground
    plan: Plan
    running: Running
    gauges: Gauges
    said: Said

    def hold(self) -> Measured:
        self.said(30, "演练考试进行中", "the rehearsed exam is running")
        began = time.monotonic()
        candidates = make_candidates(self.ground.candidates, self.ground)
        day, bell = self._live(candidates)
        strain = self.gauges.strain(began)
        self.said(65, "等待全部收卷", "waiting until every attempt is closed")
        closing, not_closed = self._await_closing(bell)
        self.said(70, "逐级加压", "raising the load step by step")
        savers = make_candidates(self.ground.savers, self.ground)
        entry = self._drive(scenes.enter_early(saver, 0.0) for saver in savers)
        steps = self._climb(savers)
        # As a power cut would: an instance that tells before it keeps is found out by what it had told last.
        self.running.kill()
        self.said(90, "核对每一次回执", "checking every acknowledgement")
        broken, wrongly_scored = self._check(candidates, savers)
        return Measured(
            candidates=len(candidates),
            saves=sum(len(one.history.told) for one in (*candidates, *savers)),
            broken=tuple(broken),
            wrongly_scored=wrongly_scored,
            errors=day.errors + entry.errors,
            first_error=day.first_error or entry.first_error,
            refused=day.retried,
            not_closed=not_closed,
            sign_in_p99_us=_p99(day, "sign_in"),
            start_p99_us=_p99(day, "start"),
            save_p99_us=_p99(day, "save"),
            hand_in_p99_us=_p99(day, "hand_in"),
            closing_us=closing,
            clock_offset_us=self._clock_offset(),
            fsync_p99_us=strain.fsync_p99_us,
            connections_left=strain.connections_left,
            played=dict(Counter(scene for one in candidates for scene in one.played)),
            steps=tuple(steps),
        )

    def _live(self, candidates: Sequence[Candidate]) -> tuple[Punctual, datetime]:
        """The day: what came of it, and when the bell was."""
        house, plan = self.house, self.plan
        everyone = [*self.ground.candidates, *self.ground.savers]
        hand_out_codes(house, everyone, each=2, until=house.clock.now() + _CODES_HOLD)
        begin = house.clock.now() + timedelta(seconds=_LEAD_SECONDS + _ROOM_SECONDS * len(plan.rooms))
        starts_at = begin + timedelta(seconds=plan.arrival)
        bell = starts_at + timedelta(seconds=plan.seconds)
        set_times(house, self.ground, starts_at=starts_at, ends_at=bell)
        open_rooms(house, self.ground)
        day = scenes.Day(
            start=plan.arrival + _LEAD_SECONDS,
            storm=plan.storm,
            every=plan.every,
            bell=plan.arrival + plan.seconds,
            away=plan.seconds / 5,
            closing=plan.seconds / 6,
        )
        diaries = [
            scenes.live_through(one, day, Part.of(number, left=plan.left), _chance(number))
            for number, one in enumerate(candidates)
        ]
        time.sleep(max(0.0, (begin - house.clock.now()).total_seconds()))
        return self._drive(diaries), bell

    def _drive(self, diaries: Iterable[Diary]) -> Punctual:
        return keep_to_time(list(diaries), *self.running.ports)

    def _await_closing(self, bell: datetime) -> tuple[int, int]:
        """Microseconds from the bell until nobody's attempt was open any more, and how many still were when patience
        ended."""
        until = time.monotonic() + _CLOSING_PATIENCE_SECONDS
        while True:
            with self.house.database.transaction(reading=True) as db:
                left = attempts.count_open_until(db, bell)
            if not left or time.monotonic() > until:
                since = (self.house.clock.now() - bell).total_seconds()
                return max(0, round(since * 1_000_000)), left
            time.sleep(_LOOK_SECONDS)

    def _climb(self, savers: Sequence[Candidate]) -> list[Step]:
        """Steps of rising load, until one is not borne or all have been."""
        steps: list[Step] = []
        rate, seconds = self.plan.first_rate, self.plan.step
        while len(steps) < self.plan.most_steps and (not steps or bears(steps[-1])):
            self.said(70 + 20 * len(steps) // self.plan.most_steps, f"每秒 {rate} 次保存", f"{rate} saves a second")
            times = [times_of(number, rate, len(savers), seconds) for number in range(len(savers))]
            began = time.monotonic()
            run = self._drive(
                scenes.save_at(one, own, _chance(number))
                for number, (one, own) in enumerate(zip(savers, times, strict=True))
            )
            strain = self.gauges.strain(began)
            steps.append(
                Step(
                    # What chance has asked for: of a short step at a low rate it is not quite the rate.
                    rate=round(sum(map(len, times)) / seconds),
                    answered=round(len(run.waits.get("save", ())) / max(run.seconds, seconds)),
                    save_p99_us=_p99(run, "save"),
                    refused=run.retried,
                    errors=run.errors,
                    process_permille=strain.process_permille,
                    machine_permille=strain.machine_permille,
                    fsync_p99_us=strain.fsync_p99_us,
                    connections_left=strain.connections_left,
                    generator_late_us=round(run.late * 1_000_000),
                )
            )
            rate *= _RISE
        return steps

    def _check(self, candidates: Sequence[Candidate], savers: Sequence[Candidate]) -> tuple[list[str], int]:
        """Promises that were broken, and how many were scored otherwise than the rule book scores what they were told
        was kept."""
        with self.house.database.transaction(reading=True) as db:
            broken = broken_promises(db, [one.history for one in candidates], ended=True)
            broken += broken_promises(db, [one.history for one in savers])
            totals = grading.totals_scored(db, [one.seat.registration_id for one in candidates])
        wrong = sum(totals.get(one.seat.registration_id) != expected_total(one, self.ground) for one in candidates)
        return broken, wrong

    def _clock_offset(self) -> int:
        with self.house.database.transaction(reading=True) as db:
            return max((abs(one.clock_offset_us) for one in instances(db)), default=0)


def _p99(run: Punctual, name: str) -> int:
    return round(run.percentile(name, 0.99) * 1000)


def _chance(number: int) -> random.Random:
    return random.Random(number)  # noqa: S311 - when people press keys is no secret
