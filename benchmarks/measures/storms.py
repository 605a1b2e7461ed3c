"""The storms of an exam day: ticket sign-ins, password log-ins, starts, hand-ins with scoring."""

import threading
import time
from collections.abc import Callable

from argon2 import PasswordHasher

from app.settings import Settings
from benchmarks import legs
from benchmarks.generator import Tally
from benchmarks.measures.yards import R, save_yards, storm_yards
from benchmarks.pairs import PRODUCT, Leg, show, take_turns
from benchmarks.processes import Running
from benchmarks.stage import Stage
from tests.support.personas import PASSWORD


def measure_tickets(stage: Stage) -> list[str]:
    """Sign-ins with ticket and code, beside the same number of bare password hashes, which it spares, and R's saves."""
    beside: dict[str, tuple[Leg, Running | None]] = {"bare argon2id": (_bare_hashes(stage), None)}
    beside |= {f"{name} of a save": yard for name, yard in save_yards(stage, pages=False).items() if name == R}
    return _measure(stage, "ticket sign-ins", "ticket_sign_in", beside)


def measure_starts(stage: Stage) -> list[str]:
    """Starts: session, form and clock, stored, fifty items delivered."""
    return _measure(stage, "starts", "start", storm_yards(stage, submit=False))


def measure_sealed_starts(stage: Stage) -> list[str]:
    """Starts by candidates who hold the sealed form already: the answer brings its key alone. Beside a save to R."""
    product, chunk = stage.product, stage.scale.chunk
    halls = [stage.take("start", chunk) for _ in range(stage.scale.pairs + 1)]

    def leg(turn: int) -> Tally:
        tally, begun = stage.drive(legs.each_once, product.port, halls[turn], "start_sealed", stage.scale.connections)
        stage.give_back("save_page", begun)
        return tally

    beside = {name: yard for name, yard in save_yards(stage, pages=False).items() if name == R}
    turns = take_turns({PRODUCT: (leg, product), **beside}, pairs=stage.scale.pairs)
    return show(f"starts with a sealed form delivered before, beside saves, {stage.place.kind}", turns)


def measure_hand_ins(stage: Stage) -> list[str]:
    """Hand-ins: folded, closed, scored, audited."""
    return _measure(stage, "hand-ins with scoring", "hand_in", storm_yards(stage, submit=True))


def measure_log_ins(stage: Stage) -> list[str]:
    """Log-ins with a password, beside bare argon2id on both cores at the same cost."""
    product, hall = stage.product, stage.take("ticket_sign_in", stage.scale.chunk)

    def leg(_turn: int) -> Tally:
        # More connections would only wait: a few keep both cores at the hash.
        tally, _ = stage.drive(legs.each_once, product.port, hall, "password_sign_in", 8, PASSWORD)
        return tally

    turns = take_turns(
        {PRODUCT: (leg, product), "bare argon2id": (_bare_hashes(stage), None)},
        pairs=stage.scale.pairs,
    )
    stage.give_back("ticket_sign_in", hall)
    return show(f"password log-ins, {stage.place.kind}", turns)


def _measure(stage: Stage, title: str, step: str, beside: dict[str, tuple[Leg, Running | None]]) -> list[str]:
    product = stage.product
    halls = [stage.take(step, stage.scale.chunk) for _ in range(stage.scale.pairs + 1)]
    turns = take_turns(
        {PRODUCT: (lambda turn: stage.step(halls[turn], step), product), **beside},
        pairs=stage.scale.pairs,
    )
    return show(f"{title}, {stage.place.kind}", turns)


def _bare_hashes(stage: Stage) -> Callable[[int], Tally]:
    """Verify a password of the product's cost on as many threads as there are cores, nothing else."""
    cost = Settings()
    hasher = PasswordHasher(time_cost=cost.argon2_passes, memory_cost=cost.argon2_memory_kib, parallelism=1)
    known = hasher.hash(PASSWORD)

    def leg(_turn: int) -> Tally:
        tally = Tally()
        each = max(2, stage.scale.chunk // 4)
        threads = [
            threading.Thread(target=lambda: [hasher.verify(known, PASSWORD) for _ in range(each)]) for _ in range(2)
        ]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        tally.seconds, tally.requests = time.perf_counter() - began, 2 * each
        return tally

    return leg
