"""`python -m benchmarks [names…] [--quick] [--on sqlite|postgresql] [--candidates n] [--rate n] [--minutes n]
[--stored n]`: prints ratios.

Never fails on time. The exit code is 1 only where something broke: an error of a server, a reply that was wrong.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace

from benchmarks.legs import hire_generator
from benchmarks.measures.banks import measure_forms, measure_imports, measure_listings
from benchmarks.measures.costs import measure_costs
from benchmarks.measures.days import measure_day, measure_open_loop, measure_soak
from benchmarks.measures.growth import measure_growth
from benchmarks.measures.large_imports import measure_large_imports
from benchmarks.measures.meanwhile import measure_saves_beside_imports, measure_saves_beside_log_ins
from benchmarks.measures.papers import measure_papers
from benchmarks.measures.saves import measure_pages, measure_saves
from benchmarks.measures.storms import (
    measure_hand_ins,
    measure_log_ins,
    measure_sealed_starts,
    measure_starts,
    measure_tickets,
)
from benchmarks.places import POSTGRESQL, SQLITE, opened_places
from benchmarks.stage import FULL, QUICK, Scale, Stage

MEASURES: dict[str, Callable[[Stage], list[str]]] = {
    "tickets": measure_tickets,
    "log-ins": measure_log_ins,
    "log-in-saves": measure_saves_beside_log_ins,
    "starts": measure_starts,
    "sealed-starts": measure_sealed_starts,
    "saves": measure_saves,
    "pages": measure_pages,
    "hand-ins": measure_hand_ins,
    "forms": measure_forms,
    "papers": measure_papers,
    "imports": measure_imports,
    "large-imports": measure_large_imports,
    "import-saves": measure_saves_beside_imports,
    "listings": measure_listings,
    "costs": measure_costs,
    "open-loop": measure_open_loop,
    "day": measure_day,
    "growth": measure_growth,
    "soak": measure_soak,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was named, or everything; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="measure speed; prints ratios")
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(MEASURES)}; all where none is given")
    parser.add_argument("--quick", action="store_true", help="small numbers, two pairs: to see that it runs")
    parser.add_argument("--on", choices=(SQLITE, POSTGRESQL), action="append", help="only on this database")
    parser.add_argument("--candidates", type=int, help="how many live through the day")
    parser.add_argument("--rate", type=float, help="saves a second in the open loop")
    parser.add_argument("--minutes", type=float, help="how long the soak lasts")
    parser.add_argument("--stored", type=int, help="old attempts, and old responses, for growth")
    chosen = parser.parse_args(arguments)
    if unknown := [name for name in chosen.names if name not in MEASURES]:
        parser.error(f"no such measurement: {', '.join(unknown)}")
    scale = QUICK if chosen.quick else FULL
    day = replace(scale.day, candidates=chosen.candidates or scale.day.candidates)
    scale = replace(
        scale,
        day=day,
        rate=chosen.rate or scale.rate,
        minutes=chosen.minutes or scale.minutes,
        stored=chosen.stored or scale.stored,
    )
    kinds = tuple(chosen.on or (SQLITE, POSTGRESQL))
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {scale.pairs} pairs, {scale.connections} connections"
    )
    return 1 if _measure(chosen.names or list(MEASURES), kinds, scale) else 0


def _measure(names: Sequence[str], kinds: tuple[str, ...], scale: Scale) -> bool:
    """Measure on every kind of database; whether something broke."""
    broken = False
    with opened_places(kinds) as places, hire_generator() as generator:
        for kind in kinds:
            with ExitStack() as held:
                stage = Stage(places[kind], places[POSTGRESQL], scale, generator, held)
                for name in names:
                    began = time.monotonic()
                    try:
                        lines = MEASURES[name](stage)
                    except RuntimeError as error:
                        lines = [f"{name}, {kind}", f"  ERROR {error}"]
                    broken = broken or any("ERROR" in line for line in lines)
                    print("\n".join(lines), f"\n  took {time.monotonic() - began:.0f} s", flush=True)
    return broken


if __name__ == "__main__":
    sys.exit(main())
