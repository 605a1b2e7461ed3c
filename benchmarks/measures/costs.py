"""What each request of an exam day costs: processor time of an instance and of PostgreSQL, and what is sent.

Absolute figures of one machine; they are the input of `python -m benchmarks.scale`, not a goal.
"""

from collections.abc import Callable
from datetime import timedelta

from benchmarks import legs
from benchmarks.candidates import Candidate
from benchmarks.generator import Tally
from benchmarks.ground import make_hall
from benchmarks.places import POSTGRESQL, database_computed
from benchmarks.scale.costs import KEPT, write_costs
from benchmarks.scale.model import Cost, Request
from benchmarks.stage import Stage


def measure_costs(stage: Stage) -> list[str]:
    """Every request of the day once, by processor time. On PostgreSQL only: SQLite is not for many machines."""
    if stage.place.kind != POSTGRESQL:
        return ["costs: on PostgreSQL only"]
    chunk = stage.scale.chunk * 2
    product = stage.product
    costs: dict[Request, Cost] = {}

    def measured(request: Request, leg: Callable[[], Tally]) -> None:
        spent = product.computed(), database_computed(stage.place)
        tally = leg()
        if tally.errors:
            raise RuntimeError(f"{request}: {tally.errors} errors, first: {tally.first_error}")
        now = product.computed(), database_computed(stage.place)
        instance, database = ((b - a) * 1000 / tally.requests for a, b in zip(spent, now, strict=True))
        costs[request] = Cost(round(instance, 4), round(database, 4), round(tally.received / tally.requests / 1024, 2))

    stage.step(stage.take("ticket_sign_in", 20), "ticket_sign_in")  # warms up
    arriving = stage.take("ticket_sign_in", chunk)
    measured(Request.SIGN_IN, lambda: stage.step(arriving, "ticket_sign_in"))
    waiting = stage.take("make_promise", chunk)
    measured(Request.PROMISE, lambda: stage.step(waiting, "make_promise"))
    ready = stage.take("start", chunk)
    early = make_hall(stage.place, candidates=chunk, starts_in=timedelta(minutes=20))
    _, early = stage.drive(legs.each_once, product.port, early, "ticket_sign_in", stage.scale.connections)
    measured(Request.FORM, lambda: _once(stage, early, "fetch_form"))
    measured(Request.START, lambda: _once(stage, ready, "start_sealed", before="save_page"))
    sitting = stage.take("save_page", chunk)
    measured(Request.SAVE, lambda: _saves(stage, sitting))
    measured(Request.LOOK, lambda: _once(stage, sitting, "look"))
    stage.give_back("save_page", sitting)
    done = stage.take("hand_in", chunk)
    measured(Request.HAND_IN, lambda: stage.step(done, "hand_in"))
    write_costs(costs)
    head = f"costs, kept in {KEPT}: instance ms, database ms, kB"
    return [head, *(f"  {r:<8} {c.instance:7.3f} {c.database:7.3f} {c.sent_kb:7.1f}" for r, c in costs.items())]


def _once(stage: Stage, hall: list[Candidate], step: str, *, before: str = "") -> Tally:
    tally, hall = stage.drive(legs.each_once, stage.product.port, hall, step, stage.scale.connections)
    if before:
        stage.give_back(before, hall)
    return tally


def _saves(stage: Stage, hall: list[Candidate]) -> Tally:
    scale = stage.scale
    tally, hall[:] = stage.drive(
        legs.keep_saving, stage.product.port, hall, scale.seconds, scale.connections, pages=False
    )
    return tally
