"""A B A B: the product and its yardsticks in turn, a ratio for each turn, and what is printed of them."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.generator import Tally
from benchmarks.processes import Running

PRODUCT = "product"
Leg = Callable[[int], Tally]
"""Runs one leg; is given the number of the turn."""


@dataclass
class Turns:
    """All legs of one measurement, by who ran them."""

    tallies: dict[str, list[Tally]] = field(default_factory=dict)
    computed: dict[str, list[float]] = field(default_factory=dict)
    """Processor seconds of the server a request, leg by leg."""

    @property
    def errors(self) -> list[str]:
        """Who had errors, how many, and the first of them."""
        return [
            f"{who}: {tally.errors} errors, first: {tally.first_error}"
            for who, tallies in self.tallies.items()
            for tally in tallies
            if tally.errors
        ]


def take_turns(legs: Mapping[str, tuple[Leg, Running | None]], *, pairs: int) -> Turns:
    """Run every leg once for each pair, in turn; the first turn only warms up and does not count."""
    turns = Turns()
    for turn in range(pairs + 1):
        for who, (leg, server) in legs.items():
            before = server.computed() if server else 0.0
            tally = leg(turn)
            spent = (server.computed() if server else 0.0) - before
            if turn or tally.errors:
                turns.tallies.setdefault(who, []).append(tally)
                turns.computed.setdefault(who, []).append(spent / max(tally.requests, 1))
    return turns


def show(title: str, turns: Turns) -> list[str]:
    """The lines of a report: throughput ratios and processor ratios to each yardstick, median [min to max]."""
    lines = [title]
    own = turns.tallies[PRODUCT]
    for who, tallies in turns.tallies.items():
        if who == PRODUCT:
            continue
        rates = [a.rate / b.rate for a, b in zip(own, tallies, strict=False) if b.rate]
        lines.append(f"  / {who:<10} {spread(rates)}")
        pairs = zip(turns.computed[who], turns.computed[PRODUCT], strict=False)
        processor = [theirs / ours for theirs, ours in pairs if ours and theirs]
        if processor:
            lines.append(f"  / {who:<10} {spread(processor)}  by processor time of the server process")
    if len(lines) == 1:
        lines.append("  not measured against a yardstick: what those need is not installed (`make bench` installs it)")
    if not any(tally.waits for tally in own):
        return lines + [f"  ERROR {line}" for line in turns.errors]
    waits = " ".join(f"{name} {_median(own, share):.1f} ms" for name, share in (("p50", 0.5), ("p99", 0.99)))
    busy = statistics.median(tally.busy for tally in own)
    lines.append(f"  {sum(tally.requests for tally in own)} requests, {waits}, generator busy {busy:.0%}")
    lines += [f"  ERROR {line}" for line in turns.errors]
    return lines


def _median(tallies: Sequence[Tally], share: float) -> float:
    return statistics.median(tally.percentile(share) for tally in tallies)


def spread(ratios: Sequence[float]) -> str:
    """Median [min to max] of how many pairs."""
    if not ratios:
        return "not measured"
    return f"{statistics.median(ratios):.3g} [{min(ratios):.3g} to {max(ratios):.3g}] of {len(ratios)} pairs"
