"""The open loop: saves at a fixed rate, and a whole exam day, whatever the server makes of it."""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from app.drill.history import History, broken_promises
from app.drill.load.open_loop import Punctual
from benchmarks import legs
from benchmarks.candidates import Candidate
from benchmarks.ground import open_house
from benchmarks.measures.yards import R, save_yards
from benchmarks.places import POSTGRESQL, Place, database_computed
from benchmarks.stage import Stage
from benchmarks.yardsticks import answers


def measure_open_loop(stage: Stage) -> list[str]:
    """Saves at a fixed rate; the wait counts from the moment a save was due. R at the same rate in turn."""
    scale, place = stage.scale, stage.place
    hall = stage.take("save_page", scale.savers)
    product, seconds = stage.product, scale.seconds
    runs: dict[str, list[Punctual]] = {"product": []}
    yard = None
    if R in save_yards(stage, pages=False):
        yard = stage.yard("answers", "ref_pg" if place.kind == POSTGRESQL else "ref_lite", place.yard_url)
        runs[R] = []
    for turn in range(scale.pairs + 1):
        own, hall = stage.drive(legs.saves_on_time, product.port, hall, scale.rate, seconds)
        beside = yard and stage.drive(
            legs.yard_saves_on_time, yard.port, answers.cookie(), scale.rate, seconds, len(hall)
        )
        for who, run in (("product", own), (R, beside)):
            if run and (turn or run.errors):
                runs[who].append(run)
    lines = [f"saves in an open loop, {scale.rate:g}/s on {len(hall)} connections, {place.kind}"]
    for who, punctual in runs.items():
        if punctual:
            parts = ("p50", 0.5), ("p99", 0.99), ("longest", 1.0)
            told = ", ".join(
                f"{name} {_median(punctual, Punctual.percentile, share):.1f} ms"
                f" ({_median(punctual, Punctual.percentile_bare, share):.1f} without what the generator added)"
                for name, share in parts
            )
            lines.append(f"  {who}: {told}; median of {len(punctual)} pairs")
    lines += _lost(place, hall) + _errors(runs["product"])
    stage.give_back("save_page", hall)
    return lines


def measure_day(stage: Stage) -> list[str]:
    """A whole exam day: entry, saves, one in ten without a network for a while, the bell, every hand-in scored."""
    place, day, product = stage.place, stage.scale.day, stage.product
    hall = stage.take("start", day.candidates)
    before, began = product.computed() + database_computed(place), time.perf_counter()
    run, hall = stage.drive(legs.live_day, product.port, hall, day)
    spent, lasted = product.computed() + database_computed(place) - before, time.perf_counter() - began
    waits = [
        f"  {what} p50 {run.percentile(name, 0.5):.1f} ms, p99 {run.percentile(name, 0.99):.1f} ms; without what the "
        f"generator added {run.percentile_bare(name, 0.5):.1f}, {run.percentile_bare(name, 0.99):.1f}; it added "
        f"{run.percentile_added(name, 0.5):.2f}, {run.percentile_added(name, 0.99):.1f}"
        for name, what in (("save", "saves"), ("start", "starts"), ("hand_in", "hand-ins"))
    ]
    share = spent / lasted / (os.cpu_count() or 1)
    memory = _most_memory(product.process.pid)
    lines = [
        f"a day of {day.candidates} candidates, {place.kind}",
        f"  entry {day.entry:g} s, a save every {day.every:g} s, bell at {day.bell:g} s, then {day.closing:g} s",
        *_lost(place, hall, ended=True),
        f"  {len(run.waits.get('save', ()))} saves, {run.retried} asked to come again, {run.errors} errors",
        *waits,
        f"  all closed {run.last.get('hand_in', 0.0) - day.bell:.1f} s after the bell",
        f"  {share:.1%} of the machine (server and database), {memory:.0f} MB at most in the server",
        f"  generator busy {run.busy:.0%}, at worst {run.late * 1000:.1f} ms late",
    ]
    return lines + _errors([run])


def measure_soak(stage: Stage) -> list[str]:
    """Saves at a fixed rate for as many minutes as are asked for: the waits of the last sixth beside those of the first
    (of an hour: ten minutes each), and what the server's memory grew by."""
    scale, place, product = stage.scale, stage.place, stage.product
    hall = stage.take("save_page", scale.savers)
    _, hall = stage.drive(legs.saves_on_time, product.port, hall, scale.rate, scale.seconds)  # warms up
    before = _most_memory(product.process.pid)
    run, hall = stage.drive(legs.saves_on_time, product.port, hall, scale.rate, scale.minutes * 60)
    waits = run.waits.get("save", [])
    sixth = max(1, len(waits) // 6)
    first, last = (Punctual(waits={"save": part}).percentile("save", 0.99) for part in (waits[:sixth], waits[-sixth:]))
    grown = _most_memory(product.process.pid) - before
    lines = [
        f"a soak of {scale.minutes:g} minutes, {scale.rate:g} saves/s, {place.kind}",
        f"  p99 of the first sixth {first:.1f} ms, of the last {last:.1f} ms: {last / first if first else 0:.2f} of it",
        f"  the server's memory grew by {grown:.0f} MB; {len(waits)} saves, {run.retried} asked to come again",
        *_lost(place, hall),
    ]
    stage.give_back("save_page", hall)
    return lines + _errors([run])


def _median(runs: Sequence[Punctual], figure: Callable[[Punctual, str, float], float], share: float) -> float:
    return statistics.median(figure(run, "save", share) for run in runs)


def _errors(runs: Sequence[Punctual]) -> list[str]:
    return [f"  ERROR {run.errors} errors, first: {run.first_error}" for run in runs if run.errors]


def _lost(place: Place, hall: Sequence[Candidate], *, ended: bool = False) -> list[str]:
    """Every save that was acknowledged must stand in the journal as it was sent; where the day has `ended`, every
    attempt must be closed once, and scored once on what was acknowledged last."""
    histories = [
        History(one.registration_id, one.attempt_id, {(at, rev): f"[{option}]" for at, rev, option in one.acknowledged})
        for one in hall
    ]
    with open_house(place) as opened, opened.house.database.transaction(reading=True) as db:
        broken = broken_promises(db, histories, ended=ended)
    lost = sum("is not stored" in sentence for sentence in broken)
    lines = [f"  {'ERROR ' if lost else ''}{lost} lost of {sum(len(h.told) for h in histories)} acknowledged saves"]
    others = [sentence for sentence in broken if "is not stored" not in sentence]
    if ended:
        said = f"{len(others)} of {len(hall)} not closed once, or not scored once on what was acknowledged"
        lines.append(f"  {'ERROR ' if others else ''}{said}")
    return lines + [f"  ERROR {sentence}" for sentence in others[:5]]


def _most_memory(process_id: int) -> float:
    """The largest resident size so far, in MB."""
    said = Path(f"/proc/{process_id}/status").read_text().partition("VmHWM:")[2].split()
    return int(said[0]) / 1024
