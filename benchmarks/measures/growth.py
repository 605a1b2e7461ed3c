"""What a save and a start cost beside old attempts and responses: the same, however many there are.

The old ones are written by the database itself, many at a time and without their foreign keys: the hot statements look
for none of them, and must not find them in their way either.
"""

from typing import Any

from sqlalchemy import Connection, create_engine, func, select, text

from app.attempts.models import Attempt
from benchmarks import legs
from benchmarks.generator import Tally
from benchmarks.ground import open_house
from benchmarks.pairs import spread
from benchmarks.places import POSTGRESQL, Place, database_computed
from benchmarks.stage import Stage

_AT_ONCE = 100_000
_OLD = 10**9
"""Above every number that the exam under measurement gives out."""
_SERIES = """
WITH RECURSIVE series(n) AS (SELECT CAST(:first AS bigint) UNION ALL SELECT n + 1 FROM series WHERE n + 1 < :last)
"""
_RESPONSES = text(f"""
INSERT INTO answer_journal (attempt_id, position, revision, epoch, response, arrived_at)
{_SERIES}
SELECT :old + n / 50, 1 + n % 50, 1, 1, '[0]', a.started_at FROM series CROSS JOIN attempt a WHERE a.id = :pattern
""")
_ATTEMPTS = text(f"""
INSERT INTO attempt (registration_id, form_id, state, started_at, deadline_at, next_check_at, closed_at, closing,
                     writing_session_id, epoch, writing_since)
{_SERIES}
SELECT :old + n, :old + n, 'closed', a.started_at, a.deadline_at, a.next_check_at, a.deadline_at, 'handed_in',
       a.writing_session_id, 1, a.writing_since FROM series CROSS JOIN attempt a WHERE a.id = :pattern
""")


def measure_growth(stage: Stage) -> list[str]:
    """Saves and starts by processor time, the database's among it, beside none, a tenth and all of the old ones."""
    place, scale = stage.place, stage.scale
    sizes = (0, scale.stored // 10, scale.stored)
    hall = stage.take("save_page", scale.savers)
    starting = [stage.take("start", scale.chunk) for _ in range(len(sizes) * (scale.pairs + 1))]
    costs = dict[str, list[list[float]]]()
    errors = list[str]()

    def cost(tally: Tally, before: float) -> float:
        errors.extend([f"  ERROR {tally.errors}, first: {tally.first_error}"] if tally.errors else [])
        return (_computed(stage) - before) / max(1, tally.requests)

    for stored in sizes:
        _fill(place, stored)
        saves, starts = list[float](), list[float]()
        for _ in range(scale.pairs + 1):
            before = _computed(stage)
            tally, hall = stage.drive(
                legs.keep_saving, stage.product.port, hall, scale.seconds, scale.connections, pages=False
            )
            saves.append(cost(tally, before))
            before = _computed(stage)
            starts.append(cost(stage.step(starting.pop(), "start"), before))
        costs.setdefault("a save", []).append(saves[1:])  # the first warms up
        costs.setdefault("a start", []).append(starts[1:])
    stage.give_back("save_page", hall)
    lines = [f"growth by processor time, {place.kind}: beside so many old attempts and as many old responses"]
    for what, (bare, *grown) in costs.items():
        for stored, beside in zip(sizes[1:], grown, strict=True):
            ratios = [there / first for there, first in zip(sorted(beside), sorted(bare), strict=True)]
            lines.append(f"  {what} beside {stored:,} / beside none  {spread(ratios)}")
    return lines + errors


def _computed(stage: Stage) -> float:
    return stage.product.computed() + database_computed(stage.place)


def _fill(place: Place, stored: int) -> None:
    """Bring the old attempts, and the old responses, to that number each."""
    with open_house(place) as opened:
        engine = create_engine(opened.house.database.url)  # without the house's own settings: no foreign keys on SQLite
    with engine.connect() as connection:
        if place.kind == POSTGRESQL:
            connection.execute(text("SET session_replication_role = replica"))
        present = connection.scalar(select(func.count()).where(Attempt.registration_id >= _OLD)) or 0
        pattern = connection.scalar(select(func.min(Attempt.id)))
        for first in range(present, stored, _AT_ONCE):
            _write(connection, first=first, last=min(first + _AT_ONCE, stored), old=_OLD, pattern=pattern)
        if place.kind == POSTGRESQL:
            connection.execute(text("ANALYZE"))  # as it does by itself, a while later
            connection.commit()
    engine.dispose()


def _write(connection: Connection, **numbers: Any) -> None:
    connection.execute(_RESPONSES, numbers)
    connection.execute(_ATTEMPTS, numbers)
    connection.commit()
