"""Durable saves: one response a request, and a page of fifty."""

from benchmarks import legs
from benchmarks.generator import Tally
from benchmarks.measures.yards import save_yards
from benchmarks.pairs import PRODUCT, show, take_turns
from benchmarks.stage import Stage


def measure_saves(stage: Stage) -> list[str]:
    """One response a request, against N and R."""
    return _measure(stage, "saves, one response", pages=False)


def measure_pages(stage: Stage) -> list[str]:
    """Fifty responses a request, against N and R."""
    return _measure(stage, "saves, page of 50", pages=True)


def _measure(stage: Stage, title: str, *, pages: bool) -> list[str]:
    scale = stage.scale
    product, hall = stage.product, stage.take("save_page", scale.savers)

    def product_leg(_turn: int) -> Tally:
        nonlocal hall
        tally, hall = stage.drive(legs.keep_saving, product.port, hall, scale.seconds, scale.connections, pages=pages)
        return tally

    turns = take_turns(
        {PRODUCT: (product_leg, product), **save_yards(stage, pages=pages)},
        pairs=scale.pairs,
    )
    stage.give_back("save_page", hall)
    return show(f"{title}, {stage.place.kind}", turns)
