"""How long saves in an open loop wait while the service has something heavy to do, and how long when it has not."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any

from app.drill.load.open_loop import Punctual
from benchmarks import legs
from benchmarks.bringing_in import bring_in, load_service, make_author
from benchmarks.generator import Tally
from benchmarks.legs import hire_generator
from benchmarks.measures.large_imports import workbook_of
from benchmarks.pairs import spread
from benchmarks.stage import Stage
from tests.support.personas import PASSWORD

_IMPORTED = 10_000
"""Items that are brought in beside saves: more take longer and say the same."""
_PAIRS = 3
_WINDOW_SECONDS = 1.0
_LEAST_WINDOWS = 3
_DOORS = 64
"""People who sign in with a password at the same time."""


def measure_saves_beside_imports(stage: Stage) -> list[str]:
    """While a large workbook is read and brought in; 200 saves a second, as 3,000 candidates send."""
    items = min(stage.scale.imported, _IMPORTED)
    workbook = workbook_of(stage, items)

    def start(helper: ProcessPoolExecutor) -> Future[Any]:
        helper.submit(load_service).result()
        return helper.submit(bring_in, stage.place, make_author(stage.place), workbook, items)

    return _measure(stage, 200.0, f"{items} items are brought in", start)


def measure_saves_beside_log_ins(stage: Stage) -> list[str]:
    """While staff sign in with their passwords as fast as they are let; 500 saves a second."""
    hall = stage.take("ticket_sign_in", stage.scale.chunk)
    failed: list[Tally] = []

    def start(helper: ProcessPoolExecutor) -> Future[Any]:
        port = stage.product.port
        done = helper.submit(legs.each_once, port, hall, "password_sign_in", _DOORS, PASSWORD)
        done.add_done_callback(lambda one: failed.append(one.result()[0]) if one.result()[0].errors else None)
        return done

    lines = _measure(stage, 500.0, f"{len(hall)} people sign in with a password", start)
    stage.give_back("ticket_sign_in", hall)
    return lines + [f"  ERROR {one.errors} log-ins, first: {one.first_error}" for one in failed]


def _measure(stage: Stage, rate: float, what: str, start: Callable[[ProcessPoolExecutor], Future[Any]]) -> list[str]:
    """The waits of all windows that lie in what `start` begins, together, beside as many quiet ones as needed."""
    product, pairs = stage.product, min(stage.scale.pairs, _PAIRS)
    rate = min(stage.scale.rate, rate)
    hall = stage.take("save_page", stage.scale.savers)

    def saves() -> Punctual:
        nonlocal hall
        run, hall = stage.drive(legs.saves_on_time, product.port, hall, rate, _WINDOW_SECONDS)
        return run

    quiet: list[Punctual] = []
    beside: list[Punctual] = []
    ratios: list[float] = []
    saves()
    for _ in range(pairs):
        before = [saves() for _ in range(_LEAST_WINDOWS)]
        with hire_generator() as helper:
            under_way, meanwhile = start(helper), []
            while not under_way.done():
                meanwhile.append(saves())
            under_way.result()
        ratios.append(_p99(meanwhile) / _p99(before))
        quiet += before
        beside += meanwhile
    stage.give_back("save_page", hall)
    worst = max(run.percentile("save", 1.0) for run in beside)
    return [
        f"{rate:g} saves/s in an open loop while {what}, {stage.place.kind}",
        f"  p99 / quiet  {spread(ratios)}: {_p99(quiet):.1f} ms, then {_p99(beside):.1f} ms, longest {worst:.0f} ms",
        *(f"  ERROR {run.errors}, first: {run.first_error}" for run in (*quiet, *beside) if run.errors),
    ]


def _p99(runs: Sequence[Punctual]) -> float:
    return Punctual({"save": [wait for run in runs for wait in run.waits["save"]]}).percentile("save", 0.99)
